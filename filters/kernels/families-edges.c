/* families-edges.c: first derivatives: edge detectors and reliefs. At 0° they are positive on the
 * left, as the lecture's detector of vertical edges; the derivative along u, with its sign changed.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/kernels/families.h"

#include <string.h>

static double
along (const CnShape *shape, double x, double y)
{
  return x * shape->cos + y * shape->sin;
}

/* −u: the slope of the plane that fits the pixels best (Haralick's facet model, 1981; Prewitt's
   kernel for 3×3). Σ x² over n×n elements is n² (n² − 1) / 12, and a slope gives at every size what
   it gives at 3×3, where that is 6 and the numbers are the lecture's. */
double
cn_edge_plane (const CnShape *shape, double x, double y)
{
  double n = shape->size;

  return -along (shape, x, y) * 72 / (n * n * (n * n - 1));
}

/* The derivative of a Gaussian (Canny 1986). */
double
cn_edge_gaussian (const CnShape *shape, double x, double y)
{
  return -along (shape, x, y) * cn_bell (x, shape->sigma) * cn_bell (y, shape->sigma);
}

/* −cos · (smooth ⊗ slope) − sin · (slope ⊗ smooth): a derivative in any direction is the sum of two
   (Freeman and Adelson 1991). */
static void
steer (const CnShape *shape, const double *smooth, const double *slope, double scale,
       double *weights)
{
  int n = shape->size;

  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++)
      weights[i * n + j] =
          -scale * (shape->cos * smooth[i] * slope[j] + shape->sin * slope[i] * smooth[j]);
}

/* Sobel's and Feldman's kernel (1968), and for larger sizes binomial weights across and their
   differences along; a slope gives at every size what it gives at 3×3. */
void
cn_edge_sobel (const CnShape *shape, double *weights)
{
  double smooth[CN_KERNEL_MAX], shorter[CN_KERNEL_MAX], slope[CN_KERNEL_MAX];
  double sum = 0, response = 0;
  int n = shape->size;

  cn_binomial (n, smooth);
  cn_binomial (n - 1, shorter);
  for (int i = 0; i < n; i++)
    {
      slope[i] = (i > 0 ? shorter[i - 1] : 0) - (i < n - 1 ? shorter[i] : 0);
      sum += smooth[i];
      response += slope[i] * cn_from_middle (n, i);
    }
  steer (shape, smooth, slope, 8 / (sum * response), weights);
}

/* 3×3 with the weights that answer most alike in all directions (Scharr 2000). */
void
cn_edge_scharr (const CnShape *shape, double *weights)
{
  static const double smooth[] = { 3, 10, 3 }, slope[] = { -1, 0, 1 };

  steer (shape, smooth, slope, 1, weights);
}

/* Frei and Chen 1977. */
void
cn_edge_frei_chen (const CnShape *shape, double *weights)
{
  static const double smooth[] = { 1, G_SQRT2, 1 }, slope[] = { -1, 0, 1 };

  steer (shape, smooth, slope, 1, weights);
}

/* A kernel of 3×3 whose ring of eight is turned on, a step for each 45° (Kirsch 1971, Robinson
   1977). */
void
cn_edge_compass (const CnShape *shape, double *weights)
{
  static const int ring[] = { 0, 1, 2, 5, 8, 7, 6, 3 }; /* clockwise from the top left */
  const float *base = shape->base->weights;

  weights[4] = base[4];
  for (int i = 0; i < 8; i++)
    weights[ring[(i + shape->turns) % 8]] = base[ring[i]];
}

/* The picture and −√2 u: with the preset's 45° it is 2 1 0; 1 1 -1; 0 -1 -2. */
void
cn_edge_emboss (const CnShape *shape, double *weights)
{
  for (int i = 0; i < 9; i++)
    weights[i] = -G_SQRT2 * along (shape, i % 3 - 1, i / 3 - 1);
  weights[4] += 1;
}

/* The picture and the derivative of a Gaussian, whose positive weights add up to 2. */
void
cn_edge_soft_emboss (const CnShape *shape, double *weights)
{
  int n = shape->size;
  double positive = 0;

  for (int i = 0; i < n * n; i++)
    {
      weights[i] = cn_edge_gaussian (shape, cn_from_middle (n, i % n), cn_from_middle (n, i / n));
      positive += MAX (weights[i], 0);
    }
  for (int i = 0; i < n * n; i++)
    weights[i] *= 2 / positive;
  weights[(n / 2) * n + n / 2] += 1;
}
