/* slice.c: Slice and Pad: an array cut, or set into a larger one.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/core/border.h"
#include "filters/core/parallel.h"
#include "filters/net/operators/operators.h"

/* --- Slice ---------------------------------------------------------------------------------------
 */

/* Where the result begins along each axis of the input, and by which steps it goes on. */
typedef struct
{
  gint64 start[CN_RANK_MAX], stride[CN_RANK_MAX];
} Slice;

/* From `start` to, but without, `end`, which may be far outside; as in NumPy. */
static void
slice_axis (gint64 n, gint64 start, gint64 end, gint64 stride, Slice *slice, gint64 axis,
            gint64 *size)
{
  gint64 first = stride > 0 ? 0 : -1, last = stride > 0 ? n : n - 1;

  start = CLAMP (start < 0 ? start + n : start, first, last);
  end = CLAMP (end < 0 ? end + n : end, first, last);
  slice->start[axis] = start;
  slice->stride[axis] = stride;
  *size = stride > 0 ? (end > start ? (end - start - 1) / stride + 1 : 0)
                     : (start > end ? (start - end - 1) / -stride + 1 : 0);
}

static gboolean
plan_slice (CnStep *step, GError **error)
{
  CnShape shape = step->inputs[0]->shape;
  g_autofree gint64 *starts = NULL, *ends = NULL, *axes = NULL, *strides = NULL;
  int n, n_ends, n_axes, n_strides;
  Slice *slice = g_new0 (Slice, 1);

  step->state = slice;
  step->free_state = g_free;
  for (int i = 0; i < shape.rank; i++)
    slice->stride[i] = 1;
  if (!cn_step_ints (step, "starts", 1, &n, &starts, error)
      || !cn_step_ints (step, "ends", 2, &n_ends, &ends, error)
      || !cn_step_ints (step, "axes", 3, &n_axes, &axes, error)
      || !cn_step_ints (step, "steps", 4, &n_strides, &strides, error))
    return FALSE;
  if (n_ends != n || n > shape.rank || (axes && n_axes != n) || (strides && n_strides != n))
    return cn_step_fail (step, error, "starts, ends, axes and steps are not of one length");
  for (int i = 0; i < n; i++)
    {
      gint64 axis = axes ? axes[i] : i, stride = strides ? strides[i] : 1;

      if (!cn_step_axis (step, &axis, shape.rank, error))
        return FALSE;
      if (stride == 0 || stride == G_MININT64)
        return cn_step_fail (step, error, "a step of %" G_GINT64_FORMAT " is impossible", stride);
      slice_axis (step->inputs[0]->shape.dims[axis], starts[i], ends[i], stride, slice, axis,
                  &shape.dims[axis]);
    }
  cn_step_output (step, 0, step->inputs[0]->type, &shape);
  return TRUE;
}

static gboolean
run_slice (const CnStep *step, const CnRun *run, GError **error)
{
  const Slice *slice = step->state;
  const CnArray *input = step->inputs[0], *output = step->outputs[0];
  CnWalk walk = cn_walk (&output->shape);
  gint64 strides[CN_RANK_MAX], start = 0;

  cn_strides (&input->shape, strides);
  for (int i = 0; i < input->shape.rank; i++)
    {
      start += slice->start[i] * strides[i];
      /* A step that is taken once only may be too large to be multiplied. */
      strides[i] *= output->shape.dims[i] > 1 ? slice->stride[i] : 0;
    }
  cn_walk_add_broadcast (&walk, &output->shape);
  cn_walk_add (&walk, start, strides);
  return cn_walk_copy (&walk, cn_type_size (output->type), output->data, input->data, run, error);
}

/* --- Pad -----------------------------------------------------------------------------------------
 */

typedef struct
{
  gint64 before[CN_RANK_MAX];
  CnBorder border;
} Pad;

static gboolean
read_pads (const CnStep *step, gint64 *before, gint64 *after, GError **error)
{
  int rank = step->inputs[0]->shape.rank, n, n_axes;
  g_autofree gint64 *pads = NULL, *axes = NULL;
  /* Before opset 2 the attribute has another name. */
  const char *name = step->opset < 2 ? "paddings" : "pads";

  if (!cn_step_ints (step, name, 1, &n, &pads, error)
      || !cn_step_ints (step, "axes", 3, &n_axes, &axes, error))
    return FALSE;
  if (n != 2 * (axes ? n_axes : rank))
    return cn_step_fail (step, error, "there are %d pads for %d axes", n, axes ? n_axes : rank);
  for (int i = 0; i < n / 2; i++)
    {
      gint64 axis = axes ? axes[i] : i;

      if (!cn_step_axis (step, &axis, rank, error))
        return FALSE;
      before[axis] = pads[i];
      after[axis] = pads[i + n / 2];
    }
  return TRUE;
}

static gboolean
plan_pad (CnStep *step, GError **error)
{
  const char *mode = cn_step_string (step, "mode", "constant");
  CnShape shape = step->inputs[0]->shape;
  gint64 after[CN_RANK_MAX] = { 0 };
  Pad *pad = g_new0 (Pad, 1);

  step->state = pad;
  step->free_state = g_free;
  pad->border = strcmp (mode, "edge") == 0      ? CN_BORDER_REPLICATE
                : strcmp (mode, "reflect") == 0 ? CN_BORDER_REFLECT
                : strcmp (mode, "wrap") == 0    ? CN_BORDER_WRAP
                                                : CN_BORDER_ZERO;
  if (!read_pads (step, pad->before, after, error))
    return FALSE;
  for (int i = 0; i < shape.rank; i++)
    {
      gint64 n = shape.dims[i];

      if (ABS (CLAMP (pad->before[i], -G_MAXINT, G_MAXINT)) >= CN_SIZE_MAX * 16
          || ABS (CLAMP (after[i], -G_MAXINT, G_MAXINT)) >= CN_SIZE_MAX * 16
          || n + pad->before[i] + after[i] < 0)
        return cn_step_fail (step, error,
                             "pads of %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT
                             " are impossible on a size of %" G_GINT64_FORMAT,
                             pad->before[i], after[i], n);
      shape.dims[i] += pad->before[i] + after[i];
      if (pad->border != CN_BORDER_ZERO && ((n == 0 && shape.dims[i] > 0) || n > CN_SIZE_MAX * 16))
        return cn_step_fail (step, error, "there is nothing to continue along axis %d", i);
    }
  step->window = pad->border == CN_BORDER_ZERO || pad->border == CN_BORDER_REPLICATE;
  cn_step_output (step, 0, step->inputs[0]->type, &shape);
  return TRUE;
}

/* A line of the result: each element has its place in the input, or is the constant. */
static void
pad_line (gpointer data, gsize line)
{
  const CnStep *step = data;
  const Pad *pad = step->state;
  const CnShape *in = &step->inputs[0]->shape, *out = &step->outputs[0]->shape;
  gsize size = cn_type_size (step->outputs[0]->type), n = (gsize) out->dims[out->rank - 1];
  int last = out->rank - 1;
  gint64 strides[CN_RANK_MAX], start = 0;
  guint8 *to = (guint8 *) step->outputs[0]->data + line * n * size;
  const guint8 *from = step->inputs[0]->data, *constant = step->scratch;
  gboolean outside = FALSE;

  cn_strides (in, strides);
  for (int i = last - 1; i >= 0; i--)
    {
      int at = cn_border_index (pad->border,
                                (int) ((gint64) (line % (gsize) out->dims[i]) - pad->before[i]),
                                (int) in->dims[i]);

      line /= (gsize) out->dims[i];
      outside = outside || at < 0;
      start += at * strides[i];
    }
  for (gsize k = 0; k < n; k++)
    {
      int at = outside ? -1
                       : cn_border_index (pad->border, (int) ((gint64) k - pad->before[last]),
                                          (int) in->dims[last]);

      memcpy (to + k * size, at < 0 ? constant : from + (start + at) * (gint64) size, size);
    }
}

static gboolean
prepare_pad (CnStep *step, GError **error)
{
  (void) error;
  step->scratch_bytes = sizeof (gint64);
  return TRUE;
}

static gboolean
run_pad (const CnStep *step, const CnRun *run, GError **error)
{
  const CnArray *value = cn_step_input (step, 2), *output = step->outputs[0];
  const CnShape *shape = &output->shape;
  CnArray constant = { .type = output->type, .data = step->scratch };

  if (value && cn_array_elements (value) == 1 && value->type == output->type)
    memcpy (step->scratch, value->data, cn_type_size (output->type));
  else if (output->type == CN_TYPE_FLOAT)
    constant.floats[0] = cn_step_float (step, "value", 0);
  else
    cn_array_set_int (&constant, 0, 0);
  if (shape->rank == 0)
    {
      memcpy (output->data, step->inputs[0]->data, cn_array_bytes (output));
      return TRUE;
    }
  return cn_parallel (cn_shape_product (shape, 0, shape->rank - 1), pad_line, (gpointer) step, run,
                      error);
}

const CnOperator cn_operators_slice[] = {
  { "Slice", 1, "a i? i? i? i?", 1, "axes:I ends:I starts:I", plan_slice, NULL, run_slice, 0,
    NULL },
  { "Pad", 1, "a i? a? i?", 1, "mode:s=constant|reflect|edge|wrap pads:I paddings:I value:f",
    plan_pad, prepare_pad, run_pad, 0, NULL },
  { 0 },
};
