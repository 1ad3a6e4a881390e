/* quantize.c: QuantizeLinear, DequantizeLinear and DynamicQuantizeLinear: floats as narrow
 * integers,
 *
 *     x ≈ (q − zero point) · scale
 *
 * with one scale and zero point for all, for each place along an axis, or for each block of places.
 * The engine has the integers as int32, and keeps them within what they are in the file.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "filters/core/parallel.h"
#include "filters/net/operators/operators.h"

/* Elements of a turn. */
#define TURN 8192

/* The parameter of an element is number (outer · blocks + place / block) · inner + rest. */
typedef struct
{
  gsize n, block, blocks; /* n: places along the axis; 0: one parameter for all */
} Parameters;

/* The smallest and the largest integer of so many bits (see CnArray). */
static void
find_range (int bits, double *low, double *high)
{
  *low = bits < 0 ? -ldexp (1, -bits - 1) : 0;
  *high = bits < 0 ? ldexp (1, -bits - 1) - 1 : ldexp (1, bits) - 1;
}

/* Where scale and zero point of an element are found. */
static gboolean
find_parameters (const CnStep *step, Parameters *p, GError **error)
{
  const CnShape *x = &step->inputs[0]->shape, *scale = &step->inputs[1]->shape;
  const CnArray *zero = cn_step_input (step, 2);
  gint64 axis = cn_step_int (step, "axis", 1), block = cn_step_int (step, "block_size", 0);
  gboolean fits = TRUE;

  *p = (Parameters){ .n = 0, .block = 1 };
  if (zero && cn_array_elements (zero) != cn_array_elements (step->inputs[1]))
    return cn_step_fail (step, error, "there are not as many zero points as scales");
  if (cn_array_elements (step->inputs[1]) == 1 && scale->rank < 2)
    return TRUE;
  if (!cn_step_axis (step, &axis, x->rank, error))
    return FALSE;
  p->n = (gsize) x->dims[axis];
  p->block = (gsize) MAX (block, 1);
  p->blocks = (p->n + p->block - 1) / p->block;
  if (scale->rank == 1)
    fits = block == 0 && scale->dims[0] == x->dims[axis];
  else
    fits = block > 0 && scale->rank == x->rank;
  for (int i = 0; i < x->rank && fits && scale->rank > 1; i++)
    fits = scale->dims[i] == (i == axis ? (gint64) p->blocks : x->dims[i]);
  if (!fits)
    {
      g_autofree char *text = cn_shape_text (x), *scales = cn_shape_text (scale);

      return cn_step_fail (step, error, "scales of %s do not fit an input of %s", scales, text);
    }
  return TRUE;
}

/* The number of an element's parameter. */
static gsize
find_parameter (const CnStep *step, const Parameters *p, gint64 axis, gsize i)
{
  const CnShape *x = &step->inputs[0]->shape;
  gsize inner, place;

  if (p->n == 0)
    return 0;
  inner = cn_shape_product (x, (int) axis + 1, x->rank);
  place = i / inner % p->n;
  if (step->inputs[1]->shape.rank == 1)
    return place;
  return (i / inner / p->n * p->blocks + place / p->block) * inner + i % inner;
}

/* The bits of QuantizeLinear's result: an attribute's, or those of its zero point. */
static gboolean
find_bits (const CnStep *step, int *bits, GError **error)
{
  const CnArray *zero = cn_step_input (step, 2);
  gint64 type = cn_step_int (step, "output_dtype", 0);

  *bits = type == 2 ? 8 : type == 3 ? -8 : type == 4 ? 16 : type == 5 ? -16 : zero ? zero->bits : 8;
  if ((type != 0 && (type < 2 || type > 5)) || *bits == 0)
    return cn_step_lacks (step, error, "the type of its result is not supported");
  return TRUE;
}

static gboolean
plan_quantize (CnStep *step, GError **error)
{
  Parameters parameters;
  int bits;

  if (!find_parameters (step, &parameters, error) || !find_bits (step, &bits, error))
    return FALSE;
  step->window = 1;
  cn_step_output (step, 0, CN_TYPE_INT32, &step->inputs[0]->shape);
  step->outputs[0]->bits = bits;
  return TRUE;
}

static gboolean
plan_dequantize (CnStep *step, GError **error)
{
  Parameters parameters;

  step->window = 1;
  cn_step_output (step, 0, CN_TYPE_FLOAT, &step->inputs[0]->shape);
  return find_parameters (step, &parameters, error);
}

typedef struct
{
  const CnStep *step;
  Parameters parameters;
  gint64 axis;
  double low, high;
} Work;

static gboolean
run_turns (const CnStep *step, Work *work, void (*turn) (gpointer data, gsize turn),
           const CnRun *run, GError **error)
{
  work->step = step;
  work->axis = cn_step_int (step, "axis", 1);
  if (!find_parameters (step, &work->parameters, error)
      || (work->parameters.n > 0
          && !cn_step_axis (step, &work->axis, step->inputs[0]->shape.rank, error)))
    return FALSE;
  return cn_parallel ((cn_array_elements (step->inputs[0]) + TURN - 1) / TURN, turn, work, run,
                      error);
}

/* q = saturate (x / scale, rounded to the nearest, halves to even, + zero point) */
static void
quantize_turn (gpointer data, gsize turn)
{
  const Work *work = data;
  const CnStep *step = work->step;
  const CnArray *x = step->inputs[0], *zero = cn_step_input (step, 2);
  gsize end = MIN ((turn + 1) * TURN, cn_array_elements (x));

  for (gsize i = turn * TURN; i < end; i++)
    {
      gsize p = find_parameter (step, &work->parameters, work->axis, i);
      float quotient = (float) cn_array_get (x, i) / step->inputs[1]->floats[p];
      double q = rint (quotient) + (zero ? (double) cn_array_get_int (zero, p) : 0);

      step->outputs[0]->int32s[i] = (gint32) (q != q ? 0 : CLAMP (q, work->low, work->high));
    }
}

static gboolean
run_quantize (const CnStep *step, const CnRun *run, GError **error)
{
  Work work = { 0 };
  int bits;

  if (!find_bits (step, &bits, error))
    return FALSE;
  find_range (bits, &work.low, &work.high);
  return run_turns (step, &work, quantize_turn, run, error);
}

static void
dequantize_turn (gpointer data, gsize turn)
{
  const Work *work = data;
  const CnStep *step = work->step;
  const CnArray *x = step->inputs[0], *zero = cn_step_input (step, 2);
  gsize end = MIN ((turn + 1) * TURN, cn_array_elements (x));

  for (gsize i = turn * TURN; i < end; i++)
    {
      gsize p = find_parameter (step, &work->parameters, work->axis, i);
      double q = (double) cn_array_get_int (x, i);

      step->outputs[0]->floats[i] = (float) ((q - (zero ? (double) cn_array_get_int (zero, p) : 0))
                                             * step->inputs[1]->floats[p]);
    }
}

static gboolean
run_dequantize (const CnStep *step, const CnRun *run, GError **error)
{
  Work work = { 0 };

  return run_turns (step, &work, dequantize_turn, run, error);
}

static gboolean
plan_dynamic (CnStep *step, GError **error)
{
  const CnShape scalar = { 0 };

  (void) error;
  cn_step_output (step, 0, CN_TYPE_INT32, &step->inputs[0]->shape);
  cn_step_output (step, 1, CN_TYPE_FLOAT, &scalar);
  cn_step_output (step, 2, CN_TYPE_INT32, &scalar);
  for (int i = 0; i < step->n_outputs; i += 2)
    if (step->outputs[i])
      step->outputs[i]->bits = 8;
  return TRUE;
}

/* uint8 for what lies between the smallest and the largest element, and 0. */
static gboolean
run_dynamic (const CnStep *step, const CnRun *run, GError **error)
{
  const CnArray *x = step->inputs[0];
  float low = 0, high = 0, scale, zero;

  (void) run;
  (void) error;
  for (gsize i = 0; i < cn_array_elements (x); i++)
    {
      low = fminf (low, x->floats[i]);
      high = fmaxf (high, x->floats[i]);
    }
  scale = (high - low) / 255;
  if (!(scale > 0) || isinf (scale))
    scale = 1;
  zero = rintf (fminf (fmaxf (-low / scale, 0), 255));
  for (gsize i = 0; i < cn_array_elements (x); i++)
    {
      float q = rintf (x->floats[i] / scale) + zero;

      step->outputs[0]->int32s[i] = (gint32) (q != q ? 0 : CLAMP (q, 0, 255));
    }
  if (step->n_outputs > 1 && step->outputs[1])
    step->outputs[1]->floats[0] = scale;
  if (step->n_outputs > 2 && step->outputs[2])
    step->outputs[2]->int32s[0] = (gint32) zero;
  return TRUE;
}

const CnOperator cn_operators_quantize[] = {
  { "QuantizeLinear", 10, "n f i?", 1,
    "axis:i block_size:i output_dtype:i saturate:i precision:i=0", plan_quantize, NULL,
    run_quantize, 0, NULL },
  { "DequantizeLinear", 10, "i f i?", 1, "axis:i block_size:i", plan_dequantize, NULL,
    run_dequantize, 0, NULL },
  { "DynamicQuantizeLinear", 11, "f", 3, "", plan_dynamic, NULL, run_dynamic, 0, NULL },
  { 0 },
};
