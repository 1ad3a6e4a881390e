/* multiply-pixels.c: the product of matrices for interleaved pixels in portable C: the reference
 * for every other version. SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/primitives.h"

#define LANES 16 /* at most CN_FACTOR_BLOCK */

static void
block (const CnPixelProduct *p, int row, gsize column, gsize lanes)
{
  float sum[LANES], *dst = p->dst + row * p->dst_row + column;
  gsize at = column % (gsize) p->samples, step = cn_factor_step (p->samples);
  const float *a = p->a + row * p->a_row + at;
  int terms = p->terms + (row < p->more_rows ? p->more : 0);

  for (gsize i = 0; i < lanes; i++)
    sum[i] = p->bias[at + i];
  for (int k = 0; k < terms; k++, a += step)
    {
      const float *b = p->b + p->offsets[k] + column;

      for (gsize i = 0; i < lanes; i++)
        sum[i] += a[i] * b[i];
    }
  for (gsize i = 0; i < lanes; i++)
    dst[i] = sum[i];
}

static void
multiply_pixels (const CnPixelProduct *p)
{
  for (int row = 0; row < p->rows; row++)
    {
      gsize column = 0;

      for (; column + LANES <= p->n; column += LANES)
        block (p, row, column, LANES);
      if (column < p->n)
        block (p, row, column, p->n - column);
    }
}

void
cn_multiply_pixels_init_scalar (CnPrimitives *table)
{
  table->multiply_pixels = multiply_pixels;
}
