/* correlate.c: the correlation of rows for AVX2 and FMA, and for AVX-512, block by block.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/x86/correlate.h"

/* Samples of a group of rows that wait in the first-level cache before they go past it, while as
   many are summed: 4 blocks. A load waits for stores before it to the same place in a page, past
   the cache the longer, and a picture's taps and its result mostly lie so. RGBA and gray,
   4096×3072, on a Zen 4: 3×3 24.5, 7.0 ms without and 21.2, 6.0 so, 5×5 41, 11.2 and 35.7, 10.3,
   11×11 138, 34.3 and 127, 31.9. AVX-512 has fewer loads, and gains nothing. */
#define STAGE (4 * 3 * LANES)

/* `n` samples that are no whole block. AVX-512's masks cost nothing; AVX2's stores with one are
   slow on some processors. */
INLINE void
rest (const CnCorrelation *c, Way way, const float *src, float *dst, int rows, gsize n)
{
  const gboolean masks = LANES == 16;
  const int most = vectors_for (way);

  while (n > 0)
    {
      int vectors = (int) MIN (masks ? (n - 1) / LANES + 1 : MAX (n / LANES, 1), (gsize) most);
      gsize part = MIN (n, (gsize) vectors * LANES);
      Mask mask = mask_between (0, (gssize) part - (vectors - 1) * LANES);

      if (vectors == most)
        block (c, way, src, dst, AHEAD, rows, most, mask, masks, FALSE);
      else if (vectors == 3)
        block (c, way, src, dst, AHEAD, rows, 3, mask, masks, FALSE);
      else if (vectors == 2)
        block (c, way, src, dst, AHEAD, rows, 2, mask, masks, FALSE);
      else if (masks || n < LANES)
        block (c, way, src, dst, AHEAD, rows, 1, mask, TRUE, FALSE);
      else
        block (c, way, src, dst, AHEAD, rows, 1, mask, FALSE, FALSE);
      src += part;
      dst += part;
      n -= part;
    }
}

/* Samples of a group of rows go past the cache. */
INLINE void
pass_on (const float *stage, float *dst, gsize dst_row)
{
  for (int r = 0; r < ROWS; r++)
#pragma GCC unroll 12
    for (int k = 0; k < STAGE; k += LANES)
      store_past (dst + r * dst_row + k, load (stage + r * STAGE + k));
}

/* A group of rows from sample i, which begins a cache line, on; returns where a rest begins. */
static gsize
sweep_staged (const CnCorrelation *c, const float *src, float *dst, gsize i)
{
  const int vectors = vectors_for (DENSE);
  float memory[2 * ROWS * STAGE + CN_LINE_FLOATS];
  float *stage = memory + cn_floats_to_line (memory), *waiting = stage + ROWS * STAGE;
  CnCorrelation staged = *c;
  gsize first = i;

  staged.dst_row = STAGE;
  for (; i + STAGE <= c->n; i += STAGE)
    {
      float *done = waiting;

      for (int k = 0; k < STAGE; k += vectors * LANES)
        block (&staged, DENSE, src + i + k, stage + k, fetched_at (c, ROWS, i, AHEAD), ROWS,
               vectors, mask_between (0, LANES), FALSE, FALSE);
      if (i > first)
        pass_on (waiting, dst + i - STAGE, c->dst_row);
      waiting = stage;
      stage = done;
    }
  if (i > first)
    pass_on (waiting, dst + i - STAGE, c->dst_row);
  return i;
}

/* A group of rows, from left to right: full blocks, and the rest. With `stream` the samples before
   the first whole cache line come first. */
INLINE void
sweep (const CnCorrelation *c, Way way, int row, int rows, int vectors, gboolean stream)
{
  const float *src = c->src + row * c->src_row;
  float *dst = c->dst + row * c->dst_row;
  gsize i = stream ? MIN (cn_floats_to_line (dst), c->n) : 0;

  rest (c, way, src, dst, rows, i);
  if (stream && LANES == 8 && way == DENSE && rows == ROWS && !c->accumulate)
    i = sweep_staged (c, src, dst, i);
  for (; i + vectors * LANES <= c->n; i += vectors * LANES)
    block (c, way, src + i, dst + i, fetched_at (c, rows, i, AHEAD), rows, vectors,
           mask_between (0, LANES), FALSE, stream);
  rest (c, way, src + i, dst + i, rows, c->n - i);
}

INLINE void
groups (const CnCorrelation *c, Way way, gboolean stream)
{
  int row = 0;

  if (way != ROW && c->kh >= ROWS - 1)
    for (; row + ROWS <= c->rows; row += ROWS)
      sweep (c, way, row, ROWS, vectors_for (way), stream);
  for (; row < c->rows; row++)
    sweep (c, way, row, 1, VECTORS_SINGLE, stream);
}

void
LEVEL (cn_correlate) (const CnCorrelation *c)
{
  Way way = c->kh == 1 ? ROW : c->kw == 1 ? COLUMN : DENSE;
  /* The rows of a group begin at the same place of a cache line, or there is no streaming. */
  gboolean stream = c->stream && c->dst_row % CN_LINE_FLOATS == 0;

#define CASE(w, s)             \
  if (way == w && stream == s) \
  groups (c, w, s)
  CASE (DENSE, FALSE);
  CASE (DENSE, TRUE);
  CASE (COLUMN, FALSE);
  CASE (COLUMN, TRUE);
  CASE (ROW, FALSE);
  CASE (ROW, TRUE);
#undef CASE
}

void
LEVEL (cn_correlate_init) (CnPrimitives *table)
{
  table->correlate = LEVEL (cn_correlate);
}
