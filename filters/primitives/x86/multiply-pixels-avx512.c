/* multiply-pixels-avx512.c: the product of matrices for interleaved pixels, for AVX-512.
 *
 * Four rows by six vectors, which are two periods of 48 or 6 of 16; the columns that remain, a
 * vector at a time. SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/primitives.h"

#include <immintrin.h>

#define INLINE static inline __attribute__ ((always_inline))
#define LANES 16
#define ROWS 4
#define VECTORS 6

/* `rows` rows by `vectors` vectors, of the last of which `mask` says what counts if `masked`. */
INLINE void
block (const CnPixelProduct *p, int row, gsize column, int rows, int vectors, int period,
       __mmask16 mask, gboolean masked)
{
  __m512 sum[ROWS][VECTORS];
  const float *a = p->a + row * p->a_row, *b = p->b + column;
  float *dst = p->dst + row * p->dst_row + column;
  gsize at = vectors == 1 ? column % period : 0; /* other blocks begin with a period */

#pragma GCC unroll 4
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 6
    for (int v = 0; v < vectors; v++)
      sum[r][v] = !p->accumulate ? _mm512_loadu_ps (p->bias + at + v * LANES % period)
                  : masked       ? _mm512_maskz_loadu_ps (mask, dst + r * p->dst_row + v * LANES)
                                 : _mm512_loadu_ps (dst + r * p->dst_row + v * LANES);
  for (int k = 0; k < p->terms; k++, a += period)
    {
      const float *line = b + p->offsets[k];

#pragma GCC unroll 6
      for (int v = 0; v < vectors; v++)
        {
          __m512 value = masked ? _mm512_maskz_loadu_ps (mask, line + v * LANES)
                                : _mm512_loadu_ps (line + v * LANES);

#pragma GCC unroll 4
          for (int r = 0; r < rows; r++)
            sum[r][v] = _mm512_fmadd_ps (
                _mm512_loadu_ps (a + r * p->a_row + at + v * LANES % period), value, sum[r][v]);
        }
    }
#pragma GCC unroll 4
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 6
    for (int v = 0; v < vectors; v++)
      if (masked)
        _mm512_mask_storeu_ps (dst + r * p->dst_row + v * LANES, mask, sum[r][v]);
      else
        _mm512_storeu_ps (dst + r * p->dst_row + v * LANES, sum[r][v]);
}

INLINE void
sweep (const CnPixelProduct *p, int row, int rows, int period)
{
  const __mmask16 all = 0xffff;
  gsize column = 0;

  for (; column + VECTORS * LANES <= p->n; column += VECTORS * LANES)
    block (p, row, column, rows, VECTORS, period, all, FALSE);
  for (; column + LANES <= p->n; column += LANES)
    block (p, row, column, rows, 1, period, all, FALSE);
  if (column < p->n)
    block (p, row, column, rows, 1, period, (__mmask16) (0xffff >> (LANES - (p->n - column))),
           TRUE);
}

INLINE void
multiply_period (const CnPixelProduct *p, int period)
{
  int row = 0;

  for (; row + ROWS <= p->rows; row += ROWS)
    sweep (p, row, ROWS, period);
  switch (p->rows - row)
    {
#define CASE(n)                \
  case n:                      \
    sweep (p, row, n, period); \
    break
      CASE (1);
      CASE (2);
      CASE (3);
#undef CASE
    default:
      break;
    }
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
cn_multiply_pixels_init_avx512 (CnPrimitives *table)
{
  table->multiply_pixels = multiply_pixels;
}
