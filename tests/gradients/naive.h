/* naive.h: a model computed forward in double, straight from the formulas.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/train/model.h"

/* The model's outputs for `n` samples, N×C×H×W, to be freed, from inputs in the same order and from
   `parameters`, which are as the model has them. While `training` statistics are the batch's, else
   the model's. `corner`, unless NULL, becomes how near any sample comes to a corner: to where an
   activation has two slopes, or to being the maximum instead of another. */
double *naive_forward (const CnModel *model, const double *parameters, const double *input, int n,
                       gboolean training, double *corner);
