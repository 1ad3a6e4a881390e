/* multiply-pixels.c: the product of matrices for pixels, for AVX2 and FMA and for AVX-512.
 *
 * Factors mostly repeat after a turn of one to three vectors. Some rows are summed by six vectors,
 * and one or two of AVX-512 by twelve: a vector of factors, once loaded, serves all turns of these,
 * and one of the lines all rows. The columns that remain are summed by three vectors, and one by
 * one. SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/primitives.h"
#include "filters/primitives/x86/vector.h"

#define ROWS (LANES / 4)
#define VECTORS 12 /* at most */

/* A turn that no block takes twice: factors for each vector. */
#define NO_TURN 6

/* Adds `terms` terms, whose factors are from `a` on, to the sums of `rows` rows by `vectors`
   vectors, of the last of which `mask` says what counts if `masked`; if `partly`, with zeros for
   samples that are not `kept`. Factors repeat after `turn` vectors. */
INLINE void
add_terms (Vector sum[ROWS][VECTORS], const CnPixelProduct *p, const float *a, const float *b,
           const gsize *offsets, int terms, int rows, int vectors, int turn, Mask mask,
           gboolean masked, gboolean partly, const int *kept)
{
  const gsize next = cn_factor_step (p->samples);
  int step = MIN (turn, vectors);

  for (int k = 0; k < terms; k++, a += next)
    {
      const float *line = b + offsets[k];

      /* AVX2 has no registers for these masks: out of the loop GCC would keep sums in memory. */
      if (partly && LANES == 8)
        __asm__("" : "+r"(kept));
#pragma GCC unroll 6
      for (int j = 0; j < step; j++)
        {
          Vector factor[ROWS];

#pragma GCC unroll 4
          for (int r = 0; r < rows; r++)
            factor[r] = load (a + r * p->a_row + j * LANES);
#pragma GCC unroll 12
          for (int v = j; v < vectors; v += step)
            {
              Vector value = load_one_of (line, v, vectors, mask, masked);

              if (partly)
                value = keep (mask_of (kept + j * LANES), value);
#pragma GCC unroll 4
              for (int r = 0; r < rows; r++)
                sum[r][v] = multiply_add (factor[r], value, sum[r][v]);
            }
        }
    }
}

/* Likewise, from term `first` on, and the last `some` of them partly. */
INLINE void
add_all (Vector sum[ROWS][VECTORS], const CnPixelProduct *p, const float *a, const float *b,
         int first, int terms, int some, int rows, int vectors, int turn, Mask mask,
         gboolean masked, const int *kept)
{
  const gsize *offsets = p->offsets + first;
  int whole = terms - some;

  a += (gsize) first * cn_factor_step (p->samples);
  add_terms (sum, p, a, b, offsets, whole, rows, vectors, turn, mask, masked, FALSE, kept);
  if (some > 0)
    add_terms (sum, p, a + (gsize) whole * cn_factor_step (p->samples), b, offsets + whole, some,
               rows, vectors, turn, mask, masked, TRUE, kept);
}

/* Where a row's sums have come to: the column, and its sample of a pixel. */
typedef struct
{
  gsize column;
  guint sample;
} Place;

/* A block of the result, after which `place` is behind it. With `stream` it begins at a multiple of
   a vector's size. */
INLINE void
block (const CnPixelProduct *p, int row, Place *place, int rows, int vectors, int turn, Mask mask,
       gboolean masked, gboolean stream)
{
  Vector sum[ROWS][VECTORS];
  const float *a = p->a + row * p->a_row + place->sample, *b = p->b + place->column;
  float *dst = p->dst + row * p->dst_row + place->column;
  const int *kept = p->kept + place->sample;
  int step = MIN (turn, vectors);

#pragma GCC unroll 4
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 12
    for (int v = 0; v < vectors; v++)
      sum[r][v] = load (p->bias + place->sample + (v % step) * LANES);
  add_all (sum, p, a, b, 0, p->terms, p->some, rows, vectors, turn, mask, masked, kept);
  switch (p->more > 0 ? MIN (p->more_rows - row, rows) : 0)
    {
#define CASE(n)                                                                               \
  case n:                                                                                     \
    if (n <= rows)                                                                            \
      add_all (sum, p, a, b, p->terms, p->more, p->more_some, n, vectors, turn, mask, masked, \
               kept);                                                                         \
    break
      CASE (1);
      CASE (2);
#if LANES == 16
      CASE (3);
      CASE (4);
#endif
#undef CASE
    default:
      break;
    }
#pragma GCC unroll 4
  for (int r = 0; r < rows; r++)
    if (stream)
#pragma GCC unroll 12
      for (int v = 0; v < vectors; v++)
        store_past (dst + r * p->dst_row + v * LANES, sum[r][v]);
    else
#pragma GCC unroll 12
      for (int v = 0; v < vectors; v++)
        store_one_of (dst + r * p->dst_row, v, vectors, mask, masked, FALSE, sum[r][v]);
  place->column += (gsize) vectors * LANES;
  if (vectors % turn != 0 || turn == NO_TURN)
    place->sample = (place->sample + vectors * LANES) % (guint) p->samples;
}

/* `rows` rows, most of them by `most` vectors. With streaming, what is before the first whole cache
   line comes first. What the next call reads is fetched evenly: asked for at once, it would wait,
   and what is to be written past the cache behind it. */
INLINE void
sweep (const CnPixelProduct *p, int row, int rows, int most, int turn)
{
  const Mask all = mask_between (0, LANES);
  gboolean stream = p->stream && (rows == 1 || p->dst_row % CN_LINE_FLOATS == 0);
  gsize begin = stream ? MIN (cn_floats_to_line (p->dst + row * p->dst_row), p->n) : 0;
  Place place = { 0, 0 };
  const gsize step = row == 0 ? p->next_floats * (guint) (most * LANES) / MAX (p->n, 1) : 0;
  const float *next = p->next;

  while (place.column < begin)
    block (p, row, &place, rows, 1, turn, mask_between (0, (gssize) (begin - place.column)), TRUE,
           FALSE);
  place = (Place){ begin, (guint) begin % (guint) p->samples };
  while (place.column + most * LANES <= p->n)
    {
      for (gsize i = 0; i < step; i += CN_LINE_FLOATS, next += CN_LINE_FLOATS)
        _mm_prefetch (next, _MM_HINT_T0);
      block (p, row, &place, rows, most, turn, all, FALSE, stream);
    }
  while (place.column + 3 * LANES <= p->n)
    block (p, row, &place, rows, 3, turn, all, FALSE, FALSE);
  while (place.column + LANES <= p->n)
    block (p, row, &place, rows, 1, turn, all, FALSE, FALSE);
  if (place.column < p->n)
    block (p, row, &place, rows, 1, turn, mask_between (0, (gssize) (p->n - place.column)), TRUE,
           FALSE);
}

INLINE void
multiply_turns (const CnPixelProduct *p, int turn)
{
  const int few = turn == NO_TURN || LANES == 8 ? 6 : 12;
  int row = 0;

  for (; row + ROWS <= p->rows; row += ROWS)
    sweep (p, row, ROWS, 6, turn);
  switch (p->rows - row)
    {
#if LANES == 16
    case 3:
      sweep (p, row, 3, 6, turn);
      break;
    case 2:
      sweep (p, row, 2, few, turn);
      break;
#endif
    case 1:
      sweep (p, row, 1, few, turn);
      break;
    default:
      break;
    }
}

static void
multiply_pixels (const CnPixelProduct *p)
{
  if (LANES % p->samples == 0)
    multiply_turns (p, 1);
#if LANES == 8
  else if (2 * LANES % p->samples == 0)
    multiply_turns (p, 2);
#endif
  else if (3 * LANES % p->samples == 0)
    multiply_turns (p, 3);
  else
    multiply_turns (p, NO_TURN);
}

void
LEVEL (cn_multiply_pixels_init) (CnPrimitives *table)
{
  table->multiply_pixels = multiply_pixels;
}
