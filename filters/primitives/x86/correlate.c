/* correlate.c: the correlation of rows for AVX2 and FMA, and for AVX-512.
 *
 * Four rows of the result by a few vectors are summed in registers. An input vector, once loaded,
 * serves every row of the result that has a tap on its row, so a kernel with more than one row
 * takes about half a load for a multiplication, and the multipliers set the pace. Kernels of one
 * row, and what is left of four rows, are summed by more vectors of one row; AVX-512 has registers
 * to shuffle there, in the place of loads.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/primitives.h"
#include "filters/primitives/x86/vector.h"

#define ROWS 4
#define VECTORS_SINGLE 8 /* by one row */

/* Floats that the input is fetched ahead of its use, since the processor's own prefetching stops at
   each page. 3×3 on 4096×3072 pixels of RGBA takes 23.0 ms with 128, 24.4 with 512 and 31.2 with
   4096 (a copy of the picture 24); on a Zen 5, 12.7 with 512 and 20.0 without. */
#define AHEAD 256

/* The kernels that have code of their own. */
typedef enum
{
  DENSE,
  COLUMN, /* one tap in a row */
  ROW,    /* one row */
} Way;

/* Vectors by ROWS rows. AVX2 has registers for twelve sums, three vectors and a weight, or for
   eight sums, a vector and four weights: the latter is faster for columns, 75 to 68 GFLOP/s of 82.
 */
INLINE int
vectors_for (Way way)
{
  return LANES == 16 ? 4 : way == DENSE ? 3 : 2;
}

/* Adds the taps of one input row to rows low … high of the result; `weights` are those of `low`,
   and those of each row after it stand one kernel row before. */
INLINE void
add_input_row (Vector sum[ROWS][VECTORS_SINGLE], const CnCorrelation *c, Way way, const float *src,
               const float *weights, int low, int high, int vectors, Mask mask, gboolean masked)
{
  int kw = way == COLUMN ? 1 : c->kw;

  for (int b = 0; b < kw; b++)
    {
      const float *tap = src + c->offsets[b];
      Vector value[VECTORS_SINGLE], weight[ROWS];

      if (way == DENSE && LANES == 8)
        {
#pragma GCC unroll 8
          for (int v = 0; v < vectors; v++)
            value[v] = load_one_of (tap, v, vectors, mask, masked);
#pragma GCC unroll 4
          for (int r = low; r <= high; r++)
            {
              weight[r] = all_lanes (weights[b - (r - low) * kw]);
#pragma GCC unroll 8
              for (int v = 0; v < vectors; v++)
                sum[r][v] = multiply_add (weight[r], value[v], sum[r][v]);
            }
        }
      else
        {
#pragma GCC unroll 4
          for (int r = low; r <= high; r++)
            weight[r] = all_lanes (weights[b - (r - low) * kw]);
#pragma GCC unroll 8
          for (int v = 0; v < vectors; v++)
            {
              value[v] = load_one_of (tap, v, vectors, mask, masked);
#pragma GCC unroll 4
              for (int r = low; r <= high; r++)
                sum[r][v] = multiply_add (weight[r], value[v], sum[r][v]);
            }
        }
    }
}

/* All taps, for ROWS rows, of a kernel of ROWS − 1 rows or more: input row a is row a − r of the
   kernel for row r of the result. */
INLINE void
add_rows (Vector sum[ROWS][VECTORS_SINGLE], const CnCorrelation *c, Way way, const float *src,
          int vectors, Mask mask, gboolean masked)
{
  int kw = way == COLUMN ? 1 : c->kw;
  const float *weights = c->weights;

#pragma GCC unroll 4
  for (int high = 0; high < ROWS - 1; high++, src += c->src_row, weights += kw)
    add_input_row (sum, c, way, src, weights, 0, high, vectors, mask, masked);
  for (int a = ROWS - 1; a < c->kh; a++, src += c->src_row, weights += kw)
    add_input_row (sum, c, way, src, weights, 0, ROWS - 1, vectors, mask, masked);
  weights -= kw;
#pragma GCC unroll 4
  for (int low = 1; low < ROWS; low++, src += c->src_row)
    add_input_row (sum, c, way, src, weights, low, ROWS - 1, vectors, mask, masked);
}

/* Computes `rows` (ROWS or 1) rows by `vectors` vectors of the result; `next` is what to fetch
   meanwhile in the place of `src`, for kernels of one row, or NULL. */
INLINE void
block (const CnCorrelation *c, Way way, const float *src, float *dst, const float *next, int rows,
       int vectors, Mask mask, gboolean masked, gboolean stream)
{
  Vector sum[ROWS][VECTORS_SINGLE];

#pragma GCC unroll 4
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 8
    for (int v = 0; v < vectors; v++)
      sum[r][v] = c->accumulate ? load_one_of (dst + r * c->dst_row, v, vectors, mask, masked)
                                : all_lanes (c->bias);

  if (way != ROW)
#pragma GCC unroll 4
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 8
      for (int v = 0; v < vectors; v++)
        _mm_prefetch (src + (c->kh - 1 + r) * c->src_row + v * LANES + AHEAD, _MM_HINT_T0);
  else if (next)
#pragma GCC unroll 8
    for (int v = 0; v < vectors; v++)
      _mm_prefetch (next + v * LANES, _MM_HINT_T0);

  if (rows == ROWS)
    add_rows (sum, c, way, src, vectors, mask, masked);
  else
    for (int a = 0; a < (way == ROW ? 1 : c->kh); a++)
      add_input_row (sum, c, way, src + a * c->src_row, c->weights + a * c->kw, 0, 0, vectors, mask,
                     masked);

#pragma GCC unroll 4
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 8
    for (int v = 0; v < vectors; v++)
      store_one_of (dst + r * c->dst_row, v, vectors, mask, masked, stream, sum[r][v]);
}

#if LANES == 16

/* How far the taps lie from the first. */
INLINE gsize
reach_of (const CnCorrelation *c)
{
  gsize reach = 0;

  for (int b = 0; b < c->kw; b++)
    reach = MAX (reach, c->offsets[b]);
  return reach;
}

/* One row by VECTORS_SINGLE vectors, for a kernel of one row with several taps to a vector. Most
   taps would be loaded across two cache lines: instead of that, a vector is loaded once, and
   shuffled with the next one for each tap within it. In two passes over 4096×3072 pixels, RGBA and
   gray, 5×5 takes 13.3 and 3.0 ms for 14.9 and 3.4 so, 15×15 28 and 6.9 for 31 and 8.0 (Zen 5). */
INLINE void
shuffled_block (const CnCorrelation *c, const float *src, float *dst, const float *next,
                gsize reach, gboolean stream)
{
  const __m512i lanes = _mm512_setr_epi32 (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  Vector sum[VECTORS_SINGLE], value[VECTORS_SINGLE + 1];
  gsize from = 0; /* of what is loaded */

#pragma GCC unroll 8
  for (int v = 0; v < VECTORS_SINGLE; v++)
    {
      sum[v] = c->accumulate ? load (dst + v * LANES) : all_lanes (c->bias);
      if (next)
        _mm_prefetch (next + v * LANES, _MM_HINT_T0);
    }
  for (int b = 0; b < c->kw; b++)
    {
      gsize offset = c->offsets[b];
      Vector weight = all_lanes (c->weights[b]);
      __m512i places;

      if (b == 0 || offset < from || offset > from + LANES)
        {
          from = offset;
#pragma GCC unroll 8
          for (int v = 0; v < VECTORS_SINGLE; v++)
            value[v] = load (src + from + v * LANES);
          value[VECTORS_SINGLE] = load_masked (src + from + VECTORS_SINGLE * LANES,
                                               mask_between (0, (gssize) (reach - from)));
        }
      places = _mm512_add_epi32 (lanes, _mm512_set1_epi32 ((int) (offset - from)));
#pragma GCC unroll 8
      for (int v = 0; v < VECTORS_SINGLE; v++)
        sum[v] =
            multiply_add (weight, _mm512_permutex2var_ps (value[v], places, value[v + 1]), sum[v]);
    }
#pragma GCC unroll 8
  for (int v = 0; v < VECTORS_SINGLE; v++)
    store_one_of (dst, v, VECTORS_SINGLE, mask_between (0, LANES), FALSE, stream, sum[v]);
}

#endif

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
        block (c, way, src, dst, NULL, rows, most, mask, masks, FALSE);
      else if (vectors == 3)
        block (c, way, src, dst, NULL, rows, 3, mask, masks, FALSE);
      else if (vectors == 2)
        block (c, way, src, dst, NULL, rows, 2, mask, masks, FALSE);
      else if (masks || n < LANES)
        block (c, way, src, dst, NULL, rows, 1, mask, TRUE, FALSE);
      else
        block (c, way, src, dst, NULL, rows, 1, mask, FALSE, FALSE);
      src += part;
      dst += part;
      n -= part;
    }
}

/* A group of rows, from left to right: full blocks, and the rest. With `stream` the samples before
   the first whole cache line come first. */
INLINE void
sweep (const CnCorrelation *c, Way way, int row, int rows, int vectors, gboolean stream)
{
  const float *src = c->src + row * c->src_row;
  const float *next = way == ROW && c->next ? c->next + row * c->next_row : NULL;
  float *dst = c->dst + row * c->dst_row;
  gsize i = stream ? MIN (cn_floats_to_line (dst), c->n) : 0;
#if LANES == 16
  gsize reach = reach_of (c);
#endif

  rest (c, way, src, dst, rows, i);
#if LANES == 16
  if (way == ROW && 2 * (reach / LANES + 1) < (gsize) c->kw)
    for (; i + vectors * LANES <= c->n; i += vectors * LANES)
      shuffled_block (c, src + i, dst + i, next ? next + i : NULL, reach, stream);
#endif
  for (; i + vectors * LANES <= c->n; i += vectors * LANES)
    block (c, way, src + i, dst + i, next ? next + i : NULL, rows, vectors, mask_between (0, LANES),
           FALSE, stream);
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

static void
correlate (const CnCorrelation *c)
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
  table->correlate = correlate;
}
