/* unpool.c: operators that put what was taken apart together again: MaxUnpool and Col2Im.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/core/parallel.h"
#include "filters/net/operators/operators.h"

/* --- MaxUnpool: each element back to where MaxPool found it, zeros elsewhere --------------------
 */

/* Sets the sizes of what the pool had as its input: (n − 1)·stride + kernel − padding. */
static gboolean
find_pooled (const CnStep *step, CnShape *shape, GError **error)
{
  const CnShape *x = &step->inputs[0]->shape;
  gint64 kernel[CN_RANK_MAX] = { 0 }, stride[CN_RANK_MAX], pads[2 * CN_RANK_MAX] = { 0 };
  int rank = x->rank - 2;

  if (rank < 1)
    return cn_step_lacks (step, error, "an input of %d axes is not supported", x->rank);
  for (int i = 0; i < rank; i++)
    stride[i] = 1;
  if (!cn_step_ints_n (step, "kernel_shape", rank, kernel, error)
      || !cn_step_ints_n (step, "strides", rank, stride, error)
      || !cn_step_ints_n (step, "pads", 2 * rank, pads, error))
    return FALSE;
  *shape = *x;
  for (int i = 0; i < rank; i++)
    {
      gint64 *n = &shape->dims[i + 2], padding = 0;
      gboolean fits = *n >= 1 && *n <= CN_SIZE_MAX && kernel[i] >= 1 && kernel[i] <= CN_SIZE_MAX
                      && stride[i] >= 1 && stride[i] <= CN_SIZE_MAX && pads[i] >= 0
                      && pads[i] <= CN_SIZE_MAX && pads[i + rank] >= 0
                      && pads[i + rank] <= CN_SIZE_MAX;

      if (fits)
        {
          padding = pads[i] + pads[i + rank];
          *n = (*n - 1) * stride[i] + kernel[i] - padding;
        }
      if (!fits || *n < 1)
        return cn_step_fail (step, error,
                             "a kernel of %" G_GINT64_FORMAT " with stride %" G_GINT64_FORMAT
                             " and %" G_GINT64_FORMAT " of padding is impossible along axis %d",
                             kernel[i], stride[i], padding, i + 2);
    }
  return cn_array_check (CN_TYPE_FLOAT, shape, error) || cn_prefix_step (step, error);
}

static gboolean
plan_unpool (CnStep *step, GError **error)
{
  g_autofree gint64 *sizes = NULL;
  CnShape shape;
  int n;

  if (!cn_shape_equal (&step->inputs[0]->shape, &step->inputs[1]->shape))
    return cn_step_fail (step, error, "the indices do not have the shape of the data");
  if (!find_pooled (step, &shape, error)
      || !cn_step_ints (step, "output_shape", 2, &n, &sizes, error))
    return FALSE;
  if (sizes && n != shape.rank)
    return cn_step_fail (step, error, "“%s” has %d numbers, and must have %d", "output_shape", n,
                         shape.rank);
  for (int i = 0; i < n; i++)
    {
      if (sizes[i] < shape.dims[i] || (i < 2 && sizes[i] != shape.dims[i]))
        return cn_step_fail (step, error,
                             "a size of %" G_GINT64_FORMAT
                             " is impossible along axis %d, which needs %" G_GINT64_FORMAT,
                             sizes[i], i, shape.dims[i]);
      shape.dims[i] = sizes[i];
    }
  cn_step_output (step, 0, CN_TYPE_FLOAT, &shape);
  return TRUE;
}

/* Indices count the elements of the pool's input, which may be smaller than the result. */
static gboolean
run_unpool (const CnStep *step, const CnRun *run, GError **error)
{
  const CnArray *output = step->outputs[0];
  gint64 strides[CN_RANK_MAX], elements;
  CnShape pooled;

  (void) run;
  if (!find_pooled (step, &pooled, error))
    return FALSE;
  elements = (gint64) cn_shape_elements (&pooled);
  cn_strides (&output->shape, strides);
  memset (output->data, 0, cn_array_bytes (output));
  for (gsize i = 0; i < cn_array_elements (step->inputs[0]); i++)
    {
      gint64 index = cn_array_get_int (step->inputs[1], i), rest = index, place = 0;

      if (index < 0 || index >= elements)
        return cn_step_fail (step, error,
                             "there is no element %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT, index,
                             elements);
      for (int axis = pooled.rank - 1; axis >= 0; axis--)
        {
          place += rest % pooled.dims[axis] * strides[axis];
          rest /= pooled.dims[axis];
        }
      output->floats[place] = step->inputs[0]->floats[i];
    }
  return TRUE;
}

/* --- Col2Im: windows, one in each column, are added up where they lie in a picture --------------
 */

typedef struct
{
  CnWindows windows;
  CnShape picture; /* N×C, and the picture's sizes */
  CnShape columns; /* the same with how many windows there are along each axis */
  gsize taps, positions;
} Columns;

static gboolean
plan_columns (CnStep *step, GError **error)
{
  const CnShape *x = &step->inputs[0]->shape;
  g_autofree gint64 *sizes = NULL, *kernel_sizes = NULL;
  Columns *columns = g_new0 (Columns, 1);
  CnShape kernel = { 0 };
  int n, kernels;

  step->state = columns;
  step->free_state = g_free;
  if (!cn_step_ints (step, "image_shape", 1, &n, &sizes, error)
      || !cn_step_ints (step, "block_shape", 2, &kernels, &kernel_sizes, error))
    return FALSE;
  if (x->rank != 3 || n < 1 || n != kernels || n > CN_RANK_MAX - 2)
    return cn_step_fail (step, error, "columns, picture and blocks do not fit together");
  kernel.rank = columns->picture.rank = n + 2;
  columns->picture.dims[0] = x->dims[0];
  columns->taps = columns->positions = 1;
  for (int i = 0; i < n; i++)
    {
      kernel.dims[i + 2] = kernel_sizes[i];
      columns->picture.dims[i + 2] = sizes[i];
      if (kernel_sizes[i] < 1 || kernel_sizes[i] > x->dims[1] / (gint64) columns->taps)
        return cn_step_fail (step, error, "columns, picture and blocks do not fit together");
      columns->taps *= (gsize) kernel_sizes[i];
    }
  columns->picture.dims[1] = x->dims[1] / (gint64) columns->taps;
  columns->columns = columns->picture;
  if (!cn_step_windows (step, &columns->picture, &kernel, &columns->windows, error)
      || !cn_step_positions (step, &columns->windows, &columns->picture, &columns->columns, error))
    return FALSE;
  if (!cn_array_check (CN_TYPE_FLOAT, &columns->columns, error))
    return cn_prefix_step (step, error);
  columns->positions = cn_shape_product (&columns->columns, 2, n + 2);
  if (x->dims[1] % (gint64) columns->taps || x->dims[2] != (gint64) columns->positions)
    return cn_step_fail (step, error, "columns, picture and blocks do not fit together");
  cn_step_output (step, 0, CN_TYPE_FLOAT, &columns->picture);
  return TRUE;
}

static void
add_columns (gpointer data, gsize plane)
{
  const CnStep *step = data;
  const Columns *c = step->state;
  gsize n = cn_shape_product (&c->picture, 2, c->picture.rank);
  const float *from = step->inputs[0]->floats + plane * c->taps * c->positions;
  float *to = step->outputs[0]->floats + plane * n;

  memset (to, 0, n * sizeof *to);
  for (gsize t = 0; t < c->taps; t++)
    for (gsize p = 0; p < c->positions; p++, from++)
      {
        gsize place;

        if (cn_windows_tap (&c->windows, &c->picture, &c->columns, p, t, &place) == CN_TAP_INSIDE)
          to[place] += *from;
      }
}

static gboolean
run_columns (const CnStep *step, const CnRun *run, GError **error)
{
  const Columns *c = step->state;

  return cn_parallel (cn_shape_product (&c->picture, 0, 2), add_columns, (gpointer) step, run,
                      error);
}

const CnOperator cn_operators_unpool[] = {
  { "MaxUnpool", 9, "f i i?", 1, "kernel_shape:I pads:I strides:I", plan_unpool, NULL, run_unpool,
    0, NULL },
  { "Col2Im", 18, "f i i", 1, "dilations:I pads:I strides:I", plan_columns, NULL, run_columns, 0,
    NULL },
  { 0 },
};
