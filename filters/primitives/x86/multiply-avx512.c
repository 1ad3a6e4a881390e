/* multiply-avx512.c: the product of matrices for AVX-512.
 *
 * Eight rows by three vectors are summed in 24 of the 32 registers: for 24 multiply-adds, 12 cycles
 * of two multipliers, 3 vectors (most of them across cache lines, when b is a shifted picture), 8
 * single floats and an offset are loaded, which two load ports do in time. Few rows take more
 * vectors, so that there are always sums enough to hide a multiply-add's latency.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/primitives.h"

#include <immintrin.h>

#define INLINE static inline __attribute__ ((always_inline))
#define LANES 16
#define ROWS 8
#define VECTORS 3     /* by ROWS rows */
#define VECTORS_FEW 6 /* by one to four rows */
#define FEW 4

/* `rows` rows by `vectors` vectors, of the last of which `mask` says what counts. */
INLINE void
block (const CnProduct *p, int row, gsize column, int rows, int vectors, __mmask16 mask)
{
  __m512 sum[ROWS][VECTORS_FEW];
  const float *a = p->a + row * p->a_row, *b = p->b + column;
  float *dst = p->dst + row * p->dst_row + column;

#pragma GCC unroll 8
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 6
    for (int v = 0; v < vectors; v++)
      sum[r][v] = !p->accumulate ? _mm512_set1_ps (p->bias ? p->bias[row + r] : 0)
                  : v < vectors - 1
                      ? _mm512_loadu_ps (dst + r * p->dst_row + v * LANES)
                      : _mm512_maskz_loadu_ps (mask, dst + r * p->dst_row + v * LANES);
  for (int k = 0; k < p->terms; k++, a += p->a_step)
    {
      const float *line = b + p->offsets[k];
      __m512 value[VECTORS_FEW];

#pragma GCC unroll 6
      for (int v = 0; v < vectors; v++)
        value[v] = v < vectors - 1 ? _mm512_loadu_ps (line + v * LANES)
                                   : _mm512_maskz_loadu_ps (mask, line + v * LANES);
#pragma GCC unroll 8
      for (int r = 0; r < rows; r++)
        {
          __m512 factor = _mm512_set1_ps (a[r * p->a_row]);

#pragma GCC unroll 6
          for (int v = 0; v < vectors; v++)
            sum[r][v] = _mm512_fmadd_ps (factor, value[v], sum[r][v]);
        }
    }
  if (p->rectify)
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 6
      for (int v = 0; v < vectors; v++) /* the sum, if it is NaN */
        sum[r][v] = _mm512_max_ps (_mm512_setzero_ps (), sum[r][v]);
#pragma GCC unroll 8
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 6
    for (int v = 0; v < vectors; v++)
      if (v < vectors - 1)
        _mm512_storeu_ps (dst + r * p->dst_row + v * LANES, sum[r][v]);
      else
        _mm512_mask_storeu_ps (dst + r * p->dst_row + v * LANES, mask, sum[r][v]);
}

/* `rows` rows, ROWS or all that are left, from left to right. */
INLINE void
sweep (const CnProduct *p, int row, int rows)
{
  const __mmask16 all = 0xffff;
  int vectors = rows <= FEW ? VECTORS_FEW : VECTORS;
  gsize column = 0, rest;
  __mmask16 mask;

  for (; column + vectors * LANES <= p->n; column += vectors * LANES)
    block (p, row, column, rows, vectors, all);
  for (; column + VECTORS * LANES <= p->n; column += VECTORS * LANES)
    block (p, row, column, rows, VECTORS, all);
  rest = p->n - column;
  mask = (__mmask16) (0xffff >> (-rest & (LANES - 1)));
  if (rest > 2 * LANES)
    block (p, row, column, rows, 3, mask);
  else if (rest > LANES)
    block (p, row, column, rows, 2, mask);
  else if (rest > 0)
    block (p, row, column, rows, 1, mask);
}

static void
multiply (const CnProduct *p)
{
  int row = 0;

  for (; row + ROWS <= p->rows; row += ROWS)
    sweep (p, row, ROWS);
  switch (p->rows - row)
    {
#define CASE(n)        \
  case n:              \
    sweep (p, row, n); \
    break
      CASE (1);
      CASE (2);
      CASE (3);
      CASE (4);
      CASE (5);
      CASE (6);
      CASE (7);
#undef CASE
    default:
      break;
    }
}

void
cn_multiply_init_avx512 (CnPrimitives *table)
{
  table->multiply = multiply;
}
