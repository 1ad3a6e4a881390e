/* gates.h: the functions of recurrent layers' gates, by ONNX's names.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/net/operators/operators.h"

/* y = function (x, alpha, beta) */
typedef struct
{
  float (*function) (float x, float alpha, float beta);
  float alpha, beta;
} CnGate;

/* Reads “activations”, “activation_alpha” and “activation_beta” for `each` (1 to 3) functions of
   one or two `directions`: into `first` and `second`, of three each. Without the attributes they
   are ONNX's defaults: Sigmoid, Tanh, Tanh, or for one function Tanh. The lists of alpha and beta
   have an element for each function that has such a parameter, in their order; one that they lack
   has its default. */
gboolean cn_step_gates (const CnStep *step, int directions, int each, CnGate *first, CnGate *second,
                        GError **error);
