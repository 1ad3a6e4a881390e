/* gates.c: finds the functions that a recurrent layer's attributes name.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "filters/net/operators/gates.h"

#define FUNCTION(name, expression)                     \
  static float name (float x, float alpha, float beta) \
  {                                                    \
    (void) alpha;                                      \
    (void) beta;                                       \
    return expression;                                 \
  }

FUNCTION (relu, x > 0 ? x : 0)
FUNCTION (hyperbolic_tangent, tanhf (x))
FUNCTION (sigmoid, 1 / (1 + expf (-x)))
FUNCTION (affine, alpha *x + beta)
FUNCTION (leaky_relu, x < 0 ? alpha * x : x)
FUNCTION (thresholded_relu, x >= alpha ? x : 0)
FUNCTION (scaled_tanh, alpha *tanhf (beta *x))
FUNCTION (hard_sigmoid, fmaxf (0, fminf (1, alpha *x + beta)))
FUNCTION (elu, x < 0 ? alpha * expm1f (x) : x)
FUNCTION (softsign, x / (1 + fabsf (x)))
FUNCTION (softplus, fmaxf (x, 0) + log1pf (expf (-fabsf (x))))

/* Each function, how many parameters it has, and their defaults. */
static const struct
{
  const char *name;
  int parameters;
  CnGate gate;
} functions[] = {
  { "Sigmoid", 0, { sigmoid, 0, 0 } },
  { "Tanh", 0, { hyperbolic_tangent, 0, 0 } },
  { "Relu", 0, { relu, 0, 0 } },
  { "Affine", 2, { affine, 1, 0 } },
  { "LeakyRelu", 1, { leaky_relu, 0.01f, 0 } },
  { "ThresholdedRelu", 1, { thresholded_relu, 1, 0 } },
  { "ScaledTanh", 2, { scaled_tanh, 1, 1 } },
  { "HardSigmoid", 2, { hard_sigmoid, 0.2f, 0.5f } },
  { "Elu", 1, { elu, 1, 0 } },
  { "Softsign", 0, { softsign, 0, 0 } },
  { "Softplus", 0, { softplus, 0, 0 } },
};

/* Takes the next parameter from a list, if it has one more. */
static void
take (const CnAttribute *list, int *next, float *parameter)
{
  if (list && *next < list->n)
    *parameter = list->floats[(*next)++];
}

gboolean
cn_step_gates (const CnStep *step, int directions, int each, CnGate *first, CnGate *second,
               GError **error)
{
  const CnAttribute *names = cn_node_get (step->node, "activations");
  const CnAttribute *alphas = cn_node_get (step->node, "activation_alpha");
  const CnAttribute *betas = cn_node_get (step->node, "activation_beta");
  int alpha = 0, beta = 0;

  if (names && names->n != each * directions)
    return cn_step_fail (step, error, "there are %d activations, and must be %d", names->n,
                         each * directions);
  for (int i = 0; i < each * directions; i++)
    {
      const char *name = names ? names->strings[i] : i % each || each == 1 ? "Tanh" : "Sigmoid";
      CnGate *gate = (i < each ? first : second) + i % each;
      gsize f = 0;

      while (f < G_N_ELEMENTS (functions) && g_ascii_strcasecmp (functions[f].name, name) != 0)
        f++;
      if (f == G_N_ELEMENTS (functions))
        return cn_step_lacks (step, error, "the activation “%.40s” is not supported", name);
      *gate = functions[f].gate;
      if (functions[f].parameters > 0)
        take (alphas, &alpha, &gate->alpha);
      if (functions[f].parameters > 1)
        take (betas, &beta, &gate->beta);
    }
  return TRUE;
}
