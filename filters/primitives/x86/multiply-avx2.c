/* multiply-avx2.c: the product of matrices for AVX2 and FMA.
 *
 * Four rows by three vectors are summed in twelve of the sixteen registers; the columns that remain
 * go eight rows by one vector.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/primitives.h"

#include <immintrin.h>

#define INLINE static inline __attribute__ ((always_inline))
#define LANES 8
#define ROWS 4
#define VECTORS 3        /* by ROWS rows */
#define ROWS_SINGLE 8    /* by one vector */
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

INLINE void
block (const CnProduct *p, int row, gsize column, int rows, int vectors, __m256i mask,
       gboolean masked)
{
  __m256 sum[ROWS_SINGLE][VECTORS_SINGLE];
  const float *a = p->a + row * p->a_row, *b = p->b + column;
  float *dst = p->dst + row * p->dst_row + column;

#pragma GCC unroll 8
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 8
    for (int v = 0; v < vectors; v++)
      sum[r][v] = p->accumulate ? load (dst + r * p->dst_row + v * LANES, mask, masked)
                                : _mm256_set1_ps (p->bias ? p->bias[row + r] : 0);
  for (int k = 0; k < p->terms; k++, a += p->a_step)
    {
      const float *line = b + p->offsets[k];
      __m256 value[VECTORS_SINGLE];

#pragma GCC unroll 8
      for (int v = 0; v < vectors; v++)
        value[v] = load (line + v * LANES, mask, masked);
#pragma GCC unroll 8
      for (int r = 0; r < rows; r++)
        {
          __m256 factor = _mm256_broadcast_ss (a + r * p->a_row);

#pragma GCC unroll 8
          for (int v = 0; v < vectors; v++)
            sum[r][v] = _mm256_fmadd_ps (factor, value[v], sum[r][v]);
        }
    }
#pragma GCC unroll 8
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 8
    for (int v = 0; v < vectors; v++)
      {
        float *to = dst + r * p->dst_row + v * LANES;

        if (masked)
          _mm256_maskstore_ps (to, mask, sum[r][v]);
        else
          _mm256_storeu_ps (to, sum[r][v]);
      }
}

/* `vectors` vectors of every row, `rows` rows at a time. */
INLINE void
sweep (const CnProduct *p, gsize column, int rows, int vectors, __m256i mask, gboolean masked)
{
  int row = 0;

  for (; row + rows <= p->rows; row += rows)
    block (p, row, column, rows, vectors, mask, masked);
  for (; rows > 2 && row + 2 <= p->rows; row += 2)
    block (p, row, column, 2, vectors, mask, masked);
  for (; row < p->rows; row++)
    block (p, row, column, 1, vectors, mask, masked);
}

static void
multiply (const CnProduct *p)
{
  const __m256i all = _mm256_set1_epi32 (-1);
  gsize column = 0;

  if (p->rows == 1)
    for (; column + VECTORS_SINGLE * LANES <= p->n; column += VECTORS_SINGLE * LANES)
      sweep (p, column, 1, VECTORS_SINGLE, all, FALSE);
  for (; column + VECTORS * LANES <= p->n; column += VECTORS * LANES)
    sweep (p, column, ROWS, VECTORS, all, FALSE);
  for (; column + LANES <= p->n; column += LANES)
    sweep (p, column, ROWS_SINGLE, 1, all, FALSE);
  if (column < p->n)
    sweep (p, column, ROWS_SINGLE, 1, mask_for (p->n - column), TRUE);
}

void
cn_multiply_init_avx2 (CnPrimitives *table)
{
  table->multiply = multiply;
}
