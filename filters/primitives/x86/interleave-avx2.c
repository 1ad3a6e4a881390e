/* interleave-avx2.c: lines woven into one, for AVX2.
 *
 * Two and four lines of single floats are woven in registers. Pixels of two to four floats are
 * moved whole: one of three floats as four, whose last the next pixel overwrites.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/primitives.h"

#include <immintrin.h>
#include <string.h>

#define LANES 8

/* A store waits until the rest of its cache line has been read; asking for the line so many floats
   early makes large results a fifth faster. */
#define AHEAD 1024

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

/* Lines of single floats, in any number: as the rest, without the loop over a pixel. */
static void
interleave_floats (const CnInterleaving *w)
{
  float *dst = w->dst;

  for (gsize x = 0; x < w->n; x++)
    for (int k = 0; k < w->parts; k++)
      *dst++ = w->src[k * w->part + x];
}

static void
interleave_two (const CnInterleaving *w)
{
  gsize x = 0;

  for (; x + LANES <= w->n; x += LANES)
    {
      __m256 a = _mm256_loadu_ps (w->src + x), b = _mm256_loadu_ps (w->src + w->part + x);
      __m256 low = _mm256_unpacklo_ps (a, b), high = _mm256_unpackhi_ps (a, b);

      _mm_prefetch ((const char *) (w->dst + 2 * x + AHEAD), _MM_HINT_T0);
      _mm256_storeu_ps (w->dst + 2 * x, _mm256_permute2f128_ps (low, high, 0x20));
      _mm256_storeu_ps (w->dst + 2 * x + LANES, _mm256_permute2f128_ps (low, high, 0x31));
    }
  interleave_rest (w, x);
}

static void
interleave_four (const CnInterleaving *w)
{
  gsize x = 0;

  for (; x + 4 <= w->n; x += 4)
    {
      __m128 a = _mm_loadu_ps (w->src + x), b = _mm_loadu_ps (w->src + w->part + x);
      __m128 c = _mm_loadu_ps (w->src + 2 * w->part + x);
      __m128 d = _mm_loadu_ps (w->src + 3 * w->part + x);

      _MM_TRANSPOSE4_PS (a, b, c, d);
      _mm_storeu_ps (w->dst + 4 * x, a);
      _mm_storeu_ps (w->dst + 4 * x + 4, b);
      _mm_storeu_ps (w->dst + 4 * x + 8, c);
      _mm_storeu_ps (w->dst + 4 * x + 12, d);
    }
  interleave_rest (w, x);
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

        _mm_prefetch ((const char *) (dst + AHEAD), _MM_HINT_T0);
        if (pixel == 2)
          memcpy (dst, src, 2 * sizeof (float));
        else
          _mm_storeu_ps (dst, _mm_loadu_ps (src));
      }
  interleave_rest (w, whole);
}

static void
interleave (const CnInterleaving *w)
{
  if (w->n == 0)
    return;
  if (w->pixel == 1 && w->parts == 2)
    interleave_two (w);
  else if (w->pixel == 1 && w->parts == 4)
    interleave_four (w);
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

void
cn_interleave_init_avx2 (CnPrimitives *table)
{
  table->interleave = interleave;
}
