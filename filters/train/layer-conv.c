/* layer-conv.c: convolutions and fully connected layers: their arguments, shapes and memory.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "filters/core/error.h"
#include "filters/core/random.h"
#include "filters/train/layer-conv.h"

/* Products in a sum, so that what is counted from them stays an int. */
#define TERMS_MAX (1 << 24)

static void
conv_free (gpointer state)
{
  CnConvLayer *conv = state;

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
  gint64 window =
      layer->kind == &cn_layer_dense ? (gint64) layer->in.height * layer->in.width : (gint64) k * k;

  if (window * layer->in.channels > TERMS_MAX)
    {
      cn_set_error (error, CN_ERROR_SHAPE,
                    "%s: a result would be a sum of %.0f products, more than %d", layer->name,
                    (double) window * layer->in.channels, TERMS_MAX);
      return FALSE;
    }
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
  CnConvLayer *conv = layer->state = g_new0 (CnConvLayer, 1);
  int k = layer->size;
  gsize ins, outs = layer->outs, taps = (gsize) k * k, out_groups, in_groups;

  shape_input (layer);
  ins = layer->in.channels;
  out_groups = cn_groups_of (outs, CN_LANES_OUTS);
  in_groups = cn_groups_of (ins, CN_LANES_OUTS);
  conv->padded = layer->in;
  conv->padded.height += 2 * layer->padding;
  conv->padded.width += 2 * layer->padding;
  conv->spread = layer->out;
  conv->padded.data = conv->spread.data = NULL;
  conv->spread.height = layer->in.height + k - 1;
  conv->spread.width = layer->in.width + k - 1;
  conv->terms = ins * taps;
  conv->terms_padded = cn_groups_of (conv->terms, CN_LANES_PRODUCT_TERMS) * CN_LANES_PRODUCT_TERMS;
  conv->offsets = offsets_of (&conv->padded, k, conv->terms_padded);
  conv->spread_offsets = offsets_of (&conv->spread, k, outs * taps);
  conv->weights = g_try_new0 (float, out_groups *CN_LANES_OUTS * conv->terms);
  conv->turned = g_try_new0 (float, in_groups *CN_LANES_OUTS *outs *taps);
  conv->bias = g_try_new0 (float, out_groups *CN_LANES_OUTS);
  conv->zeros = g_try_new0 (float, in_groups *CN_LANES_OUTS);
  conv->sums = (CnLanes){ .blocks = (int) cn_groups_of (outs, CN_LANES_PRODUCT_OUTS),
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
  .forward = cn_conv_forward,
  .backward = cn_conv_backward,
  .init = conv_init,
  .free = conv_free,
};

const CnLayerKind cn_layer_dense = {
  .name = "dense",
  .parse = dense_parse,
  .plan = conv_plan,
  .prepare = conv_prepare,
  .forward = cn_conv_forward,
  .backward = cn_conv_backward,
  .init = conv_init,
  .free = conv_free,
};
