/* deinterleave-avx2.c: a line taken apart into two or four, for AVX2.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/primitives.h"
#include "filters/primitives/x86/vector.h"

static gsize
two (const CnDeinterleaving *d)
{
  gsize x = 0;

  for (; x + LANES <= d->n; x += LANES)
    {
      __m256 a = _mm256_loadu_ps (d->src + 2 * x), b = _mm256_loadu_ps (d->src + 2 * x + LANES);

      _mm256_storeu_ps (d->dst + x, every_second (a, b, FALSE, 1));
      _mm256_storeu_ps (d->dst + d->part + x, every_second (a, b, TRUE, 1));
    }
  return x;
}

static gsize
four (const CnDeinterleaving *d)
{
  gsize x = 0;

  for (; x + LANES <= d->n; x += LANES)
    {
      const float *from = d->src + 4 * x;
      __m256 a = _mm256_loadu_ps (from), b = _mm256_loadu_ps (from + LANES);
      __m256 c = _mm256_loadu_ps (from + 2 * LANES), e = _mm256_loadu_ps (from + 3 * LANES);
      __m256 even_low = every_second (a, b, FALSE, 1), even_high = every_second (c, e, FALSE, 1);
      __m256 odd_low = every_second (a, b, TRUE, 1), odd_high = every_second (c, e, TRUE, 1);

      _mm256_storeu_ps (d->dst + x, every_second (even_low, even_high, FALSE, 1));
      _mm256_storeu_ps (d->dst + d->part + x, every_second (odd_low, odd_high, FALSE, 1));
      _mm256_storeu_ps (d->dst + 2 * d->part + x, every_second (even_low, even_high, TRUE, 1));
      _mm256_storeu_ps (d->dst + 3 * d->part + x, every_second (odd_low, odd_high, TRUE, 1));
    }
  return x;
}

static void
deinterleave (const CnDeinterleaving *d)
{
  gsize done = d->parts == 2 ? two (d) : d->parts == 4 ? four (d) : 0;

  for (int k = 0; k < d->parts; k++)
    for (gsize x = done; x < d->n; x++)
      d->dst[k * d->part + x] = d->src[x * d->parts + k];
}

void
cn_deinterleave_init_avx2 (CnPrimitives *table)
{
  table->deinterleave = deinterleave;
}
