/* transpose-avx2.c: rows to columns for AVX2, eight by eight.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/primitives.h"

#include <immintrin.h>

#define INLINE static inline __attribute__ ((always_inline))
#define LANES 8

/* Pairs of floats, pairs of pairs, halves: three steps of eight instructions. */
INLINE void
square (const float *src, gsize src_row, float *dst, gsize dst_row)
{
  __m256 a[LANES], b[LANES];

#pragma GCC unroll 4
  for (int i = 0; i < 4; i++)
    {
      /* Rows i and i + 4 side by side, left and right halves of their columns. */
      __m256 low = _mm256_loadu_ps (src + i * src_row);
      __m256 high = _mm256_loadu_ps (src + (i + 4) * src_row);

      a[i] = _mm256_permute2f128_ps (low, high, 0x20);
      a[i + 4] = _mm256_permute2f128_ps (low, high, 0x31);
    }
#pragma GCC unroll 2
  for (int half = 0; half < LANES; half += 4)
    {
      b[half] = _mm256_unpacklo_ps (a[half], a[half + 1]);
      b[half + 1] = _mm256_unpackhi_ps (a[half], a[half + 1]);
      b[half + 2] = _mm256_unpacklo_ps (a[half + 2], a[half + 3]);
      b[half + 3] = _mm256_unpackhi_ps (a[half + 2], a[half + 3]);
      _mm256_storeu_ps (dst + (half + 0) * dst_row, _mm256_shuffle_ps (b[half], b[half + 2], 0x44));
      _mm256_storeu_ps (dst + (half + 1) * dst_row, _mm256_shuffle_ps (b[half], b[half + 2], 0xee));
      _mm256_storeu_ps (dst + (half + 2) * dst_row,
                        _mm256_shuffle_ps (b[half + 1], b[half + 3], 0x44));
      _mm256_storeu_ps (dst + (half + 3) * dst_row,
                        _mm256_shuffle_ps (b[half + 1], b[half + 3], 0xee));
    }
}

static void
transpose (const CnTransposition *t)
{
  gsize rows = t->rows / LANES * LANES, columns = t->columns / LANES * LANES;

  /* Eight lines at a time are read to their end: lines a power of two apart would push each other
     out of the cache. */
  for (gsize y = 0; y < rows; y += LANES)
    for (gsize x = 0; x < columns; x += LANES)
      square (t->src + y * t->src_row + x, t->src_row, t->dst + x * t->dst_row + y, t->dst_row);
  for (gsize y = rows; y < t->rows; y++)
    for (gsize x = 0; x < columns; x++)
      t->dst[x * t->dst_row + y] = t->src[y * t->src_row + x];
  for (gsize y = 0; y < t->rows; y++)
    for (gsize x = columns; x < t->columns; x++)
      t->dst[x * t->dst_row + y] = t->src[y * t->src_row + x];
}

void
cn_transpose_init_avx2 (CnPrimitives *table)
{
  table->transpose = transpose;
}
