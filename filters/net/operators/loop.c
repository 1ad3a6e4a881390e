/* loop.c: Loop: a graph that is run again and again, and carries values from turn to turn.
 *
 * If its number of turns is known and nothing changes its shape, its graph is planned once, and so
 * is what comes after it. Else it is planned and run for each turn, so that sizes may grow; always
 * in a run, where it can be cancelled. SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/net/operators/control.h"

/* What a loop carries from turn to turn, and then what it gathers: for each output of the step. */
typedef struct
{
  CnPlan *plan; /* of every turn, if all are alike; else NULL, and the turns are done already: */
  guint8 again; /* what the plan knows of its condition */
  int n, carried;
  CnArray **values;   /* carried: the last ones; gathered: type and shape of one turn, no data */
  GByteArray **bytes; /* gathered: of all turns */
  gint64 turns;
} Loop;

static void
loop_free (gpointer data)
{
  Loop *loop = data;

  for (int i = 0; i < loop->n && loop->values; i++)
    {
      cn_array_free (loop->values[i]);
      g_clear_pointer (&loop->bytes[i], g_byte_array_unref);
    }
  cn_plan_free (loop->plan);
  g_free (loop->values);
  g_free (loop->bytes);
  g_free (loop);
}

/* --- Turns that are all alike: their number is known, and what they carry keeps its shape --------
 */

/* Sets output `i` for what is made, or each time made, of that shape. */
static gboolean
set_output (CnStep *step, const Loop *loop, int i, const CnArray *made, GError **error)
{
  CnShape shape = made->shape;

  if (i < loop->carried)
    {
      cn_step_output_like (step, i, made);
      return TRUE;
    }
  if (shape.rank == CN_RANK_MAX || cn_type_size (made->type) == 0)
    return cn_step_fail (step, error, "output %d has no type, or too many axes", i + 1);
  for (int axis = shape.rank++; axis > 0; axis--)
    shape.dims[axis] = MAX (shape.dims[axis - 1], 0);
  shape.dims[0] = loop->turns;
  cn_step_output (step, i, made->type, &shape);
  return TRUE;
}

/* Adds the number of the turn, the condition, and what is carried. */
static void
add_inputs (const CnStep *step, const CnGraph *body, Loop *loop, GArray *inputs)
{
  for (int i = 0; i < loop->carried + 2; i++)
    {
      const CnArray *value = i < 2 ? NULL : step->inputs[i];
      CnPlanInput input = {
        .name = cn_graph_value (body, g_array_index (body->inputs, int, i))->name,
        .type = i == 0 ? CN_TYPE_INT64 : CN_TYPE_BOOL,
        .data = i == 1 ? &loop->again : NULL,
        .any_size = TRUE,
      };

      if (value)
        {
          input.type = value->type;
          input.shape = value->shape;
          input.items = value->items;
        }
      g_array_append_val (inputs, input);
    }
}

/* Plans the graph once for all turns, if that can be. */
static gboolean
plan_alike (CnStep *step, const CnGraph *body, Loop *loop, const CnArray *count,
            const CnArray *condition)
{
  const CnArray *again;
  g_autoptr (GArray) inputs = g_array_new (FALSE, FALSE, sizeof (CnPlanInput));
  g_autoptr (CnPlan) plan = NULL;

  if (!count || !count->data || (condition && (!condition->data || !condition->bools[0])))
    return FALSE;
  loop->turns = cn_array_get_int (count, 0);
  loop->again = TRUE;
  add_inputs (step, body, loop, inputs);
  cn_body_captured (step, body, inputs);
  plan = loop->turns > 0 ? cn_body_plan (step, body, inputs, NULL) : NULL;
  again = plan && plan->late->len == 0 ? cn_plan_output (plan, 0) : NULL;
  if (!again || !again->data || again->type != CN_TYPE_BOOL || cn_array_elements (again) != 1
      || !again->bools[0])
    return FALSE;
  step->scratch_bytes = 0;
  for (int i = 0; i < loop->n; i++)
    {
      const CnArray *made = cn_plan_output (plan, i + 1);
      const CnArray *carried = i < loop->carried ? step->inputs[i + 2] : NULL;

      if ((carried
           && (made->type != carried->type || made->items
               || !cn_shape_equal (&made->shape, &carried->shape)))
          || !set_output (step, loop, i, made, NULL))
        return FALSE;
      step->scratch_bytes += carried ? cn_array_bytes (carried) : 0;
    }
  for (guint i = 0; i < plan->steps->len; i++)
    step->multiply_adds += ((const CnStep *) plan->steps->pdata[i])->multiply_adds;
  step->multiply_adds = MAX (step->multiply_adds, 1) * (double) loop->turns;
  loop->plan = g_steal_pointer (&plan);
  return TRUE;
}

static gboolean
prepare_loop (CnStep *step, GError **error)
{
  const Loop *loop = step->state;

  return !loop->plan || cn_body_prepare (step, loop->plan, error);
}

/* The carried values lie in the scratch memory, one after the other. */
static gboolean
run_alike (const CnStep *step, const CnRun *run, GError **error)
{
  const Loop *loop = step->state;
  const CnRun quiet = { .threads = run->threads, .cancel = run->cancel };
  guint8 *at = step->scratch;

  for (int i = 0; i < loop->carried; at += cn_array_bytes (step->inputs[i + 2]), i++)
    memcpy (at, step->inputs[i + 2]->data, cn_array_bytes (step->inputs[i + 2]));
  for (gint64 turn = 0; turn < loop->turns; turn++)
    {
      cn_array_set_int (cn_plan_input (loop->plan, 0), 0, turn);
      at = step->scratch;
      for (int i = 0; i < loop->carried; at += cn_array_bytes (step->inputs[i + 2]), i++)
        memcpy (cn_plan_input (loop->plan, i + 1)->data, at, cn_array_bytes (step->inputs[i + 2]));
      cn_body_fill (step, loop->plan, loop->carried + 1);
      if (!cn_plan_run (loop->plan, &quiet, error))
        return cn_prefix_step (step, error);
      at = step->scratch;
      for (int i = 0; i < loop->n; i++)
        {
          const CnArray *made = cn_plan_output (loop->plan, i + 1);
          const CnArray *output = i < step->n_outputs ? step->outputs[i] : NULL;
          gsize bytes = cn_array_bytes (made);

          if (output)
            memcpy ((guint8 *) output->data + (i < loop->carried ? 0 : (gsize) turn * bytes),
                    made->data, bytes);
          if (i < loop->carried)
            {
              memcpy (at, made->data, bytes);
              at += bytes;
            }
        }
    }
  return TRUE;
}

/* --- Turns that are planned one by one, in a run ------------------------------------------------
 */

/* Keeps a copy of what a turn has made for output `i`. */
static gboolean
keep (const CnStep *step, Loop *loop, int i, const CnArray *array, GError **error)
{
  CnArray *old = loop->values[i];

  if (cn_array_bytes (array) > step->memory_max)
    return cn_step_fail (step, error, "what it carries takes too much memory");
  if (i >= loop->carried)
    {
      if (old && (old->type != array->type || !cn_shape_equal (&old->shape, &array->shape)))
        return cn_step_fail (step, error, "output %d has another shape in each turn", i + 1);
      if (loop->bytes[i]->len + cn_array_bytes (array) > MIN (step->memory_max, G_MAXUINT / 2))
        return cn_step_fail (step, error, "what it gathers takes too much memory");
      g_byte_array_append (loop->bytes[i], array->data, (guint) cn_array_bytes (array));
    }
  cn_array_free (old);
  loop->values[i] = cn_array_duplicate (array, error);
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
          .name = name,
          .type = value->type,
          .shape = value->shape,
          .items = value->items,
          .data = value->data,
          .any_size = TRUE,
        };
      g_array_append_val (inputs, input);
    }
  cn_body_captured (step, body, inputs);
  plan = cn_body_plan (step, body, inputs, error);
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
  loop->n = (int) body->outputs->len - 1;
  if (!step->run && plan_alike (step, body, loop, count, condition))
    return TRUE;
  if (!step->run || !cn_step_all_known (step))
    return cn_step_depends (step, "M", error);
  loop->turns = 0;
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
      const CnArray none = { .type = declared->type, .shape = declared->shape };

      if (!set_output (step, loop, i, loop->values[i] ? loop->values[i] : &none, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
run_loop (const CnStep *step, const CnRun *run, GError **error)
{
  const Loop *loop = step->state;

  if (loop->plan)
    return run_alike (step, run, error);
  for (int i = 0; i < step->n_outputs; i++)
    if (step->outputs[i] && cn_array_bytes (step->outputs[i]) > 0)
      memcpy (step->outputs[i]->data,
              i < loop->carried ? loop->values[i]->data : loop->bytes[i]->data,
              cn_array_bytes (step->outputs[i]));
  return TRUE;
}

const CnOperator cn_operators_loop[] = {
  { "Loop", 1, "i? b? e*", G_MAXINT, "body:g", plan_loop, prepare_loop, run_loop, 0, NULL },
  { 0 },
};
