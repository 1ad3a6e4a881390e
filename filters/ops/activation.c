/* activation.c: the functions g in a = g (z), applied to each sample by itself.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/ops/activation.h"

#include <math.h>

static float
relu (float x, const CnActivation *g)
{
  (void) g;
  return x < 0 ? 0 : x;
}

static float
leaky_relu (float x, const CnActivation *g)
{
  return x < 0 ? g->alpha * x : x;
}

static float
elu (float x, const CnActivation *g)
{
  return x < 0 ? g->alpha * expm1f (x) : x;
}

static float
sigmoid (float x, const CnActivation *g)
{
  (void) g;
  return 1 / (1 + expf (-x));
}

static float
hyperbolic_tangent (float x, const CnActivation *g)
{
  (void) g;
  return tanhf (x);
}

/* ln (1 + eˣ) = max (x, 0) + ln (1 + e^−|x|), which cannot overflow. */
static float
softplus (float x, const CnActivation *g)
{
  (void) g;
  return (x < 0 ? 0 : x) + log1pf (expf (-fabsf (x)));
}

static float
absolute (float x, const CnActivation *g)
{
  (void) g;
  return fabsf (x);
}

static float
clip (float x, const CnActivation *g)
{
  return x < g->min ? g->min : x > g->max ? g->max : x;
}

static const struct
{
  const char *name;
  float alpha;
  float (*function) (float x, const CnActivation *g);
} activations[CN_ACTIVATIONS] = {
  [CN_ACTIVATION_IDENTITY] = { "identity", 0, NULL },
  [CN_ACTIVATION_RELU] = { "relu", 0, relu },
  [CN_ACTIVATION_LEAKY_RELU] = { "leaky-relu", 0.01f, leaky_relu },
  [CN_ACTIVATION_ELU] = { "elu", 1, elu },
  [CN_ACTIVATION_SIGMOID] = { "sigmoid", 0, sigmoid },
  [CN_ACTIVATION_TANH] = { "tanh", 0, hyperbolic_tangent },
  [CN_ACTIVATION_SOFTPLUS] = { "softplus", 0, softplus },
  [CN_ACTIVATION_ABS] = { "abs", 0, absolute },
  [CN_ACTIVATION_CLIP] = { "clip", 0, clip },
};

CnActivation
cn_activation (CnActivationKind kind)
{
  return (CnActivation){ .kind = kind, .alpha = activations[kind].alpha, .min = 0, .max = 1 };
}

const char *
cn_activation_name (CnActivationKind kind)
{
  return activations[kind].name;
}

void
cn_activation_apply (const CnActivation *activation, float *samples, gsize n)
{
  float (*function) (float, const CnActivation *) = activations[activation->kind].function;

  if (!function)
    return;
  if (activation->kind == CN_ACTIVATION_RELU) /* networks have little else: without calls */
    for (gsize i = 0; i < n; i++)
      samples[i] = samples[i] < 0 ? 0 : samples[i];
  else
    for (gsize i = 0; i < n; i++)
      samples[i] = function (samples[i], activation);
}

static float
derivative (const CnActivation *activation, float result)
{
  switch (activation->kind)
    {
    case CN_ACTIVATION_LEAKY_RELU:
      return result > 0 ? 1 : activation->alpha;
    case CN_ACTIVATION_ELU:
      return result > 0 ? 1 : result + activation->alpha;
    case CN_ACTIVATION_SIGMOID:
      return result * (1 - result);
    case CN_ACTIVATION_TANH:
      return 1 - result * result;
    case CN_ACTIVATION_SOFTPLUS:
      return -expm1f (-result);
    case CN_ACTIVATION_CLIP:
      return result > activation->min && result < activation->max;
    default:
      return 1;
    }
}

void
cn_activation_backward (const CnActivation *activation, const float *results, float *gradients,
                        gsize n)
{
  g_assert (activation->kind != CN_ACTIVATION_ABS);
  if (activation->kind == CN_ACTIVATION_RELU)
    for (gsize i = 0; i < n; i++)
      gradients[i] = results[i] > 0 ? gradients[i] : 0;
  else
    for (gsize i = 0; i < n; i++)
      gradients[i] *= derivative (activation, results[i]);
}
