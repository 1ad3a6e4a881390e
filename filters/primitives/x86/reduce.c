/* reduce.c: maxima, minima and sums of windows, for AVX2 and AVX-512.
 *
 * Pixels that lie without gaps are one long line, and a vector holds the samples of one tap. By
 * steps of 2, the columns of two taps are reduced as they lie, and taken apart then; of three taps
 * the third is the next window's first. Larger pixels with gaps are a line each; smaller ones have
 * a file of their own. All orders are the scalar one's: so are the bits.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/x86/reduce.h"

#include "filters/primitives/x86/vector.h"

#define VECTORS 4 /* at a time */

/* max (sample, so far) keeps what there is when the two are equal or one is NaN; a NaN sample is
   put back. */
INLINE Vector
join (CnReduce kind, Vector so_far, Vector sample)
{
#ifdef __AVX512F__
  Mask number;
#else
  Vector joined;
#endif

  if (is_sum (kind))
    return add (so_far, sample);
#ifdef __AVX512F__
  number = _mm512_cmp_ps_mask (sample, sample, _CMP_ORD_Q);
  return kind == CN_REDUCE_MAX ? _mm512_mask_max_ps (sample, number, sample, so_far)
                               : _mm512_mask_min_ps (sample, number, sample, so_far);
#else
  joined = kind == CN_REDUCE_MAX ? _mm256_max_ps (sample, so_far) : _mm256_min_ps (sample, so_far);
  return _mm256_blendv_ps (joined, sample, _mm256_cmp_ps (sample, sample, _CMP_UNORD_Q));
#endif
}

/* A tap of the window's rows. */
INLINE Vector
column (const CnReduction *r, CnReduce kind, int rows, const float *src, Mask mask, gboolean masked)
{
  Vector value = masked ? load_masked (src, mask) : load (src);

#pragma GCC unroll 3
  for (int k = 1; k < rows; k++)
    value =
        join (kind, value, masked ? load_masked (src + k * r->row, mask) : load (src + k * r->row));
  return value;
}

INLINE Vector
finish (const CnReduction *r, CnReduce kind, Vector value)
{
  return kind == CN_REDUCE_MEAN ? divide (value, all_lanes (r->divisor)) : value;
}

/* `vectors` vectors of a line; if `masked`, one, of which `mask` counts. */
INLINE void
line_block (const CnReduction *r, CnReduce kind, int rows, int taps, const float *src, float *dst,
            int vectors, Mask mask, gboolean masked, gboolean stream)
{
  Vector value[VECTORS];

#pragma GCC unroll 4
  for (int v = 0; v < vectors; v++)
    value[v] = column (r, kind, rows, src + v * LANES, mask, masked);
#pragma GCC unroll 3
  for (int k = 1; k < taps; k++)
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++)
      value[v] =
          join (kind, value[v], column (r, kind, rows, src + k * r->tap + v * LANES, mask, masked));
#pragma GCC unroll 4
  for (int v = 0; v < vectors; v++)
    store_one_of (dst, v, vectors, mask, masked, stream, finish (r, kind, value[v]));
}

/* `n` results, a vector at most, from every second sample. The last float that a tap by itself
   sees is the last but one of two vectors. */
INLINE void
second_block (const CnReduction *r, CnReduce kind, int rows, int taps, const float *src, float *dst,
              gsize n)
{
  Vector value = all_lanes (0);

#pragma GCC unroll 2
  for (int k = 0; k < taps; k += 2)
    {
      gboolean two = k + 1 < taps, whole = n == LANES && two;
      gssize floats = (gssize) (2 * n) - !two;
      Vector low = column (r, kind, rows, src + k, mask_between (0, floats), n < LANES);
      Vector high =
          column (r, kind, rows, src + k + LANES, mask_between (0, floats - LANES), !whole);
      Vector even = every_second (low, high, FALSE, 1);

      value = k == 0 ? even : join (kind, value, even);
      if (two)
        value = join (kind, value, every_second (low, high, TRUE, 1));
    }
  value = finish (r, kind, value);
  if (n == LANES)
    store (dst, value);
  else
    store_masked (dst, mask_between (0, (gssize) n), value);
}

/* `floats` floats are asked for, of those rows that this call does not read. */
INLINE void
ask_ahead (const CnReduction *r, int rows, const float *src, int floats)
{
#pragma GCC unroll 3
  for (int k = 0; k < rows; k++)
    if (r->ahead > 0 && k * r->row + r->ahead >= rows * r->row)
#pragma GCC unroll 4
      for (int i = 0; i < floats; i += CN_LINE_FLOATS)
        _mm_prefetch ((const char *) (src + k * r->row + r->ahead + i), _MM_HINT_T0);
}

/* Fewer than VECTORS vectors of a line. */
INLINE void
line_rest (const CnReduction *r, CnReduce kind, int rows, int taps, const float *src, float *dst,
           gsize n)
{
  gsize i = 0;

  for (; i + LANES <= n; i += LANES)
    line_block (r, kind, rows, taps, src + i, dst + i, 1, mask_between (0, LANES), FALSE, FALSE);
  if (i < n)
    line_block (r, kind, rows, taps, src + i, dst + i, 1, mask_between (0, (gssize) (n - i)), TRUE,
                FALSE);
}

/* `n` samples that follow each other. With `stream` whole cache lines go past the cache, and
   nothing else: a line that is also written in the usual way would be fetched, and thrown out of
   the cache again. */
INLINE void
reduce_line (const CnReduction *r, CnReduce kind, int rows, int taps, const float *src, float *dst,
             gsize n)
{
  const Mask all = mask_between (0, LANES);
  gsize i = r->stream ? MIN (cn_floats_to_line (dst), n) : 0;

  line_rest (r, kind, rows, taps, src, dst, i);
  for (; i + VECTORS * LANES <= n; i += VECTORS * LANES)
    {
      ask_ahead (r, rows, src + i, VECTORS * LANES);
      line_block (r, kind, rows, taps, src + i, dst + i, VECTORS, all, FALSE, r->stream);
    }
  line_rest (r, kind, rows, taps, src + i, dst + i, n - i);
}

/* Columns of an even and an odd tap of a vector of results: pixels of 1, 2 or 4 floats. */
INLINE void
two_taps (const CnReduction *r, CnReduce kind, int rows, int pixel, const float *src, Vector *even,
          Vector *odd)
{
  Vector low, high;

  ask_ahead (r, rows, src, 2 * LANES);
  low = column (r, kind, rows, src, mask_between (0, LANES), FALSE);
  high = column (r, kind, rows, src + LANES, mask_between (0, LANES), FALSE);
  *even = every_second (low, high, FALSE, pixel);
  *odd = every_second (low, high, TRUE, pixel);
}

/* The same windows of three taps: the third one's column is the next result's first. Returns how
   many pixels are made, from the first on: those of whole vectors, but for the last one. */
INLINE gsize
reduce_threes (const CnReduction *r, CnReduce kind, int rows, int pixel, gboolean stream)
{
  const gsize step = LANES / pixel;
  const float *src = r->src;
  float *dst = r->dst;
  gsize x = 0;
  Vector even, odd;

  if (r->n < 2 * step)
    return 0;
  two_taps (r, kind, rows, pixel, src, &even, &odd);
  for (; x + 2 * step <= r->n; x += step, dst += LANES)
    {
      Vector next_even, next_odd, value = join (kind, even, odd);

      src += 2 * LANES;
      two_taps (r, kind, rows, pixel, src, &next_even, &next_odd);
      value = join (kind, value, shifted (even, next_even, pixel));
      store_as (dst, finish (r, kind, value), stream);
      even = next_even;
      odd = next_odd;
    }
  return x;
}

INLINE void
reduce_seconds (const CnReduction *r, CnReduce kind, int rows, int taps)
{
  gsize i = 0;

  for (; i + LANES <= r->n; i += LANES)
    {
      ask_ahead (r, rows, r->src + 2 * i, 2 * LANES);
      second_block (r, kind, rows, taps, r->src + 2 * i, r->dst + i, LANES);
    }
  if (i < r->n)
    second_block (r, kind, rows, taps, r->src + 2 * i, r->dst + i, r->n - i);
}

INLINE void
reduce_windows (const CnReduction *r, CnReduce kind, int rows, int taps)
{
  if (r->step == (gsize) r->pixel)
    reduce_line (r, kind, rows, taps, r->src, r->dst, r->n * r->pixel);
  else if (r->pixel == 1)
    reduce_seconds (r, kind, rows, taps);
  else
    for (gsize x = 0; x < r->n; x++)
      reduce_line (r, kind, rows, taps, r->src + x * r->step, r->dst + x * r->pixel, r->pixel);
}

/* Rows of single floats from which on they are worth it, with AVX-512 only. */
#define THREES_LEAST 128

/* Whether windows are better reduced as threes. Milliseconds else and so, 3×3/2, 4096×3072, a Zen
   5: maxima of RGBA 8.7 and 6.5, of two channels 5.2 and 3.3, of one 2.4 and 1.7 (AVX-512);
   averages 6.7 and 7.6, 5.1 and 3.6, 2.7 and 1.8; with AVX2 maxima 8.3 and 6.5, 5.3 and 3.5, 1.6
   and 1.8. */
static gboolean
are_threes (const CnReduction *r)
{
  if (r->taps != 3 || r->tap != (gsize) r->pixel || r->step != 2 * r->tap)
    return FALSE;
  return r->pixel == 1 ? LANES == 16 && r->n >= THREES_LEAST
                       : r->pixel == 2 || (r->pixel == 4 && !is_sum (r->kind));
}

INLINE gsize
reduce_pixels (const CnReduction *r, CnReduce kind, int rows, int pixel)
{
  return r->stream ? reduce_threes (r, kind, rows, pixel, TRUE)
                   : reduce_threes (r, kind, rows, pixel, FALSE);
}

INLINE gsize
reduce_rows (const CnReduction *r, CnReduce kind, int rows)
{
  return r->pixel == 1   ? reduce_pixels (r, kind, rows, 1)
         : r->pixel == 2 ? reduce_pixels (r, kind, rows, 2)
                         : reduce_pixels (r, kind, rows, 4);
}

/* Pixels `from` … end − 1 of the result, within the cache. */
INLINE void
reduce_some (const CnReduction *r, CnReduce kind, gsize from, gsize end)
{
  CnReduction some = *r;

  some.src += from * r->step;
  some.dst += from * r->pixel;
  some.n = end - from;
  some.stream = FALSE;
  if (r->pixel == 1)
    reduce_seconds (&some, kind, r->rows, 3);
  else
    cn_reduce_pixels_avx2 (&some);
}

/* With `stream` the whole vectors begin where a cache line does. */
INLINE void
reduce_all_threes (const CnReduction *r, CnReduce kind)
{
  gsize floats = r->stream ? cn_floats_to_line (r->dst) : 0, begin;
  CnReduction whole = *r;

  whole.stream = r->stream && floats % r->pixel == 0;
  begin = whole.stream ? MIN (floats / r->pixel, r->n) : 0;
  reduce_some (r, kind, 0, begin);
  whole.src += begin * r->step;
  whole.dst += begin * r->pixel;
  whole.n -= begin;
  begin += r->rows == 3 ? reduce_rows (&whole, kind, 3) : reduce_rows (&whole, kind, r->rows);
  reduce_some (r, kind, begin, r->n);
}

/* The usual windows have code of their own. */
INLINE void
reduce_kind (const CnReduction *reduction, CnReduce kind)
{
  const CnReduction r = *reduction; /* what no store can change */

  if (are_threes (&r))
    reduce_all_threes (&r, kind);
  else if (r.rows == 3 && r.taps == 3)
    reduce_windows (&r, kind, 3, 3);
  else if (r.rows == 2 && r.taps == 2)
    reduce_windows (&r, kind, 2, 2);
  else
    reduce_windows (&r, kind, r.rows, r.taps);
}

/* Whether AVX2's vectors are better: sums of rows that go past the cache, which AVX-512's loads,
   nearly all of them across cache lines, keep memory waiting for. Averages of 3×3, 4096×3072, a Zen
   5, AVX-512 and AVX2: RGBA 18.4 and 11.7 ms, RGB 15.4 and 9.1, gray 4.3 and 3.2; maxima are as
   fast with either. */
static gboolean
are_narrow (const CnReduction *r)
{
  return LANES == 16 && r->stream && is_sum (r->kind) && r->rows > 1 && r->step == (gsize) r->pixel;
}

static void
reduce (const CnReduction *r)
{
  gboolean seconds = r->pixel == 1 && r->step == 2 && r->tap == 1;

  if (are_narrow (r))
    {
      cn_primitives_for (CN_CPU_AVX2)->reduce (r);
      return;
    }
  if (r->step != (gsize) r->pixel && r->pixel <= 4 && !seconds && !are_threes (r))
    {
      cn_reduce_pixels_avx2 (r);
      return;
    }
  CN_REDUCE_BY_KIND (r)
}

void
LEVEL (cn_reduce_init) (CnPrimitives *table)
{
  table->reduce = reduce;
}
