/* layer-conv-run.c: convolutions and fully connected layers, forward and backward, over lanes.
 *
 *     y[o, y, x]      = bias[o] + Σ_i Σ_a Σ_b w[o, i, a, b] · x[i, y·s + a − p, x·s + b − p]
 *     ∂w[o, i, a, b]  = Σ_samples Σ_y Σ_x ∂y[o, y, x] · x[i, y·s + a − p, x·s + b − p]
 *     ∂x[i, y, x]     = Σ_o Σ_a Σ_b w[o, i, k − 1 − a, k − 1 − b] · P[o, y + a, x + b]
 *
 * where P is ∂y with s − 1 zeros between its samples and k − 1 − p around: the gradient of the
 * input is a convolution too. A fully connected layer is one of size 1 over an input that is taken
 * as C·H·W channels of one pixel. Where pictures have one pixel, the blocks of a batch take the
 * place of pixels in the loops.
 *
 * No sum depends on threads: each is made by one turn of a loop.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/train/layer-conv.h"

#include <string.h>

#include "filters/core/parallel.h"

/* Pixels of a strip, whose gradients stay in the nearest cache while all weights pass. */
#define STRIP 128

/* Groups of CN_LANES_OUTS outputs side by side: weights[(o / 6)][term][o % 6]. */
static void
pack_weights (const CnModelLayer *layer, CnConvLayer *conv)
{
  gsize taps = (gsize) layer->size * layer->size, ins = layer->in.channels, outs = layer->outs;

  for (gsize o = 0; o < outs; o++)
    for (gsize k = 0; k < conv->terms; k++)
      conv->weights[(o / CN_LANES_OUTS * conv->terms + k) * CN_LANES_OUTS + o % CN_LANES_OUTS] =
          layer->parameters[o * conv->terms + k];
  for (gsize i = 0; i < ins; i++)
    for (gsize o = 0; o < outs; o++)
      for (gsize tap = 0; tap < taps; tap++)
        conv->turned[(i / CN_LANES_OUTS * outs * taps + o * taps + tap) * CN_LANES_OUTS
                     + i % CN_LANES_OUTS] =
            layer->parameters[(o * ins + i) * taps + taps - 1 - tap];
  if (layer->biased)
    memcpy (conv->bias, layer->parameters + layer->decayed, outs * sizeof (float));
}

/* Turn (block, channel): a plane of `from` into one of `to`, `stride` apart, `border` from its
   edge. What is between and around stays zero. */
static void
copy_plane (const CnLanes *from, const CnLanes *to, gsize turn, int stride, int border)
{
  const float *src = from->data + turn * cn_lanes_plane (from);
  float *dst = to->data + turn * cn_lanes_plane (to);

  for (int y = 0; y < from->height; y++)
    for (int x = 0; x < from->width; x++)
      memcpy (dst + ((gsize) (border + y * stride) * to->width + border + x * stride) * CN_LANES,
              src + ((gsize) y * from->width + x) * CN_LANES, CN_LANES * sizeof (float));
}

static void
pad_turn (gpointer data, gsize turn)
{
  CnModelLayer *layer = data;
  CnConvLayer *conv = layer->state;

  copy_plane (&layer->in, &conv->padded, turn, 1, layer->padding);
}

static void
spread_turn (gpointer data, gsize turn)
{
  CnModelLayer *layer = data;
  CnConvLayer *conv = layer->state;

  copy_plane (&layer->out_gradient, &conv->spread, turn, layer->stride,
              layer->size - 1 - layer->padding);
}

/* One turn of a convolution of `from` into `to`: a row of a block, or, of pictures of one pixel, a
   group of outputs for all blocks. */
static void
convolve_turn (const CnLanes *from, const CnLanes *to, const float *weights, const float *bias,
               const gsize *offsets, gsize terms, int stride, gsize turn)
{
  const CnLanesLoops *loops = cn_lanes_loops ();
  gboolean points = to->height * to->width == 1;
  gsize block = points ? 0 : turn / to->height, y = points ? 0 : turn % to->height;
  int first = points ? (int) turn * CN_LANES_OUTS : 0;
  int last = points ? MIN (first + CN_LANES_OUTS, to->channels) : to->channels;

  for (int o = first; o < last; o += CN_LANES_OUTS)
    {
      CnLanesSum sum = {
        .src = from->data + block * cn_lanes_block (from) + y * stride * from->width * CN_LANES,
        .weights = weights + o * terms,
        .bias = bias ? bias + o : NULL,
        .offsets = offsets,
        .terms = terms,
        .src_step = points ? cn_lanes_block (from) : (gsize) stride * CN_LANES,
        .dst = to->data + block * cn_lanes_block (to) + o * cn_lanes_plane (to)
               + y * to->width * CN_LANES,
        .dst_plane = cn_lanes_plane (to),
        .dst_step = points ? cn_lanes_block (to) : CN_LANES,
        .outs = MIN (last - o, CN_LANES_OUTS),
        .n = points ? to->blocks : to->width,
      };

      loops->sum (&sum);
    }
}

static gsize
convolve_turns (const CnLanes *to)
{
  return to->height * to->width == 1 ? cn_groups_of (to->channels, CN_LANES_OUTS)
                                     : (gsize) to->blocks * to->height;
}

static void
forward_turn (gpointer data, gsize turn)
{
  CnModelLayer *layer = data;
  const CnConvLayer *conv = layer->state;

  convolve_turn (&conv->padded, &layer->out, conv->weights, conv->bias, conv->offsets, conv->terms,
                 layer->stride, turn);
}

static void
backward_turn (gpointer data, gsize turn)
{
  CnModelLayer *layer = data;
  const CnConvLayer *conv = layer->state;

  convolve_turn (&conv->spread, &layer->in_gradient, conv->turned, conv->zeros,
                 conv->spread_offsets, (gsize) layer->outs * layer->size * layer->size, 1, turn);
}

/* Products of one strip of rows of a block, or of all blocks where pictures have one pixel. */
static void
add_products (const CnModelLayer *layer, const CnConvLayer *conv, gsize first, gsize block, int y,
              float *sums)
{
  const CnLanes *gradient = &layer->out_gradient, *padded = &conv->padded;
  gboolean points = gradient->height * gradient->width == 1;
  CnLanesProduct product = {
    .src = padded->data + block * cn_lanes_block (padded)
           + (gsize) y * layer->stride * padded->width * CN_LANES,
    .offsets = conv->offsets,
    .terms = conv->terms_padded,
    .src_row = (gsize) layer->stride * padded->width * CN_LANES,
    .src_step = points ? cn_lanes_block (padded) : (gsize) layer->stride * CN_LANES,
    .gradient = gradient->data + block * cn_lanes_block (gradient)
                + first * cn_lanes_plane (gradient) + (gsize) y * gradient->width * CN_LANES,
    .plane = cn_lanes_plane (gradient),
    .row = (gsize) gradient->width * CN_LANES,
    .step = points ? cn_lanes_block (gradient) : CN_LANES,
    .rows = points ? 1 : MIN (MAX (STRIP / gradient->width, 1), gradient->height - y),
    .n = points ? gradient->blocks : gradient->width,
    .sums = sums,
  };

  cn_lanes_loops ()->product (&product);
}

static float
sum_of_lanes (const float *lanes)
{
  double sum = 0;

  for (int lane = 0; lane < CN_LANES; lane++)
    sum += lanes[lane];
  return (float) sum;
}

/* Turn: the gradients of the weights and biases of CN_LANES_PRODUCT_OUTS outputs. Where the last
   ones are fewer, what is behind them is read as well, and left. */
static void
product_turn (gpointer data, gsize turn)
{
  CnModelLayer *layer = data;
  const CnConvLayer *conv = layer->state;
  const CnLanes *gradient = &layer->out_gradient;
  gsize first = turn * CN_LANES_PRODUCT_OUTS, size = CN_LANES_PRODUCT_OUTS * CN_LANES;
  int outs = MIN (layer->outs - (int) first, CN_LANES_PRODUCT_OUTS);
  int strip = MAX (STRIP / gradient->width, 1);
  float *sums = conv->sums.data + turn * conv->terms_padded * size;

  memset (sums, 0, conv->terms_padded * size * sizeof (float));
  if (gradient->height * gradient->width == 1)
    add_products (layer, conv, first, 0, 0, sums);
  else
    for (int block = 0; block < gradient->blocks; block++)
      for (int y = 0; y < gradient->height; y += strip)
        add_products (layer, conv, first, block, y, sums);
  for (int o = 0; o < outs; o++)
    for (gsize k = 0; k < conv->terms; k++)
      layer->gradients[(first + o) * conv->terms + k] =
          sum_of_lanes (sums + k * size + o * CN_LANES);
  for (int o = 0; o < outs && layer->biased; o++)
    layer->gradients[layer->decayed + first + o] =
        (float) cn_layer_channel_sum (gradient, (int) first + o);
}

gboolean
cn_conv_forward (CnModelLayer *layer, gboolean training, const CnRun *run, GError **error)
{
  CnConvLayer *conv = layer->state;

  (void) training;
  pack_weights (layer, conv);
  return cn_parallel ((gsize) layer->in.blocks * layer->in.channels, pad_turn, layer, run, error)
         && cn_parallel (convolve_turns (&layer->out), forward_turn, layer, run, error);
}

gboolean
cn_conv_backward (CnModelLayer *layer, const CnRun *run, GError **error)
{
  const CnLanes *gradient = &layer->out_gradient;

  if (!cn_parallel (cn_groups_of (layer->outs, CN_LANES_PRODUCT_OUTS), product_turn, layer, run,
                    error))
    return FALSE;
  return !layer->in_gradient.data
         || (cn_parallel ((gsize) gradient->blocks * gradient->channels, spread_turn, layer, run,
                          error)
             && cn_parallel (convolve_turns (&layer->in_gradient), backward_turn, layer, run,
                             error));
}
