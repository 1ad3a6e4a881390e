/* deinterleave-avx512.c: a line taken apart into two or four, for AVX-512.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/primitives.h"
#include "filters/primitives/x86/vector.h"

/* The first `n` samples of each part; at most LANES. */
INLINE void
two (const float *src, float *dst, gsize part, gssize n)
{
  __m512 a = _mm512_maskz_loadu_ps (mask_between (0, 2 * n), src);
  __m512 b = _mm512_maskz_loadu_ps (mask_between (0, 2 * n - LANES), src + LANES);

  _mm512_mask_storeu_ps (dst, mask_between (0, n), every_second (a, b, FALSE, 1));
  _mm512_mask_storeu_ps (dst + part, mask_between (0, n), every_second (a, b, TRUE, 1));
}

INLINE void
four (const float *src, float *dst, gsize part, gssize n)
{
  __m512 a = _mm512_maskz_loadu_ps (mask_between (0, 4 * n), src);
  __m512 b = _mm512_maskz_loadu_ps (mask_between (0, 4 * n - LANES), src + LANES);
  __m512 c = _mm512_maskz_loadu_ps (mask_between (0, 4 * n - 2 * LANES), src + 2 * LANES);
  __m512 d = _mm512_maskz_loadu_ps (mask_between (0, 4 * n - 3 * LANES), src + 3 * LANES);
  __m512 even_low = every_second (a, b, FALSE, 1), even_high = every_second (c, d, FALSE, 1);
  __m512 odd_low = every_second (a, b, TRUE, 1), odd_high = every_second (c, d, TRUE, 1);

  _mm512_mask_storeu_ps (dst, mask_between (0, n), every_second (even_low, even_high, FALSE, 1));
  _mm512_mask_storeu_ps (dst + part, mask_between (0, n),
                         every_second (odd_low, odd_high, FALSE, 1));
  _mm512_mask_storeu_ps (dst + 2 * part, mask_between (0, n),
                         every_second (even_low, even_high, TRUE, 1));
  _mm512_mask_storeu_ps (dst + 3 * part, mask_between (0, n),
                         every_second (odd_low, odd_high, TRUE, 1));
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
