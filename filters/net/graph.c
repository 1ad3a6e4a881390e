/* graph.c: a network as a graph: operators (nodes) that make named values from named values.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/net/graph.h"

#include <string.h>

#include "filters/core/error.h"

static void
attribute_free (CnAttribute *attribute)
{
  g_free (attribute->name);
  g_free (attribute->floats);
  g_free (attribute->ints);
  g_strfreev (attribute->strings);
  cn_array_free (attribute->tensor);
  cn_graph_free (attribute->graph);
  g_free (attribute);
}

static void
node_free (CnNode *node)
{
  g_free (node->name);
  g_free (node->op);
  g_free (node->domain);
  g_free (node->inputs);
  g_free (node->outputs);
  g_ptr_array_unref (node->attributes);
  g_free (node);
}

static void
value_free (CnValue *value)
{
  g_free (value->name);
  for (int i = 0; i < CN_RANK_MAX; i++)
    g_free (value->dim_names[i]);
  cn_array_free (value->constant);
  g_free (value);
}

CnGraph *
cn_graph_new (const char *name, int opset)
{
  CnGraph *graph = g_new0 (CnGraph, 1);

  graph->name = g_strdup (name);
  graph->opset = opset;
  graph->nodes = g_ptr_array_new_with_free_func ((GDestroyNotify) node_free);
  graph->values = g_ptr_array_new_with_free_func ((GDestroyNotify) value_free);
  graph->inputs = g_array_new (FALSE, FALSE, sizeof (int));
  graph->outputs = g_array_new (FALSE, FALSE, sizeof (int));
  graph->keys = g_ptr_array_new_with_free_func (g_free);
  graph->texts = g_ptr_array_new_with_free_func (g_free);
  graph->names = g_hash_table_new (g_str_hash, g_str_equal);
  graph->opsets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return graph;
}

void
cn_graph_free (CnGraph *graph)
{
  if (!graph)
    return;
  g_hash_table_unref (graph->opsets);
  g_hash_table_unref (graph->names);
  g_ptr_array_unref (graph->texts);
  g_ptr_array_unref (graph->keys);
  g_array_unref (graph->outputs);
  g_array_unref (graph->inputs);
  g_ptr_array_unref (graph->values);
  g_ptr_array_unref (graph->nodes);
  g_free (graph->description);
  g_free (graph->producer);
  g_free (graph->name);
  g_free (graph);
}

const CnNode *
cn_graph_node (const CnGraph *graph, int index)
{
  return g_ptr_array_index (graph->nodes, index);
}

const CnValue *
cn_graph_value (const CnGraph *graph, int index)
{
  return g_ptr_array_index (graph->values, index);
}

int
cn_graph_find (const CnGraph *graph, const char *name)
{
  return GPOINTER_TO_INT (g_hash_table_lookup (graph->names, name)) - 1;
}

int
cn_graph_intern (CnGraph *graph, const char *name)
{
  int index = cn_graph_find (graph, name);
  CnValue *value;

  if (index >= 0)
    return index;
  value = g_new0 (CnValue, 1);
  value->name = g_strdup (name);
  value->producer = -1;
  g_ptr_array_add (graph->values, value);
  g_hash_table_insert (graph->names, value->name, GINT_TO_POINTER (graph->values->len));
  return graph->values->len - 1;
}

/* The value of that name, which is there afterwards. */
static CnValue *
intern_value (CnGraph *graph, const char *name)
{
  int index = cn_graph_intern (graph, name);

  return g_ptr_array_index (graph->values, index);
}

void
cn_graph_declare (CnGraph *graph, const char *name, CnType type, const CnShape *shape)
{
  CnValue *value = intern_value (graph, name);

  value->type = type;
  value->has_shape = shape != NULL;
  if (shape)
    value->shape = *shape;
}

gboolean
cn_graph_add_input (CnGraph *graph, const char *name, CnType type, const CnShape *shape,
                    GError **error)
{
  int index = cn_graph_intern (graph, name);

  for (guint i = 0; i < graph->inputs->len; i++)
    if (g_array_index (graph->inputs, int, i) == index)
      {
        cn_set_error (error, CN_ERROR_ARGUMENT, "The input “%s” is declared twice", name);
        return FALSE;
      }
  cn_graph_declare (graph, name, type, shape);
  g_array_append_val (graph->inputs, index);
  return TRUE;
}

void
cn_graph_add_output (CnGraph *graph, const char *name)
{
  int index = cn_graph_intern (graph, name);

  g_array_append_val (graph->outputs, index);
}

gboolean
cn_graph_add_constant (CnGraph *graph, const char *name, CnArray *array, GError **error)
{
  CnValue *value = intern_value (graph, name);

  if (value->constant || value->producer >= 0)
    {
      cn_set_error (error, CN_ERROR_ARGUMENT, "The value “%s” is made twice", name);
      cn_array_free (array);
      return FALSE;
    }
  value->constant = array;
  return TRUE;
}

gboolean
cn_graph_add_floats (CnGraph *graph, const char *name, const CnShape *shape, const float *floats,
                     GError **error)
{
  CnArray *array = cn_array_copy (CN_TYPE_FLOAT, shape, floats, error);

  return array && cn_graph_add_constant (graph, name, array, error);
}

/* Indices of the values of these names; −1 for "". */
static int *
intern_all (CnGraph *graph, const char *const *names, int n)
{
  int *indices = g_new (int, MAX (n, 1));

  for (int i = 0; i < n; i++)
    indices[i] = names[i][0] ? cn_graph_intern (graph, names[i]) : -1;
  return indices;
}

CnNode *
cn_graph_add_node (CnGraph *graph, const char *op, const char *name, const char *const *inputs,
                   const char *const *outputs, GError **error)
{
  CnNode *node;

  if (graph->nodes->len >= CN_NODES_MAX)
    {
      cn_set_error (error, CN_ERROR_ARGUMENT, "The network has more than %d nodes", CN_NODES_MAX);
      return NULL;
    }
  node = g_new0 (CnNode, 1);
  node->name = g_strdup (name ? name : "");
  node->op = g_strdup (op);
  node->domain = g_strdup ("");
  node->n_inputs = g_strv_length ((char **) inputs);
  node->n_outputs = g_strv_length ((char **) outputs);
  node->inputs = intern_all (graph, inputs, node->n_inputs);
  node->outputs = intern_all (graph, outputs, node->n_outputs);
  node->attributes = g_ptr_array_new_with_free_func ((GDestroyNotify) attribute_free);
  g_ptr_array_add (graph->nodes, node);
  for (int i = 0; i < node->n_outputs; i++)
    {
      CnValue *value;

      if (node->outputs[i] < 0)
        continue;
      value = g_ptr_array_index (graph->values, node->outputs[i]);
      if (value->producer >= 0 || value->constant)
        {
          g_autofree char *text = cn_node_text (graph, node);

          cn_set_error (error, CN_ERROR_ARGUMENT, "%s makes “%s”, which is made elsewhere already",
                        text, value->name);
          return NULL;
        }
      value->producer = graph->nodes->len - 1;
    }
  return node;
}

CnAttribute *
cn_node_set (CnNode *node, const char *name, CnAttributeKind kind)
{
  CnAttribute *attribute = (CnAttribute *) cn_node_get (node, name);

  if (attribute)
    g_ptr_array_remove (node->attributes, attribute);
  attribute = g_new0 (CnAttribute, 1);
  attribute->name = g_strdup (name);
  attribute->kind = kind;
  attribute->n = 1;
  g_ptr_array_add (node->attributes, attribute);
  return attribute;
}

const CnAttribute *
cn_node_get (const CnNode *node, const char *name)
{
  for (guint i = 0; i < node->attributes->len; i++)
    {
      const CnAttribute *attribute = g_ptr_array_index (node->attributes, i);

      if (strcmp (attribute->name, name) == 0)
        return attribute;
    }
  return NULL;
}

void
cn_node_set_int (CnNode *node, const char *name, gint64 value)
{
  cn_node_set_ints (node, name, 1, &value);
  ((CnAttribute *) cn_node_get (node, name))->kind = CN_ATTRIBUTE_INT;
}

void
cn_node_set_float (CnNode *node, const char *name, float value)
{
  cn_node_set_floats (node, name, 1, &value);
  ((CnAttribute *) cn_node_get (node, name))->kind = CN_ATTRIBUTE_FLOAT;
}

void
cn_node_set_string (CnNode *node, const char *name, const char *value)
{
  CnAttribute *attribute = cn_node_set (node, name, CN_ATTRIBUTE_STRING);

  attribute->strings = g_new0 (char *, 2);
  attribute->strings[0] = g_strdup (value);
}

void
cn_node_set_ints (CnNode *node, const char *name, int n, const gint64 *values)
{
  CnAttribute *attribute = cn_node_set (node, name, CN_ATTRIBUTE_INTS);

  attribute->n = n;
  attribute->ints = g_memdup2 (values, n * sizeof *values);
}

void
cn_node_set_floats (CnNode *node, const char *name, int n, const float *values)
{
  CnAttribute *attribute = cn_node_set (node, name, CN_ATTRIBUTE_FLOATS);

  attribute->n = n;
  attribute->floats = g_memdup2 (values, n * sizeof *values);
}

void
cn_node_set_tensor (CnNode *node, const char *name, CnArray *array)
{
  cn_node_set (node, name, CN_ATTRIBUTE_TENSOR)->tensor = array;
}

GArray *
cn_graph_captures (const CnGraph *graph)
{
  GArray *captures = g_array_new (FALSE, FALSE, sizeof (int));
  g_autofree gboolean *given = g_new0 (gboolean, graph->values->len + 1);

  for (guint i = 0; i < graph->inputs->len; i++)
    given[g_array_index (graph->inputs, int, i)] = TRUE;
  for (int i = 0; i < (int) graph->values->len; i++)
    {
      const CnValue *value = cn_graph_value (graph, i);

      if (value->producer < 0 && !value->constant && !given[i])
        g_array_append_val (captures, i);
    }
  return captures;
}

void
cn_node_set_graph (CnGraph *graph, CnNode *node, const char *name, CnGraph *body)
{
  g_autoptr (GArray) captures = cn_graph_captures (body);
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

  cn_node_set (node, name, CN_ATTRIBUTE_GRAPH)->graph = body;
  body->opset = graph->opset;
  for (int i = node->n_inputs - node->n_captured; i < node->n_inputs; i++)
    g_hash_table_add (seen, GINT_TO_POINTER (node->inputs[i] + 1));
  node->inputs = g_renew (int, node->inputs, (guint) node->n_inputs + captures->len + 1);
  for (guint i = 0; i < captures->len; i++)
    {
      const CnValue *value = cn_graph_value (body, g_array_index (captures, int, i));
      int outer = cn_graph_intern (graph, value->name);

      if (!g_hash_table_add (seen, GINT_TO_POINTER (outer + 1)))
        continue;
      node->inputs[node->n_inputs++] = outer;
      node->n_captured++;
    }
}

char *
cn_node_text (const CnGraph *graph, const CnNode *node)
{
  if (node->name[0])
    return g_strdup_printf ("%s “%s”", node->op, node->name);
  for (int i = 0; i < node->n_outputs; i++)
    if (node->outputs[i] >= 0)
      return g_strdup_printf ("%s → “%s”", node->op,
                              cn_graph_value (graph, node->outputs[i])->name);
  return g_strdup (node->op);
}

static int
find_key (const CnGraph *graph, const char *key)
{
  for (guint i = 0; i < graph->keys->len; i++)
    if (strcmp (g_ptr_array_index (graph->keys, i), key) == 0)
      return i;
  return -1;
}

void
cn_graph_set_metadata (CnGraph *graph, const char *key, const char *text)
{
  int i = find_key (graph, key);

  if (i >= 0)
    {
      g_free (graph->texts->pdata[i]);
      graph->texts->pdata[i] = g_strdup (text);
      return;
    }
  g_ptr_array_add (graph->keys, g_strdup (key));
  g_ptr_array_add (graph->texts, g_strdup (text));
}

const char *
cn_graph_metadata (const CnGraph *graph, const char *key)
{
  int i = find_key (graph, key);

  return i < 0 ? NULL : g_ptr_array_index (graph->texts, i);
}
