/* expect.h: the picture filter in double, from its definition: what the procedure must give.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "tests/gimp/filter.h"
#include "tests/unit/oracle.h"

/* Pixels as floats, interleaved, alpha last and not premultiplied. */
typedef struct
{
  int width, height, colours;
  gboolean has_alpha;
  float *data;
} Picture;

void picture_clear (Picture *picture);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Picture, picture_clear)

int picture_channels (const Picture *picture);

/* The result of a filter: height × width × channels of the picture, and how far from it the engine,
   which computes in float, may be; infinitely far where a divisor is nothing but rounding. The
   centre of the first window lies at (left, top) of the picture. */
typedef struct
{
  int width, height, channels, left, top;
  double *value, *tolerance;
} Expected;

void expected_clear (Expected *expected);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Expected, expected_clear)

/* Filter `filter` (0 …) of the kernel over the picture. `limit`: the result is for integers. Where
   `part` is given, x, y, width and height of a rectangle of the picture, only windows with their
   centre in it count. */
Expected expect (const Filter *f, int filter, const Picture *picture, gboolean limit,
                 const int part[4]);

/* The border of that name; NULL is “replicate”, the default. */
OracleBorder expect_border (const char *name);

/* What a padding means at the top, left, bottom and right; “same” shares `around` out to both
   sides, the odd one at the end. */
void expect_padding (const char *text, int around_y, int around_x, int sides[4]);
