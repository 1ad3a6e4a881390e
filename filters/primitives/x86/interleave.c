/* interleave.c: lines woven into one, for AVX2 and FMA and for AVX-512.
 *
 * What a vector of the result takes of a line lies side by side there: it is loaded in one go, its
 * lanes are shuffled to where they belong, and the next line's replace those of others. Shuffles
 * repeat after as many vectors as whole pixels of all lines fill.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/primitives.h"
#include "filters/primitives/x86/vector.h"

/* A store waits until the rest of its cache line has been read; asking for the line so many floats
   early makes large results a fifth faster. */
#define AHEAD 1024

/* Lines that a vector may be made of, and vectors after which all repeats. */
#define LINES_MAX 6
#define PERIOD_MAX 16

/* What a vector of the result takes of a line. */
typedef struct
{
  Lanes lanes;
  Mask mask;
  gsize at; /* in the line, relative to the period's first pixel */
} Thread;

/* Vectors of the result from some float of it on. */
typedef struct
{
  Thread threads[PERIOD_MAX][LINES_MAX];
  int lines[PERIOD_MAX]; /* the first one's number: the others follow it, and the first the last */
  int period, used;
  gsize step; /* floats of each line that a period takes */
} Pattern;

static void
find_vector (const CnInterleaving *w, Pattern *p, int v, gsize from)
{
  int lane[LINES_MAX][LANES] = { { 0 } }, mask[LINES_MAX][LANES] = { { 0 } };
  int line = (int) (from / w->pixel % w->parts), c = (int) (from % w->pixel), j = 0;
  gsize x = from / ((gsize) w->pixel * w->parts), at[LINES_MAX];
  gboolean known[LINES_MAX] = { FALSE };

  p->lines[v] = line;
  for (int i = 0; i < p->used; i++)
    at[i] = x * w->pixel;
  for (int i = 0; i < LANES; i++)
    {
      if (!known[j])
        at[j] = x * w->pixel + c;
      known[j] = TRUE;
      lane[j][i] = (int) (x * w->pixel + c - at[j]);
      mask[j][i] = -1;
      if (++c < w->pixel)
        continue;
      c = 0;
      j = j + 1 == w->parts ? 0 : j + 1;
      if (++line == w->parts)
        {
          line = 0;
          x++;
        }
    }
  for (int i = 0; i < p->used; i++)
    p->threads[v][i] = (Thread){ load_lanes (lane[i]), mask_of (mask[i]), at[i] };
}

/* FALSE if it takes more than there is room for. */
static gboolean
find_pattern (const CnInterleaving *w, gsize from, Pattern *p)
{
  gsize floats = (gsize) w->parts * w->pixel, shared = LANES;

  while (floats % shared != 0)
    shared /= 2;
  if (floats / shared > PERIOD_MAX)
    return FALSE;
  p->period = (int) (floats / shared);
  p->used = MIN (w->parts, (LANES - 2 + w->pixel) / w->pixel + 1);
  p->step = (gsize) p->period * LANES / w->parts;
  if (p->used > LINES_MAX)
    return FALSE;
  for (int v = 0; v < p->period; v++)
    find_vector (w, p, v, from + (gsize) v * LANES);
  return TRUE;
}

/* Whole periods, of `period` vectors of `used` lines each, until a line ends or n floats are there.
 */
INLINE gsize
weave (const CnInterleaving *w, const Pattern *p, int period, int used, float *dst, gsize n,
       gboolean stream)
{
  const float *src = w->src;
  gsize least = (w->first + w->n) / w->parts * w->pixel, ahead = 0, done = 0;
  gsize offset[PERIOD_MAX][LINES_MAX];

  for (int v = 0; v < period; v++)
    for (int j = 0; j < used; j++)
      {
        offset[v][j] =
            (gsize) ((p->lines[v] + j) % w->parts) * w->part + p->threads[v][j].at;
        ahead = MAX (ahead, p->threads[v][j].at + LANES);
      }
  for (gsize i = 0; i + ahead <= least && done + period * LANES <= n;
       i += p->step, src += p->step, done += period * LANES)
#pragma GCC unroll 3
    for (int v = 0; v < period; v++)
      {
        const Thread *t = p->threads[v];
        Vector woven = shuffle (load (src + offset[v][0]), t[0].lanes);

        if (!stream)
          _mm_prefetch (dst + done + v * LANES + AHEAD, _MM_HINT_T0);
#pragma GCC unroll 4
        for (int j = 1; j < used; j++)
          woven = choose (t[j].mask, shuffle (load (src + offset[v][j]), t[j].lanes), woven);
        store_as (dst + done + v * LANES, woven, stream);
      }
  return done;
}

/* The floats from `from` to `end`. */
static void
weave_floats (const CnInterleaving *w, gsize from, gsize end)
{
  int c = (int) (from % w->pixel), k = (int) (from / w->pixel % w->parts);
  gsize x = from / ((gsize) w->pixel * w->parts) * w->pixel;
  float *dst = w->dst - w->first * w->pixel;

  for (gsize i = from; i < end; i++)
    {
      dst[i] = w->src[k * w->part + x + c];
      if (++c < w->pixel)
        continue;
      c = 0;
      if (++k < w->parts)
        continue;
      k = 0;
      x += w->pixel;
    }
}

static void
interleave_lines (const CnInterleaving *w)
{
  gsize from = w->first * w->pixel, end = from + w->n * w->pixel;
  gsize begin = w->stream ? MIN (from + cn_floats_to_line (w->dst), end) : from;
  float *dst = w->dst + (begin - from);
  Pattern p;

  weave_floats (w, from, begin);
  if (end - begin >= 4 * LANES && find_pattern (w, begin, &p))
    {
      gsize n = end - begin;

      switch (p.period * (LINES_MAX + 1) + p.used)
        {
#define CASE(period, used)                                         \
  case (period) * (LINES_MAX + 1) + (used):                        \
    begin += w->stream ? weave (w, &p, period, used, dst, n, TRUE) \
                       : weave (w, &p, period, used, dst, n, FALSE);               \
    break
          CASE (1, 1);
          CASE (1, 2);
          CASE (1, 3);
          CASE (1, 4);
          CASE (3, 2);
          CASE (3, 3);
          CASE (3, 4);
#undef CASE
        default:
          begin += w->stream ? weave (w, &p, p.period, p.used, dst, n, TRUE)
                             : weave (w, &p, p.period, p.used, dst, n, FALSE);
          break;
        }
    }
  weave_floats (w, begin, end);
}

static void
interleave (const CnInterleaving *w)
{
  CnInterleaving floats = *w;

  if (w->parts == 1)
    {
      floats.pixel = 1;
      floats.first *= w->pixel;
      floats.n *= w->pixel;
    }
  interleave_lines (&floats);
}

void
LEVEL (cn_interleave_init) (CnPrimitives *table)
{
  table->interleave = interleave;
}
