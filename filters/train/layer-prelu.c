/* layer-prelu.c: rectifiers with a learned slope for each channel.
 *
 *     y = x where x > 0, else a·x;   ∂x = ∂y where x > 0, else a·∂y;   ∂a = Σ ∂y·x where x ≤ 0
 *
 * A slope may become negative, so the result does not tell what the input was, and both are kept.
 * Slopes begin at 1/4 and do not decay. He et al., Delving deep into rectifiers, 2015.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/core/parallel.h"
#include "filters/train/layer-private.h"

static gboolean
prelu_parse (CnModelLayer *layer, char **words, GError **error)
{
  return cn_layer_end (layer, words, error);
}

static gboolean
prelu_plan (CnModelLayer *layer, GError **error)
{
  (void) error;
  layer->out = layer->in;
  layer->parameters_n = layer->in.channels;
  return TRUE;
}

static void
prelu_init (CnModelLayer *layer, guint64 seed)
{
  (void) seed;
  for (int c = 0; c < layer->in.channels; c++)
    layer->parameters[c] = 0.25f;
}

/* Turn (block, channel). */
static void
forward_turn (gpointer data, gsize turn)
{
  CnModelLayer *layer = data;
  gsize plane = cn_lanes_plane (&layer->in);

  cn_lanes_loops ()->rectify (layer->in.data + turn * plane,
                              layer->parameters[turn % layer->in.channels],
                              layer->out.data + turn * plane, plane);
}

static gboolean
prelu_forward (CnModelLayer *layer, gboolean training, const CnRun *run, GError **error)
{
  (void) training;
  return cn_parallel ((gsize) layer->in.blocks * layer->in.channels, forward_turn, layer, run,
                      error);
}

/* Turn: a channel of all blocks, whose sums are in double over rows. */
static void
backward_turn (gpointer data, gsize channel)
{
  CnModelLayer *layer = data;
  const CnLanes *in = &layer->in;
  double sum = 0;

  for (int block = 0; block < in->blocks; block++)
    for (int y = 0; y < in->height; y++)
      {
        gsize at = block * cn_lanes_block (in) + channel * cn_lanes_plane (in)
                   + (gsize) y * in->width * CN_LANES;
        float sums[CN_LANES] __attribute__ ((aligned (64))) = { 0 };
        CnLanesSlope slope = { .x = in->data + at,
                               .gradient = layer->out_gradient.data + at,
                               .slope = layer->parameters[channel],
                               .to = layer->in_gradient.data ? layer->in_gradient.data + at : NULL,
                               .sums = sums,
                               .n = (gsize) in->width * CN_LANES };

        cn_lanes_loops ()->rectify_back (&slope);
        for (int lane = 0; lane < CN_LANES; lane++)
          sum += sums[lane];
      }
  layer->gradients[channel] = (float) sum;
}

static gboolean
prelu_backward (CnModelLayer *layer, const CnRun *run, GError **error)
{
  return cn_parallel (layer->in.channels, backward_turn, layer, run, error);
}

const CnLayerKind cn_layer_prelu = {
  .name = "prelu",
  .parse = prelu_parse,
  .plan = prelu_plan,
  .forward = prelu_forward,
  .backward = prelu_backward,
  .init = prelu_init,
};
