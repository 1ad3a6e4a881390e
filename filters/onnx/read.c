/* read.c: reads networks: from messages, whose every field may be missing or wrong, to a graph.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/core/error.h"
#include "filters/onnx/private.h"

/* The most attributes of a node, and entries of metadata: more than any real network has. */
#define ATTRIBUTES_MAX 64
#define METADATA_MAX 1024

const int cn_onnx_kinds[CN_ATTRIBUTE_OTHER] = {
  [CN_ATTRIBUTE_FLOAT] = 1,  [CN_ATTRIBUTE_INT] = 2,     [CN_ATTRIBUTE_STRING] = 3,
  [CN_ATTRIBUTE_TENSOR] = 4, [CN_ATTRIBUTE_GRAPH] = 5,   [CN_ATTRIBUTE_FLOATS] = 6,
  [CN_ATTRIBUTE_INTS] = 7,   [CN_ATTRIBUTE_STRINGS] = 8,
};

static gboolean G_GNUC_PRINTF (2, 3) fail (GError **error, const char *format, ...)
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
  return fail (error, "The name of %s %u is not UTF-8", what, index);
}

/* A text for people, where bytes that are not UTF-8 are replaced. */
static char *
text_of (const char *text)
{
  return g_utf8_make_valid (text ? text : "", -1);
}

static int
kind_of (const CnOnnx__Attribute *a)
{
  /* Files of the first versions do not say which kind it is. */
  if (!a->has_type || a->type == 0)
    return a->has_f       ? CN_ATTRIBUTE_FLOAT
           : a->has_i     ? CN_ATTRIBUTE_INT
           : a->has_s     ? CN_ATTRIBUTE_STRING
           : a->t         ? CN_ATTRIBUTE_TENSOR
           : a->n_floats  ? CN_ATTRIBUTE_FLOATS
           : a->n_ints    ? CN_ATTRIBUTE_INTS
           : a->n_strings ? CN_ATTRIBUTE_STRINGS
                          : CN_ATTRIBUTE_OTHER;
  for (int kind = 0; kind < CN_ATTRIBUTE_OTHER; kind++)
    if (cn_onnx_kinds[kind] == a->type)
      return kind;
  return CN_ATTRIBUTE_OTHER;
}

/* A string of bytes, which must be text. */
static char *
string_of (const ProtobufCBinaryData *data, const char *name, GError **error)
{
  if (g_utf8_validate_len ((const char *) data->data, data->len, NULL))
    return g_strndup ((const char *) data->data, data->len);
  fail (error, "The attribute “%s” is not UTF-8", name);
  return NULL;
}

static gboolean
read_strings (CnAttribute *to, const ProtobufCBinaryData *data, gsize n, GError **error)
{
  to->n = (int) n;
  to->strings = g_new0 (char *, n + 1);
  for (gsize i = 0; i < n; i++)
    {
      to->strings[i] = string_of (&data[i], to->name, error);
      if (!to->strings[i])
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_attribute (CnNode *node, CnOnnx__Attribute *a, const char *folder, GError **error)
{
  int kind = kind_of (a);
  CnAttribute *to;

  if (!a->name || cn_node_get (node, a->name))
    return fail (error, "The attribute “%s” has no name, or is there twice",
                 a->name ? a->name : "");
  if (a->ref_attr_name && a->ref_attr_name[0])
    return fail (error, "The attribute “%s” refers to a function's, and there is none", a->name);
  to = cn_node_set (node, a->name, kind);
  switch (kind)
    {
    case CN_ATTRIBUTE_FLOAT:
      to->floats = g_memdup2 (&a->f, sizeof a->f);
      return TRUE;
    case CN_ATTRIBUTE_INT:
      to->ints = g_memdup2 (&a->i, sizeof a->i);
      return TRUE;
    case CN_ATTRIBUTE_STRING:
      return read_strings (to, &a->s, 1, error);
    case CN_ATTRIBUTE_FLOATS:
      to->n = (int) a->n_floats;
      to->floats = g_memdup2 (a->floats, a->n_floats * sizeof (float));
      return TRUE;
    case CN_ATTRIBUTE_INTS:
      to->n = (int) a->n_ints;
      to->ints = g_memdup2 (a->ints, a->n_ints * sizeof (gint64));
      return TRUE;
    case CN_ATTRIBUTE_STRINGS:
      return read_strings (to, a->strings, a->n_strings, error);
    case CN_ATTRIBUTE_TENSOR:
      if (!a->t)
        return fail (error, "The attribute “%s” has no value", a->name);
      if (cn_onnx_type (a->t->data_type) == CN_TYPE_NONE)
        to->kind = CN_ATTRIBUTE_OTHER; /* the check of the graph tells where it is needed */
      else
        to->tensor = cn_onnx_array (a->t, folder, error);
      return to->tensor || to->kind == CN_ATTRIBUTE_OTHER;
    case CN_ATTRIBUTE_GRAPH:
      to->graph = g_bytes_new (a->g.data, a->g.len);
      return TRUE;
    default:
      return TRUE;
    }
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
read_node (CnGraph *graph, CnOnnx__Node *n, guint index, const char *folder, GError **error)
{
  g_autofree const char **inputs = NULL, **outputs = NULL;
  CnNode *node;

  if (!n->op_type || !n->op_type[0])
    return fail (error, "Node %u has no operator", index);
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
    return fail (error, "Node %u has %" G_GSIZE_FORMAT " attributes, and may have %d", index,
                 n->n_attribute, ATTRIBUTES_MAX);
  for (gsize i = 0; i < n->n_attribute; i++)
    if (!check_name (n->attribute[i]->name, "an attribute of node", index, error)
        || !read_attribute (node, n->attribute[i], folder, error))
      {
        g_autofree char *text = cn_node_text (graph, node);

        g_prefix_error (error, "%s: ", text);
        return FALSE;
      }
  return TRUE;
}

/* What a value is declared as; a declaration that says nothing is none. */
static gboolean
read_declaration (CnGraph *graph, const CnOnnx__ValueInfo *info, guint index, CnType *type,
                  CnShape *shape, gboolean *has_shape, GError **error)
{
  const CnOnnx__TensorType *tensor = info->type ? info->type->tensor_type : NULL;
  CnValue *value;
  int found;

  *type = tensor ? cn_onnx_type (tensor->elem_type) : CN_TYPE_NONE;
  *has_shape = tensor && tensor->shape && tensor->shape->n_dim <= CN_RANK_MAX;
  *shape = (CnShape){ 0 };
  if (!info->name || !info->name[0])
    return fail (error, "Value %u has no name", index);
  if (!check_name (info->name, "value", index, error))
    return FALSE;
  found = cn_graph_intern (graph, info->name);
  value = g_ptr_array_index (graph->values, found);
  value->foreign = info->type && (!tensor || (tensor->elem_type && *type == CN_TYPE_NONE));
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
read_values (CnGraph *graph, const CnOnnx__Graph *g, GError **error)
{
  CnType type;
  CnShape shape;
  gboolean has_shape;

  for (gsize i = 0; i < g->n_value_info + g->n_output; i++)
    {
      const CnOnnx__ValueInfo *info =
          i < g->n_value_info ? g->value_info[i] : g->output[i - g->n_value_info];

      if (!read_declaration (graph, info, i, &type, &shape, &has_shape, error))
        return FALSE;
      cn_graph_declare (graph, info->name, type, has_shape ? &shape : NULL);
      if (i >= g->n_value_info)
        cn_graph_add_output (graph, info->name);
    }
  /* Before version 4 of the format, initializers are listed as inputs, too. */
  for (gsize i = 0; i < g->n_input; i++)
    {
      int value;

      if (!read_declaration (graph, g->input[i], i, &type, &shape, &has_shape, error))
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
read_initializers (CnGraph *graph, CnOnnx__Graph *g, const char *folder, GError **error)
{
  for (gsize i = 0; i < g->n_initializer; i++)
    {
      CnOnnx__Tensor *tensor = g->initializer[i];
      CnArray *array;

      if (!tensor->name || !tensor->name[0])
        return fail (error, "Initializer %u has no name", (guint) i);
      if (!check_name (tensor->name, "initializer", i, error))
        return FALSE;
      array = cn_onnx_array (tensor, folder, error);
      if (!array || !cn_graph_add_constant (graph, tensor->name, array, error))
        return FALSE;
    }
  return TRUE;
}

static CnGraph *
read_model (CnOnnx__Model *model, const char *folder, GError **error)
{
  CnOnnx__Graph *g = model->graph;
  g_autoptr (CnGraph) graph = NULL;
  g_autofree char *name = NULL;

  if (!g || model->n_opset_import == 0)
    {
      fail (error, "The file is not a network in ONNX's format, or it is cut off");
      return NULL;
    }
  name = text_of (g->name);
  graph = cn_graph_new (name, 0);
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
      fail (error, "The network has more than %d entries of metadata", METADATA_MAX);
      return NULL;
    }
  for (gsize i = 0; i < model->n_metadata_props; i++)
    {
      g_autofree char *key = text_of (model->metadata_props[i]->key);
      g_autofree char *text = text_of (model->metadata_props[i]->value);

      cn_graph_set_metadata (graph, key, text);
    }
  if (g->n_node > CN_NODES_MAX || g->n_input > CN_NODES_MAX || g->n_output > CN_NODES_MAX)
    {
      fail (error,
            "The network has %" G_GSIZE_FORMAT " nodes, %" G_GSIZE_FORMAT
            " inputs and %" G_GSIZE_FORMAT " outputs, and may have %d of each",
            g->n_node, g->n_input, g->n_output, CN_NODES_MAX);
      return NULL;
    }
  if (!read_initializers (graph, g, folder, error))
    return NULL;
  for (gsize i = 0; i < g->n_node; i++)
    if (!read_node (graph, g->node[i], (guint) i, folder, error))
      return NULL;
  return read_values (graph, g, error) ? g_steal_pointer (&graph) : NULL;
}

CnGraph *
cn_onnx_parse (const guint8 *bytes, gsize n, const char *folder, GError **error)
{
  CnOnnxMemory memory = { CN_ONNX_MEMORY + 2 * n };
  ProtobufCAllocator allocator = { cn_onnx_alloc, cn_onnx_release, &memory };
  CnOnnx__Model *model = cn_onnx__model__unpack (&allocator, n, bytes);
  CnGraph *graph;

  if (!model)
    {
      fail (error, "The file is not a network in ONNX's format, or it is cut off");
      return NULL;
    }
  graph = read_model (model, folder, error);
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
      fail (error, "The file is not an array in ONNX's format, or it is cut off");
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
