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

/* Fewer than CN_DOT_LANES terms; zeros fill the last vector, which change no sum. */
INLINE void
add_left (Vector sum[VECTORS], const float *a, const float *b, gsize left)
{
#pragma GCC unroll 16
  for (int v = 0; v < VECTORS; v++)
    {
      gsize at = (gsize) v * CN_VECTOR;

      if (at + CN_VECTOR <= left)
        sum[v] += *const_vector_at (a + at) * *const_vector_at (b + at);
      else if (at < left)
        {
          float last_a[CN_VECTOR] = { 0 }, last_b[CN_VECTOR] = { 0 };

          memcpy (last_a, a + at, (left - at) * sizeof (float));
          memcpy (last_b, b + at, (left - at) * sizeof (float));
          sum[v] += *const_vector_at (last_a) * *const_vector_at (last_b);
        }
    }
}

INLINE void
dot_rows (const CnDots *d, gboolean fetch)
{
  gsize whole = d->terms / CN_DOT_LANES * CN_DOT_LANES;

  for (gsize r = 0; r < d->rows; r++)
    {
      const float *row = d->b + r * d->b_row;
      Vector sum[VECTORS] = { { 0 } };

      for (gsize k = 0; k < whole; k += CN_DOT_LANES)
        {
#pragma GCC unroll 4
          for (int line = 0; fetch && line < CN_DOT_LANES; line += CN_LINE_FLOATS)
            __builtin_prefetch (row + k + d->ahead + line);
          add_products (sum, d->a + k, row + k);
        }
      add_left (sum, d->a + whole, row + whole, d->terms - whole);
      d->dst[r] = join (sum);
    }
}

static void
dot (const CnDots *d)
{
  if (d->ahead > 0)
    dot_rows (d, TRUE);
  else
    dot_rows (d, FALSE);
}

void
CN_LEVEL_INIT (dot) (CnPrimitives *table)
{
  table->dot = dot;
}
