/* repeat.c: a line whose pixels are repeated, for AVX2 and AVX-512.
 *
 * The order of samples mostly comes round after one vector or three: each of these is loaded where
 * its least sample lies, and shuffled. Otherwise the repetitions of one pixel are made after those
 * of the other, by whole vectors, the last of which the next pixel's overwrite.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/primitives.h"
#include "filters/primitives/x86/vector.h"

#define TURN_MAX 3

/* How a turn of vectors is made. */
typedef struct
{
  int base[TURN_MAX];        /* the least sample of each */
  int lane[TURN_MAX][LANES]; /* from there on */
} Order;

static void
find_order (const CnRepetition *r, int turn, Order *order)
{
  int first = 0, k = 0, c = 0; /* the pixel, its repetition, and the sample in it */

  for (int v = 0; v < turn; v++)
    {
      int least = G_MAXINT;

      for (int i = 0; i < LANES; i++)
        {
          order->lane[v][i] = first + c;
          least = MIN (least, first + c);
          if (++c == r->pixel)
            {
              c = 0;
              if (++k == r->times)
                {
                  k = 0;
                  first += r->pixel;
                }
            }
        }
      order->base[v] = least;
      for (int i = 0; i < LANES; i++)
        order->lane[v][i] -= least;
    }
}

/* The pixels from `from` on, one by one. */
static void
rest (const CnRepetition *r, gsize from)
{
  CnRepetition last = *r;

  last.src += from * r->pixel;
  last.dst += from * r->pixel * r->times;
  last.n -= from;
  cn_primitives_for (CN_CPU_SCALAR)->repeat (&last);
}

INLINE void
repeat_turns (const CnRepetition *r, int turn)
{
  const int pixels = turn * LANES / (r->times * r->pixel);
  const gsize step = (gsize) pixels * r->pixel, end = r->n * r->pixel;
  const float *src = r->src;
  float *dst = r->dst;
  Order order;
  Lanes lanes[TURN_MAX];
  gsize at = 0;

  find_order (r, turn, &order);
#pragma GCC unroll 3
  for (int v = 0; v < turn; v++)
    lanes[v] = load_lanes (order.lane[v]);
  for (; at + order.base[turn - 1] + LANES <= end; at += step, dst += turn * LANES)
    {
#pragma GCC unroll 3
      for (int v = 0; v < turn; v++)
        store (dst + v * LANES, shuffle (load (src + at + order.base[v]), lanes[v]));
    }
  rest (r, at / r->pixel);
}

/* Vectors of a pixel's repetitions, at most. */
#define VECTORS ((CN_REPETITION_MAX - 1) / LANES + 1)

static void
repeat_pixels (const CnRepetition *r)
{
  const int samples = r->times * r->pixel, vectors = (samples - 1) / LANES + 1;
  const float *src = r->src;
  float *dst = r->dst;
  int lane[VECTORS * LANES];
  gsize x = 0;

  for (int i = 0; i < vectors * LANES; i++)
    lane[i] = i % r->pixel;
  for (; x * r->pixel + LANES <= r->n * r->pixel && x * samples + vectors * LANES <= r->n * samples;
       x++, src += r->pixel, dst += samples)
    {
      Vector pixel = load (src);

      for (int v = 0; v < vectors; v++)
        store (dst + v * LANES, shuffle (pixel, load_lanes (lane + v * LANES)));
    }
  rest (r, x);
}

static void
repeat (const CnRepetition *r)
{
  int samples = r->times * r->pixel;

  if (LANES % samples == 0)
    repeat_turns (r, 1);
  else if (3 * LANES % samples == 0)
    repeat_turns (r, 3);
  else
    repeat_pixels (r);
}

void
LEVEL (cn_repeat_init) (CnPrimitives *table)
{
  table->repeat = repeat;
}
