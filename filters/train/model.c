/* model.c: a chain of layers that is trained: read from text, laid out in memory, run both ways.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/train/model.h"

#include <string.h>

#include "filters/core/error.h"
#include "filters/train/layer-private.h"

/* What layers may read behind the end of a gradient: see layer-conv.c. */
#define SLACK_PLANES CN_LANES_PRODUCT_OUTS

static CnModelLayer *
layer_at (const CnModel *model, guint index)
{
  return g_ptr_array_index (model->layers, index);
}

static void
layer_free (gpointer data)
{
  CnModelLayer *layer = data;

  if (layer->kind->free && layer->state)
    layer->kind->free (layer->state);
  if (layer->out.data != layer->in.data)
    cn_lanes_clear (&layer->out);
  if (layer->out_gradient.data != layer->in_gradient.data)
    cn_lanes_clear (&layer->out_gradient);
  g_free (layer->name);
  g_free (layer);
}

void
cn_model_free (CnModel *model)
{
  if (!model)
    return;
  g_ptr_array_unref (model->layers);
  cn_lanes_clear (&model->input);
  g_free (model->text);
  g_free (model->parameters);
  g_free (model->gradients);
  g_free (model->statistics);
  g_free (model->decays);
  g_free (model);
}

static gboolean
parse_input (CnModel *model, char **words, GError **error)
{
  CnModelLayer input = { .name = (char *) "input" };
  int channels, height, width;
  double *ends[] = { &(double){ 0 }, &(double){ 1 } };

  if (!cn_layer_number (&input, &words, "channels", 1, 4, &channels, error)
      || !cn_layer_number (&input, &words, "height", 1, 4096, &height, error)
      || !cn_layer_number (&input, &words, "width", 1, 4096, &width, error))
    return FALSE;
  for (int i = 0; i < 2; i++, words++)
    {
      char *end = NULL;

      *ends[i] = *words ? g_ascii_strtod (*words, &end) : 0;
      if (!*words || end == *words || *end || !(*ends[i] >= -1000 && *ends[i] <= 1000))
        {
          cn_set_error (error, CN_ERROR_PARSE,
                        "input: “%s” is “%s”, and must be a number in %d … %d", i ? "high" : "low",
                        *words ? *words : "", -1000, 1000);
          return FALSE;
        }
    }
  model->low = (float) *ends[0];
  model->high = (float) *ends[1];
  model->input.channels = channels;
  model->input.height = height;
  model->input.width = width;
  return cn_layer_end (&input, words, error);
}

/* The name and number of a layer: the third convolution is "conv3". */
static char *
name_of (const CnModel *model, const char *word)
{
  int n = 1;

  for (guint i = 0; i < model->layers->len; i++)
    {
      const char *name = layer_at (model, i)->name;

      n += g_str_has_prefix (name, word) && g_ascii_isdigit (name[strlen (word)]);
    }
  return g_strdup_printf ("%s%d", word, n);
}

static gboolean
parse_layer (CnModel *model, GHashTable *marks, char **words, GError **error)
{
  const CnLayerKind *kind = cn_layer_kind (words[0]);
  CnModelLayer *layer,
      *before = model->layers->len ? layer_at (model, model->layers->len - 1) : NULL;

  if (g_str_equal (words[0], "mark") && model->input.channels && words[1] && !words[2])
    {
      g_hash_table_insert (marks, g_strdup (words[1]), GUINT_TO_POINTER (model->layers->len));
      return TRUE;
    }
  if (!kind || !model->input.channels)
    {
      cn_set_error (error, CN_ERROR_PARSE,
                    kind ? "“%s” comes before the input" : "There is no layer “%s”", words[0]);
      return FALSE;
    }
  layer = g_new0 (CnModelLayer, 1);
  layer->kind = kind;
  layer->name = name_of (model, words[0]);
  layer->index = (int) model->layers->len;
  layer->from = -1;
  layer->biased = TRUE;
  g_ptr_array_add (model->layers, layer);
  if (kind == &cn_layer_batch_norm && before)
    before->biased = FALSE;
  if (kind == &cn_layer_activation)
    for (int i = 0; i < CN_ACTIVATIONS; i++)
      if (g_str_equal (cn_activation_name (i), words[0]))
        layer->activation = cn_activation (i);
  if (!kind->pass_back)
    return kind->parse (layer, words + 1, error);
  if (words[1] && !words[2] && g_hash_table_contains (marks, words[1]))
    {
      layer->from = (int) GPOINTER_TO_UINT (g_hash_table_lookup (marks, words[1]));
      return TRUE;
    }
  cn_set_error (error, CN_ERROR_PARSE, "%s: nothing has the mark “%s”", layer->name,
                words[1] ? words[1] : "");
  return FALSE;
}

static gboolean
parse (CnModel *model, GError **error)
{
  g_auto (GStrv) lines = g_strsplit (model->text, "\n", CN_MODEL_LINES_MAX);
  g_autoptr (GHashTable) marks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (int i = 0; lines[i]; i++)
    {
      g_autoptr (GPtrArray) words = g_ptr_array_new ();
      g_auto (GStrv) all = NULL;
      char **list;

      lines[i][strcspn (lines[i], "#")] = '\0';
      all = g_strsplit_set (lines[i], " \t\r", -1);
      for (int j = 0; all[j]; j++)
        if (*all[j])
          g_ptr_array_add (words, all[j]);
      g_ptr_array_add (words, NULL);
      list = (char **) words->pdata;
      if (!list[0])
        continue;
      if (g_str_equal (list[0], "input") ? !parse_input (model, list + 1, error)
                                         : !parse_layer (model, marks, list, error))
        {
          g_prefix_error (error, "line %d: ", i + 1);
          return FALSE;
        }
    }
  if (model->layers->len)
    return TRUE;
  cn_set_error (error, CN_ERROR_PARSE, "The model has no layers");
  return FALSE;
}

/* Shapes of all layers, and how many numbers the model has. */
static gboolean
plan (CnModel *model, GError **error)
{
  CnLanes shape = model->input;

  for (guint i = 0; i < model->layers->len; i++)
    {
      CnModelLayer *layer = layer_at (model, i);

      layer->in = layer->out = shape;
      if (layer->from >= 0)
        layer->other = layer->from ? &layer_at (model, layer->from - 1)->out : &model->input;
      if (!layer->kind->plan (layer, error))
        return FALSE;
      shape = layer->out;
      model->parameters_n += layer->parameters_n;
      model->statistics_n += layer->statistics_n;
    }
  return TRUE;
}

/* Whether the layer's input may be overwritten: no mark leads there, the layer before does not need
   it again, and it is not the model's input. */
static gboolean
may_be_in_place (const CnModel *model, const CnModelLayer *layer)
{
  if (!layer->kind->in_place || layer->index == 0
      || layer_at (model, layer->index - 1)->kind->needs_output)
    return FALSE;
  for (guint i = 0; i < model->layers->len; i++)
    if (layer_at (model, i)->from == layer->index)
      return FALSE;
  return TRUE;
}

static gboolean
allocate (CnModel *model, GError **error)
{
  CnLanes before = model->input, gradient = model->input;
  gsize parameters = 0, statistics = 0;

  gradient.data = NULL;
  for (guint i = 0; i < model->layers->len; i++)
    {
      CnModelLayer *layer = layer_at (model, i);

      layer->in = before;
      layer->in_gradient = gradient;
      layer->out_gradient = layer->out;
      if (may_be_in_place (model, layer))
        {
          layer->out.data = layer->in.data;
          layer->out_gradient.data = layer->in_gradient.data;
        }
      else if (!cn_lanes_alloc (&layer->out, 0, error)
               || !cn_lanes_alloc (&layer->out_gradient,
                                   SLACK_PLANES * cn_lanes_plane (&layer->out), error))
        return FALSE;
      before = layer->out;
      gradient = layer->out_gradient;
      layer->parameters = model->parameters + parameters;
      layer->gradients = model->gradients + parameters;
      layer->statistics = model->statistics + statistics;
      memset (model->decays + parameters, 1, layer->decayed);
      parameters += layer->parameters_n;
      statistics += layer->statistics_n;
      if (layer->kind->prepare && !layer->kind->prepare (layer, error))
        return FALSE;
    }
  return TRUE;
}

CnModel *
cn_model_new (const char *text, int blocks, guint64 seed, GError **error)
{
  g_autoptr (CnModel) model = g_new0 (CnModel, 1);

  model->text = g_strdup (text);
  model->layers = g_ptr_array_new_with_free_func (layer_free);
  if (!parse (model, error))
    return NULL;
  model->input.blocks = blocks;
  if (!plan (model, error))
    return NULL;
  model->parameters = g_try_new0 (float, MAX (model->parameters_n, 1));
  model->gradients = g_try_new0 (float, MAX (model->parameters_n, 1));
  model->statistics = g_try_new0 (float, MAX (model->statistics_n, 1));
  model->decays = g_try_new0 (guint8, MAX (model->parameters_n, 1));
  if (!model->parameters || !model->gradients || !model->statistics || !model->decays)
    {
      cn_set_error (error, CN_ERROR_MEMORY, "There is no memory for %zu parameters",
                    model->parameters_n);
      return NULL;
    }
  if (!cn_lanes_alloc (&model->input, 0, error) || !allocate (model, error))
    return NULL;
  for (guint i = 0; i < model->layers->len; i++)
    if (layer_at (model, i)->kind->init)
      layer_at (model, i)->kind->init (layer_at (model, i), seed);
  return g_steal_pointer (&model);
}

const CnLanes *
cn_model_output (const CnModel *model)
{
  return &layer_at (model, model->layers->len - 1)->out;
}

const CnLanes *
cn_model_output_gradient (const CnModel *model)
{
  return &layer_at (model, model->layers->len - 1)->out_gradient;
}

int
cn_model_scale (const CnModel *model)
{
  int scale = 1;
  gboolean larger = FALSE;

  for (guint i = 0; i < model->layers->len; i++)
    if (layer_at (model, i)->kind == &cn_layer_conv_transpose)
      {
        scale *= layer_at (model, i)->stride;
        larger = TRUE;
      }
  return larger ? scale : 0;
}

int
cn_model_margin (const CnModel *model)
{
  return (model->input.height - cn_model_output (model)->height / MAX (cn_model_scale (model), 1))
         / 2;
}

gboolean
cn_model_forward (CnModel *model, gboolean training, const CnRun *run, GError **error)
{
  for (guint i = 0; i < model->layers->len; i++)
    {
      CnModelLayer *layer = layer_at (model, i);

      if (!layer->kind->forward (layer, training, run, error))
        return FALSE;
    }
  return TRUE;
}

/* Adds the gradients from layers that take the layer's output because of a mark. */
static void
add_gradients (const CnModel *model, const CnModelLayer *layer)
{
  for (guint i = 0; i < model->layers->len; i++)
    {
      const CnModelLayer *later = layer_at (model, i);

      if (later->from == layer->index + 1)
        later->kind->pass_back (later, &layer->out_gradient);
    }
}

gboolean
cn_model_backward (CnModel *model, const CnRun *run, GError **error)
{
  for (guint i = model->layers->len; i-- > 0;)
    {
      CnModelLayer *layer = layer_at (model, i);

      add_gradients (model, layer);
      if (!layer->kind->backward (layer, run, error))
        return FALSE;
    }
  return TRUE;
}
