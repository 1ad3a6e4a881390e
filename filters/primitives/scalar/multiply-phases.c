/* multiply-phases.c: the sums of a transposed convolution's four phases in portable C: the
 * reference for every other version. SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/primitives.h"

#define LANES 16

/* Adds `terms` terms to rows 0, step, … of `rows`; the factors after them. */
static const float *
add_terms (float sum[4][LANES], const float *a, const float *b, const gsize *offsets, int terms,
           int rows, int step, gsize lanes)
{
  for (int k = 0; k < terms; k++, a += rows)
    for (int r = 0; r < rows; r++)
      for (gsize i = 0; i < lanes; i++)
        sum[r * step][i] += a[r] * b[offsets[k] + i];
  return a;
}

static void
block (const CnPhaseProduct *p, gsize column, gsize lanes)
{
  static const struct
  {
    int rows, step;
  } kinds[] = { { 4, 1 }, { 2, 2 }, { 2, 1 }, { 1, 1 } };
  const float *a = p->a, *b = p->b + column;
  const gsize *offsets = p->offsets;
  float sum[4][LANES];

  for (int r = 0; r < 4; r++)
    for (gsize i = 0; i < lanes; i++)
      sum[r][i] = p->bias;
  for (int turn = 0; turn < p->turns; turn++)
    for (int k = 0; k < 4; offsets += p->terms[k++])
      a = add_terms (sum, a, b, offsets, p->terms[k], kinds[k].rows, kinds[k].step, lanes);
  for (int r = 0; r < 4; r++)
    for (gsize i = 0; i < lanes; i++)
      p->dst[r * p->dst_row + column + i] = sum[r][i];
}

static void
multiply_phases (const CnPhaseProduct *p)
{
  gsize column = 0;

  for (; column + LANES <= p->n; column += LANES)
    block (p, column, LANES);
  if (column < p->n)
    block (p, column, p->n - column);
}

void
cn_multiply_phases_init_scalar (CnPrimitives *table)
{
  table->multiply_phases = multiply_phases;
}
