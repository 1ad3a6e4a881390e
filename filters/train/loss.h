/* loss.h: what is made small: losses of a batch, and their gradients.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/train/lanes.h"

typedef enum
{
  CN_LOSS_CROSS_ENTROPY, /* of classes; the others are of pictures */
  CN_LOSS_MSE,
  CN_LOSS_L1,
  CN_LOSS_CHARBONNIER,
  CN_LOSSES
} CnLossKind;

/* "cross-entropy", "mse", "l1", "charbonnier". */
const char *cn_loss_name (CnLossKind kind);

/* Sums over samples. */
typedef struct
{
  double loss;  /* Σ of the samples' losses */
  double error; /* classes: how many are wrong; pictures: Σ of mean squared errors */
  gsize n;      /* samples */
} CnLossSum;

/* Cross-entropy after softmax p of the outputs z, with labels smoothed by s in 0 … 1:

       loss = −Σ_c q_c · ln p_c,  q_c = (1 − s)·[c is the label] + s / C,  ∂z_c = (p_c − q_c) / n

   for the first `n` samples, of the last layer's C channels of one pixel. Sums are made in double;
   the largest z is taken off before the exponential. Adds to `sum`; `gradient` may be NULL. Szegedy
   et al., Rethinking the Inception architecture, 2016. */
void cn_loss_classes (const CnLanes *output, const guint16 *labels, gsize n, double smoothing,
                      const CnLanes *gradient, CnLossSum *sum);

/* The mean over a sample's pixels and channels of d², |d| or √(d² + 10⁻⁶), where d = output −
   target; the gradient is that of the mean over n samples. Adds to `sum`; `gradient` may be NULL.
   Charbonnier et al., Two deterministic half-quadratic regularization algorithms, 1994. */
void cn_loss_pictures (CnLossKind kind, const CnLanes *output, const CnLanes *target, gsize n,
                       const CnLanes *gradient, CnLossSum *sum);
