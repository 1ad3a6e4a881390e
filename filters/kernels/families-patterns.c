/* families-patterns.c: second derivatives, lines, textures and shapes. The mean is taken off and
 * the positive weights add up to 1 afterwards: the map is brightest where the picture has the
 * pattern, and zero where it is flat. SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/kernels/families.h"

#include <math.h>

static double
across (const CnShape *shape, double x, double y)
{
  return x * shape->cos + y * shape->sin;
}

static double
lengthwise (const CnShape *shape, double x, double y)
{
  return y * shape->cos - x * shape->sin;
}

/* (r²/σ² − 2) exp (−r²/2σ²): the Laplacian of a Gaussian (Marr and Hildreth 1980), negative in the
   middle as the small Laplacians are. */
double
cn_pattern_laplacian (const CnShape *shape, double x, double y)
{
  double r = hypot (x, y) / shape->sigma;

  return (r * r - 2) * cn_bell (r, 1);
}

/* The same with its sign changed: bright spots of radius σ √2 (Lindeberg 1998). */
double
cn_pattern_spot (const CnShape *shape, double x, double y)
{
  return -cn_pattern_laplacian (shape, x, y);
}

/* (u²/σ² − 1) exp (−r²/2σ²): the second derivative of a Gaussian along u. */
double
cn_pattern_second (const CnShape *shape, double x, double y)
{
  double u = across (shape, x, y) / shape->sigma, v = lengthwise (shape, x, y) / shape->sigma;

  return (u * u - 1) * cn_bell (u, 1) * cn_bell (v, 1);
}

/* Bright lines: the second derivative across with its sign changed, twice as long as wide. */
double
cn_pattern_ridge (const CnShape *shape, double x, double y)
{
  double u = across (shape, x, y) / shape->sigma, v = lengthwise (shape, x, y) / shape->sigma;

  return (1 - u * u) * cn_bell (u, 1) * cn_bell (v, 2);
}

/* Gabor's wave packets as simple cells of the visual cortex have them (Daugman 1985): twice as long
   as wide, a wavelength of σ / 0.56, which makes a bandwidth of one octave. */
static double
envelope (const CnShape *shape, double x, double y)
{
  return cn_bell (across (shape, x, y), shape->sigma)
         * cn_bell (lengthwise (shape, x, y), 2 * shape->sigma);
}

static double
phase (const CnShape *shape, double x, double y)
{
  return 2 * G_PI * 0.56 * across (shape, x, y) / shape->sigma;
}

/* The even one. So much of the envelope is taken off that flat areas give zero: the mean alone
   would leave a step around the kernel. */
void
cn_pattern_gabor (const CnShape *shape, double *weights)
{
  int n = shape->size;
  double wave = 0, bell = 0;

  for (int i = 0; i < n * n; i++)
    {
      double x = cn_from_middle (n, i % n), y = cn_from_middle (n, i / n);

      weights[i] = envelope (shape, x, y) * cos (phase (shape, x, y));
      wave += weights[i];
      bell += envelope (shape, x, y);
    }
  for (int i = 0; i < n * n; i++)
    weights[i] -=
        wave / bell * envelope (shape, cn_from_middle (n, i % n), cn_from_middle (n, i / n));
}

/* The odd one: an edge, bright on the left at 0°. */
double
cn_pattern_gabor_odd (const CnShape *shape, double x, double y)
{
  return -envelope (shape, x, y) * sin (phase (shape, x, y));
}

/* A quarter, at 0° the lower right one: the top left corner of something bright. */
double
cn_pattern_corner (const CnShape *shape, double x, double y)
{
  return across (shape, x, y) > 0 && lengthwise (shape, x, y) > 0;
}

/* Two quarters that touch in the middle, as four fields of a chessboard. */
double
cn_pattern_junction (const CnShape *shape, double x, double y)
{
  double product = across (shape, x, y) * lengthwise (shape, x, y);

  return product > 0 ? 1 : product < 0 ? -1 : 0;
}

void
cn_pattern_checker (const CnShape *shape, double *weights)
{
  int n = shape->size;

  for (int i = 0; i < n * n; i++)
    weights[i] = (i / n + i % n) % 2 ? -1 : 1;
}

/* A circle, as wide as a sixth of the kernel, that leaves room around it. */
double
cn_pattern_ring (const CnShape *shape, double x, double y)
{
  double n = shape->size;

  return fabs (hypot (x, y) - 0.35 * n) <= MAX (0.5, n / 12);
}

/* Two lines of one pixel's width. */
double
cn_pattern_cross (const CnShape *shape, double x, double y)
{
  return fabs (across (shape, x, y)) < 0.5 || fabs (lengthwise (shape, x, y)) < 0.5;
}

/* A line of one pixel's width from the middle, at 0° to the right. */
double
cn_pattern_line_end (const CnShape *shape, double x, double y)
{
  return fabs (lengthwise (shape, x, y)) < 0.5 && across (shape, x, y) > -0.5;
}
