/* reduce-pixels-avx2.c: maxima, minima and sums of windows over pixels of up to four floats, with
 * gaps between them, for AVX2.
 *
 * A vector holds the samples of one tap for as many pixels as fit: eight of a float, four of two,
 * two of three or four. All orders are the scalar one's: so are the bits.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/x86/reduce.h"

#include <immintrin.h>

#define INLINE static inline __attribute__ ((always_inline))
#define LANES 8
#define VECTORS 4 /* at a time */
#define LINE_BYTES 64

/* How the pixels of a vector lie in memory. */
typedef enum
{
  FLOATS, /* floats `step` apart */
  TWOS,   /* pixels of two floats, `step` apart */
  THREES, /* of three: a fourth float is read and does not count */
  FOURS,
} Way;

/* Pixels in a vector. */
INLINE gsize
per_vector (Way way)
{
  return way == TWOS ? LANES / 2 : way == THREES || way == FOURS ? LANES / 4 : LANES;
}

/* max (sample, so far) keeps what there is when the two are equal or one is NaN; a NaN sample is
   put back. */
INLINE __m256
join (CnReduce kind, __m256 so_far, __m256 sample)
{
  __m256 nan;

  if (is_sum (kind))
    return _mm256_add_ps (so_far, sample);
  nan = _mm256_cmp_ps (sample, sample, _CMP_UNORD_Q);
  so_far = kind == CN_REDUCE_MAX ? _mm256_max_ps (sample, so_far) : _mm256_min_ps (sample, so_far);
  return _mm256_blendv_ps (so_far, sample, nan);
}

INLINE __m128
load_two (const float *src, gsize step)
{
  __m128 first = _mm_castsi128_ps (_mm_loadl_epi64 ((const __m128i *) src));

  return _mm_loadh_pi (first, (const __m64 *) (src + step));
}

/* The samples of a vector's pixels. */
INLINE __m256
load (Way way, const float *src, gsize step)
{
  switch (way)
    {
    case FLOATS:
      return _mm256_setr_ps (src[0], src[step], src[2 * step], src[3 * step], src[4 * step],
                             src[5 * step], src[6 * step], src[7 * step]);
    case TWOS:
      return _mm256_set_m128 (load_two (src + 2 * step, step), load_two (src, step));
    default:
      return _mm256_set_m128 (_mm_loadu_ps (src + step), _mm_loadu_ps (src));
    }
}

INLINE void
store (const CnReduction *r, float *dst, __m256 value)
{
  if (r->stream)
    _mm256_stream_ps (dst, value);
  else
    _mm256_storeu_ps (dst, value);
}

/* Eight pixels of three floats, in four vectors of two with a float between them that goes. */
INLINE void
store_threes (const CnReduction *r, float *dst, const __m256 two[VECTORS])
{
  const __m256i start = _mm256_setr_epi32 (0, 1, 2, 4, 5, 6, 0, 1);
  const __m256i middle = _mm256_setr_epi32 (2, 4, 5, 6, 0, 1, 2, 4);
  const __m256i end = _mm256_setr_epi32 (5, 6, 0, 1, 2, 4, 5, 6);

  store (r, dst,
         _mm256_blend_ps (_mm256_permutevar8x32_ps (two[0], start),
                          _mm256_permutevar8x32_ps (two[1], start), 0xc0));
  store (r, dst + LANES,
         _mm256_blend_ps (_mm256_permutevar8x32_ps (two[1], middle),
                          _mm256_permutevar8x32_ps (two[2], middle), 0xf0));
  store (r, dst + 2 * LANES,
         _mm256_blend_ps (_mm256_permutevar8x32_ps (two[2], end),
                          _mm256_permutevar8x32_ps (two[3], end), 0xfc));
}

INLINE void
store_all (const CnReduction *r, Way way, float *dst, __m256 value[VECTORS])
{
  if (way == THREES)
    {
      store_threes (r, dst, value);
      return;
    }
#pragma GCC unroll 4
  for (int v = 0; v < VECTORS; v++)
    store (r, dst + v * LANES, value[v]);
}

INLINE __m256
column (const CnReduction *r, CnReduce kind, Way way, const float *src)
{
  __m256 value = load (way, src, r->step);

  for (int k = 1; k < r->rows; k++)
    value = join (kind, value, load (way, src + k * r->row, r->step));
  return value;
}

/* One vector of the result. */
INLINE __m256
window (const CnReduction *r, CnReduce kind, Way way, const float *src)
{
  __m256 value = column (r, kind, way, src);

  for (int k = 1; k < r->taps; k++)
    value = join (kind, value, column (r, kind, way, src + k * r->tap));
  return kind == CN_REDUCE_MEAN ? _mm256_div_ps (value, _mm256_set1_ps (r->divisor)) : value;
}

/* One sample: at edges, where one function for every kind saves much code. */
static void
reduce_one (const CnReduction *r, const float *src, float *dst)
{
  __m256 value = _mm256_setzero_ps ();

  for (int k = 0; k < r->taps; k++)
    {
      __m256 column = _mm256_castps128_ps256 (_mm_load_ss (src + k * r->tap));

      for (int y = 1; y < r->rows; y++)
        column = join (r->kind, column,
                       _mm256_castps128_ps256 (_mm_load_ss (src + k * r->tap + y * r->row)));
      value = k == 0 ? column : join (r->kind, value, column);
    }
  if (r->kind == CN_REDUCE_MEAN)
    value = _mm256_div_ps (value, _mm256_set1_ps (r->divisor));
  _mm_store_ss (dst, _mm256_castps256_ps128 (value));
}

static void
reduce_pixel (const CnReduction *r, int pixel, gsize x)
{
  for (int c = 0; c < pixel; c++)
    reduce_one (r, r->src + x * r->step + c, r->dst + x * pixel + c);
}

/* `floats` floats of each row are asked for. */
INLINE void
ask_ahead (const CnReduction *r, const float *src, gsize floats)
{
  for (int k = 0; k < r->rows && r->ahead > 0; k++)
    for (gsize i = 0; i < floats; i += LINE_BYTES / sizeof (float))
      _mm_prefetch ((const char *) (src + k * r->row + r->ahead + i), _MM_HINT_T0);
}

/* Pixels of `pixel` floats, `step` apart. Of three floats, the last pixel is made by itself, since
   the float behind it must not be read. Whole cache lines are streamed and nothing else: a line
   that is also written in the usual way would be fetched, and thrown out of the cache again. */
INLINE void
reduce_pixels (const CnReduction *reduction, CnReduce kind, Way way, int pixel)
{
  CnReduction r = *reduction;
  gsize sets = way == THREES ? 2 : 1, per = per_vector (way), x = 0;
  gsize whole = way == THREES ? r.n - 1 : r.n;

  /* Not if no pixel begins where a line does. */
  r.stream = r.stream && (guintptr) r.dst / sizeof (float) % (pixel == 3 ? 1 : pixel) == 0;
  while (r.stream && x < r.n && (guintptr) (r.dst + x * pixel) % LINE_BYTES != 0)
    {
      reduce_pixel (&r, pixel, x);
      x++;
    }
  for (; x + sets * VECTORS * per <= whole; x += sets * VECTORS * per)
    for (gsize set = 0; set < sets; set++)
      {
        gsize at = x + set * VECTORS * per;
        const float *src = r.src + at * r.step;
        __m256 value[VECTORS];

        ask_ahead (&r, src, VECTORS * per * r.step);
#pragma GCC unroll 4
        for (int v = 0; v < VECTORS; v++)
          value[v] = window (&r, kind, way, src + v * per * r.step);
        store_all (&r, way, r.dst + at * pixel, value);
      }
  /* The rest one vector at a time, the last of which may begin before it. */
  while (way != THREES && !r.stream && x < r.n && r.n >= per)
    {
      x = MIN (x, r.n - per);
      _mm256_storeu_ps (r.dst + x * pixel, window (&r, kind, way, r.src + x * r.step));
      x += per;
    }
  for (; x < r.n; x++)
    reduce_pixel (&r, pixel, x);
}

INLINE void
reduce_kind (const CnReduction *r, CnReduce kind)
{
  if (r->pixel == 1)
    reduce_pixels (r, kind, FLOATS, 1);
  else if (r->pixel == 2)
    reduce_pixels (r, kind, TWOS, 2);
  else if (r->pixel == 3)
    reduce_pixels (r, kind, THREES, 3);
  else
    reduce_pixels (r, kind, FOURS, 4);
}

void
cn_reduce_pixels_avx2 (const CnReduction *r)
{
  if (r->n == 0)
    return;
  CN_REDUCE_BY_KIND (r)
}
