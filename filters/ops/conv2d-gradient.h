/* conv2d-gradient.h: what the files of the convolution's gradients share.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/ops/conv2d-private.h"

/* Terms that are summed in float before the sum goes on in double. */
#define CN_CONV2D_FLOAT_TERMS 2048

/* A gradient at work. Tensors are NCHW. */
typedef struct
{
  const CnConv2d *conv;
  const CnTensor *input, *output; /* the input or its gradient; the output's gradient */
  CnWindow y, x;
  int group_in, group_out, taps, terms;
  int block;       /* input channels of a turn, for the weights */
  int rows;        /* of the output, at once */
  float *gradient; /* of the weights, or of the bias */
  gint failed;
} CnConv2dGradient;

/* Channel `channel` of picture n. */
float *cn_conv2d_plane (const CnTensor *tensor, int n, int channel);

/* The positions on an axis whose tap at `at` (an input pixel, for position 0) lies in 0 … n − 1:
 *first … *end − 1. */
void cn_conv2d_inside (int at, int stride, int n, int positions, int *first, int *end);

/* Computes gradient->gradient, of the weights. gradient->failed is set if there is no memory. */
gboolean cn_conv2d_find_weight_gradient (CnConv2dGradient *gradient, const CnRun *run,
                                         GError **error);
