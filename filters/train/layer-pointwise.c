/* layer-pointwise.c: activations, and the sum of two layers' outputs.
 *
 * The derivative of an activation is found from its result, so it may be done in place. A sum hands
 * its gradient to the layer before it; the model adds it to the other one.
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

static void
add_forward_turn (gpointer data, gsize turn)
{
  CnModelLayer *layer = data;
  gsize n = cn_lanes_block (&layer->in);
  const float *a = layer->in.data + turn * n, *b = layer->other->data + turn * n;
  float *out = layer->out.data + turn * n;

  for (gsize i = 0; i < n; i++)
    out[i] = a[i] + b[i];
}

static gboolean
add_forward (CnModelLayer *layer, gboolean training, const CnRun *run, GError **error)
{
  (void) training;
  return cn_parallel (layer->in.blocks, add_forward_turn, layer, run, error);
}

static gboolean
add_backward (CnModelLayer *layer, const CnRun *run, GError **error)
{
  (void) run;
  (void) error;
  memcpy (layer->in_gradient.data, layer->out_gradient.data,
          layer->in.blocks * cn_lanes_block (&layer->in) * sizeof (float));
  return TRUE;
}

/* The model reads the argument, which names a place in it. */
const CnLayerKind cn_layer_add = {
  .name = "add",
  .plan = same_plan,
  .forward = add_forward,
  .backward = add_backward,
};
