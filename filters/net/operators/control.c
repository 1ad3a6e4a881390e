/* control.c: If and Loop: operators that run graphs, which lie in their attributes.
 *
 * A graph is planned as a network of its own, whose inputs are what it captures from around it. If
 * chooses one when its condition is known: while planning where that is constant, else in each run.
 * Loop plans and runs its graph for each turn, so that sizes may grow; always in a run, where it
 * can be cancelled.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/net/operators/operators.h"
#include "filters/net/plan-private.h"

/* Adds what the graph captures, with its data where that is known. */
static void
add_captured (const CnStep *step, const CnGraph *body, GArray *inputs)
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
        .name = name, .type = array->type, .shape = array->shape, .data = array->data
      };

      g_array_append_val (inputs, input);
    }
}

static gboolean
all_known (const CnStep *step)
{
  for (int i = 0; i < step->n_inputs; i++)
    if (step->inputs[i] && !step->inputs[i]->data)
      return FALSE;
  return TRUE;
}

static CnPlan *
plan_body (const CnStep *step, const CnGraph *body, const GArray *inputs, GError **error)
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
  add_captured (step, branch->graph, inputs);
  step->state = plan = plan_body (step, branch->graph, inputs, error);
  step->free_state = (GDestroyNotify) cn_plan_free;
  if (!plan)
    return FALSE;
  if (cn_plan_outputs (plan) < step->n_outputs)
    return cn_step_fail (step, error, "its branch makes %d values, and it has %d outputs",
                         cn_plan_outputs (plan), step->n_outputs);
  if (plan->late->len > 0 && !all_known (step))
    return cn_step_depends (step, "cond", error);
  /* Then everything is known, and the result's size is found by running. */
  if (plan->late->len > 0
      && (!cn_plan_finish (plan, error)
          || !cn_plan_run (plan, step->run ? step->run : &(CnRun){ .threads = 1 }, error)))
    return cn_prefix_step (step, error);
  for (int i = 0; i < step->n_outputs; i++)
    cn_step_output (step, i, cn_plan_output (plan, i)->type, &cn_plan_output (plan, i)->shape);
  for (guint i = 0; i < plan->steps->len; i++)
    step->multiply_adds += ((const CnStep *) plan->steps->pdata[i])->multiply_adds;
  return TRUE;
}

static gboolean
prepare_if (CnStep *step, GError **error)
{
  CnPlan *plan = step->state;

  plan->memory_max = MIN (plan->memory_max, step->memory_max);
  if (plan->late->len == 0 && !cn_plan_finish (plan, error))
    return FALSE;
  step->held_bytes = cn_plan_memory (plan);
  return TRUE;
}

static gboolean
run_if (const CnStep *step, const CnRun *run, GError **error)
{
  CnPlan *plan = step->state;
  const CnRun part = { .threads = run->threads, .cancel = run->cancel };

  for (int i = 0; i < cn_plan_inputs (plan); i++)
    {
      int outer = cn_graph_find (step->graph, cn_plan_input_name (plan, i));
      const CnArray *to = cn_plan_input (plan, i);

      for (int k = 1; k < step->n_inputs; k++)
        if (step->node->inputs[k] == outer)
          memcpy (to->data, step->inputs[k]->data, cn_array_bytes (to));
    }
  if (plan->late->len == 0 && !cn_plan_run (plan, &part, error))
    return FALSE;
  for (int i = 0; i < step->n_outputs; i++)
    if (step->outputs[i])
      memcpy (step->outputs[i]->data, cn_plan_output (plan, i)->data,
              cn_array_bytes (step->outputs[i]));
  return TRUE;
}

/* --- Loop ----------------------------------------------------------------------------------------
 */

/* What a loop carries from turn to turn, and then what it gathers: for each output of the step. */
typedef struct
{
  int n, carried;
  CnArray **values;   /* carried: the last ones; gathered: type and shape of one turn, no data */
  GByteArray **bytes; /* gathered: of all turns */
  gint64 turns;
} Loop;

static void
loop_free (gpointer data)
{
  Loop *loop = data;

  for (int i = 0; i < loop->n; i++)
    {
      cn_array_free (loop->values[i]);
      g_clear_pointer (&loop->bytes[i], g_byte_array_unref);
    }
  g_free (loop->values);
  g_free (loop->bytes);
  g_free (loop);
}

/* Keeps a copy of what a turn has made for output `i`. */
static gboolean
keep (const CnStep *step, Loop *loop, int i, const CnArray *array, GError **error)
{
  CnArray *old = loop->values[i];

  if (i >= loop->carried)
    {
      if (old && (old->type != array->type || !cn_shape_equal (&old->shape, &array->shape)))
        return cn_step_fail (step, error, "output %d has another shape in each turn", i + 1);
      if (loop->bytes[i]->len + cn_array_bytes (array) > MIN (step->memory_max, G_MAXUINT / 2))
        return cn_step_fail (step, error, "what it gathers takes too much memory");
      g_byte_array_append (loop->bytes[i], array->data, (guint) cn_array_bytes (array));
    }
  cn_array_free (old);
  loop->values[i] = cn_array_copy (array->type, &array->shape, array->data, error);
  return loop->values[i] != NULL;
}

/* One turn; `*more` becomes whether its graph wants another. */
static gboolean
take_turn (const CnStep *step, const CnGraph *body, Loop *loop, gboolean *more, GError **error)
{
  g_autoptr (GArray) inputs = g_array_new (FALSE, FALSE, sizeof (CnPlanInput));
  g_autoptr (CnPlan) plan = NULL;
  const CnArray *condition;
  guint8 truth = TRUE;

  for (guint i = 0; i < body->inputs->len; i++)
    {
      const char *name = cn_graph_value (body, g_array_index (body->inputs, int, i))->name;
      const CnArray *value = i < 2 ? NULL : loop->values[i - 2];
      CnPlanInput input = { .name = name, .type = CN_TYPE_INT64, .data = &loop->turns };

      if (i == 1)
        input = (CnPlanInput){ .name = name, .type = CN_TYPE_BOOL, .data = &truth };
      else if (i > 1)
        input = (CnPlanInput){
          .name = name, .type = value->type, .shape = value->shape, .data = value->data
        };
      g_array_append_val (inputs, input);
    }
  add_captured (step, body, inputs);
  plan = plan_body (step, body, inputs, error);
  if (!plan)
    return FALSE;
  if (!cn_plan_finish (plan, error) || !cn_plan_run (plan, step->run, error))
    return cn_prefix_step (step, error);
  condition = cn_plan_output (plan, 0);
  if (condition->type != CN_TYPE_BOOL || cn_array_elements (condition) != 1)
    return cn_step_fail (step, error, "its condition is not one truth value");
  *more = condition->bools[0];
  for (int i = 0; i < loop->n; i++)
    if (!keep (step, loop, i, cn_plan_output (plan, i + 1), error))
      return FALSE;
  return TRUE;
}

static gboolean
plan_loop (CnStep *step, GError **error)
{
  int own = step->n_inputs - step->node->n_captured;
  const CnArray *count = own > 0 ? step->inputs[0] : NULL;
  const CnArray *condition = own > 1 ? step->inputs[1] : NULL;
  const CnAttribute *attribute = cn_node_get (step->node, "body");
  const CnGraph *body = attribute ? attribute->graph : NULL;
  Loop *loop = g_new0 (Loop, 1);
  gboolean more = TRUE;
  gint64 turns;

  step->state = loop;
  step->free_state = loop_free;
  loop->carried = MAX (own - 2, 0);
  if (!body || (int) body->inputs->len != loop->carried + 2
      || (int) body->outputs->len < loop->carried + 1
      || step->n_outputs > (int) body->outputs->len - 1 || (count && cn_array_elements (count) != 1)
      || (condition && cn_array_elements (condition) != 1))
    return cn_step_fail (step, error, "its inputs and its graph's do not fit together");
  for (int i = 2; i < own; i++)
    if (!step->inputs[i])
      return cn_step_fail (step, error, "input %d is left out", i + 1);
  if (!step->run || !all_known (step))
    return cn_step_depends (step, "M", error);
  loop->n = (int) body->outputs->len - 1;
  loop->values = g_new0 (CnArray *, loop->n + 1);
  loop->bytes = g_new0 (GByteArray *, loop->n + 1);
  for (int i = 0; i < loop->n; i++)
    if (i >= loop->carried)
      loop->bytes[i] = g_byte_array_new ();
    else if (!keep (step, loop, i, step->inputs[i + 2], error))
      return FALSE;
  turns = count ? cn_array_get_int (count, 0) : G_MAXINT64;
  more = !condition || condition->bools[0];
  for (; more && loop->turns < turns; loop->turns++)
    {
      if (cn_run_cancelled (step->run, error))
        return FALSE;
      if (!take_turn (step, body, loop, &more, error))
        return FALSE;
    }
  for (int i = 0; i < step->n_outputs; i++)
    {
      const CnValue *declared = cn_graph_value (body, g_array_index (body->outputs, int, i + 1));
      CnShape shape = loop->values[i] ? loop->values[i]->shape : declared->shape;
      CnType type = loop->values[i] ? loop->values[i]->type : declared->type;

      if (i >= loop->carried)
        {
          if (shape.rank == CN_RANK_MAX || type == CN_TYPE_NONE)
            return cn_step_fail (step, error, "output %d has no type, or too many axes", i + 1);
          for (int axis = shape.rank++; axis > 0; axis--)
            shape.dims[axis] = MAX (shape.dims[axis - 1], 0);
          shape.dims[0] = loop->turns;
        }
      cn_step_output (step, i, type, &shape);
    }
  return TRUE;
}

static gboolean
run_loop (const CnStep *step, const CnRun *run, GError **error)
{
  const Loop *loop = step->state;

  (void) run;
  (void) error;
  for (int i = 0; i < step->n_outputs; i++)
    if (step->outputs[i] && cn_array_bytes (step->outputs[i]) > 0)
      memcpy (step->outputs[i]->data,
              i < loop->carried ? loop->values[i]->data : loop->bytes[i]->data,
              cn_array_bytes (step->outputs[i]));
  return TRUE;
}

const CnOperator cn_operators_control[] = {
  { "If", 1, "b", G_MAXINT, "then_branch:g else_branch:g", plan_if, prepare_if, run_if, 0, NULL },
  { "Loop", 1, "i? b? a*", G_MAXINT, "body:g", plan_loop, NULL, run_loop, 0, NULL },
  { 0 },
};
