/* line.h: the lines of a cache, as inner loops and who calls them see them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

/* Floats of a cache line. */
#define CN_LINE_FLOATS 16

/* Floats from `at`, which lies at a multiple of a float's size, to the next cache line's beginning:
   0 … CN_LINE_FLOATS − 1. */
static inline gsize
cn_floats_to_line (const float *at)
{
  return -(guintptr) at / sizeof (float) % CN_LINE_FLOATS;
}

/* From one line of `n` floats to the next: an odd number of cache lines, so that lines begin with
   one and do not share a cache's sets. */
static inline gsize
cn_line_step (gsize n)
{
  return ((n + CN_LINE_FLOATS - 1) / CN_LINE_FLOATS | 1) * CN_LINE_FLOATS;
}
