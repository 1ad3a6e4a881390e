/* pool-picture.c: pooling of a picture, with what its alpha needs.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/kernels/pool-picture.h"

#include <math.h>

#include "filters/core/error.h"
#include "filters/kernels/alpha.h"

struct _CnPoolPicture
{
  CnPoolOptions options;
  int colours;        /* 1 or 3 */
  gboolean has_alpha; /* the pixel's last channel */
  CnPool *pool;       /* averages instead of sums of powers */
};

/* A picture's size with it. */
typedef struct
{
  const CnPoolPicture *self;
  CnPoolPlan plan;
} Run;

CnPoolPicture *
cn_pool_picture_new (const CnPoolOptions *options, int colours, gboolean has_alpha, GError **error)
{
  g_autoptr (CnPoolPicture) self = g_new0 (CnPoolPicture, 1);
  CnPoolOptions inner;

  if (options->global)
    {
      cn_set_error (error, CN_ERROR_ARGUMENT, "A picture is not pooled as a whole");
      return NULL;
    }
  self->options = *options;
  self->colours = colours;
  self->has_alpha = has_alpha;
  if (options->stride_y == 0)
    self->options.stride_y = options->height;
  if (options->stride_x == 0)
    self->options.stride_x = options->width;
  if (options->p == 0)
    self->options.p = 2;
  inner = self->options;
  if (inner.kind == CN_POOL_LP)
    inner.kind = CN_POOL_AVERAGE;
  if (has_alpha && inner.border == CN_BORDER_ZERO)
    inner.border = CN_BORDER_REPLICATE;
  self->pool = cn_pool_new (&inner, error);
  return self->pool ? g_steal_pointer (&self) : NULL;
}

void
cn_pool_picture_free (CnPoolPicture *self)
{
  if (!self)
    return;
  cn_pool_free (self->pool);
  g_free (self);
}

static gboolean
extreme (const CnPoolPicture *self)
{
  return self->options.kind == CN_POOL_MAX || self->options.kind == CN_POOL_MIN;
}

/* Whether the picture's samples are pooled as they are. */
static gboolean
direct (const CnPoolPicture *self)
{
  return !self->has_alpha && self->options.kind != CN_POOL_LP;
}

static CnRect
reach (gconstpointer op, const CnRect *out)
{
  const Run *run = op;

  return cn_pool_tiled (&run->plan).reach (&run->plan, out);
}

static gsize
scratch (gconstpointer op, const CnRect *out)
{
  const Run *run = op;
  CnRect in = reach (op, out);
  gsize own = direct (run->self) ? 0 : cn_view_floats (1, run->plan.pixel, in.height, in.width);

  return own + cn_pool_tiled (&run->plan).scratch (&run->plan, out);
}

static float
power (float x, int p)
{
  return p == 2 ? x * x : powf (fabsf (x), (float) p);
}

/* (|c|^p)·a in the place of c·a; of a picture without alpha |c|^p. */
static void
take_powers (const CnPoolPicture *self, const CnTile *tile, const CnView *to)
{
  int p = self->options.p;

  for (int y = 0; y < tile->in.height; y++)
    {
      const float *from = cn_view_at (&tile->from, 0, y).data;
      float *result = cn_view_at (to, 0, y).data;

      for (int x = 0; x < tile->in.width; x++, from += to->pixel, result += to->pixel)
        for (int c = 0; c < self->colours; c++)
          if (!self->has_alpha)
            result[c] = power (from[c], p);
          else if (result[c] != 0) /* neither transparent nor outside */
            result[c] = power (from[c], p) * from[self->colours];
    }
}

/* The largest or smallest of each colour among the pixels that are not transparent. */
static void
pool_extreme (const Run *run, const CnTile *tile, const CnView *from, int y, int x, float *result)
{
  const CnPoolPicture *self = run->self;
  const CnPoolPlan *plan = &run->plan;
  gboolean largest = self->options.kind == CN_POOL_MAX;
  int top, left, colours = self->colours;
  int rows = cn_pool_span (plan->pool, &plan->y, y, plan->height, &top);
  int columns = cn_pool_span (plan->pool, &plan->x, x, plan->width, &left);
  float alpha[3] = { 0 };

  for (int c = 0; c < colours; c++)
    result[c] = 0;
  for (int a = 0; a < rows; a++)
    {
      const float *pixel =
          cn_view_at (from, left - tile->in.x, top + a * plan->y.dilation - tile->in.y).data;

      for (int b = 0; b < columns; b++, pixel += plan->x.dilation * from->pixel)
        for (int c = 0; c < colours && pixel[colours] > 0; c++)
          if (alpha[c] == 0 || (largest ? pixel[c] > result[c] : pixel[c] < result[c])
              || (isnan (pixel[c]) && !isnan (result[c])))
            {
              result[c] = pixel[c];
              alpha[c] = pixel[colours];
            }
    }
  result[colours] = MAX (alpha[0], MAX (alpha[1], alpha[2]));
}

/* Straight pixels, of which those outside of the picture are black under a zero border. */
static void
blacken (const Run *run, const CnTile *tile, const CnView *to)
{
  const CnPoolPlan *plan = &run->plan;
  gboolean dark = run->self->options.border == CN_BORDER_ZERO;

  for (int y = 0; y < tile->in.height; y++)
    for (int x = 0; x < tile->in.width; x++)
      {
        const float *from = cn_view_at (&tile->from, x, y).data;
        float *pixel = cn_view_at (to, x, y).data;
        int at_x = tile->in.x + x, at_y = tile->in.y + y;
        gboolean outside = at_x < 0 || at_y < 0 || at_x >= plan->width || at_y >= plan->height;

        for (int c = 0; c < to->pixel; c++)
          pixel[c] = outside && dark && c < run->self->colours ? 0 : from[c];
      }
}

static void
finish_pixel (const CnPoolPicture *self, float *pixel)
{
  if (self->has_alpha)
    cn_alpha_divide (pixel, self->colours);
  for (int c = 0; c < self->colours && self->options.kind == CN_POOL_LP; c++)
    pixel[c] =
        self->options.p == 2 ? sqrtf (pixel[c]) : powf (pixel[c], 1 / (float) self->options.p);
}

static void
work (gconstpointer op, const CnTile *tile)
{
  const Run *run = op;
  const CnPoolPicture *self = run->self;
  CnTile inner = *tile;
  CnView own;

  if (direct (self))
    {
      cn_pool_tiled (&run->plan).work (&run->plan, tile);
      return;
    }
  own = cn_view_packed (tile->scratch, 1, run->plan.pixel, tile->in.height, tile->in.width);
  if (extreme (self))
    {
      const CnView *from = &tile->from;

      if (self->options.count_padding && self->options.border == CN_BORDER_ZERO)
        {
          blacken (run, tile, &own);
          from = &own;
        }
      for (int y = 0; y < tile->out.height; y++)
        for (int x = 0; x < tile->out.width; x++)
          pool_extreme (run, tile, from, tile->out.y + y, tile->out.x + x,
                        cn_view_at (&tile->to, x, y).data);
      return;
    }
  if (self->has_alpha)
    cn_alpha_premultiply (tile, self->colours, self->options.border == CN_BORDER_ZERO,
                          run->plan.width, run->plan.height, &own);
  if (self->options.kind == CN_POOL_LP)
    take_powers (self, tile, &own);
  inner.from = own;
  inner.scratch += own.plane;
  inner.stream = FALSE; /* what is made is read again */
  cn_pool_tiled (&run->plan).work (&run->plan, &inner);
  for (int y = 0; y < tile->out.height; y++)
    {
      float *pixel = cn_view_at (&tile->to, 0, y).data;

      for (int x = 0; x < tile->out.width; x++, pixel += tile->to.pixel)
        finish_pixel (self, pixel);
    }
}

gboolean
cn_pool_picture_size (const CnPoolPicture *self, int height, int width, int *out_height,
                      int *out_width, GError **error)
{
  CnPoolPlan plan;

  if (!cn_pool_plan (self->pool, 1, self->colours + self->has_alpha, height, width, &plan, error))
    return FALSE;
  *out_height = plan.out_height;
  *out_width = plan.out_width;
  return TRUE;
}

gboolean
cn_pool_picture_run (const CnPoolPicture *self, const CnSource *source, const CnSink *sink,
                     const CnRect *area, const CnRun *run, GError **error)
{
  Run state = { .self = self };
  CnTiled tiled;
  CnRect all = { 0 };

  if (!cn_pool_plan (self->pool, 1, self->colours + self->has_alpha, source->height, source->width,
                     &state.plan, error))
    return FALSE;
  all.width = state.plan.out_width;
  all.height = state.plan.out_height;
  tiled = cn_pool_tiled (&state.plan);
  tiled.op = &state;
  tiled.reach = reach;
  tiled.scratch = scratch;
  tiled.work = work;
  return cn_tiles_run (&tiled, source, sink, area ? area : &all, run, error);
}
