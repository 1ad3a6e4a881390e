/* correlate-planes.c: correlations of planes where they lie, in portable C: the reference for
 * every other version. SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/primitives.h"

/* Samples that are computed side by side, as in correlate.c. */
#define LANES 16

/* Adds a tap to samples i … i + lanes − 1 of a row of the result. */
static void
add_tap (const CnPlaneCorrelation *c, float weight, const float *line, int b, gsize i, gsize lanes,
         float sum[LANES])
{
  gssize x = c->x + b + (gssize) i * c->stride;
  gssize last = x + (gssize) (lanes - 1) * c->stride;

  if (x >= 0 && last < c->width)
    for (gsize k = 0; k < lanes; k++)
      sum[k] += weight * line[x + (gssize) k * c->stride];
  else
    for (gsize k = 0; k < lanes; k++, x += c->stride)
      sum[k] += weight * (x >= 0 && x < c->width ? line[x] : 0);
}

static void
correlate_first (const CnPlaneCorrelation *c)
{
  for (int row = 0; row < c->rows; row++)
    for (gsize i = 0; i < c->n; i += LANES)
      {
        gsize lanes = MIN (LANES, c->n - i);
        float sum[LANES], *dst = c->dst + row * c->dst_row + i;

        for (gsize k = 0; k < lanes; k++)
          sum[k] = *c->bias;
        for (int a = 0; a < c->size; a++)
          {
            int y = c->y + row * c->stride + a;

            for (int b = 0; b < c->size && y >= 0 && y < c->height; b++)
              add_tap (c, c->weights[a * c->size + b], c->src + y * c->src_row, b, i, lanes, sum);
          }
        for (gsize k = 0; k < lanes; k++)
          dst[k] = sum[k] < c->floor ? c->floor : sum[k];
      }
}

static void
correlate_planes (const CnPlaneCorrelation *correlation)
{
  for (CnPlaneCorrelation c = *correlation; c.planes > 0; c = cn_planes_after (&c, 1))
    correlate_first (&c);
}

void
cn_correlate_planes_init_scalar (CnPrimitives *table)
{
  table->correlate_planes = correlate_planes;
}
