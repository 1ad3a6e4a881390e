/* interleave.c: lines woven into one, in portable C: the reference for every other version.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/primitives.h"

static void
interleave (const CnInterleaving *w)
{
  for (int k = 0; k < w->parts; k++)
    {
      const float *src = w->src + k * w->part;
      float *dst = w->dst + k * w->pixel;

      for (gsize x = 0; x < w->n; x++, dst += w->parts * w->pixel)
        for (int c = 0; c < w->pixel; c++)
          dst[c] = *src++;
    }
}

void
cn_interleave_init_scalar (CnPrimitives *table)
{
  table->interleave = interleave;
}
