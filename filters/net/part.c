/* part.c: takes a part out of a network: copies the nodes and constants that some values need.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/net/part.h"

#include "filters/core/error.h"
#include "filters/net/plan-private.h"

static CnGraph *copy_graph (const CnGraph *from, GError **error);

/* Copies what is declared of a value, and its constant unless it is `given`. */
static gboolean
copy_value (CnGraph *to, const CnValue *from, gboolean given, GError **error)
{
  int index = cn_graph_intern (to, from->name);
  CnValue *value = g_ptr_array_index (to->values, index);
  CnArray *array;

  value->type = from->type;
  value->item = from->item;
  value->foreign = from->foreign;
  value->has_shape = from->has_shape;
  value->shape = from->shape;
  for (int i = 0; i < CN_RANK_MAX; i++)
    {
      g_free (value->dim_names[i]);
      value->dim_names[i] = g_strdup (from->dim_names[i]);
    }
  if (from->constant && given)
    cn_graph_declare (to, from->name, from->constant->type, &from->constant->shape);
  if (!from->constant || given || value->constant)
    return TRUE;
  array = cn_array_copy (from->constant->type, &from->constant->shape, from->constant->data, error);
  if (array)
    array->bits = from->constant->bits;
  return array && cn_graph_add_constant (to, from->name, array, error);
}

static gboolean
copy_attribute (CnGraph *graph, CnNode *node, const CnAttribute *from, GError **error)
{
  CnGraph *body = NULL;
  CnArray *tensor = NULL;
  CnAttribute *to;

  if (from->graph)
    {
      body = copy_graph (from->graph, error);
      if (body)
        cn_node_set_graph (graph, node, from->name, body);
      return body != NULL;
    }
  if (from->tensor)
    {
      tensor = cn_array_copy (from->tensor->type, &from->tensor->shape, from->tensor->data, error);
      if (!tensor)
        return FALSE;
    }
  to = cn_node_set (node, from->name, from->kind);
  to->n = from->n;
  to->floats = from->floats ? g_memdup2 (from->floats, (gsize) from->n * sizeof (float)) : NULL;
  to->ints = from->ints ? g_memdup2 (from->ints, (gsize) from->n * sizeof (gint64)) : NULL;
  to->strings = g_strdupv (from->strings);
  to->tensor = tensor;
  return TRUE;
}

/* A name for what a node makes and nobody may use: the value itself is given. */
static char *
spare_name (const CnGraph *from, const char *name)
{
  char *spare = g_strdup_printf ("%s.made", name);

  while (cn_graph_find (from, spare) >= 0)
    {
      g_autofree char *shorter = spare;

      spare = g_strdup_printf ("%s.made", shorter);
    }
  return spare;
}

/* Copies a node with the values that it uses; `given` are values that others must not make. */
static gboolean
copy_node (CnGraph *to, const CnGraph *from, const CnNode *node, const gboolean *given,
           GError **error)
{
  g_autoptr (GPtrArray) inputs = g_ptr_array_new (), outputs = g_ptr_array_new ();
  g_autoptr (GPtrArray) spare = g_ptr_array_new_with_free_func (g_free);
  CnNode *copy;

  for (int i = 0; i < node->n_inputs + node->n_outputs; i++)
    {
      gboolean is_input = i < node->n_inputs;
      int index = is_input ? node->inputs[i] : node->outputs[i - node->n_inputs];
      const CnValue *value = index < 0 ? NULL : cn_graph_value (from, index);
      char *name = value ? value->name : (char *) "";

      if (value && !is_input && given[index])
        g_ptr_array_add (spare, name = spare_name (from, name));
      else if (value && !copy_value (to, value, given[index], error))
        return FALSE;
      if (i < node->n_inputs - node->n_captured || !is_input)
        g_ptr_array_add (is_input ? inputs : outputs, name);
    }
  g_ptr_array_add (inputs, NULL);
  g_ptr_array_add (outputs, NULL);
  copy = cn_graph_add_node (to, node->op, node->name, (const char *const *) inputs->pdata,
                            (const char *const *) outputs->pdata, error);
  if (!copy)
    return FALSE;
  g_free (copy->domain);
  copy->domain = g_strdup (node->domain);
  for (guint i = 0; i < node->attributes->len; i++)
    if (!copy_attribute (to, copy, g_ptr_array_index (node->attributes, i), error))
      return FALSE;
  return TRUE;
}

static void
copy_head (CnGraph *to, const CnGraph *from)
{
  GHashTableIter iter;
  gpointer domain, version;

  to->producer = g_strdup (from->producer);
  to->description = g_strdup (from->description);
  for (guint i = 0; i < from->keys->len; i++)
    cn_graph_set_metadata (to, g_ptr_array_index (from->keys, i),
                           g_ptr_array_index (from->texts, i));
  g_hash_table_iter_init (&iter, from->opsets);
  while (g_hash_table_iter_next (&iter, &domain, &version))
    g_hash_table_insert (to->opsets, g_strdup (domain), version);
}

/* All of a graph: one within an attribute. */
static CnGraph *
copy_graph (const CnGraph *from, GError **error)
{
  g_autoptr (CnGraph) to = cn_graph_new (from->name, from->opset);
  g_autofree gboolean *given = g_new0 (gboolean, from->values->len + 1);

  for (guint i = 0; i < from->inputs->len; i++)
    {
      const CnValue *value = cn_graph_value (from, g_array_index (from->inputs, int, i));

      if (!cn_graph_add_input (to, value->name, CN_TYPE_NONE, NULL, error))
        return NULL;
    }
  for (guint i = 0; i < from->values->len; i++)
    if (!copy_value (to, cn_graph_value (from, (int) i), FALSE, error))
      return NULL;
  for (guint i = 0; i < from->outputs->len; i++)
    cn_graph_add_output (to, cn_graph_value (from, g_array_index (from->outputs, int, i))->name);
  for (guint i = 0; i < from->nodes->len; i++)
    if (!copy_node (to, from, cn_graph_node (from, (int) i), given, error))
      return NULL;
  return g_steal_pointer (&to);
}

/* Indices of the values of these names, each of which must be there once; of the graph's own, which
   are `otherwise`, if `names` is NULL. */
static GArray *
find_values (const CnGraph *graph, const char *const *names, const GArray *otherwise,
             gboolean *chosen, GError **error)
{
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (int));

  for (guint i = 0; !names && i < otherwise->len; i++)
    {
      int value = g_array_index (otherwise, int, i);

      if (!chosen[value])
        g_array_append_val (found, value);
      chosen[value] = TRUE;
    }
  for (; names && *names; names++)
    {
      int value = cn_graph_find (graph, *names);

      if (value < 0)
        cn_set_error (error, CN_ERROR_ARGUMENT, "The network has no value “%s”", *names);
      else if (chosen[value])
        cn_set_error (error, CN_ERROR_ARGUMENT, "The value “%s” is named twice", *names);
      if (value < 0 || chosen[value])
        return NULL;
      chosen[value] = TRUE;
      g_array_append_val (found, value);
    }
  return g_steal_pointer (&found);
}

/* A plan of the whole for the values of these names, where sizes that the inputs leave open are as
   given; NULL if there is none. */
static CnPlan *
guess_plan (const CnGraph *graph, GPtrArray *names, gint64 batch, gint64 size)
{
  g_autofree CnPlanInput *inputs = g_new0 (CnPlanInput, graph->inputs->len + 1);
  CnPlanOptions options = { .inputs = inputs,
                            .n_inputs = (int) graph->inputs->len,
                            .outputs = (const char *const *) names->pdata };

  for (int i = 0; i < options.n_inputs; i++)
    {
      const CnValue *value = cn_graph_value (graph, g_array_index (graph->inputs, int, i));

      if (!value->has_shape)
        return NULL;
      inputs[i] = (CnPlanInput){ .name = value->name, .shape = value->shape };
      for (int axis = 0; axis < value->shape.rank; axis++)
        if (value->shape.dims[axis] < 0)
          inputs[i].shape.dims[axis] = axis == 0 ? batch : size;
    }
  return cn_plan_shapes (graph, &options, NULL, NULL);
}

/* Declares what the graph does not: what two plans for other sizes agree in. */
static void
find_shapes (CnGraph *part, const CnGraph *graph, const GArray *values)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (CnPlan) first = NULL, second = NULL;

  for (guint i = 0; i < values->len; i++)
    {
      const CnValue *value = cn_graph_value (graph, g_array_index (values, int, i));

      if (value->type == CN_TYPE_NONE || !value->has_shape)
        g_ptr_array_add (names, value->name);
    }
  if (names->len == 0)
    return;
  g_ptr_array_add (names, NULL);
  first = guess_plan (graph, names, 1, 32);
  second = guess_plan (graph, names, 2, 48);
  if (!second) /* the batch may be fixed within */
    second = guess_plan (graph, names, 1, 48);
  for (int i = 0; first && i < cn_plan_outputs (first); i++)
    {
      const CnArray *array = cn_plan_output (first, i);
      const CnArray *other = second ? cn_plan_output (second, i) : array;
      CnShape shape = array->shape;

      for (int axis = 0; axis < shape.rank; axis++)
        if (other->shape.rank == shape.rank && other->shape.dims[axis] != shape.dims[axis])
          shape.dims[axis] = -1;
      if (array->type != CN_TYPE_NONE)
        cn_graph_declare (part, cn_plan_output_name (first, i), array->type,
                          other->shape.rank == shape.rank ? &shape : NULL);
    }
}

/* Adds the inputs: those that are needed, or all if they were chosen. An input that is needed and
   was not chosen is an error. */
static gboolean
add_inputs (CnGraph *part, const CnGraph *graph, const GArray *inputs, const gboolean *given,
            const gboolean *needed, gboolean all, GError **error)
{
  for (guint i = 0; i < graph->inputs->len; i++)
    {
      int value = g_array_index (graph->inputs, int, i);

      if (needed[value] && !given[value])
        {
          cn_set_error (error, CN_ERROR_ARGUMENT,
                        "The outputs need the value “%s”, which is not given",
                        cn_graph_value (graph, value)->name);
          return FALSE;
        }
    }
  for (guint i = 0; i < inputs->len; i++)
    {
      int index = g_array_index (inputs, int, i);
      const CnValue *value = cn_graph_value (graph, index);

      if (!all && !needed[index])
        continue;
      if (!cn_graph_add_input (part, value->name, CN_TYPE_NONE, NULL, error)
          || !copy_value (part, value, TRUE, error))
        return FALSE;
    }
  return TRUE;
}

CnGraph *
cn_graph_part (const CnGraph *graph, const char *const *inputs, const char *const *outputs,
               GError **error)
{
  g_autoptr (CnGraph) part = cn_graph_new (graph->name, graph->opset);
  gsize n = graph->values->len + 1;
  g_autofree gboolean *given = g_new0 (gboolean, n), *needed = g_new0 (gboolean, n);
  g_autoptr (GArray) from = NULL, to = NULL, order = NULL;

  from = find_values (graph, inputs, graph->inputs, given, error);
  to = from ? find_values (graph, outputs, graph->outputs, needed, error) : NULL;
  if (!to)
    return NULL;
  order = cn_order_needed (graph, to, given, needed, error);
  if (!order)
    return NULL;
  copy_head (part, graph);
  if (!add_inputs (part, graph, from, given, needed, inputs != NULL, error))
    return NULL;
  for (guint i = 0; i < order->len; i++)
    if (!copy_node (part, graph, cn_graph_node (graph, g_array_index (order, int, i)), given,
                    error))
      return NULL;
  for (guint i = 0; i < to->len; i++)
    {
      int value = g_array_index (to, int, i);

      if (!copy_value (part, cn_graph_value (graph, value), given[value], error))
        return NULL;
      cn_graph_add_output (part, cn_graph_value (graph, value)->name);
    }
  g_array_append_vals (to, from->data, from->len);
  find_shapes (part, graph, to);
  return g_steal_pointer (&part);
}
