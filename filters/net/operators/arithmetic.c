/* arithmetic.c: operators on two or more arrays that are broadcast to one shape.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "filters/core/parallel.h"
#include "filters/net/operators/operators.h"

typedef struct
{
  CnLine floats; /* a line of floats; NULL: none */
  gint64 (*integer) (gint64 a, gint64 b);
} Arithmetic;

/* Arrays 0, 1, 2 of a walk: result, a, b. */
typedef struct
{
  const CnArray *result, *a, *b;
  gint64 (*integer) (gint64 a, gint64 b);
  gboolean (*compare) (double a, double b);
} Operands;

/* The result may stand where an operand does, at the same places: no turn of a loop waits for
 * another. */
#define IN_PLACE _Pragma ("GCC ivdep")

/* Each as a loop of its own for arrays that lie side by side, and for one with a single value,
   which the compiler makes vectors of. */
#define FLOAT_LINE(name, expression)                                                     \
  static void name##_line (gpointer data, gsize n, const gint64 *at, const gint64 *step) \
  {                                                                                      \
    const Operands *operands = data;                                                     \
    float *result = operands->result->floats + at[0];                                    \
    const float *a = operands->a->floats + at[1], *b = operands->b->floats + at[2];      \
    gint64 result_step = step[0], a_step = step[1], b_step = step[2];                    \
    float one = *b;                                                                      \
                                                                                         \
    if (result_step == 1 && a_step == 1 && b_step == 1)                                  \
      IN_PLACE for (gsize i = 0; i < n; i++)                                             \
      {                                                                                  \
        float x = a[i], y = b[i];                                                        \
        result[i] = expression;                                                          \
      }                                                                                  \
    else if (result_step == 1 && a_step == 1 && b_step == 0)                             \
      IN_PLACE for (gsize i = 0; i < n; i++)                                             \
      {                                                                                  \
        float x = a[i], y = one;                                                         \
        result[i] = expression;                                                          \
      }                                                                                  \
    else                                                                                 \
      for (gsize i = 0; i < n; i++, result += result_step, a += a_step, b += b_step)     \
        {                                                                                \
          float x = *a, y = *b;                                                          \
          *result = expression;                                                          \
        }                                                                                \
  }

FLOAT_LINE (add, x + y)
FLOAT_LINE (subtract, x - y)
FLOAT_LINE (multiply, x *y)
FLOAT_LINE (divide, x / y)
FLOAT_LINE (power, powf (x, y))
FLOAT_LINE (minimum, x != x || x < y ? x : y)
FLOAT_LINE (maximum, x != x || x > y ? x : y)
FLOAT_LINE (remainder, fmodf (x, y))
FLOAT_LINE (prelu, x *(x < 0 ? y : 1)) /* without a branch */

/* Integers wrap around; what is divided by 0 is 0. */
#define INTEGER(name, expression)                   \
  static gint64 integer_##name (gint64 x, gint64 y) \
  {                                                 \
    return (gint64) (expression);                   \
  }

INTEGER (add, (guint64) x + (guint64) y)
INTEGER (subtract, (guint64) x - (guint64) y)
INTEGER (multiply, (guint64) x *(guint64) y)
INTEGER (divide, y == 0 ? 0 : y == -1 ? (gint64) (0 - (guint64) x) : x / y)
INTEGER (minimum, MIN (x, y))
INTEGER (maximum, MAX (x, y))
INTEGER (fmod, y == 0 || y == -1 ? 0 : x % y)
INTEGER (modulo, y == 0 || y == -1 ? 0 : (x % y + ((x % y != 0 && (x % y < 0) != (y < 0)) ? y : 0)))
INTEGER (and, x &&y)
INTEGER (or, x || y)
INTEGER (xor, !x != !y)
INTEGER (prelu, x < 0 ? (guint64) x * (guint64) y : (guint64) x)

static void
integer_line (gpointer data, gsize n, const gint64 *at, const gint64 *step)
{
  const Operands *o = data;

  for (gint64 i = 0; i < (gint64) n; i++)
    cn_array_set_int (o->result, at[0] + i * step[0],
                      o->integer (cn_array_get_int (o->a, at[1] + i * step[1]),
                                  cn_array_get_int (o->b, at[2] + i * step[2])));
}

/* Pow of and by any types. */
static void
power_any_line (gpointer data, gsize n, const gint64 *at, const gint64 *step)
{
  const Operands *o = data;

  for (gint64 i = 0; i < (gint64) n; i++)
    {
      double value =
          pow (cn_array_get (o->a, at[1] + i * step[1]), cn_array_get (o->b, at[2] + i * step[2]));

      if (o->result->type == CN_TYPE_FLOAT)
        o->result->floats[at[0] + i * step[0]] = (float) value;
      else
        cn_array_set_int (o->result, at[0] + i * step[0], cn_double_to_int64 (value));
    }
}

/* Of integers over 2^53 the lowest bits do not count. */
static void
compare_line (gpointer data, gsize n, const gint64 *at, const gint64 *step)
{
  const Operands *o = data;

  for (gint64 i = 0; i < (gint64) n; i++)
    o->result->bools[at[0] + i * step[0]] = o->compare (cn_array_get (o->a, at[1] + i * step[1]),
                                                        cn_array_get (o->b, at[2] + i * step[2]));
}

#define COMPARE(name, expression)           \
  static gboolean name (double x, double y) \
  {                                         \
    return expression;                      \
  }

COMPARE (equal, x == y)
COMPARE (greater, x > y)
COMPARE (less, x < y)
COMPARE (greater_or_equal, x >= y)
COMPARE (less_or_equal, x <= y)

/* Before opset 7 the second operand is only broadcast if “broadcast” says so, and its first axis is
   “axis” of the first one: it gets as many axes of size 1 at its end. MXNet went on writing slopes
   so, one for each channel: where they fit in no other way they are taken so. */
static gboolean
align (const CnStep *step, CnShape *b, GError **error)
{
  const CnShape *a = &step->inputs[0]->shape;
  gboolean slopes = strcmp (step->op->name, "PRelu") == 0; /* then one for each channel */
  gint64 axis = cn_step_int (step, "axis", slopes && a->rank > 1 ? 1 : a->rank - b->rank);

  if (cn_shape_elements (b) == 1
      || (step->opset >= 7
          && (!slopes || b->rank != 1 || a->rank < 3 || b->dims[0] != a->dims[1]
              || b->dims[0] == a->dims[a->rank - 1])))
    return TRUE;
  if (axis < 0)
    axis += a->rank;
  if (axis < 0 || axis + b->rank > a->rank)
    return cn_step_fail (step, error, "there is no axis %" G_GINT64_FORMAT, axis);
  while (b->rank < a->rank - axis)
    b->dims[b->rank++] = 1;
  return TRUE;
}

static gboolean
plan_pair (CnStep *step, CnType type, GError **error)
{
  CnShape b = step->inputs[1]->shape, shape;
  CnWalk *walk;

  if (!align (step, &b, error))
    return FALSE;
  if (!cn_shape_broadcast (&step->inputs[0]->shape, &b, &shape))
    {
      g_autofree char *first = cn_shape_text (&step->inputs[0]->shape);
      g_autofree char *second = cn_shape_text (&step->inputs[1]->shape);

      return cn_step_fail (step, error, "%s and %s do not fit together", first, second);
    }
  step->window = 1;
  cn_step_output (step, 0, type, &shape);
  if (!cn_array_check (type, &shape, error))
    return FALSE;
  step->state = walk = g_new (CnWalk, 1);
  step->free_state = g_free;
  *walk = cn_walk (&shape);
  cn_walk_add_broadcast (walk, &shape);
  cn_walk_add_broadcast (walk, &step->inputs[0]->shape);
  cn_walk_add_broadcast (walk, &b);
  cn_walk_join (walk);
  return TRUE;
}

static gboolean
same_types (const CnStep *step, GError **error)
{
  for (int i = 1; i < step->n_inputs; i++)
    if (step->inputs[i]->type != step->inputs[0]->type)
      return cn_step_fail (step, error, "the inputs are of different types, %s and %s",
                           cn_type_name (step->inputs[0]->type),
                           cn_type_name (step->inputs[i]->type));
  return TRUE;
}

static gboolean
plan_arithmetic (CnStep *step, GError **error)
{
  return same_types (step, error) && plan_pair (step, step->inputs[0]->type, error);
}

static gboolean
plan_power (CnStep *step, GError **error)
{
  return plan_pair (step, step->inputs[0]->type, error);
}

static gboolean
plan_compare (CnStep *step, GError **error)
{
  return same_types (step, error) && plan_pair (step, CN_TYPE_BOOL, error);
}

static Operands
operands_of (const CnStep *step)
{
  return (Operands){ .result = step->outputs[0], .a = step->inputs[0], .b = step->inputs[1] };
}

static gboolean
run_arithmetic (const CnStep *step, const CnRun *run, GError **error)
{
  const Arithmetic *arithmetic = step->op->data;
  Operands operands = operands_of (step);

  operands.integer = arithmetic->integer;
  return cn_walk_run (step->state,
                      step->inputs[0]->type == CN_TYPE_FLOAT ? arithmetic->floats : integer_line,
                      &operands, run, error);
}

static gboolean
run_power (const CnStep *step, const CnRun *run, GError **error)
{
  Operands operands = operands_of (step);
  gboolean floats =
      step->inputs[0]->type == CN_TYPE_FLOAT && step->inputs[1]->type == CN_TYPE_FLOAT;

  return cn_walk_run (step->state, floats ? power_line : power_any_line, &operands, run, error);
}

static gboolean
run_modulo (const CnStep *step, const CnRun *run, GError **error)
{
  Operands operands = operands_of (step);

  operands.integer = cn_step_int (step, "fmod", 0) ? integer_fmod : integer_modulo;
  return cn_walk_run (step->state,
                      step->inputs[0]->type == CN_TYPE_FLOAT ? remainder_line : integer_line,
                      &operands, run, error);
}

static gboolean
run_compare (const CnStep *step, const CnRun *run, GError **error)
{
  Operands operands = operands_of (step);

  operands.compare = *(gboolean (*const *) (double, double)) step->op->data;
  return cn_walk_run (step->state, compare_line, &operands, run, error);
}

static gboolean
plan_many (CnStep *step, GError **error)
{
  CnShape shape = step->inputs[0]->shape;

  if (!same_types (step, error))
    return FALSE;
  for (int i = 1; i < step->n_inputs; i++)
    {
      CnShape so_far = shape;

      if (!cn_shape_broadcast (&so_far, &step->inputs[i]->shape, &shape))
        {
          g_autofree char *first = cn_shape_text (&so_far);
          g_autofree char *second = cn_shape_text (&step->inputs[i]->shape);

          return cn_step_fail (step, error, "%s and %s do not fit together", first, second);
        }
    }
  step->window = 1;
  cn_step_output (step, 0, step->inputs[0]->type, &shape);
  return TRUE;
}

/* Max, Min, Sum, Mean: the first input, and then one after the other onto it. */
static gboolean
run_many (const CnStep *step, const CnRun *run, GError **error)
{
  const Arithmetic *arithmetic = step->op->data;
  const CnArray *result = step->outputs[0];
  gboolean floats = result->type == CN_TYPE_FLOAT;
  CnWalk first = cn_walk (&result->shape);

  cn_walk_add_broadcast (&first, &result->shape);
  cn_walk_add_broadcast (&first, &step->inputs[0]->shape);
  if (!cn_walk_copy (&first, cn_type_size (result->type), result->data, step->inputs[0]->data, run,
                     error))
    return FALSE;
  for (int i = 1; i < step->n_inputs; i++)
    {
      Operands operands = {
        .result = result, .a = result, .b = step->inputs[i], .integer = arithmetic->integer
      };
      CnWalk walk = cn_walk (&result->shape);

      cn_walk_add_broadcast (&walk, &result->shape);
      cn_walk_add_broadcast (&walk, &result->shape);
      cn_walk_add_broadcast (&walk, &step->inputs[i]->shape);
      cn_walk_join (&walk);
      if (!cn_walk_run (&walk, floats ? arithmetic->floats : integer_line, &operands, run, error))
        return FALSE;
    }
  if (strcmp (step->op->name, "Mean") == 0)
    for (gsize i = 0; i < cn_array_elements (result); i++)
      result->floats[i] /= step->n_inputs;
  return TRUE;
}

#define PAIR(name, types, line, whole)                                                \
  {                                                                                   \
    name, 1, types, 1, "axis:i broadcast:i consumed_inputs:I", plan_arithmetic, NULL, \
        run_arithmetic, CN_OPERATOR_IN_PLACE, &(const Arithmetic)                     \
    {                                                                                 \
      line, whole                                                                     \
    }                                                                                 \
  }
#define MANY(name, types, line, whole)                                                        \
  {                                                                                           \
    name, 1, types, 1, "consumed_inputs:I", plan_many, NULL, run_many, 0, &(const Arithmetic) \
    {                                                                                         \
      line, whole                                                                             \
    }                                                                                         \
  }
#define RELATION(name, since, compare)                                               \
  {                                                                                  \
    name, since, "a a", 1, "axis:i broadcast:i", plan_compare, NULL, run_compare, 0, \
        &(gboolean (*const) (double, double))                                        \
    {                                                                                \
      compare                                                                        \
    }                                                                                \
  }

const CnOperator cn_operators_arithmetic[] = {
  PAIR ("Add", "n n", add_line, integer_add),
  PAIR ("Sub", "n n", subtract_line, integer_subtract),
  PAIR ("Mul", "n n", multiply_line, integer_multiply),
  PAIR ("Div", "n n", divide_line, integer_divide),
  PAIR ("PRelu", "n n", prelu_line, integer_prelu),
  { "Pow", 1, "n n", 1, "axis:i broadcast:i", plan_power, NULL, run_power, CN_OPERATOR_IN_PLACE,
    NULL },
  { "Mod", 10, "n n", 1, "fmod:i", plan_arithmetic, NULL, run_modulo, CN_OPERATOR_IN_PLACE, NULL },
  PAIR ("And", "b b", NULL, integer_and),
  PAIR ("Or", "b b", NULL, integer_or),
  PAIR ("Xor", "b b", NULL, integer_xor),
  MANY ("Max", "n*", maximum_line, integer_maximum),
  MANY ("Min", "n*", minimum_line, integer_minimum),
  MANY ("Sum", "f*", add_line, NULL),
  MANY ("Mean", "f*", add_line, NULL),
  RELATION ("Equal", 1, equal),
  RELATION ("Greater", 1, greater),
  RELATION ("Less", 1, less),
  RELATION ("GreaterOrEqual", 12, greater_or_equal),
  RELATION ("LessOrEqual", 12, less_or_equal),
  { 0 },
};
