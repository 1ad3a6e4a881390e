/* conv-transpose-private.h: the inside of the transposed convolution, shared by its files.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/ops/conv-transpose.h"

/* The taps that meet the results of one phase on one axis: result q·s + phase is the sum over taps
   j of the input at q − back + j·spacing, in this order. */
typedef struct
{
  int taps;
  int back;
  int before; /* taps of the phases before this one */
} CnPhase;

typedef struct
{
  int size, stride, dilation; /* k, s, d */
  int spacing;                /* d / gcd (s, d) */
  CnPhase *phases;            /* s of them */
} CnPhases;

struct _CnConvTranspose
{
  CnConvTransposeOptions options; /* with the zeros replaced by ones */
  CnPhases y, x;
  float *weights; /* (I × O/G) kernels, each phase by phase: see cn_conv_transpose_weights() */
  float *bias;
  gboolean shared; /* every channel goes through the same kernel and bias, as in conv2d */
};

/* The sub-kernel of a phase, in kernel `kernel`: y.phases[py].taps × x.phases[px].taps weights. */
const float *cn_conv_transpose_weights (const CnConvTranspose *conv, gsize kernel, int py, int px);

/* Where weight (a, b) of kernel `kernel` stands among them. */
gsize cn_conv_transpose_place (const CnConvTranspose *conv, gsize kernel, int a, int b);

/* The three functions of a CnTiled over a CnConvTransposePlan. */
CnRect cn_conv_transpose_reach (gconstpointer op, const CnRect *out);
gsize cn_conv_transpose_scratch (gconstpointer op, const CnRect *out);
void cn_conv_transpose_work (gconstpointer op, const CnTile *tile);
