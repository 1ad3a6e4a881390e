/* correlate-planes.c: correlations of planes where they lie, for AVX2 and FMA and for AVX-512.
 *
 * A few vectors side by side go down the plane: a row of the input is read once, for every row of
 * the result that has a tap on it, and these are as many sums as the kernel has rows. What lies
 * outside of the plane is masked out of the loads. With a stride of 2 two vectors are taken apart
 * into one for each of two taps, and the first tap's is the third one's, a lane further up.
 *
 * Microseconds with blocks of 4 or 8 rows a vector wide, and so, on a Zen 5: 3×3 of 144 planes of
 * 56×56 69 and 52 (AVX-512), 106 and 95 (AVX2); 5×5 on 240 of 28×28 82 and 58, 155 and 123; 3×3 by
 * steps of 2 on 96 of 112×112 97 and 87, 137 and 125, on 192 of 28×28 10.9 and 12.2, 22.0 and 19.9.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/primitives.h"
#include "filters/primitives/x86/vector.h"

/* Kernels up to this size keep their taps in registers. */
#define TAPS_KEPT 9

/* Vectors side by side: as many as there are registers for, beside a sum of each for every row of
   the kernel, and taps or what they see. */
#define VECTORS_MAX 4
#define SUMS_MAX CN_PLANE_KERNEL_MAX

INLINE int
vectors_for (int size, int stride)
{
  return LANES == 8 ? 1 : size == 7 || (size == 5 && stride == 1) ? 2 : 4;
}

/* Planes side by side, of which a row is one vector: as many sums do not wait for each other.
   Microseconds for one plane after the other and so, AVX-512; AVX2: 3×3 on 960 of 7×7 28.9 and
   18.8; 25.2 and 19.7, on 512 of 14×14 23.6 and 18.9 (AVX-512), by steps of 2 on 576 of 14×14 22.2
   and 14.6; 20.2 and 13.9; 5×5 on 960 of 7×7 46.7 and 34.1; 48.6 and 49.8, 7×7 on 768 of them 58.6
   and 49.9 (AVX-512). */
INLINE int
planes_for (int size, int stride)
{
  if (LANES == 8)
    return size == 3 ? 3 : stride == 2 ? 2 : 1;
  return size == 3 ? 4 : size == 5 ? 3 : 2;
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
find_within (gssize x, gssize width, int size, int stride)
{
  gssize end = width - x;
  Within within;

#pragma GCC unroll 7
  for (int b = stride - 1; b < size; b += stride)
    {
      within.low[b] = mask_between (-x - b, end - b);
      within.high[b] = mask_between (-x - b - LANES, end - b - LANES);
    }
  return within;
}

INLINE Vector
load_within (const float *from, Mask mask, gboolean masked)
{
  return masked ? load_masked (from, mask) : load (from);
}

/* What the taps of a row see for a vector of the result, the first of them at `row`, column x of
   the plane. */
INLINE void
see (const CnPlaneCorrelation *c, const float *row, gssize x, int size, int stride, gboolean masked,
     const Within *within, Vector value[CN_PLANE_KERNEL_MAX])
{
#pragma GCC unroll 7
  for (int b = stride - 1; b < size; b += stride)
    {
      if (SHUFFLES && stride == 1 && b > 0 && b < size - 1)
        continue;
      value[b] = load_within (row + b, within->low[b], masked);
      if (stride == 2)
        {
          Vector next = load_within (row + b + LANES, within->high[b], masked);

          value[b + 1] = every_second (value[b], next, TRUE, 1);
          value[b] = every_second (value[b], next, FALSE, 1);
        }
    }
#if SHUFFLES
#pragma GCC unroll 7
  for (int b = 1; b < size - 1; b++)
    if (stride == 1)
      value[b] = tap_between (value[0], value[size - 1], b, size);
#endif
  if (stride == 2)
    value[0] = shift_in (!masked || (x >= 0 && x < c->width) ? *row : 0, value[2]);
}

/* Adds a row to the sums that have a tap on it: row r of the result is number r modulo `live`, and
   tap t of row (step − t) / stride lies here. Vectors are side by side in a plane, or one of each
   of as many planes. */
INLINE void
add_row (const CnPlaneCorrelation *c, const float *row, gssize x, int step, int vectors, int size,
         int stride, gboolean planes, gboolean edges, const Within within[2],
         const Vector kept[TAPS_KEPT], Vector sum[SUMS_MAX][VECTORS_MAX])
{
  const int live = (size - 1) / stride + 1;

#pragma GCC unroll 4
  for (int v = 0; v < vectors; v++)
    {
      Vector value[CN_PLANE_KERNEL_MAX];

      if (planes)
        see (c, row + v * c->src_plane, x, size, stride, edges, within, value);
      else
        see (c, row + v * LANES * stride, x + v * LANES * stride, size, stride,
             edges && (v == 0 || v == vectors - 1), &within[v > 0], value);
#pragma GCC unroll 7
      for (int b = 0; b < size; b++)
#pragma GCC unroll 7
        for (int t = 0; t < size; t++)
          if ((step + live * stride - t) % stride == 0)
            {
              Vector *s = &sum[(step + live * stride - t) / stride % live][v];

              if (!planes && size * size <= TAPS_KEPT)
                *s = multiply_add (kept[t * size + b], value[b], *s);
              else
                *s = multiply_add (all_lanes (c->weights[((planes ? v : 0) * size + t) * size + b]),
                                   value[b], *s);
            }
    }
}

INLINE void
store_row (const CnPlaneCorrelation *c, float *dst, gsize n, int vectors, gboolean planes,
           const Vector *sum)
{
#pragma GCC unroll 4
  for (int v = 0; v < vectors; v++)
    {
      Vector result = at_least (all_lanes (c->floor), sum[v]);

      if (planes)
        store_masked (dst + v * c->dst_plane, mask_between (0, (gssize) n), result);
      else if (v < vectors - 1 || n >= (gsize) vectors * LANES)
        store (dst + v * LANES, result);
      else
        store_masked (dst + v * LANES, mask_between (0, (gssize) n - v * LANES), result);
    }
}

/* `vectors` vectors of each row of the result, from column i on, or one of each of as many planes.
   With `edges` something of the first or of the last one's lies beside the plane. */
INLINE void
strip (const CnPlaneCorrelation *c, gsize i, int vectors, int size, int stride, gboolean planes,
       gboolean edges, const Vector kept[TAPS_KEPT])
{
  const int live = (size - 1) / stride + 1;
  const gssize x = c->x + (gssize) i * stride;
  const int end = (c->rows - 1) * stride + size;
  const gsize ahead = (planes ? vectors : 1) * c->src_plane;
  const gsize apart = planes ? c->src_plane : LANES;
  const int fetched = planes ? vectors : vectors * stride;
  const float *src = c->src + (gssize) c->y * (gssize) c->src_row + x;
  float *dst = c->dst + i;
  Within within[2];
  Vector sum[SUMS_MAX][VECTORS_MAX], bias[VECTORS_MAX];

  within[0] = find_within (x, c->width, size, stride);
  within[1] = find_within (x + (vectors - 1) * LANES * stride, c->width, size, stride);
#pragma GCC unroll 4
  for (int v = 0; v < vectors; v++)
    bias[v] = all_lanes (c->bias[planes ? v : 0]);
#pragma GCC unroll 7
  for (int s = 0; s < live; s++)
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++)
      sum[s][v] = bias[v];
  for (int a = 0;;)
#pragma GCC unroll 8
    for (int step = 0; step < live * stride; step++, a++)
      {
        if (a == end)
          return;
        if (c->y + a >= 0 && c->y + a < c->height)
          add_row (c, src, x, step, vectors, size, stride, planes, edges, within, kept, sum);
#pragma GCC unroll 8
        for (int v = 0; v < fetched; v++)
          _mm_prefetch (src + ahead + v * apart, _MM_HINT_T0);
        src += c->src_row;
        if ((step + live * stride - (size - 1)) % stride == 0)
          {
            Vector *done = sum[(step + live * stride - (size - 1)) / stride % live];

            if (a >= size - 1)
              {
                store_row (c, dst, c->n - i, vectors, planes, done);
                dst += c->dst_row;
              }
#pragma GCC unroll 4
            for (int v = 0; v < vectors; v++)
              done[v] = bias[v];
          }
      }
}

/* Kernels up to this size have strips without masks: those of larger ones compute much for each
   mask, and are long. */
#define SIZE_WHOLE 5

/* Whether all that the vectors see lies within the plane, and may be taken without masks. */
INLINE gboolean
is_whole (const CnPlaneCorrelation *c, gsize i, int vectors, int size, int stride)
{
  gssize x = c->x + (gssize) i * stride;

  return size <= SIZE_WHOLE && x >= 0
         && x + (size - 1) / stride * stride + stride * LANES * vectors <= c->width;
}

INLINE void
correlate_first (const CnPlaneCorrelation *planes, int size, int stride)
{
  const CnPlaneCorrelation c = *planes; /* what no store can change */
  const int most = vectors_for (size, stride);
  Vector kept[TAPS_KEPT];
  gsize i = 0;

#pragma GCC unroll 9
  for (int tap = 0; tap < MIN (size * size, TAPS_KEPT); tap++)
    kept[tap] = all_lanes (c.weights[tap]);
  while (i < c.n)
    {
      int vectors = (int) MIN ((c.n - i + LANES - 1) / LANES, (gsize) most);

      if (vectors > 2 && !is_whole (&c, i + LANES, vectors - 2, size, stride))
        vectors = 1;
      switch (vectors * 2 + is_whole (&c, i, vectors, size, stride))
        {
#define CASE(n)                                                       \
  case (n) *2:                                                        \
    if ((n) <= most)                                                  \
      strip (&c, i, MIN (n, most), size, stride, FALSE, TRUE, kept);  \
    break;                                                            \
  case (n) *2 + 1:                                                    \
    if ((n) <= most && size <= SIZE_WHOLE)                            \
      strip (&c, i, MIN (n, most), size, stride, FALSE, FALSE, kept); \
    break
          CASE (1);
          CASE (2);
          CASE (3);
          CASE (4);
#undef CASE
        }
      i += (gsize) vectors * LANES;
    }
}

INLINE void
correlate_some (const CnPlaneCorrelation *planes, int some, int size, int stride)
{
  const CnPlaneCorrelation c = *planes;

  strip (&c, 0, some, size, stride, TRUE, TRUE, NULL);
}

INLINE void
correlate (const CnPlaneCorrelation *planes, int size, int stride)
{
  const int some = planes_for (size, stride);
  CnPlaneCorrelation rest = *planes;

  if (some > 1 && rest.n <= LANES)
    for (; rest.planes >= some; rest = cn_planes_after (&rest, some))
      correlate_some (&rest, some, size, stride);
  for (; rest.planes > 0; rest = cn_planes_after (&rest, 1))
    correlate_first (&rest, size, stride);
}

/* A function of its own each: in one that holds all, registers do not suffice. */
#define CORRELATE(size, stride)                                                                    \
  static __attribute__ ((noinline)) void correlate_##size##_##stride (const CnPlaneCorrelation *c) \
  {                                                                                                \
    correlate (c, size, stride);                                                                   \
  }
CORRELATE (3, 1)
CORRELATE (3, 2)
CORRELATE (5, 1)
CORRELATE (5, 2)
CORRELATE (7, 1)
CORRELATE (7, 2)
#undef CORRELATE

static void
correlate_rows (const CnPlaneCorrelation *c)
{
  static void (*const by_size[][2]) (const CnPlaneCorrelation *c) = {
    { correlate_3_1, correlate_3_2 },
    { correlate_5_1, correlate_5_2 },
    { correlate_7_1, correlate_7_2 },
  };

  by_size[c->size / 2 - 1][c->stride - 1](c);
}

/* Where rows are so many floats, vectors of half a cache line go down few rows at a time, so that
   the first-level cache has the other half when it is wanted. 8 planes of 512×512, AVX2: 1.29 ms in
   one go, 0.75 so. */
#define WIDE 256
#define PART_ROWS 12

static void
correlate_planes (const CnPlaneCorrelation *planes)
{
  if (LANES == CN_LINE_FLOATS || planes->src_row < WIDE)
    {
      correlate_rows (planes);
      return;
    }
  for (CnPlaneCorrelation plane = *planes; plane.planes > 0; plane = cn_planes_after (&plane, 1))
    {
      CnPlaneCorrelation c = plane;

      c.planes = 1;
      for (int row = 0; row < plane.rows; row += c.rows)
        {
          c.rows = MIN (PART_ROWS, plane.rows - row);
          correlate_rows (&c);
          c.y += c.rows * c.stride;
          c.dst += c.rows * c.dst_row;
        }
    }
}

void
LEVEL (cn_correlate_planes_init) (CnPrimitives *table)
{
  table->correlate_planes = correlate_planes;
}
