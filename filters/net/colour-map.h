/* colour-map.h: colours for numbers from 0 to 1.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

typedef enum
{
  CN_COLOUR_MAP_GRAY,
  CN_COLOUR_MAP_VIRIDIS,  /* dark blue, green, yellow: evenly lighter (van der Walt, Smith, 2015) */
  CN_COLOUR_MAP_COOLWARM, /* blue, light gray in the middle, red (Moreland, 2009) */
} CnColourMap;

/* sRGB, each from 0 to 1. `t` outside 0 … 1 gets the colour of the nearer end, NaN that of 0.
   Viridis is interpolated between ten of its colours, by which it is off by 2/255 at most.
   Coolwarm is computed as in K. Moreland, “Diverging Color Maps for Scientific Visualization”. */
void cn_colour (CnColourMap map, double t, float rgb[3]);

/* What brings low … high to 0 … 1 by t = value · scale + shift; for coolwarm a range around 0 that
   holds it, so that 0 is in the middle. A range that is empty goes to ½. */
void cn_colour_scale (CnColourMap map, double low, double high, double *scale, double *shift);
