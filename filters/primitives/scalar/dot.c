/* dot.c: dot products of a vector with rows, for every CPU level.
 *
 * What is long is read from memory once, and that decides: products and sums are rounded each by
 * itself, so that the bits are the same everywhere. SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/primitives.h"
#include "filters/primitives/vector.h"

#include <string.h>

#define VECTORS (CN_DOT_LANES / CN_VECTOR)

/* CN_DOT_LANES terms. */
INLINE void
add_products (Vector sum[VECTORS], const float *a, const float *b)
{
#pragma GCC unroll 16
  for (int v = 0; v < VECTORS; v++)
    sum[v] += *const_vector_at (a + v * CN_VECTOR) * *const_vector_at (b + v * CN_VECTOR);
}

/* The sums' halves added to one another until one is left. */
INLINE float
join (Vector sum[VECTORS])
{
  float lanes[CN_VECTOR];

#pragma GCC unroll 16
  for (int half = VECTORS / 2; half > 0; half /= 2)
#pragma GCC unroll 16
    for (int v = 0; v < half; v++)
      sum[v] += sum[v + half];
  *vector_at (lanes) = sum[0];
#pragma GCC unroll 16
  for (int half = CN_VECTOR / 2; half > 0; half /= 2)
#pragma GCC unroll 16
    for (int l = 0; l < half; l++)
      lanes[l] += lanes[l + half];
  return lanes[0];
}

/* The terms that do not fill the lanes, with zeros: these change no sum. */
static void
pad (const float *from, gsize n, float to[CN_DOT_LANES])
{
  memset (to, 0, CN_DOT_LANES * sizeof (float));
  memcpy (to, from, n * sizeof (float));
}

static void
dot (const CnDots *d)
{
  gsize whole = d->terms / CN_DOT_LANES * CN_DOT_LANES, left = d->terms - whole;
  float a[CN_DOT_LANES], b[CN_DOT_LANES];

  pad (d->a + whole, left, a);
  for (gsize r = 0; r < d->rows; r++)
    {
      const float *row = d->b + r * d->b_row;
      Vector sum[VECTORS] = { { 0 } };

      for (gsize k = 0; k < whole; k += CN_DOT_LANES)
        {
#pragma GCC unroll 4
          for (int line = 0; line < CN_DOT_LANES; line += CN_LINE_FLOATS)
            __builtin_prefetch (row + k + d->ahead + line);
          add_products (sum, d->a + k, row + k);
        }
      if (left > 0)
        {
          pad (row + whole, left, b);
          add_products (sum, a, b);
        }
      d->dst[r] = join (sum);
    }
}

void
CN_LEVEL_INIT (dot) (CnPrimitives *table)
{
  table->dot = dot;
}
