/* test-colour-map.c: colours for numbers, against the published ones.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/net/colour-map.h"

#include <glib.h>
#include <math.h>

typedef struct
{
  CnColourMap map;
  double t;
  int rgb[3];
} Case;

/* Matplotlib's viridis at its ends and at multiples of 1/8, which are none of ours; and the table
   in Moreland's paper for its diverging map. */
static const Case cases[] = {
  { CN_COLOUR_MAP_GRAY, 0.5, { 128, 128, 128 } },
  { CN_COLOUR_MAP_VIRIDIS, 0, { 68, 1, 84 } },
  { CN_COLOUR_MAP_VIRIDIS, 0.25, { 59, 82, 139 } },
  { CN_COLOUR_MAP_VIRIDIS, 0.5, { 33, 145, 140 } },
  { CN_COLOUR_MAP_VIRIDIS, 0.75, { 94, 201, 98 } },
  { CN_COLOUR_MAP_VIRIDIS, 1, { 253, 231, 37 } },
  { CN_COLOUR_MAP_COOLWARM, 0, { 59, 76, 192 } },
  { CN_COLOUR_MAP_COOLWARM, 0.25, { 141, 176, 254 } },
  { CN_COLOUR_MAP_COOLWARM, 0.5, { 221, 221, 221 } },
  { CN_COLOUR_MAP_COOLWARM, 0.75, { 244, 152, 122 } },
  { CN_COLOUR_MAP_COOLWARM, 1, { 180, 4, 38 } },
};

static void
test_published (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      float rgb[3];

      cn_colour (cases[i].map, cases[i].t, rgb);
      for (int c = 0; c < 3; c++)
        g_assert_cmpfloat_with_epsilon (rgb[c] * 255, cases[i].rgb[c], 2.01);
    }
}

/* Neighbouring numbers have neighbouring colours, all of which can be shown. */
static void
test_steady (void)
{
  for (int map = CN_COLOUR_MAP_GRAY; map <= CN_COLOUR_MAP_COOLWARM; map++)
    {
      float before[3], rgb[3];

      cn_colour (map, 0, before);
      for (int i = 1; i <= 1000; i++)
        {
          cn_colour (map, i / 1000.0, rgb);
          for (int c = 0; c < 3; c++)
            {
              g_assert_true (rgb[c] >= 0 && rgb[c] <= 1);
              g_assert_cmpfloat_with_epsilon (rgb[c], before[c], 0.008);
              before[c] = rgb[c];
            }
        }
    }
}

static void
test_outside (void)
{
  static const double outside[][2] = { { -3, 0 }, { 7, 1 }, { NAN, 0 }, { INFINITY, 1 } };

  for (gsize i = 0; i < G_N_ELEMENTS (outside); i++)
    {
      float got[3], end[3];

      cn_colour (CN_COLOUR_MAP_VIRIDIS, outside[i][0], got);
      cn_colour (CN_COLOUR_MAP_VIRIDIS, outside[i][1], end);
      g_assert_cmpmem (got, sizeof got, end, sizeof end);
    }
}

static void
test_scale (void)
{
  double scale, shift;

  cn_colour_scale (CN_COLOUR_MAP_VIRIDIS, -1, 3, &scale, &shift);
  g_assert_true (scale == 0.25 && shift == 0.25);
  cn_colour_scale (CN_COLOUR_MAP_COOLWARM, -1, 4, &scale, &shift); /* from −4 to 4 */
  g_assert_true (scale == 0.125 && shift == 0.5);
  cn_colour_scale (CN_COLOUR_MAP_GRAY, 2, 2, &scale, &shift);
  g_assert_true (scale == 0 && shift == 0.5);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/colour-map/published", test_published);
  g_test_add_func ("/colour-map/scale", test_scale);
  g_test_add_func ("/colour-map/steady", test_steady);
  g_test_add_func ("/colour-map/outside", test_outside);
  return g_test_run ();
}
