/* interleave-avx2.c: lines woven into one, for AVX2.
 *
 * Two lines of one float or three are woven in registers, from where whole cache lines can go past
 * the cache; any other number of single floats is a transposition. Pixels of two to four floats are
 * moved whole: one of three floats as four, whose last the next pixel overwrites. What else goes
 * past the cache is woven within it first.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/primitives.h"

#include <string.h>

#include "filters/primitives/x86/vector.h"

/* A store waits until the rest of its cache line has been read; asking for the line so many floats
   early makes large results a fifth faster. */
#define AHEAD 1024

/* Floats woven before they are written past the cache: enough for loads not to wait for the stores
   of pixels of three, and few enough for the processor to keep reading meanwhile. */
#define STREAMED 512

/* The rest of the lines, from pixel `from` on. */
static void
interleave_rest (const CnInterleaving *w, gsize from)
{
  float *dst = w->dst + from * w->parts * w->pixel;

  for (gsize x = from; x < w->n; x++)
    for (int k = 0; k < w->parts; k++, dst += w->pixel)
      for (int c = 0; c < w->pixel; c++)
        dst[c] = w->src[k * w->part + x * w->pixel + c];
}

static void
interleave_floats (const CnInterleaving *w)
{
  cn_primitives_for (CN_CPU_AVX2)
      ->transpose (&(CnTransposition){ .src = w->src,
                                       .src_row = w->part,
                                       .dst = w->dst,
                                       .dst_row = w->parts,
                                       .rows = w->parts,
                                       .columns = w->n });
}

INLINE void
weave_floats (const float *first, const float *second, float *dst, gboolean stream)
{
  __m256 a = _mm256_loadu_ps (first), b = _mm256_loadu_ps (second);
  __m256 low = _mm256_unpacklo_ps (a, b), high = _mm256_unpackhi_ps (a, b);

  store_as (dst, _mm256_permute2f128_ps (low, high, 0x20), stream);
  store_as (dst + LANES, _mm256_permute2f128_ps (low, high, 0x31), stream);
}

/* Pixels of `pixel` floats, 2 … 4; of three, the last is left to interleave_rest(), since a fourth
   float must be neither read after it nor written. */
static inline __attribute__ ((always_inline)) void
interleave_pixels (const CnInterleaving *w, int pixel)
{
  gsize whole = pixel == 3 ? w->n - 1 : w->n;
  float *dst = w->dst;

  for (gsize x = 0; x < whole; x++)
    for (int k = 0; k < w->parts; k++, dst += pixel)
      {
        const float *src = w->src + k * w->part + x * pixel;

        if (!w->stream)
          _mm_prefetch ((const char *) (dst + AHEAD), _MM_HINT_T0);
        if (pixel == 2)
          memcpy (dst, src, 2 * sizeof (float));
        else
          _mm_storeu_ps (dst, _mm_loadu_ps (src));
      }
  interleave_rest (w, whole);
}

/* Four pixels of three floats of each of two lines. */
INLINE void
weave_threes (const float *first, const float *second, float *dst, gboolean stream)
{
  const __m256i first_a = _mm256_setr_epi32 (0, 1, 2, 0, 0, 0, 3, 4);
  const __m256i first_b = _mm256_setr_epi32 (0, 0, 0, 0, 1, 2, 0, 0);
  const __m256i middle_a = _mm256_setr_epi32 (1, 0, 0, 0, 2, 3, 4, 0);
  const __m256i middle_b = _mm256_setr_epi32 (0, 3, 4, 5, 0, 0, 0, 6);
  const __m256i last_a = _mm256_setr_epi32 (0, 0, 5, 6, 7, 0, 0, 0);
  const __m256i last_b = _mm256_setr_epi32 (3, 4, 0, 0, 0, 5, 6, 7);
  __m256 a = _mm256_loadu_ps (first), a_end = _mm256_loadu_ps (first + 4);
  __m256 b = _mm256_loadu_ps (second), b_end = _mm256_loadu_ps (second + 4);

  store_as (dst,
            _mm256_blend_ps (_mm256_permutevar8x32_ps (a, first_a),
                             _mm256_permutevar8x32_ps (b, first_b), 0x38),
            stream);
  store_as (dst + LANES,
            _mm256_blend_ps (_mm256_permutevar8x32_ps (a_end, middle_a),
                             _mm256_permutevar8x32_ps (b, middle_b), 0x8e),
            stream);
  store_as (dst + 2 * LANES,
            _mm256_blend_ps (_mm256_permutevar8x32_ps (a_end, last_a),
                             _mm256_permutevar8x32_ps (b_end, last_b), 0xe3),
            stream);
}

/* Two lines of `n` pixels of one float or three, as many times LANES of them as there are; returns
   how many. */
INLINE gsize
weave_two (const float *first, const float *second, float *dst, gsize n, int pixel, gboolean stream)
{
  gsize x = 0;

  for (; x + LANES <= n; x += LANES, first += LANES * pixel, second += LANES * pixel)
    {
      float *to = dst + 2 * x * pixel;

#pragma GCC unroll 3
      for (int line = 0; line < pixel && !stream; line++)
        _mm_prefetch ((const char *) (to + line * CN_LINE_FLOATS + AHEAD), _MM_HINT_T0);
      if (pixel == 1)
        weave_floats (first, second, to, stream);
      else
        {
          weave_threes (first, second, to, stream);
          weave_threes (first + 12, second + 12, to + 24, stream);
        }
    }
  return x;
}

INLINE void
interleave_two (const CnInterleaving *w, int pixel)
{
  interleave_rest (w, weave_two (w->src, w->src + w->part, w->dst, w->n, pixel, FALSE));
}

/* Straight from registers past the cache, from the first pixel on that begins a cache line; if that
   is the second line's, pairs of it and the first line's next one are woven. FALSE if no pixel
   does. */
INLINE gboolean
stream_two (const CnInterleaving *w, int pixel)
{
  const float *first = w->src, *second = w->src + w->part;
  CnInterleaving head = *w;
  gsize before = 0, x;

  while (before < 2 * LANES && cn_floats_to_line (w->dst + before * pixel) != 0)
    before++;
  x = head.n = before / 2;
  if (before == 2 * LANES || x >= w->n)
    return FALSE;
  interleave_rest (&head, 0);
  if (before % 2)
    {
      memcpy (w->dst + 2 * x * pixel, first + x * pixel, pixel * sizeof (float));
      x += weave_two (second + x * pixel, first + (x + 1) * pixel, w->dst + before * pixel,
                      w->n - x - 1, pixel, TRUE);
      memcpy (w->dst + (2 * x + 1) * pixel, second + x * pixel, pixel * sizeof (float));
      x++;
    }
  else
    x += weave_two (first + x * pixel, second + x * pixel, w->dst + before * pixel, w->n - x, pixel,
                    TRUE);
  interleave_rest (w, x);
  return TRUE;
}

static void
interleave_cached (const CnInterleaving *w)
{
  if (w->n == 0)
    return;
  if (w->parts == 1)
    memcpy (w->dst, w->src, w->n * w->pixel * sizeof (float));
  else if (w->pixel == 1 && w->parts == 2)
    interleave_two (w, 1);
  else if (w->pixel == 1)
    interleave_floats (w);
  else if (w->pixel == 2)
    interleave_pixels (w, 2);
  else if (w->pixel == 3 && w->parts == 2)
    interleave_two (w, 3);
  else if (w->pixel == 3)
    interleave_pixels (w, 3);
  else if (w->pixel == 4)
    interleave_pixels (w, 4);
  else
    interleave_rest (w, 0);
}

/* Whole cache lines go past the cache and nothing else: a line that is also written in the usual
   way would be fetched, and thrown out of the cache again. */
static void
stream (float *dst, const float *src, gsize n)
{
  gsize i = 0;

  for (; i < n && (guintptr) (dst + i) % (CN_LINE_FLOATS * sizeof (float)) != 0; i++)
    dst[i] = src[i];
  for (; i + CN_LINE_FLOATS <= n; i += CN_LINE_FLOATS)
    {
      _mm256_stream_ps (dst + i, _mm256_loadu_ps (src + i));
      _mm256_stream_ps (dst + i + LANES, _mm256_loadu_ps (src + i + LANES));
    }
  for (; i < n; i++)
    dst[i] = src[i];
}

static void
interleave (const CnInterleaving *w)
{
  float woven[STREAMED] __attribute__ ((aligned (64)));
  CnInterleaving some = *w;
  gsize floats = (gsize) w->parts * w->pixel, most = STREAMED / floats;

  if (w->stream && w->parts == 1)
    {
      stream (w->dst, w->src, w->n * w->pixel);
      return;
    }
  if (w->stream && w->parts == 2
      && ((w->pixel == 1 && stream_two (w, 1)) || (w->pixel == 3 && stream_two (w, 3))))
    return;
  if (!w->stream || most == 0)
    {
      interleave_cached (w);
      return;
    }
  if (most > CN_LINE_FLOATS)
    most -= most % CN_LINE_FLOATS;
  some.dst = woven;
  for (gsize x = 0; x < w->n; x += some.n)
    {
      some.src = w->src + x * w->pixel;
      some.n = MIN (most, w->n - x);
      interleave_cached (&some);
      stream (w->dst + x * floats, woven, some.n * floats);
    }
}

void
cn_interleave_init_avx2 (CnPrimitives *table)
{
  table->interleave = interleave;
}
