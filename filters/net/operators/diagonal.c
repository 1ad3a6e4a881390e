/* diagonal.c: operators that know a diagonal: EyeLike, Trilu and Det.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "filters/core/parallel.h"
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

static gboolean
plan_determinant (CnStep *step, GError **error)
{
  CnShape shape = step->inputs[0]->shape;
  int rank = shape.rank;
  gsize n;

  if (rank < 2 || shape.dims[rank - 1] != shape.dims[rank - 2])
    {
      g_autofree char *text = cn_shape_text (&shape);

      return cn_step_fail (step, error, "%s is no square matrix", text);
    }
  n = (gsize) shape.dims[rank - 1];
  shape.rank -= 2;
  cn_step_output (step, 0, CN_TYPE_FLOAT, &shape);
  step->scratch_bytes = cn_array_elements (step->inputs[0]) * sizeof (double);
  step->multiply_adds = (double) cn_array_elements (step->inputs[0]) * (double) n / 3;
  return TRUE;
}

/* Gaussian elimination, each column by its largest element; the determinant is the product of
   what is left on the diagonal. */
static void
find_determinant (gpointer data, gsize matrix)
{
  const CnStep *step = data;
  const CnShape *shape = &step->inputs[0]->shape;
  gsize n = (gsize) shape->dims[shape->rank - 1];
  double *a = (double *) step->scratch + matrix * n * n, determinant = 1;

  for (gsize i = 0; i < n * n; i++)
    a[i] = step->inputs[0]->floats[matrix * n * n + i];
  for (gsize k = 0; k < n && determinant != 0; k++)
    {
      gsize largest = k;

      for (gsize i = k + 1; i < n; i++)
        if (fabs (a[i * n + k]) > fabs (a[largest * n + k]))
          largest = i;
      for (gsize j = k; j < n && largest != k; j++)
        {
          double other = a[k * n + j];

          a[k * n + j] = a[largest * n + j];
          a[largest * n + j] = other;
        }
      determinant *= largest == k ? a[k * n + k] : -a[k * n + k];
      for (gsize i = k + 1; i < n && a[k * n + k] != 0; i++)
        {
          double factor = a[i * n + k] / a[k * n + k];

          for (gsize j = k + 1; j < n; j++)
            a[i * n + j] -= factor * a[k * n + j];
        }
    }
  step->outputs[0]->floats[matrix] = (float) determinant;
}

static gboolean
run_determinant (const CnStep *step, const CnRun *run, GError **error)
{
  return cn_parallel (cn_array_elements (step->outputs[0]), find_determinant, (gpointer) step, run,
                      error);
}

const CnOperator cn_operators_diagonal[] = {
  { "EyeLike", 9, "a", 1, "dtype:i k:i", plan_eye, NULL, run_eye, CN_OPERATOR_SHAPES, NULL },
  { "Trilu", 14, "a i?", 1, "upper:i", plan_triangle, NULL, run_triangle, CN_OPERATOR_IN_PLACE,
    NULL },
  { "Det", 11, "f", 1, "", plan_determinant, NULL, run_determinant, 0, NULL },
  { 0 },
};
