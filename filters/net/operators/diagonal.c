/* diagonal.c: operators that know a diagonal: EyeLike and Trilu.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/net/operators/operators.h"

static gboolean
plan_eye (CnStep *step, GError **error)
{
  const CnAttribute *type = cn_node_get (step->node, "dtype");

  if (step->inputs[0]->shape.rank != 2)
    return cn_step_fail (step, error, "its input does not have two axes");
  cn_step_output (step, 0, step->inputs[0]->type, &step->inputs[0]->shape);
  return !type || cn_plan_type (step, type->ints[0], &step->inputs[0]->shape, error);
}

static gboolean
run_eye (const CnStep *step, const CnRun *run, GError **error)
{
  const CnArray *output = step->outputs[0];
  gint64 columns = output->shape.dims[1], k = cn_step_int (step, "k", 0);

  (void) run;
  (void) error;
  for (gsize i = 0; i < cn_array_elements (output); i++)
    cn_array_set_int (output, i,
                      (gint64) i % columns
                          == (gint64) ((guint64) ((gint64) i / columns) + (guint64) k));
  return TRUE;
}

static gboolean
plan_triangle (CnStep *step, GError **error)
{
  if (step->inputs[0]->shape.rank < 2)
    return cn_step_fail (step, error, "its input does not have two axes");
  return cn_plan_like_input (step, error);
}

/* Keeps what is on one side of the k-th diagonal above the main one. */
static gboolean
run_triangle (const CnStep *step, const CnRun *run, GError **error)
{
  const CnArray *input = step->inputs[0], *output = step->outputs[0];
  const CnArray *diagonal = cn_step_input (step, 1);
  gsize size = cn_type_size (output->type);
  gint64 rows = output->shape.dims[output->shape.rank - 2];
  gint64 columns = output->shape.dims[output->shape.rank - 1];
  gint64 k = diagonal && cn_array_elements (diagonal) ? cn_array_get_int (diagonal, 0) : 0;
  gboolean upper = cn_step_int (step, "upper", 1) != 0;

  (void) run;
  (void) error;
  k = CLAMP (k, -rows - 1, columns + 1);
  for (gsize i = 0; i < cn_array_elements (output); i++)
    {
      gint64 row = (gint64) i / columns % rows, column = (gint64) i % columns;
      guint8 *to = (guint8 *) output->data + i * size;

      if (upper ? column - row >= k : column - row <= k)
        memmove (to, (guint8 *) input->data + i * size, size);
      else
        memset (to, 0, size);
    }
  return TRUE;
}

const CnOperator cn_operators_diagonal[] = {
  { "EyeLike", 9, "a", 1, "dtype:i k:i", plan_eye, NULL, run_eye, CN_OPERATOR_SHAPES, NULL },
  { "Trilu", 14, "a i?", 1, "upper:i", plan_triangle, NULL, run_triangle, CN_OPERATOR_IN_PLACE,
    NULL },
  { 0 },
};
