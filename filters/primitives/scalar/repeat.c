/* repeat.c: a line whose pixels are repeated, in portable C: the reference for every other version.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/primitives.h"

static void
repeat (const CnRepetition *r)
{
  float *dst = r->dst;

  for (gsize x = 0; x < r->n; x++)
    for (int k = 0; k < r->times; k++)
      for (int c = 0; c < r->pixel; c++)
        *dst++ = r->src[x * r->pixel + c];
}

void
cn_repeat_init_scalar (CnPrimitives *table)
{
  table->repeat = repeat;
}
