/* test-cubic.c: pictures made smaller and larger, against the formula and MATLAB's weights.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/train/cubic.h"

#include <math.h>

#include "filters/core/error.h"

/* Keys' cubic with a = −1/2, as it is printed. */
static double
keys (double t)
{
  const double a = -0.5;

  t = fabs (t);
  if (t <= 1)
    return (a + 2) * pow (t, 3) - (a + 3) * pow (t, 2) + 1;
  return t < 2 ? a * pow (t, 3) - 5 * a * pow (t, 2) + 8 * a * t - 4 * a : 0;
}

/* The weight of pixel x of n for result i of `to`, with what is beyond the border folded in. */
static double
weight_of (int x, int n, int i, int to)
{
  double scale = (double) to / n, slope = fmin (scale, 1), sum = 0, all = 0;
  double at = (i + 0.5) / scale - 0.5;

  for (int k = -20 * n; k < 20 * n; k++)
    {
      int period = ((k % (2 * n)) + 2 * n) % (2 * n);
      double weight = keys (slope * (k - at));

      all += weight;
      if ((period < n ? period : 2 * n - 1 - period) == x)
        sum += weight;
    }
  return sum / all;
}

static CnPlane
random_plane (int width, int height)
{
  CnPlane plane = { width, height, g_new (float, width *height) };

  for (int i = 0; i < width * height; i++)
    plane.pixels[i] = (float) g_test_rand_double_range (0, 255);
  return plane;
}

/* Sums are in double; the result is rounded to float once: 255 · 1.1 · ε / 2. */
#define TOLERANCE (255 * 1.1 * 6e-8 + 1e-9)

static void
check (int width, int height, int to_width, int to_height)
{
  g_autoptr (GError) error = NULL;
  CnPlane plane = random_plane (width, height);
  CnPlane result = cn_cubic_resize (&plane, to_width, to_height, &error);

  g_assert_no_error (error);
  g_assert_cmpint (result.width, ==, to_width);
  for (int y = 0; y < to_height; y++)
    for (int x = 0; x < to_width; x++)
      {
        double sum = 0;

        for (int i = 0; i < height; i++)
          for (int j = 0; j < width; j++)
            sum += weight_of (i, height, y, to_height) * weight_of (j, width, x, to_width)
                   * plane.pixels[i * width + j];
        g_assert_cmpfloat_with_epsilon ((double) result.pixels[y * to_width + x], sum, TOLERANCE);
      }
  g_free (plane.pixels);
  g_free (result.pixels);
}

static void
test_formula (void)
{
  check (12, 8, 6, 4);
  check (9, 12, 3, 4);
  check (8, 12, 2, 3);
  check (5, 4, 10, 8);
  check (4, 3, 12, 9);
  check (7, 5, 7, 5);
  check (11, 7, 4, 5);
  check (1, 1, 3, 2);
  check (3, 2, 1, 1); /* a kernel that reaches far over the borders */
}

/* What imresize (x, 1/2) has for a row with one pixel of 1. */
static void
test_matlab (void)
{
  static const double weights[] = { -0.01171875, -0.03515625, 0.11328125,  0.43359375,
                                    0.43359375,  0.11328125,  -0.03515625, -0.01171875 };
  float row[16] = { 0 };
  CnPlane plane = { 16, 1, row }, result;

  for (int i = 0; i < 8; i++)
    {
      row[i + 3] = 1;
      result = cn_cubic_resize (&plane, 8, 1, NULL);
      g_assert_cmpfloat_with_epsilon ((double) result.pixels[3], weights[i], 1e-7);
      g_free (result.pixels);
      row[i + 3] = 0;
    }
}

/* A transposed convolution with the kernel is the same interpolation, where the kernel is large
   enough. */
static void
test_kernel (void)
{
  for (int stride = 1; stride <= 4; stride++)
    {
      int size = 4 * stride + 1, shift = (size - stride + 1) / 2;
      g_autofree double *kernel = cn_cubic_kernel (size, stride, shift);
      float row[9] = { 0, 0, 0, 0, 1, 0, 0, 0, 0 };
      CnPlane result = cn_cubic_resize (&(CnPlane){ 9, 1, row }, 9 * stride, 1, NULL);

      for (int a = 0; a < size; a++)
        g_assert_cmpfloat_with_epsilon ((double) result.pixels[4 * stride + a - shift], kernel[a],
                                        1e-7);
      g_free (result.pixels);
    }
}

/* One that is too small still gives a flat picture back. */
static void
test_small_kernel (void)
{
  for (int stride = 2; stride <= 4; stride++)
    {
      g_autofree double *kernel = cn_cubic_kernel (9, stride, (9 - stride + 1) / 2);

      for (int phase = 0; phase < stride; phase++)
        {
          double sum = 0;

          for (int a = phase; a < 9; a += stride)
            sum += kernel[a];
          g_assert_cmpfloat_with_epsilon (sum, 1, 1e-12);
        }
    }
}

static void
test_errors (void)
{
  float pixel = 1;
  g_autoptr (GError) error = NULL;

  g_assert_null (cn_cubic_resize (&(CnPlane){ 1, 1, &pixel }, 0, 1, &error).pixels);
  g_assert_error (error, CN_ERROR, CN_ERROR_ARGUMENT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cubic/formula", test_formula);
  g_test_add_func ("/cubic/matlab", test_matlab);
  g_test_add_func ("/cubic/kernel", test_kernel);
  g_test_add_func ("/cubic/small-kernel", test_small_kernel);
  g_test_add_func ("/cubic/errors", test_errors);
  return g_test_run ();
}
