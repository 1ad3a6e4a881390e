/* pool.c: pools: over filters/ops/pool for one and two dimensions, by a plain loop for more, and
 * for integers. SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "filters/core/parallel.h"
#include "filters/net/operators/operators.h"
#include "filters/ops/pool.h"

typedef struct
{
  CnWindows windows;
  gboolean global;
  CnPoolKind kind;
  gboolean count_padding;
  int p;
  CnPool *pool; /* NULL: the plain loop */
} Pool;

static void
pool_free (gpointer data)
{
  Pool *pool = data;

  g_clear_pointer (&pool->pool, cn_pool_free);
  g_free (pool);
}

/* The operator's kind. */
static CnPoolKind
kind_of (const char *name)
{
  return strstr (name, "Max") ? CN_POOL_MAX : strstr (name, "Lp") ? CN_POOL_LP : CN_POOL_AVERAGE;
}

static gboolean
make_pool (const CnStep *step, Pool *pool, GError **error)
{
  const CnWindow unit = { .size = 1, .stride = 1, .dilation = 1 };
  gboolean flat = pool->windows.rank == 1;
  const CnWindow *y = flat ? &unit : &pool->windows.axes[0];
  const CnWindow *x = &pool->windows.axes[flat ? 0 : 1];
  const CnPoolOptions options = {
    .kind = pool->kind,
    .global = pool->global,
    .height = y->size,
    .width = x->size,
    .stride_y = y->stride,
    .stride_x = x->stride,
    .dilation_y = y->dilation,
    .dilation_x = x->dilation,
    .padding = { CN_PADDING_EXPLICIT, y->before, x->before, y->after, x->after },
    .ceil = x->ceil,
    .count_padding = pool->count_padding,
    .p = pool->p,
  };

  pool->pool = cn_pool_new (&options, error);
  return pool->pool || cn_prefix_step (step, error);
}

/* Whether the plain loop is needed: for more than two dimensions, for integers, and where what lies
   behind the padding counts as padding. It does before opset 19: onnxruntime and ONNX's reference
   agree; from then on onnxruntime goes with PyTorch, which does not count it. */
static gboolean
is_plain (const CnStep *step, const Pool *pool)
{
  return pool->windows.rank > 2 || step->inputs[0]->type != CN_TYPE_FLOAT
         || (pool->kind == CN_POOL_AVERAGE && pool->count_padding && step->opset < 19
             && pool->windows.axes[0].ceil);
}

static gboolean
plan_pool (CnStep *step, GError **error)
{
  const CnShape *x = &step->inputs[0]->shape;
  CnShape shape = *x;
  Pool *pool = g_new0 (Pool, 1);

  step->state = pool;
  step->free_state = pool_free;
  pool->global = g_str_has_prefix (step->op->name, "Global");
  pool->kind = kind_of (step->op->name);
  pool->count_padding = pool->kind == CN_POOL_LP || cn_step_int (step, "count_include_pad", 0) != 0;
  pool->p = (int) CLAMP (cn_step_int (step, "p", 2), 0, G_MAXINT);
  if (pool->global)
    {
      if (x->rank < 3)
        return cn_step_lacks (step, error, "an input of %d axes is not supported", x->rank);
      pool->windows.rank = x->rank - 2;
      for (int i = 2; i < x->rank; i++)
        {
          if (x->dims[i] < 1 || x->dims[i] > CN_SIZE_MAX)
            return cn_step_fail (step, error, "a size of %" G_GINT64_FORMAT " is impossible",
                                 x->dims[i]);
          pool->windows.axes[i - 2] =
              (CnWindow){ .size = (int) x->dims[i], .stride = 1, .dilation = 1 };
          shape.dims[i] = 1;
        }
    }
  else if (!cn_step_windows (step, x, NULL, &pool->windows, error)
           || !cn_step_positions (step, &pool->windows, x, &shape, error))
    return FALSE;
  cn_step_output (step, 0, step->inputs[0]->type, &shape);
  step->outputs[0]->bits = step->inputs[0]->bits;
  cn_step_output (step, 1, CN_TYPE_INT64, &shape);
  for (int i = 0; i < pool->windows.rank && !pool->global; i++)
    {
      step->window = MAX (step->window, cn_window_extent (&pool->windows.axes[i]));
      step->stride = pool->windows.axes[i].stride;
    }
  return is_plain (step, pool) || make_pool (step, pool, error);
}

/* One sample of the result, from the plane of the input that begins at `first`. If padding counts,
   so does what is behind it: ONNX's tests have it so in three dimensions
   (averagepool_3d_dilations_large_…). */
static double
pool_window (const CnStep *step, gsize first, gsize position, gsize taps, gint64 *index)
{
  const Pool *pool = step->state;
  double sum = 0, largest = -INFINITY;
  gsize count = 0;

  *index = -1;
  for (gsize t = 0; t < taps; t++)
    {
      gsize place;
      double value;
      CnTap where = cn_windows_tap (&pool->windows, &step->inputs[0]->shape,
                                    &step->outputs[0]->shape, position, t, &place);

      count += where == CN_TAP_INSIDE || pool->count_padding;
      if (where != CN_TAP_INSIDE)
        continue;
      value = cn_array_get (step->inputs[0], first + place);
      sum += pool->kind == CN_POOL_LP ? pow (fabs (value), pool->p) : value;
      if (*index < 0 || value > largest)
        {
          largest = value;
          *index = (gint64) place;
        }
    }
  return pool->kind == CN_POOL_MAX  ? largest
         : pool->kind == CN_POOL_LP ? pow (sum, 1.0 / pool->p)
                                    : sum / count;
}

static void
pool_plane (gpointer data, gsize plane)
{
  const CnStep *step = data;
  const Pool *pool = step->state;
  const CnShape *x = &step->inputs[0]->shape, *y = &step->outputs[0]->shape;
  gsize in_plane = cn_shape_product (x, 2, x->rank), out_plane = cn_shape_product (y, 2, y->rank);
  gint64 *indices = step->n_outputs > 1 && step->outputs[1] ? step->outputs[1]->int64s : NULL;
  gsize taps = 1;

  for (int i = 0; i < pool->windows.rank; i++)
    taps *= (gsize) pool->windows.axes[i].size;
  for (gsize i = plane * out_plane; i < (plane + 1) * out_plane; i++)
    {
      gint64 index;
      double value = pool_window (step, plane * in_plane, i - plane * out_plane, taps, &index);

      if (step->outputs[0]->type == CN_TYPE_FLOAT)
        step->outputs[0]->floats[i] = (float) value;
      else
        cn_array_set_int (step->outputs[0], i, cn_double_to_int64 (value));
      if (indices)
        indices[i] = (gint64) (plane * in_plane) + index;
    }
}

/* Turns places that count row by row into such that count column by column. */
static void
count_columns (const CnShape *shape, const CnArray *indices)
{
  gint64 plane = (gint64) cn_shape_product (shape, 2, shape->rank);

  for (gsize i = 0; i < cn_array_elements (indices); i++)
    {
      gint64 rest = indices->int64s[i] % plane, stride = plane, place = indices->int64s[i] - rest;

      for (int axis = shape->rank - 1; axis >= 2; axis--)
        {
          stride /= shape->dims[axis];
          place += rest % shape->dims[axis] * stride;
          rest /= shape->dims[axis];
        }
      indices->int64s[i] = place;
    }
}

static gboolean
run_windows (const CnStep *step, const CnRun *run, GError **error)
{
  const Pool *pool = step->state;
  const CnArray *indices = step->n_outputs > 1 ? step->outputs[1] : NULL;
  CnTensor in, out;

  if (!pool->pool)
    return cn_parallel (cn_shape_product (&step->outputs[0]->shape, 0, 2), pool_plane,
                        (gpointer) step, run, error);
  if (!cn_step_tensor (step, step->inputs[0], &in, error)
      || !cn_step_tensor (step, step->outputs[0], &out, error))
    return FALSE;
  return cn_pool_forward (pool->pool, &in, &out, indices ? indices->int64s : NULL, run, error)
         || cn_prefix_step (step, error);
}

#define WINDOW "auto_pad:s=NOTSET|SAME_UPPER|SAME_LOWER|VALID kernel_shape:I pads:I strides:I "

static gboolean
run_pool (const CnStep *step, const CnRun *run, GError **error)
{
  if (!run_windows (step, run, error))
    return FALSE;
  if (step->n_outputs > 1 && step->outputs[1] && cn_step_int (step, "storage_order", 0))
    count_columns (&step->inputs[0]->shape, step->outputs[1]);
  return TRUE;
}

const CnOperator cn_operators_pool[] = {
  { "MaxPool", 1, "n", 2, WINDOW "ceil_mode:i dilations:I storage_order:i", plan_pool, NULL,
    run_pool, 0, NULL },
  { "AveragePool", 1, "f", 1, WINDOW "ceil_mode:i dilations:I count_include_pad:i", plan_pool, NULL,
    run_pool, 0, NULL },
  { "LpPool", 2, "f", 1, WINDOW "ceil_mode:i dilations:I p:i", plan_pool, NULL, run_pool, 0, NULL },
  { "GlobalMaxPool", 1, "f", 1, "", plan_pool, NULL, run_pool, 0, NULL },
  { "GlobalAveragePool", 1, "f", 1, "", plan_pool, NULL, run_pool, 0, NULL },
  { "GlobalLpPool", 2, "f", 1, "p:i", plan_pool, NULL, run_pool, 0, NULL },
  { 0 },
};
