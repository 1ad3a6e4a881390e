/* constant.c: operators that make arrays from attributes or from a shape, and change types.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "filters/net/operators/operators.h"

static gboolean
plan_constant (CnStep *step, GError **error)
{
  const CnAttribute *value = NULL;
  CnType type = CN_TYPE_INT64;
  CnShape shape = { 0 };

  if (step->node->attributes->len == 1)
    value = g_ptr_array_index (step->node->attributes, 0);
  if (!value)
    return cn_step_fail (step, error, "it must have one value");
  if (value->tensor)
    {
      type = value->tensor->type;
      shape = value->tensor->shape;
    }
  else if (value->kind == CN_ATTRIBUTE_FLOAT || value->kind == CN_ATTRIBUTE_FLOATS)
    type = CN_TYPE_FLOAT;
  if (value->kind == CN_ATTRIBUTE_FLOATS || value->kind == CN_ATTRIBUTE_INTS)
    {
      shape.rank = 1;
      shape.dims[0] = value->n;
    }
  cn_step_output (step, 0, type, &shape);
  return TRUE;
}

static gboolean
run_constant (const CnStep *step, const CnRun *run, GError **error)
{
  const CnAttribute *value = g_ptr_array_index (step->node->attributes, 0);
  const CnArray *output = step->outputs[0];
  gconstpointer from = value->tensor   ? value->tensor->data
                       : value->floats ? (gconstpointer) value->floats
                                       : value->ints;

  (void) run;
  (void) error;
  memcpy (output->data, from, cn_array_bytes (output));
  return TRUE;
}

static gboolean
plan_constant_of_shape (CnStep *step, GError **error)
{
  const CnAttribute *value = cn_node_get (step->node, "value");
  g_autofree gint64 *dims = NULL;
  CnShape shape;
  int n;

  if (!cn_step_ints (step, "input", 0, &n, &dims, error))
    return FALSE;
  if (n > CN_RANK_MAX)
    return cn_step_lacks (step, error, "a shape of %d axes is not supported", n);
  if (value && cn_array_elements (value->tensor) != 1)
    return cn_step_fail (step, error, "its value must be one number");
  shape = cn_shape (n, dims);
  cn_step_output (step, 0, value ? value->tensor->type : CN_TYPE_FLOAT, &shape);
  return TRUE;
}

static gboolean
run_constant_of_shape (const CnStep *step, const CnRun *run, GError **error)
{
  const CnAttribute *value = cn_node_get (step->node, "value");
  const CnArray *output = step->outputs[0];
  static const gint64 none[CN_RANK_MAX] = { 0 };
  const gint64 zero = 0;
  CnWalk walk = cn_walk (&output->shape);

  cn_walk_add_broadcast (&walk, &output->shape);
  cn_walk_add (&walk, 0, none);
  return cn_walk_copy (&walk, cn_type_size (output->type), output->data,
                       value ? value->tensor->data : (gconstpointer) &zero, run, error);
}

static gboolean
plan_range (CnStep *step, GError **error)
{
  double start, limit, delta, n;
  CnShape shape = { .rank = 1 };

  for (int i = 0; i < 3; i++)
    if (!step->inputs[i]->data)
      return cn_step_depends (step, i == 0 ? "start" : i == 1 ? "limit" : "delta", error);
    else if (cn_array_elements (step->inputs[i]) != 1)
      return cn_step_fail (step, error, "its inputs must be single numbers");
  start = cn_array_get (step->inputs[0], 0);
  limit = cn_array_get (step->inputs[1], 0);
  delta = cn_array_get (step->inputs[2], 0);
  n = ceil ((limit - start) / delta);
  if (isnan (n) || n > 0x1p40)
    return cn_step_fail (step, error, "a range from %g to %g by %g is impossible", start, limit,
                         delta);
  shape.dims[0] = (gint64) MAX (n, 0);
  cn_step_output (step, 0, step->inputs[0]->type, &shape);
  return TRUE;
}

static gboolean
run_range (const CnStep *step, const CnRun *run, GError **error)
{
  const CnArray *output = step->outputs[0];
  guint64 start = (guint64) cn_array_get_int (step->inputs[0], 0);
  guint64 delta = (guint64) cn_array_get_int (step->inputs[2], 0);

  (void) run;
  (void) error;
  for (gsize i = 0; i < cn_array_elements (output); i++)
    if (output->type == CN_TYPE_FLOAT)
      output->floats[i] =
          (float) (step->inputs[0]->floats[0] + (double) i * step->inputs[2]->floats[0]);
    else
      cn_array_set_int (output, i, (gint64) (start + i * delta));
  return TRUE;
}

/* The type in which the engine computes what ONNX numbers so, and for what is narrower than that
   how many bits it has, of floats in the fraction; negative: signed. See filters/onnx/onnx.h. */
static gboolean
find_type (gint64 number, CnType *type, int *bits)
{
  static const struct
  {
    CnType type;
    int bits;
  } types[] = {
    [1] = { CN_TYPE_FLOAT, 0 },   [2] = { CN_TYPE_INT32, 8 },   [3] = { CN_TYPE_INT32, -8 },
    [4] = { CN_TYPE_INT32, 16 },  [5] = { CN_TYPE_INT32, -16 }, [6] = { CN_TYPE_INT32, 0 },
    [7] = { CN_TYPE_INT64, 0 },   [9] = { CN_TYPE_BOOL, 0 },    [11] = { CN_TYPE_FLOAT, 0 },
    [12] = { CN_TYPE_INT64, 32 }, [13] = { CN_TYPE_INT64, 0 },  [10] = { CN_TYPE_FLOAT, 11 },
    [16] = { CN_TYPE_FLOAT, 8 },
  };

  if (number < 0 || number >= (gint64) G_N_ELEMENTS (types) || !types[number].type)
    return FALSE;
  *type = types[number].type;
  *bits = types[number].bits;
  return TRUE;
}

gboolean
cn_plan_type (CnStep *step, gint64 number, const CnShape *shape, GError **error)
{
  CnType type;
  int bits;

  if (!find_type (number, &type, &bits))
    return cn_step_lacks (step, error, "the type %" G_GINT64_FORMAT " is not supported", number);
  step->window = 1;
  cn_step_output (step, 0, type, shape);
  step->outputs[0]->bits = type == CN_TYPE_INT32 ? bits : 0;
  return TRUE;
}

static gboolean
plan_cast (CnStep *step, GError **error)
{
  return cn_plan_type (step, cn_step_int (step, "to", 0), &step->inputs[0]->shape, error);
}

/* Cuts a number down to its low bits. */
static gint64
narrow (gint64 value, int bits)
{
  int shift = 64 - ABS (bits);

  if (bits == 0)
    return value;
  return bits < 0 ? (gint64) ((guint64) value << shift) >> shift
                  : (gint64) ((guint64) value << shift >> shift);
}

/* The nearest float of so many bits; of float16 (11 bits) what is over its range is infinite. */
static float
round_float (float value, int bits)
{
  int exponent;
  double fraction = frexp (value, &exponent);

  if (bits == 0 || !isfinite (value))
    return value;
  if (bits == 11 && exponent < -13) /* denormals */
    bits += exponent + 13;
  value = (float) ldexp (rint (ldexp (fraction, bits)), exponent - bits);
  return bits == 11 && fabsf (value) > 65504 ? copysignf (INFINITY, value) : value;
}

static gboolean
run_cast (const CnStep *step, const CnRun *run, GError **error)
{
  const CnArray *from = step->inputs[0], *to = step->outputs[0];
  CnType type;
  int bits = 0;

  (void) run;
  (void) error;
  find_type (cn_step_int (step, "to", 0), &type, &bits);
  for (gsize i = 0; i < cn_array_elements (from); i++)
    if (to->type == CN_TYPE_FLOAT)
      to->floats[i] = round_float ((float) cn_array_get (from, i), bits);
    else if (to->type == CN_TYPE_BOOL && from->type == CN_TYPE_FLOAT)
      to->bools[i] = from->floats[i] != 0;
    else
      cn_array_set_int (to, i, narrow (cn_array_get_int (from, i), bits));
  return TRUE;
}

static gboolean
plan_cast_like (CnStep *step, GError **error)
{
  (void) error;
  cn_step_output (step, 0, step->inputs[1]->type, &step->inputs[0]->shape);
  return TRUE;
}

const CnOperator cn_operators_constant[] = {
  { "Constant", 1, "", 1, "value:t value_float:f value_floats:F value_int:i value_ints:I",
    plan_constant, NULL, run_constant, 0, NULL },
  { "ConstantOfShape", 9, "i", 1, "value:t", plan_constant_of_shape, NULL, run_constant_of_shape,
    CN_OPERATOR_SHAPES, NULL },
  { "Range", 11, "n n n", 1, "", plan_range, NULL, run_range, 0, NULL },
  { "Cast", 6, "a", 1, "to:i saturate:i", plan_cast, NULL, run_cast, 0, NULL },
  { "CastLike", 15, "a a", 1, "saturate:i", plan_cast_like, NULL, run_cast, 0, NULL },
  { 0 },
};
