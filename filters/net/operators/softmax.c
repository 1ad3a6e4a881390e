/* softmax.c: operators that look at all elements along an axis, or from an axis on, together.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "filters/core/parallel.h"
#include "filters/net/operators/operators.h"

/* Elements that belong together: `n` of them, `inner` elements apart. Up to opset 12 all from the
   axis on belong together, from opset 13 on, and for LpNormalization, those along the axis. */
typedef struct
{
  gsize n, inner, outer;
} Groups;

static gboolean
plan_softmax (CnStep *step, GError **error)
{
  const CnShape *shape = &step->inputs[0]->shape;
  gboolean old = step->opset < 13 && step->op->name[1] != 'p';
  gint64 axis = cn_step_int (step, "axis", old ? 1 : -1);
  Groups *groups;

  if (!(old && axis == shape->rank) && !cn_step_axis (step, &axis, shape->rank, error))
    return FALSE;
  step->state = groups = g_new0 (Groups, 1);
  step->free_state = g_free;
  groups->outer = cn_shape_product (shape, 0, (int) axis);
  groups->n = cn_shape_product (shape, (int) axis, old ? shape->rank : (int) axis + 1);
  groups->inner = old ? 1 : cn_shape_product (shape, (int) axis + 1, shape->rank);
  cn_plan_like_input (step, error);
  step->window = !old && axis == 1;
  return TRUE;
}

static float *
find_group (const CnStep *step, gsize i, const float **from)
{
  const Groups *g = step->state;
  gsize start = i / g->inner * g->n * g->inner + i % g->inner;

  *from = step->inputs[0]->floats + start;
  return step->outputs[0]->floats + start;
}

/* The largest element is subtracted first, so that nothing overflows. */
static void
softmax_group (gpointer data, gsize i)
{
  const CnStep *step = data;
  const Groups *g = step->state;
  gboolean logarithm = step->op->name[0] == 'L';
  const float *from;
  float *to = find_group (step, i, &from), largest = -INFINITY;
  double sum = 0;

  for (gsize k = 0; k < g->n; k++)
    largest = fmaxf (largest, from[k * g->inner]);
  for (gsize k = 0; k < g->n; k++)
    {
      float e = expf (from[k * g->inner] - largest);

      sum += e;
      to[k * g->inner] = logarithm ? from[k * g->inner] - largest : e;
    }
  for (gsize k = 0; k < g->n; k++)
    to[k * g->inner] =
        logarithm ? (float) (to[k * g->inner] - log (sum)) : (float) (to[k * g->inner] / sum);
}

/* 1 at the first of the largest elements, 0 elsewhere. */
static void
hardmax_group (gpointer data, gsize i)
{
  const CnStep *step = data;
  const Groups *g = step->state;
  const float *from;
  float *to = find_group (step, i, &from);
  gsize best = 0;

  for (gsize k = 1; k < g->n; k++)
    if (from[k * g->inner] > from[best * g->inner])
      best = k;
  for (gsize k = 0; k < g->n; k++)
    to[k * g->inner] = k == best;
}

/* y = x / (Σ|x|ᵖ)^(1/p) for a p of 1 or 2; zeros stay zeros. */
static void
lp_group (gpointer data, gsize i)
{
  const CnStep *step = data;
  const Groups *g = step->state;
  gboolean absolute = cn_step_int (step, "p", 2) == 1;
  const float *from;
  float *to = find_group (step, i, &from);
  double sum = 0;

  for (gsize k = 0; k < g->n; k++)
    {
      double x = from[k * g->inner];

      sum += absolute ? fabs (x) : x * x;
    }
  if (!absolute)
    sum = sqrt (sum);
  for (gsize k = 0; k < g->n; k++)
    to[k * g->inner] = sum == 0 ? 0 : (float) (from[k * g->inner] / sum);
}

static gboolean
run_softmax (const CnStep *step, const CnRun *run, GError **error)
{
  const Groups *g = step->state;
  const char *name = step->op->name;

  return cn_parallel (g->outer * g->inner,
                      name[0] == 'H'   ? hardmax_group
                      : name[1] == 'p' ? lp_group
                                       : softmax_group,
                      (gpointer) step, run, error);
}

#define ROW(name, flags)                                                    \
  {                                                                         \
    name, 1, "f", 1, "axis:i", plan_softmax, NULL, run_softmax, flags, NULL \
  }

const CnOperator cn_operators_softmax[] = {
  ROW ("Softmax", CN_OPERATOR_IN_PLACE),
  ROW ("LogSoftmax", CN_OPERATOR_IN_PLACE),
  ROW ("Hardmax", 0),
  { "LpNormalization", 1, "f", 1, "axis:i p:i=1|2", plan_softmax, NULL, run_softmax,
    CN_OPERATOR_IN_PLACE, NULL },
  { 0 },
};
