/* shape.c: operators that give the same elements another shape, or tell a shape.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/net/operators/operators.h"

static gboolean
set_view (CnStep *step, const CnShape *shape, GError **error)
{
  const CnArray *input = step->inputs[0];
  g_autofree char *from = NULL, *to = NULL;

  if (!cn_array_check (input->type, shape, error))
    return FALSE;
  if (cn_shape_elements (shape) == cn_array_elements (input))
    {
      cn_step_output (step, 0, input->type, shape);
      step->outputs[0]->bits = input->bits;
      return TRUE;
    }
  from = cn_shape_text (&input->shape);
  to = cn_shape_text (shape);
  return cn_step_fail (step, error, "%s cannot become %s", from, to);
}

/* 0 keeps the input's size, −1 is what is left. */
static gboolean
plan_reshape (CnStep *step, GError **error)
{
  const CnShape *input = &step->inputs[0]->shape;
  CnShape shape = { 0 };
  int n, rest = -1;
  g_autofree gint64 *dims = NULL;
  guint64 product = 1;

  if (!cn_step_ints (step, "shape", 1, &n, &dims, error))
    return FALSE;
  if (!dims || n > CN_RANK_MAX)
    return cn_step_lacks (step, error, "a shape of %d axes is not supported", n);
  shape.rank = n;
  for (int i = 0; i < n; i++)
    {
      shape.dims[i] = dims[i];
      if (dims[i] == 0 && !cn_step_int (step, "allowzero", 0))
        {
          if (i >= input->rank)
            return cn_step_fail (step, error, "axis %d keeps a size that is not there", i);
          shape.dims[i] = input->dims[i];
        }
      if (dims[i] == -1 && rest < 0)
        rest = i;
      else if (shape.dims[i] < 0
               || !g_uint64_checked_mul (&product, product, (guint64) shape.dims[i]))
        return cn_step_fail (step, error, "the size %" G_GINT64_FORMAT " is impossible", dims[i]);
    }
  if (rest >= 0)
    shape.dims[rest] = product == 0 ? 0 : (gint64) (cn_shape_elements (input) / product);
  return set_view (step, &shape, error);
}

static gboolean
plan_flatten (CnStep *step, GError **error)
{
  const CnShape *input = &step->inputs[0]->shape;
  gint64 axis = cn_step_int (step, "axis", 1);
  CnShape shape = { .rank = 2 };

  if (axis != input->rank && !cn_step_axis (step, &axis, input->rank, error))
    return FALSE;
  shape.dims[0] = (gint64) cn_shape_product (input, 0, (int) axis);
  shape.dims[1] = (gint64) cn_shape_product (input, (int) axis, input->rank);
  return set_view (step, &shape, error);
}

/* Marks the axes that “axes” lists, out of `rank`. */
static gboolean
mark_axes (const CnStep *step, int n, const gint64 *axes, int rank, gboolean *marked,
           GError **error)
{
  for (int i = 0; i < n; i++)
    {
      gint64 axis = axes[i];

      if (!cn_step_axis (step, &axis, rank, error))
        return FALSE;
      if (marked[axis])
        return cn_step_fail (step, error, "axis %" G_GINT64_FORMAT " is listed twice", axis);
      marked[axis] = TRUE;
    }
  return TRUE;
}

static gboolean
plan_squeeze (CnStep *step, GError **error)
{
  const CnShape *input = &step->inputs[0]->shape;
  gboolean marked[CN_RANK_MAX] = { FALSE };
  g_autofree gint64 *axes = NULL;
  CnShape shape = { 0 };
  int n;

  if (!cn_step_ints (step, "axes", 1, &n, &axes, error)
      || !mark_axes (step, n, axes, input->rank, marked, error))
    return FALSE;
  for (int i = 0; i < input->rank; i++)
    {
      if (axes ? !marked[i] : input->dims[i] != 1)
        shape.dims[shape.rank++] = input->dims[i];
      else if (input->dims[i] != 1)
        return cn_step_fail (step, error, "axis %d has the size %" G_GINT64_FORMAT ", and not 1", i,
                             input->dims[i]);
    }
  return set_view (step, &shape, error);
}

static gboolean
plan_unsqueeze (CnStep *step, GError **error)
{
  const CnShape *input = &step->inputs[0]->shape;
  gboolean marked[CN_RANK_MAX] = { FALSE };
  g_autofree gint64 *axes = NULL;
  CnShape shape = { 0 };
  int n, taken = 0;

  if (!cn_step_ints (step, "axes", 1, &n, &axes, error))
    return FALSE;
  shape.rank = input->rank + n;
  if (shape.rank > CN_RANK_MAX)
    return cn_step_lacks (step, error, "an array of %d axes is not supported", shape.rank);
  if (!mark_axes (step, n, axes, shape.rank, marked, error))
    return FALSE;
  for (int i = 0; i < shape.rank; i++)
    shape.dims[i] = marked[i] ? 1 : input->dims[taken++];
  return set_view (step, &shape, error);
}

static gboolean
plan_identity (CnStep *step, GError **error)
{
  (void) error;
  step->window = 1;
  cn_step_output_like (step, 0, step->inputs[0]);
  return TRUE;
}

/* Dropout does nothing but in training; its mask keeps every element. */
static gboolean
plan_dropout (CnStep *step, GError **error)
{
  const CnArray *training = cn_step_input (step, 2);
  CnType type = step->opset < 10 ? step->inputs[0]->type : CN_TYPE_BOOL;

  if (training && (!training->data || cn_array_get_int (training, 0) != 0))
    return cn_step_lacks (step, error, "training is not supported");
  cn_step_output (step, 1, type, &step->inputs[0]->shape);
  return plan_identity (step, error);
}

static gboolean
run_dropout (const CnStep *step, const CnRun *run, GError **error)
{
  const CnArray *mask = step->n_outputs > 1 ? step->outputs[1] : NULL;
  gsize n = mask ? cn_array_elements (mask) : 0;

  (void) run;
  (void) error;
  if (mask && mask->type == CN_TYPE_BOOL)
    memset (mask->data, TRUE, n);
  else
    for (gsize i = 0; i < n; i++)
      mask->floats[i] = 1;
  return TRUE;
}

/* The axes that Shape tells: from “start” to, but without, “end”. */
static void
shape_range (const CnStep *step, int *start, int *end)
{
  gint64 rank = step->inputs[0]->shape.rank;
  gint64 from = cn_step_int (step, "start", 0), to = cn_step_int (step, "end", rank);

  *start = (int) CLAMP (from < 0 ? from + rank : from, 0, rank);
  *end = (int) CLAMP (to < 0 ? to + rank : to, *start, rank);
}

static gboolean
plan_shape (CnStep *step, GError **error)
{
  int start, end;
  CnShape shape = { .rank = 1 };

  (void) error;
  shape_range (step, &start, &end);
  shape.dims[0] = end - start;
  cn_step_output (step, 0, CN_TYPE_INT64, &shape);
  return TRUE;
}

static gboolean
run_shape (const CnStep *step, const CnRun *run, GError **error)
{
  int start, end;

  (void) run;
  (void) error;
  shape_range (step, &start, &end);
  for (int i = start; i < end; i++)
    step->outputs[0]->int64s[i - start] = step->inputs[0]->shape.dims[i];
  return TRUE;
}

static gboolean
run_size (const CnStep *step, const CnRun *run, GError **error)
{
  (void) run;
  (void) error;
  step->outputs[0]->int64s[0] = (gint64) cn_array_elements (step->inputs[0]);
  return TRUE;
}

#define VIEW(name, inputs, attributes, plan)                                 \
  {                                                                          \
    name, 1, inputs, 1, attributes, plan, NULL, NULL, CN_OPERATOR_VIEW, NULL \
  }

const CnOperator cn_operators_shape[] = {
  VIEW ("Reshape", "a i?", "shape:I allowzero:i consumed_inputs:I", plan_reshape),
  VIEW ("Flatten", "a", "axis:i", plan_flatten),
  VIEW ("Squeeze", "a i?", "axes:I", plan_squeeze),
  VIEW ("Unsqueeze", "a i?", "axes:I", plan_unsqueeze),
  VIEW ("Identity", "e", "", plan_identity),
  { "Dropout", 1, "f f? b?", 2, "ratio:f seed:i is_test:i=1 consumed_inputs:I", plan_dropout, NULL,
    run_dropout, CN_OPERATOR_VIEW, NULL },
  { "Shape", 1, "a", 1, "start:i end:i", plan_shape, NULL, run_shape, CN_OPERATOR_SHAPES, NULL },
  { "Size", 1, "a", 1, "", cn_plan_count, NULL, run_size, CN_OPERATOR_SHAPES, NULL },
  { 0 },
};
