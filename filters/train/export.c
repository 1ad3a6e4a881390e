/* export.c: a trained model as a network's graph.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/train/export-private.h"

#include <math.h>
#include <string.h>

#include "filters/core/error.h"
#include "filters/train/layer-private.h"

#define OPSET 17

static const CnModelLayer *
layer_at (const CnModel *model, guint index)
{
  return index < model->layers->len ? g_ptr_array_index (model->layers, index) : NULL;
}

CnNode *
export_node (Export *e, const char *op, const char *const *inputs, const char *output)
{
  const char *outputs[] = { output, NULL };

  return cn_graph_add_node (e->graph, op, output, inputs, outputs, e->error);
}

char *
export_floats (Export *e, const CnModelLayer *layer, const char *what, const CnShape *shape,
               const float *floats)
{
  char *name = g_strdup_printf ("%s.%s", layer->name, what);

  if (cn_graph_add_floats (e->graph, name, shape, floats, e->error))
    return name;
  g_free (name);
  return NULL;
}

/* Weights and biases of a layer with the batch normalisation behind it, if there is one:
   w ← w·γ / √(σ² + ε), b ← β − μ·γ / √(σ² + ε). */
static void
fold (const CnModelLayer *layer, const CnModelLayer *norm, float *weights, float *bias)
{
  gsize terms = layer->decayed / layer->outs;

  memcpy (weights, layer->parameters, layer->decayed * sizeof (float));
  for (gsize o = 0; o < (gsize) layer->outs; o++)
    {
      double scale, mean;

      bias[o] = layer->biased ? layer->parameters[layer->decayed + o] : 0;
      if (!norm)
        continue;
      mean = norm->statistics[o];
      scale =
          norm->parameters[o] / sqrt (norm->statistics[layer->outs + o] + CN_BATCH_NORM_EPSILON);
      for (gsize k = 0; k < terms; k++)
        weights[o * terms + k] = (float) (weights[o * terms + k] * scale);
      bias[o] = (float) (norm->parameters[layer->outs + o] + (bias[o] - mean) * scale);
    }
}

/* Flattens what a dense layer takes, unless it is flat. */
static const char *
flatten (Export *e, const CnModelLayer *layer, const char *input, char **name)
{
  const CnModelLayer *before = layer->index ? layer_at (e->model, layer->index - 1) : NULL;

  *name = g_strdup_printf ("%s.flat", layer->name);
  if (before && (before->kind == &cn_layer_dense || before->kind == &cn_layer_activation)
      && before->out.height * before->out.width == 1)
    return input;
  return export_node (e, "Flatten", (const char *[]){ input, NULL }, *name) ? *name : NULL;
}

static gboolean
export_conv (Export *e, const CnModelLayer *layer, const char *input, const char *output)
{
  const CnModelLayer *behind = layer_at (e->model, layer->index + 1);
  const CnModelLayer *norm = behind && behind->kind == &cn_layer_batch_norm ? behind : NULL;
  gboolean dense = layer->kind == &cn_layer_dense;
  gint64 k = layer->size, pads[4], outs = layer->outs;
  CnShape shape = cn_shape_nchw (outs, layer->in.channels, k, k), one = cn_shape (1, &outs);
  g_autofree float *weights = g_new (float, layer->decayed), *bias = g_new (float, layer->outs);
  g_autofree char *weight_name = NULL, *bias_name = NULL, *flat = NULL;
  CnNode *node;

  fold (layer, norm, weights, bias);
  if (dense)
    shape.rank = 2;
  weight_name = export_floats (e, layer, "weight", &shape, weights);
  bias_name = weight_name ? export_floats (e, layer, "bias", &one, bias) : NULL;
  if (!bias_name || (dense && !(input = flatten (e, layer, input, &flat))))
    return FALSE;
  node = export_node (e, dense ? "Gemm" : "Conv",
                      (const char *[]){ input, weight_name, bias_name, NULL }, output);
  if (node && dense)
    cn_node_set_int (node, "transB", 1);
  else if (node)
    {
      for (int i = 0; i < 4; i++)
        pads[i] = layer->padding;
      cn_node_set_ints (node, "kernel_shape", 2, (gint64[]){ k, k });
      cn_node_set_ints (node, "strides", 2, (gint64[]){ layer->stride, layer->stride });
      cn_node_set_ints (node, "pads", 4, pads);
    }
  return node != NULL;
}

/* One that could not be folded. */
static gboolean
export_norm (Export *e, const CnModelLayer *layer, const char *input, const char *output)
{
  gint64 channels = layer->in.channels;
  CnShape shape = cn_shape (1, &channels);
  const struct
  {
    const char *name;
    const float *floats;
  } parts[] = { { "scale", layer->parameters },
                { "bias", layer->parameters + channels },
                { "mean", layer->statistics },
                { "variance", layer->statistics + channels } };
  char *names[G_N_ELEMENTS (parts)] = { NULL };
  CnNode *node = NULL;
  gboolean ok = TRUE;

  for (gsize i = 0; i < G_N_ELEMENTS (parts) && ok; i++)
    ok = (names[i] = export_floats (e, layer, parts[i].name, &shape, parts[i].floats)) != NULL;
  if (ok)
    node = export_node (e, "BatchNormalization",
                        (const char *[]){ input, names[0], names[1], names[2], names[3], NULL },
                        output);
  if (node)
    cn_node_set_float (node, "epsilon", (float) CN_BATCH_NORM_EPSILON);
  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    g_free (names[i]);
  return node != NULL;
}

static const char *const activations[CN_ACTIVATIONS] = {
  [CN_ACTIVATION_IDENTITY] = "Identity",
  [CN_ACTIVATION_RELU] = "Relu",
  [CN_ACTIVATION_LEAKY_RELU] = "LeakyRelu",
  [CN_ACTIVATION_ELU] = "Elu",
  [CN_ACTIVATION_SIGMOID] = "Sigmoid",
  [CN_ACTIVATION_TANH] = "Tanh",
  [CN_ACTIVATION_SOFTPLUS] = "Softplus",
  [CN_ACTIVATION_ABS] = "Abs",
  [CN_ACTIVATION_CLIP] = "Clip",
};

static gboolean
export_activation (Export *e, const CnModelLayer *layer, const char *input, const char *output)
{
  const CnActivation *g = &layer->activation;
  const char *inputs[4] = { input, NULL };
  g_autofree char *low = NULL, *high = NULL;
  CnShape scalar = cn_shape (0, NULL);
  CnNode *node;

  if (g->kind == CN_ACTIVATION_CLIP)
    {
      inputs[1] = low = export_floats (e, layer, "min", &scalar, &g->min);
      inputs[2] = high = low ? export_floats (e, layer, "max", &scalar, &g->max) : NULL;
      if (!high)
        return FALSE;
    }
  node = export_node (e, activations[g->kind], inputs, output);
  if (node && (g->kind == CN_ACTIVATION_LEAKY_RELU || g->kind == CN_ACTIVATION_ELU))
    cn_node_set_float (node, "alpha", g->alpha);
  return node != NULL;
}

static gboolean
export_pool (Export *e, const CnModelLayer *layer, const char *input, const char *output)
{
  gboolean max = layer->kind == &cn_layer_max_pool;
  CnNode *node;

  if (layer->kind == &cn_layer_global_average_pool)
    return export_node (e, "GlobalAveragePool", (const char *[]){ input, NULL }, output) != NULL;
  node = export_node (e, max ? "MaxPool" : "AveragePool", (const char *[]){ input, NULL }, output);
  if (!node)
    return FALSE;
  cn_node_set_ints (node, "kernel_shape", 2, (gint64[]){ layer->size, layer->size });
  cn_node_set_ints (node, "strides", 2, (gint64[]){ layer->stride, layer->stride });
  return TRUE;
}

static gboolean
export_layer (Export *e, const CnModelLayer *layer)
{
  const CnModelLayer *before = layer->index ? layer_at (e->model, layer->index - 1) : NULL;
  const char *input = e->values[layer->index];
  char **output = &e->values[layer->index + 1];

  if (layer->kind == &cn_layer_batch_norm && before
      && (before->kind == &cn_layer_conv || before->kind == &cn_layer_dense))
    {
      *output = g_strdup (input); /* it is in the weights */
      return TRUE;
    }
  *output = g_strdup (layer->name);
  if (layer->kind == &cn_layer_conv || layer->kind == &cn_layer_dense)
    return export_conv (e, layer, input, *output);
  if (layer->kind == &cn_layer_batch_norm)
    return export_norm (e, layer, input, *output);
  if (layer->kind == &cn_layer_activation)
    return export_activation (e, layer, input, *output);
  if (layer->kind == &cn_layer_add)
    return export_node (e, "Add", (const char *[]){ input, e->values[layer->from], NULL }, *output)
           != NULL;
  if (layer->kind == &cn_layer_concat)
    return export_concat (e, layer, input, *output);
  if (layer->kind == &cn_layer_prelu)
    return export_prelu (e, layer, input, *output);
  if (layer->kind == &cn_layer_conv_transpose)
    return export_transpose (e, layer, input, *output);
  return export_pool (e, layer, input, *output);
}

/* Whether pictures of any size will do: one is made larger, or no dense layer takes a map of more
   than a pixel that was not made by the mean over all of them. */
static gboolean
any_size (const CnModel *model)
{
  gboolean global = cn_model_scale (model) > 0;

  for (guint i = 0; i < model->layers->len; i++)
    {
      const CnModelLayer *layer = layer_at (model, i);

      global |= layer->kind == &cn_layer_global_average_pool;
      if (layer->kind == &cn_layer_dense && !global)
        return FALSE;
    }
  return global;
}

static gboolean
all_finite (const float *numbers, gsize n)
{
  for (gsize i = 0; i < n; i++)
    if (!isfinite (numbers[i]))
      return FALSE;
  return TRUE;
}

/* The last nodes: what a model of classes answers, or the picture. */
static gboolean
export_output (Export *e)
{
  const CnLanes *out = cn_model_output (e->model);
  const char *last = e->values[e->model->layers->len];
  gboolean picture = cn_model_scale (e->model) > 0;
  CnShape shape = picture ? cn_shape_nchw (-1, out->channels, -1, -1)
                          : cn_shape (2, (gint64[]){ -1, out->channels });
  const char *name = picture ? last : "probabilities";
  CnNode *softmax = NULL;

  if (!picture)
    softmax = export_node (e, "Softmax", (const char *[]){ last, NULL }, name);
  if (!picture && !softmax)
    return FALSE;
  if (softmax)
    cn_node_set_int (softmax, "axis", 1);
  cn_graph_declare (e->graph, name, CN_TYPE_FLOAT, &shape);
  cn_graph_add_output (e->graph, name);
  return TRUE;
}

static gboolean
export_layers (Export *e)
{
  const CnModel *model = e->model;
  gboolean open = any_size (model), border = cn_model_scale (model) && cn_model_margin (model);
  CnShape shape = cn_shape_nchw (-1, model->input.channels, open ? -1 : model->input.height,
                                 open ? -1 : model->input.width);

  e->values[0] = g_strdup (border ? "border" : "pixels");
  if (!cn_graph_add_input (e->graph, "pixels", CN_TYPE_FLOAT, &shape, e->error)
      || (border && !export_border (e, "border")))
    return FALSE;
  for (guint i = 0; i < model->layers->len; i++)
    if (!export_layer (e, layer_at (model, i)))
      return FALSE;
  return export_output (e);
}

CnGraph *
cn_model_export (const CnModel *model, const char *name, GError **error)
{
  g_autoptr (CnGraph) graph = NULL;
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  int scale = cn_model_scale (model);
  Export e = { .model = model, .error = error };
  gboolean ok;

  if (!all_finite (model->parameters, model->parameters_n)
      || !all_finite (model->statistics, model->statistics_n))
    {
      cn_set_error (error, CN_ERROR_ARGUMENT, "A weight is not finite");
      return NULL;
    }
  e.graph = graph = cn_graph_new (name, OPSET);
  e.values = g_new0 (char *, model->layers->len + 2);
  ok = export_layers (&e);
  g_strfreev (e.values);
  if (!ok)
    return NULL;
  cn_graph_set_metadata (graph, "input-low", g_ascii_dtostr (number, sizeof number, model->low));
  cn_graph_set_metadata (graph, "input-high", g_ascii_dtostr (number, sizeof number, model->high));
  if (scale)
    cn_graph_set_metadata (graph, "scale", g_ascii_dtostr (number, sizeof number, scale));
  cn_graph_set_metadata (graph, "layers", model->text);
  return g_steal_pointer (&graph);
}
