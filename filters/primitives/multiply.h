/* multiply.h: what the inner loops that multiply matrices take: a part of primitives.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/primitives/line.h"

/* A product of matrices: for row r in 0 … rows − 1 and column i in 0 … n − 1,

       dst[r·dst_row + i] = start + Σ_k a[r·a_row + k·a_step] · b[offsets[k] + i]

   of `terms` terms, with a_offsets[k] in the place of k·a_step if there are such, where start is
   bias[r] (0 if `bias` is NULL), with `accumulate` added to what stood in dst; with `rectify`,
   negative results become 0. Terms are added with k growing, one rounding a term at levels with
   FMA, two at the others: as in a correlation, a sample's bits do not depend on where it lies.

   The rows of b may overlap: where they are shifted views of a picture, this is a convolution of
   many channels. Nothing needs alignment; with `stream` whole cache lines of the result may go past
   the cache. What lies `ahead` floats after each sample of b, and `next_floats` floats from `next`
   on, may be fetched into the cache meanwhile: where this call or the next will read, or 0. */
typedef struct
{
  const float *a;
  gsize a_row, a_step;    /* floats */
  const gsize *a_offsets; /* `terms` of them, or NULL */
  const float *b;
  const gsize *offsets; /* `terms` of them, in floats */
  int terms;
  float *dst;
  gsize dst_row; /* floats */
  int rows;
  gsize n;
  const float *bias; /* `rows` of them, or NULL */
  gboolean accumulate, rectify;
  gboolean stream;
  gsize ahead;
  const float *next;
  gsize next_floats;
} CnProduct;

/* Columns that the blocks of a product divide at every level: as many of b, side by side, make a
   panel of which nothing is left over. */
#define CN_PRODUCT_PANEL 48

/* Dot products of a vector with rows: for r in 0 … rows − 1,

       dst[r] = Σ_k a[k] · b[r·b_row + k]    of `terms` terms

   Terms whose k are the same modulo CN_DOT_LANES are added in their order, two roundings a term;
   then sum l and sum l + CN_DOT_LANES/2 of the lanes, and so on with what is left of them. The same
   bits at every CPU level. What lies `ahead` floats after each sample of b may be fetched into the
   cache meanwhile. */
#define CN_DOT_LANES 64

typedef struct
{
  const float *a, *b;
  gsize b_row; /* floats */
  float *dst;
  gsize rows, terms;
  gsize ahead;
} CnDots;

/* A product of matrices with factors that repeat along a row: for pixels of some samples, each of
   which has weights of its own.

       dst[r·dst_row + i] = bias[i mod samples] + Σ_k a[r·a_row + k·step + i mod samples] ·
   b[offsets[k] + i]

   with step = cn_factor_step (samples), of `terms` terms, and of `more` after them for the first
   `more_rows` rows. The last `some` of the terms, and the last `more_some` of the others, have 0
   instead of b in those samples of a pixel for which `kept` is 0, not −1. Factors, biases and these
   go on, repeating, for CN_FACTOR_BLOCK elements after those of a pixel, so that a block may begin
   at any sample. Terms are added with k growing; rounding as in the other product. Nothing needs
   alignment. With `stream` whole cache lines of the result may go past the cache. `next_floats`
   floats from `next` on may be fetched into the cache meanwhile. */
typedef struct
{
  const float *a;
  gsize a_row; /* floats */
  int samples; /* of a pixel, at least 1 */
  const float *b;
  const gsize *offsets; /* `terms` + `more` of them, in floats */
  int terms, some, more, more_some, more_rows;
  float *dst;
  gsize dst_row; /* floats */
  int rows;
  gsize n;
  const float *bias;
  const int *kept;
  gboolean stream;
  const float *next;
  gsize next_floats;
} CnPixelProduct;

#define CN_FACTOR_BLOCK 96

/* Floats from a term's factors to the next one's. */
static inline gsize
cn_factor_step (int samples)
{
  return cn_line_step ((gsize) samples + CN_FACTOR_BLOCK);
}

/* The sums of a transposed convolution by steps of 2, whose four phases have most of their terms in
   common, each where it belongs in two rows of the result. Sum r = 2y + x is phase (y, x). Terms
   come in `turns`; each has terms[0] of all sums, then terms[1] of sums 0 and 2, terms[2] of sums 0
   and 1, and terms[3] of sum 0. For sample c of pixel i

       z[y, (2i + x)·pixel + c] = bias + Σ_k a[k, r] · b[offsets[k] + i·pixel + c]
       dst[y][j] = z[y, skipped + j]    for j in 0 … n − 1

   over the sum's terms k. The factors a are in the order of the terms, for each those of its sums.
   Terms are added with k growing; rounding as in the other products. Nothing needs alignment. A row
   may be NULL. With `stream` whole cache lines of the result may go past the cache. What lies
   `ahead` floats after the samples of b, and a row's samples from `next` on, may be fetched into
   the cache meanwhile: where the next turn and the next call will read, or 0 and NULL. */
typedef struct
{
  const float *a, *b;
  int pixel;            /* floats, 1 … 4 */
  const gsize *offsets; /* of the terms of all turns, in floats */
  int turns, terms[4];
  float *dst[2];
  gsize n;
  gsize skipped; /* 0 or `pixel` */
  float bias;
  gsize ahead;
  const float *next;
  gboolean stream;
} CnPhaseProduct;
