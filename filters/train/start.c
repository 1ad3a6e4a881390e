/* start.c: a training that begins with the weights of a network that is there.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/core/error.h"
#include "filters/train/judge.h"
#include "filters/train/layer-private.h"
#include "filters/train/trainer.h"

/* Takes n numbers of “LAYER.what”. */
static gboolean
take (const CnGraph *graph, const CnModelLayer *layer, const char *what, gsize n, float *to,
      GError **error)
{
  g_autofree char *name = g_strdup_printf ("%s.%s", layer->name, what);
  int index = cn_graph_find (graph, name);
  const CnArray *array = index >= 0 ? cn_graph_value (graph, index)->constant : NULL;

  if (array && array->type == CN_TYPE_FLOAT && cn_array_elements (array) == n)
    {
      memcpy (to, array->floats, n * sizeof (float));
      return TRUE;
    }
  cn_set_error (error, CN_ERROR_SHAPE,
                "The network to start from has no “%s” of %zu numbers: it is of another model",
                name, n);
  return FALSE;
}

static gboolean
take_layer (const CnGraph *graph, CnModelLayer *layer, GError **error)
{
  if (layer->kind == &cn_layer_prelu)
    return take (graph, layer, "slope", layer->parameters_n, layer->parameters, error);
  return take (graph, layer, "weight", layer->decayed, layer->parameters, error)
         && take (graph, layer, "bias", layer->parameters_n - layer->decayed,
                  layer->parameters + layer->decayed, error);
}

gboolean
cn_trainer_start (CnTrainer *trainer, const CnGraph *graph, GError **error)
{
  CnModel *model = trainer->model;
  gboolean same_scale = (int) cn_judge_number (graph, "scale", 0) == cn_model_scale (model);

  for (guint i = 0; i < model->layers->len; i++)
    {
      CnModelLayer *layer = g_ptr_array_index (model->layers, i);

      if (layer->kind == &cn_layer_batch_norm)
        {
          cn_set_error (error, CN_ERROR_UNSUPPORTED,
                        "%s: in a network's file batch normalisation is part of the weights, and "
                        "cannot be learned on",
                        layer->name);
          return FALSE;
        }
      if (layer->parameters_n && (layer->kind != &cn_layer_conv_transpose || same_scale)
          && !take_layer (graph, layer, error))
        return FALSE;
    }
  if (trainer->parameters)
    memcpy (trainer->parameters, model->parameters, model->parameters_n * sizeof (float));
  return TRUE;
}
