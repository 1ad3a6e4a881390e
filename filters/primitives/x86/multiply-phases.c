/* multiply-phases.c: the sums of a transposed convolution's four phases, for AVX2 and FMA and for
 * AVX-512.
 *
 * All four rows of some vectors are in registers, so that a sample that has been loaded serves all
 * phases, and a channel's samples, which its terms share, are in the first-level cache.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/primitives.h"
#include "filters/primitives/x86/vector.h"

#define ROWS 4
#define VECTORS (LANES == 16 ? 5 : 3) /* at a time */
#define VECTORS_MAX 5

/* Adds `terms` terms to rows 0, step, … of `rows` rows; the factors after them. Four terms that
   follow each other are mostly shifted views of a row: they ask for the lines that lie `ahead`. */
INLINE const float *
add_terms (Vector sum[ROWS][VECTORS_MAX], const float *a, const float *b, const gsize *offsets,
           int terms, int rows, int step, int vectors, Mask mask, gboolean masked, gsize ahead)
{
  for (int k = 0; k < terms; k++, a += rows)
    {
      const float *line = b + offsets[k];
      Vector value[VECTORS_MAX];

      /* One address, as in multiply.c. */
      __asm__("" : "+r"(line));
#pragma GCC unroll 5
      for (int v = 0; v < vectors; v++)
        value[v] = load_one_of (line, v, vectors, mask, masked);
      if (vectors == VECTORS && ahead > 0)
        {
          const float *next = line + ahead + k % 4 * 2 * CN_LINE_FLOATS;

          _mm_prefetch (next, _MM_HINT_T0);
          if (LANES == 16)
            _mm_prefetch (next + CN_LINE_FLOATS, _MM_HINT_T0);
        }
#pragma GCC unroll 4
      for (int r = 0; r < rows; r++)
        {
          Vector factor = all_lanes (a[r]);

#pragma GCC unroll 5
          for (int v = 0; v < vectors; v++)
            sum[r * step][v] = multiply_add (factor, value[v], sum[r * step][v]);
        }
    }
  return a;
}

/* All rows by `vectors` vectors; if `masked`, `mask` says what counts of the last. */
INLINE void
block (const CnPhaseProduct *p, gsize column, int vectors, Mask mask, gboolean masked)
{
  Vector sum[ROWS][VECTORS_MAX];
  const float *a = p->a, *b = p->b + column;
  const gsize *offsets = p->offsets;

#pragma GCC unroll 4
  for (int r = 0; r < ROWS; r++)
#pragma GCC unroll 5
    for (int v = 0; v < vectors; v++)
      sum[r][v] = all_lanes (p->bias);
  for (int turn = 0; turn < p->turns; turn++)
    {
      a = add_terms (sum, a, b, offsets, p->terms[0], 4, 1, vectors, mask, masked, p->ahead);
      offsets += p->terms[0];
      a = add_terms (sum, a, b, offsets, p->terms[1], 2, 2, vectors, mask, masked, 0);
      offsets += p->terms[1];
      a = add_terms (sum, a, b, offsets, p->terms[2], 2, 1, vectors, mask, masked, p->ahead);
      offsets += p->terms[2];
      a = add_terms (sum, a, b, offsets, p->terms[3], 1, 1, vectors, mask, masked, 0);
      offsets += p->terms[3];
    }
#pragma GCC unroll 4
  for (int r = 0; r < ROWS; r++)
#pragma GCC unroll 5
    for (int v = 0; v < vectors; v++)
      store_one_of (p->dst + r * p->dst_row + column, v, vectors, mask, masked, FALSE, sum[r][v]);
}

/* A function of its own: among all others' registers do not suffice. */
static __attribute__ ((noinline)) gsize
whole_blocks (const CnPhaseProduct *p)
{
  const gsize step = (gsize) VECTORS * LANES;
  gsize column = 0;

  for (; column + step <= p->n; column += step)
    block (p, column, VECTORS, mask_between (0, LANES), FALSE);
  return column;
}

static __attribute__ ((noinline)) gsize
pairs (const CnPhaseProduct *p, gsize column)
{
  for (; column + 2 * LANES <= p->n; column += 2 * LANES)
    block (p, column, 2, mask_between (0, LANES), FALSE);
  return column;
}

static void
multiply_phases (const CnPhaseProduct *p)
{
  gsize column = pairs (p, whole_blocks (p));

  for (; column < p->n; column += LANES)
    block (p, column, 1, mask_between (0, (gssize) (p->n - column)), TRUE);
}

void
LEVEL (cn_multiply_phases_init) (CnPrimitives *table)
{
  table->multiply_phases = multiply_phases;
}
