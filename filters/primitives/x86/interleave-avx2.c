/* interleave-avx2.c: lines woven into one, for AVX2.
 *
 * Two lines of single floats are woven in registers, from where whole cache lines can go past the
 * cache; any other number of them is a transposition. Pixels of two to four floats are moved whole:
 * one of three floats as four, whose last the next pixel overwrites. What else goes past the cache
 * is woven within it first.
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

/* Two lines of `n` floats, as many times LANES of them as there are; returns how many. */
INLINE gsize
weave_two (const float *first, const float *second, float *dst, gsize n, gboolean stream)
{
  gsize x = 0;

  for (; x + LANES <= n; x += LANES)
    {
      if (!stream)
        _mm_prefetch ((const char *) (dst + 2 * x + AHEAD), _MM_HINT_T0);
      weave_floats (first + x, second + x, dst + 2 * x, stream);
    }
  return x;
}

/* Straight from registers past the cache, from the first float on that begins a cache line; if that
   is the second line's, pairs of it and the first line's next one are woven. */
static void
stream_two (const CnInterleaving *w)
{
  const float *first = w->src, *second = w->src + w->part;
  gsize before = MIN (cn_floats_to_line (w->dst), 2 * w->n), x = before / 2;
  CnInterleaving head = *w;

  head.n = x;
  interleave_rest (&head, 0);
  if (before % 2)
    {
      w->dst[2 * x] = first[x];
      x += weave_two (second + x, first + x + 1, w->dst + before, w->n - x - 1, TRUE);
      w->dst[2 * x + 1] = second[x];
      x++;
    }
  else
    x += weave_two (first + x, second + x, w->dst + before, w->n - x, TRUE);
  interleave_rest (w, x);
}

static void
interleave_cached (const CnInterleaving *w)
{
  if (w->n == 0)
    return;
  if (w->parts == 1)
    memcpy (w->dst, w->src, w->n * w->pixel * sizeof (float));
  else if (w->pixel == 1 && w->parts == 2)
    interleave_rest (w, weave_two (w->src, w->src + w->part, w->dst, w->n, FALSE));
  else if (w->pixel == 1)
    interleave_floats (w);
  else if (w->pixel == 2)
    interleave_pixels (w, 2);
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
  if (w->stream && w->pixel == 1 && w->parts == 2)
    {
      stream_two (w);
      return;
    }
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
