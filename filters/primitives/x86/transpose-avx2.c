/* transpose-avx2.c: rows to columns for AVX2, eight by eight, at the edges fewer.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/primitives.h"

#include <immintrin.h>

#define INLINE static inline __attribute__ ((always_inline))
#define LANES 8

/* The first `n` lanes. */
INLINE __m256i
mask_for (gsize n)
{
  const __m256i lane = _mm256_setr_epi32 (0, 1, 2, 3, 4, 5, 6, 7);

  return _mm256_cmpgt_epi32 (_mm256_set1_epi32 ((int) n), lane);
}

INLINE __m256
load (const float *src, gsize columns, __m256i mask)
{
  return columns == LANES ? _mm256_loadu_ps (src) : _mm256_maskload_ps (src, mask);
}

/* The first `rows` lanes: masked stores are slow on AMD's processors. */
INLINE void
store (float *dst, __m256 value, int rows)
{
  __m128 part = _mm256_castps256_ps128 (value);

  if (rows == LANES)
    {
      _mm256_storeu_ps (dst, value);
      return;
    }
  if (rows >= 4)
    {
      _mm_storeu_ps (dst, part);
      part = _mm256_extractf128_ps (value, 1);
      dst += 4;
    }
  if (rows & 2)
    {
      _mm_storel_pi ((__m64 *) dst, part);
      part = _mm_movehl_ps (part, part);
      dst += 2;
    }
  if (rows & 1)
    _mm_store_ss (dst, part);
}

/* `rows` by `columns`, up to eight of each. Pairs of floats, pairs of pairs, halves: three steps of
   eight instructions. */
INLINE void
block (const float *src, gsize src_row, float *dst, gsize dst_row, int rows, gsize columns)
{
  const __m256i in = mask_for (columns);
  __m256 row[LANES], a[LANES];

#pragma GCC unroll 8
  for (int i = 0; i < LANES; i++)
    row[i] = i < rows ? load (src + i * src_row, columns, in) : _mm256_setzero_ps ();
#pragma GCC unroll 4
  for (int i = 0; i < 4; i++)
    {
      /* Rows i and i + 4 side by side, left and right halves of their columns. */
      a[i] = _mm256_permute2f128_ps (row[i], row[i + 4], 0x20);
      a[i + 4] = _mm256_permute2f128_ps (row[i], row[i + 4], 0x31);
    }
#pragma GCC unroll 2
  for (gsize half = 0; half < LANES; half += 4)
    {
      __m256 b = _mm256_unpacklo_ps (a[half], a[half + 1]);
      __m256 c = _mm256_unpackhi_ps (a[half], a[half + 1]);
      __m256 d = _mm256_unpacklo_ps (a[half + 2], a[half + 3]);
      __m256 e = _mm256_unpackhi_ps (a[half + 2], a[half + 3]);
      float *to = dst + half * dst_row;

      if (half < columns)
        store (to, _mm256_shuffle_ps (b, d, 0x44), rows);
      if (half + 1 < columns)
        store (to + dst_row, _mm256_shuffle_ps (b, d, 0xee), rows);
      if (half + 2 < columns)
        store (to + 2 * dst_row, _mm256_shuffle_ps (c, e, 0x44), rows);
      if (half + 3 < columns)
        store (to + 3 * dst_row, _mm256_shuffle_ps (c, e, 0xee), rows);
    }
}

/* `rows` rows from `y` on are read to their end: lines a power of two apart would push each other
   out of the cache. */
INLINE void
strip (const CnTransposition *t, gsize y, int rows)
{
  const float *src = t->src + y * t->src_row;
  float *dst = t->dst + y;
  gsize x = 0;

  for (; x + LANES <= t->columns; x += LANES)
    {
      for (int i = 0; i < rows && t->ahead > 0; i++)
        _mm_prefetch (src + i * t->src_row + x + t->ahead, _MM_HINT_T0);
      for (int i = 0; i < LANES && t->dst_ahead > 0; i++)
        __builtin_prefetch (dst + (x + i) * t->dst_row + t->dst_ahead, 1);
      block (src + x, t->src_row, dst + x * t->dst_row, t->dst_row, rows, LANES);
    }
  if (x < t->columns)
    block (src + x, t->src_row, dst + x * t->dst_row, t->dst_row, rows, t->columns - x);
}

static void
transpose (const CnTransposition *t)
{
  gsize y = 0;

  for (; y + LANES <= t->rows; y += LANES)
    strip (t, y, LANES);
  switch (t->rows - y)
    {
#define CASE(n)      \
  case n:            \
    strip (t, y, n); \
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
cn_transpose_init_avx2 (CnPrimitives *table)
{
  table->transpose = transpose;
}
