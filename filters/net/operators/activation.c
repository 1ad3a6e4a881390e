/* activation.c: operators that apply a function to each element: activations and other mathematics.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "filters/core/parallel.h"
#include "filters/net/operators/operators.h"

/* A function of one variable, with two parameters that nodes may set. */
typedef struct
{
  float (*function) (float x, float a, float b);
  const char *a_name, *b_name;  /* attributes */
  float a, b;                   /* and their defaults */
  gint64 (*integer) (gint64 x); /* the same on whole numbers, or NULL */
  CnActivationKind kind;        /* or, without a function, one of the engine's activations */
} Function;

#define FUNCTION(name, expression)              \
  static float name (float x, float a, float b) \
  {                                             \
    (void) a;                                   \
    (void) b;                                   \
    return expression;                          \
  }

FUNCTION (selu, x > 0 ? b * x : b * (a * expm1f (x)))
FUNCTION (celu, x > 0 ? x : a * expm1f (x / a))
FUNCTION (hard_sigmoid, fmaxf (0, fminf (1, a *x + b)))
FUNCTION (hard_swish, x *fmaxf (0, fminf (1, x / 6 + 0.5f)))
FUNCTION (softsign, x / (1 + fabsf (x)))
FUNCTION (mish, x *tanhf (fmaxf (x, 0) + log1pf (expf (-fabsf (x)))))
FUNCTION (thresholded_relu, x > a ? x : 0)
FUNCTION (shrink, x<-a ? x + b : x> a ? x - b : 0)
FUNCTION (negate, -x)
FUNCTION (absolute, fabsf (x))
FUNCTION (sign, (float) ((x > 0) - (x < 0)))
FUNCTION (exponential, expf (x))
FUNCTION (logarithm, logf (x))
FUNCTION (square_root, sqrtf (x))
FUNCTION (reciprocal, 1 / x)
FUNCTION (round_down, floorf (x))
FUNCTION (round_up, ceilf (x))
FUNCTION (round_nearest, rintf (x))
FUNCTION (error_function, erff (x))
FUNCTION (sine, sinf (x))
FUNCTION (cosine, cosf (x))
FUNCTION (tangent, tanf (x))
FUNCTION (arc_sine, asinf (x))
FUNCTION (arc_cosine, acosf (x))
FUNCTION (arc_tangent, atanf (x))
FUNCTION (hyperbolic_sine, sinhf (x))
FUNCTION (hyperbolic_cosine, coshf (x))
FUNCTION (area_sine, asinhf (x))
FUNCTION (area_cosine, acoshf (x))
FUNCTION (area_tangent, atanhf (x))
FUNCTION (affine, a *x + b)
FUNCTION (scaled_tanh, a *tanhf (b *x))
FUNCTION (scaled_softplus, a *(fmaxf (b *x, 0) + log1pf (expf (-fabsf (b * x)))))
/* a is 1 for the approximation by tanh. */
FUNCTION (gelu, a > 0 ? 0.5f * x * (1 + tanhf (0.7978845608f * (x + 0.044715f * x * x * x)))
                      : 0.5f * x * (1 + erff (x * 0.7071067812f)))

/* Two's complement, as ONNX's integers wrap around. */
static gint64
integer_negate (gint64 x)
{
  return (gint64) (0 - (guint64) x);
}

static gint64
integer_absolute (gint64 x)
{
  return x < 0 ? integer_negate (x) : x;
}

static gint64
integer_relu (gint64 x)
{
  return MAX (x, 0);
}

static gint64
integer_sign (gint64 x)
{
  return (x > 0) - (x < 0);
}

/* Elements of a turn. */
#define TURN 8192

typedef struct
{
  const CnArray *input, *output;
  const Function *function;
  float a, b;
  CnActivation activation;
  gint64 low, high; /* of Clip on integers */
} Apply;

static gsize
turn_end (const Apply *apply, gsize i)
{
  return MIN ((i + 1) * TURN, cn_array_elements (apply->output));
}

static void
apply_function (gpointer data, gsize turn)
{
  const Apply *apply = data;
  const float *from = apply->input->floats;
  float *to = apply->output->floats;

  for (gsize i = turn * TURN; i < turn_end (apply, turn); i++)
    to[i] = apply->function->function (from[i], apply->a, apply->b);
}

static void
apply_activation (gpointer data, gsize turn)
{
  const Apply *apply = data;
  gsize from = turn * TURN, n = turn_end (apply, turn) - from;
  float *to = apply->output->floats + from;

  if (to != apply->input->floats + from)
    memcpy (to, apply->input->floats + from, n * sizeof (float));
  cn_activation_apply (&apply->activation, to, n);
}

static void
apply_integer (gpointer data, gsize turn)
{
  const Apply *apply = data;

  for (gsize i = turn * TURN; i < turn_end (apply, turn); i++)
    {
      gint64 value = cn_array_get_int (apply->input, i);

      value = apply->function && apply->function->integer
                  ? apply->function->integer (value)
                  : MIN (MAX (value, apply->low), apply->high);
      cn_array_set_int (apply->output, i, value);
    }
}

static gboolean
run_apply (const CnStep *step, Apply *apply, void (*work) (gpointer data, gsize turn),
           const CnRun *run, GError **error)
{
  apply->input = step->inputs[0];
  apply->output = step->outputs[0];
  return cn_parallel ((cn_array_elements (apply->output) + TURN - 1) / TURN, work, apply, run,
                      error);
}

static float
parameter (const CnStep *step, const char *name, float otherwise)
{
  return name ? cn_step_float (step, name, otherwise) : otherwise;
}

static gboolean
run_function (const CnStep *step, const CnRun *run, GError **error)
{
  const Function *function = step->op->data;
  Apply apply = { .function = function,
                  .a = parameter (step, function->a_name, function->a),
                  .b = parameter (step, function->b_name, function->b) };

  if (function->function == gelu)
    apply.a = strcmp (cn_step_string (step, "approximate", "none"), "tanh") == 0;
  if (step->inputs[0]->type != CN_TYPE_FLOAT)
    return run_apply (step, &apply, apply_integer, run, error);
  if (function->function)
    return run_apply (step, &apply, apply_function, run, error);
  cn_step_activation (step, &apply.activation);
  return run_apply (step, &apply, apply_activation, run, error);
}

/* The bound that is an attribute or, from opset 11 on, an input. */
static double
bound (const CnStep *step, const char *name, int input, double otherwise)
{
  const CnArray *array = cn_step_input (step, input);

  if (array && array->data && cn_array_elements (array) == 1)
    return cn_array_get (array, 0);
  return cn_step_float (step, name, (float) otherwise);
}

/* Clip on floats; where the bounds are the wrong way round, everything becomes the upper one, as
   ONNX has it from opset 13 on (and NumPy). */
static CnActivation
clip_bounds (const CnStep *step)
{
  CnActivation activation = { .kind = CN_ACTIVATION_CLIP };

  activation.max = (float) bound (step, "max", 2, INFINITY);
  activation.min = (float) bound (step, "min", 1, -INFINITY);
  if (activation.min > activation.max)
    activation.min = activation.max;
  return activation;
}

static gboolean
run_clip (const CnStep *step, const CnRun *run, GError **error)
{
  Apply apply = { .activation = clip_bounds (step) };

  if (step->inputs[0]->type == CN_TYPE_FLOAT)
    return run_apply (step, &apply, apply_activation, run, error);
  apply.low = cn_double_to_int64 (bound (step, "min", 1, -INFINITY));
  apply.high = cn_double_to_int64 (bound (step, "max", 2, INFINITY));
  return run_apply (step, &apply, apply_integer, run, error);
}

static gboolean
plan_truth (CnStep *step, GError **error)
{
  (void) error;
  step->window = 1;
  cn_step_output (step, 0, CN_TYPE_BOOL, &step->inputs[0]->shape);
  return TRUE;
}

static gboolean
run_truth (const CnStep *step, const CnRun *run, GError **error)
{
  const CnArray *input = step->inputs[0];
  char what = step->op->name[2];
  gboolean up = cn_step_int (step, "detect_positive", 1) != 0;
  gboolean down = cn_step_int (step, "detect_negative", 1) != 0;

  (void) run;
  (void) error;
  for (gsize i = 0; i < cn_array_elements (input); i++)
    switch (what)
      {
      case 't': /* Not */
        step->outputs[0]->bools[i] = !input->bools[i];
        break;
      case 'N': /* IsNaN */
        step->outputs[0]->bools[i] = isnan (input->floats[i]) != 0;
        break;
      default: /* IsInf */
        step->outputs[0]->bools[i] =
            isinf (input->floats[i]) != 0 && (input->floats[i] > 0 ? up : down);
      }
  return TRUE;
}

gboolean
cn_step_activation (const CnStep *step, CnActivation *activation)
{
  const Function *function = step->op->data;

  if (step->op->run == run_clip)
    {
      for (int i = 1; i < step->n_inputs; i++)
        if (step->inputs[i] && !step->inputs[i]->data)
          return FALSE;
      *activation = clip_bounds (step);
      return step->inputs[0]->type == CN_TYPE_FLOAT;
    }
  if (step->op->run != run_function || function->function || step->inputs[0]->type != CN_TYPE_FLOAT)
    return FALSE;
  *activation = cn_activation (function->kind);
  activation->alpha = parameter (step, function->a_name, function->a);
  return TRUE;
}

#define ROW(name, types, attributes, ...)                                                        \
  {                                                                                              \
    name, 1, types, 1, attributes, cn_plan_like_input, NULL, run_function, CN_OPERATOR_IN_PLACE, \
        &(const Function)                                                                        \
    {                                                                                            \
      __VA_ARGS__                                                                                \
    }                                                                                            \
  }
#define PLAIN(name, fn) ROW (name, "f", "", .function = fn)
#define ENGINE(name, engine_kind) ROW (name, "f", "", .kind = engine_kind)

const CnOperator cn_operators_activation[] = {
  ROW ("Relu", "n", "", .kind = CN_ACTIVATION_RELU, .integer = integer_relu),
  ROW ("LeakyRelu", "f", "alpha:f", .a_name = "alpha", .a = 0.01f,
       .kind = CN_ACTIVATION_LEAKY_RELU),
  ROW ("Elu", "f", "alpha:f", .a_name = "alpha", .a = 1, .kind = CN_ACTIVATION_ELU),
  ENGINE ("Sigmoid", CN_ACTIVATION_SIGMOID),
  ENGINE ("Tanh", CN_ACTIVATION_TANH),
  ENGINE ("Softplus", CN_ACTIVATION_SOFTPLUS),
  { "Clip", 1, "n n? n?", 1, "min:f max:f", cn_plan_like_input, NULL, run_clip,
    CN_OPERATOR_IN_PLACE, NULL },
  ROW ("Selu", "f", "alpha:f gamma:f", .function = selu, .a_name = "alpha", .b_name = "gamma",
       .a = 1.67326319217681884765625f, .b = 1.05070102214813232421875f),
  ROW ("Celu", "f", "alpha:f", .function = celu, .a_name = "alpha", .a = 1),
  ROW ("HardSigmoid", "f", "alpha:f beta:f", .function = hard_sigmoid, .a_name = "alpha",
       .b_name = "beta", .a = 0.2f, .b = 0.5f),
  PLAIN ("HardSwish", hard_swish),
  PLAIN ("Softsign", softsign),
  PLAIN ("Mish", mish),
  ROW ("Gelu", "f", "approximate:s=none|tanh", .function = gelu),
  ROW ("ThresholdedRelu", "f", "alpha:f", .function = thresholded_relu, .a_name = "alpha", .a = 1),
  ROW ("Shrink", "f", "lambd:f bias:f", .function = shrink, .a_name = "lambd", .b_name = "bias",
       .a = 0.5f),
  /* What older exporters wrote, and ONNX no longer has. */
  ROW ("Affine", "f", "alpha:f beta:f", .function = affine, .a_name = "alpha", .b_name = "beta",
       .a = 1),
  ROW ("Scale", "f", "scale:f", .function = affine, .a_name = "scale", .a = 1),
  ROW ("ScaledTanh", "f", "alpha:f beta:f", .function = scaled_tanh, .a_name = "alpha",
       .b_name = "beta", .a = 1, .b = 1),
  ROW ("ParametricSoftplus", "f", "alpha:f beta:f", .function = scaled_softplus, .a_name = "alpha",
       .b_name = "beta", .a = 1, .b = 1),
  ROW ("Neg", "n", "", .function = negate, .integer = integer_negate),
  ROW ("Abs", "n", "", .function = absolute, .integer = integer_absolute),
  ROW ("Sign", "n", "", .function = sign, .integer = integer_sign),
  PLAIN ("Exp", exponential),
  PLAIN ("Log", logarithm),
  PLAIN ("Sqrt", square_root),
  PLAIN ("Reciprocal", reciprocal),
  PLAIN ("Floor", round_down),
  PLAIN ("Ceil", round_up),
  PLAIN ("Round", round_nearest),
  PLAIN ("Erf", error_function),
  PLAIN ("Sin", sine),
  PLAIN ("Cos", cosine),
  PLAIN ("Tan", tangent),
  PLAIN ("Asin", arc_sine),
  PLAIN ("Acos", arc_cosine),
  PLAIN ("Atan", arc_tangent),
  PLAIN ("Sinh", hyperbolic_sine),
  PLAIN ("Cosh", hyperbolic_cosine),
  PLAIN ("Asinh", area_sine),
  PLAIN ("Acosh", area_cosine),
  PLAIN ("Atanh", area_tangent),
  { "Not", 1, "b", 1, "", plan_truth, NULL, run_truth, CN_OPERATOR_IN_PLACE, NULL },
  { "IsNaN", 9, "f", 1, "", plan_truth, NULL, run_truth, 0, NULL },
  { "IsInf", 10, "f", 1, "detect_negative:i detect_positive:i", plan_truth, NULL, run_truth, 0,
    NULL },
  { 0 },
};
