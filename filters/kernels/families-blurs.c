/* families-blurs.c: weighted means, and what is made from a picture and its blur. Sums are made 1
 * or 0 afterwards, as families.c's table says. SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/kernels/families.h"

#include <math.h>

double
cn_blur_box (const CnShape *shape, double x, double y)
{
  (void) shape;
  (void) x;
  (void) y;
  return 1;
}

double
cn_blur_gaussian (const CnShape *shape, double x, double y)
{
  return cn_bell (x, shape->sigma) * cn_bell (y, shape->sigma);
}

/* A lens out of focus: a point becomes a disk. */
double
cn_blur_disk (const CnShape *shape, double x, double y)
{
  return hypot (x, y) <= shape->size / 2.0;
}

/* A mirror lens out of focus: the middle of its opening is covered. */
double
cn_blur_ring (const CnShape *shape, double x, double y)
{
  double radius = hypot (x, y) / (shape->size / 2.0);

  return radius <= 1 && (radius >= 0.6 || shape->size < 4);
}

/* A lens whose opening has six blades; at 0° two sides stand upright. Its corners touch the circle
   that the disk fills. */
double
cn_blur_hexagon (const CnShape *shape, double x, double y)
{
  double u = fabs (x * shape->cos + y * shape->sin), v = fabs (y * shape->cos - x * shape->sin);
  double apothem = shape->size / 2.0 * sqrt (3) / 2;

  return u <= apothem && u / 2 + v * sqrt (3) / 2 <= apothem;
}

/* A box blurred by a box. */
double
cn_blur_tent (const CnShape *shape, double x, double y)
{
  double half = (shape->size + 1) / 2.0;

  return (half - fabs (x)) * (half - fabs (y));
}

/* A Gaussian along u, and just wide enough across not to be jagged. */
double
cn_blur_line (const CnShape *shape, double x, double y)
{
  return cn_bell (x * shape->cos + y * shape->sin, shape->sigma)
         * cn_bell (y * shape->cos - x * shape->sin, 0.4);
}

void
cn_blur_binomial (const CnShape *shape, double *weights)
{
  double row[CN_KERNEL_MAX];
  int n = shape->size;

  cn_binomial (n, row);
  for (int i = 0; i < n * n; i++)
    weights[i] = row[i / n] * row[i % n];
}

/* `size` points on a line through the middle, one pixel from each other; each is shared among the
   four elements around it, which smooths the steps of a slanted line. */
void
cn_blur_motion (const CnShape *shape, double *weights)
{
  for (int i = 0; i < shape->size; i++)
    {
      double at = cn_from_middle (shape->size, i);

      cn_splat (shape, at * shape->cos, at * shape->sin, 1, weights);
    }
}

/* A single 1 away from the middle. What the kernel sees on its left, it moves to the right. */
void
cn_blur_shift (const CnShape *shape, double *weights)
{
  int distance = (shape->size - 1) / 2;
  double middle = shape->size % 2 ? 0 : -0.5; /* the kernel's middle, of an even size */

  cn_splat (shape, middle - distance * shape->cos, middle - distance * shape->sin, 1, weights);
}

/* A Gaussian that adds up to `sum`, added to the weights. */
static void
add_gaussian (const CnShape *shape, double sigma, double sum, double *weights)
{
  double row[CN_KERNEL_MAX], total = 0;
  int n = shape->size;

  for (int i = 0; i < n; i++)
    {
      row[i] = cn_bell (cn_from_middle (n, i), sigma);
      total += row[i];
    }
  for (int i = 0; i < n * n; i++)
    weights[i] += sum * row[i / n] * row[i % n] / (total * total);
}

static void
add_middle (const CnShape *shape, double weight, double *weights)
{
  int middle = (shape->size - 1) / 2;

  weights[middle * shape->size + middle] += weight;
}

/* The picture, and what its blur lacks once more: 2 − G. */
void
cn_blur_unsharp (const CnShape *shape, double *weights)
{
  add_middle (shape, 2, weights);
  add_gaussian (shape, shape->sigma, -1, weights);
}

/* What a blur takes away: 1 − G. */
void
cn_blur_high_pass (const CnShape *shape, double *weights)
{
  add_middle (shape, 1, weights);
  add_gaussian (shape, shape->sigma, -1, weights);
}

/* A blur less a stronger one; with a ratio of 1.6 it is near to the Laplacian of a Gaussian (Marr
   and Hildreth 1980). */
void
cn_blur_difference (const CnShape *shape, double *weights)
{
  add_gaussian (shape, shape->sigma, 1, weights);
  add_gaussian (shape, 1.6 * shape->sigma, -1, weights);
}
