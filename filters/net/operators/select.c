/* select.c: operators that choose among elements: by a condition, or by which is the largest.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "filters/core/parallel.h"
#include "filters/net/operators/operators.h"

/* --- Where ---------------------------------------------------------------------------------------
 */

static gboolean
plan_where (CnStep *step, GError **error)
{
  CnShape shape, both;

  if (step->inputs[1]->type != step->inputs[2]->type
      || !cn_shape_broadcast (&step->inputs[1]->shape, &step->inputs[2]->shape, &both)
      || !cn_shape_broadcast (&step->inputs[0]->shape, &both, &shape))
    return cn_step_fail (step, error, "its inputs do not fit together");
  cn_step_output (step, 0, step->inputs[1]->type, &shape);
  return TRUE;
}

static void
where_line (gpointer data, gsize n, const gint64 *at, const gint64 *step_)
{
  const CnStep *step = data;
  gsize size = cn_type_size (step->outputs[0]->type);

  for (gint64 i = 0; i < (gint64) n; i++)
    {
      int k = step->inputs[0]->bools[at[1] + i * step_[1]] ? 1 : 2;

      memcpy ((guint8 *) step->outputs[0]->data + (gsize) (at[0] + i * step_[0]) * size,
              (guint8 *) step->inputs[k]->data + (gsize) (at[k + 1] + i * step_[k + 1]) * size,
              size);
    }
}

static gboolean
run_where (const CnStep *step, const CnRun *run, GError **error)
{
  CnWalk walk = cn_walk (&step->outputs[0]->shape);

  cn_walk_add_broadcast (&walk, &step->outputs[0]->shape);
  for (int i = 0; i < 3; i++)
    cn_walk_add_broadcast (&walk, &step->inputs[i]->shape);
  cn_walk_join (&walk);
  return cn_walk_run (&walk, where_line, (gpointer) step, run, error);
}

/* --- Along an axis: ArgMax, ArgMin, TopK, CumSum
 * --------------------------------------------------- */

/* Elements along the axis are `inner` apart. */
typedef struct
{
  gint64 axis;
  gsize outer, n, inner, k;
} Axis;

static Axis *
plan_axis (CnStep *step, gint64 axis, GError **error)
{
  const CnShape *shape = &step->inputs[0]->shape;
  Axis *a;

  if (!cn_step_axis (step, &axis, shape->rank, error))
    return NULL;
  step->state = a = g_new0 (Axis, 1);
  step->free_state = g_free;
  a->axis = axis;
  a->outer = cn_shape_product (shape, 0, (int) axis);
  a->n = (gsize) shape->dims[axis];
  a->inner = cn_shape_product (shape, (int) axis + 1, shape->rank);
  return a;
}

static gboolean
plan_best (CnStep *step, GError **error)
{
  CnShape shape = step->inputs[0]->shape;
  const Axis *a = plan_axis (step, cn_step_int (step, "axis", 0), error);

  if (!a)
    return FALSE;
  if (a->n == 0)
    return cn_step_fail (step, error, "there is nothing along its axis");
  shape.dims[a->axis] = 1;
  if (!cn_step_int (step, "keepdims", 1))
    {
      for (int i = (int) a->axis; i + 1 < shape.rank; i++)
        shape.dims[i] = shape.dims[i + 1];
      shape.rank--;
    }
  cn_step_output (step, 0, CN_TYPE_INT64, &shape);
  return TRUE;
}

static void
find_best (gpointer data, gsize i)
{
  const CnStep *step = data;
  const Axis *a = step->state;
  double sign = strcmp (step->op->name, "ArgMin") == 0 ? -1 : 1, best;
  gboolean last = cn_step_int (step, "select_last_index", 0) != 0;
  gsize start = i / a->inner * a->n * a->inner + i % a->inner, place = 0;

  best = sign * cn_array_get (step->inputs[0], start);
  for (gsize k = 1; k < a->n; k++)
    {
      double x = sign * cn_array_get (step->inputs[0], start + k * a->inner);

      if (x > best || (last && x == best))
        {
          best = x;
          place = k;
        }
    }
  step->outputs[0]->int64s[i] = (gint64) place;
}

static gboolean
run_best (const CnStep *step, const CnRun *run, GError **error)
{
  const Axis *a = step->state;

  return cn_parallel (a->outer * a->inner, find_best, (gpointer) step, run, error);
}

static gboolean
plan_top (CnStep *step, GError **error)
{
  CnShape shape = step->inputs[0]->shape;
  double k = -1;
  const CnAttribute *attribute = cn_node_get (step->node, "k");
  Axis *a = plan_axis (step, cn_step_int (step, "axis", -1), error);

  if (!a)
    return FALSE;
  if (attribute)
    k = (double) attribute->ints[0];
  else if (!cn_step_number (step, "K", 1, &k, error))
    return FALSE;
  if (k < 0 || k > (double) a->n)
    return cn_step_fail (step, error, "there are no %g elements along its axis", k);
  a->k = (gsize) k;
  shape.dims[a->axis] = (gint64) a->k;
  step->scratch_bytes = a->n * sizeof (gsize);
  cn_step_output (step, 0, step->inputs[0]->type, &shape);
  cn_step_output (step, 1, CN_TYPE_INT64, &shape);
  return TRUE;
}

typedef struct
{
  const CnArray *array;
  gsize start, inner;
  double sign;
} Ranking;

/* The larger one first; of equal ones that of the lower index. */
static int
compare (gconstpointer a, gconstpointer b, gpointer data)
{
  const Ranking *ranking = data;
  gsize i = *(const gsize *) a, k = *(const gsize *) b;
  double x = ranking->sign * cn_array_get (ranking->array, ranking->start + i * ranking->inner);
  double y = ranking->sign * cn_array_get (ranking->array, ranking->start + k * ranking->inner);

  if (x != y && !(isnan (x) && isnan (y)))
    return x > y || isnan (x) ? -1 : 1;
  return i < k ? -1 : 1;
}

static gboolean
run_top (const CnStep *step, const CnRun *run, GError **error)
{
  const Axis *a = step->state;
  const CnArray *places = step->n_outputs > 1 ? step->outputs[1] : NULL;
  const CnArray *input = step->inputs[0], *output = step->outputs[0];
  gsize *order = step->scratch, size = cn_type_size (input->type);

  (void) run;
  (void) error;
  for (gsize i = 0; i < a->outer * a->inner; i++)
    {
      Ranking ranking = { input, i / a->inner * a->n * a->inner + i % a->inner, a->inner,
                          cn_step_int (step, "largest", 1) ? 1 : -1 };
      gsize to = i / a->inner * a->k * a->inner + i % a->inner;

      for (gsize k = 0; k < a->n; k++)
        order[k] = k;
      g_qsort_with_data (order, (int) a->n, sizeof *order, compare, &ranking);
      for (gsize k = 0; k < a->k; k++)
        {
          memcpy ((guint8 *) output->data + (to + k * a->inner) * size,
                  (guint8 *) input->data + (ranking.start + order[k] * a->inner) * size, size);
          if (places)
            places->int64s[to + k * a->inner] = (gint64) order[k];
        }
    }
  return TRUE;
}

static gboolean
plan_cumulate (CnStep *step, GError **error)
{
  double axis = 0;

  if (!cn_step_number (step, "axis", 1, &axis, error)
      || !plan_axis (step, cn_double_to_int64 (axis), error))
    return FALSE;
  cn_plan_like_input (step, error);
  step->window = 0;
  return TRUE;
}

static gboolean
run_cumulate (const CnStep *step, const CnRun *run, GError **error)
{
  const Axis *a = step->state;
  const CnArray *input = step->inputs[0], *output = step->outputs[0];
  gboolean exclusive = cn_step_int (step, "exclusive", 0) != 0;
  gboolean reverse = cn_step_int (step, "reverse", 0) != 0;

  (void) run;
  (void) error;
  for (gsize i = 0; i < a->outer * a->inner; i++)
    {
      double sum = 0;

      for (gsize k = 0; k < a->n; k++)
        {
          gsize place = i / a->inner * a->n * a->inner + i % a->inner
                        + (reverse ? a->n - 1 - k : k) * a->inner;
          double x = cn_array_get (input, place), value = exclusive ? sum : sum + x;

          sum += x;
          if (output->type == CN_TYPE_FLOAT)
            output->floats[place] = (float) value;
          else
            cn_array_set_int (output, place, cn_double_to_int64 (value));
        }
    }
  return TRUE;
}

/* --- OneHot --------------------------------------------------------------------------------------
 */

static gboolean
plan_one_hot (CnStep *step, GError **error)
{
  const CnShape *indices = &step->inputs[0]->shape;
  gint64 axis = cn_step_int (step, "axis", -1);
  CnShape shape = { .rank = indices->rank + 1 };
  double depth = -1;
  Axis *a;

  if (shape.rank > CN_RANK_MAX)
    return cn_step_lacks (step, error, "an array of %d axes is not supported", shape.rank);
  if (!cn_step_axis (step, &axis, shape.rank, error)
      || !cn_step_number (step, "depth", 1, &depth, error))
    return FALSE;
  if (depth < 0 || depth > G_MAXINT || cn_array_elements (step->inputs[2]) != 2)
    return cn_step_fail (step, error, "depth or values are impossible");
  for (int i = 0; i < shape.rank; i++)
    shape.dims[i] = i == axis ? (gint64) depth : indices->dims[i < axis ? i : i - 1];
  cn_step_output (step, 0, step->inputs[2]->type, &shape);
  step->state = a = g_new0 (Axis, 1);
  step->free_state = g_free;
  a->n = (gsize) depth;
  a->inner = cn_shape_product (indices, (int) axis, indices->rank);
  return TRUE;
}

static gboolean
run_one_hot (const CnStep *step, const CnRun *run, GError **error)
{
  const Axis *a = step->state;
  const CnArray *indices = step->inputs[0], *values = step->inputs[2], *output = step->outputs[0];
  gsize size = cn_type_size (output->type);

  (void) run;
  (void) error;
  for (gsize i = 0; i < cn_array_elements (output); i++)
    {
      gsize k = i / a->inner % a->n, from = i / a->inner / a->n * a->inner + i % a->inner;
      gint64 index = cn_array_get_int (indices, from);
      gboolean hot = (index < 0 ? index + (gint64) a->n : index) == (gint64) k;

      memcpy ((guint8 *) output->data + i * size, (guint8 *) values->data + (hot ? size : 0), size);
    }
  return TRUE;
}

#define BEST(name)                                                                               \
  {                                                                                              \
    name, 1, "n", 1, "axis:i keepdims:i select_last_index:i", plan_best, NULL, run_best, 0, NULL \
  }

const CnOperator cn_operators_select[] = {
  { "Where", 9, "b a a", 1, "", plan_where, NULL, run_where, 0, NULL },
  BEST ("ArgMax"),
  BEST ("ArgMin"),
  { "TopK", 1, "n i?", 2, "axis:i k:i largest:i sorted:i", plan_top, NULL, run_top, 0, NULL },
  { "CumSum", 11, "n i", 1, "exclusive:i reverse:i", plan_cumulate, NULL, run_cumulate, 0, NULL },
  { "OneHot", 9, "n n a", 1, "axis:i", plan_one_hot, NULL, run_one_hot, 0, NULL },
  { 0 },
};
