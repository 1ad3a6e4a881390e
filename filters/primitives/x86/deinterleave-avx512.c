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

INLINE void
two (const float *src, float *even, float *odd)
{
  __m512 a = _mm512_loadu_ps (src), b = _mm512_loadu_ps (src + LANES);

  _mm512_storeu_ps (even, every_second (a, b, FALSE));
  _mm512_storeu_ps (odd, every_second (a, b, TRUE));
}

INLINE void
four (const float *src, float *dst, gsize part)
{
  __m512 a = _mm512_loadu_ps (src), b = _mm512_loadu_ps (src + LANES);
  __m512 c = _mm512_loadu_ps (src + 2 * LANES), d = _mm512_loadu_ps (src + 3 * LANES);
  __m512 even_low = every_second (a, b, FALSE), even_high = every_second (c, d, FALSE);
  __m512 odd_low = every_second (a, b, TRUE), odd_high = every_second (c, d, TRUE);

  _mm512_storeu_ps (dst, every_second (even_low, even_high, FALSE));
  _mm512_storeu_ps (dst + part, every_second (odd_low, odd_high, FALSE));
  _mm512_storeu_ps (dst + 2 * part, every_second (even_low, even_high, TRUE));
  _mm512_storeu_ps (dst + 3 * part, every_second (odd_low, odd_high, TRUE));
}

static void
deinterleave (const CnDeinterleaving *d)
{
  CnDeinterleaving rest = *d;
  gsize x = 0;

  if (d->parts == 2)
    for (; x + LANES <= d->n; x += LANES)
      two (d->src + 2 * x, d->dst + x, d->dst + d->part + x);
  else if (d->parts == 4)
    for (; x + LANES <= d->n; x += LANES)
      four (d->src + 4 * x, d->dst + x, d->part);
  rest.src += x * d->parts;
  rest.dst += x;
  rest.n -= x;
  cn_primitives_for (CN_CPU_AVX2)->deinterleave (&rest);
}

void
cn_deinterleave_init_avx512 (CnPrimitives *table)
{
  table->deinterleave = deinterleave;
}
