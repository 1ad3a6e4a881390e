/* multiply-phases.c: the sums of a transposed convolution's four phases in portable C: the
 * reference for every other version. SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/primitives.h"

#define LANES 12 /* whole pixels, of any size */

/* Adds `terms` terms to sums 0, step, … of `sums`; the factors after them. */
static const float *
add_terms (float sum[4][LANES], const float *a, const float *b, const gsize *offsets, int terms,
           int sums, int step, gsize lanes)
{
  for (int k = 0; k < terms; k++, a += sums)
    for (int r = 0; r < sums; r++)
      for (gsize i = 0; i < lanes; i++)
        sum[r * step][i] += a[r] * b[offsets[k] + i];
  return a;
}

/* `lanes` floats of all sums, from `column` on. */
static void
add_all (const CnPhaseProduct *p, gsize column, gsize lanes, float sum[4][LANES])
{
  static const struct
  {
    int sums, step;
  } kinds[] = { { 4, 1 }, { 2, 2 }, { 2, 1 }, { 1, 1 } };
  const float *a = p->a, *b = p->b + column;
  const gsize *offsets = p->offsets;

  for (int r = 0; r < 4; r++)
    for (gsize i = 0; i < lanes; i++)
      sum[r][i] = p->bias;
  for (int turn = 0; turn < p->turns; turn++)
    for (int k = 0; k < 4; offsets += p->terms[k++])
      a = add_terms (sum, a, b, offsets, p->terms[k], kinds[k].sums, kinds[k].step, lanes);
}

static void
multiply_phases (const CnPhaseProduct *p)
{
  const gsize pixel = (gsize) p->pixel, end = p->skipped + p->n;
  const gsize columns = (end + 2 * pixel - 1) / (2 * pixel) * pixel;
  float sum[4][LANES];

  for (gsize column = 0; column < columns; column += LANES)
    {
      gsize lanes = MIN (LANES, columns - column);

      add_all (p, column, lanes, sum);
      for (gsize i = 0; i < lanes; i++)
        for (gsize r = 0; r < 4; r++)
          {
            gsize at = ((column + i) / pixel * 2 + r % 2) * pixel + i % pixel;

            if (p->dst[r / 2] && at >= p->skipped && at < end)
              p->dst[r / 2][at - p->skipped] = sum[r][i];
          }
    }
}

void
cn_multiply_phases_init_scalar (CnPrimitives *table)
{
  table->multiply_phases = multiply_phases;
}
