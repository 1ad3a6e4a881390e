/* layer-pointwise.c: activations.
 *
 * The derivative of an activation is found from its result, so it may be done in place.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/core/parallel.h"
#include "filters/train/layer-private.h"

static gboolean
activation_parse (CnModelLayer *layer, char **words, GError **error)
{
  return cn_layer_end (layer, words, error);
}

static gboolean
same_plan (CnModelLayer *layer, GError **error)
{
  (void) error;
  layer->out = layer->in;
  return TRUE;
}

static void
activation_forward_turn (gpointer data, gsize turn)
{
  CnModelLayer *layer = data;
  gsize n = cn_lanes_block (&layer->in);
  float *out = layer->out.data + turn * n;

  if (layer->out.data != layer->in.data)
    memcpy (out, layer->in.data + turn * n, n * sizeof (float));
  cn_activation_apply (&layer->activation, out, n);
}

static gboolean
activation_forward (CnModelLayer *layer, gboolean training, const CnRun *run, GError **error)
{
  (void) training;
  return cn_parallel (layer->in.blocks, activation_forward_turn, layer, run, error);
}

static void
activation_backward_turn (gpointer data, gsize turn)
{
  CnModelLayer *layer = data;
  gsize n = cn_lanes_block (&layer->in);
  float *gradient = layer->in_gradient.data + turn * n;

  if (layer->out_gradient.data != layer->in_gradient.data)
    memcpy (gradient, layer->out_gradient.data + turn * n, n * sizeof (float));
  cn_activation_backward (&layer->activation, layer->out.data + turn * n, gradient, n);
}

static gboolean
activation_backward (CnModelLayer *layer, const CnRun *run, GError **error)
{
  return !layer->in_gradient.data
         || cn_parallel (layer->in.blocks, activation_backward_turn, layer, run, error);
}

const CnLayerKind cn_layer_activation = {
  .name = "activation",
  .in_place = TRUE,
  .needs_output = TRUE,
  .parse = activation_parse,
  .plan = same_plan,
  .forward = activation_forward,
  .backward = activation_backward,
};
