/* weave.h: two lines of pixels of one to four floats as one, pixel by pixel of each in turn, for
 * AVX2 and AVX-512.
 *
 * The order of floats comes round after one vector or three, wherever it begins: each of these is
 * shuffled out of two, loaded where the first float of either line lies that is in it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/primitives/x86/vector.h"

#define WEAVE_TURN_MAX 3

/* How a turn of vectors is made: of what lies from `at` on in either line. */
typedef struct
{
  guint at[WEAVE_TURN_MAX][2];
  Lanes lanes[WEAVE_TURN_MAX];
} WeaveTurn;

INLINE int
weave_turn_of (int pixel)
{
  return pixel == 3 ? 3 : 1;
}

/* Where float `at` of the result lies in its line. */
INLINE guint
weave_source (guint at, guint pixel)
{
  return at / pixel / 2 * pixel + at % pixel;
}

/* The first float of line `line` that is at float `at` of the result or behind it. */
INLINE guint
weave_first (guint at, guint pixel, guint line)
{
  return at / pixel % 2 == line ? weave_source (at, pixel) : (at / pixel + 1) / 2 * pixel;
}

/* The turn from float `begin` of the result on. */
INLINE void
weave_begin (WeaveTurn *turn, guint begin, guint pixel)
{
#pragma GCC unroll 3
  for (int v = 0; v < weave_turn_of ((int) pixel); v++)
    {
      guint at = begin + (guint) v * LANES;
      guint first = weave_first (at, pixel, 0), second = weave_first (at, pixel, 1);
      guint lane[LANES];

      turn->at[v][0] = first;
      turn->at[v][1] = second;
      for (guint i = 0; i < LANES; i++)
        lane[i] =
            weave_source (at + i, pixel) - ((at + i) / pixel % 2 == 0 ? first : second - LANES);
      turn->lanes[v] = load_lanes ((const int *) lane);
    }
}

/* Vector `v` from there on. */
INLINE Vector
weave_vector (const WeaveTurn *turn, int v, int length, const float *first, const float *second)
{
  const int place = v % length, after = v / length * length * (LANES / 2);

  return shuffle_two (load (first + turn->at[place][0] + after),
                      load (second + turn->at[place][1] + after), turn->lanes[place]);
}
