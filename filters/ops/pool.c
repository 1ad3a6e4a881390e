/* pool.c: creates poolings: checks their options, works out their sizes, and runs them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/ops/pool-private.h"

#include "filters/core/error.h"
#include "filters/ops/conv2d.h"

#define POWER_MAX 16

/* Floats of the input for a tile. */
#define TILE_FLOATS (128 * 1024)

static gboolean
check (const CnPoolOptions *o, GError **error)
{
  if (!cn_in_range (o->kind, 0, CN_POOL_LP, "The kind of pooling", error)
      || !cn_in_range (o->p, 1, POWER_MAX, "The power p", error))
    return FALSE;
  return o->global
         || (cn_in_range (o->height, 1, CN_KERNEL_MAX, "The window's height", error)
             && cn_in_range (o->width, 1, CN_KERNEL_MAX, "The window's width", error)
             && cn_in_range (o->stride_y, 1, CN_STRIDE_MAX, "The vertical stride", error)
             && cn_in_range (o->stride_x, 1, CN_STRIDE_MAX, "The horizontal stride", error)
             && cn_in_range (o->dilation_y, 1, CN_STRIDE_MAX, "The vertical dilation", error)
             && cn_in_range (o->dilation_x, 1, CN_STRIDE_MAX, "The horizontal dilation", error)
             && cn_in_range (o->border, 0, CN_BORDER_WRAP, "The border", error)
             && cn_padding_check (&o->padding, CN_PADDING_SAME_LOWER, error));
}

static gboolean
check_padding (const CnWindow *window, const char *axis, GError **error)
{
  gint64 extent = cn_window_extent (window);

  if (window->before < extent && window->after < extent)
    return TRUE;
  cn_set_error (error, CN_ERROR_ARGUMENT,
                "The padding of %d + %d is not smaller than the window, whose %s is %zu: a window "
                "would have nothing in it",
                window->before, window->after, cn_translated (axis), (gsize) extent);
  return FALSE;
}

static void
windows (const CnPoolOptions *o, CnWindow *y, CnWindow *x)
{
  cn_windows (o->height, o->width, o->stride_y, o->stride_x, o->dilation_y, o->dilation_x,
              &o->padding, y, x);
  y->ceil = x->ceil = o->ceil && o->padding.mode == CN_PADDING_EXPLICIT;
}

static void
replace_zero (int *value, int by)
{
  if (*value == 0)
    *value = by;
}

CnPool *
cn_pool_new (const CnPoolOptions *options, GError **error)
{
  g_autoptr (CnPool) pool = g_new0 (CnPool, 1);
  CnPoolOptions *o = &pool->options;
  CnWindow y, x;

  *o = *options;
  replace_zero (&o->stride_y, 1);
  replace_zero (&o->stride_x, 1);
  replace_zero (&o->dilation_y, 1);
  replace_zero (&o->dilation_x, 1);
  replace_zero (&o->p, 2);
  if (!check (o, error))
    return NULL;
  if (!o->global)
    {
      windows (o, &y, &x);
      if (!check_padding (&y, "height", error) || !check_padding (&x, "width", error))
        return NULL;
    }
  return g_steal_pointer (&pool);
}

void
cn_pool_free (CnPool *pool)
{
  g_free (pool);
}

/* Positions on one axis, whose windows must each have a tap in the picture. */
static int
plan_axis (const CnPool *pool, CnWindow *window, int n, const char *axis, GError **error)
{
  int positions, first;

  cn_window_fit (window, pool->options.padding.mode, n);
  positions = cn_window_positions (window, n, axis, error);
  for (int i = 0; i < positions; i++)
    if (cn_pool_taps (window, i, 0, n, &first) == 0)
      {
        cn_set_error (error, CN_ERROR_SHAPE,
                      "Window %d has nothing in it: %d taps with dilation %d, and the picture's %s "
                      "is %d with %d + %d of padding",
                      i, window->size, window->dilation, cn_translated (axis), n, window->before,
                      window->after);
        return 0;
      }
  return positions;
}

gboolean
cn_pool_plan (const CnPool *pool, int planes, int pixel, int height, int width, CnPoolPlan *plan,
              GError **error)
{
  *plan = (CnPoolPlan){
    .pool = pool, .planes = planes, .pixel = pixel, .height = height, .width = width
  };
  if (pool->options.global)
    {
      plan->out_height = plan->out_width = 1;
      plan->y = (CnWindow){ .size = height, .stride = 1, .dilation = 1 };
      plan->x = (CnWindow){ .size = width, .stride = 1, .dilation = 1 };
      return TRUE;
    }
  windows (&pool->options, &plan->y, &plan->x);
  plan->out_height = plan_axis (pool, &plan->y, height, "height", error);
  if (plan->out_height == 0)
    return FALSE;
  plan->out_width = plan_axis (pool, &plan->x, width, "width", error);
  return plan->out_width > 0;
}

CnTiled
cn_pool_tiled (const CnPoolPlan *plan)
{
  return (CnTiled){
    .op = plan,
    .planes = plan->planes,
    .pixel = plan->pixel,
    .border = plan->pool->options.border,
    .reach = cn_pool_reach,
    .scratch = cn_pool_scratch,
    .work = cn_pool_work,
  };
}

/* Rows in their whole length, which memory gives fastest, and about 512 KiB of them. */
static void
size (gconstpointer op, const CnRect *area, int *width, int *height)
{
  const CnPoolPlan *plan = op;
  gsize row = cn_view_floats (plan->planes, plan->pixel, plan->y.stride, plan->width);

  *width = area->width;
  *height = (int) MAX (1, TILE_FLOATS / row / CN_TILE_ALIGN) * CN_TILE_ALIGN;
}

static gboolean
run_batch (CnPoolPlan *plan, const CnTensor *input, const CnTensor *output, gint64 *indices,
           const CnRun *run, GError **error)
{
  CnTiled tiled = cn_pool_tiled (plan);
  CnRunPart part = { .whole = run, .n = input->n };
  CnRun one = cn_run_part (&part);
  gsize in = cn_view_floats (input->channels, 1, plan->height, plan->width);
  gsize out = cn_view_floats (input->channels, 1, plan->out_height, plan->out_width);

  tiled.size = size;
  tiled.lanes = tiled.step = 1;
  for (; part.index < part.n; part.index++)
    {
      CnTensor from = *input, to = *output;

      from.n = to.n = 1;
      from.data += part.index * in;
      to.data += part.index * out;
      plan->indices = indices ? indices + part.index * out : NULL;
      if (!cn_tiles_run_batch (&tiled, &from, &to, &one, error))
        return FALSE;
      for (gsize i = 0; indices && i < out; i++)
        if (plan->indices[i] >= 0)
          plan->indices[i] += (gint64) (part.index * in);
    }
  return TRUE;
}

gboolean
cn_pool_forward (const CnPool *pool, const CnTensor *input, const CnTensor *output, gint64 *indices,
                 const CnRun *run, GError **error)
{
  CnView view = cn_tensor_view (input, 0);
  CnPoolPlan plan;

  if (indices && pool->options.kind != CN_POOL_MAX && pool->options.kind != CN_POOL_MIN)
    {
      cn_set_error (error, CN_ERROR_ARGUMENT,
                    "Only a maximum or a minimum has a place: a mean has no indices");
      return FALSE;
    }
  if (!cn_pool_plan (pool, view.planes, view.pixel, input->height, input->width, &plan, error)
      || !cn_tensor_check (output, "The pooling's output", input->layout, input->n, input->channels,
                           plan.out_height, plan.out_width, error))
    return FALSE;
  if (!pool->options.global && !indices && cn_pool_has_planes (&plan))
    return cn_pool_run_planes (&plan, input, output, run, error);
  if (!pool->options.global)
    return run_batch (&plan, input, output, indices, run, error);
  return cn_pool_global (pool, input, output, indices, run, error);
}
