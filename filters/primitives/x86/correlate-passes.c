/* correlate-passes.c: the two passes of a kernel that is a column times a row, for AVX2 and FMA,
 * and for AVX-512.
 *
 * Some rows of the input become lines, and columns of lines the result, a few samples at a time:
 * memory is read and written evenly while both are summed, and lines are read where they were just
 * written. In the first pass vectors slide along a row: what is loaded once is shuffled for every
 * tap, where loads across cache lines would set the pace.
 *
 * Milliseconds for 4096×3072 pixels with columns before rows, 512 samples at a time, without
 * sliding, and so (a Zen 5 on one thread): RGBA, 5×5, 7×7, 15×15 and 31×31, with AVX2 25.0, 28.0,
 * 58, 134 and 16.3, 20.0, 39, 80; with AVX-512 20.3, 22.5, 38, 82 and 14.3, 17.0, 29.3, 59; gray,
 * 5×5 and 15×15, with AVX2 5.7, 14.5 and 3.9, 10.7; with AVX-512 4.0, 11.1 and 3.4, 7.6.
 *
 * That the result waits before it goes past the cache, on a Zen 4 with AVX2, 3×3 and 5×5: RGBA
 * 18.9, 25.4 without and 17.5, 23.1 so, gray 5.5, 7.1 and 4.95, 6.1.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/x86/correlate.h"

/* Samples of all rows that go through both passes at a time. Milliseconds for 5×5, 7×7 and 15×15,
   RGBA, with 64, 128 and 256: AVX2 16.2, 20.0, 39, then 17.8, 21.5, 38, and 22.7, 25.0, 47;
   AVX-512 14.3, 17.0, 29.5, then 15.9, 17.8, 28.7, and 19.0, 20.7, 37. */
#define PART 64

/* Floats that the input is fetched ahead into the second-level cache, and AHEAD of its use into the
   first one: a core waits for few lines of the latter at a time. RGBA, 4096×3072, 3×3 and 5×5, on a
   Zen 4: AVX-512 21.7, 23.5 ms without and 19.0, 21.3 so, AVX2 22.4, 25.6 and 20.4, 25.6. */
#define FAR_AHEAD 1024

/* Taps that a slide adds, as many as there are registers for, and how far apart: those of
   interleaved pixels of up to four channels. */
#define TAPS (LANES == 16 ? 15 : 7)
#define TAPS_MAX 15
#define APART_MAX 4

/* Taps `first` … of each row, `taps` of them and `apart` apart, for the n samples from i on, whole
   cache lines of them. Every third tap is loaded, as shuffles are no more than one or two a cycle.
   With `more` sums go on from what stands in dst. Reads up to LANES − 1 floats beyond the last
   sample's taps. */
INLINE void
slide (const CnCorrelation *c, gsize i, gsize n, int first, int taps, int apart, gboolean more)
{
  const int ahead = ((taps - 1) * apart + LANES - 1) / LANES; /* vectors after the first */
  const gsize fetched = fetched_at (c, c->rows, i, AHEAD);
  const gsize far = fetched_at (c, c->rows, i, FAR_AHEAD);
  Vector weight[TAPS_MAX];

#pragma GCC unroll 16
  for (int b = 0; b < taps; b++)
    weight[b] = all_lanes (c->weights[first + b]);
  for (int r = 0; r < c->rows; r++)
    {
      const float *src = c->src + r * c->src_row + i + first * apart;
      float *dst = c->dst + r * c->dst_row + i;
      Vector window[TAPS_MAX];

#pragma GCC unroll 16
      for (int v = 0; v < ahead; v++)
        window[v] = load (src + v * LANES);
      for (const float *end = src + n; src < end; src += CN_LINE_FLOATS, dst += CN_LINE_FLOATS)
        {
          if (!more)
            {
              _mm_prefetch (src + fetched, _MM_HINT_T0);
              _mm_prefetch (src + far, _MM_HINT_T1);
            }
#pragma GCC unroll 2
          for (int k = 0; k < CN_LINE_FLOATS; k += LANES)
            {
              Vector sum = more ? load (dst + k) : all_lanes (c->bias);

              window[ahead] = load (src + k + ahead * LANES);
#pragma GCC unroll 16
              for (int b = 0; b < taps; b++)
                {
                  int at = b * apart / LANES, by = b * apart % LANES;
                  Vector value = by == 0      ? window[at]
                                 : b % 3 == 2 ? load (src + k + b * apart)
                                              : shifted (window[at], window[at + 1], by);

                  sum = multiply_add (weight[b], value, sum);
                }
              store (dst + k, sum);
#pragma GCC unroll 16
              for (int v = 0; v < ahead; v++)
                window[v] = window[v + 1];
            }
        }
    }
}

/* All taps, likewise: as often as it takes, as evenly as can be. Where it takes several times there
   are more than TAPS / 2 each time. */
static void
slide_all (const CnCorrelation *c, gsize i, gsize n, int apart)
{
  const int times = (c->kw - 1) / TAPS + 1;

  for (int t = 0, first = 0, end; t < times; t++, first = end)
    {
      end = c->kw * (t + 1) / times;
      switch (apart * (TAPS_MAX + 1) + end - first)
        {
#define CASE(a, taps)                        \
  case (a) * (TAPS_MAX + 1) + (taps):        \
    if (first == 0)                          \
      slide (c, i, n, 0, taps, a, FALSE);    \
    else if ((taps) > TAPS / 2)              \
      slide (c, i, n, first, taps, a, TRUE); \
    break;
#define CASES_TO_7(a) CASE (a, 2) CASE (a, 3) CASE (a, 4) CASE (a, 5) CASE (a, 6) CASE (a, 7)
#define CASES_TO_11(a) CASE (a, 8) CASE (a, 9) CASE (a, 10) CASE (a, 11)
#define CASES_TO_15(a) CASE (a, 12) CASE (a, 13) CASE (a, 14) CASE (a, 15)
#if LANES == 16
#define CASES(a) CASES_TO_7 (a) CASES_TO_11 (a) CASES_TO_15 (a)
#else
#define CASES(a) CASES_TO_7 (a)
#endif
          CASES (1)
          CASES (2)
          CASES (3)
          CASES (4)
#undef CASES
#undef CASES_TO_15
#undef CASES_TO_11
#undef CASES_TO_7
#undef CASE
        }
    }
}

/* How far apart the taps of a row lie, if a slide can add them; or 0. */
static int
apart_of (const CnCorrelation *c)
{
  gsize apart = c->kw > 1 ? c->offsets[1] : 0;

  if (apart < 1 || apart > APART_MAX || c->accumulate)
    return 0;
  for (int b = 0; b < c->kw; b++)
    if (c->offsets[b] != b * apart)
      return 0;
  return (int) apart;
}

/* Columns of lines from `src` on: a part of all rows. */
INLINE void
add_columns (const CnCorrelation *c, const float *src, float *dst, gboolean stream)
{
  const Mask all = mask_between (0, LANES);
  const int vectors = vectors_for (COLUMN), single = MIN (VECTORS_SINGLE, PART / LANES);
  int r = 0;

  for (; r + ROWS <= c->rows; r += ROWS)
    for (int k = 0; k < PART; k += vectors * LANES)
      block (c, COLUMN, src + r * c->src_row + k, dst + r * c->dst_row + k, 0, ROWS, vectors, all,
             FALSE, stream);
  for (; r < c->rows; r++)
    for (int k = 0; k < PART; k += single * LANES)
      block (c, COLUMN, src + r * c->src_row + k, dst + r * c->dst_row + k, 0, 1, single, all,
             FALSE, stream);
}

/* n samples from i on, one pass after the other. */
static void
one_by_one (CnCorrelation row, CnCorrelation column, gsize i, gsize n)
{
  row.src += i;
  row.dst += i;
  row.n = n;
  column.src += i;
  column.dst += i;
  column.n = n;
  LEVEL (cn_correlate) (&row);
  LEVEL (cn_correlate) (&column);
}

/* With `staged`, which streams, there are ROWS rows at most. */
INLINE void
passes (const CnCorrelation *row, const CnCorrelation *column, int apart, gboolean stream,
        gboolean staged)
{
  gsize n = column->n, i = stream ? MIN (cn_floats_to_line (column->dst), n) : 0;
  CnCorrelation to_stage = *column;
  Stage stage;

  one_by_one (*row, *column, 0, i);
  stage_begin (&stage, PART);
  to_stage.dst_row = PART;
  for (; i + PART + LANES <= n; i += PART)
    {
      slide_all (row, i, PART, apart);
      if (staged)
        {
          add_columns (&to_stage, column->src + i, stage.filling, FALSE);
          stage_turn (&stage, column->dst + i, column->dst_row, column->rows, PART);
        }
      else
        add_columns (column, column->src + i, column->dst + i, stream);
    }
  stage_pass_on (&stage, column->dst_row, column->rows, PART);
  one_by_one (*row, *column, i, n - i);
}

static void
correlate_passes (const CnCorrelation *row, const CnCorrelation *column)
{
  int apart = apart_of (row);
  gboolean stream = column->stream && column->dst_row % CN_LINE_FLOATS == 0;

  if (apart == 0 || column->kh < ROWS - 1)
    one_by_one (*row, *column, 0, column->n);
  else if (stream && STAGED && column->rows <= ROWS && !column->accumulate)
    passes (row, column, apart, TRUE, TRUE);
  else if (stream)
    passes (row, column, apart, TRUE, FALSE);
  else
    passes (row, column, apart, FALSE, FALSE);
}

void
LEVEL (cn_correlate_passes_init) (CnPrimitives *table)
{
  table->correlate_passes = correlate_passes;
}
