/* primitives.h: the table of inner loops, which each CPU level fills with its own versions.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/primitives/cpu.h"

/* A correlation of rows: for row r in 0 … rows − 1 and sample i in 0 … n − 1,

       dst[r·dst_row + i] = start + Σ_a Σ_b weights[a·kw + b] · src[(r + a)·src_row + offsets[b] +
   i]

   where start is `bias`, or what stood in dst if `accumulate`. Terms are added with a growing and,
   in it, b growing; one rounding a term at levels with FMA, two at the others. The order is the
   same for every sample, so a sample's bits do not depend on where in a row or tile it lies.

   With offsets[b] = b·C this filters interleaved pixels of C channels, each by itself; other
   offsets make dilation, and stride over an input that was split into phases. The lines need no
   alignment; nothing outside of [0, n) is written, nothing outside of the taps read. */
typedef struct
{
  const float *src;
  gsize src_row; /* floats */
  float *dst;
  gsize dst_row; /* floats */
  const float *weights;
  const gsize *offsets; /* kw of them, in floats */
  int kh, kw;
  int rows;
  gsize n;
  gboolean accumulate;
  float bias;
} CnCorrelation;

typedef struct
{
  void (*correlate) (const CnCorrelation *correlation);
} CnPrimitives;

/* The primitives of one level, which the machine must have, or of cn_cpu_level(). Constant. */
const CnPrimitives *cn_primitives_for (CnCpuLevel level);
const CnPrimitives *cn_primitives (void);

/* Each level overrides what it has something better for. */
void cn_primitives_init_scalar (CnPrimitives *table);
void cn_primitives_init_avx2 (CnPrimitives *table);
