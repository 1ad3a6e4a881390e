/* reduce-avx2.c: maxima, minima and sums of taps, for AVX2.
 *
 * Pixels that lie without gaps (rows) are one long line. Every second float is picked from two
 * vectors by a shuffle, whose order of lanes is put right once, after the last tap. Pixels of two
 * to four floats are vectors of four, whose last lanes count for nothing; of larger ones, channels
 * are taken eight at a time. All orders are the scalar one's: so are the bits.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/primitives.h"

#include <immintrin.h>

#define INLINE static inline __attribute__ ((always_inline))
#define LANES 8
#define UNROLL 4      /* two cache lines */
#define CACHE_LINE 16 /* floats */

/* max (sample, so far) keeps what there is when the two are equal or one is NaN; a NaN sample is
   put back. */
INLINE __m256
join (CnReduce kind, __m256 so_far, __m256 sample)
{
  __m256 nan;

  if (kind == CN_REDUCE_SUM || kind == CN_REDUCE_MEAN)
    return _mm256_add_ps (so_far, sample);
  nan = _mm256_cmp_ps (sample, sample, _CMP_UNORD_Q);
  so_far = kind == CN_REDUCE_MAX ? _mm256_max_ps (sample, so_far) : _mm256_min_ps (sample, so_far);
  return _mm256_blendv_ps (so_far, sample, nan);
}

INLINE __m128
join4 (CnReduce kind, __m128 so_far, __m128 sample)
{
  __m128 nan;

  if (kind == CN_REDUCE_SUM || kind == CN_REDUCE_MEAN)
    return _mm_add_ps (so_far, sample);
  nan = _mm_cmpunord_ps (sample, sample);
  so_far = kind == CN_REDUCE_MAX ? _mm_max_ps (sample, so_far) : _mm_min_ps (sample, so_far);
  return _mm_blendv_ps (so_far, sample, nan);
}

/* The result of the taps. */
INLINE __m256
finish (const CnReduction *r, CnReduce kind, __m256 value)
{
  return kind == CN_REDUCE_MEAN ? _mm256_div_ps (value, _mm256_set1_ps (r->divisor)) : value;
}

INLINE __m128
finish4 (const CnReduction *r, CnReduce kind, __m128 value)
{
  return kind == CN_REDUCE_MEAN ? _mm_div_ps (value, _mm_set1_ps (r->divisor)) : value;
}

/* One sample. */
INLINE void
reduce_one (const CnReduction *r, CnReduce kind, const float *src, float *dst)
{
  __m128 value = _mm_load_ss (src);

  for (int k = 1; k < r->taps; k++)
    value = join4 (kind, value, _mm_load_ss (src + k * r->tap));
  _mm_store_ss (dst, finish4 (r, kind, value));
}

/* `count` samples that follow each other. */
INLINE void
reduce_line (const CnReduction *r, CnReduce kind, const float *src, float *dst, gsize count)
{
  gsize i = 0;

  for (; i + UNROLL * LANES <= count; i += UNROLL * LANES)
    {
      __m256 value[UNROLL];

#pragma GCC unroll 4
      for (int v = 0; v < UNROLL; v++)
        value[v] = _mm256_loadu_ps (src + i + v * LANES);
      for (int k = 0; k < r->taps && r->ahead > 0; k++)
        {
          const float *next = src + i + k * r->tap + r->ahead;

          _mm_prefetch ((const char *) next, _MM_HINT_T0);
          _mm_prefetch ((const char *) (next + CACHE_LINE), _MM_HINT_T0);
        }
      for (int k = 1; k < r->taps; k++)
#pragma GCC unroll 4
        for (int v = 0; v < UNROLL; v++)
          value[v] = join (kind, value[v], _mm256_loadu_ps (src + i + v * LANES + k * r->tap));
#pragma GCC unroll 4
      for (int v = 0; v < UNROLL; v++)
        _mm256_storeu_ps (dst + i + v * LANES, finish (r, kind, value[v]));
    }
  for (; i + LANES <= count; i += LANES)
    {
      __m256 value = _mm256_loadu_ps (src + i);

      for (int k = 1; k < r->taps; k++)
        value = join (kind, value, _mm256_loadu_ps (src + i + k * r->tap));
      _mm256_storeu_ps (dst + i, finish (r, kind, value));
    }
  for (; i < count; i++)
    reduce_one (r, kind, src + i, dst + i);
}

/* Every second float: floats 0 2 8 10 4 6 12 14 of the sixteen from `src` on. The last of the
   sixteen is not one that may be read: the second half begins one float earlier. */
INLINE __m256
every_second (const float *src)
{
  __m256 low = _mm256_loadu_ps (src), high = _mm256_loadu_ps (src + LANES - 1);

  return _mm256_shuffle_ps (low, high, _MM_SHUFFLE (3, 1, 2, 0));
}

INLINE void
reduce_every_second (const CnReduction *r, CnReduce kind)
{
  gsize x = 0;

  for (; x + LANES <= r->n; x += LANES)
    {
      const float *src = r->src + 2 * x;
      __m256 value = every_second (src);

      for (int k = 1; k < r->taps; k++)
        value = join (kind, value, every_second (src + k * r->tap));
      value = _mm256_castpd_ps (
          _mm256_permute4x64_pd (_mm256_castps_pd (value), _MM_SHUFFLE (3, 1, 2, 0)));
      _mm256_storeu_ps (r->dst + x, finish (r, kind, value));
    }
  for (; x < r->n; x++)
    reduce_one (r, kind, r->src + 2 * x, r->dst + x);
}

INLINE __m128
load_pixel (const float *src, int pixel)
{
  return pixel == 2 ? _mm_castsi128_ps (_mm_loadl_epi64 ((const __m128i *) src))
                    : _mm_loadu_ps (src);
}

/* Pixels of 2 … 4 floats; of three, the last one by itself, since a fourth float must be neither
   read after it nor written. */
INLINE void
reduce_small_pixels (const CnReduction *r, CnReduce kind, int pixel)
{
  gsize whole = pixel == 3 ? r->n - 1 : r->n;

  for (gsize x = 0; x < whole; x++)
    {
      const float *src = r->src + x * r->step;
      __m128 value = load_pixel (src, pixel);

      for (int k = 1; k < r->taps; k++)
        value = join4 (kind, value, load_pixel (src + k * r->tap, pixel));
      value = finish4 (r, kind, value);
      if (pixel == 2)
        _mm_storel_epi64 ((__m128i *) (r->dst + x * pixel), _mm_castps_si128 (value));
      else
        _mm_storeu_ps (r->dst + x * pixel, value);
    }
  for (int c = 0; c < 3 && whole < r->n; c++)
    reduce_one (r, kind, r->src + whole * r->step + c, r->dst + whole * 3 + c);
}

INLINE void
reduce_kind (const CnReduction *r, CnReduce kind)
{
  if (r->n == 0)
    return;
  if (r->step == (gsize) r->pixel)
    reduce_line (r, kind, r->src, r->dst, r->n * r->pixel);
  else if (r->pixel == 1 && r->step == 2)
    reduce_every_second (r, kind);
  else if (r->pixel == 1)
    for (gsize x = 0; x < r->n; x++)
      reduce_one (r, kind, r->src + x * r->step, r->dst + x);
  else if (r->pixel == 2)
    reduce_small_pixels (r, kind, 2);
  else if (r->pixel == 3)
    reduce_small_pixels (r, kind, 3);
  else if (r->pixel == 4)
    reduce_small_pixels (r, kind, 4);
  else
    for (gsize x = 0; x < r->n; x++)
      reduce_line (r, kind, r->src + x * r->step, r->dst + x * r->pixel, r->pixel);
}

static void
reduce (const CnReduction *r)
{
  switch (r->kind)
    {
    case CN_REDUCE_MAX:
      reduce_kind (r, CN_REDUCE_MAX);
      break;
    case CN_REDUCE_MIN:
      reduce_kind (r, CN_REDUCE_MIN);
      break;
    case CN_REDUCE_SUM:
      reduce_kind (r, CN_REDUCE_SUM);
      break;
    case CN_REDUCE_MEAN:
      reduce_kind (r, CN_REDUCE_MEAN);
      break;
    }
}

void
cn_reduce_init_avx2 (CnPrimitives *table)
{
  table->reduce = reduce;
}
