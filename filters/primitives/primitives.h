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

typedef enum
{
  CN_REDUCE_MAX, /* the first of equal samples; NaN if there is one */
  CN_REDUCE_MIN, /* likewise */
  CN_REDUCE_SUM,
  CN_REDUCE_MEAN, /* the sum divided by `divisor` */
} CnReduce;

/* A reduction of taps: for pixel x in 0 … n − 1 and channel c in 0 … pixel − 1,

       dst[x·pixel + c] = src[x·step + c] ∘ src[x·step + tap + c] ∘ src[x·step + 2·tap + c] ∘ …

   of `taps` samples, from left to right, where ∘ is max, min or +. What lies `ahead` floats after
   each sample may be fetched into the cache meanwhile: where the next call will read, or 0. With
   `tap` a row this reduces rows; with `step` a stride of pixels, the columns of a row. Nothing
   outside of the taps is read, nothing outside of n pixels written. */
typedef struct
{
  CnReduce kind;
  const float *src;
  gsize step, tap; /* floats */
  int taps;        /* at least 1 */
  float *dst;
  int pixel;
  gsize n;
  gsize ahead;
  float divisor;
} CnReduction;

/* Lines woven into one: for part k in 0 … parts − 1, x in 0 … n − 1 and c in 0 … pixel − 1,

       dst[(x·parts + k)·pixel + c] = src[k·part + x·pixel + c] */
typedef struct
{
  const float *src;
  gsize part; /* floats from one line to the next */
  float *dst;
  int parts, pixel;
  gsize n;
} CnInterleaving;

typedef struct
{
  void (*correlate) (const CnCorrelation *correlation);
  void (*reduce) (const CnReduction *reduction);
  void (*interleave) (const CnInterleaving *interleaving);
} CnPrimitives;

/* The primitives of one level, which the machine must have, or of cn_cpu_level(). Constant. */
const CnPrimitives *cn_primitives_for (CnCpuLevel level);
const CnPrimitives *cn_primitives (void);

/* Each level overrides what it has something better for; a function for each primitive's file. */
void cn_correlate_init_scalar (CnPrimitives *table);
void cn_reduce_init_scalar (CnPrimitives *table);
void cn_interleave_init_scalar (CnPrimitives *table);
void cn_correlate_init_avx2 (CnPrimitives *table);
void cn_reduce_init_avx2 (CnPrimitives *table);
void cn_interleave_init_avx2 (CnPrimitives *table);
