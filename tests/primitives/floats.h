/* floats.h: random samples, for all tests of inner loops that draw some.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <math.h>

#include "tests/unit/between.h"

/* `n` floats from −1 to 1, from GLib's seeded generator; with `special` an infinity now and then,
   which would hide what else is wrong with a sum. To be freed with g_free(). */
static inline float *
random_floats (gsize n, gboolean special)
{
  float *floats = g_new (float, n);

  for (gsize i = 0; i < n; i++)
    floats[i] =
        special && between (0, 500) == 0 ? INFINITY : (float) g_test_rand_double_range (-1, 1);
  return floats;
}
