/* colour-map.c: colours for numbers from 0 to 1.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/net/colour-map.h"

#include <glib.h>
#include <math.h>

static const guint8 viridis[10][3] = {
  { 0x44, 0x01, 0x54 }, { 0x48, 0x28, 0x78 }, { 0x3e, 0x49, 0x89 }, { 0x31, 0x68, 0x8e },
  { 0x26, 0x82, 0x8e }, { 0x1f, 0x9e, 0x89 }, { 0x35, 0xb7, 0x79 }, { 0x6e, 0xce, 0x58 },
  { 0xb5, 0xde, 0x2b }, { 0xfd, 0xe7, 0x25 },
};

/* Magnitude, saturation and hue, the polar coordinates of CIELAB that Moreland interpolates in: of
   the two ends, sRGB (59, 76, 192) and (180, 4, 38). White between them has no saturation; its hue
   is what his rule gives for each end. */
typedef struct
{
  double m, s, h, white_h;
} Msh;

static const Msh cool = { 79.989, 1.08043, -1.09843, -1.66014 };
static const Msh warm = { 80.087, 1.08044, 0.50245, 1.06016 };
static const double white_m = 88;

static void
interpolate (const guint8 (*colours)[3], int n, double t, float rgb[3])
{
  double place = t * (n - 1);
  int i = MIN ((int) place, n - 2);

  for (int c = 0; c < 3; c++)
    rgb[c] = (float) ((colours[i][c] + (place - i) * (colours[i + 1][c] - colours[i][c])) / 255);
}

static double
from_lab (double f)
{
  return f > 6.0 / 29 ? f * f * f : 3 * (6.0 / 29) * (6.0 / 29) * (f - 4.0 / 29);
}

static double
gamma_of (double light)
{
  double value = light <= 0.0031308 ? 12.92 * light : 1.055 * pow (light, 1 / 2.4) - 0.055;

  return CLAMP (value, 0, 1);
}

/* By CIELAB and XYZ for the white of D65. */
static void
msh_to_rgb (double m, double s, double h, float rgb[3])
{
  double l = m * cos (s), a = m * sin (s) * cos (h), b = m * sin (s) * sin (h);
  double y = (l + 16) / 116;
  double X = 0.95047 * from_lab (y + a / 500), Y = from_lab (y);
  double Z = 1.08883 * from_lab (y - b / 200);

  rgb[0] = (float) gamma_of (3.2406 * X - 1.5372 * Y - 0.4986 * Z);
  rgb[1] = (float) gamma_of (-0.9689 * X + 1.8758 * Y + 0.0415 * Z);
  rgb[2] = (float) gamma_of (0.0557 * X - 0.2040 * Y + 1.0570 * Z);
}

/* Two halves, each from an end to white. */
static void
coolwarm (double t, float rgb[3])
{
  const Msh *end = t < 0.5 ? &cool : &warm;
  double k = t < 0.5 ? 2 * t : 2 - 2 * t;

  msh_to_rgb (end->m + k * (white_m - end->m), end->s * (1 - k),
              end->h + k * (end->white_h - end->h), rgb);
}

void
cn_colour (CnColourMap map, double t, float rgb[3])
{
  t = t > 0 ? MIN (t, 1) : 0;
  switch (map)
    {
    case CN_COLOUR_MAP_GRAY:
      rgb[0] = rgb[1] = rgb[2] = (float) t;
      break;
    case CN_COLOUR_MAP_VIRIDIS:
      interpolate (viridis, G_N_ELEMENTS (viridis), t, rgb);
      break;
    case CN_COLOUR_MAP_COOLWARM:
      coolwarm (t, rgb);
      break;
    }
}

void
cn_colour_scale (CnColourMap map, double low, double high, double *scale, double *shift)
{
  if (map == CN_COLOUR_MAP_COOLWARM)
    {
      high = fmax (fabs (low), fabs (high));
      low = -high;
    }
  *scale = high > low ? 1 / (high - low) : 0;
  *shift = high > low ? -low * *scale : 0.5;
}
