/* correlate-three.c: the correlation with a kernel of 3×3, for AVX2 and FMA.
 *
 * There is so little to compute that memory sets the pace, if nothing else stands in its way: the
 * kernel's size is known to the compiler, which leaves no loop over taps, and vectors of the taps
 * are a copy, which no result that is stored can change. Milliseconds for 4096×3072 pixels on a
 * Zen 5, by the code for any kernel and by this: RGBA 17.1 and 14.3, gray 4.3 and 3.1. With AVX-512
 * the former takes 12.5 and 2.7, the latter 13.5 and 2.9: it does without.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/x86/correlate.h"

#define SIZE 3
#define VECTORS 2 /* by ROWS rows */

typedef struct
{
  Vector weight[SIZE * SIZE], bias;
  gsize offset[SIZE];
} Taps;

/* Computes `rows` rows by `vectors` vectors of the result, and fetches what will be read `ahead`
   floats later. */
INLINE void
block_of_three (const CnCorrelation *c, const Taps *taps, const float *src, float *dst, gsize ahead,
                int rows, int vectors, Mask mask, gboolean masked, gboolean stream)
{
  Vector sum[ROWS][VECTORS];

#pragma GCC unroll 4
  for (int r = 0; r < rows; r++)
    {
#pragma GCC unroll 2
      for (int v = 0; v < vectors; v++)
        sum[r][v] = taps->bias;
      _mm_prefetch (src + (SIZE - 1 + r) * c->src_row + ahead, _MM_HINT_T0);
    }
#pragma GCC unroll 6
  for (int a = 0; a < rows + SIZE - 1; a++)
#pragma GCC unroll 3
    for (int b = 0; b < SIZE; b++)
#pragma GCC unroll 2
      for (int v = 0; v < vectors; v++)
        {
          Vector value =
              load_one_of (src + a * c->src_row + taps->offset[b], v, vectors, mask, masked);

#pragma GCC unroll 4
          for (int r = 0; r < rows; r++)
            if (a >= r && a - r < SIZE)
              sum[r][v] = multiply_add (taps->weight[(a - r) * SIZE + b], value, sum[r][v]);
        }
#pragma GCC unroll 4
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++)
      store_one_of (dst + r * c->dst_row, v, vectors, mask, masked, stream, sum[r][v]);
}

/* `n` samples of rows that are no whole block. */
INLINE void
rest_of_three (const CnCorrelation *c, const Taps *taps, const float *src, float *dst, int rows,
               gsize n)
{
  for (gsize i = 0; i < n; i += LANES)
    {
      Mask mask = mask_between (0, (gssize) MIN (n - i, LANES));

      if (n - i < LANES)
        block_of_three (c, taps, src + i, dst + i, AHEAD, rows, 1, mask, TRUE, FALSE);
      else
        block_of_three (c, taps, src + i, dst + i, AHEAD, rows, 1, mask, FALSE, FALSE);
    }
}

/* Some rows, from left to right. With `stream` the samples before the first whole cache line come
   first. */
INLINE void
sweep (const CnCorrelation *c, const Taps *taps, int row, int rows, gboolean stream)
{
  const float *src = c->src + row * c->src_row;
  float *dst = c->dst + row * c->dst_row;
  gsize i = stream ? MIN (cn_floats_to_line (dst), c->n) : 0;

  rest_of_three (c, taps, src, dst, rows, i);
  for (; i + VECTORS * LANES <= c->n; i += VECTORS * LANES)
    block_of_three (c, taps, src + i, dst + i, fetched_at (c, rows, i, AHEAD), rows, VECTORS,
                    mask_between (0, LANES), FALSE, stream);
  rest_of_three (c, taps, src + i, dst + i, rows, c->n - i);
}

INLINE void
groups (const CnCorrelation *c, gboolean stream)
{
  Taps taps = { .bias = all_lanes (c->bias) };
  int row = 0;

#pragma GCC unroll 9
  for (int k = 0; k < SIZE * SIZE; k++)
    taps.weight[k] = all_lanes (c->weights[k]);
#pragma GCC unroll 3
  for (int b = 0; b < SIZE; b++)
    taps.offset[b] = c->offsets[b];
  for (; row + ROWS <= c->rows; row += ROWS)
    sweep (c, &taps, row, ROWS, stream);
  for (; row < c->rows; row++)
    sweep (c, &taps, row, 1, stream);
}

static void
correlate (const CnCorrelation *c)
{
  if (c->kh != SIZE || c->kw != SIZE || c->accumulate)
    LEVEL (cn_correlate) (c);
  /* The rows of a group begin at the same place of a cache line, or there is no streaming. */
  else if (c->stream && c->dst_row % CN_LINE_FLOATS == 0)
    groups (c, TRUE);
  else
    groups (c, FALSE);
}

void
LEVEL (cn_correlate_three_init) (CnPrimitives *table)
{
  table->correlate = correlate;
}
