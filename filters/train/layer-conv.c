/* layer-conv.c: convolutions and fully connected layers, forward and backward, over lanes.
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
#include <math.h>
#include <string.h>

#include "filters/core/error.h"
#include "filters/core/parallel.h"
#include "filters/core/random.h"
#include "filters/train/layer-private.h"

/* Pixels of a strip, whose gradients stay in the nearest cache while all weights pass. */
#define STRIP 128

typedef struct
{
  CnLanes padded;            /* the input with zeros around */
  CnLanes spread;            /* P */
  gsize terms, terms_padded; /* terms of an output's sum; of the groups that products go in */
  gsize *offsets, *spread_offsets;
  float *weights, *bias, *turned, *zeros; /* packed for CnLanesSum */
  CnLanes sums;                           /* of products, for CnLanesProduct */
} Conv;

static gsize
groups_of (gsize n, gsize size)
{
  return (n + size - 1) / size;
}

static void
conv_free (gpointer state)
{
  Conv *conv = state;

  cn_lanes_clear (&conv->padded);
  cn_lanes_clear (&conv->spread);
  g_free (conv->offsets);
  g_free (conv->spread_offsets);
  g_free (conv->weights);
  g_free (conv->bias);
  g_free (conv->turned);
  g_free (conv->zeros);
  cn_lanes_clear (&conv->sums);
  g_free (conv);
}

/* Where the terms of a sum over k×k taps of each channel lie; those that fill the last group up are
   the first one again. */
static gsize *
offsets_of (const CnLanes *lanes, int k, gsize padded)
{
  gsize *offsets = g_try_new0 (gsize, padded), n = 0;

  for (int c = 0; c < lanes->channels && offsets; c++)
    for (int a = 0; a < k; a++)
      for (int b = 0; b < k; b++)
        offsets[n++] = (((gsize) c * lanes->height + a) * lanes->width + b) * CN_LANES;
  return offsets;
}

/* What the loops read behind the last pixel. */
static gsize
slack_of (const CnLanes *from, const CnLanes *to, int stride)
{
  gsize step = to->height * to->width == 1 ? cn_lanes_block (from) : (gsize) stride * CN_LANES;

  return (CN_LANES_PIXELS - 1) * step;
}

/* A layer's input and its gradient as the loops take them. */
static void
shape_input (CnModelLayer *layer)
{
  if (layer->kind != &cn_layer_dense)
    return;
  layer->in.channels *= layer->in.height * layer->in.width;
  layer->in.height = layer->in.width = 1;
  layer->in_gradient.channels = layer->in.channels;
  layer->in_gradient.height = layer->in_gradient.width = 1;
}

static gboolean
conv_plan (CnModelLayer *layer, GError **error)
{
  int k = layer->size, height, width;

  shape_input (layer);
  height = layer->in.height + 2 * layer->padding - k;
  width = layer->in.width + 2 * layer->padding - k;
  if (height < 0 || width < 0)
    {
      cn_set_error (error, CN_ERROR_SHAPE, "%s: a kernel of %d×%d is larger than its input, %d×%d",
                    layer->name, k, k, layer->in.width, layer->in.height);
      return FALSE;
    }
  layer->out.channels = layer->outs;
  layer->out.height = height / layer->stride + 1;
  layer->out.width = width / layer->stride + 1;
  layer->decayed = (gsize) layer->outs * layer->in.channels * k * k;
  layer->parameters_n = layer->decayed + (layer->biased ? layer->outs : 0);
  return TRUE;
}

static gboolean
conv_prepare (CnModelLayer *layer, GError **error)
{
  Conv *conv = layer->state = g_new0 (Conv, 1);
  int k = layer->size;
  gsize ins, outs = layer->outs, taps = (gsize) k * k, out_groups, in_groups;

  shape_input (layer);
  ins = layer->in.channels;
  out_groups = groups_of (outs, CN_LANES_OUTS);
  in_groups = groups_of (ins, CN_LANES_OUTS);
  conv->padded = layer->in;
  conv->padded.height += 2 * layer->padding;
  conv->padded.width += 2 * layer->padding;
  conv->spread = layer->out;
  conv->padded.data = conv->spread.data = NULL;
  conv->spread.height = layer->in.height + k - 1;
  conv->spread.width = layer->in.width + k - 1;
  conv->terms = ins * taps;
  conv->terms_padded = groups_of (conv->terms, CN_LANES_PRODUCT_TERMS) * CN_LANES_PRODUCT_TERMS;
  conv->offsets = offsets_of (&conv->padded, k, conv->terms_padded);
  conv->spread_offsets = offsets_of (&conv->spread, k, outs * taps);
  conv->weights = g_try_new0 (float, out_groups *CN_LANES_OUTS * conv->terms);
  conv->turned = g_try_new0 (float, in_groups *CN_LANES_OUTS *outs *taps);
  conv->bias = g_try_new0 (float, out_groups *CN_LANES_OUTS);
  conv->zeros = g_try_new0 (float, in_groups *CN_LANES_OUTS);
  conv->sums = (CnLanes){ .blocks = (int) groups_of (outs, CN_LANES_PRODUCT_OUTS),
                          .channels = (int) conv->terms_padded,
                          .height = CN_LANES_PRODUCT_OUTS,
                          .width = 1 };
  if (!conv->offsets || !conv->spread_offsets || !conv->weights || !conv->turned || !conv->bias
      || !conv->zeros)
    {
      cn_set_error (error, CN_ERROR_MEMORY, "There is no memory for the %zu weights of %s",
                    layer->decayed, layer->name);
      return FALSE;
    }
  return cn_lanes_alloc (&conv->sums, 0, error)
         && cn_lanes_alloc (&conv->padded, slack_of (&conv->padded, &layer->out, layer->stride),
                            error)
         && (!layer->in_gradient.data
             || cn_lanes_alloc (&conv->spread, slack_of (&conv->spread, &layer->in, 1), error));
}

/* Normal, with a variance of 2 / terms: He et al., Delving deep into rectifiers, 2015. */
static void
conv_init (CnModelLayer *layer, guint64 seed)
{
  CnRandom random = cn_random (seed, 1, layer->index);
  double scale = sqrt (2.0 * layer->outs / layer->decayed);

  for (gsize i = 0; i < layer->decayed; i++)
    layer->parameters[i] = (float) (scale * cn_random_normal (&random));
}

/* Groups of CN_LANES_OUTS outputs side by side: weights[(o / 6)][term][o % 6]. */
static void
pack_weights (const CnModelLayer *layer, Conv *conv)
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
  Conv *conv = layer->state;

  copy_plane (&layer->in, &conv->padded, turn, 1, layer->padding);
}

static void
spread_turn (gpointer data, gsize turn)
{
  CnModelLayer *layer = data;
  Conv *conv = layer->state;

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
  return to->height * to->width == 1 ? groups_of (to->channels, CN_LANES_OUTS)
                                     : (gsize) to->blocks * to->height;
}

static void
forward_turn (gpointer data, gsize turn)
{
  CnModelLayer *layer = data;
  const Conv *conv = layer->state;

  convolve_turn (&conv->padded, &layer->out, conv->weights, conv->bias, conv->offsets, conv->terms,
                 layer->stride, turn);
}

static void
backward_turn (gpointer data, gsize turn)
{
  CnModelLayer *layer = data;
  const Conv *conv = layer->state;

  convolve_turn (&conv->spread, &layer->in_gradient, conv->turned, conv->zeros,
                 conv->spread_offsets, (gsize) layer->outs * layer->size * layer->size, 1, turn);
}

/* Products of one strip of rows of a block, or of all blocks where pictures have one pixel. */
static void
add_products (const CnModelLayer *layer, const Conv *conv, gsize first, gsize block, int y,
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
  const Conv *conv = layer->state;
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

static gboolean
conv_forward (CnModelLayer *layer, gboolean training, const CnRun *run, GError **error)
{
  Conv *conv = layer->state;

  (void) training;
  pack_weights (layer, conv);
  return cn_parallel ((gsize) layer->in.blocks * layer->in.channels, pad_turn, layer, run, error)
         && cn_parallel (convolve_turns (&layer->out), forward_turn, layer, run, error);
}

static gboolean
conv_backward (CnModelLayer *layer, const CnRun *run, GError **error)
{
  const CnLanes *gradient = &layer->out_gradient;

  if (!cn_parallel (groups_of (layer->outs, CN_LANES_PRODUCT_OUTS), product_turn, layer, run,
                    error))
    return FALSE;
  return !layer->in_gradient.data
         || (cn_parallel ((gsize) gradient->blocks * gradient->channels, spread_turn, layer, run,
                          error)
             && cn_parallel (convolve_turns (&layer->in_gradient), backward_turn, layer, run,
                             error));
}

static gboolean
conv_parse (CnModelLayer *layer, char **words, GError **error)
{
  int same = 0;

  layer->stride = 1;
  if (!cn_layer_number (layer, &words, "outputs", 1, CN_LAYER_CHANNELS_MAX, &layer->outs, error)
      || !cn_layer_number (layer, &words, "size", 1, CN_LAYER_KERNEL_MAX, &layer->size, error)
      || !cn_layer_option (layer, &words, "stride", 1, CN_LAYER_KERNEL_MAX, &layer->stride, error))
    return FALSE;
  same = *words && g_str_equal (*words, "same");
  if (same && layer->size % 2 == 0)
    {
      cn_set_error (error, CN_ERROR_ARGUMENT, "%s: a kernel of %d×%d has no middle for “same”",
                    layer->name, layer->size, layer->size);
      return FALSE;
    }
  layer->padding = same ? layer->size / 2 : 0;
  return cn_layer_end (layer, words + same, error);
}

static gboolean
dense_parse (CnModelLayer *layer, char **words, GError **error)
{
  layer->stride = layer->size = 1;
  return cn_layer_number (layer, &words, "outputs", 1, CN_LAYER_CHANNELS_MAX, &layer->outs, error)
         && cn_layer_end (layer, words, error);
}

const CnLayerKind cn_layer_conv = {
  .name = "conv",
  .parse = conv_parse,
  .plan = conv_plan,
  .prepare = conv_prepare,
  .forward = conv_forward,
  .backward = conv_backward,
  .init = conv_init,
  .free = conv_free,
};

const CnLayerKind cn_layer_dense = {
  .name = "dense",
  .parse = dense_parse,
  .plan = conv_plan,
  .prepare = conv_prepare,
  .forward = conv_forward,
  .backward = conv_backward,
  .init = conv_init,
  .free = conv_free,
};
