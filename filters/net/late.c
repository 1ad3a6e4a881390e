/* late.c: nodes whose results are as large as their inputs' elements say: planned while running.
 *
 * When all other nodes have run, everything that these need is known. They are planned as a network
 * of their own, whose inputs are all constant: so planning it computes it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/net/plan-private.h"

/* The values that late nodes need and others have made. */
static GArray *
find_inputs (const CnPlan *plan)
{
  g_autofree gboolean *seen = g_new0 (gboolean, plan->n_arrays + 1);
  GArray *inputs = g_array_new (FALSE, FALSE, sizeof (CnPlanInput));

  for (guint i = 0; i < plan->late->len; i++)
    {
      const CnNode *node = cn_graph_node (plan->graph, g_array_index (plan->late, int, i));

      for (int k = 0; k < node->n_inputs; k++)
        {
          int value = node->inputs[k];
          const CnArray *array = value < 0 ? NULL : &plan->arrays[value];
          CnPlanInput input;

          if (!array || plan->is_late[value] || seen[value])
            continue;
          seen[value] = TRUE;
          input = (CnPlanInput){ .name = cn_graph_value (plan->graph, value)->name,
                                 .type = array->type,
                                 .shape = array->shape,
                                 .items = array->items,
                                 .data = array->data,
                                 .any_size = TRUE };
          g_array_append_val (inputs, input);
        }
    }
  return inputs;
}

gboolean
cn_plan_run_late (CnPlan *plan, const CnRun *run, GError **error)
{
  g_autoptr (GArray) inputs = find_inputs (plan);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  CnPlanOptions options = { .inputs = (const CnPlanInput *) (gpointer) inputs->data,
                            .n_inputs = (int) inputs->len,
                            .memory_max = plan->memory_max };
  int made = 0;

  for (int i = 0; i < cn_plan_outputs (plan); i++)
    if (plan->is_late[g_array_index (plan->outputs, int, i)])
      g_ptr_array_add (names, (gpointer) cn_plan_output_name (plan, i));
  g_ptr_array_add (names, NULL);
  options.outputs = (const char *const *) names->pdata;
  g_clear_pointer (&plan->rest, cn_plan_free);
  plan->rest = cn_plan_shapes (plan->graph, &options, run, error);
  if (!plan->rest || !cn_plan_finish (plan->rest, error) || !cn_plan_run (plan->rest, run, error))
    return FALSE;
  for (int i = 0; i < cn_plan_outputs (plan); i++)
    {
      int value = g_array_index (plan->outputs, int, i);

      if (plan->is_late[value])
        plan->arrays[value] = *cn_plan_output (plan->rest, made++);
    }
  return TRUE;
}
