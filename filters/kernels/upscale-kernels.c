/* upscale-kernels.c: the named kernels of upscaling, as functions and as weights.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/kernels/upscale-private.h"

#include <math.h>

#include "filters/core/error.h"

static double
box (double t, int radius)
{
  (void) radius;
  return fabs (t) < 0.5 ? 1 : 0;
}

static double
tent (double t, int radius)
{
  (void) radius;
  return fmax (1 - fabs (t), 0);
}

/* Mitchell and Netravali's family. */
static double
cubic (double t, double b, double c)
{
  t = fabs (t);
  if (t < 1)
    return ((12 - 9 * b - 6 * c) * t * t * t + (-18 + 12 * b + 6 * c) * t * t + (6 - 2 * b)) / 6;
  if (t < 2)
    return ((-b - 6 * c) * t * t * t + (6 * b + 30 * c) * t * t + (-12 * b - 48 * c) * t
            + (8 * b + 24 * c))
           / 6;
  return 0;
}

static double
catmull_rom (double t, int radius)
{
  (void) radius;
  return cubic (t, 0, 0.5);
}

static double
mitchell (double t, int radius)
{
  (void) radius;
  return cubic (t, 1.0 / 3, 1.0 / 3);
}

static double
bspline (double t, int radius)
{
  (void) radius;
  return cubic (t, 1, 0);
}

/* sinc t · sinc (t / radius), sinc t = sin πt / πt */
static double
lanczos (double t, int radius)
{
  double u = G_PI * t;

  if (t == 0)
    return 1;
  return fabs (t) < radius ? radius * sin (u) * sin (u / radius) / (u * u) : 0;
}

static const struct
{
  const char *name;
  int radius; /* pixels of the picture; 0: half a pixel */
  double (*function) (double t, int radius);
} kernels[CN_UPSCALE_KERNELS] = {
  [CN_UPSCALE_NEAREST] = { "nearest", 0, box },
  [CN_UPSCALE_BILINEAR] = { "bilinear", 1, tent },
  [CN_UPSCALE_BICUBIC] = { "bicubic", 2, catmull_rom },
  [CN_UPSCALE_MITCHELL] = { "mitchell", 2, mitchell },
  [CN_UPSCALE_BSPLINE] = { "bspline", 2, bspline },
  [CN_UPSCALE_LANCZOS2] = { "lanczos2", 2, lanczos },
  [CN_UPSCALE_LANCZOS3] = { "lanczos3", 3, lanczos },
};

const char *
cn_upscale_name (CnUpscaleKernel kernel)
{
  return kernels[kernel].name;
}

double *
cn_upscale_weights (CnUpscaleKernel kernel, int stride, int *count)
{
  int radius = kernels[kernel].radius;
  /* As many as lie nearer than the radius, which is even or odd as the stride is. */
  int k = radius == 0 ? stride : 2 * radius * stride - stride % 2;
  double *weights = g_new (double, k);

  for (int a = 0; a < k; a++)
    weights[a] = kernels[kernel].function ((a - (k - 1) / 2.0) / stride, radius);
  for (int phase = 0; phase < stride; phase++)
    {
      double sum = 0;

      for (int a = phase; a < k; a += stride)
        sum += weights[a];
      for (int a = phase; a < k; a += stride)
        weights[a] /= sum;
    }
  *count = k;
  return weights;
}

CnKernel *
cn_upscale_kernel (CnUpscaleKernel kernel, int stride, GError **error)
{
  g_autofree double *weights = NULL;
  CnKernel *result;
  int k;

  if (!cn_in_range (kernel, 0, CN_UPSCALE_KERNELS - 1, "The kernel's number", error)
      || !cn_in_range (stride, 1, CN_UPSCALE_STRIDE_MAX, "The scale", error))
    return NULL;
  weights = cn_upscale_weights (kernel, stride, &k);
  result = cn_kernel_new (1, 1, k, k);
  for (int a = 0; a < k; a++)
    for (int b = 0; b < k; b++)
      result->weights[a * k + b] = (float) (weights[a] * weights[b]);
  return result;
}
