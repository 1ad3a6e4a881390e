/* filter.h: a filter as a test states it: what the procedure is given, and the same as numbers.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

/* A kernel's text, and the numbers that it stands for: filters × planes × height × width. */
typedef struct
{
  const char *text;
  int filters, planes, height, width;
  const double *weights;
} Kernel;

/* The procedure's arguments; 0 and NULL stand for the defaults. */
typedef struct
{
  const Kernel *kernel;
  gboolean flip;
  double divisor, bias;
  const char *activation;
  int stride, dilation;
  const char *padding, *border, *channels, *alpha, *encoding, *response, *output;
  gboolean effect; /* merge-filter is FALSE */
} Filter;

/* Kernels for the tests: their numbers are in filter.c. */
extern const Kernel kernel_sobel, kernel_laplacian, kernel_box, kernel_binomial, kernel_sharpen;
extern const Kernel kernel_ones;    /* 2×2, upscaling's default */
extern const Kernel kernel_uneven;  /* 2×4, of no symmetry, with fractions; its sum is 1/2 */
extern const Kernel kernel_planes;  /* 3 planes of 3×3 */
extern const Kernel kernel_filters; /* 3 filters of 1 plane of 3×2 */
