/* correlate.c: the correlation of rows in portable C: the reference for every other version.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/primitives.h"

/* Samples that are computed side by side: enough for the compiler to fill the baseline's vector
   registers, few enough to keep them all in registers. */
#define LANES 16

static void
correlate_lanes (const CnCorrelation *c, const float *src, float *dst, gsize lanes)
{
  float sum[LANES];

  for (gsize i = 0; i < lanes; i++)
    sum[i] = c->accumulate ? dst[i] : c->bias;
  for (int a = 0; a < c->kh; a++)
    for (int b = 0; b < c->kw; b++)
      {
        const float *tap = src + a * c->src_row + c->offsets[b];
        float weight = c->weights[a * c->kw + b];

        for (gsize i = 0; i < lanes; i++)
          sum[i] += weight * tap[i];
      }
  for (gsize i = 0; i < lanes; i++)
    dst[i] = sum[i];
}

static void
correlate (const CnCorrelation *c)
{
  for (int row = 0; row < c->rows; row++)
    {
      const float *src = c->src + row * c->src_row;
      float *dst = c->dst + row * c->dst_row;
      gsize i = 0;

      for (; i + LANES <= c->n; i += LANES)
        correlate_lanes (c, src + i, dst + i, LANES);
      if (i < c->n)
        correlate_lanes (c, src + i, dst + i, c->n - i);
    }
}

static void
correlate_passes (const CnCorrelation *row, const CnCorrelation *column)
{
  correlate (row);
  correlate (column);
}

void
cn_correlate_init_scalar (CnPrimitives *table)
{
  table->correlate = correlate;
  table->correlate_passes = correlate_passes;
}
