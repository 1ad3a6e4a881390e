/* interleave-avx512.c: two or four lines of single floats woven in registers, for AVX-512; what
 * else is woven is AVX2's. SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/primitives.h"
#include "filters/primitives/x86/vector.h"

/* As in interleave-avx2.c. */
#define AHEAD 1024

/* Lanes 0 … 7 of both in turn, or lanes 8 … 15. */
INLINE Vector
weave (Vector a, Vector b, gboolean high)
{
  const __m512i lane = _mm512_setr_epi32 (0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);

  return _mm512_permutex2var_ps (a, _mm512_add_epi32 (lane, _mm512_set1_epi32 (high ? 8 : 0)), b);
}

/* Vector `v` of a line of which `n` samples are left. */
INLINE void
put (float *dst, int v, gsize n, gboolean stream, Vector woven)
{
  if (n >= (gsize) (v + 1) * LANES)
    store_as (dst + v * LANES, woven, stream);
  else
    store_masked (dst + v * LANES, mask_between (0, (gssize) n - v * LANES), woven);
}

/* `n` samples of each line; at most LANES. */
INLINE void
weave_lines (const float *src, gsize part, float *dst, int parts, gsize n, gboolean stream)
{
  Mask mask = mask_between (0, (gssize) n);
  Vector a = load_masked (src, mask), b = load_masked (src + part, mask);

  if (parts == 4)
    {
      Vector c = load_masked (src + 2 * part, mask), d = load_masked (src + 3 * part, mask);
      Vector odd_low = weave (b, d, FALSE), odd_high = weave (b, d, TRUE);
      Vector even_high = weave (a, c, TRUE);

      put (dst, 2, 4 * n, stream, weave (even_high, odd_high, FALSE));
      put (dst, 3, 4 * n, stream, weave (even_high, odd_high, TRUE));
      a = weave (a, c, FALSE);
      b = odd_low;
    }
  put (dst, 0, parts * n, stream, weave (a, b, FALSE));
  put (dst, 1, parts * n, stream, weave (a, b, TRUE));
}

/* Two lines or four, after `head` samples in vectors that may go past the cache. */
INLINE void
weave_all (const CnInterleaving *w, int parts, gsize head, gboolean stream)
{
  gsize x = head;

  if (head > 0)
    weave_lines (w->src, w->part, w->dst, parts, head, FALSE);
  for (; x + LANES <= w->n; x += LANES)
    {
      float *dst = w->dst + x * parts;

      if (!stream)
        for (int v = 0; v < parts; v++)
          _mm_prefetch ((const char *) (dst + AHEAD + v * LANES), _MM_HINT_T0);
      weave_lines (w->src + x, w->part, dst, parts, LANES, stream);
    }
  if (x < w->n)
    weave_lines (w->src + x, w->part, w->dst + x * parts, parts, w->n - x, FALSE);
}

static void
interleave (const CnInterleaving *w)
{
  gsize before = w->stream ? cn_floats_to_line (w->dst) : 0;

  if (w->pixel != 1 || (w->parts != 2 && w->parts != 4) || before % w->parts != 0)
    cn_primitives_for (CN_CPU_AVX2)->interleave (w);
  else if (w->parts == 2 && w->stream)
    weave_all (w, 2, MIN (before / 2, w->n), TRUE);
  else if (w->parts == 2)
    weave_all (w, 2, 0, FALSE);
  else if (w->stream)
    weave_all (w, 4, MIN (before / 4, w->n), TRUE);
  else
    weave_all (w, 4, 0, FALSE);
}

void
cn_interleave_init_avx512 (CnPrimitives *table)
{
  table->interleave = interleave;
}
