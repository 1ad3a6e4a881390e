/* multiply-pixels-avx2.c: the product of matrices for interleaved pixels, for AVX2 and FMA.
 *
 * Two rows by six vectors, which are one period of 48 or 3 of 16; the columns that remain, a vector
 * at a time. SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/primitives.h"

#include <immintrin.h>

#define INLINE static inline __attribute__ ((always_inline))
#define LANES 8
#define ROWS 2
#define VECTORS 6

/* The first `n` lanes. */
INLINE __m256i
mask_for (gsize n)
{
  const __m256i lane = _mm256_setr_epi32 (0, 1, 2, 3, 4, 5, 6, 7);

  return _mm256_cmpgt_epi32 (_mm256_set1_epi32 ((int) n), lane);
}

/* `rows` rows by `vectors` vectors, of the last of which `mask` says what counts if `masked`. */
INLINE void
block (const CnPixelProduct *p, int row, gsize column, int rows, int vectors, int period,
       __m256i mask, gboolean masked)
{
  __m256 sum[ROWS][VECTORS];
  const float *a = p->a + row * p->a_row, *b = p->b + column;
  float *dst = p->dst + row * p->dst_row + column;
  gsize at = vectors == 1 ? column % period : 0; /* other blocks begin with a period */

#pragma GCC unroll 4
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 6
    for (int v = 0; v < vectors; v++)
      sum[r][v] = !p->accumulate ? _mm256_loadu_ps (p->bias + at + v * LANES % period)
                  : masked       ? _mm256_maskload_ps (dst + r * p->dst_row + v * LANES, mask)
                                 : _mm256_loadu_ps (dst + r * p->dst_row + v * LANES);
  for (int k = 0; k < p->terms; k++, a += period)
    {
      const float *line = b + p->offsets[k];

#pragma GCC unroll 6
      for (int v = 0; v < vectors; v++)
        {
          __m256 value = masked ? _mm256_maskload_ps (line + v * LANES, mask)
                                : _mm256_loadu_ps (line + v * LANES);

#pragma GCC unroll 4
          for (int r = 0; r < rows; r++)
            sum[r][v] = _mm256_fmadd_ps (
                _mm256_loadu_ps (a + r * p->a_row + at + v * LANES % period), value, sum[r][v]);
        }
    }
#pragma GCC unroll 4
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 6
    for (int v = 0; v < vectors; v++)
      if (masked)
        _mm256_maskstore_ps (dst + r * p->dst_row + v * LANES, mask, sum[r][v]);
      else
        _mm256_storeu_ps (dst + r * p->dst_row + v * LANES, sum[r][v]);
}

INLINE void
sweep (const CnPixelProduct *p, int row, int rows, int period)
{
  const __m256i all = _mm256_set1_epi32 (-1);
  gsize column = 0;

  for (; column + VECTORS * LANES <= p->n; column += VECTORS * LANES)
    block (p, row, column, rows, VECTORS, period, all, FALSE);
  for (; column + LANES <= p->n; column += LANES)
    block (p, row, column, rows, 1, period, all, FALSE);
  if (column < p->n)
    block (p, row, column, rows, 1, period, mask_for (p->n - column), TRUE);
}

INLINE void
multiply_period (const CnPixelProduct *p, int period)
{
  int row = 0;

  for (; row + ROWS <= p->rows; row += ROWS)
    sweep (p, row, ROWS, period);
  if (row < p->rows)
    sweep (p, row, 1, period);
}

static void
multiply_pixels (const CnPixelProduct *p)
{
  if (p->period == 48)
    multiply_period (p, 48);
  else
    multiply_period (p, 16);
}

void
cn_multiply_pixels_init_avx2 (CnPrimitives *table)
{
  table->multiply_pixels = multiply_pixels;
}
