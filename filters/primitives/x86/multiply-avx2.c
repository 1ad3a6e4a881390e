/* multiply-avx2.c: the product of matrices for AVX2 and FMA.
 *
 * Four rows by three vectors are summed in twelve of the sixteen registers; the columns that remain
 * take fewer vectors, and the last of them a part of one.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/primitives.h"

#include <immintrin.h>

#define INLINE static inline __attribute__ ((always_inline))
#define LANES 8
#define ROWS 4
#define VECTORS 3        /* by ROWS rows */
#define VECTORS_SINGLE 8 /* by one row */

/* The first `n` lanes. */
INLINE __m256i
mask_for (gsize n)
{
  const __m256i lane = _mm256_setr_epi32 (0, 1, 2, 3, 4, 5, 6, 7);

  return _mm256_cmpgt_epi32 (_mm256_set1_epi32 ((int) n), lane);
}

INLINE __m256
load (const float *from, __m256i mask, gboolean masked)
{
  return masked ? _mm256_maskload_ps (from, mask) : _mm256_loadu_ps (from);
}

/* `rows` rows by `vectors` vectors; if `masked`, `mask` says what counts of the last. */
INLINE void
block (const CnProduct *p, int row, gsize column, int rows, int vectors, __m256i mask,
       gboolean masked)
{
  __m256 sum[ROWS][VECTORS_SINGLE];
  const float *a = p->a + row * p->a_row, *b = p->b + column;
  float *dst = p->dst + row * p->dst_row + column;

#pragma GCC unroll 4
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 8
    for (int v = 0; v < vectors; v++)
      sum[r][v] = p->accumulate
                      ? load (dst + r * p->dst_row + v * LANES, mask, masked && v == vectors - 1)
                      : _mm256_set1_ps (p->bias ? p->bias[row + r] : 0);
  for (int k = 0; k < p->terms; k++, a += p->a_step)
    {
      const float *line = b + p->offsets[k];
      __m256 value[VECTORS_SINGLE];

#pragma GCC unroll 8
      for (int v = 0; v < vectors; v++)
        value[v] = load (line + v * LANES, mask, masked && v == vectors - 1);
#pragma GCC unroll 4
      for (int r = 0; r < rows; r++)
        {
          __m256 factor = _mm256_broadcast_ss (a + r * p->a_row);

#pragma GCC unroll 8
          for (int v = 0; v < vectors; v++)
            sum[r][v] = _mm256_fmadd_ps (factor, value[v], sum[r][v]);
        }
    }
  if (p->rectify)
#pragma GCC unroll 4
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 8
      for (int v = 0; v < vectors; v++) /* the sum, if it is NaN */
        sum[r][v] = _mm256_max_ps (_mm256_setzero_ps (), sum[r][v]);
#pragma GCC unroll 4
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 8
    for (int v = 0; v < vectors; v++)
      {
        float *to = dst + r * p->dst_row + v * LANES;

        if (masked && v == vectors - 1)
          _mm256_maskstore_ps (to, mask, sum[r][v]);
        else
          _mm256_storeu_ps (to, sum[r][v]);
      }
}

/* `rows` rows from left to right. */
INLINE void
sweep (const CnProduct *p, int row, int rows, int vectors)
{
  const __m256i all = _mm256_set1_epi32 (-1);
  gsize column = 0, rest;

  for (; column + vectors * LANES <= p->n; column += vectors * LANES)
    block (p, row, column, rows, vectors, all, FALSE);
  rest = p->n - column;
  if (rest >= 2 * LANES && vectors == VECTORS)
    {
      block (p, row, column, rows, 2, all, FALSE);
      column += 2 * LANES;
    }
  for (; column + LANES <= p->n; column += LANES)
    block (p, row, column, rows, 1, all, FALSE);
  if (column < p->n)
    block (p, row, column, rows, 1, mask_for (p->n - column), TRUE);
}

static void
multiply (const CnProduct *p)
{
  int row = 0;

  for (; row + ROWS <= p->rows; row += ROWS)
    sweep (p, row, ROWS, VECTORS);
  for (; row + 2 <= p->rows; row += 2)
    sweep (p, row, 2, VECTORS);
  if (row < p->rows)
    sweep (p, row, 1, VECTORS_SINGLE);
}

void
cn_multiply_init_avx2 (CnPrimitives *table)
{
  table->multiply = multiply;
}
