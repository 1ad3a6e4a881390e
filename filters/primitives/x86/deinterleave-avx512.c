/* deinterleave-avx512.c: a line taken apart into two or four, for AVX-512.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/primitives.h"

#include <immintrin.h>

#define INLINE static inline __attribute__ ((always_inline))
#define LANES 16

/* The samples of two vectors at even places, or at odd ones. */
INLINE __m512
every_second (__m512 a, __m512 b, gboolean odd)
{
  const __m512i places =
      _mm512_setr_epi32 (0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);

  return _mm512_permutex2var_ps (a, odd ? _mm512_add_epi32 (places, _mm512_set1_epi32 (1)) : places,
                                 b);
}

/* The mask of those of a vector's lanes that are below `n`. */
INLINE __mmask16
below (gssize n)
{
  return (__mmask16) (n >= LANES ? 0xffff : n <= 0 ? 0 : (1 << n) - 1);
}

/* The first `n` samples of each part; at most LANES. */
INLINE void
two (const float *src, float *dst, gsize part, gssize n)
{
  __m512 a = _mm512_maskz_loadu_ps (below (2 * n), src);
  __m512 b = _mm512_maskz_loadu_ps (below (2 * n - LANES), src + LANES);

  _mm512_mask_storeu_ps (dst, below (n), every_second (a, b, FALSE));
  _mm512_mask_storeu_ps (dst + part, below (n), every_second (a, b, TRUE));
}

INLINE void
four (const float *src, float *dst, gsize part, gssize n)
{
  __m512 a = _mm512_maskz_loadu_ps (below (4 * n), src);
  __m512 b = _mm512_maskz_loadu_ps (below (4 * n - LANES), src + LANES);
  __m512 c = _mm512_maskz_loadu_ps (below (4 * n - 2 * LANES), src + 2 * LANES);
  __m512 d = _mm512_maskz_loadu_ps (below (4 * n - 3 * LANES), src + 3 * LANES);
  __m512 even_low = every_second (a, b, FALSE), even_high = every_second (c, d, FALSE);
  __m512 odd_low = every_second (a, b, TRUE), odd_high = every_second (c, d, TRUE);

  _mm512_mask_storeu_ps (dst, below (n), every_second (even_low, even_high, FALSE));
  _mm512_mask_storeu_ps (dst + part, below (n), every_second (odd_low, odd_high, FALSE));
  _mm512_mask_storeu_ps (dst + 2 * part, below (n), every_second (even_low, even_high, TRUE));
  _mm512_mask_storeu_ps (dst + 3 * part, below (n), every_second (odd_low, odd_high, TRUE));
}

static void
deinterleave (const CnDeinterleaving *d)
{
  gsize x = 0;

  if (d->parts != 2 && d->parts != 4)
    {
      cn_primitives_for (CN_CPU_AVX2)->deinterleave (d);
      return;
    }
  for (; x + LANES <= d->n; x += LANES)
    if (d->parts == 2)
      two (d->src + 2 * x, d->dst + x, d->part, LANES);
    else
      four (d->src + 4 * x, d->dst + x, d->part, LANES);
  if (x < d->n && d->parts == 2)
    two (d->src + 2 * x, d->dst + x, d->part, d->n - x);
  else if (x < d->n)
    four (d->src + 4 * x, d->dst + x, d->part, d->n - x);
}

void
cn_deinterleave_init_avx512 (CnPrimitives *table)
{
  table->deinterleave = deinterleave;
}
