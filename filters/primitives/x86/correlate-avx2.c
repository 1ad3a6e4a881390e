/* correlate-avx2.c: the correlation of rows for AVX2 and FMA.
 *
 * Four rows of the result by three vectors are summed in twelve registers. An input vector, once
 * loaded, serves every row of the result that has a tap on its row, so a kernel with more than one
 * row takes about half a load for a multiplication, and the multipliers set the pace.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/primitives.h"

#include <immintrin.h>

#define INLINE static inline __attribute__ ((always_inline))
#define LANES 8
#define ROWS 4
#define VECTORS 3        /* by ROWS rows */
#define VECTORS_SINGLE 8 /* by one row */

/* Floats that the input is fetched ahead of its use: the processor's own prefetching stops at each
   page, and a line of a tile is hardly longer than one. On 4096×3072 pixels of RGBA, 3×3, tiles of
   256×128: 12.7 ms for 20.0 without (Zen 5, a copy of the picture takes 10.6). */
#define AHEAD 512

/* The first `n` lanes. */
INLINE __m256i
mask_for (gsize n)
{
  const __m256i lane = _mm256_setr_epi32 (0, 1, 2, 3, 4, 5, 6, 7);

  return _mm256_cmpgt_epi32 (_mm256_set1_epi32 ((int) n), lane);
}

INLINE __m256
load (const float *from, __m256i mask, gboolean masked)
{
  return masked ? _mm256_maskload_ps (from, mask) : _mm256_loadu_ps (from);
}

/* Adds the taps of one input row to rows low … high of the result; `weights` are those of `low`,
   and those of each row after it stand one kernel row before. */
INLINE void
add_input_row (__m256 sum[ROWS][VECTORS_SINGLE], const CnCorrelation *c, const float *src,
               const float *weights, int low, int high, int vectors, __m256i mask, gboolean masked)
{
  for (int b = 0; b < c->kw; b++)
    {
      const float *tap = src + c->offsets[b];
      __m256 value[VECTORS_SINGLE];

#pragma GCC unroll 8
      for (int v = 0; v < vectors; v++)
        value[v] = load (tap + v * LANES, mask, masked);
#pragma GCC unroll 4
      for (int r = low; r <= high; r++)
        {
          __m256 weight = _mm256_broadcast_ss (weights + b - (r - low) * c->kw);

#pragma GCC unroll 8
          for (int v = 0; v < vectors; v++)
            sum[r][v] = _mm256_fmadd_ps (weight, value[v], sum[r][v]);
        }
    }
}

/* Computes `rows` (ROWS or 1) rows by `vectors` vectors of the result. */
INLINE void
block (const CnCorrelation *c, const float *src, float *dst, int rows, int vectors, gsize lanes,
       gboolean masked, gboolean stream)
{
  __m256 sum[ROWS][VECTORS_SINGLE];
  __m256i mask = mask_for (lanes);

#pragma GCC unroll 4
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 8
    for (int v = 0; v < vectors; v++)
      sum[r][v] = c->accumulate ? load (dst + r * c->dst_row + v * LANES, mask, masked)
                                : _mm256_set1_ps (c->bias);

#pragma GCC unroll 4
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 8
    for (int v = 0; v < vectors; v++)
      _mm_prefetch (src + (c->kh - 1 + r) * c->src_row + v * LANES + AHEAD, _MM_HINT_T0);

  for (int a = 0; a < c->kh + rows - 1; a++)
    {
      /* Input row a is row a − r of the kernel for row r of the result. */
      int low = MAX (0, a - c->kh + 1), high = MIN (rows - 1, a);
      const float *line = src + a * c->src_row;
      const float *weights = c->weights + (a - low) * c->kw;

#define SPAN(l, h)                                                      \
  case l *ROWS + h:                                                     \
    add_input_row (sum, c, line, weights, l, h, vectors, mask, masked); \
    break
      if (rows == 1)
        add_input_row (sum, c, line, weights, 0, 0, vectors, mask, masked);
      else
        switch (low * ROWS + high)
          {
            SPAN (0, 0);
            SPAN (0, 1);
            SPAN (0, 2);
            SPAN (0, 3);
            SPAN (1, 1);
            SPAN (1, 2);
            SPAN (1, 3);
            SPAN (2, 2);
            SPAN (2, 3);
            SPAN (3, 3);
          default:
            g_assert_not_reached ();
          }
#undef SPAN
    }

#pragma GCC unroll 4
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 8
    for (int v = 0; v < vectors; v++)
      {
        float *to = dst + r * c->dst_row + v * LANES;

        if (masked)
          _mm256_maskstore_ps (to, mask, sum[r][v]);
        else if (stream)
          _mm256_stream_ps (to, sum[r][v]);
        else
          _mm256_storeu_ps (to, sum[r][v]);
      }
}

/* A group of rows, from left to right: full blocks, single vectors, and the rest of a vector. With
   `stream` the samples before the first whole cache line come first. */
INLINE void
sweep (const CnCorrelation *c, const float *src, float *dst, int rows, int vectors, gboolean stream)
{
  gsize head = stream ? MIN (cn_floats_to_line (dst), c->n) : 0, i = 0;

  for (; i + LANES <= head; i += LANES)
    block (c, src + i, dst + i, rows, 1, LANES, FALSE, FALSE);
  if (i < head)
    block (c, src + i, dst + i, rows, 1, head - i, TRUE, FALSE);
  for (i = head; i + vectors * LANES <= c->n; i += vectors * LANES)
    block (c, src + i, dst + i, rows, vectors, LANES, FALSE, stream);
  for (; i + LANES <= c->n; i += LANES)
    block (c, src + i, dst + i, rows, 1, LANES, FALSE, stream);
  if (i < c->n)
    block (c, src + i, dst + i, rows, 1, c->n - i, TRUE, FALSE);
}

INLINE void
groups (const CnCorrelation *c, gboolean stream)
{
  int row = 0;

  for (; row + ROWS <= c->rows; row += ROWS)
    sweep (c, c->src + row * c->src_row, c->dst + row * c->dst_row, ROWS, VECTORS, stream);
  for (; row < c->rows; row++)
    sweep (c, c->src + row * c->src_row, c->dst + row * c->dst_row, 1, VECTORS_SINGLE, stream);
}

static void
correlate (const CnCorrelation *c)
{
  /* The rows of a group begin at the same place of a cache line, or there is no streaming. */
  if (c->stream && c->dst_row % CN_LINE_FLOATS == 0)
    {
      groups (c, TRUE);
      _mm_sfence ();
    }
  else
    groups (c, FALSE);
}

void
cn_correlate_init_avx2 (CnPrimitives *table)
{
  table->correlate = correlate;
}
