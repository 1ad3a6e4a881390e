/* optimiser.c: how parameters follow their gradients, and how fast.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/train/optimiser.h"

#include <math.h>

#include "filters/core/error.h"

#define EPSILON 1e-8

static const char *const optimisers[CN_OPTIMISERS] = {
  [CN_OPTIMISER_SGD] = "sgd",
  [CN_OPTIMISER_ADAM] = "adam",
  [CN_OPTIMISER_ADAMW] = "adamw",
};

static const char *const schedules[CN_SCHEDULES] = {
  [CN_SCHEDULE_CONSTANT] = "constant",
  [CN_SCHEDULE_COSINE] = "cosine",
  [CN_SCHEDULE_ONE_CYCLE] = "one-cycle",
};

const char *
cn_optimiser_name (CnOptimiserKind kind)
{
  return optimisers[kind];
}

const char *
cn_schedule_name (CnScheduleKind kind)
{
  return schedules[kind];
}

CnOptimiser *
cn_optimiser_new (const CnOptimiserOptions *options, gsize n, GError **error)
{
  g_autoptr (CnOptimiser) optimiser = g_new0 (CnOptimiser, 1);

  optimiser->options = *options;
  optimiser->n = n;
  optimiser->first = g_try_new0 (float, MAX (n, 1));
  optimiser->second = g_try_new0 (float, MAX (n, 1));
  if (optimiser->first && optimiser->second)
    return g_steal_pointer (&optimiser);
  cn_set_error (error, CN_ERROR_MEMORY, "There is no memory for %zu parameters", n);
  return NULL;
}

void
cn_optimiser_free (CnOptimiser *optimiser)
{
  if (!optimiser)
    return;
  g_free (optimiser->first);
  g_free (optimiser->second);
  g_free (optimiser);
}

static void
step_sgd (CnOptimiser *optimiser, CnModel *model, float rate, float clip)
{
  const CnOptimiserOptions *o = &optimiser->options;
  float momentum = (float) o->momentum, decay = (float) o->decay;

  for (gsize i = 0; i < optimiser->n; i++)
    {
      float g = model->gradients[i] * clip;

      if (model->decays[i])
        g += decay * model->parameters[i];
      optimiser->first[i] = momentum * optimiser->first[i] + g;
      model->parameters[i] -= rate * (g + momentum * optimiser->first[i]);
    }
}

static void
step_adam (CnOptimiser *optimiser, CnModel *model, float rate, float clip)
{
  const CnOptimiserOptions *o = &optimiser->options;
  float momentum = (float) o->momentum, beta = (float) o->beta, decay = (float) o->decay;
  float first_scale = (float) (1 / (1 - pow (o->momentum, (double) optimiser->steps)));
  float second_scale = (float) (1 / (1 - pow (o->beta, (double) optimiser->steps)));

  for (gsize i = 0; i < optimiser->n; i++)
    {
      float g = model->gradients[i] * clip, w = model->parameters[i];

      if (model->decays[i] && o->kind == CN_OPTIMISER_ADAM)
        g += decay * w;
      else if (model->decays[i])
        w -= rate * decay * w;
      optimiser->first[i] = momentum * optimiser->first[i] + (1 - momentum) * g;
      optimiser->second[i] = beta * optimiser->second[i] + (1 - beta) * g * g;
      model->parameters[i] =
          w
          - rate * optimiser->first[i] * first_scale
                / (sqrtf (optimiser->second[i] * second_scale) + (float) EPSILON);
    }
}

gboolean
cn_optimiser_step (CnOptimiser *optimiser, CnModel *model, double rate, GError **error)
{
  const CnOptimiserOptions *o = &optimiser->options;
  double squares = 0, norm, clip = 1;

  for (gsize i = 0; i < optimiser->n; i++)
    squares += (double) model->gradients[i] * model->gradients[i];
  norm = sqrt (squares);
  if (!isfinite (norm))
    {
      cn_set_error (error, CN_ERROR_ARGUMENT,
                    "The gradient is not finite: the learning rate %g may be too high", rate);
      return FALSE;
    }
  if (o->clip > 0 && norm > o->clip)
    clip = o->clip / norm;
  optimiser->steps++;
  if (o->kind == CN_OPTIMISER_SGD)
    step_sgd (optimiser, model, (float) rate, (float) clip);
  else
    step_adam (optimiser, model, (float) rate, (float) clip);
  return TRUE;
}

/* From `high` at t = 0 to `low` at t = 1. */
static double
cosine (double high, double low, double t)
{
  return low + (high - low) * (1 + cos (G_PI * t)) / 2;
}

double
cn_schedule (CnScheduleKind kind, double warm_up, double t)
{
  double start = kind == CN_SCHEDULE_ONE_CYCLE ? 1 / 25.0 : 0, rest;

  if (t < warm_up)
    return start + (1 - start) * t / warm_up;
  rest = warm_up < 1 ? (t - warm_up) / (1 - warm_up) : 1;
  if (kind == CN_SCHEDULE_CONSTANT)
    return 1;
  return cosine (1, kind == CN_SCHEDULE_ONE_CYCLE ? 1e-4 : 0, rest);
}
