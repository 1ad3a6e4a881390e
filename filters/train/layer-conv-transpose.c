/* layer-conv-transpose.c: transposed convolutions that make maps `stride` times as large.
 *
 *     Y[o, s·y + a − t, s·x + b − t] += X[i, y, x] · w[i, o, a, b],   t = ⌈(k − s) / 2⌉
 *
 * so that a pixel of X lies in the middle of s×s pixels of Y, or half a pixel before it where k − s
 * is odd. Pixels of Y to which something outside of X would add are left out: of n pixels
 * s·(n − 2m) remain, with m = max (⌊(k − 1 − t) / s⌋, ⌊(s − 1 + t) / s⌋).
 *
 * The pixels of Y that lie alike in their s×s, a phase, are a convolution of X with every s-th tap
 * of the kernel. That of all phases is one convolution with s² outputs for each o and kernels of
 * 2m + 1, some taps of which are zero: it is done by the layer for convolutions, and its outputs
 * are put where they belong. Shi et al., Is the deconvolution layer the same as a convolutional
 * layer?, 2016.
 *
 * It begins as cubic interpolation of the last of its inputs, and leaves the others out: of the
 * pixels, where they have been concatenated last. A kernel that is too small for that is cut off.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/core/error.h"
#include "filters/core/parallel.h"
#include "filters/train/cubic.h"
#include "filters/train/layer-private.h"

/* Larger, and the convolution would have too many outputs. */
#define STRIDE_MAX 16

typedef struct
{
  CnModelLayer inner; /* the convolution; in and in_gradient are the layer's */
} Transpose;

static int
shift_of (const CnModelLayer *layer)
{
  return (layer->size - layer->stride + 1) / 2;
}

static int
margin_of (const CnModelLayer *layer)
{
  int t = shift_of (layer), s = layer->stride;

  return MAX ((layer->size - 1 - t) / s, (s - 1 + t) / s);
}

static void
transpose_free (gpointer state)
{
  Transpose *transpose = state;
  CnModelLayer *inner = &transpose->inner;

  if (inner->state)
    inner->kind->free (inner->state);
  cn_lanes_clear (&inner->out);
  cn_lanes_clear (&inner->out_gradient);
  g_free (inner->parameters);
  g_free (inner->gradients);
  g_free (transpose);
}

static gboolean
transpose_parse (CnModelLayer *layer, char **words, GError **error)
{
  layer->stride = 1;
  if (!cn_layer_number (layer, &words, "outputs", 1, CN_LAYER_CHANNELS_MAX / STRIDE_MAX,
                        &layer->outs, error)
      || !cn_layer_number (layer, &words, "size", 1, CN_LAYER_KERNEL_MAX, &layer->size, error)
      || !cn_layer_option (layer, &words, "stride", 1, STRIDE_MAX, &layer->stride, error)
      || !cn_layer_end (layer, words, error))
    return FALSE;
  if (layer->size >= layer->stride)
    return TRUE;
  cn_set_error (error, CN_ERROR_ARGUMENT,
                "%s: a kernel of %d×%d does not reach over a stride of %d", layer->name,
                layer->size, layer->size, layer->stride);
  return FALSE;
}

/* The convolution, as far as shapes go. */
static CnModelLayer
inner_of (const CnModelLayer *layer)
{
  return (CnModelLayer){ .kind = &cn_layer_conv,
                         .name = layer->name,
                         .index = layer->index,
                         .outs = layer->outs * layer->stride * layer->stride,
                         .size = 2 * margin_of (layer) + 1,
                         .stride = 1,
                         .biased = TRUE,
                         .from = -1,
                         .in = layer->in,
                         .out = layer->in,
                         .in_gradient = layer->in_gradient };
}

static gboolean
transpose_plan (CnModelLayer *layer, GError **error)
{
  CnModelLayer inner = inner_of (layer);

  if (!inner.kind->plan (&inner, error))
    return FALSE;
  layer->out.channels = layer->outs;
  layer->out.height = inner.out.height * layer->stride;
  layer->out.width = inner.out.width * layer->stride;
  layer->decayed = (gsize) layer->in.channels * layer->outs * layer->size * layer->size;
  layer->parameters_n = layer->decayed + layer->outs;
  return TRUE;
}

static gboolean
transpose_prepare (CnModelLayer *layer, GError **error)
{
  Transpose *transpose = layer->state = g_new0 (Transpose, 1);
  CnModelLayer *inner = &transpose->inner;

  *inner = inner_of (layer);
  if (!inner->kind->plan (inner, error))
    return FALSE;
  inner->out_gradient = inner->out;
  inner->parameters = g_try_new0 (float, inner->parameters_n);
  inner->gradients = g_try_new0 (float, inner->parameters_n);
  if (!inner->parameters || !inner->gradients)
    {
      cn_set_error (error, CN_ERROR_MEMORY, "There is no memory for the %zu weights of %s",
                    inner->parameters_n, layer->name);
      return FALSE;
    }
  return cn_lanes_alloc (&inner->out, 0, error)
         && cn_lanes_alloc (&inner->out_gradient,
                            CN_LANES_PRODUCT_OUTS * cn_lanes_plane (&inner->out), error)
         && inner->kind->prepare (inner, error);
}

static void
transpose_init (CnModelLayer *layer, guint64 seed)
{
  int k = layer->size, ins = layer->in.channels, outs = layer->outs;
  g_autofree double *kernel = cn_cubic_kernel (k, layer->stride, shift_of (layer));

  (void) seed;
  for (int o = 0; o < outs && ins >= outs; o++)
    {
      gsize plane = (gsize) (ins - outs + o) * outs + o;
      float *weights = layer->parameters + plane * k * k;

      for (int a = 0; a < k; a++)
        for (int b = 0; b < k; b++)
          weights[a * k + b] = (float) (kernel[a] * kernel[b]);
    }
}

/* The tap of the kernel that tap j of the convolution is in a phase; −1: none. */
static int
tap_of (const CnModelLayer *layer, int phase, int j)
{
  int tap = phase + shift_of (layer) - layer->stride * (j - margin_of (layer));

  return tap >= 0 && tap < layer->size ? tap : -1;
}

/* Copies the weights and biases of the kernel to those of the convolution, or collects the
   gradients, where a bias has those of all phases. */
static void
exchange (CnModelLayer *layer, const CnModelLayer *inner, gboolean collect)
{
  int s = layer->stride, k = layer->size, taps = inner->size, ins = layer->in.channels;
  float *biases = (collect ? layer->gradients : layer->parameters) + layer->decayed;

  for (int v = 0; v < inner->outs; v++)
    {
      int o = v / (s * s), row = v / s % s, column = v % s;

      for (int i = 0; i < ins; i++)
        for (int j = 0; j < taps * taps; j++)
          {
            int a = tap_of (layer, row, j / taps), b = tap_of (layer, column, j % taps);
            gsize at = (((gsize) i * layer->outs + o) * k + a) * k + b;
            gsize inner_at = ((gsize) v * ins + i) * taps * taps + j;

            if (a < 0 || b < 0)
              continue;
            if (collect)
              layer->gradients[at] = inner->gradients[inner_at];
            else
              inner->parameters[inner_at] = layer->parameters[at];
          }
      if (!collect)
        inner->parameters[inner->decayed + v] = biases[o];
      else
        biases[o] = (v % (s * s) ? biases[o] : 0) + inner->gradients[inner->decayed + v];
    }
}

/* Turn (block, output of the convolution): its plane is a phase of the layer's output. */
static void
shuffle (const CnModelLayer *layer, const CnLanes *phases, const CnLanes *map, gsize turn,
         gboolean back)
{
  int s = layer->stride, v = (int) (turn % phases->channels);
  gsize block = turn / phases->channels;
  float *phase = phases->data + turn * cn_lanes_plane (phases);
  float *out = map->data + block * cn_lanes_block (map) + v / (s * s) * cn_lanes_plane (map);

  for (int y = 0; y < phases->height; y++)
    for (int x = 0; x < phases->width; x++, phase += CN_LANES)
      {
        float *at = out + ((gsize) (y * s + v / s % s) * map->width + x * s + v % s) * CN_LANES;

        memcpy (back ? phase : at, back ? at : phase, CN_LANES * sizeof (float));
      }
}

static void
forward_turn (gpointer data, gsize turn)
{
  CnModelLayer *layer = data;

  shuffle (layer, &((Transpose *) layer->state)->inner.out, &layer->out, turn, FALSE);
}

static void
backward_turn (gpointer data, gsize turn)
{
  CnModelLayer *layer = data;

  shuffle (layer, &((Transpose *) layer->state)->inner.out_gradient, &layer->out_gradient, turn,
           TRUE);
}

static gboolean
transpose_forward (CnModelLayer *layer, gboolean training, const CnRun *run, GError **error)
{
  CnModelLayer *inner = &((Transpose *) layer->state)->inner;

  exchange (layer, inner, FALSE);
  return inner->kind->forward (inner, training, run, error)
         && cn_parallel ((gsize) inner->out.blocks * inner->out.channels, forward_turn, layer, run,
                         error);
}

static gboolean
transpose_backward (CnModelLayer *layer, const CnRun *run, GError **error)
{
  CnModelLayer *inner = &((Transpose *) layer->state)->inner;

  if (!cn_parallel ((gsize) inner->out.blocks * inner->out.channels, backward_turn, layer, run,
                    error)
      || !inner->kind->backward (inner, run, error))
    return FALSE;
  exchange (layer, inner, TRUE);
  return TRUE;
}

const CnLayerKind cn_layer_conv_transpose = {
  .name = "conv-transpose",
  .parse = transpose_parse,
  .plan = transpose_plan,
  .prepare = transpose_prepare,
  .forward = transpose_forward,
  .backward = transpose_backward,
  .init = transpose_init,
  .free = transpose_free,
};
