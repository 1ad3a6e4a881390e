/* activation.h: the functions g in a = g (z), applied to each sample by itself.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

/* As in ONNX. */
typedef enum
{
  CN_ACTIVATION_IDENTITY,   /* x */
  CN_ACTIVATION_RELU,       /* max (x, 0) */
  CN_ACTIVATION_LEAKY_RELU, /* x, or alpha·x where x < 0 */
  CN_ACTIVATION_ELU,        /* x, or alpha·(eˣ − 1) where x < 0 */
  CN_ACTIVATION_SIGMOID,    /* 1 / (1 + e⁻ˣ) */
  CN_ACTIVATION_TANH,       /* tanh x */
  CN_ACTIVATION_SOFTPLUS,   /* ln (1 + eˣ) */
  CN_ACTIVATION_ABS,        /* |x| */
  CN_ACTIVATION_CLIP,       /* min (max (x, min), max) */
  CN_ACTIVATIONS
} CnActivationKind;

typedef struct
{
  CnActivationKind kind;
  float alpha;    /* leaky relu, elu */
  float min, max; /* clip */
} CnActivation;

/* The kind with ONNX's default for alpha (0.01, 1), and the range of a picture, 0 … 1, for clip. */
CnActivation cn_activation (CnActivationKind kind);

/* The name that users and scripts know it by: "identity", "relu", "leaky-relu", … */
const char *cn_activation_name (CnActivationKind kind);

/* Replaces `n` samples by g of them. NaN stays NaN. */
void cn_activation_apply (const CnActivation *activation, float *samples, gsize n);

/* Multiplies `n` gradients with respect to g (z) by the derivative of g, found from the `results`
   g (z): that is 1 or 0 for relu, which has 0 at 0, y·(1 − y) for sigmoid, and so on. Not for
   CN_ACTIVATION_ABS, whose results do not tell. */
void cn_activation_backward (const CnActivation *activation, const float *results, float *gradients,
                             gsize n);
