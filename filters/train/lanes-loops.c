/* lanes-loops.c: the loops over lanes, compiled once for each CPU level.
 *
 * LEVEL names the level. The compiler's flags for it say how wide a vector V is, and that a·b + c
 * of vectors is one operation, where there is one. Sums of each lane are made in the same order at
 * every level.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/train/lanes.h"

#if defined(__AVX512F__)
#define WIDTH 16
#define OUTS 6
#define TERMS 9
#elif defined(__AVX2__)
#define WIDTH 8
#define OUTS 3
#define TERMS 3
#else
#define WIDTH 4
#define OUTS 3
#define TERMS 3
#endif
#define PIXELS CN_LANES_PIXELS
#define PRODUCT_OUTS CN_LANES_PRODUCT_OUTS

#define LOOPS_OF(level) cn_lanes_loops_##level
#define LOOPS(level) LOOPS_OF (level)

typedef float V __attribute__ ((vector_size (WIDTH * 4), may_alias));
typedef int Mask __attribute__ ((vector_size (WIDTH * 4)));

/* The sums of OUTS outputs and PIXELS pixels, WIDTH lanes of them. */
static inline void
sum_tile (const CnLanesSum *s, const float *src, const float *weights, V acc[OUTS][PIXELS])
{
  for (gsize k = 0; k < s->terms; k++)
    {
      const float *at = src + s->offsets[k], *w = weights + k * CN_LANES_OUTS;
      V x[PIXELS];

#pragma GCC unroll 4
      for (int p = 0; p < PIXELS; p++)
        x[p] = *(const V *) (at + (gsize) p * s->src_step);
#pragma GCC unroll 6
      for (int o = 0; o < OUTS; o++)
#pragma GCC unroll 4
        for (int p = 0; p < PIXELS; p++)
          acc[o][p] += w[o] * x[p];
    }
}

static void
sum (const CnLanesSum *s)
{
  for (gsize x = 0; x < s->n; x += PIXELS)
    for (int first = 0; first < s->outs; first += OUTS)
      for (int lane = 0; lane < CN_LANES; lane += WIDTH)
        {
          float *dst = s->dst + first * s->dst_plane + x * s->dst_step + lane;
          int outs = MIN (s->outs - first, OUTS), pixels = (int) MIN (s->n - x, PIXELS);
          V acc[OUTS][PIXELS];

#pragma GCC unroll 6
          for (int o = 0; o < OUTS; o++)
#pragma GCC unroll 4
            for (int p = 0; p < PIXELS; p++)
              acc[o][p] = s->bias[first + o] + (V){ 0 };
          sum_tile (s, s->src + x * s->src_step + lane, s->weights + first, acc);
          for (int o = 0; o < outs; o++)
            for (int p = 0; p < pixels; p++)
              *(V *) (dst + o * s->dst_plane + p * s->dst_step) = acc[o][p];
        }
}

/* Adds the products of TERMS terms, WIDTH lanes of them. */
static inline void
product_tile (const CnLanesProduct *r, const gsize *offsets, int lane, float *sums)
{
  V acc[TERMS][PRODUCT_OUTS];

#pragma GCC unroll 9
  for (int k = 0; k < TERMS; k++)
#pragma GCC unroll 3
    for (int o = 0; o < PRODUCT_OUTS; o++)
      acc[k][o] = *(const V *) (sums + (k * PRODUCT_OUTS + o) * CN_LANES);
  for (int y = 0; y < r->rows; y++)
    for (gsize x = 0; x < r->n; x++)
      {
        const float *g = r->gradient + (gsize) y * r->row + x * r->step + lane;
        const float *src = r->src + (gsize) y * r->src_row + x * r->src_step + lane;
        V gradient[PRODUCT_OUTS];

#pragma GCC unroll 3
        for (int o = 0; o < PRODUCT_OUTS; o++)
          gradient[o] = *(const V *) (g + (gsize) o * r->plane);
#pragma GCC unroll 9
        for (int k = 0; k < TERMS; k++)
          {
            V term = *(const V *) (src + offsets[k]);

#pragma GCC unroll 3
            for (int o = 0; o < PRODUCT_OUTS; o++)
              acc[k][o] += term * gradient[o];
          }
      }
#pragma GCC unroll 9
  for (int k = 0; k < TERMS; k++)
#pragma GCC unroll 3
    for (int o = 0; o < PRODUCT_OUTS; o++)
      *(V *) (sums + (k * PRODUCT_OUTS + o) * CN_LANES) = acc[k][o];
}

static void
product (const CnLanesProduct *r)
{
  for (gsize k = 0; k < r->terms; k += TERMS)
    for (int lane = 0; lane < CN_LANES; lane += WIDTH)
      product_tile (r, r->offsets + k, lane, r->sums + k * PRODUCT_OUTS * CN_LANES + lane);
}

/* a in lanes where x > 0, else b. */
static inline V
choose (V x, V a, V b)
{
  Mask positive = x > (V){ 0 };

  return (V) (((Mask) a & positive) | ((Mask) b & ~positive));
}

static void
rectify (const float *x, float slope, float *y, gsize n)
{
  for (gsize i = 0; i < n; i += WIDTH)
    {
      V value = *(const V *) (x + i);

      *(V *) (y + i) = choose (value, value, slope * value);
    }
}

static void
rectify_back (const CnLanesSlope *s)
{
  V sums[CN_LANES / WIDTH];

  for (int k = 0; k < CN_LANES / WIDTH; k++)
    sums[k] = *(const V *) (s->sums + k * WIDTH);
  for (gsize i = 0; i < s->n; i += CN_LANES)
    for (int k = 0; k < CN_LANES / WIDTH; k++)
      {
        V x = *(const V *) (s->x + i + k * WIDTH);
        V gradient = *(const V *) (s->gradient + i + k * WIDTH);

        sums[k] += choose (x, (V){ 0 }, x * gradient);
        if (s->to)
          *(V *) (s->to + i + k * WIDTH) = choose (x, gradient, s->slope * gradient);
      }
  for (int k = 0; k < CN_LANES / WIDTH; k++)
    *(V *) (s->sums + k * WIDTH) = sums[k];
}

const CnLanesLoops LOOPS (LEVEL) = {
  .sum = sum, .product = product, .rectify = rectify, .rectify_back = rectify_back
};
