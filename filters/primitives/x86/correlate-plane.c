/* correlate-plane.c: the correlation of a plane where it lies, for AVX2 and FMA and for AVX-512.
 *
 * A column of vectors, one to a row of the result, goes down the plane: an input vector serves
 * every row of the result that has a tap on it. What lies outside of the plane is masked out of the
 * loads. With a stride of 2 two vectors are taken apart into one for each of two taps, and the
 * first tap's is the third one's, a lane further up.
 *
 * Blocks whose rows are all within the plane have code of their own. Milliseconds without that, and
 * so: 144 planes of 56×56 0.073 and 0.069, 96 of 112×112 by steps of 2 0.113 and 0.093, 5×5 on 240
 * of 28×28 0.093 and 0.081 (AVX-512); 0.124 and 0.100, 0.156 and 0.130, 0.158 and 0.152 (AVX2).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/primitives.h"
#include "filters/primitives/x86/vector.h"

/* Rows of the result at a time. With AVX-512 they and a kernel of 3×3 fill 20 of 32 registers; AVX2
   has 16. */
#define ROWS (LANES / 2)

/* Kernels up to this size keep their taps in registers. */
#define TAPS_KEPT 9

/* How a column of vectors is loaded. */
typedef enum
{
  WHOLE,  /* nothing lies beside the plane */
  INSIDE, /* something does, which neighbouring rows stand in memory for: it is loaded, and masked
           */
  EDGE,   /* memory ends there: what lies beside is not loaded */
} Loads;

/* Goes one row on. Of the rows of an unrolled loop GCC would find the addresses beforehand, and
   keep them in registers that it has not got. */
#define NEXT_ROW(at, row)     \
  do                          \
    {                         \
      (at) += (row);          \
      __asm__("" : "+r"(at)); \
    }                         \
  while (FALSE)

INLINE Vector
load_as (Loads loads, const float *from, Mask mask)
{
  return loads == WHOLE    ? load (from)
         : loads == INSIDE ? keep (mask, load (from))
                           : load_masked (from, mask);
}

/* Whether there are registers, and instructions, to shuffle taps instead of loading them. */
#define SHUFFLES (LANES == 16)

#if SHUFFLES

/* Tap b of a row, out of the first and the last one's vectors: lane i of it is lane i + b of the
   former, or i + b − (size − 1) of the latter. A load across two cache lines takes longer. */
INLINE Vector
tap_between (Vector first, Vector last, int b, int size)
{
  const __m512i lane = _mm512_setr_epi32 (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  __m512i place = _mm512_add_epi32 (lane, _mm512_set1_epi32 (b));
  __mmask16 beyond = _mm512_cmpge_epi32_mask (place, _mm512_set1_epi32 (LANES));

  place = _mm512_mask_add_epi32 (place, beyond, place, _mm512_set1_epi32 (1 - size));
  place = _mm512_mask_or_epi32 (place, beyond, place, _mm512_set1_epi32 (LANES));
  return _mm512_permutex2var_ps (first, place, last);
}

#endif

/* What of two vectors of taps lies within the plane, for each tap that is loaded. */
typedef struct
{
  Mask low[CN_PLANE_KERNEL_MAX], high[CN_PLANE_KERNEL_MAX];
} Within;

INLINE Within
find_within (const CnPlaneCorrelation *c, gsize i, int size, int stride)
{
  gssize x = c->x + (gssize) i * stride, end = c->width - x;
  Within within;

#pragma GCC unroll 5
  for (int b = stride - 1; b < size; b += stride)
    {
      within.low[b] = mask_between (-x - b, end - b);
      within.high[b] = mask_between (-x - b - LANES, end - b - LANES);
    }
  return within;
}

/* A column of `rows` vectors, from result (first, i) on; `all`: every row that they reach is within
   the plane. `kept`: the taps, if there is room. */
INLINE void
block (const CnPlaneCorrelation *c, int first, gsize i, int rows, int size, int stride, Loads loads,
       gboolean all, const Within *within, const Vector kept[TAPS_KEPT])
{
  gssize x = c->x + (gssize) i * stride, end = c->width - x;
  int y = c->y + first * stride;
  int above = -y, below = c->height - y;
  const float *src = c->src + (gssize) y * (gssize) c->src_row + x;
  const float *ahead = src + c->ahead;
  float *dst = c->dst + first * c->dst_row + i;
  Vector sum[ROWS];

#pragma GCC unroll 8
  for (int r = 0; r < rows; r++)
    sum[r] = all_lanes (c->bias);

#pragma GCC unroll 16
  for (int r = 0; r < rows * stride; r++)
    {
      for (int b = 0; b < stride; b++)
        _mm_prefetch (ahead + b * LANES, _MM_HINT_T0);
      NEXT_ROW (ahead, c->src_row);
    }

#pragma GCC unroll 19
  for (int a = 0; a < size + (rows - 1) * stride; a++)
    {
      Vector value[CN_PLANE_KERNEL_MAX];
      const float *row = src;

      NEXT_ROW (src, c->src_row);
      if (!all && (a < above || a >= below))
        continue;
#pragma GCC unroll 5
      for (int b = stride - 1; b < size; b += stride)
        {
          if (SHUFFLES && stride == 1 && b > 0 && b < size - 1)
            continue;
          value[b] = load_as (loads, row + b, within->low[b]);
          if (stride == 2)
            {
              Vector next = load_as (loads, row + b + LANES, within->high[b]);

              value[b + 1] = every_second (value[b], next, TRUE);
              value[b] = every_second (value[b], next, FALSE);
            }
        }
#if SHUFFLES
#pragma GCC unroll 5
      for (int b = 1; b < size - 1; b++)
        if (stride == 1)
          value[b] = tap_between (value[0], value[size - 1], b, size);
#endif
      if (stride == 2)
        value[0] = shift_in (loads == WHOLE || (x >= 0 && end > 0) ? *row : 0, value[2]);
#pragma GCC unroll 5
      for (int b = 0; b < size; b++)
#pragma GCC unroll 8
        for (int r = 0; r < rows; r++)
          if (a >= r * stride && a < r * stride + size)
            {
              int tap = (a - r * stride) * size + b;

              sum[r] =
                  multiply_add (size * size <= TAPS_KEPT ? kept[tap] : all_lanes (c->weights[tap]),
                                value[b], sum[r]);
            }
    }

#pragma GCC unroll 8
  for (int r = 0; r < rows; r++)
    sum[r] = at_least (all_lanes (c->floor), sum[r]);
#pragma GCC unroll 8
  for (int r = 0; r < rows; r++)
    {
      if (i + LANES <= c->n)
        store (dst, sum[r]);
      else
        store_masked (dst, mask_between (0, (gssize) (c->n - i)), sum[r]);
      NEXT_ROW (dst, c->dst_row);
    }
}

/* How to load the block from there on. */
INLINE Loads
loads_for (const CnPlaneCorrelation *c, int first, gsize i, int rows, int size, int stride)
{
  gssize x = c->x + (gssize) i * stride, reach = x + (size - 1) / stride * stride + stride * LANES;
  gssize top = MAX (0, c->y + first * stride);
  gssize bottom = MIN (c->height, c->y + (first + rows - 1) * stride + size) - 1;
  gssize row = (gssize) c->src_row;

  if (x >= 0 && reach <= c->width)
    return WHOLE;
  return top * row + x >= 0 && bottom * row + reach <= (c->height - 1) * row + c->width ? INSIDE
                                                                                        : EDGE;
}

/* Strips of `rows` rows; the last one begins earlier where it would be lower, and computes some
   results twice. */
INLINE void
strips (const CnPlaneCorrelation *correlation, int rows, int size, int stride)
{
  CnPlaneCorrelation c = *correlation; /* what no store can change */
  Vector kept[TAPS_KEPT];

#pragma GCC unroll 9
  for (int tap = 0; tap < MIN (size * size, TAPS_KEPT); tap++)
    kept[tap] = all_lanes (c.weights[tap]);
  for (gsize i = 0; i < c.n; i += LANES)
    {
      const Within within = find_within (&c, i, size, stride);

      for (int row = 0; row < c.rows; row += rows)
        {
          int first = MIN (row, c.rows - rows);
          int top = c.y + first * stride, bottom = top + (rows - 1) * stride + size;
          gboolean all = rows == ROWS && top >= 0 && bottom <= c.height;

          switch (rows == ROWS ? loads_for (&c, first, i, rows, size, stride) : EDGE)
            {
#define CASE(loads)                                                          \
  case loads:                                                                \
    if (all)                                                                 \
      block (&c, first, i, rows, size, stride, loads, TRUE, &within, kept);  \
    else                                                                     \
      block (&c, first, i, rows, size, stride, loads, FALSE, &within, kept); \
    break
              CASE (WHOLE);
              CASE (INSIDE);
              CASE (EDGE);
#undef CASE
            }
        }
    }
}

INLINE void
correlate (const CnPlaneCorrelation *c, int size, int stride)
{
  if (c->rows >= ROWS)
    strips (c, ROWS, size, stride);
  else if (c->rows >= ROWS / 2)
    strips (c, ROWS / 2, size, stride);
  else
    strips (c, 1, size, stride);
}

static void
correlate_plane (const CnPlaneCorrelation *c)
{
  if (c->size == 3 && c->stride == 1)
    correlate (c, 3, 1);
  else if (c->size == 3)
    correlate (c, 3, 2);
  else if (c->stride == 1)
    correlate (c, 5, 1);
  else
    correlate (c, 5, 2);
}

void
LEVEL (cn_correlate_plane_init) (CnPrimitives *table)
{
  table->correlate_plane = correlate_plane;
}
