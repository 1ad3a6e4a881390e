/* between.h: a random number within bounds, for all tests that draw some.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

/* From GLib's seeded generator, both ends among them. */
static inline int
between (int low, int high)
{
  return g_test_rand_int_range (low, high + 1);
}
