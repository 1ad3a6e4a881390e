/* scan.c: Scan: a graph that is run for each slice of its inputs along an axis, and carries states
 * from slice to slice.
 *
 * How often it runs is known from shapes, and no shape changes on the way, so its graph is planned
 * once. Up to opset 8 there is a batch around everything, and slices are along the second axis.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/net/operators/control.h"

typedef struct
{
  int first;                  /* input of the step that is the first state */
  int states, scans, outputs; /* outputs: those that are gathered */
  gboolean batched;
  gint64 batch, turns;
  CnPlan *plan;
} Scan;

static void
scan_free (gpointer data)
{
  Scan *scan = data;

  cn_plan_free (scan->plan);
  g_free (scan);
}

/* A number of a list with one for each input or output; 0 without it. */
static gint64
listed (const CnStep *step, const char *name, int i)
{
  const CnAttribute *attribute = cn_node_get (step->node, name);

  return attribute && i < attribute->n ? attribute->ints[i] : 0;
}

/* The axis along which scanned input or output `i`, of `rank` axes, is cut into slices. */
static gboolean
find_axis (const CnStep *step, const char *name, int i, int rank, gint64 *axis, GError **error)
{
  const Scan *scan = step->state;

  *axis = scan->batched ? 1 : listed (step, name, i);
  return cn_step_axis (step, axis, rank, error);
}

/* Whether it goes backwards; the attributes changed their names in opset 9. */
static gboolean
goes_back (const CnStep *step, gboolean output, int i)
{
  if (((const Scan *) step->state)->batched)
    return !output && listed (step, "directions", i) != 0;
  return listed (step, output ? "scan_output_directions" : "scan_input_directions", i) != 0;
}

static void
drop_axis (CnShape *shape, int axis)
{
  shape->rank--;
  for (int i = axis; i < shape->rank; i++)
    shape->dims[i] = shape->dims[i + 1];
}

static void
insert_axis (CnShape *shape, int axis, gint64 n)
{
  for (int i = shape->rank++; i > axis; i--)
    shape->dims[i] = shape->dims[i - 1];
  shape->dims[axis] = n;
}

/* Adds states and slices as the graph's inputs see them. */
static gboolean
add_inputs (const CnStep *step, const CnGraph *body, GArray *inputs, GError **error)
{
  Scan *scan = step->state;

  scan->batch = 1;
  scan->turns = -1;
  for (int i = 0; i < scan->states + scan->scans; i++)
    {
      const CnArray *array = step->inputs[scan->first + i];
      int value = g_array_index (body->inputs, int, i);
      CnPlanInput input = { .name = cn_graph_value (body, value)->name, .any_size = TRUE };
      gint64 axis = 0;

      if (!array)
        return cn_step_fail (step, error, "input %d is left out", scan->first + i + 1);
      input.type = array->type;
      input.shape = array->shape;
      if (i >= scan->states)
        {
          if (!find_axis (step, "scan_input_axes", i - scan->states, input.shape.rank, &axis,
                          error))
            return FALSE;
          if (scan->turns >= 0 && input.shape.dims[axis] != scan->turns)
            return cn_step_fail (step, error,
                                 "its inputs do not have as many slices as each other");
          scan->turns = input.shape.dims[axis];
          drop_axis (&input.shape, (int) axis);
        }
      if (scan->batched && input.shape.rank < 1)
        return cn_step_fail (step, error, "input %d has no batch", scan->first + i + 1);
      if (scan->batched)
        {
          if (i > 0 && input.shape.dims[0] != scan->batch)
            return cn_step_fail (step, error, "its inputs do not have the same batch");
          scan->batch = input.shape.dims[0];
          drop_axis (&input.shape, 0);
        }
      g_array_append_val (inputs, input);
    }
  return TRUE;
}

/* Sets the outputs from those of the graph; a state must keep its shape. */
static gboolean
set_outputs (CnStep *step, const GArray *inputs, GError **error)
{
  const Scan *scan = step->state;

  for (int i = 0; i < scan->states + scan->outputs; i++)
    {
      const CnArray *made = cn_plan_output (scan->plan, i);
      CnShape shape = made->shape;
      gint64 axis = 0;

      if (i < scan->states)
        {
          const CnPlanInput *input = &g_array_index (inputs, CnPlanInput, i);

          if (made->type != input->type || !cn_shape_equal (&shape, &input->shape))
            return cn_step_lacks (step, error, "a state that changes its shape is not supported");
        }
      if (shape.rank + 1 + scan->batched > CN_RANK_MAX)
        return cn_step_lacks (step, error, "an array of %d axes is not supported",
                              shape.rank + 1 + scan->batched);
      if (scan->batched)
        insert_axis (&shape, 0, scan->batch);
      if (i >= scan->states)
        {
          if (!find_axis (step, "scan_output_axes", i - scan->states, shape.rank + 1, &axis, error))
            return FALSE;
          insert_axis (&shape, (int) axis, scan->turns);
        }
      cn_step_output (step, i, made->type, &shape);
    }
  return TRUE;
}

static gboolean
plan_scan (CnStep *step, GError **error)
{
  int own = step->n_inputs - step->node->n_captured;
  const CnAttribute *attribute = cn_node_get (step->node, "body");
  const CnGraph *body = attribute ? attribute->graph : NULL;
  gint64 scans = cn_step_int (step, "num_scan_inputs", 0);
  g_autoptr (GArray) inputs = g_array_new (FALSE, FALSE, sizeof (CnPlanInput));
  Scan *scan = g_new0 (Scan, 1);

  step->state = scan;
  step->free_state = scan_free;
  scan->batched = step->opset < 9;
  scan->first = scan->batched ? 1 : 0;
  if (!body || scans < 1 || scans > own - scan->first
      || (int) body->inputs->len != own - scan->first)
    return cn_step_fail (step, error, "its inputs and its graph's do not fit together");
  scan->scans = (int) scans;
  scan->states = own - scan->first - scan->scans;
  scan->outputs = (int) body->outputs->len - scan->states;
  if (scan->outputs < 0 || step->n_outputs > (int) body->outputs->len)
    return cn_step_fail (step, error, "its outputs and its graph's do not fit together");
  if (!add_inputs (step, body, inputs, error))
    return FALSE;
  if (scan->batched && step->inputs[0]
      && cn_array_elements (step->inputs[0]) != (gsize) scan->batch)
    return cn_step_fail (step, error, "there is not one length for each of the batch");
  cn_body_captured (step, body, inputs);
  scan->plan = cn_body_plan (step, body, inputs, error);
  if (!scan->plan)
    return FALSE;
  if (scan->plan->late->len > 0)
    return cn_step_lacks (step, error,
                          "a graph whose arrays are as large as numbers say is not supported");
  for (guint i = 0; i < scan->plan->steps->len; i++)
    step->multiply_adds += ((const CnStep *) scan->plan->steps->pdata[i])->multiply_adds;
  step->multiply_adds = MAX (step->multiply_adds, 1) * (double) scan->turns * (double) scan->batch;
  for (int i = 0; i < scan->states; i++)
    {
      const CnPlanInput *state = &g_array_index (inputs, CnPlanInput, i);

      step->scratch_bytes += cn_shape_elements (&state->shape) * cn_type_size (state->type);
    }
  return set_outputs (step, inputs, error);
}

static gboolean
prepare_scan (CnStep *step, GError **error)
{
  return cn_body_prepare (step, ((Scan *) step->state)->plan, error);
}

/* Copies between a slice and the array that it is part of; `slice` is read if `back`. */
static gboolean
copy_slice (const CnStep *step, const CnArray *whole, gint64 axis, gint64 b, gint64 turn,
            const CnArray *slice, gboolean back, const CnRun *run, GError **error)
{
  const Scan *scan = step->state;
  gint64 strides[CN_RANK_MAX], own[CN_RANK_MAX], start;
  CnShape rest = whole->shape;
  CnWalk walk = cn_walk (&slice->shape);

  cn_strides (&whole->shape, strides);
  cn_strides (&slice->shape, own);
  start = turn * strides[axis] + (scan->batched ? b * strides[0] : 0);
  for (int i = (int) axis; i < rest.rank - 1; i++)
    strides[i] = strides[i + 1];
  if (back)
    cn_walk_add (&walk, start, strides + scan->batched);
  cn_walk_add (&walk, 0, own);
  if (!back)
    cn_walk_add (&walk, start, strides + scan->batched);
  return cn_walk_copy (&walk, cn_type_size (whole->type), back ? whole->data : slice->data,
                       back ? slice->data : whole->data, run, error);
}

/* Runs the graph for slice `turn` of element `b` of the batch, of which `length` slices count. */
static gboolean
take_turn (const CnStep *step, gint64 b, gint64 turn, gint64 length, const CnRun *run,
           GError **error)
{
  const Scan *scan = step->state;
  guint8 *states = step->scratch;
  gint64 axis = 0;

  for (int i = 0; i < scan->states; i++)
    {
      const CnArray *to = cn_plan_input (scan->plan, i);

      memcpy (to->data, states, cn_array_bytes (to));
      states += cn_array_bytes (to);
    }
  for (int i = 0; i < scan->scans; i++)
    {
      const CnArray *whole = step->inputs[scan->first + scan->states + i];
      gint64 at = goes_back (step, FALSE, i) ? length - 1 - turn : turn;

      if (!find_axis (step, "scan_input_axes", i, whole->shape.rank, &axis, error)
          || !copy_slice (step, whole, axis, b, at, cn_plan_input (scan->plan, scan->states + i),
                          FALSE, run, error))
        return FALSE;
    }
  cn_body_fill (step, scan->plan, scan->states + scan->scans);
  if (!cn_plan_run (scan->plan, run, error))
    return cn_prefix_step (step, error);
  states = step->scratch;
  for (int i = 0; i < scan->states; i++)
    {
      const CnArray *from = cn_plan_output (scan->plan, i);

      memcpy (states, from->data, cn_array_bytes (from));
      states += cn_array_bytes (from);
    }
  for (int i = scan->states; i < step->n_outputs; i++)
    {
      const CnArray *whole = step->outputs[i];
      gint64 at = goes_back (step, TRUE, i - scan->states) ? length - 1 - turn : turn;

      if (whole
          && (!find_axis (step, "scan_output_axes", i - scan->states, whole->shape.rank, &axis,
                          error)
              || !copy_slice (step, whole, axis, b, at, cn_plan_output (scan->plan, i), TRUE, run,
                              error)))
        return FALSE;
    }
  return TRUE;
}

/* Copies the states of element `b` of the batch in or out. */
static void
copy_states (const CnStep *step, gint64 b, gboolean out)
{
  const Scan *scan = step->state;
  guint8 *states = step->scratch;

  for (int i = 0; i < scan->states; i++)
    {
      gsize bytes = cn_array_bytes (cn_plan_input (scan->plan, i));
      const CnArray *array = !out                  ? step->inputs[scan->first + i]
                             : i < step->n_outputs ? step->outputs[i]
                                                   : NULL;

      if (array && out)
        memcpy ((guint8 *) array->data + (gsize) b * bytes, states, bytes);
      else if (array)
        memcpy (states, (guint8 *) array->data + (gsize) b * bytes, bytes);
      states += bytes;
    }
}

static gboolean
run_scan (const CnStep *step, const CnRun *run, GError **error)
{
  const Scan *scan = step->state;
  const CnArray *lengths = scan->batched ? step->inputs[0] : NULL;
  const CnRun quiet = { .threads = run->threads, .cancel = run->cancel };

  for (int i = scan->states; lengths && i < step->n_outputs; i++)
    if (step->outputs[i])
      memset (step->outputs[i]->data, 0, cn_array_bytes (step->outputs[i]));
  for (gint64 b = 0; b < scan->batch; b++)
    {
      gint64 n = scan->turns;

      if (lengths)
        n = CLAMP (cn_array_get_int (lengths, (gsize) b), 0, n);
      copy_states (step, b, FALSE);
      for (gint64 turn = 0; turn < n; turn++)
        if (!take_turn (step, b, turn, n, &quiet, error))
          return FALSE;
      copy_states (step, b, TRUE);
    }
  return TRUE;
}

const CnOperator cn_operators_scan[] = {
  { "Scan", 8, "i? a*", G_MAXINT, "body:g directions:I num_scan_inputs:i", plan_scan, prepare_scan,
    run_scan, 0, NULL },
  { "Scan", 9, "a*", G_MAXINT,
    "body:g num_scan_inputs:i scan_input_axes:I scan_input_directions:I scan_output_axes:I "
    "scan_output_directions:I",
    plan_scan, prepare_scan, run_scan, 0, NULL },
  { 0 },
};
