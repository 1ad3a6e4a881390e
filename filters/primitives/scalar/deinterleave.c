/* deinterleave.c: a line taken apart in portable C: the reference for every other version.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/primitives.h"

static void
deinterleave (const CnDeinterleaving *d)
{
  for (int k = 0; k < d->parts; k++)
    for (gsize x = 0; x < d->n; x++)
      d->dst[k * d->part + x] = d->src[x * d->parts + k];
}

void
cn_deinterleave_init_scalar (CnPrimitives *table)
{
  table->deinterleave = deinterleave;
}
