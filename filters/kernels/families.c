/* families.c: the table of kernel families, and what they share: coordinates, sums, rounding.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/kernels/families.h"

#include <math.h>
#include <string.h>

static const CnFamily families[] = {
  { "edge", cn_edge_plane, NULL, 1, CN_FINISH_NONE, 2, 0 },
  { "gaussian-edge", cn_edge_gaussian, NULL, 1, CN_FINISH_DETECT, 2, 3 },
  { "sobel", NULL, cn_edge_sobel, 1, CN_FINISH_NONE, 2, 0 },
  { "scharr", NULL, cn_edge_scharr, 1, CN_FINISH_NONE, 3, 0 },
  { "frei-chen", NULL, cn_edge_frei_chen, 1, CN_FINISH_NONE, 3, 0 },
  { "compass", NULL, cn_edge_compass, 1, CN_FINISH_NONE, 3, 0 },
  { "emboss", NULL, cn_edge_emboss, 1, CN_FINISH_NONE, 3, 0 },
  { "soft-emboss", NULL, cn_edge_soft_emboss, 1, CN_FINISH_NONE, 3, 3 },

  { "box", cn_blur_box, NULL, 1, CN_FINISH_ONE, 1, 0 },
  { "gaussian", cn_blur_gaussian, NULL, 1, CN_FINISH_ONE, 1, 3 },
  { "disk", cn_blur_disk, NULL, 8, CN_FINISH_ONE, 1, 0 },
  { "ring-blur", cn_blur_ring, NULL, 8, CN_FINISH_ONE, 1, 0 },
  { "hexagon", cn_blur_hexagon, NULL, 8, CN_FINISH_ONE, 1, 0 },
  { "tent", cn_blur_tent, NULL, 1, CN_FINISH_ONE, 1, 0 },
  { "line-blur", cn_blur_line, NULL, 1, CN_FINISH_ONE, 1, 3 },
  { "binomial", NULL, cn_blur_binomial, 1, CN_FINISH_ONE, 1, 0 },
  { "motion", NULL, cn_blur_motion, 1, CN_FINISH_ONE, 1, 0 },
  { "shift", NULL, cn_blur_shift, 1, CN_FINISH_ONE, 1, 0 },
  { "unsharp", NULL, cn_blur_unsharp, 1, CN_FINISH_NONE, 1, 3 },
  { "high-pass", NULL, cn_blur_high_pass, 1, CN_FINISH_ZERO, 1, 3 },
  { "difference", NULL, cn_blur_difference, 1, CN_FINISH_ZERO, 2, 4.8 },

  { "laplacian", cn_pattern_laplacian, NULL, 1, CN_FINISH_DETECT, 2, 4 },
  { "spot", cn_pattern_spot, NULL, 1, CN_FINISH_DETECT, 2, 4 },
  { "second", cn_pattern_second, NULL, 1, CN_FINISH_DETECT, 2, 4 },
  { "ridge", cn_pattern_ridge, NULL, 1, CN_FINISH_DETECT, 2, 6 },
  { "gabor", NULL, cn_pattern_gabor, 1, CN_FINISH_DETECT, 2, 5 },
  { "gabor-odd", cn_pattern_gabor_odd, NULL, 1, CN_FINISH_DETECT, 2, 5 },
  { "corner", cn_pattern_corner, NULL, 8, CN_FINISH_DETECT, 2, 0 },
  { "junction", cn_pattern_junction, NULL, 8, CN_FINISH_DETECT, 2, 0 },
  { "checker", NULL, cn_pattern_checker, 1, CN_FINISH_DETECT, 2, 0 },
  { "ring", cn_pattern_ring, NULL, 8, CN_FINISH_DETECT, 3, 0 },
  { "cross", cn_pattern_cross, NULL, 8, CN_FINISH_DETECT, 3, 0 },
  { "line-end", cn_pattern_line_end, NULL, 8, CN_FINISH_DETECT, 3, 0 },
};

const CnFamily *
cn_family (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (families); i++)
    if (strcmp (families[i].name, name) == 0)
      return &families[i];
  return NULL;
}

int
cn_family_size (const CnFamily *family, double sigma)
{
  double size = 2 * ceil (MAX (1, family->reach * sigma)) + 1;

  return size < CN_KERNEL_MAX ? (int) size : CN_KERNEL_MAX;
}

double
cn_bell (double distance, double sigma)
{
  return exp (-distance * distance / (2 * sigma * sigma));
}

void
cn_binomial (int size, double *row)
{
  row[0] = 1;
  for (int i = 1; i < size; i++)
    row[i] = row[i - 1] * (size - i) / i;
}

double
cn_from_middle (int size, int i)
{
  return i - (size - 1) / 2.0;
}

void
cn_splat (const CnShape *shape, double x, double y, double weight, double *weights)
{
  double column = x + (shape->size - 1) / 2.0, row = y + (shape->size - 1) / 2.0;
  int left = (int) floor (column), top = (int) floor (row);

  for (int i = 0; i < 2; i++)
    for (int j = 0; j < 2; j++)
      {
        double part = fabs (1 - i - (row - top)) * fabs (1 - j - (column - left));

        if (part > 0 && top + i >= 0 && top + i < shape->size && left + j >= 0
            && left + j < shape->size)
          weights[(top + i) * shape->size + left + j] += weight * part;
      }
}

/* Cosine and sine, exact at multiples of 45°: a kernel at 90° has zeros, not 6e-17. */
static CnShape
shape_of (const CnKernelParameters *parameters, const CnKernel *base)
{
  static const double table[] = { 0, M_SQRT1_2, 1, M_SQRT1_2, 0, -M_SQRT1_2, -1, -M_SQRT1_2 };
  int turns = (int) lround (parameters->angle / 45);
  int eighth = ((turns % 8) + 8) % 8;
  double radians = parameters->angle * G_PI / 180;
  gboolean exact = parameters->angle == 45.0 * turns;

  return (CnShape){
    .size = parameters->size,
    .cos = exact ? table[(eighth + 2) % 8] : cos (radians),
    .sin = exact ? table[eighth] : sin (radians),
    .sigma = MAX (parameters->sigma, 0.1), /* below, a bell is one element to the last digit */
    .turns = eighth,
    .base = base,
  };
}

static double
sampled (const CnFamily *family, const CnShape *shape, double x, double y)
{
  int n = MAX (family->samples, 1) / (shape->size > 64 && family->samples > 1 ? 2 : 1);
  double sum = 0;

  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++)
      sum += family->weight (shape, x + cn_from_middle (n, j) / n, y + cn_from_middle (n, i) / n);
  return sum / (n * n);
}

static void
finish (CnFinish kind, double *weights, gsize n)
{
  double sum = 0, size = 0, largest = 0;

  for (gsize i = 0; i < n; i++)
    sum += weights[i];
  for (gsize i = 0; i < n && kind >= CN_FINISH_ZERO; i++)
    weights[i] -= sum / n;
  for (gsize i = 0; i < n; i++)
    size += fabs (weights[i]);
  for (gsize i = 0; i < n; i++)
    {
      if (kind == CN_FINISH_ONE)
        weights[i] /= sum;
      else if (kind == CN_FINISH_DETECT && size > 0)
        weights[i] /= size / 2;
      largest = MAX (largest, fabs (weights[i]));
    }
  for (gsize i = 0; i < n; i++) /* what is nothing but rounding */
    if (fabs (weights[i]) < 1e-12 * largest)
      weights[i] = 0;
}

CnKernel *
cn_family_kernel (const CnFamily *family, const CnKernelParameters *parameters,
                  const CnKernel *base)
{
  CnShape shape = shape_of (parameters, base);
  CnKernel *kernel = cn_kernel_new (1, 1, shape.size, shape.size);
  g_autofree double *weights = g_new0 (double, cn_kernel_count (kernel));

  if (family->fill)
    family->fill (&shape, weights);
  for (int i = 0; i < shape.size && !family->fill; i++)
    for (int j = 0; j < shape.size; j++)
      weights[i * shape.size + j] =
          sampled (family, &shape, cn_from_middle (shape.size, j), cn_from_middle (shape.size, i));
  finish (family->finish, weights, cn_kernel_count (kernel));
  for (gsize i = 0; i < cn_kernel_count (kernel); i++)
    kernel->weights[i] = (float) weights[i];
  return kernel;
}
