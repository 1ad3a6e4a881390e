/* test-factor.c: kernels of rank 1 come apart, others do not, and two passes give what one gives.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/ops/factor.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "tests/unit/cases.h"
#include "tests/unit/oracle.h"

typedef struct
{
  const char *name;
  int height, width;
  float kernel[25];
} Kernel;

static const Kernel apart[] = {
  { "one", 1, 1, { -3 } },
  { "row", 1, 4, { 1, 0, -2, 0.3f } },
  { "column", 3, 1, { 0, 2, 5 } },
  { "sobel", 3, 3, { 1, 0, -1, 2, 0, -2, 1, 0, -1 } },
  { "horizontal edge", 3, 3, { 1, 1, 1, 0, 0, 0, -1, -1, -1 } },
  { "binomial", 3, 3, { 1, 2, 1, 2, 4, 2, 1, 2, 1 } },
  { "single tap", 3, 3, { 0, 0, 0, 0, 0, 7, 0, 0, 0 } },
  { "negative", 2, 2, { -1, 2, 3, -6 } },
  { "large and small", 2, 2, { 1e30f, 1, 1, 1e-30f } },
};

static const Kernel together[] = {
  { "zeros", 2, 2, { 0, 0, 0, 0 } },
  { "zero", 1, 1, { 0 } },
  { "cross", 3, 3, { 1, 0, 1, 0, 1, 0, 1, 0, 1 } },
  { "laplacian", 3, 3, { 0, 1, 0, 1, -4, 1, 0, 1, 0 } },
  { "identity matrix", 2, 2, { 1, 0, 0, 1 } },
  { "one off", 3, 3, { 1, 2, 1, 2, 4, 2, 1, 2, 1.00001f } },
  { "zero that should not be", 2, 2, { 1, 2, 2, 0 } },
  { "tiny that should be zero", 2, 2, { 1, 0, 2, 1e-30f } },
  /* A Gaussian of sigma 1 typed with three digits: almost of rank 1, and another kernel. */
  { "few digits",
    3,
    3,
    { 0.075f, 0.124f, 0.075f, 0.124f, 0.204f, 0.124f, 0.075f, 0.124f, 0.075f } },
  { "NaN", 2, 2, { 1, 2, 2, NAN } },
  { "NaN first", 2, 2, { NAN, 2, 2, 4 } },
  { "infinity", 2, 2, { 1, 2, 2, INFINITY } },
};

static void
test_apart (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (apart); i++)
    {
      const Kernel *k = &apart[i];
      float column[5], row[5];

      g_test_message ("%s", k->name);
      g_assert_true (cn_factor (k->kernel, k->height, k->width, column, row));
      for (int a = 0; a < k->height; a++)
        for (int b = 0; b < k->width; b++)
          oracle_assert_near ((double) column[a] * row[b], k->kernel[a * k->width + b],
                              4 * FLT_EPSILON * fabs (k->kernel[a * k->width + b]));
    }
}

static void
test_together (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (together); i++)
    {
      const Kernel *k = &together[i];
      float column[5], row[5];

      g_test_message ("%s", k->name);
      g_assert_false (cn_factor (k->kernel, k->height, k->width, column, row));
    }
}

/* Products of whole numbers come apart without rounding. */
static void
test_whole_numbers (void)
{
  static const float sobel[] = { 1, 0, -1, 2, 0, -2, 1, 0, -1 };
  float column[3], row[3];

  g_assert_true (cn_factor (sobel, 3, 3, column, row));
  for (int i = 0; i < 9; i++)
    g_assert_cmpfloat (column[i / 3] * row[i % 3], ==, sobel[i]);
}

/* Rounded products of random floats pass, and one element in a thousand off does not. */
static void
test_random (void)
{
  for (int i = 0; i < 2000; i++)
    {
      int height = g_test_rand_int_range (2, 20), width = g_test_rand_int_range (2, 20);
      g_autofree float *a = random_floats (height), *b = random_floats (width);
      g_autofree float *kernel = g_new (float, height *width);
      g_autofree float *column = g_new (float, height), *row = g_new (float, width);

      for (int k = 0; k < height * width; k++)
        kernel[k] = a[k / width] * b[k % width];
      g_assert_true (cn_factor (kernel, height, width, column, row));
      for (int k = 0; k < height * width; k++)
        oracle_assert_near ((double) column[k / width] * row[k % width], kernel[k],
                            4 * FLT_EPSILON * fabs (kernel[k]));
      kernel[g_test_rand_int_range (0, height * width)] *= 1.001f;
      g_assert_false (cn_factor (kernel, height, width, column, row));
    }
}

/* The same picture in two passes and tap by tap: both within their bounds from the oracle, so no
   further apart than the sum of these; and the two passes do run, or the bits would be the same. */
static void
test_separable_is_dense (void)
{
  int differing = 0;

  for (int i = 0; i < 300 && !g_test_failed (); i++)
    {
      g_autoptr (Case) c = case_random (CASE_RANK_ONE, 40000);
      g_autoptr (CnTensor) dense = NULL, two_pass = NULL;
      CnConv2dMethod methods[] = { CN_CONV2D_DENSE, CN_CONV2D_TWO_PASS };
      CnTensor **results[] = { &dense, &two_pass };

      for (int m = 0; m < 2; m++)
        {
          g_autofree char *message = NULL;

          c->options.method = methods[m];
          *results[m] = case_run (c, c->weights);
          if (case_mismatches (c, *results[m], &message) == 0)
            continue;
          g_test_message ("%s", message);
          g_test_fail ();
        }
      differing += case_differences (dense, two_pass) > 0;
    }
  g_assert_cmpint (differing, >, 50);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/factor/apart", test_apart);
  g_test_add_func ("/factor/together", test_together);
  g_test_add_func ("/factor/whole-numbers", test_whole_numbers);
  g_test_add_func ("/factor/random", test_random);
  g_test_add_func ("/factor/separable-is-dense", test_separable_is_dense);
  return g_test_run ();
}
