/* attribute.c: reads attributes of nodes, graphs among them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/onnx/private.h"

/* How deep graphs may lie in attributes of nodes of graphs in attributes. */
#define DEPTH_MAX 8

const int cn_onnx_kinds[CN_ATTRIBUTE_OTHER] = {
  [CN_ATTRIBUTE_FLOAT] = 1,  [CN_ATTRIBUTE_INT] = 2,     [CN_ATTRIBUTE_STRING] = 3,
  [CN_ATTRIBUTE_TENSOR] = 4, [CN_ATTRIBUTE_GRAPH] = 5,   [CN_ATTRIBUTE_FLOATS] = 6,
  [CN_ATTRIBUTE_INTS] = 7,   [CN_ATTRIBUTE_STRINGS] = 8,
};

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
  if (data->len == 0) /* then there may be no data either */
    return g_strdup ("");
  if (g_utf8_validate_len ((const char *) data->data, data->len, NULL))
    return g_strndup ((const char *) data->data, data->len);
  cn_onnx_fail (error, "The attribute “%s” is not UTF-8", name);
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

/* A graph in an attribute. */
static gboolean
read_body (CnOnnxReader *reader, CnGraph *graph, CnNode *node, const CnOnnx__Attribute *a,
           GError **error)
{
  CnOnnx__Graph *g;
  g_autoptr (CnGraph) body = NULL;
  gboolean fine;

  if (reader->depth == DEPTH_MAX)
    return cn_onnx_fail (error, "Graphs in attributes lie more than %d deep in one another",
                         DEPTH_MAX);
  g = cn_onnx__graph__unpack (reader->allocator, a->g.len, a->g.data);
  if (!g)
    return cn_onnx_fail (error, "The attribute “%s” is no graph", a->name);
  body = cn_graph_new (NULL, graph->opset);
  reader->depth++;
  fine = cn_onnx_read_graph (reader, body, g, error);
  reader->depth--;
  cn_onnx__graph__free_unpacked (g, reader->allocator);
  if (fine)
    cn_node_set_graph (graph, node, a->name, g_steal_pointer (&body));
  return fine;
}

gboolean
cn_onnx_read_attribute (CnOnnxReader *reader, CnGraph *graph, CnNode *node, CnOnnx__Attribute *a,
                        GError **error)
{
  int kind = kind_of (a);
  CnAttribute *to;

  if (!a->name || cn_node_get (node, a->name))
    return cn_onnx_fail (error, "The attribute “%s” has no name, or is there twice",
                         a->name ? a->name : "");
  if (a->ref_attr_name && a->ref_attr_name[0])
    return cn_onnx_fail (error, "The attribute “%s” refers to a function's, and there is none",
                         a->name);
  if (kind == CN_ATTRIBUTE_GRAPH)
    return read_body (reader, graph, node, a, error);
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
        return cn_onnx_fail (error, "The attribute “%s” has no value", a->name);
      if (cn_onnx_type (a->t->data_type) == CN_TYPE_NONE)
        to->kind = CN_ATTRIBUTE_OTHER; /* the check of the graph tells where it is needed */
      else
        to->tensor = cn_onnx_array (a->t, reader->folder, error);
      return to->tensor || to->kind == CN_ATTRIBUTE_OTHER;
    default:
      return TRUE;
    }
}
