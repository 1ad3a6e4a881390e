/* multiply-pixels.c: the product of matrices for pixels, for AVX2 and FMA and for AVX-512.
 *
 * Factors repeat after a turn of three vectors or of one. Some rows are summed by six vectors, and
 * one or two of AVX-512 by twelve: a vector of factors, once loaded, serves all turns of these, and
 * one of the lines all rows. The columns that remain are summed by three vectors, and one by one.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/primitives.h"
#include "filters/primitives/x86/vector.h"

#define ROWS (LANES / 4)
#define VECTORS 12 /* at most */

/* Adds `terms` terms, whose factors are from `a` on, to the sums of `rows` rows by `vectors`
   vectors, of the last of which `mask` says what counts if `masked`. Factors repeat after `turn`
   vectors. */
INLINE void
add_terms (Vector sum[ROWS][VECTORS], const CnPixelProduct *p, const float *a, const float *b,
           const gsize *offsets, int terms, int rows, int vectors, int turn, Mask mask,
           gboolean masked)
{
  int step = MIN (turn, vectors);

  for (int k = 0; k < terms; k++, a += p->period)
    {
      const float *line = b + offsets[k];

#pragma GCC unroll 3
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

#pragma GCC unroll 4
              for (int r = 0; r < rows; r++)
                sum[r][v] = multiply_add (factor[r], value, sum[r][v]);
            }
        }
    }
}

/* A block of the result; a single vector may begin anywhere in a turn. */
INLINE void
block (const CnPixelProduct *p, int row, gsize column, int rows, int vectors, int turn, Mask mask,
       gboolean masked)
{
  Vector sum[ROWS][VECTORS];
  gsize at = column % ((gsize) turn * LANES);
  const float *a = p->a + row * p->a_row + at, *b = p->b + column;
  float *dst = p->dst + row * p->dst_row + column;
  int step = MIN (turn, vectors);

#pragma GCC unroll 4
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 12
    for (int v = 0; v < vectors; v++)
      sum[r][v] = load (p->bias + at + (gsize) (v % step) * LANES);
  add_terms (sum, p, a, b, p->offsets, p->terms, rows, vectors, turn, mask, masked);
  a += (gsize) p->terms * p->period;
  switch (p->more > 0 ? MIN (p->more_rows - row, rows) : 0)
    {
#define CASE(some)                                                                                 \
  case some:                                                                                       \
    if (some <= rows)                                                                              \
      add_terms (sum, p, a, b, p->offsets + p->terms, p->more, some, vectors, turn, mask, masked); \
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
#pragma GCC unroll 12
    for (int v = 0; v < vectors; v++)
      store_one_of (dst + r * p->dst_row, v, vectors, mask, masked, FALSE, sum[r][v]);
}

/* `rows` rows, most of them by `most` vectors. */
INLINE void
sweep (const CnPixelProduct *p, int row, int rows, int most, int turn)
{
  const Mask all = mask_between (0, LANES);
  gsize column = 0;

  for (; column + most * LANES <= p->n; column += most * LANES)
    block (p, row, column, rows, most, turn, all, FALSE);
  for (; column + 3 * LANES <= p->n; column += 3 * LANES)
    block (p, row, column, rows, 3, turn, all, FALSE);
  for (; column + LANES <= p->n; column += LANES)
    block (p, row, column, rows, 1, turn, all, FALSE);
  if (column < p->n)
    block (p, row, column, rows, 1, turn, mask_between (0, (gssize) (p->n - column)), TRUE);
}

INLINE void
multiply_turns (const CnPixelProduct *p, int turn)
{
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
      sweep (p, row, 2, 12, turn);
      break;
    case 1:
      sweep (p, row, 1, 12, turn);
      break;
#else
    case 1:
      sweep (p, row, 1, 6, turn);
      break;
#endif
    default:
      break;
    }
}

/* A period, which is of threes or of fours, is one turn of AVX-512's vectors, and two of AVX2's. */
static void
multiply_pixels (const CnPixelProduct *p)
{
  if (p->period == 48)
    multiply_turns (p, 3);
  else
    multiply_turns (p, 1);
}

void
LEVEL (cn_multiply_pixels_init) (CnPrimitives *table)
{
  table->multiply_pixels = multiply_pixels;
}
