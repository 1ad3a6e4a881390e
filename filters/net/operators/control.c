/* control.c: If; and what it shares with Loop and Scan: graphs that lie in attributes are run.
 *
 * A graph is planned as a network of its own, whose inputs are what it captures from around it. If
 * chooses one when its condition is known: while planning where that is constant, else in each run.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/net/operators/control.h"

void
cn_body_captured (const CnStep *step, const CnGraph *body, GArray *inputs)
{
  g_autoptr (GArray) captures = cn_graph_captures (body);
  g_autoptr (GHashTable) places = g_hash_table_new (NULL, NULL);

  for (int i = step->n_inputs - step->node->n_captured; i < step->n_inputs; i++)
    g_hash_table_insert (places, GINT_TO_POINTER (step->node->inputs[i] + 1), GINT_TO_POINTER (i));
  for (guint i = 0; i < captures->len; i++)
    {
      const char *name = cn_graph_value (body, g_array_index (captures, int, i))->name;
      int outer = cn_graph_find (step->graph, name);
      const CnArray *array =
          step->inputs[GPOINTER_TO_INT (g_hash_table_lookup (places, GINT_TO_POINTER (outer + 1)))];
      CnPlanInput input = {
        .name = name,
        .type = array->type,
        .shape = array->shape,
        .items = array->items,
        .data = array->data,
        .any_size = TRUE,
      };

      g_array_append_val (inputs, input);
    }
}

gboolean
cn_step_all_known (const CnStep *step)
{
  for (int i = 0; i < step->n_inputs; i++)
    if (step->inputs[i] && !step->inputs[i]->data)
      return FALSE;
  return TRUE;
}

CnPlan *
cn_body_plan (const CnStep *step, const CnGraph *body, const GArray *inputs, GError **error)
{
  const CnPlanOptions options = { .inputs = (const CnPlanInput *) (gpointer) inputs->data,
                                  .n_inputs = (int) inputs->len,
                                  .memory_max = step->memory_max };
  CnPlan *plan = cn_plan_shapes (body, &options, step->run, error);

  if (!plan)
    cn_prefix_step (step, error);
  return plan;
}

/* --- If ------------------------------------------------------------------------------------------
 */

static gboolean
plan_if (CnStep *step, GError **error)
{
  const CnArray *condition = step->inputs[0];
  const CnAttribute *branch;
  g_autoptr (GArray) inputs = g_array_new (FALSE, FALSE, sizeof (CnPlanInput));
  CnPlan *plan;

  if (step->n_inputs - step->node->n_captured != 1 || cn_array_elements (condition) != 1)
    return cn_step_fail (step, error, "its condition is not one truth value");
  if (!condition->data)
    return cn_step_depends (step, "cond", error);
  branch = cn_node_get (step->node, condition->bools[0] ? "then_branch" : "else_branch");
  if (!branch || branch->graph->inputs->len > 0)
    return cn_step_fail (step, error, "it has no branch for its condition, or one with inputs");
  cn_body_captured (step, branch->graph, inputs);
  step->state = plan = cn_body_plan (step, branch->graph, inputs, error);
  step->free_state = (GDestroyNotify) cn_plan_free;
  if (!plan)
    return FALSE;
  if (cn_plan_outputs (plan) < step->n_outputs)
    return cn_step_fail (step, error, "its branch makes %d values, and it has %d outputs",
                         cn_plan_outputs (plan), step->n_outputs);
  if (plan->late->len > 0 && !cn_step_all_known (step))
    return cn_step_depends (step, "cond", error);
  /* Then everything is known, and the result's size is found by running. */
  if (plan->late->len > 0
      && (!cn_plan_finish (plan, error)
          || !cn_plan_run (plan, step->run ? step->run : &(CnRun){ .threads = 1 }, error)))
    return cn_prefix_step (step, error);
  for (int i = 0; i < step->n_outputs; i++)
    cn_step_output_like (step, i, cn_plan_output (plan, i));
  for (guint i = 0; i < plan->steps->len; i++)
    step->multiply_adds += ((const CnStep *) plan->steps->pdata[i])->multiply_adds;
  return TRUE;
}

gboolean
cn_body_prepare (CnStep *step, CnPlan *plan, GError **error)
{
  plan->memory_max = MIN (plan->memory_max, step->memory_max);
  if (plan->late->len == 0 && !cn_plan_finish (plan, error))
    return FALSE;
  step->held_bytes = cn_plan_memory (plan);
  return TRUE;
}

static gboolean
prepare_if (CnStep *step, GError **error)
{
  return cn_body_prepare (step, step->state, error);
}

void
cn_body_fill (const CnStep *step, const CnPlan *plan, int first)
{
  for (int i = first; i < cn_plan_inputs (plan); i++)
    {
      int outer = cn_graph_find (step->graph, cn_plan_input_name (plan, i));
      const CnArray *to = cn_plan_input (plan, i);

      for (int k = step->n_inputs - step->node->n_captured; k < step->n_inputs; k++)
        if (step->node->inputs[k] == outer)
          memcpy (to->data, step->inputs[k]->data, cn_array_bytes (to));
    }
}

static gboolean
run_if (const CnStep *step, const CnRun *run, GError **error)
{
  CnPlan *plan = step->state;
  const CnRun part = { .threads = run->threads, .cancel = run->cancel };

  cn_body_fill (step, plan, 0);
  if (plan->late->len == 0 && !cn_plan_run (plan, &part, error))
    return FALSE;
  for (int i = 0; i < step->n_outputs; i++)
    if (step->outputs[i])
      memcpy (step->outputs[i]->data, cn_plan_output (plan, i)->data,
              cn_array_bytes (step->outputs[i]));
  return TRUE;
}

const CnOperator cn_operators_control[] = {
  { "If", 1, "b", G_MAXINT, "then_branch:g else_branch:g", plan_if, prepare_if, run_if, 0, NULL },
  { 0 },
};
