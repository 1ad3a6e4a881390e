/* multiply-pixels.c: the product of matrices for interleaved pixels in portable C: the reference
 * for every other version. SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/primitives.h"

#define LANES 16 /* at most CN_FACTOR_BLOCK */

/* Adds terms `first` … end − 1 to the sums of `lanes` columns; the last `some` of them to the kept
   samples only. */
static void
add_terms (const CnPixelProduct *p, int row, gsize column, gsize lanes, int first, int end,
           int some, float sum[LANES])
{
  gsize at = column % (gsize) p->samples, step = cn_factor_step (p->samples);

  for (int k = first; k < end; k++)
    {
      const float *a = p->a + row * p->a_row + k * step + at, *b = p->b + p->offsets[k] + column;

      for (gsize i = 0; i < lanes; i++)
        sum[i] += a[i] * (k < end - some || p->kept[at + i] ? b[i] : 0);
    }
}

static void
block (const CnPixelProduct *p, int row, gsize column, gsize lanes)
{
  float sum[LANES], *dst = p->dst + row * p->dst_row + column;
  gsize at = column % (gsize) p->samples;

  for (gsize i = 0; i < lanes; i++)
    sum[i] = p->bias[at + i];
  add_terms (p, row, column, lanes, 0, p->terms, p->some, sum);
  if (row < p->more_rows)
    add_terms (p, row, column, lanes, p->terms, p->terms + p->more, p->more_some, sum);
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
