/* plan.c: makes plans: takes the nodes that are needed, finds shapes, computes what is constant.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/core/error.h"
#include "filters/core/pages.h"
#include "filters/net/plan-private.h"

void
cn_step_free (CnStep *step)
{
  if (step->state && step->free_state)
    step->free_state (step->state);
  g_free (step->inputs);
  g_free (step->outputs);
  g_free (step->scale);
  g_free (step->shift);
  g_free (step);
}

void
cn_plan_free (CnPlan *plan)
{
  if (!plan)
    return;
  g_ptr_array_unref (plan->steps);
  g_ptr_array_unref (plan->folded);
  g_array_unref (plan->late);
  g_free (plan->is_late);
  cn_plan_free (plan->rest);
  g_array_unref (plan->inputs);
  g_array_unref (plan->outputs);
  g_free (plan->arrays);
  g_free (plan->wanted);
  g_free (plan->memory);
  g_free (plan);
}

int
cn_step_output_index (const CnPlan *plan, const CnStep *step, int i)
{
  return (int) (step->outputs[i] - plan->arrays);
}

/* Index of the value of that name, which must be there. */
static int
find_value (const CnGraph *graph, const char *name, GError **error)
{
  int value = cn_graph_find (graph, name);

  if (value < 0)
    cn_set_error (error, CN_ERROR_ARGUMENT, "The network has no value “%s”", name);
  return value;
}

static gboolean
choose_outputs (CnPlan *plan, const char *const *names, GError **error)
{
  const GArray *own = plan->graph->outputs;

  if (!names)
    g_array_append_vals (plan->outputs, own->data, own->len);
  for (; names && *names; names++)
    {
      int value = find_value (plan->graph, *names, error);

      if (value < 0)
        return FALSE;
      g_array_append_val (plan->outputs, value);
    }
  for (guint i = 0; i < plan->outputs->len; i++)
    plan->wanted[g_array_index (plan->outputs, int, i)] = TRUE;
  return TRUE;
}

/* Adds `value` to what the caller gives. */
static gboolean
add_input (CnPlan *plan, int value, const CnPlanInput *input, gboolean *given, GError **error)
{
  CnType type = input->type;
  const CnValue *v = cn_graph_value (plan->graph, value);
  CnArray *array = &plan->arrays[value];

  if (given[value])
    {
      cn_set_error (error, CN_ERROR_ARGUMENT, "The value “%s” is given twice", v->name);
      return FALSE;
    }
  given[value] = TRUE;
  array->type = type != CN_TYPE_NONE ? type : v->type != CN_TYPE_NONE ? v->type : CN_TYPE_FLOAT;
  array->bits = array->type == v->type ? v->bits : 0;
  array->shape = input->shape;
  array->items = input->items;
  if ((array->type == CN_TYPE_SEQUENCE) != (array->items != NULL))
    {
      cn_set_error (error, CN_ERROR_ARGUMENT, "The input “%s” is a sequence that is not known",
                    v->name);
      return FALSE;
    }
  if (!cn_array_check (array->type, &array->shape, error))
    {
      g_prefix_error (error, "The input “%s”: ", v->name);
      return FALSE;
    }
  array->data = input->data;
  if (!input->data)
    g_array_append_val (plan->inputs, value);
  return TRUE;
}

/* The nodes that are needed; and the graph's inputs that they need are added to the plan's. */
static GArray *
choose_nodes (CnPlan *plan, gboolean *given, GError **error)
{
  const CnGraph *graph = plan->graph;
  g_autofree gboolean *need = g_new0 (gboolean, graph->values->len + 1);
  g_autoptr (GArray) order = NULL;

  order = cn_order_needed (graph, plan->outputs, given, need, error);
  if (!order)
    return NULL;
  for (guint i = 0; i < graph->inputs->len; i++)
    {
      int value = g_array_index (graph->inputs, int, i);
      const CnValue *v = cn_graph_value (graph, value);

      if (given[value] || v->constant || !(need[value] || plan->wanted[value]))
        continue;
      if (!v->has_shape)
        {
          cn_set_error (error, CN_ERROR_ARGUMENT, "The input “%s” has no shape", v->name);
          return NULL;
        }
      for (int axis = 0; axis < v->shape.rank; axis++)
        if (v->shape.dims[axis] < 0)
          {
            cn_set_error (error, CN_ERROR_ARGUMENT,
                          "The input “%s” needs a shape: its size along axis %d is not fixed",
                          v->name, axis);
            return NULL;
          }
      if (!add_input (plan, value, &(CnPlanInput){ .type = v->type, .shape = v->shape }, given,
                      error))
        return NULL;
    }
  return g_steal_pointer (&order);
}

static CnStep *
step_new (CnPlan *plan, int index)
{
  const CnNode *node = cn_graph_node (plan->graph, index);
  CnStep *step = g_new0 (CnStep, 1);

  step->graph = plan->graph;
  step->node = node;
  step->opset = plan->graph->opset;
  step->stride = 1;
  step->memory_max = plan->memory_max;
  step->run = plan->run;
  step->kept = plan->folded;
  step->op = cn_operator_find (node->op, step->opset);
  step->n_inputs = node->n_inputs;
  step->n_outputs = node->n_outputs;
  step->inputs = g_new0 (const CnArray *, MAX (step->n_inputs, 1));
  step->outputs = g_new0 (CnArray *, step->n_outputs);
  for (int i = 0; i < step->n_inputs; i++)
    if (node->inputs[i] >= 0)
      step->inputs[i] = &plan->arrays[node->inputs[i]];
  for (int i = 0; i < step->n_outputs; i++)
    if (node->outputs[i] >= 0)
      step->outputs[i] = &plan->arrays[node->outputs[i]];
  if (!step->outputs[0])
    step->outputs[0] = &plan->arrays[plan->graph->values->len + (guint) index];
  return step;
}

static double
folding_cost (const CnStep *step)
{
  double elements = 0, window = (double) MAX (step->window, 1);

  for (int i = 0; i < step->n_outputs; i++)
    if (step->outputs[i])
      elements += (double) cn_array_elements (step->outputs[i]);
  return MAX (step->multiply_adds, elements * window * window);
}

/* Whether the step's result is the same in every run: nothing is left to wait for. */
static gboolean
is_constant (const CnStep *step)
{
  gboolean empty = TRUE;

  for (int i = 0; i < step->n_outputs; i++)
    if (step->outputs[i] && cn_array_elements (step->outputs[i]) > 0)
      empty = FALSE;
  if (empty || step->op->flags & CN_OPERATOR_SHAPES)
    return TRUE;
  for (int i = 0; i < step->n_inputs; i++)
    if (step->inputs[i] && !step->inputs[i]->data)
      return FALSE;
  return TRUE;
}

/* Runs the step now; its outputs are constants from here on. */
static gboolean
fold (CnPlan *plan, CnStep *step, GError **error)
{
  const CnRun run = { .threads = plan->run ? plan->run->threads : 1,
                      .cancel = plan->run ? plan->run->cancel : NULL };
  g_autofree gpointer scratch = NULL;
  gsize elements = 0;

  plan->folded_cost += folding_cost (step);
  for (int i = 0; i < step->n_outputs; i++)
    {
      CnArray *array = step->outputs[i];

      if (!array)
        continue;
      elements += cn_array_elements (array);
      plan->folded_bytes += cn_array_bytes (array);
      if (plan->folded_bytes <= plan->memory_max)
        array->data = g_try_malloc0 (MAX (cn_array_bytes (array), 1));
      cn_pages_prefer_large (array->data, cn_array_bytes (array));
      if (!array->data)
        {
          cn_set_error (error, CN_ERROR_MEMORY, "The network's constants take more than %zu MiB",
                        (gsize) (plan->memory_max >> 20));
          return FALSE;
        }
      g_ptr_array_add (plan->folded, array->data);
    }
  if (elements == 0)
    return TRUE;
  if (step->op->prepare && !step->op->prepare (step, error))
    return FALSE;
  if (step->scratch_bytes > plan->memory_max
      || !(step->scratch = scratch = g_try_malloc (MAX (step->scratch_bytes, 1))))
    return cn_step_fail (step, error, "not enough memory (%zu MiB)", step->scratch_bytes >> 20);
  if (step->op->flags & CN_OPERATOR_VIEW)
    memcpy (step->outputs[0]->data, step->inputs[0]->data, cn_array_bytes (step->outputs[0]));
  return !step->op->run || step->op->run (step, &run, error);
}

/* Makes the node a step, or a constant. */
static gboolean
add_node (CnPlan *plan, int index, GError **error)
{
  CnStep *step = step_new (plan, index);
  gboolean fine = cn_check_types (step, error) && step->op->plan (step, error);

  for (int i = 0; i < step->n_outputs && fine; i++)
    {
      const CnArray *output = step->outputs[i];

      if (output && !cn_array_check (output->type, &output->shape, error))
        fine = cn_prefix_step (step, error);
      else if (output && output->items)
        plan->folded_bytes += cn_array_elements (output) * sizeof *output->items;
    }
  if (fine && plan->folded_bytes > plan->memory_max)
    {
      cn_set_error (error, CN_ERROR_MEMORY, "The network's constants take more than %zu MiB",
                    (gsize) (plan->memory_max >> 20));
      fine = FALSE;
    }
  if (fine && (!is_constant (step) || plan->folded_cost + folding_cost (step) > CN_FOLDING_MAX))
    {
      g_ptr_array_add (plan->steps, step);
      return TRUE;
    }
  fine = fine && fold (plan, step, error);
  cn_step_free (step);
  return fine;
}

/* Leaves the node for later; what it needs is kept until then. */
static void
postpone (CnPlan *plan, int index)
{
  const CnNode *node = cn_graph_node (plan->graph, index);

  g_array_append_val (plan->late, index);
  for (int i = 0; i < node->n_inputs; i++)
    if (node->inputs[i] >= 0)
      plan->wanted[node->inputs[i]] = TRUE;
  for (int i = 0; i < node->n_outputs; i++)
    if (node->outputs[i] >= 0)
      {
        plan->arrays[node->outputs[i]] = (CnArray){ 0 };
        plan->is_late[node->outputs[i]] = TRUE;
      }
}

/* Leaves the node for later, if one of its inputs is made later. */
static gboolean
needs_late (CnPlan *plan, int index)
{
  const CnNode *node = cn_graph_node (plan->graph, index);

  for (int i = 0; i < node->n_inputs; i++)
    if (node->inputs[i] >= 0 && plan->is_late[node->inputs[i]])
      {
        postpone (plan, index);
        return TRUE;
      }
  return FALSE;
}

CnPlan *
cn_plan_shapes (const CnGraph *graph, const CnPlanOptions *options, const CnRun *run,
                GError **error)
{
  const CnPlanOptions defaults = { 0 };
  g_autoptr (CnPlan) plan = g_new0 (CnPlan, 1);
  g_autofree gboolean *given = g_new0 (gboolean, graph->values->len + 1);
  g_autoptr (GArray) order = NULL;

  if (!options)
    options = &defaults;
  plan->graph = graph;
  plan->run = run;
  plan->n_arrays = graph->values->len + graph->nodes->len;
  plan->in_turn = options->in_turn;
  plan->no_values = options->no_values;
  plan->memory_max = options->memory_max ? options->memory_max : CN_PLAN_MEMORY;
  plan->arrays = g_new0 (CnArray, plan->n_arrays + 1);
  plan->wanted = g_new0 (gboolean, plan->n_arrays + 1);
  plan->steps = g_ptr_array_new_with_free_func ((GDestroyNotify) cn_step_free);
  plan->late = g_array_new (FALSE, FALSE, sizeof (int));
  plan->is_late = g_new0 (gboolean, plan->n_arrays + 1);
  plan->folded = g_ptr_array_new_with_free_func (g_free);
  plan->inputs = g_array_new (FALSE, FALSE, sizeof (int));
  plan->outputs = g_array_new (FALSE, FALSE, sizeof (int));
  for (guint i = 0; i < graph->values->len; i++)
    if (cn_graph_value (graph, i)->constant)
      plan->arrays[i] = *cn_graph_value (graph, i)->constant;

  if (!choose_outputs (plan, options->outputs, error))
    return NULL;
  for (int i = 0; i < options->n_inputs; i++)
    {
      const CnPlanInput *input = &options->inputs[i];
      int value = find_value (graph, input->name, error);

      if (value < 0 || !cn_check_input (cn_graph_value (graph, value), input, error)
          || !add_input (plan, value, input, given, error))
        return NULL;
    }
  order = choose_nodes (plan, given, error);
  if (!order || !cn_check_nodes (graph, order, error))
    return NULL;
  for (guint i = 0; i < order->len; i++)
    {
      int node = g_array_index (order, int, i);
      GError *fault = NULL;

      if (needs_late (plan, node) || add_node (plan, node, &fault))
        continue;
      if (!g_error_matches (fault, CN_ERROR, CN_ERROR_LATE))
        {
          g_propagate_error (error, fault);
          return NULL;
        }
      g_error_free (fault);
      postpone (plan, node);
    }
  return g_steal_pointer (&plan);
}

gboolean
cn_plan_finish (CnPlan *plan, GError **error)
{
  g_autoptr (CnPlaces) places = NULL;

  cn_plan_fuse (plan);
  places = cn_places_new (plan);
  for (guint i = 0; i < plan->steps->len; i++)
    {
      CnStep *step = g_ptr_array_index (plan->steps, i);
      guint64 most = plan->memory_max;

      step->memory_max = most - MIN (plan->folded_bytes, most);
      step->spare_bytes = (most - MIN (plan->folded_bytes + plan->memory_bytes, most)) / 2;
      if (step->op->prepare && !step->op->prepare (step, error))
        return FALSE;
      plan->folded_bytes += step->held_bytes;
    }
  return cn_places_take_memory (places, error);
}

CnPlan *
cn_plan_new (const CnGraph *graph, const CnPlanOptions *options, GError **error)
{
  g_autoptr (CnPlan) plan = cn_plan_shapes (graph, options, NULL, error);

  return plan && cn_plan_finish (plan, error) ? g_steal_pointer (&plan) : NULL;
}
