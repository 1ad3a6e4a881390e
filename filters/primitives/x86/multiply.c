/* multiply.c: the product of matrices, for AVX2 and FMA and for AVX-512.
 *
 * Eight rows by three vectors are summed in 24 of AVX-512's 32 registers: for 24 multiply-adds, 12
 * cycles of two multipliers, 3 vectors (most of them across cache lines, when b is a shifted
 * picture), 8 single floats and an offset are loaded, which two load ports do in time. AVX2 has
 * half as many registers, for four rows. Few rows take more vectors, so that there are always sums
 * enough to hide a multiply-add's latency.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/primitives.h"
#include "filters/primitives/x86/vector.h"

#define ROWS (LANES / 2)
#define VECTORS 3 /* by ROWS rows */
#define VECTORS_MAX 8

/* Vectors by so many rows. With AVX2 two rows reach 81 GFLOP/s by six vectors, and 64 by three;
   with AVX-512 four rows reach 260 by five, and 200 by six, for which registers do not suffice. */
INLINE int
vectors_for (int rows)
{
  return rows == 1 ? 8 : rows == 2 ? 6 : LANES == 16 && rows <= 4 ? 5 : VECTORS;
}

/* What full blocks do besides; `lines` is a constant, so that each kind is a loop of its own. */
typedef struct
{
  gboolean stream; /* store past the cache */
  gboolean ahead;  /* ask for what lies `ahead` */
  int lines;       /* of the cache to ask for with each term, from `next` on, */
  const float *next;
  gsize step; /* and so many floats further on with the next one */
} Besides;

static const Besides NOTHING = { 0 };

/* What the sums of a row start with. */
INLINE Vector
start_of (const CnProduct *p, int row, const float *dst, int v, int vectors, Mask mask,
          gboolean masked)
{
  Vector bias = all_lanes (p->bias ? p->bias[row] : 0), before;

  if (!p->accumulate)
    return bias;
  before = load_one_of (dst, v, vectors, mask, masked);
  return p->bias ? add (before, bias) : before;
}

/* `rows` rows by `vectors` vectors; if `masked`, `mask` says what counts of the last. */
INLINE void
block (const CnProduct *p, int row, gsize column, int rows, int vectors, Mask mask, gboolean masked,
       gboolean anywhere, Besides besides)
{
  Vector sum[ROWS][VECTORS_MAX];
  const float *first = p->a + row * p->a_row, *a = first, *b = p->b + column;
  float *dst = p->dst + row * p->dst_row + column;

#pragma GCC unroll 8
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 8
    for (int v = 0; v < vectors; v++)
      sum[r][v] = start_of (p, row + r, dst + r * p->dst_row, v, vectors, mask, masked);
  for (int k = 0; k < p->terms; k++, a += p->a_step)
    {
      const float *line = b + p->offsets[k];
      Vector value[VECTORS_MAX], factor[ROWS];

      if (anywhere)
        a = first + p->a_offsets[k];
      /* One address: with one for each vector compilers run out of registers, and keep a sum in
         memory. */
      __asm__("" : "+r"(line));
#pragma GCC unroll 8
      for (int i = 0; i < besides.lines; i++)
        _mm_prefetch (besides.next + k * besides.step + i * CN_LINE_FLOATS, _MM_HINT_T1);
      if (besides.ahead)
#pragma GCC unroll 8
        for (int v = 0; v < vectors; v++)
          _mm_prefetch (line + p->ahead + v * LANES, _MM_HINT_T1);
      if (rows <= 2) /* whose factors have registers to stay in */
        {
#pragma GCC unroll 8
          for (int r = 0; r < rows; r++)
            factor[r] = all_lanes (a[r * p->a_row]);
#pragma GCC unroll 8
          for (int v = 0; v < vectors; v++)
            {
              value[v] = load_one_of (line, v, vectors, mask, masked);
#pragma GCC unroll 8
              for (int r = 0; r < rows; r++)
                sum[r][v] = multiply_add (factor[r], value[v], sum[r][v]);
            }
        }
      else
        {
#pragma GCC unroll 8
          for (int v = 0; v < vectors; v++)
            value[v] = load_one_of (line, v, vectors, mask, masked);
#pragma GCC unroll 8
          for (int r = 0; r < rows; r++)
            {
              factor[r] = all_lanes (a[r * p->a_row]);
#pragma GCC unroll 8
              for (int v = 0; v < vectors; v++)
                sum[r][v] = multiply_add (factor[r], value[v], sum[r][v]);
            }
        }
    }
  if (p->rectify)
    {
      Vector zero = all_lanes (0);

      /* Made here: in a register since before the loop it would leave AVX2 one too few for four
         rows by three vectors, which then reach 66 GFLOP/s instead of 117. */
      __asm__ volatile("" : "+x"(zero));
#pragma GCC unroll 8
      for (int r = 0; r < rows; r++)
#pragma GCC unroll 8
        for (int v = 0; v < vectors; v++)
          sum[r][v] = at_least (zero, sum[r][v]);
    }
#pragma GCC unroll 8
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 8
    for (int v = 0; v < vectors; v++)
      store_one_of (dst + r * p->dst_row, v, vectors, mask, masked, besides.stream, sum[r][v]);
}

/* The columns from `column` to `end`, fewer than VECTORS vectors. AVX-512's masks cost nothing;
   AVX2's stores with one are slow on some processors. */
INLINE void
rest (const CnProduct *p, int row, gsize column, gsize end, int rows, gboolean anywhere)
{
  while (column < end)
    {
      gsize n = end - column;
      int vectors = (int) (LANES == 16 ? (n - 1) / LANES + 1 : MAX (n / LANES, 1));
      Mask mask = mask_between (0, (gssize) n - (vectors - 1) * LANES);

      if (vectors == 3)
        block (p, row, column, rows, 3, mask, LANES == 16, anywhere, NOTHING);
      else if (vectors == 2)
        block (p, row, column, rows, 2, mask, LANES == 16, anywhere, NOTHING);
      else if (LANES == 16 || n < LANES)
        block (p, row, column, rows, 1, mask, TRUE, anywhere, NOTHING);
      else
        block (p, row, column, rows, 1, mask, FALSE, anywhere, NOTHING);
      column += (gsize) vectors * LANES;
    }
}

/* ROWS rows, whole cache lines of them past the cache, after what stands before the first; the
   column that comes next. A function of its own: among all others' registers do not suffice, and a
   sum that is kept in memory takes 17 cycles a term. */
static __attribute__ ((noinline)) gsize
stream_rows (const CnProduct *p, int row)
{
  const Mask all = mask_between (0, LANES);
  gsize step = (gsize) VECTORS * LANES, whole = LANES == 16 ? step : 2 * step;
  gsize head = MIN (cn_floats_to_line (p->dst + row * p->dst_row), p->n);
  gsize end = head + (p->n - head) / whole * whole;

  rest (p, row, 0, head, ROWS, FALSE);
  if (p->ahead > 0 && row == 0)
    for (gsize i = head; i < end; i += step)
      block (p, row, i, ROWS, VECTORS, all, FALSE, FALSE,
             (Besides){ .stream = TRUE, .ahead = TRUE });
  else
    for (gsize i = head; i < end; i += step)
      block (p, row, i, ROWS, VECTORS, all, FALSE, FALSE, (Besides){ .stream = TRUE });
  return end;
}

/* Whether a block of `vectors` fits at `column`, and leaves none or more than one vector: one has
   too few sums. Of AVX2's, less than a vector is better left than stored through a mask with
   another. */
INLINE gboolean
fits (const CnProduct *p, gsize column, int vectors)
{
  gsize left = p->n - column, step = (gsize) vectors * LANES;

  if (LANES == 8)
    return left >= step && left != step + LANES;
  return left == step || left > step + LANES;
}

/* Blocks of `vectors` from `column` on, as many as fit; the column that comes next. */
INLINE gsize
blocks (const CnProduct *p, int row, gsize column, int rows, int vectors, gboolean anywhere,
        Besides besides)
{
  const Mask all = mask_between (0, LANES);

  for (; fits (p, column, vectors); column += (gsize) vectors * LANES)
    block (p, row, column, rows, vectors, all, FALSE, anywhere, besides);
  return column;
}

/* Blocks that ask for what lies at `next`: each of the first rows of blocks for a part, so that
   memory has the time of all of them, or the only one for all; the column that comes next. */
INLINE gsize
next_blocks (const CnProduct *p, int row, gsize column, int rows, int vectors, gboolean anywhere)
{
  const Mask all = mask_between (0, LANES);
  int parts = CLAMP (p->rows / ROWS, 1, VECTORS);
  gsize part = p->next_floats / parts, step = (part + p->terms - 1) / MAX (p->terms, 1);
  const float *next = p->next + row / ROWS * part, *end = next + part;

  for (; row < parts * ROWS && next < end && fits (p, column, vectors); column += vectors * LANES)
    {
      if (step > (rows == ROWS ? 2 : 1) * CN_LINE_FLOATS)
        block (p, row, column, rows, vectors, all, FALSE, anywhere,
               (Besides){ .lines = VECTORS, .next = next, .step = step });
      else if (rows == ROWS && step > CN_LINE_FLOATS)
        block (p, row, column, rows, vectors, all, FALSE, anywhere,
               (Besides){ .lines = 2, .next = next, .step = step });
      else
        block (p, row, column, rows, vectors, all, FALSE, anywhere,
               (Besides){ .lines = 1, .next = next, .step = step });
      next += p->terms * step;
    }
  return column;
}

/* Functions of their own, as stream_rows(). */
static __attribute__ ((noinline)) gsize
next_rows (const CnProduct *p, int row, gsize column)
{
  column = next_blocks (p, row, column, ROWS, VECTORS, FALSE);
  return next_blocks (p, row, column, ROWS, 2, FALSE);
}

static __attribute__ ((noinline)) gsize
next_rows_anywhere (const CnProduct *p, int row, gsize column)
{
  column = next_blocks (p, row, column, ROWS, VECTORS, TRUE);
  return next_blocks (p, row, column, ROWS, 2, TRUE);
}

static __attribute__ ((noinline)) gsize
first_row (const CnProduct *p, gsize column)
{
  return blocks (p, 0, column, ROWS, VECTORS, FALSE, (Besides){ .ahead = TRUE });
}

/* `rows` rows, ROWS or all that are left, from left to right. */
INLINE void
sweep (const CnProduct *p, int row, int rows, gboolean anywhere)
{
  const int vectors = vectors_for (rows);
  gsize column = 0;

  /* The rows begin at the same place of a cache line, or there is no streaming. */
  if (rows == ROWS && !anywhere && p->stream && p->dst_row % CN_LINE_FLOATS == 0)
    column = stream_rows (p, row);
  if (rows == ROWS && !anywhere && p->ahead > 0 && row == 0)
    column = first_row (p, column);
  if (rows == ROWS && p->next_floats > 0)
    column = anywhere ? next_rows_anywhere (p, row, column) : next_rows (p, row, column);
  else if (rows > ROWS / 2 && p->next_floats > 0)
    {
      column = next_blocks (p, row, column, rows, VECTORS, anywhere);
      column = next_blocks (p, row, column, rows, 2, anywhere);
    }
  column = blocks (p, row, column, rows, vectors, anywhere, NOTHING);
  column = blocks (p, row, column, rows, VECTORS, anywhere, NOTHING);
  column = blocks (p, row, column, rows, 2, anywhere, NOTHING);
  rest (p, row, column, p->n, rows, anywhere);
}

/* The rows from `row` to before `end`, so many at a time. A function of its own for each number: in
   one that holds several, registers do not suffice. */
#define SWEEPS(rows)                                                                               \
  static __attribute__ ((noinline)) void sweep_##rows (const CnProduct *p, int row, int end)       \
  {                                                                                                \
    for (; row < end; row += rows)                                                                 \
      sweep (p, row, rows, FALSE);                                                                 \
  }                                                                                                \
  static                                                                                           \
      __attribute__ ((noinline)) void sweep_anywhere_##rows (const CnProduct *p, int row, int end) \
  {                                                                                                \
    for (; row < end; row += rows)                                                                 \
      sweep (p, row, rows, TRUE);                                                                  \
  }
SWEEPS (1)
SWEEPS (2)
SWEEPS (3)
SWEEPS (4)
#if LANES == 16
SWEEPS (5)
SWEEPS (6)
SWEEPS (7)
SWEEPS (8)
#endif
#undef SWEEPS

static void
multiply (const CnProduct *p)
{
  static void (*const sweeps[ROWS + 1][2]) (const CnProduct *p, int row, int end) = {
#define ROW(n) [n] = { sweep_##n, sweep_anywhere_##n }
    ROW (1),
    ROW (2),
    ROW (3),
    ROW (4),
#if LANES == 16
    ROW (5),
    ROW (6),
    ROW (7),
    ROW (8),
#endif
#undef ROW
  };
  gboolean anywhere = p->a_offsets != NULL;
  int row = p->rows - p->rows % ROWS;

  /* One row alone has too few sums. */
  if (p->rows % ROWS == 1 && row > 0)
    {
      sweeps[ROWS][anywhere](p, 0, row - ROWS);
      sweeps[ROWS / 2 + 1][anywhere](p, row - ROWS, row - ROWS / 2 + 1);
      sweeps[ROWS / 2][anywhere](p, row - ROWS / 2 + 1, p->rows);
      return;
    }
  sweeps[ROWS][anywhere](p, 0, row);
  if (row < p->rows)
    sweeps[p->rows - row][anywhere](p, row, p->rows);
}

void
LEVEL (cn_multiply_init) (CnPrimitives *table)
{
  table->multiply = multiply;
}
