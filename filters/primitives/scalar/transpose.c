/* transpose.c: rows to columns in portable C: the reference for every other version.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/primitives.h"

static void
transpose (const CnTransposition *t)
{
  for (gsize x = 0; x < t->columns; x++)
    for (gsize y = 0; y < t->rows; y++)
      t->dst[x * t->dst_row + y] = t->src[y * t->src_row + x];
}

void
cn_transpose_init_scalar (CnPrimitives *table)
{
  table->transpose = transpose;
}
