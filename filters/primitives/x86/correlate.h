/* correlate.h: the sums of a block of a correlation's results, for AVX2 and FMA, and for AVX-512.
 *
 * Four rows of the result by a few vectors are summed in registers. An input vector, once loaded,
 * serves every row of the result that has a tap on its row, so a kernel with more than one row
 * takes about half a load for a multiplication, and the multipliers set the pace. Kernels of one
 * row, and what is left of four rows, are summed by more vectors of one row.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/primitives/primitives.h"
#include "filters/primitives/x86/vector.h"

#define ROWS 4
#define VECTORS_SINGLE 8 /* by one row */

/* Floats that the input is fetched ahead of its use, since the processor's own prefetching stops at
   each page. 3×3 on 4096×3072 pixels of RGBA takes 23.0 ms with 128, 24.4 with 512 and 31.2 with
   4096 (a copy of the picture 24); on a Zen 5, 12.7 with 512 and 20.0 without. */
#define AHEAD 256

/* Where that is from sample i of `rows` rows: in the same row, or where the next rows begin. */
INLINE gsize
fetched_at (const CnCorrelation *c, int rows, gsize i, gsize ahead)
{
  return i + ahead < c->n ? ahead : rows * c->src_row + ahead - c->n;
}

/* The kernels that have code of their own. */
typedef enum
{
  DENSE,
  COLUMN, /* one tap in a row */
  ROW,    /* one row */
} Way;

/* Vectors by ROWS rows. AVX2 has registers for twelve sums, three vectors and a weight, or for
   eight sums, a vector and four weights: the latter is faster for columns, 75 to 68 GFLOP/s of 82.
 */
INLINE int
vectors_for (Way way)
{
  return LANES == 16 ? 4 : way == DENSE ? 3 : 2;
}

/* Adds the taps of one input row to rows low … high of the result; `weights` are those of `low`,
   and those of each row after it stand one kernel row before. */
INLINE void
add_input_row (Vector sum[ROWS][VECTORS_SINGLE], const CnCorrelation *c, Way way, const float *src,
               const float *weights, int low, int high, int vectors, Mask mask, gboolean masked)
{
  int kw = way == COLUMN ? 1 : c->kw;

  for (int b = 0; b < kw; b++)
    {
      const float *tap = src + c->offsets[b];
      Vector value[VECTORS_SINGLE], weight[ROWS];

      if (way == DENSE && LANES == 8)
        {
#pragma GCC unroll 8
          for (int v = 0; v < vectors; v++)
            value[v] = load_one_of (tap, v, vectors, mask, masked);
#pragma GCC unroll 4
          for (int r = low; r <= high; r++)
            {
              weight[r] = all_lanes (weights[b - (r - low) * kw]);
#pragma GCC unroll 8
              for (int v = 0; v < vectors; v++)
                sum[r][v] = multiply_add (weight[r], value[v], sum[r][v]);
            }
        }
      else
        {
#pragma GCC unroll 4
          for (int r = low; r <= high; r++)
            weight[r] = all_lanes (weights[b - (r - low) * kw]);
#pragma GCC unroll 8
          for (int v = 0; v < vectors; v++)
            {
              value[v] = load_one_of (tap, v, vectors, mask, masked);
#pragma GCC unroll 4
              for (int r = low; r <= high; r++)
                sum[r][v] = multiply_add (weight[r], value[v], sum[r][v]);
            }
        }
    }
}

/* All taps, for ROWS rows, of a kernel of ROWS − 1 rows or more: input row a is row a − r of the
   kernel for row r of the result. */
INLINE void
add_rows (Vector sum[ROWS][VECTORS_SINGLE], const CnCorrelation *c, Way way, const float *src,
          int vectors, Mask mask, gboolean masked)
{
  int kw = way == COLUMN ? 1 : c->kw;
  const float *weights = c->weights;

#pragma GCC unroll 4
  for (int high = 0; high < ROWS - 1; high++, src += c->src_row, weights += kw)
    add_input_row (sum, c, way, src, weights, 0, high, vectors, mask, masked);
  for (int a = ROWS - 1; a < c->kh; a++, src += c->src_row, weights += kw)
    add_input_row (sum, c, way, src, weights, 0, ROWS - 1, vectors, mask, masked);
  weights -= kw;
#pragma GCC unroll 4
  for (int low = 1; low < ROWS; low++, src += c->src_row)
    add_input_row (sum, c, way, src, weights, low, ROWS - 1, vectors, mask, masked);
}

/* Computes `rows` (ROWS or 1) rows by `vectors` vectors of the result. What kernels of several rows
   will read `ahead` floats later is fetched meanwhile, if that is not 0. */
INLINE void
block (const CnCorrelation *c, Way way, const float *src, float *dst, gsize ahead, int rows,
       int vectors, Mask mask, gboolean masked, gboolean stream)
{
  Vector sum[ROWS][VECTORS_SINGLE];

#pragma GCC unroll 4
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 8
    for (int v = 0; v < vectors; v++)
      sum[r][v] = c->accumulate ? load_one_of (dst + r * c->dst_row, v, vectors, mask, masked)
                                : all_lanes (c->bias);

  if (ahead > 0 && way != ROW)
#pragma GCC unroll 4
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 8
      for (int v = 0; v < vectors; v += CN_LINE_FLOATS / LANES)
        _mm_prefetch (src + (c->kh - 1 + r) * c->src_row + v * LANES + ahead, _MM_HINT_T0);

  if (rows == ROWS)
    add_rows (sum, c, way, src, vectors, mask, masked);
  else
    for (int a = 0; a < (way == ROW ? 1 : c->kh); a++)
      add_input_row (sum, c, way, src + a * c->src_row, c->weights + a * c->kw, 0, 0, vectors, mask,
                     masked);

#pragma GCC unroll 4
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 8
    for (int v = 0; v < vectors; v++)
      store_one_of (dst + r * c->dst_row, v, vectors, mask, masked, stream, sum[r][v]);
}

/* Results of a group of rows that wait in the first-level cache before they go past it, while as
   many are summed. A load waits for stores before it to the same place in a page, past the cache
   the longer, and a picture's taps and its result mostly lie so. AVX-512 has fewer loads, and gains
   nothing. */
#define STAGED (LANES == 8)
#define STAGE_MAX (4 * 3 * LANES)

typedef struct
{
  float *filling, *waiting; /* rows one after the other */
  float *to;                /* where what waits goes; NULL: nothing does */
  float memory[2 * ROWS * STAGE_MAX + CN_LINE_FLOATS];
} Stage;

/* For rows of `n` samples. */
INLINE void
stage_begin (Stage *stage, int n)
{
  stage->filling = stage->memory + cn_floats_to_line (stage->memory);
  stage->waiting = stage->filling + ROWS * n;
  stage->to = NULL;
}

/* `rows` rows of `n` samples that wait go past the cache. */
INLINE void
stage_pass_on (const Stage *stage, gsize dst_row, int rows, int n)
{
  if (!stage->to)
    return;
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 12
    for (int k = 0; k < n; k += LANES)
      store_past (stage->to + r * dst_row + k, load (stage->waiting + r * n + k));
}

/* What has been filled waits to go to `to`, and what has waited goes. */
INLINE void
stage_turn (Stage *stage, float *to, gsize dst_row, int rows, int n)
{
  float *filled = stage->filling;

  stage_pass_on (stage, dst_row, rows, n);
  stage->filling = stage->waiting;
  stage->waiting = filled;
  stage->to = to;
}

/* The primitive of this level, for the other files of it. */
void LEVEL (cn_correlate) (const CnCorrelation *c);
