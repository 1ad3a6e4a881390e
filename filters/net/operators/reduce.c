/* reduce.c: operators that make one number of all elements along some axes.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "filters/core/parallel.h"
#include "filters/net/operators/operators.h"

/* Sums are made in double: value ← add (value, element), then finish (value, count). */
typedef struct
{
  double start;
  double (*add) (double value, double x);
  double (*finish) (double value, double n); /* NULL: nothing */
} Reduction;

#define ADD(name, expression)             \
  static double name (double v, double x) \
  {                                       \
    return expression;                    \
  }

ADD (add, v + x)
ADD (add_absolute, v + fabs (x))
ADD (add_square, v + x * x)
ADD (add_exponential, v + exp (x))
ADD (multiply, v *x)
ADD (larger, isnan (v) || v > x ? v : x)
ADD (smaller, isnan (v) || v < x ? v : x)
ADD (divide, v / x)

static double
square_root (double value, double n)
{
  (void) n;
  return sqrt (value);
}

static double
logarithm (double value, double n)
{
  (void) n;
  return log (value);
}

/* Axes that are kept, one after the other, and axes that are reduced: each a walk over the input.
 */
typedef struct
{
  CnWalk kept, reduced;
} Walks;

static gboolean
mark_axes (const CnStep *step, gboolean *marked, GError **error)
{
  int rank = step->inputs[0]->shape.rank, n;
  g_autofree gint64 *axes = NULL;

  if (!cn_step_ints (step, "axes", 1, &n, &axes, error))
    return FALSE;
  for (int i = 0; i < rank; i++)
    marked[i] = n == 0 && !cn_step_int (step, "noop_with_empty_axes", 0);
  for (int i = 0; i < n; i++)
    {
      if (!cn_step_axis (step, &axes[i], rank, error))
        return FALSE;
      marked[axes[i]] = TRUE;
    }
  return TRUE;
}

/* Makes the step's walks; the axes that are marked are reduced. */
static void
make_walks (CnStep *step, const gboolean *marked)
{
  const CnShape *input = &step->inputs[0]->shape;
  CnShape kept = { 0 }, reduced = { 0 };
  gint64 strides[CN_RANK_MAX], kept_strides[CN_RANK_MAX], reduced_strides[CN_RANK_MAX];
  Walks *walks = g_new0 (Walks, 1);

  step->state = walks;
  step->free_state = g_free;
  cn_strides (input, strides);
  for (int i = 0; i < input->rank; i++)
    if (marked[i])
      {
        reduced_strides[reduced.rank] = strides[i];
        reduced.dims[reduced.rank++] = input->dims[i];
      }
    else
      {
        kept_strides[kept.rank] = strides[i];
        kept.dims[kept.rank++] = input->dims[i];
      }
  walks->kept = cn_walk (&kept);
  cn_walk_add_broadcast (&walks->kept, &kept);
  cn_walk_add (&walks->kept, 0, kept_strides);
  walks->reduced = cn_walk (&reduced);
  cn_walk_add (&walks->reduced, 0, reduced_strides);
  cn_walk_join (&walks->reduced);
}

static gboolean
plan_reduce (CnStep *step, GError **error)
{
  const CnShape *input = &step->inputs[0]->shape;
  gboolean keep = cn_step_int (step, "keepdims", 1) != 0, marked[CN_RANK_MAX];
  CnShape shape = { 0 };

  if (!mark_axes (step, marked, error))
    return FALSE;
  for (int i = 0; i < input->rank; i++)
    if (keep || !marked[i])
      shape.dims[shape.rank++] = marked[i] ? 1 : input->dims[i];
  cn_step_output (step, 0, step->inputs[0]->type, &shape);
  make_walks (step, marked);
  return TRUE;
}

typedef struct
{
  const CnArray *input;
  const Reduction *reduction;
  gint64 start;
  double value;
} Sum;

static void
sum_line (gpointer data, gsize n, const gint64 *at, const gint64 *step)
{
  Sum *sum = data;
  double (*function) (double, double) = sum->reduction->add;
  double value = sum->value;

  if (sum->input->type != CN_TYPE_FLOAT)
    for (gint64 i = 0; i < (gint64) n; i++)
      value = function (value, cn_array_get (sum->input, sum->start + at[0] + i * step[0]));
  else
    {
      const float *from = sum->input->floats + sum->start + at[0];

      if (function == add)
        for (gint64 i = 0; i < (gint64) n; i++)
          value += from[i * step[0]];
      else
        for (gint64 i = 0; i < (gint64) n; i++)
          value = function (value, from[i * step[0]]);
    }
  sum->value = value;
}

/* A line of the result. */
static void
reduce_line (gpointer data, gsize n, const gint64 *at, const gint64 *step_)
{
  const CnStep *step = data;
  const Walks *walks = step->state;
  const Reduction *reduction = step->op->data;
  const CnArray *output = step->outputs[0];
  gsize count = cn_shape_elements (&walks->reduced.shape);

  for (gint64 i = 0; i < (gint64) n; i++)
    {
      Sum sum = { step->inputs[0], reduction, at[1] + i * step_[1], reduction->start };

      cn_walk_lines (&walks->reduced, sum_line, &sum);
      if (reduction->finish)
        sum.value = reduction->finish (sum.value, (double) count);
      if (output->type == CN_TYPE_FLOAT)
        output->floats[at[0] + i * step_[0]] = (float) sum.value;
      else
        cn_array_set_int (output, at[0] + i * step_[0], cn_double_to_int64 (sum.value));
    }
}

static gboolean
run_reduce (const CnStep *step, const CnRun *run, GError **error)
{
  return cn_walk_run (&((const Walks *) step->state)->kept, reduce_line, (gpointer) step, run,
                      error);
}

/* log Σ eˣ without overflow: the largest element is taken out first. */
static void
log_sum_exp_line (gpointer data, gsize n, const gint64 *at, const gint64 *step_)
{
  static const Reduction largest = { -INFINITY, larger, NULL };
  const CnStep *step = data;
  const Walks *walks = step->state;

  for (gint64 i = 0; i < (gint64) n; i++)
    {
      Sum max = { step->inputs[0], &largest, at[1] + i * step_[1], -INFINITY };
      CnWalk reduced = walks->reduced;
      double sum = 0;

      cn_walk_lines (&reduced, sum_line, &max);
      for (gsize k = 0; k < cn_shape_elements (&reduced.shape); k++)
        {
          gint64 place = max.start;
          gsize rest = k;

          for (int axis = reduced.shape.rank - 1; axis >= 0; axis--)
            {
              place +=
                  (gint64) (rest % (gsize) reduced.shape.dims[axis]) * reduced.strides[0][axis];
              rest /= (gsize) reduced.shape.dims[axis];
            }
          sum += exp (step->inputs[0]->floats[place] - max.value);
        }
      step->outputs[0]->floats[at[0] + i * step_[0]] =
          (float) (isinf (max.value) ? max.value : max.value + log (sum));
    }
}

static gboolean
run_log_sum_exp (const CnStep *step, const CnRun *run, GError **error)
{
  return cn_walk_run (&((const Walks *) step->state)->kept, log_sum_exp_line, (gpointer) step, run,
                      error);
}

/* --- MeanVarianceNormalization: y = (x − mean) / (deviation + 1e-9)
 * ------------------------------- */

/* Up to opset 8: over all pictures of a batch, and each channel by itself unless “across_channels”
   says else. */
static gboolean
plan_sample_variance (CnStep *step, GError **error)
{
  gboolean marked[CN_RANK_MAX] = { FALSE };
  int rank = step->inputs[0]->shape.rank;

  if (rank < 3)
    return cn_step_fail (step, error, "there are %d axes, and it needs at least 3", rank);
  for (int i = 0; i < rank; i++)
    marked[i] = i != 1 || cn_step_int (step, "across_channels", 0) != 0;
  make_walks (step, marked);
  cn_plan_like_input (step, error);
  step->window = 0;
  return TRUE;
}

static gboolean
plan_mean_variance (CnStep *step, GError **error)
{
  int rank = step->inputs[0]->shape.rank;
  gboolean marked[CN_RANK_MAX] = { TRUE, FALSE, TRUE, TRUE };

  if (cn_node_get (step->node, "axes") && !mark_axes (step, marked, error))
    return FALSE;
  if (!cn_node_get (step->node, "axes") && rank != 4)
    return cn_step_fail (step, error, "there are %d axes, and it is for 4", rank);
  make_walks (step, marked);
  cn_plan_like_input (step, error);
  step->window = 0;
  return TRUE;
}

typedef struct
{
  const float *from;
  float *to;
  double mean, deviation;
} Normalize;

static void
normalize_line (gpointer data, gsize n, const gint64 *at, const gint64 *step)
{
  const Normalize *normalize = data;

  for (gint64 i = at[0]; i < at[0] + (gint64) n * step[0]; i += step[0])
    normalize->to[i] =
        (float) ((normalize->from[i] - normalize->mean) / (normalize->deviation + 1e-9));
}

static void
mean_variance_line (gpointer data, gsize n, const gint64 *at, const gint64 *step_)
{
  static const Reduction mean = { 0, add, divide }, square = { 0, add_square, divide };
  const CnStep *step = data;
  const Walks *walks = step->state;
  double count = (double) cn_shape_elements (&walks->reduced.shape);

  for (gint64 i = 0; i < (gint64) n; i++)
    {
      gint64 start = at[1] + i * step_[1];
      Sum sum = { step->inputs[0], &mean, start, 0 },
          squares = { step->inputs[0], &square, start, 0 };
      Normalize normalize = { step->inputs[0]->floats + start, step->outputs[0]->floats + start, 0,
                              0 };

      cn_walk_lines (&walks->reduced, sum_line, &sum);
      cn_walk_lines (&walks->reduced, sum_line, &squares);
      normalize.mean = sum.value / count;
      normalize.deviation = 1;
      if (cn_step_int (step, "normalize_variance", 1))
        normalize.deviation =
            sqrt (fmax (squares.value / count - normalize.mean * normalize.mean, 0));
      cn_walk_lines (&walks->reduced, normalize_line, &normalize);
    }
}

static gboolean
run_mean_variance (const CnStep *step, const CnRun *run, GError **error)
{
  return cn_walk_run (&((const Walks *) step->state)->kept, mean_variance_line, (gpointer) step,
                      run, error);
}

#define ROW(name, types, run, ...)                                                               \
  {                                                                                              \
    name, 1, types " i?", 1, "axes:I keepdims:i noop_with_empty_axes:i", plan_reduce, NULL, run, \
        0, &(const Reduction)                                                                    \
    {                                                                                            \
      __VA_ARGS__                                                                                \
    }                                                                                            \
  }

const CnOperator cn_operators_reduce[] = {
  ROW ("ReduceSum", "n", run_reduce, 0, add, NULL),
  ROW ("ReduceMean", "n", run_reduce, 0, add, divide),
  ROW ("ReduceMax", "a", run_reduce, -INFINITY, larger, NULL),
  ROW ("ReduceMin", "a", run_reduce, INFINITY, smaller, NULL),
  ROW ("ReduceProd", "n", run_reduce, 1, multiply, NULL),
  ROW ("ReduceL1", "n", run_reduce, 0, add_absolute, NULL),
  ROW ("ReduceL2", "n", run_reduce, 0, add_square, square_root),
  ROW ("ReduceSumSquare", "n", run_reduce, 0, add_square, NULL),
  ROW ("ReduceLogSum", "f", run_reduce, 0, add, logarithm),
  ROW ("ReduceLogSumExp", "f", run_log_sum_exp, 0, add_exponential, logarithm),
  { "MeanVarianceNormalization", 1, "f", 1, "across_channels:i normalize_variance:i",
    plan_sample_variance, NULL, run_mean_variance, 0, NULL },
  { "MeanVarianceNormalization", 9, "f", 1, "axes:I", plan_mean_variance, NULL, run_mean_variance,
    0, NULL },
  { 0 },
};
