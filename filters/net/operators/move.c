/* move.c: operators that put elements elsewhere without looking at them.
 *
 * Each is a copy by a walk, whose strides say what is moved where.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/net/operators/operators.h"

/* Copies between part of input `i` and part of output `o`, where the walk has the strides. */
static gboolean
copy (const CnWalk *walk, const CnArray *to, const CnArray *from, const CnRun *run, GError **error)
{
  return cn_walk_copy (walk, cn_type_size (to->type), to->data, from->data, run, error);
}

/* --- Transpose -----------------------------------------------------------------------------------
 */

/* Axis i of the result is axis axes[i] of the input; without “perm” they are reversed. */
static gboolean
find_axes (const CnStep *step, gint64 *axes, GError **error)
{
  int rank = step->inputs[0]->shape.rank;
  gboolean taken[CN_RANK_MAX] = { FALSE };

  for (int i = 0; i < rank; i++)
    axes[i] = rank - 1 - i;
  if (!cn_step_ints_n (step, "perm", rank, axes, error))
    return FALSE;
  for (int i = 0; i < rank; i++)
    {
      if (axes[i] < 0 || axes[i] >= rank || taken[axes[i]])
        return cn_step_fail (step, error, "“perm” does not list each axis once");
      taken[axes[i]] = TRUE;
    }
  return TRUE;
}

static gboolean
plan_transpose (CnStep *step, GError **error)
{
  CnShape shape = step->inputs[0]->shape;
  gint64 axes[CN_RANK_MAX];

  if (!find_axes (step, axes, error))
    return FALSE;
  for (int i = 0; i < shape.rank; i++)
    shape.dims[i] = step->inputs[0]->shape.dims[axes[i]];
  cn_step_output (step, 0, step->inputs[0]->type, &shape);
  return TRUE;
}

static gboolean
run_transpose (const CnStep *step, const CnRun *run, GError **error)
{
  const CnArray *input = step->inputs[0];
  CnWalk walk = cn_walk (&step->outputs[0]->shape);
  gint64 axes[CN_RANK_MAX], own[CN_RANK_MAX], strides[CN_RANK_MAX];

  if (!find_axes (step, axes, error))
    return FALSE;
  cn_strides (&input->shape, own);
  for (int i = 0; i < input->shape.rank; i++)
    strides[i] = own[axes[i]];
  cn_walk_add_broadcast (&walk, &step->outputs[0]->shape);
  cn_walk_add (&walk, 0, strides);
  return copy (&walk, step->outputs[0], input, run, error);
}

/* --- Concat and Split ----------------------------------------------------------------------------
 */

static gboolean
plan_concat (CnStep *step, GError **error)
{
  CnShape shape = step->inputs[0]->shape;
  gint64 axis = cn_step_int (step, "axis", 1);

  if (!cn_step_axis (step, &axis, shape.rank, error))
    return FALSE;
  for (int i = 1; i < step->n_inputs; i++)
    {
      CnShape other = step->inputs[i]->shape;
      gint64 size = other.dims[axis];

      other.dims[axis] = shape.dims[axis];
      if (!cn_shape_equal (&other, &shape) || step->inputs[i]->type != step->inputs[0]->type)
        {
          g_autofree char *first = cn_shape_text (&step->inputs[0]->shape);
          g_autofree char *text = cn_shape_text (&step->inputs[i]->shape);

          return cn_step_fail (step, error, "%s and %s cannot be joined along axis %d", first, text,
                               (int) axis);
        }
      shape.dims[axis] += size;
    }
  step->window = axis == 1;
  cn_step_output (step, 0, step->inputs[0]->type, &shape);
  return TRUE;
}

/* Copies an array to (or, `apart`, from) where it begins along the axis of a larger one, unless it
   lies there. */
static gboolean
copy_part (const CnArray *whole, const CnArray *part, gint64 axis, gint64 start, gboolean apart,
           const CnRun *run, GError **error)
{
  CnWalk walk = cn_walk (&part->shape);
  gint64 in_whole[CN_RANK_MAX], in_part[CN_RANK_MAX];

  cn_strides (&whole->shape, in_whole);
  cn_strides (&part->shape, in_part);
  if ((guint8 *) whole->data + start * in_whole[axis] * (gint64) cn_type_size (part->type)
      == part->data)
    return TRUE;
  if (apart)
    cn_walk_add (&walk, 0, in_part);
  cn_walk_add (&walk, start * in_whole[axis], in_whole);
  if (!apart)
    cn_walk_add (&walk, 0, in_part);
  return copy (&walk, apart ? part : whole, apart ? whole : part, run, error);
}

static gboolean
run_concat (const CnStep *step, const CnRun *run, GError **error)
{
  gint64 axis = cn_step_int (step, "axis", 1), start = 0;

  cn_step_axis (step, &axis, step->inputs[0]->shape.rank, NULL);
  for (int i = 0; i < step->n_inputs; i++)
    {
      if (!copy_part (step->outputs[0], step->inputs[i], axis, start, FALSE, run, error))
        return FALSE;
      start += step->inputs[i]->shape.dims[axis];
    }
  return TRUE;
}

/* Parts as “split” lists them or, without it, as many equal ones as there are outputs, the last one
   being smaller if it must. */
static gboolean
plan_split (CnStep *step, GError **error)
{
  CnShape shape = step->inputs[0]->shape;
  gint64 axis = cn_step_int (step, "axis", 0), n, sum = 0;
  g_autofree gint64 *sizes = NULL;
  const CnArray *input = cn_step_input (step, 1);
  int count;

  if (!cn_step_axis (step, &axis, shape.rank, error))
    return FALSE;
  if (input && !input->data)
    return cn_step_depends (step, "split", error);
  if (!input && !cn_step_ints (step, "split", -1, &count, &sizes, error))
    return FALSE;
  if (input && (gsize) step->n_outputs == cn_array_elements (input))
    {
      count = step->n_outputs;
      sizes = g_new (gint64, count);
      for (int i = 0; i < count; i++)
        sizes[i] = cn_array_get_int (input, i);
    }
  if ((input || sizes) && (!sizes || count != step->n_outputs))
    return cn_step_fail (step, error, "there are not as many sizes as its %d outputs",
                         step->n_outputs);
  n = shape.dims[axis];
  step->window = axis == 1;
  for (int i = 0; i < step->n_outputs; i++)
    {
      gint64 size = (n + step->n_outputs - 1) / step->n_outputs;

      shape.dims[axis] = sizes ? sizes[i] : CLAMP (n - sum, 0, size);
      if (shape.dims[axis] < 0 || shape.dims[axis] > n - sum)
        return cn_step_fail (step, error, "the sizes are not those of an axis of %" G_GINT64_FORMAT,
                             n);
      sum += shape.dims[axis];
      cn_step_output (step, i, step->inputs[0]->type, &shape);
    }
  if (sum != n)
    return cn_step_fail (step, error, "the sizes are not those of an axis of %" G_GINT64_FORMAT, n);
  for (int i = 0; i < step->n_outputs; i++)
    if (!step->outputs[i])
      return cn_step_lacks (step, error, "an output that is left out is not supported");
  return TRUE;
}

static gboolean
run_split (const CnStep *step, const CnRun *run, GError **error)
{
  gint64 axis = cn_step_int (step, "axis", 0), start = 0;

  cn_step_axis (step, &axis, step->inputs[0]->shape.rank, NULL);
  for (int i = 0; i < step->n_outputs; i++)
    {
      if (!copy_part (step->inputs[0], step->outputs[i], axis, start, TRUE, run, error))
        return FALSE;
      start += step->outputs[i]->shape.dims[axis];
    }
  return TRUE;
}

/* --- Expand and Tile -----------------------------------------------------------------------------
 */

static gboolean
plan_expand (CnStep *step, GError **error)
{
  g_autofree gint64 *dims = NULL;
  CnShape wanted, shape;
  int n;

  if (!cn_step_ints (step, "shape", 1, &n, &dims, error))
    return FALSE;
  if (n > CN_RANK_MAX)
    return cn_step_lacks (step, error, "a shape of %d axes is not supported", n);
  wanted = cn_shape (n, dims);
  if (!cn_shape_broadcast (&step->inputs[0]->shape, &wanted, &shape))
    {
      g_autofree char *from = cn_shape_text (&step->inputs[0]->shape);
      g_autofree char *to = cn_shape_text (&wanted);

      return cn_step_fail (step, error, "%s cannot be expanded to %s", from, to);
    }
  cn_step_output (step, 0, step->inputs[0]->type, &shape);
  return TRUE;
}

static gboolean
run_expand (const CnStep *step, const CnRun *run, GError **error)
{
  CnWalk walk = cn_walk (&step->outputs[0]->shape);

  cn_walk_add_broadcast (&walk, &step->outputs[0]->shape);
  cn_walk_add_broadcast (&walk, &step->inputs[0]->shape);
  return copy (&walk, step->outputs[0], step->inputs[0], run, error);
}

static gboolean
plan_tile (CnStep *step, GError **error)
{
  CnShape shape = step->inputs[0]->shape;
  g_autofree gint64 *repeats = NULL;
  int n;

  if (!cn_step_ints (step, "repeats", 1, &n, &repeats, error))
    return FALSE;
  if (n != shape.rank || shape.rank > CN_RANK_MAX / 2)
    return cn_step_lacks (step, error, "%d repeats of %d axes are not supported", n, shape.rank);
  for (int i = 0; i < n; i++)
    {
      guint64 size;

      if (repeats[i] < 0
          || !g_uint64_checked_mul (&size, (guint64) shape.dims[i], (guint64) repeats[i])
          || size > G_MAXINT64)
        return cn_step_fail (step, error, "%" G_GINT64_FORMAT " repeats are impossible",
                             repeats[i]);
      shape.dims[i] = (gint64) size;
    }
  cn_step_output (step, 0, step->inputs[0]->type, &shape);
  return TRUE;
}

/* Each axis is two: repeats, which do not move in the input, and what is repeated. */
static gboolean
run_tile (const CnStep *step, const CnRun *run, GError **error)
{
  const CnShape *in = &step->inputs[0]->shape, *out = &step->outputs[0]->shape;
  CnShape shape = { .rank = 2 * in->rank };
  gint64 own[CN_RANK_MAX], strides[CN_RANK_MAX];
  CnWalk walk;

  cn_strides (in, own);
  for (int i = 0; i < in->rank; i++)
    {
      shape.dims[2 * i] = in->dims[i] ? out->dims[i] / in->dims[i] : 0;
      shape.dims[2 * i + 1] = in->dims[i];
      strides[2 * i] = 0;
      strides[2 * i + 1] = own[i];
    }
  walk = cn_walk (&shape);
  cn_walk_add_broadcast (&walk, &shape);
  cn_walk_add (&walk, 0, strides);
  return copy (&walk, step->outputs[0], step->inputs[0], run, error);
}

/* --- DepthToSpace and SpaceToDepth ---------------------------------------------------------------
 */

static gboolean
is_to_space (const CnStep *step)
{
  return step->op->name[0] == 'D';
}

static gboolean
plan_depth (CnStep *step, GError **error)
{
  CnShape shape = step->inputs[0]->shape;
  gint64 b = cn_step_int (step, "blocksize", 0);
  gboolean fits = shape.rank == 4 && b >= 1 && b < 1 << 15;

  if (fits && is_to_space (step))
    {
      fits = shape.dims[1] % (b * b) == 0;
      shape.dims[1] /= b * b;
      shape.dims[2] *= b;
      shape.dims[3] *= b;
    }
  else if (fits)
    {
      fits = shape.dims[2] % b == 0 && shape.dims[3] % b == 0;
      shape.dims[1] *= b * b;
      shape.dims[2] /= b;
      shape.dims[3] /= b;
    }
  if (!fits)
    {
      g_autofree char *text = cn_shape_text (&step->inputs[0]->shape);

      return cn_step_fail (step, error, "%s does not divide into blocks of %" G_GINT64_FORMAT, text,
                           b);
    }
  step->window = is_to_space (step) ? 1 : b;
  step->stride = is_to_space (step) ? 1.0 / b : b;
  cn_step_output (step, 0, step->inputs[0]->type, &shape);
  return TRUE;
}

/* A walk over N×C×H×b×W×b of the picture; in depth the b's are parts of the channel, before C (DCR)
   or after it (CRD). */
static gboolean
run_depth (const CnStep *step, const CnRun *run, GError **error)
{
  gboolean to_space = is_to_space (step);
  gboolean crd = strcmp (cn_step_string (step, "mode", "DCR"), "CRD") == 0;
  const CnArray *space = to_space ? step->outputs[0] : step->inputs[0];
  gint64 b = cn_step_int (step, "blocksize", 0);
  gint64 n = space->shape.dims[0], c = space->shape.dims[1];
  gint64 h = space->shape.dims[2] / b, w = space->shape.dims[3] / b, plane = h * w;
  const CnShape shape = { 6, { n, c, h, b, w, b } };
  gint64 in_space[CN_RANK_MAX];
  gint64 in_depth[] = {
    c * b * b * plane,    crd ? b * b * plane : plane, w, (crd ? b : b * c) * plane, 1,
    (crd ? 1 : c) * plane
  };
  CnWalk walk = cn_walk (&shape);

  cn_strides (&shape, in_space);
  cn_walk_add (&walk, 0, to_space ? in_space : in_depth);
  cn_walk_add (&walk, 0, to_space ? in_depth : in_space);
  return copy (&walk, step->outputs[0], step->inputs[0], run, error);
}

const CnOperator cn_operators_move[] = {
  { "Transpose", 1, "a", 1, "perm:I", plan_transpose, NULL, run_transpose, 0, NULL },
  { "Concat", 1, "a*", 1, "axis:i", plan_concat, NULL, run_concat, CN_OPERATOR_JOINS, NULL },
  { "Split", 1, "a i?", G_MAXINT, "axis:i split:I num_outputs:i", plan_split, NULL, run_split, 0,
    NULL },
  { "Expand", 8, "a i", 1, "", plan_expand, NULL, run_expand, 0, NULL },
  { "Tile", 6, "a i", 1, "", plan_tile, NULL, run_tile, 0, NULL },
  { "DepthToSpace", 1, "a", 1, "blocksize:i mode:s=DCR|CRD", plan_depth, NULL, run_depth, 0, NULL },
  { "SpaceToDepth", 1, "a", 1, "blocksize:i", plan_depth, NULL, run_depth, 0, NULL },
  { 0 },
};
