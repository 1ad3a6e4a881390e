/* correlate.c: the correlation of rows for AVX2 and FMA, and for AVX-512, block by block.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/x86/correlate.h"

/* Samples of a group of rows that wait before they go past the cache, 4 blocks. RGBA and gray,
   4096×3072, on a Zen 4 with AVX2: 5×5 41, 11.2 ms without and 35.7, 10.3 so, 11×11 138, 34.3 and
   127, 31.9. */
#define PART STAGE_MAX

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

/* A group of rows from sample i, which begins a cache line, on; returns where a rest begins. */
static gsize
sweep_staged (const CnCorrelation *c, const float *src, float *dst, gsize i)
{
  const int vectors = vectors_for (DENSE);
  CnCorrelation staged = *c;
  Stage stage;

  stage_begin (&stage, PART);
  staged.dst_row = PART;
  for (; i + PART <= c->n; i += PART)
    {
      for (int k = 0; k < PART; k += vectors * LANES)
        block (&staged, DENSE, src + i + k, stage.filling + k, fetched_at (c, ROWS, i, AHEAD), ROWS,
               vectors, mask_between (0, LANES), FALSE, FALSE);
      stage_turn (&stage, dst + i, c->dst_row, ROWS, PART);
    }
  stage_pass_on (&stage, c->dst_row, ROWS, PART);
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
  if (stream && STAGED && way == DENSE && rows == ROWS && !c->accumulate)
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
