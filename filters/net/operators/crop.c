/* crop.c: operators that keep or turn part of an array: Crop, CenterCropPad, ReverseSequence.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/net/operators/operators.h"

/* Copies between input and output what both have, where along each axis it begins in either. */
static gboolean
copy_common (const CnStep *step, const gint64 *in_start, const gint64 *out_start, const CnRun *run,
             GError **error)
{
  const CnArray *input = step->inputs[0], *output = step->outputs[0];
  CnShape common = output->shape;
  gint64 in[CN_RANK_MAX], out[CN_RANK_MAX], from = 0, to = 0;
  CnWalk walk;

  cn_strides (&input->shape, in);
  cn_strides (&output->shape, out);
  for (int i = 0; i < common.rank; i++)
    {
      common.dims[i] = MIN (common.dims[i], input->shape.dims[i]);
      from += in_start[i] * in[i];
      to += out_start[i] * out[i];
    }
  walk = cn_walk (&common);
  cn_walk_add (&walk, to, out);
  cn_walk_add (&walk, from, in);
  return cn_walk_copy (&walk, cn_type_size (input->type), output->data, input->data, run, error);
}

/* --- Crop: rows and columns at the rim are left out ----------------------------------------------
 */

/* What is left out at the left, the top, the right and the bottom; or, with “scale”, how high and
   wide the result is. */
static gboolean
plan_crop (CnStep *step, GError **error)
{
  CnShape shape = step->inputs[0]->shape;
  gint64 border[4] = { 0 }, size[2] = { -1, -1 };
  gboolean fits = shape.rank == 4;

  if (!cn_node_get (step->node, "border"))
    return cn_step_fail (step, error, "it has no border");
  if (!cn_step_ints_n (step, "border", 4, border, error)
      || !cn_step_ints_n (step, "scale", 2, size, error))
    return FALSE;
  for (int i = 0; i < 2 && fits; i++)
    {
      gint64 n = shape.dims[3 - i], begin = border[i], end = border[i + 2];

      fits = begin >= 0 && begin <= n && end >= 0 && end <= n;
      shape.dims[3 - i] = cn_node_get (step->node, "scale") ? size[1 - i] : n - begin - end;
      fits = fits && shape.dims[3 - i] >= 1 && shape.dims[3 - i] <= n - begin;
    }
  if (!fits)
    {
      g_autofree char *text = cn_shape_text (&step->inputs[0]->shape);

      return cn_step_fail (step, error, "its border does not fit into %s", text);
    }
  cn_step_output (step, 0, step->inputs[0]->type, &shape);
  return TRUE;
}

static gboolean
run_crop (const CnStep *step, const CnRun *run, GError **error)
{
  const gint64 *border = cn_node_get (step->node, "border")->ints;
  const gint64 in[CN_RANK_MAX] = { 0, 0, border[1], border[0] }, out[CN_RANK_MAX] = { 0 };

  return copy_common (step, in, out, run, error);
}

/* --- CenterCropPad: the middle is kept, or set in zeros -----------------------------------------
 */

static gboolean
plan_center (CnStep *step, GError **error)
{
  CnShape shape = step->inputs[0]->shape;
  const CnAttribute *axes = cn_node_get (step->node, "axes");
  g_autofree gint64 *sizes = NULL;
  int n;

  if (!cn_step_ints (step, "shape", 1, &n, &sizes, error))
    return FALSE;
  if (n != (axes ? axes->n : shape.rank) || n > shape.rank)
    return cn_step_fail (step, error, "there are %d sizes for %d axes", n,
                         axes ? axes->n : shape.rank);
  for (int i = 0; i < n; i++)
    {
      gint64 axis = axes ? axes->ints[i] : i;

      if (!cn_step_axis (step, &axis, shape.rank, error))
        return FALSE;
      if (sizes[i] < 0)
        return cn_step_fail (step, error, "a size of %" G_GINT64_FORMAT " is impossible", sizes[i]);
      shape.dims[axis] = sizes[i];
    }
  cn_step_output (step, 0, step->inputs[0]->type, &shape);
  return TRUE;
}

/* Of an odd number that is left out or added, the larger part is at the end. */
static gboolean
run_center (const CnStep *step, const CnRun *run, GError **error)
{
  const CnShape *from = &step->inputs[0]->shape, *to = &step->outputs[0]->shape;
  gint64 in[CN_RANK_MAX], out[CN_RANK_MAX];

  for (int i = 0; i < from->rank; i++)
    {
      in[i] = MAX (from->dims[i] - to->dims[i], 0) / 2;
      out[i] = MAX (to->dims[i] - from->dims[i], 0) / 2;
    }
  memset (step->outputs[0]->data, 0, cn_array_bytes (step->outputs[0]));
  return copy_common (step, in, out, run, error);
}

/* --- ReverseSequence: the first elements of each line along an axis, the other way round ---------
 */

static gboolean
find_axes (const CnStep *step, gint64 *batch, gint64 *time, GError **error)
{
  int rank = step->inputs[0]->shape.rank;

  *batch = cn_step_int (step, "batch_axis", 1);
  *time = cn_step_int (step, "time_axis", 0);
  if (!cn_step_axis (step, batch, rank, error) || !cn_step_axis (step, time, rank, error))
    return FALSE;
  return *batch != *time || cn_step_fail (step, error, "“batch_axis” and “time_axis” are the same");
}

static gboolean
plan_reverse (CnStep *step, GError **error)
{
  const CnShape *x = &step->inputs[0]->shape;
  gint64 batch, time;

  if (!find_axes (step, &batch, &time, error))
    return FALSE;
  if (cn_array_elements (step->inputs[1]) != (gsize) x->dims[batch])
    return cn_step_fail (step, error,
                         "there are %" G_GINT64_FORMAT " lengths, and must be %" G_GINT64_FORMAT,
                         (gint64) cn_array_elements (step->inputs[1]), x->dims[batch]);
  cn_step_output (step, 0, step->inputs[0]->type, x);
  return TRUE;
}

/* A copy for each line of the batch: its beginning backwards, and the rest as it stands. */
static gboolean
run_reverse (const CnStep *step, const CnRun *run, GError **error)
{
  const CnArray *x = step->inputs[0];
  gint64 batch, time, strides[CN_RANK_MAX];

  if (!find_axes (step, &batch, &time, error))
    return FALSE;
  cn_strides (&x->shape, strides);
  for (gint64 b = 0; b < x->shape.dims[batch]; b++)
    {
      gint64 n = x->shape.dims[time], length = cn_array_get_int (step->inputs[1], (gsize) b);
      gint64 start = b * strides[batch];

      if (length < 0 || length > n)
        return cn_step_fail (
            step, error, "a length of %" G_GINT64_FORMAT " is not one of 0 to %" G_GINT64_FORMAT,
            length, n);
      for (int part = 0; part < 2; part++)
        {
          CnShape shape = x->shape;
          gint64 from[CN_RANK_MAX];
          CnWalk walk;

          memcpy (from, strides, sizeof from);
          shape.dims[batch] = 1;
          shape.dims[time] = part == 0 ? length : n - length;
          if (shape.dims[time] == 0)
            continue;
          walk = cn_walk (&shape);
          cn_walk_add (&walk, start + (part == 0 ? 0 : length * strides[time]), strides);
          if (part == 0)
            from[time] = -strides[time];
          cn_walk_add (&walk, start + (part == 0 ? length - 1 : length) * strides[time], from);
          if (!cn_walk_copy (&walk, cn_type_size (x->type), step->outputs[0]->data, x->data, run,
                             error))
            return FALSE;
        }
    }
  return TRUE;
}

const CnOperator cn_operators_crop[] = {
  { "Crop", 1, "a", 1, "border:I scale:I", plan_crop, NULL, run_crop, 0, NULL },
  { "CenterCropPad", 18, "a i", 1, "axes:I", plan_center, NULL, run_center, 0, NULL },
  { "ReverseSequence", 10, "a i", 1, "batch_axis:i time_axis:i", plan_reverse, NULL, run_reverse, 0,
    NULL },
  { 0 },
};
