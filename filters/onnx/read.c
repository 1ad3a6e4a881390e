/* read.c: reads networks: from messages, whose every field may be missing or wrong, to a graph.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/core/error.h"
#include "filters/onnx/private.h"

/* The most attributes of a node, and entries of metadata: more than any real network has. */
#define ATTRIBUTES_MAX 64
#define METADATA_MAX 1024

gboolean
cn_onnx_fail (GError **error, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_propagate_error (error, g_error_new_valist (CN_ERROR, CN_ERROR_PARSE, format, arguments));
  va_end (arguments);
  return FALSE;
}

/* A name as it must be; “what” is what it names. */
static gboolean
check_name (const char *name, const char *what, guint index, GError **error)
{
  if (!name || g_utf8_validate (name, -1, NULL))
    return TRUE;
  return cn_onnx_fail (error, "The name of %s %u is not UTF-8", what, index);
}

/* A text for people, where bytes that are not UTF-8 are replaced. */
static char *
text_of (const char *text)
{
  return g_utf8_make_valid (text ? text : "", -1);
}

/* Names ended by NULL; they stay the message's. */
static const char **
names_of (char *const *names, gsize n, guint node, GError **error)
{
  g_autofree const char **list = g_new0 (const char *, n + 1);

  for (gsize i = 0; i < n; i++)
    {
      if (!check_name (names[i], "a value of node", node, error))
        return NULL;
      list[i] = names[i];
    }
  return g_steal_pointer (&list);
}

static gboolean
read_node (CnOnnxReader *reader, CnGraph *graph, CnOnnx__Node *n, guint index, GError **error)
{
  g_autofree const char **inputs = NULL, **outputs = NULL;
  CnNode *node;

  if (!n->op_type || !n->op_type[0])
    return cn_onnx_fail (error, "Node %u has no operator", index);
  if (!check_name (n->op_type, "the operator of node", index, error)
      || !check_name (n->name, "node", index, error)
      || !check_name (n->domain, "the domain of node", index, error)
      || !(inputs = names_of (n->input, n->n_input, index, error))
      || !(outputs = names_of (n->output, n->n_output, index, error))
      || !(node = cn_graph_add_node (graph, n->op_type, n->name, inputs, outputs, error)))
    return FALSE;
  if (n->domain)
    {
      g_free (node->domain);
      node->domain = g_strdup (n->domain);
    }
  if (n->n_attribute > ATTRIBUTES_MAX)
    return cn_onnx_fail (error, "Node %u has %" G_GSIZE_FORMAT " attributes, and may have %d",
                         index, n->n_attribute, ATTRIBUTES_MAX);
  for (gsize i = 0; i < n->n_attribute; i++)
    if (!check_name (n->attribute[i]->name, "an attribute of node", index, error)
        || !cn_onnx_read_attribute (reader, graph, node, n->attribute[i], error))
      {
        g_autofree char *text = cn_node_text (graph, node);

        g_prefix_error (error, "%s: ", text);
        return FALSE;
      }
  return TRUE;
}

/* The type of the arrays in a sequence; CN_TYPE_NONE if it is one of anything else. */
static CnType
read_item_type (CnOnnxReader *reader, const ProtobufCBinaryData *bytes)
{
  CnOnnx__SequenceType *sequence =
      cn_onnx__sequence_type__unpack (reader->allocator, bytes->len, bytes->data);
  CnType type = CN_TYPE_NONE;

  if (sequence && sequence->elem_type && sequence->elem_type->tensor_type)
    type = cn_onnx_type (sequence->elem_type->tensor_type->elem_type);
  if (sequence)
    cn_onnx__sequence_type__free_unpacked (sequence, reader->allocator);
  return type;
}

/* What a value is declared as; a declaration that says nothing is none. */
static gboolean
read_declaration (CnOnnxReader *reader, CnGraph *graph, const CnOnnx__ValueInfo *info, guint index,
                  CnType *type, CnShape *shape, gboolean *has_shape, GError **error)
{
  const CnOnnx__TensorType *tensor = info->type ? info->type->tensor_type : NULL;
  CnValue *value;
  int found;

  *type = tensor ? cn_onnx_type (tensor->elem_type) : CN_TYPE_NONE;
  *has_shape = tensor && tensor->shape && tensor->shape->n_dim <= CN_RANK_MAX;
  *shape = (CnShape){ 0 };
  if (!info->name || !info->name[0])
    return cn_onnx_fail (error, "Value %u has no name", index);
  if (!check_name (info->name, "value", index, error))
    return FALSE;
  found = cn_graph_intern (graph, info->name);
  value = g_ptr_array_index (graph->values, found);
  value->bits = tensor ? cn_onnx_bits (tensor->elem_type) : 0;
  if (info->type && info->type->has_sequence_type)
    {
      value->item = read_item_type (reader, &info->type->sequence_type);
      *type = value->item == CN_TYPE_NONE ? CN_TYPE_NONE : CN_TYPE_SEQUENCE;
    }
  value->foreign = info->type && *type == CN_TYPE_NONE && !info->type->has_optional_type
                   && !(tensor && !tensor->elem_type);
  if (!*has_shape)
    return TRUE;
  shape->rank = (int) tensor->shape->n_dim;
  for (int i = 0; i < shape->rank; i++)
    {
      const CnOnnx__Dimension *dim = tensor->shape->dim[i];

      shape->dims[i] = dim->has_dim_value && dim->dim_value >= 0 ? dim->dim_value : -1;
      if (shape->dims[i] >= 0 || !dim->dim_param || !dim->dim_param[0])
        continue;
      g_free (value->dim_names[i]);
      value->dim_names[i] = text_of (dim->dim_param);
    }
  return TRUE;
}

static gboolean
read_values (CnOnnxReader *reader, CnGraph *graph, const CnOnnx__Graph *g, GError **error)
{
  CnType type;
  CnShape shape;
  gboolean has_shape;

  for (gsize i = 0; i < g->n_value_info + g->n_output; i++)
    {
      const CnOnnx__ValueInfo *info =
          i < g->n_value_info ? g->value_info[i] : g->output[i - g->n_value_info];

      if (!read_declaration (reader, graph, info, i, &type, &shape, &has_shape, error))
        return FALSE;
      cn_graph_declare (graph, info->name, type, has_shape ? &shape : NULL);
      if (i >= g->n_value_info)
        cn_graph_add_output (graph, info->name);
    }
  /* Before version 4 of the format, initializers are listed as inputs, too. */
  for (gsize i = 0; i < g->n_input; i++)
    {
      int value;

      if (!read_declaration (reader, graph, g->input[i], i, &type, &shape, &has_shape, error))
        return FALSE;
      value = cn_graph_find (graph, g->input[i]->name);
      if (value >= 0 && cn_graph_value (graph, value)->constant)
        cn_graph_declare (graph, g->input[i]->name, type, has_shape ? &shape : NULL);
      else if (!cn_graph_add_input (graph, g->input[i]->name, type, has_shape ? &shape : NULL,
                                    error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_initializers (const CnOnnxReader *reader, CnGraph *graph, CnOnnx__Graph *g, GError **error)
{
  for (gsize i = 0; i < g->n_initializer; i++)
    {
      CnOnnx__Tensor *tensor = g->initializer[i];
      CnArray *array;

      if (!tensor->name || !tensor->name[0])
        return cn_onnx_fail (error, "Initializer %u has no name", (guint) i);
      if (!check_name (tensor->name, "initializer", i, error))
        return FALSE;
      array = cn_onnx_array (tensor, reader->folder, error);
      if (!array || !cn_graph_add_constant (graph, tensor->name, array, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
cn_onnx_read_graph (CnOnnxReader *reader, CnGraph *graph, CnOnnx__Graph *g, GError **error)
{
  if (g->n_node > CN_NODES_MAX || g->n_input > CN_NODES_MAX || g->n_output > CN_NODES_MAX)
    return cn_onnx_fail (error,
                         "The network has %" G_GSIZE_FORMAT " nodes, %" G_GSIZE_FORMAT
                         " inputs and %" G_GSIZE_FORMAT " outputs, and may have %d of each",
                         g->n_node, g->n_input, g->n_output, CN_NODES_MAX);
  graph->name = text_of (g->name);
  if (!read_initializers (reader, graph, g, error))
    return FALSE;
  for (gsize i = 0; i < g->n_node; i++)
    if (!read_node (reader, graph, g->node[i], (guint) i, error))
      return FALSE;
  return read_values (reader, graph, g, error);
}

static CnGraph *
read_model (CnOnnxReader *reader, CnOnnx__Model *model, GError **error)
{
  CnOnnx__Graph *g = model->graph;
  g_autoptr (CnGraph) graph = NULL;

  if (!g || model->n_opset_import == 0)
    {
      cn_onnx_fail (error, "The file is not a network in ONNX's format, or it is cut off");
      return NULL;
    }
  graph = cn_graph_new (NULL, 0);
  graph->producer = text_of (model->producer_name);
  graph->description = text_of (model->doc_string ? model->doc_string : g->doc_string);
  for (gsize i = 0; i < model->n_opset_import; i++)
    {
      const CnOnnx__OperatorSet *set = model->opset_import[i];
      g_autofree char *domain = text_of (set->domain);

      if (domain[0] && strcmp (domain, "ai.onnx") != 0)
        g_hash_table_insert (graph->opsets, g_steal_pointer (&domain),
                             GINT_TO_POINTER ((int) CLAMP (set->version, 0, G_MAXINT)));
      else
        graph->opset = (int) CLAMP (set->version, 0, G_MAXINT);
    }
  if (model->n_metadata_props > METADATA_MAX)
    {
      cn_onnx_fail (error, "The network has more than %d entries of metadata", METADATA_MAX);
      return NULL;
    }
  for (gsize i = 0; i < model->n_metadata_props; i++)
    {
      g_autofree char *key = text_of (model->metadata_props[i]->key);
      g_autofree char *text = text_of (model->metadata_props[i]->value);

      cn_graph_set_metadata (graph, key, text);
    }
  return cn_onnx_read_graph (reader, graph, g, error) ? g_steal_pointer (&graph) : NULL;
}

CnGraph *
cn_onnx_parse (const guint8 *bytes, gsize n, const char *folder, GError **error)
{
  CnOnnxMemory memory = { CN_ONNX_MEMORY + 2 * n };
  ProtobufCAllocator allocator = { cn_onnx_alloc, cn_onnx_release, &memory };
  CnOnnxReader reader = { folder, &allocator, 0 };
  CnOnnx__Model *model = cn_onnx__model__unpack (&allocator, n, bytes);
  CnGraph *graph;

  if (!model)
    {
      cn_onnx_fail (error, "The file is not a network in ONNX's format, or it is cut off");
      return NULL;
    }
  graph = read_model (&reader, model, error);
  cn_onnx__model__free_unpacked (model, &allocator);
  return graph;
}

CnArray *
cn_onnx_parse_array (const guint8 *bytes, gsize n, char **name, GError **error)
{
  CnOnnxMemory memory = { CN_ONNX_MEMORY + 2 * n };
  ProtobufCAllocator allocator = { cn_onnx_alloc, cn_onnx_release, &memory };
  CnOnnx__Tensor *tensor = cn_onnx__tensor__unpack (&allocator, n, bytes);
  CnArray *array;

  if (!tensor)
    {
      cn_onnx_fail (error, "The file is not an array in ONNX's format, or it is cut off");
      return NULL;
    }
  array = cn_onnx_array (tensor, NULL, error);
  if (name)
    *name = text_of (tensor->name);
  cn_onnx__tensor__free_unpacked (tensor, &allocator);
  return array;
}

CnGraph *
cn_onnx_read (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree guint8 *bytes = NULL;
  gsize n;

  bytes = cn_onnx_contents (path, CN_ONNX_FILE_MAX, &n, error);
  return bytes ? cn_onnx_parse (bytes, n, folder, error) : NULL;
}
