/* transpose-avx512.c: rows to columns for AVX-512, sixteen by sixteen.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/primitives.h"
#include "filters/primitives/x86/vector.h"

/* The quarters of four rows, four apart: rows y, y + 4, y + 8 and y + 12 become registers that hold
   the same quarter of each. */
INLINE void
gather_quarters (const float *src, gsize src_row, int y, __m512 quarter[4])
{
  __m512 a = _mm512_loadu_ps (src + y * src_row), b = _mm512_loadu_ps (src + (y + 4) * src_row);
  __m512 c = _mm512_loadu_ps (src + (y + 8) * src_row);
  __m512 d = _mm512_loadu_ps (src + (y + 12) * src_row);
  __m512 ab_low = _mm512_shuffle_f32x4 (a, b, 0x44), ab_high = _mm512_shuffle_f32x4 (a, b, 0xee);
  __m512 cd_low = _mm512_shuffle_f32x4 (c, d, 0x44), cd_high = _mm512_shuffle_f32x4 (c, d, 0xee);

  quarter[0] = _mm512_shuffle_f32x4 (ab_low, cd_low, 0x88);
  quarter[1] = _mm512_shuffle_f32x4 (ab_low, cd_low, 0xdd);
  quarter[2] = _mm512_shuffle_f32x4 (ab_high, cd_high, 0x88);
  quarter[3] = _mm512_shuffle_f32x4 (ab_high, cd_high, 0xdd);
}

/* Each quarter of rows 0 … 3 beside those of rows 4 … 7, 8 … 11, 12 … 15 is turned in its place. */
INLINE void
square (const float *src, gsize src_row, float *dst, gsize dst_row, gboolean stream)
{
  __m512 row[4][4];

#pragma GCC unroll 4
  for (int y = 0; y < 4; y++)
    gather_quarters (src, src_row, y, row[y]);
#pragma GCC unroll 4
  for (int q = 0; q < 4; q++)
    {
      __m512 a = _mm512_unpacklo_ps (row[0][q], row[1][q]);
      __m512 b = _mm512_unpackhi_ps (row[0][q], row[1][q]);
      __m512 c = _mm512_unpacklo_ps (row[2][q], row[3][q]);
      __m512 d = _mm512_unpackhi_ps (row[2][q], row[3][q]);
      float *to = dst + 4 * q * dst_row;

      store_as (to, _mm512_shuffle_ps (a, c, 0x44), stream);
      store_as (to + dst_row, _mm512_shuffle_ps (a, c, 0xee), stream);
      store_as (to + 2 * dst_row, _mm512_shuffle_ps (b, d, 0x44), stream);
      store_as (to + 3 * dst_row, _mm512_shuffle_ps (b, d, 0xee), stream);
    }
}

/* All whole squares. */
INLINE void
squares (const CnTransposition *t, gsize rows, gsize columns, gboolean stream)
{
  for (gsize y = 0; y < rows; y += LANES)
    for (gsize x = 0; x < columns; x += LANES)
      {
        const float *src = t->src + y * t->src_row + x;
        float *dst = t->dst + x * t->dst_row + y;

        for (int i = 0; i < LANES && t->ahead > 0; i++)
          _mm_prefetch (src + i * t->src_row + t->ahead, _MM_HINT_T0);
        for (int i = 0; i < LANES && t->dst_ahead > 0 && !stream; i++)
          __builtin_prefetch (dst + i * t->dst_row + t->dst_ahead, 1);
        square (src, t->src_row, dst, t->dst_row, stream);
      }
}

static void
transpose (const CnTransposition *t)
{
  const CnPrimitives *less = cn_primitives_for (CN_CPU_AVX2);
  gsize rows = t->rows / LANES * LANES, columns = t->columns / LANES * LANES;
  CnTransposition right = *t, below = *t;

  if (t->stream && t->dst_row % CN_LINE_FLOATS == 0 && cn_floats_to_line (t->dst) == 0)
    squares (t, rows, columns, TRUE);
  else
    squares (t, rows, columns, FALSE);
  if (columns < t->columns && rows > 0)
    {
      right.src += columns;
      right.dst += columns * t->dst_row;
      right.columns -= columns;
      right.rows = rows;
      less->transpose (&right);
    }
  if (rows < t->rows)
    {
      below.src += rows * t->src_row;
      below.dst += rows;
      below.rows -= rows;
      less->transpose (&below);
    }
}

void
cn_transpose_init_avx512 (CnPrimitives *table)
{
  table->transpose = transpose;
}
