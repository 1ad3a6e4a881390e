/* vector.h: one name for what the vectors of AVX2 and of AVX-512 do alike, so that one source
 * serves both levels.
 *
 * Such a source is compiled once for each level, with its flags; LEVEL (name) gives the init
 * function the level's name. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <immintrin.h>

#define INLINE static inline __attribute__ ((always_inline))

#ifdef __AVX512F__

#define LEVEL(name) name##_avx512
#define LANES 16

typedef __m512 Vector;
typedef __m512i Lanes;
typedef __mmask16 Mask;

/* The lanes i with first ≤ i < end, which may be any numbers. */
INLINE Mask
mask_between (gssize first, gssize end)
{
  guint before = (1u << CLAMP (first, 0, LANES)) - 1, all = (1u << CLAMP (end, 0, LANES)) - 1;

  return (Mask) (all & ~before);
}

INLINE Vector
all_lanes (float value)
{
  return _mm512_set1_ps (value);
}

INLINE Vector
load (const float *from)
{
  return _mm512_loadu_ps (from);
}

/* Zeros in the other lanes, whose memory is not touched. */
INLINE Vector
load_masked (const float *from, Mask mask)
{
  return _mm512_maskz_loadu_ps (mask, from);
}

INLINE void
store (float *to, Vector v)
{
  _mm512_storeu_ps (to, v);
}

INLINE void
store_masked (float *to, Mask mask, Vector v)
{
  _mm512_mask_storeu_ps (to, mask, v);
}

/* Past the cache, to a multiple of the vector's size. */
INLINE void
store_past (float *to, Vector v)
{
  _mm512_stream_ps (to, v);
}

INLINE Vector
add (Vector a, Vector b)
{
  return _mm512_add_ps (a, b);
}

INLINE Vector
divide (Vector a, Vector b)
{
  return _mm512_div_ps (a, b);
}

/* a·b + c */
INLINE Vector
multiply_add (Vector a, Vector b, Vector c)
{
  return _mm512_fmadd_ps (a, b, c);
}

/* The lanes whose number is −1, not 0. */
INLINE Mask
mask_of (const int *from)
{
  return _mm512_movepi32_mask (_mm512_loadu_si512 (from));
}

/* Zeros in the other lanes. */
INLINE Vector
keep (Mask mask, Vector v)
{
  return _mm512_maskz_mov_ps (mask, v);
}

/* The larger; v where it is NaN or both are equal. */
INLINE Vector
at_least (Vector floor, Vector v)
{
  return _mm512_max_ps (floor, v);
}

/* The pixels of two vectors at even places, or at odd ones; of 1, 2 or 4 floats. */
INLINE Vector
every_second (Vector a, Vector b, gboolean odd, int pixel)
{
  const __m512i lane =
      _mm512_setr_epi32 (0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  const __m512i two = _mm512_setr_epi64 (0, 2, 4, 6, 8, 10, 12, 14);

  if (pixel == 4)
    return odd ? _mm512_shuffle_f32x4 (a, b, 0xdd) : _mm512_shuffle_f32x4 (a, b, 0x88);
  if (pixel == 2)
    return _mm512_castpd_ps (_mm512_permutex2var_pd (
        _mm512_castps_pd (a), _mm512_add_epi64 (two, _mm512_set1_epi64 (odd)),
        _mm512_castps_pd (b)));
  return _mm512_permutex2var_ps (a, _mm512_add_epi32 (lane, _mm512_set1_epi32 (odd)), b);
}

INLINE Lanes
load_lanes (const int *from)
{
  return _mm512_loadu_si512 (from);
}

/* Lane i of the result is lane lanes[i] of v. */
INLINE Vector
shuffle (Vector v, Lanes lanes)
{
  return _mm512_permutexvar_ps (lanes, v);
}

/* Lane i of the result is lane lanes[i] of a and, after it, b. */
INLINE Vector
shuffle_two (Vector a, Vector b, Lanes lanes)
{
  return _mm512_permutex2var_ps (a, lanes, b);
}

/* v, a lane further up, and `first` in the first lane. */
INLINE Vector
shift_in (float first, Vector v)
{
  return _mm512_castsi512_ps (_mm512_alignr_epi32 (
      _mm512_castps_si512 (v), _mm512_castps_si512 (_mm512_set1_ps (first)), LANES - 1));
}

/* Samples `by` … of a and b in a row; 0 ≤ by ≤ LANES. */
INLINE Vector
shifted (Vector a, Vector b, int by)
{
  const __m512i lane = _mm512_setr_epi32 (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);

  return by == 0 ? a
         : by == LANES
             ? b
             : _mm512_permutex2var_ps (a, _mm512_add_epi32 (lane, _mm512_set1_epi32 (by)), b);
}

#else

#define LEVEL(name) name##_avx2
#define LANES 8

typedef __m256 Vector;
typedef __m256i Lanes;
typedef __m256i Mask;

INLINE Mask
mask_between (gssize first, gssize end)
{
  const __m256i lane = _mm256_setr_epi32 (0, 1, 2, 3, 4, 5, 6, 7);
  __m256i from = _mm256_set1_epi32 ((int) CLAMP (first, 0, LANES) - 1);
  __m256i to = _mm256_set1_epi32 ((int) CLAMP (end, 0, LANES));

  return _mm256_and_si256 (_mm256_cmpgt_epi32 (lane, from), _mm256_cmpgt_epi32 (to, lane));
}

INLINE Vector
all_lanes (float value)
{
  return _mm256_set1_ps (value);
}

INLINE Vector
load (const float *from)
{
  return _mm256_loadu_ps (from);
}

INLINE Vector
load_masked (const float *from, Mask mask)
{
  return _mm256_maskload_ps (from, mask);
}

INLINE void
store (float *to, Vector v)
{
  _mm256_storeu_ps (to, v);
}

INLINE void
store_masked (float *to, Mask mask, Vector v)
{
  _mm256_maskstore_ps (to, mask, v);
}

INLINE void
store_past (float *to, Vector v)
{
  _mm256_stream_ps (to, v);
}

INLINE Vector
add (Vector a, Vector b)
{
  return _mm256_add_ps (a, b);
}

INLINE Vector
divide (Vector a, Vector b)
{
  return _mm256_div_ps (a, b);
}

INLINE Vector
multiply_add (Vector a, Vector b, Vector c)
{
  return _mm256_fmadd_ps (a, b, c);
}

INLINE Mask
mask_of (const int *from)
{
  return _mm256_loadu_si256 ((const __m256i *) from);
}

INLINE Vector
keep (Mask mask, Vector v)
{
  return _mm256_and_ps (_mm256_castsi256_ps (mask), v);
}

INLINE Vector
at_least (Vector floor, Vector v)
{
  return _mm256_max_ps (floor, v);
}

INLINE Vector
every_second (Vector a, Vector b, gboolean odd, int pixel)
{
  Vector halves;

  if (pixel == 4)
    return odd ? _mm256_permute2f128_ps (a, b, 0x31) : _mm256_permute2f128_ps (a, b, 0x20);
  if (pixel == 1)
    halves = odd ? _mm256_shuffle_ps (a, b, 0xdd) : _mm256_shuffle_ps (a, b, 0x88);
  else
    halves =
        odd ? _mm256_castpd_ps (_mm256_unpackhi_pd (_mm256_castps_pd (a), _mm256_castps_pd (b)))
            : _mm256_castpd_ps (_mm256_unpacklo_pd (_mm256_castps_pd (a), _mm256_castps_pd (b)));
  return _mm256_castpd_ps (_mm256_permute4x64_pd (_mm256_castps_pd (halves), 0xd8));
}

INLINE Lanes
load_lanes (const int *from)
{
  return _mm256_loadu_si256 ((const __m256i *) from);
}

INLINE Vector
shuffle (Vector v, Lanes lanes)
{
  return _mm256_permutevar8x32_ps (v, lanes);
}

INLINE Vector
shuffle_two (Vector a, Vector b, Lanes lanes)
{
  return _mm256_blendv_ps (shuffle (a, lanes), shuffle (b, lanes),
                           _mm256_castsi256_ps (_mm256_slli_epi32 (lanes, 31 - 3)));
}

INLINE Vector
shift_in (float first, Vector v)
{
  Vector up = _mm256_permutevar8x32_ps (v, _mm256_setr_epi32 (7, 0, 1, 2, 3, 4, 5, 6));

  return _mm256_blend_ps (up, _mm256_set1_ps (first), 1);
}

INLINE Vector
shifted (Vector a, Vector b, int by)
{
  Vector middle = _mm256_permute2f128_ps (a, b, 0x21);
  __m256i low = _mm256_castps_si256 (by < 4 ? a : middle);
  __m256i high = _mm256_castps_si256 (by < 4 ? middle : b);

  switch (by)
    {
    case 0:
      return a;
    case 4:
      return middle;
    case LANES:
      return b;
    case 1:
    case 5:
      return _mm256_castsi256_ps (_mm256_alignr_epi8 (high, low, 4));
    case 2:
    case 6:
      return _mm256_castsi256_ps (_mm256_alignr_epi8 (high, low, 8));
    default:
      return _mm256_castsi256_ps (_mm256_alignr_epi8 (high, low, 12));
    }
}

#endif

/* In the usual way, or past the cache. */
INLINE void
store_as (float *to, Vector v, gboolean past)
{
  if (past)
    store_past (to, v);
  else
    store (to, v);
}

/* Vector `v` of `vectors`, the first of which lies at `from`; if `masked`, `mask` says what counts
   of the last one. */
INLINE Vector
load_one_of (const float *from, int v, int vectors, Mask mask, gboolean masked)
{
  return masked && v == vectors - 1 ? load_masked (from + v * LANES, mask)
                                    : load (from + v * LANES);
}

/* Likewise; or past the cache, all of it. */
INLINE void
store_one_of (float *to, int v, int vectors, Mask mask, gboolean masked, gboolean past,
              Vector value)
{
  if (past)
    store_past (to + v * LANES, value);
  else if (masked && v == vectors - 1)
    store_masked (to + v * LANES, mask, value);
  else
    store (to + v * LANES, value);
}
