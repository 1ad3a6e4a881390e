/* layer-pool.c: maximum and average over windows, forward and backward, over lanes.
 *
 * The engine's pooling (filters/ops/pool.h) would take a plane of lanes for a picture of 16
 * channels; loops over lanes are many times as fast for the small maps of a training, and need no
 * memory while they run. Windows lie entirely within the map. A maximum hands its gradient to the
 * first of equal samples.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/core/error.h"
#include "filters/core/parallel.h"
#include "filters/train/layer-private.h"

/* Taps of a window are counted in a byte. */
#define WINDOW_MAX 15

static void
pool_free (gpointer places)
{
  g_free (places);
}

static gboolean
pool_parse (CnModelLayer *layer, char **words, GError **error)
{
  if (!cn_layer_number (layer, &words, "size", 1, WINDOW_MAX, &layer->size, error))
    return FALSE;
  layer->stride = layer->size;
  return cn_layer_option (layer, &words, "stride", 1, WINDOW_MAX, &layer->stride, error)
         && cn_layer_end (layer, words, error);
}

static gboolean
global_parse (CnModelLayer *layer, char **words, GError **error)
{
  return cn_layer_end (layer, words, error);
}

/* Rows and columns of a window. */
static void
window_of (const CnModelLayer *layer, int *height, int *width)
{
  gboolean global = layer->kind == &cn_layer_global_average_pool;

  *height = global ? layer->in.height : layer->size;
  *width = global ? layer->in.width : layer->size;
}

static gboolean
pool_plan (CnModelLayer *layer, GError **error)
{
  int height, width;

  window_of (layer, &height, &width);
  if (height > layer->in.height || width > layer->in.width)
    {
      cn_set_error (error, CN_ERROR_SHAPE, "%s: a window of %d×%d is larger than its input, %d×%d",
                    layer->name, width, height, layer->in.width, layer->in.height);
      return FALSE;
    }
  layer->stride = MAX (layer->stride, 1);
  layer->out = layer->in;
  layer->out.height = (layer->in.height - height) / layer->stride + 1;
  layer->out.width = (layer->in.width - width) / layer->stride + 1;
  return TRUE;
}

/* The state of a maximum: the tap that each result is from. */
static gboolean
max_prepare (CnModelLayer *layer, GError **error)
{
  gsize n = layer->out.blocks * cn_lanes_block (&layer->out);

  layer->state = g_try_new (guint8, n);
  if (!layer->state)
    cn_set_error (error, CN_ERROR_MEMORY, "There is no memory for the %zu places of %s", n,
                  layer->name);
  return layer->state != NULL;
}

/* The first sample of the window at result (y, x). */
static gsize
corner (const CnModelLayer *layer, int y, int x)
{
  return ((gsize) y * layer->in.width + x) * layer->stride * CN_LANES;
}

/* One window: tap (a, b) is at src + (a·row + b)·CN_LANES. NaN, once there, stays. */
static void
max_of (const float *src, gsize row, int size, float *result, guint8 *places)
{
  float best[CN_LANES];
  gint32 place[CN_LANES] = { 0 };

  memcpy (best, src, sizeof best);
  for (int tap = 1; tap < size * size; tap++)
    {
      const float *at = src + ((gsize) (tap / size) * row + tap % size) * CN_LANES;

      for (int lane = 0; lane < CN_LANES; lane++)
        {
          gboolean larger = !(at[lane] <= best[lane]) && best[lane] == best[lane];

          best[lane] = larger ? at[lane] : best[lane];
          place[lane] = larger ? tap : place[lane];
        }
    }
  memcpy (result, best, sizeof best);
  for (int lane = 0; lane < CN_LANES; lane++)
    places[lane] = (guint8) place[lane];
}

static void
max_forward_turn (gpointer data, gsize turn)
{
  CnModelLayer *layer = data;
  const float *src = layer->in.data + turn * cn_lanes_plane (&layer->in);
  gsize to = turn * cn_lanes_plane (&layer->out);

  for (int y = 0; y < layer->out.height; y++)
    for (int x = 0; x < layer->out.width; x++, to += CN_LANES)
      max_of (src + corner (layer, y, x), layer->in.width, layer->size, layer->out.data + to,
              (guint8 *) layer->state + to);
}

static void
max_backward_turn (gpointer data, gsize turn)
{
  CnModelLayer *layer = data;
  gsize plane = cn_lanes_plane (&layer->in), from = turn * cn_lanes_plane (&layer->out);
  float *to = layer->in_gradient.data + turn * plane;
  int size = layer->size;

  memset (to, 0, plane * sizeof (float));
  for (int y = 0; y < layer->out.height; y++)
    for (int x = 0; x < layer->out.width; x++, from += CN_LANES)
      for (int tap = 0; tap < size * size; tap++)
        {
          const float *gradient = layer->out_gradient.data + from;
          const guint8 *place = (const guint8 *) layer->state + from;
          float *at = to + corner (layer, y, x)
                      + ((gsize) (tap / size) * layer->in.width + tap % size) * CN_LANES;

          for (int lane = 0; lane < CN_LANES; lane++)
            at[lane] += place[lane] == tap ? gradient[lane] : 0;
        }
}

static void
average_forward_turn (gpointer data, gsize turn)
{
  CnModelLayer *layer = data;
  const float *src = layer->in.data + turn * cn_lanes_plane (&layer->in);
  float *to = layer->out.data + turn * cn_lanes_plane (&layer->out);
  int height, width;

  window_of (layer, &height, &width);
  for (int y = 0; y < layer->out.height; y++)
    for (int x = 0; x < layer->out.width; x++, to += CN_LANES)
      {
        const float *at = src + corner (layer, y, x);
        float sum[CN_LANES] = { 0 };

        for (int a = 0; a < height; a++)
          for (int b = 0; b < width; b++)
            for (int lane = 0; lane < CN_LANES; lane++)
              sum[lane] += at[((gsize) a * layer->in.width + b) * CN_LANES + lane];
        for (int lane = 0; lane < CN_LANES; lane++)
          to[lane] = sum[lane] / (float) (height * width);
      }
}

static void
average_backward_turn (gpointer data, gsize turn)
{
  CnModelLayer *layer = data;
  gsize plane = cn_lanes_plane (&layer->in);
  const float *from = layer->out_gradient.data + turn * cn_lanes_plane (&layer->out);
  float *to = layer->in_gradient.data + turn * plane;
  int height, width;

  window_of (layer, &height, &width);
  memset (to, 0, plane * sizeof (float));
  for (int y = 0; y < layer->out.height; y++)
    for (int x = 0; x < layer->out.width; x++, from += CN_LANES)
      for (int a = 0; a < height; a++)
        for (int b = 0; b < width; b++)
          {
            float *at = to + corner (layer, y, x) + ((gsize) a * layer->in.width + b) * CN_LANES;

            for (int lane = 0; lane < CN_LANES; lane++)
              at[lane] += from[lane] / (float) (height * width);
          }
}

static gboolean
pool_forward (CnModelLayer *layer, gboolean training, const CnRun *run, GError **error)
{
  (void) training;
  return cn_parallel ((gsize) layer->in.blocks * layer->in.channels,
                      layer->kind == &cn_layer_max_pool ? max_forward_turn : average_forward_turn,
                      layer, run, error);
}

static gboolean
pool_backward (CnModelLayer *layer, const CnRun *run, GError **error)
{
  return !layer->in_gradient.data
         || cn_parallel ((gsize) layer->in.blocks * layer->in.channels,
                         layer->kind == &cn_layer_max_pool ? max_backward_turn
                                                           : average_backward_turn,
                         layer, run, error);
}

const CnLayerKind cn_layer_max_pool = {
  .name = "max-pool",
  .parse = pool_parse,
  .plan = pool_plan,
  .prepare = max_prepare,
  .forward = pool_forward,
  .backward = pool_backward,
  .free = pool_free,
};

const CnLayerKind cn_layer_average_pool = {
  .name = "average-pool",
  .parse = pool_parse,
  .plan = pool_plan,
  .forward = pool_forward,
  .backward = pool_backward,
};

const CnLayerKind cn_layer_global_average_pool = {
  .name = "global-average-pool",
  .parse = global_parse,
  .plan = pool_plan,
  .forward = pool_forward,
  .backward = pool_backward,
};
