/* pool-backward.c: the gradient of pooling with respect to its input.
 *
 * It runs over tiles of the input's gradient: each takes what the windows that touch it give, in
 * the order of windows, which is the same for every tile.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/ops/pool-private.h"

#include <math.h>
#include <string.h>

#include "filters/core/error.h"

/* One picture at work. */
typedef struct
{
  CnPoolPlan plan;
  CnView input, output; /* where they are needed */
  const gint64 *indices;
  gint64 first; /* index of the picture's first sample */
} Work;

static void
reach_axis (const CnWindow *window, int positions, int from, int count, int *start, int *length)
{
  int low = from + window->before - ((int) cn_window_extent (window) - 1);
  int first = low > 0 ? (low + window->stride - 1) / window->stride : 0;
  int last = MIN ((from + count - 1 + window->before) / window->stride, positions - 1);

  *start = MIN (first, last);
  *length = last - *start + 1;
}

static CnRect
reach (gconstpointer op, const CnRect *out)
{
  const Work *w = op;
  CnRect in;

  reach_axis (&w->plan.y, w->plan.out_height, out->y, out->height, &in.y, &in.height);
  reach_axis (&w->plan.x, w->plan.out_width, out->x, out->width, &in.x, &in.width);
  return in;
}

static gsize
scratch (gconstpointer op, const CnRect *out)
{
  (void) op;
  (void) out;
  return 0;
}

/* Sample (plane, y, x, channel). */
static float *
sample_at (const CnView *view, int plane, int y, int x, int channel)
{
  return cn_view_at (view, x, y).data + plane * view->plane + channel;
}

/* Adds to the tile what the result at (y, x) gives to the sample that it is. */
static void
give_to_place (const Work *w, const CnTile *tile, int plane, int c, int y, int x, float gradient)
{
  const CnPoolPlan *plan = &w->plan;
  const CnRect *out = &tile->out;
  gint64 channel = (gint64) plane * plan->pixel + c;
  gint64 at = w->indices[(channel * plan->out_height + y) * plan->out_width + x];
  int to_y, to_x;

  if (at < 0) /* in the padding */
    return;
  at -= w->first + channel * plan->height * plan->width;
  to_y = (int) (at / plan->width) - out->y;
  to_x = (int) (at % plan->width) - out->x;
  if (to_y >= 0 && to_y < out->height && to_x >= 0 && to_x < out->width)
    *sample_at (&tile->to, plane, to_y, to_x, c) += gradient;
}

/* Adds to the tile what the result at (y, x) gives to each sample of its window. */
static void
give_to_window (const Work *w, const CnTile *tile, int plane, int c, int y, int x, float gradient)
{
  const CnPoolPlan *plan = &w->plan;
  const CnPool *pool = plan->pool;
  const CnRect *out = &tile->out;
  int first_y, first_x, p = pool->options.p;
  int rows = cn_pool_taps (&plan->y, y, out->y, out->y + out->height, &first_y);
  int columns = cn_pool_taps (&plan->x, x, out->x, out->x + out->width, &first_x);
  int top = y * plan->y.stride - plan->y.before + first_y * plan->y.dilation;
  int left = x * plan->x.stride - plan->x.before + first_x * plan->x.dilation;
  float result = 0;

  if (pool->options.kind == CN_POOL_LP)
    {
      result = *sample_at (&w->output, plane, y, x, c);
      if (result == 0)
        return;
    }
  else
    gradient /= (float) (cn_pool_counted (pool, &plan->y, y, plan->height)
                         * cn_pool_counted (pool, &plan->x, x, plan->width));
  for (int a = 0; a < rows; a++)
    for (int b = 0; b < columns; b++)
      {
        int at_y = top + a * plan->y.dilation, at_x = left + b * plan->x.dilation;
        float share = gradient;

        if (pool->options.kind == CN_POOL_LP)
          {
            float input = *sample_at (&w->input, plane, at_y, at_x, c);

            share *= copysignf (cn_pool_power (input / result, p - 1), input);
          }
        *sample_at (&tile->to, plane, at_y - out->y, at_x - out->x, c) += share;
      }
}

static void
work (gconstpointer op, const CnTile *tile)
{
  const Work *w = op;
  const CnRect *in = &tile->in;
  gboolean places = w->indices != NULL;

  for (int plane = 0; plane < tile->to.planes; plane++)
    {
      for (int y = 0; y < tile->out.height; y++)
        memset (sample_at (&tile->to, plane, y, 0, 0), 0,
                (gsize) tile->out.width * tile->to.pixel * sizeof (float));
      for (int c = 0; c < tile->to.pixel; c++)
        for (int y = 0; y < in->height; y++)
          for (int x = 0; x < in->width; x++)
            (places ? give_to_place : give_to_window) (w, tile, plane, c, in->y + y, in->x + x,
                                                       *sample_at (&tile->from, plane, y, x, c));
    }
}

static gboolean
check (const CnPool *pool, const CnTensor *input, const CnTensor *output, const gint64 *indices,
       const CnTensor *like, const CnTensor *output_gradient, GError **error)
{
  const CnPoolOptions *o = &pool->options;
  gboolean padded = o->padding.mode != CN_PADDING_VALID && !o->global;

  if (padded && o->count_padding && o->border != CN_BORDER_ZERO)
    g_set_error_literal (error, CN_ERROR, CN_ERROR_ARGUMENT,
                         "There is no gradient of padding that counts and is not zero");
  else if ((o->kind == CN_POOL_MAX || o->kind == CN_POOL_MIN) && !indices)
    g_set_error_literal (error, CN_ERROR, CN_ERROR_ARGUMENT,
                         "The gradient of a maximum or minimum needs the indices");
  else if (o->kind != CN_POOL_LP)
    return TRUE;
  else if (!input || !output)
    g_set_error_literal (error, CN_ERROR, CN_ERROR_ARGUMENT,
                         "The gradient of lp needs the input and the output");
  else
    return cn_tensor_check (input, "The pooling's input", like->layout, like->n, like->channels,
                            like->height, like->width, error)
           && cn_tensor_check (output, "The pooling's output", like->layout, like->n,
                               like->channels, output_gradient->height, output_gradient->width,
                               error);
  return FALSE;
}

gboolean
cn_pool_backward (const CnPool *pool, const CnTensor *input, const CnTensor *output,
                  const gint64 *indices, const CnTensor *output_gradient,
                  const CnTensor *input_gradient, const CnRun *run, GError **error)
{
  const CnTensor *to = input_gradient;
  gboolean lp = pool->options.kind == CN_POOL_LP;
  gboolean extreme = pool->options.kind == CN_POOL_MAX || pool->options.kind == CN_POOL_MIN;
  CnView view = cn_tensor_view (to, 0);
  CnRunPart part = { .whole = run, .n = to->n };
  CnRect area = { 0, 0, to->width, to->height };
  gsize in = cn_view_floats (to->channels, 1, to->height, to->width), out;
  Work w = { 0 };
  CnTiled tiled = { .op = &w,
                    .planes = view.planes,
                    .pixel = view.pixel,
                    .reach = reach,
                    .scratch = scratch,
                    .work = work };

  if (!cn_pool_plan (pool, view.planes, view.pixel, to->height, to->width, &w.plan, error)
      || !cn_tensor_check (output_gradient, "The output's gradient", to->layout, to->n,
                           to->channels, w.plan.out_height, w.plan.out_width, error)
      || !check (pool, input, output, indices, to, output_gradient, error))
    return FALSE;
  out = cn_view_floats (to->channels, 1, w.plan.out_height, w.plan.out_width);
  for (; part.index < part.n; part.index++)
    {
      CnSource source = { .width = output_gradient->width,
                          .height = output_gradient->height,
                          .memory = cn_tensor_view (output_gradient, part.index) };
      CnSink sink = { .memory = cn_tensor_view (to, part.index) };
      CnRun one = cn_run_part (&part);

      w.first = (gint64) (part.index * in);
      w.indices = extreme ? indices + part.index * out : NULL;
      if (lp)
        {
          w.input = cn_tensor_view (input, part.index);
          w.output = cn_tensor_view (output, part.index);
        }
      if (!cn_tiles_run (&tiled, &source, &sink, &area, &one, error))
        return FALSE;
    }
  return TRUE;
}
