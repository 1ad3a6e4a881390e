/* multiply-phases.c: the sums of a transposed convolution's four phases, for AVX2 and FMA and for
 * AVX-512.
 *
 * All four sums of some vectors are in registers, so that a sample that has been loaded serves all
 * phases, and a channel's samples, which its terms share, are in the first-level cache. Sums are
 * woven a block later: what goes past the cache is written while the next block is summed.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/primitives.h"
#include "filters/primitives/x86/vector.h"
#include "filters/primitives/x86/weave.h"

#define SUMS 4
#define VECTORS (LANES == 16 ? 6 : 3) /* at a time: whole turns of weave.h */
#define VECTORS_MAX 6
#define BLOCK (VECTORS * LANES)

/* A block of sums, after the last floats of the block before it, as rows of the result that begin
   at a cache line may begin there; FRONT is whole pixels, and loads may reach beyond the end. */
#define FRONT 48
#define LAST CN_LINE_FLOATS

typedef float Block[SUMS][FRONT + BLOCK + LANES];

/* Adds `terms` terms to sums 0, step, … of `sums`; the factors after them. Four terms that
   follow each other are mostly shifted views of a row: they ask for the lines that lie `ahead`. */
INLINE const float *
add_terms (Vector sum[SUMS][VECTORS_MAX], const float *a, const float *b, const gsize *offsets,
           int terms, int sums, int step, int vectors, Mask mask, gboolean masked, gsize ahead)
{
  for (int k = 0; k < terms; k++, a += sums)
    {
      const float *line = b + offsets[k];
      Vector value[VECTORS_MAX];

      /* One address, as in multiply.c. */
      __asm__("" : "+r"(line));
#pragma GCC unroll 6
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
      for (int r = 0; r < sums; r++)
        {
          Vector factor = all_lanes (a[r]);

#pragma GCC unroll 6
          for (int v = 0; v < vectors; v++)
            sum[r * step][v] = multiply_add (factor, value[v], sum[r * step][v]);
        }
    }
  return a;
}

/* `vectors` vectors of all sums from `column` on, which is number `at` of a block; if `masked`,
   `mask` says what counts of the last. What is last in a block goes to the next one, too. */
INLINE void
add_all (const CnPhaseProduct *p, gsize column, int at, int vectors, Mask mask, gboolean masked,
         Block block, Block next)
{
  Vector sum[SUMS][VECTORS_MAX];
  const float *a = p->a, *b = p->b + column;
  const gsize *offsets = p->offsets;

#pragma GCC unroll 4
  for (int r = 0; r < SUMS; r++)
#pragma GCC unroll 6
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
  for (int r = 0; r < SUMS; r++)
#pragma GCC unroll 6
    for (int v = 0; v < vectors; v++)
      {
        int to = at + v * LANES;

        store (block[r] + FRONT + to, sum[r][v]);
        if (to >= BLOCK - LAST)
          store (next[r] + FRONT - BLOCK + to, sum[r][v]);
      }
}

/* The block from `column` on, of `columns` in all. A function of its own: among all others'
   registers do not suffice. */
static __attribute__ ((noinline)) void
add_block (const CnPhaseProduct *p, gsize column, gsize columns, Block block, Block next)
{
  const gssize left = (gssize) (columns - column);

  if (left >= BLOCK)
    add_all (p, column, 0, VECTORS, mask_between (0, LANES), FALSE, block, next);
  else
    for (int at = 0; at < left; at += LANES)
      add_all (p, column + at, at, 1, mask_between (0, left - at), TRUE, block, next);
}

/* A row of the result: its sums are woven from `lag` floats before each block on. */
typedef struct
{
  float *dst;
  gsize n;
  gssize at; /* where in the row the next block's begin */
  WeaveTurn turn;
} Row;

INLINE void
begin_row (Row *row, const CnPhaseProduct *p, float *dst, guint pixel)
{
  gsize lag =
      p->stream ? (2 * CN_LINE_FLOATS - cn_floats_to_line (dst) - p->skipped) % CN_LINE_FLOATS : 0;

  row->dst = dst;
  row->n = p->n;
  row->at = -(gssize) (lag + p->skipped);
  weave_begin (&row->turn, 2 * FRONT - (guint) lag, pixel);
}

/* Writes what the block's two sums make of a row. */
INLINE void
weave_row (Row *row, const float *first, const float *second, int turn, gboolean stream)
{
  float *dst = row->dst + row->at;
  const gssize before = -row->at, left = (gssize) row->n - row->at;

  if (before <= 0 && left >= 2 * BLOCK)
#pragma GCC unroll 12
    for (int v = 0; v < 2 * VECTORS; v++)
      store_as (dst + v * LANES, weave_vector (&row->turn, v, turn, first, second), stream);
  else
    for (int v = 0; v < 2 * VECTORS; v++)
      {
        const gssize from = before - v * LANES, to = left - v * LANES;

        if (from <= 0 && to >= LANES)
          store_as (dst + v * LANES, weave_vector (&row->turn, v, turn, first, second), stream);
        else if (from < LANES && to > 0)
          store_masked (dst + v * LANES, mask_between (from, to),
                        weave_vector (&row->turn, v, turn, first, second));
      }
  row->at += 2 * BLOCK;
}

/* Blocks are three: one that is summed, the one before it, which is woven meanwhile, and what the
   former leaves to the next one. */
#define BLOCKS 3

INLINE void
run (const CnPhaseProduct *p, guint pixel, gboolean stream)
{
  const gsize columns = (p->skipped + p->n + 2 * pixel - 1) / (2 * pixel) * pixel;
  Block blocks[BLOCKS] __attribute__ ((aligned (CN_LINE_FLOATS * sizeof (float))));
  Row rows[2];
  gboolean more = TRUE;

  for (int y = 0; y < 2; y++)
    if (p->dst[y])
      begin_row (&rows[y], p, p->dst[y], pixel);
  for (gsize i = 0; more; i++)
    {
      if (p->next)
        for (gsize at = 0; at < BLOCK; at += CN_LINE_FLOATS)
          _mm_prefetch (p->next + i * BLOCK + at, _MM_HINT_T0);
      if (i * BLOCK < columns)
        add_block (p, i * BLOCK, columns, blocks[i % BLOCKS], blocks[(i + 1) % BLOCKS]);
      if (i == 0)
        continue;
      more = FALSE;
      for (int y = 0; y < 2; y++)
        if (p->dst[y])
          {
            weave_row (&rows[y], blocks[(i - 1) % BLOCKS][2 * y],
                       blocks[(i - 1) % BLOCKS][2 * y + 1], weave_turn_of ((int) pixel), stream);
            more |= rows[y].at < (gssize) p->n;
          }
    }
}

static void
multiply_phases (const CnPhaseProduct *p)
{
  switch (p->pixel * 2 + (p->stream ? 1 : 0))
    {
#define CASE(pixel)        \
  case (pixel) *2:         \
    run (p, pixel, FALSE); \
    break;                 \
  case (pixel) *2 + 1:     \
    run (p, pixel, TRUE);  \
    break
      CASE (1);
      CASE (2);
      CASE (3);
      CASE (4);
#undef CASE
    }
}

void
LEVEL (cn_multiply_phases_init) (CnPrimitives *table)
{
  table->multiply_phases = multiply_phases;
}
