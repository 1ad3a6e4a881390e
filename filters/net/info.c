/* info.c: a network as a table for people: layers with shapes, sizes, parameters and costs.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/net/info.h"

#include <math.h>

#include "filters/net/plan-private.h"

/* What is known of an array while the steps are gone through. */
typedef struct
{
  int layer;          /* that makes it; −1: none */
  double field, jump; /* input rows that it depends on (0: all), and from one row to the next */
  gboolean counted;   /* as a parameter */
} Known;

typedef struct
{
  CnPlan *plan;
  GArray *layers;
  Known *known; /* for each array of the plan */
} Table;

void
cn_info_free (CnInfo *info)
{
  if (!info)
    return;
  for (int i = 0; i < info->n; i++)
    {
      g_free (info->layers[i].name);
      g_free (info->layers[i].op);
      g_free (info->layers[i].value);
      g_free (info->layers[i].from);
    }
  g_free (info->layers);
  g_free (info);
}

char *
cn_info_shape_text (const CnShape *shape)
{
  CnShape turned = { 0 };

  for (int i = 2; i < shape->rank; i++)
    turned.dims[turned.rank++] = shape->dims[i];
  if (shape->rank > 1)
    turned.dims[turned.rank++] = shape->dims[1];
  return cn_shape_text (shape->rank > 1 ? &turned : shape);
}

static Known *
known (const Table *table, const CnArray *array)
{
  return &table->known[array - table->plan->arrays];
}

static gsize
size_of (const CnShape *shape)
{
  return cn_shape_product (shape, shape->rank > 1, shape->rank);
}

static int
add_layer (Table *table, const char *name, const char *op)
{
  CnLayer layer = { .name = g_strdup (name), .op = g_strdup (op) };

  g_array_append_val (table->layers, layer);
  return table->layers->len - 1;
}

/* The layer that the step belongs to: the one before it, if the step only changes values or shape
   of its one input that is not constant. */
static int
find_layer (Table *table, const CnStep *step)
{
  const char *name = step->node->name;
  const CnArray *only = NULL;
  int others = 0, output = cn_step_output_index (table->plan, step, 0);

  for (int i = 0; i < step->n_inputs; i++)
    if (step->inputs[i] && !step->inputs[i]->data)
      {
        only = step->inputs[i];
        others++;
      }
  if (others == 1 && step->op->flags & (CN_OPERATOR_VIEW | CN_OPERATOR_IN_PLACE)
      && known (table, only)->layer >= cn_plan_inputs (table->plan)
      && cn_array_elements (only) == cn_array_elements (step->outputs[0]))
    return known (table, only)->layer;
  if (!name[0] && output < (int) table->plan->graph->values->len)
    name = cn_graph_value (table->plan->graph, output)->name;
  return add_layer (table, name, step->op->name);
}

/* Adds the constants that no layer has used before. */
static void
count_parameters (const Table *table, const CnStep *step, CnLayer *layer)
{
  for (int i = 0; i < step->n_inputs; i++)
    {
      const CnArray *array = step->inputs[i];

      if (!array || !array->data || array->type != CN_TYPE_FLOAT || array->shape.rank == 0
          || known (table, array)->counted)
        continue;
      known (table, array)->counted = TRUE;
      layer->parameters += cn_array_elements (array);
    }
}

static void
add_from (CnLayer *layer, int index)
{
  for (int i = 0; i < layer->n_from; i++)
    if (layer->from[i] == index)
      return;
  layer->from = g_renew (int, layer->from, layer->n_from + 1);
  layer->from[layer->n_from++] = index;
}

static void
set_result (const Table *table, const CnStep *step, CnLayer *layer)
{
  int output = cn_step_output_index (table->plan, step, 0);

  layer->shape = step->outputs[0]->shape;
  if (output >= (int) table->plan->graph->values->len) /* one that nobody wants has no name */
    return;
  g_free (layer->value);
  layer->value = g_strdup (cn_graph_value (table->plan->graph, output)->name);
}

static void
add_step (Table *table, const CnStep *step)
{
  int index = find_layer (table, step);
  CnLayer *layer = &g_array_index (table->layers, CnLayer, index);
  double field = 1, jump = 0;
  gboolean all = step->window == 0 && !(step->op->flags & CN_OPERATOR_VIEW);

  for (int i = 0; i < step->n_inputs; i++)
    {
      const Known *input = step->inputs[i] ? known (table, step->inputs[i]) : NULL;

      if (!input || step->inputs[i]->data)
        continue;
      if (input->layer >= 0 && input->layer != index)
        add_from (layer, input->layer);
      all = all || input->field == 0;
      field = MAX (field, input->field + (MAX (step->window, 1) - 1) * input->jump);
      jump = MAX (jump, input->jump * step->stride);
    }
  for (int i = 0; i < step->n_outputs; i++)
    if (step->outputs[i])
      {
        Known *output = known (table, step->outputs[i]);

        output->layer = index;
        output->field = all ? 0 : field;
        output->jump = jump;
      }
  count_parameters (table, step, layer);
  if (layer->shape.rank == 0 || !(step->op->flags & CN_OPERATOR_VIEW))
    set_result (table, step, layer);
  layer->size = size_of (&layer->shape);
  layer->multiply_adds += step->multiply_adds;
  layer->receptive_field = all ? 0 : (gint64) ceil (field);
  layer->jump = jump;
}

gsize
cn_graph_constant_bytes (const CnGraph *graph)
{
  gsize bytes = 0;

  for (guint i = 0; i < graph->values->len; i++)
    {
      const CnArray *constant = cn_graph_value (graph, (int) i)->constant;

      bytes += constant ? cn_array_bytes (constant) : 0;
    }
  return bytes;
}

CnInfo *
cn_info_new (const CnGraph *graph, const CnPlanOptions *options, GError **error)
{
  g_autoptr (CnPlan) plan = cn_plan_shapes (graph, options, NULL, error);
  g_autofree Known *arrays = NULL;
  Table table = { .plan = plan };
  CnInfo *info;

  if (!plan)
    return NULL;
  table.layers = g_array_new (FALSE, FALSE, sizeof (CnLayer));
  table.known = arrays = g_new0 (Known, plan->n_arrays + 1);
  for (guint i = 0; i < plan->n_arrays; i++)
    arrays[i] = (Known){ .layer = -1, .field = 1, .jump = 1 };
  for (int i = 0; i < cn_plan_inputs (plan); i++)
    {
      int index = add_layer (&table, cn_plan_input_name (plan, i), "Input");
      CnLayer *layer = &g_array_index (table.layers, CnLayer, index);

      known (&table, cn_plan_input (plan, i))->layer = index;
      layer->value = g_strdup (cn_plan_input_name (plan, i));
      layer->shape = cn_plan_input (plan, i)->shape;
      layer->size = size_of (&layer->shape);
      layer->receptive_field = layer->jump = 1;
    }
  for (guint i = 0; i < plan->steps->len; i++)
    add_step (&table, g_ptr_array_index (plan->steps, i));

  info = g_new0 (CnInfo, 1);
  info->n = table.layers->len;
  info->layers = (CnLayer *) (gpointer) g_array_free (table.layers, FALSE);
  for (int i = 0; i < info->n; i++)
    {
      info->parameters += info->layers[i].parameters;
      info->multiply_adds += info->layers[i].multiply_adds;
    }
  return info;
}
