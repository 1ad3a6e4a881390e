/* multiply.c: the product of matrices in portable C: the reference for every other version.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/primitives.h"

/* Samples that are computed side by side: what the baseline's vector registers hold. */
#define LANES 8
#define ROWS 4

static void
block (const CnProduct *p, int row, gsize column, int rows, gsize lanes)
{
  float sum[ROWS][LANES];

  for (int r = 0; r < rows; r++)
    for (gsize i = 0; i < lanes; i++)
      {
        sum[r][i] = p->accumulate ? p->dst[(row + r) * p->dst_row + column + i] : 0;
        if (p->bias)
          sum[r][i] = p->accumulate ? sum[r][i] + p->bias[row + r] : p->bias[row + r];
      }
  for (int k = 0; k < p->terms; k++)
    {
      const float *b = p->b + p->offsets[k] + column;

      for (int r = 0; r < rows; r++)
        {
          float a = p->a[(row + r) * p->a_row + (p->a_offsets ? p->a_offsets[k] : k * p->a_step)];

          for (gsize i = 0; i < lanes; i++)
            sum[r][i] += a * b[i];
        }
    }
  for (int r = 0; r < rows; r++)
    for (gsize i = 0; i < lanes; i++)
      p->dst[(row + r) * p->dst_row + column + i] = p->rectify && sum[r][i] < 0 ? 0 : sum[r][i];
}

static void
multiply (const CnProduct *p)
{
  for (gsize column = 0; column < p->n; column += LANES)
    for (int row = 0; row < p->rows; row += ROWS)
      if (row + ROWS <= p->rows && column + LANES <= p->n)
        block (p, row, column, ROWS, LANES);
      else
        block (p, row, column, MIN (ROWS, p->rows - row), MIN (LANES, p->n - column));
}

void
cn_multiply_init_scalar (CnPrimitives *table)
{
  table->multiply = multiply;
}
