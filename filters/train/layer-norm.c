/* layer-norm.c: batch normalisation, forward and backward.
 *
 *     y = γ · (x − μ) / √(σ² + ε) + β            (a γ and a β for each channel)
 *     ∂β = Σ ∂y,  ∂γ = Σ ∂y · x̂,  ∂x = γ / √(σ² + ε) · (∂y − ∂β / m − x̂ · ∂γ / m)
 *
 * where μ and σ² are of the m samples of the channel in the batch while training, and the running
 * ones else; x̂ = (x − μ) / √(σ² + ε). Running ones move by a tenth with each batch; the running
 * variance is the one with m − 1, as in PyTorch. Ioffe and Szegedy, Batch normalization, 2015.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "filters/core/parallel.h"
#include "filters/train/layer-private.h"

#define MOMENTUM 0.1

typedef struct
{
  float *mean, *scale; /* μ and 1 / √(σ² + ε) of the batch, for each channel */
  gboolean training;
} Norm;

static void
norm_free (gpointer state)
{
  Norm *norm = state;

  g_free (norm->mean);
  g_free (norm->scale);
  g_free (norm);
}

static gboolean
norm_parse (CnModelLayer *layer, char **words, GError **error)
{
  return cn_layer_end (layer, words, error);
}

static gboolean
norm_plan (CnModelLayer *layer, GError **error)
{
  (void) error;
  layer->out = layer->in;
  layer->parameters_n = 2 * (gsize) layer->in.channels; /* γ, β */
  layer->statistics_n = 2 * (gsize) layer->in.channels; /* μ, σ² */
  return TRUE;
}

static gboolean
norm_prepare (CnModelLayer *layer, GError **error)
{
  Norm *norm = g_new0 (Norm, 1);

  (void) error;
  norm->mean = g_new (float, layer->in.channels);
  norm->scale = g_new (float, layer->in.channels);
  layer->state = norm;
  return TRUE;
}

static void
norm_init (CnModelLayer *layer, guint64 seed)
{
  (void) seed;
  for (int c = 0; c < layer->in.channels; c++)
    {
      layer->parameters[c] = 1;
      layer->statistics[layer->in.channels + c] = 1;
    }
}

/* Σ (x − mean)², in double over rows. */
static double
squares (const CnLanes *lanes, int channel, float mean)
{
  gsize plane = cn_lanes_plane (lanes);
  double sum = 0;

  for (int block = 0; block < lanes->blocks; block++)
    {
      const float *row = lanes->data + block * cn_lanes_block (lanes) + channel * plane;

      for (int y = 0; y < lanes->height; y++, row += lanes->width * CN_LANES)
        {
          float of_row[CN_LANES] = { 0 };

          for (int x = 0; x < lanes->width; x++)
            for (int lane = 0; lane < CN_LANES; lane++)
              {
                float from = row[x * CN_LANES + lane] - mean;

                of_row[lane] += from * from;
              }
          for (int lane = 0; lane < CN_LANES; lane++)
            sum += of_row[lane];
        }
    }
  return sum;
}

static void
forward_turn (gpointer data, gsize turn)
{
  CnModelLayer *layer = data;
  Norm *norm = layer->state;
  int c = (int) turn, channels = layer->in.channels;
  gsize plane = cn_lanes_plane (&layer->in);
  float *mean = &layer->statistics[c], *variance = &layer->statistics[channels + c];
  float gamma = layer->parameters[c], beta = layer->parameters[channels + c];

  norm->mean[c] = *mean;
  norm->scale[c] = (float) (1 / sqrt (*variance + CN_BATCH_NORM_EPSILON));
  if (norm->training)
    {
      double m = (double) layer->in.blocks * (double) plane, sum;

      norm->mean[c] = (float) (cn_layer_channel_sum (&layer->in, c) / m);
      sum = squares (&layer->in, c, norm->mean[c]);
      norm->scale[c] = (float) (1 / sqrt (sum / m + CN_BATCH_NORM_EPSILON));
      *mean += (float) (MOMENTUM * ((double) norm->mean[c] - *mean));
      *variance += (float) (MOMENTUM * (sum / (m - 1) - *variance));
    }
  for (int block = 0; block < layer->in.blocks; block++)
    {
      gsize at = block * cn_lanes_block (&layer->in) + turn * plane;
      const float *in = layer->in.data + at;
      float *out = layer->out.data + at, scale = gamma * norm->scale[c], shift = norm->mean[c];

      for (gsize i = 0; i < plane; i++)
        out[i] = (in[i] - shift) * scale + beta;
    }
}

static gboolean
norm_forward (CnModelLayer *layer, gboolean training, const CnRun *run, GError **error)
{
  ((Norm *) layer->state)->training = training;
  return cn_parallel (layer->in.channels, forward_turn, layer, run, error);
}

/* Σ ∂y · (x − mean), in double over rows. */
static double
products (const CnModelLayer *layer, int channel, float mean)
{
  const CnLanes *in = &layer->in;
  double sum = 0;

  for (int block = 0; block < in->blocks; block++)
    for (int y = 0; y < in->height; y++)
      {
        gsize at = block * cn_lanes_block (in) + channel * cn_lanes_plane (in)
                   + (gsize) y * in->width * CN_LANES;
        const float *row = in->data + at, *gradient = layer->out_gradient.data + at;
        float of_row[CN_LANES] = { 0 };

        for (int x = 0; x < in->width; x++)
          for (int lane = 0; lane < CN_LANES; lane++)
            of_row[lane] += gradient[x * CN_LANES + lane] * (row[x * CN_LANES + lane] - mean);
        for (int lane = 0; lane < CN_LANES; lane++)
          sum += of_row[lane];
      }
  return sum;
}

static void
backward_turn (gpointer data, gsize turn)
{
  CnModelLayer *layer = data;
  const Norm *norm = layer->state;
  const CnLanes *in = &layer->in;
  int c = (int) turn;
  gsize plane = cn_lanes_plane (in);
  double m = (double) in->blocks * (double) plane;
  double beta = cn_layer_channel_sum (&layer->out_gradient, c);
  double gamma = products (layer, c, norm->mean[c]) * norm->scale[c];
  float scale = layer->parameters[c] * norm->scale[c], mean = norm->mean[c];
  float shift = (float) (beta / m), slope = (float) (gamma / m * norm->scale[c]);

  layer->gradients[c] = (float) gamma;
  layer->gradients[in->channels + c] = (float) beta;
  for (int block = 0; block < in->blocks && layer->in_gradient.data; block++)
    {
      gsize at = block * cn_lanes_block (in) + turn * plane;
      const float *x = in->data + at, *from = layer->out_gradient.data + at;
      float *to = layer->in_gradient.data + at;

      for (gsize i = 0; i < plane; i++)
        to[i] = scale * (from[i] - shift - (x[i] - mean) * slope);
    }
}

static gboolean
norm_backward (CnModelLayer *layer, const CnRun *run, GError **error)
{
  return cn_parallel (layer->in.channels, backward_turn, layer, run, error);
}

const CnLayerKind cn_layer_batch_norm = {
  .name = "batch-norm",
  .parse = norm_parse,
  .plan = norm_plan,
  .prepare = norm_prepare,
  .forward = norm_forward,
  .backward = norm_backward,
  .init = norm_init,
  .free = norm_free,
};
