/* kernel-edit.c: what can be done to a kernel: turned, mirrored, scaled, resized.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/kernels/kernel.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* Where the weight at (y, x) of a plane of `height` × `width` comes from. */
typedef struct
{
  int y, x;
} Place;

static Place
source (CnKernelEdit edit, const CnKernel *from, int y, int x)
{
  int bottom = from->height - 1, right = from->width - 1;

  switch (edit)
    {
    case CN_KERNEL_ROTATE: /* the first column, read upwards, becomes the first row */
      return (Place){ bottom - x, y };
    case CN_KERNEL_ROTATE_180:
      return (Place){ bottom - y, right - x };
    case CN_KERNEL_MIRROR:
      return (Place){ y, right - x };
    case CN_KERNEL_FLIP:
      return (Place){ bottom - y, x };
    case CN_KERNEL_TRANSPOSE:
      return (Place){ x, y };
    default:
      return (Place){ y, x };
    }
}

static CnKernel *
move (const CnKernel *from, CnKernelEdit edit)
{
  gboolean turned = edit == CN_KERNEL_ROTATE || edit == CN_KERNEL_TRANSPOSE;
  CnKernel *to = cn_kernel_new (from->filters, from->planes, turned ? from->width : from->height,
                                turned ? from->height : from->width);
  gsize taps = (gsize) from->height * from->width;
  int planes = from->filters * from->planes;

  to->bias = from->bias;
  for (int p = 0; p < planes; p++)
    for (int y = 0; y < to->height; y++)
      for (int x = 0; x < to->width; x++)
        {
          Place at = source (edit, from, y, x);

          to->weights[p * taps + (gsize) y * to->width + x] =
              from->weights[p * taps + (gsize) at.y * from->width + at.x];
        }
  return to;
}

/* Divides by the sum S, or where that is nothing but rounding (|S| ≤ n ε Σ|w|) by Σ|w| / 2: then
   what is positive adds up to 1. Zeros stay zeros. */
static void
normalise (float *weights, gsize n)
{
  double sum = 0, size = 0, divisor;

  for (gsize i = 0; i < n; i++)
    {
      sum += weights[i];
      size += fabs (weights[i]);
    }
  divisor = fabs (sum) > n * FLT_EPSILON * size ? sum : size / 2;
  for (gsize i = 0; i < n && divisor != 0; i++)
    weights[i] = (float) (weights[i] / divisor);
}

/* The mean is taken of the differences to the first weight, so that equal weights become zeros and
   no rounding is left of them. */
static void
subtract_mean (float *weights, gsize n)
{
  double first = weights[0], mean = 0;

  for (gsize i = 0; i < n; i++)
    mean += (weights[i] - first) / n;
  for (gsize i = 0; i < n; i++)
    weights[i] = (float) (weights[i] - first - mean);
}

/* Squares are summed of weights over the largest: of the smallest they would be zero. */
static void
divide_by_norm (float *weights, gsize n)
{
  double largest = 0, sum = 0;

  for (gsize i = 0; i < n; i++)
    largest = MAX (largest, fabs (weights[i]));
  if (largest == 0)
    return;
  for (gsize i = 0; i < n; i++)
    sum += (weights[i] / largest) * (weights[i] / largest);
  for (gsize i = 0; i < n; i++)
    weights[i] = (float) (weights[i] / largest / sqrt (sum));
}

static void
change (CnKernel *kernel, CnKernelEdit edit)
{
  gsize n = cn_kernel_count (kernel) / kernel->filters;

  for (int f = 0; f < kernel->filters; f++)
    {
      float *weights = kernel->weights + f * n;

      switch (edit)
        {
        case CN_KERNEL_NEGATE: /* of zeros none becomes −0, which would be shown */
          for (gsize i = 0; i < n; i++)
            weights[i] = weights[i] == 0 ? 0 : -weights[i];
          break;
        case CN_KERNEL_NORMALISE:
          normalise (weights, n);
          break;
        case CN_KERNEL_ZERO_MEAN:
          subtract_mean (weights, n);
          break;
        case CN_KERNEL_UNIT_NORM:
          divide_by_norm (weights, n);
          break;
        case CN_KERNEL_CLEAR:
          memset (weights, 0, n * sizeof (float));
          kernel->bias = 0;
          break;
        default:
          break;
        }
    }
}

CnKernel *
cn_kernel_edit (const CnKernel *kernel, CnKernelEdit edit)
{
  CnKernel *edited = move (kernel, edit);

  change (edited, edit);
  return edited;
}

void
cn_kernel_replace (CnKernel **kernel, CnKernelEdit edit)
{
  CnKernel *edited = cn_kernel_edit (*kernel, edit);

  cn_kernel_free (*kernel);
  *kernel = edited;
}

CnKernel *
cn_kernel_resize (const CnKernel *kernel, int height, int width)
{
  CnKernel *to = cn_kernel_new (kernel->filters, kernel->planes, height, width);
  int planes = kernel->filters * kernel->planes;
  int down = (height - 1) / 2 - (kernel->height - 1) / 2;
  int right = (width - 1) / 2 - (kernel->width - 1) / 2;
  int top = MAX (0, down), bottom = MIN (height, kernel->height + down);
  int left = MAX (0, right), end = MIN (width, kernel->width + right);

  to->bias = kernel->bias;
  for (int p = 0; p < planes; p++)
    for (int y = top; y < bottom; y++)
      memcpy (to->weights + ((gsize) p * height + y) * width + left,
              kernel->weights + ((gsize) p * kernel->height + y - down) * kernel->width + left
                  - right,
              (end - left) * sizeof (float));
  return to;
}
