/* test-kernel-edit.c: changes to kernels: what they do to an example, and what holds for all.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <float.h>
#include <math.h>
#include <string.h>

#include "filters/kernels/kernel.h"

static CnKernel *
parse (const char *text)
{
  CnKernel *kernel = cn_kernel_parse (text, NULL);

  g_assert_nonnull (kernel);
  return kernel;
}

static void
check_text (const CnKernel *kernel, const char *text)
{
  g_autofree char *is = cn_kernel_format (kernel, CN_KERNEL_ROWS, "; ", NULL);

  g_assert_cmpstr (is, ==, text);
}

static void
test_examples (void)
{
  static const struct
  {
    CnKernelEdit edit;
    const char *from, *to;
  } rows[] = {
    { CN_KERNEL_ROTATE, "1 2 3; 4 5 6", "4 1; 5 2; 6 3" },
    { CN_KERNEL_ROTATE, "1 0 -1; 2 0 -2; 1 0 -1", "1 2 1; 0 0 0; -1 -2 -1" },
    { CN_KERNEL_ROTATE_180, "1 2 3; 4 5 6", "6 5 4; 3 2 1" },
    { CN_KERNEL_MIRROR, "1 2 3; 4 5 6", "3 2 1; 6 5 4" },
    { CN_KERNEL_FLIP, "1 2 3; 4 5 6", "4 5 6; 1 2 3" },
    { CN_KERNEL_TRANSPOSE, "1 2 3; 4 5 6", "1 4; 2 5; 3 6" },
    { CN_KERNEL_NEGATE, "1 0 -3; 4 5 6", "-1 0 3; -4 -5 -6" },
    { CN_KERNEL_NORMALISE, "1 2 1", "0.25 0.5 0.25" },
    { CN_KERNEL_NORMALISE, "1 0 -1; 1 0 -1", "0.5 0 -0.5; 0.5 0 -0.5" },
    { CN_KERNEL_NORMALISE, "-1 -1 -2", "0.25 0.25 0.5" },
    { CN_KERNEL_NORMALISE, "0 0", "0 0" },
    { CN_KERNEL_NORMALISE, "1 | 3 || 4 | 4", "0.25 | 0.75 || 0.5 | 0.5" },
    { CN_KERNEL_ZERO_MEAN, "1 2 3", "-1 0 1" },
    { CN_KERNEL_ZERO_MEAN, "0.1 0.1 0.1; 0.1 0.1 0.1", "0 0 0; 0 0 0" },
    { CN_KERNEL_ZERO_MEAN, "1 | 3 || 5 | 5", "-1 | 1 || 0 | 0" },
    { CN_KERNEL_UNIT_NORM, "3 4", "0.6 0.8" },
    { CN_KERNEL_UNIT_NORM, "3e-30 4e-30", "0.6 0.8" },
    { CN_KERNEL_UNIT_NORM, "0 -4e+30 || 0 2", "0 -1 || 0 1" },
    { CN_KERNEL_UNIT_NORM, "0 0", "0 0" },
    { CN_KERNEL_CLEAR, "1 2; bias 3", "0 0" },
    { CN_KERNEL_ROTATE, "1 2 | 3 4 || 5 6 | 7 8; bias 1", "1; 2 | 3; 4 || 5; 6 | 7; 8; bias 1" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (CnKernel) from = parse (rows[i].from), to = cn_kernel_edit (from, rows[i].edit);

      check_text (to, rows[i].to);
      check_text (from, rows[i].from);
    }
}

static CnKernel *
any_kernel (void)
{
  CnKernel *kernel = cn_kernel_new (g_test_rand_int_range (1, 4), g_test_rand_int_range (1, 4),
                                    g_test_rand_int_range (1, 8), g_test_rand_int_range (1, 8));

  for (gsize i = 0; i < cn_kernel_count (kernel); i++)
    kernel->weights[i] = (float) g_test_rand_double_range (-2, 3);
  kernel->bias = (float) g_test_rand_double_range (-1, 1);
  return kernel;
}

/* The kernel after `edits`, which end with CN_KERNEL_EDITS. */
static CnKernel *
edited (const CnKernel *kernel, const CnKernelEdit *edits)
{
  CnKernel *now = cn_kernel_copy (kernel);

  for (; *edits != CN_KERNEL_EDITS; edits++)
    {
      CnKernel *next = cn_kernel_edit (now, *edits);

      cn_kernel_free (now);
      now = next;
    }
  return now;
}

static void
check_same (const CnKernel *a, const CnKernel *b)
{
  g_assert_cmpint (a->height, ==, b->height);
  g_assert_cmpint (a->width, ==, b->width);
  g_assert_cmpint (a->planes, ==, b->planes);
  g_assert_cmpint (a->filters, ==, b->filters);
  g_assert_cmpfloat (a->bias, ==, b->bias);
  g_assert_cmpmem (a->weights, cn_kernel_count (a) * sizeof (float), b->weights,
                   cn_kernel_count (b) * sizeof (float));
}

#define R CN_KERNEL_ROTATE
#define H CN_KERNEL_ROTATE_180
#define M CN_KERNEL_MIRROR
#define F CN_KERNEL_FLIP
#define T CN_KERNEL_TRANSPOSE
#define N CN_KERNEL_NEGATE
#define END CN_KERNEL_EDITS

/* Two ways to the same kernel. */
static void
test_ways (void)
{
  static const CnKernelEdit ways[][2][5] = {
    { { R, R, R, R, END }, { END } },
    { { H, H, END }, { END } },
    { { M, M, END }, { END } },
    { { F, F, END }, { END } },
    { { T, T, END }, { END } },
    { { N, N, END }, { END } },
    { { R, R, END }, { H, END } },
    { { M, F, END }, { H, END } },
    { { T, M, END }, { R, END } },
    { { F, T, END }, { R, END } },
    { { R, T, END }, { F, END } },
    { { N, R, END }, { R, N, END } },
    { { CN_KERNEL_CLEAR, N, END }, { CN_KERNEL_CLEAR, END } },
  };

  for (int i = 0; i < 200; i++)
    {
      g_autoptr (CnKernel) kernel = any_kernel ();

      for (guint k = 0; k < G_N_ELEMENTS (ways); k++)
        {
          g_autoptr (CnKernel) one = edited (kernel, ways[k][0]),
                               other = edited (kernel, ways[k][1]);

          check_same (one, other);
        }
    }
}

/* What the sums are afterwards. Each weight is rounded once, by less than ε/2 of itself: a sum of
   them is off by less than ε Σ|w|; a sum of squares by less than 2 ε. */
static void
test_sums (void)
{
  for (int i = 0; i < 500; i++)
    {
      g_autoptr (CnKernel) kernel = any_kernel ();
      g_autoptr (CnKernel) one = cn_kernel_edit (kernel, CN_KERNEL_NORMALISE);
      g_autoptr (CnKernel) zero = cn_kernel_edit (kernel, CN_KERNEL_ZERO_MEAN);
      g_autoptr (CnKernel) unit = cn_kernel_edit (kernel, CN_KERNEL_UNIT_NORM);
      gsize n = cn_kernel_count (kernel) / kernel->filters;

      for (int f = 0; f < kernel->filters; f++)
        {
          double sum = 0, size = 0, rest = 0, left = 0, squares = 0;

          for (gsize k = f * n; k < (f + 1) * n; k++)
            {
              sum += one->weights[k];
              size += fabs (one->weights[k]);
              rest += zero->weights[k];
              left += fabs (zero->weights[k]);
              squares += (double) unit->weights[k] * unit->weights[k];
            }
          g_assert_cmpfloat (fabs (sum - 1), <=, FLT_EPSILON * size);
          g_assert_cmpfloat (fabs (rest), <=, FLT_EPSILON * left);
          g_assert_cmpfloat (fabs (squares - 1), <=, 2 * FLT_EPSILON);
        }
    }
}

static void
test_resize_examples (void)
{
  static const struct
  {
    const char *from;
    int height, width;
    const char *to;
  } rows[] = {
    { "1 2 3; 4 5 6; 7 8 9", 5, 5, "0 0 0 0 0; 0 1 2 3 0; 0 4 5 6 0; 0 7 8 9 0; 0 0 0 0 0" },
    { "1 2 3; 4 5 6; 7 8 9", 1, 1, "5" },
    { "1 2 3; 4 5 6; 7 8 9", 2, 3, "4 5 6; 7 8 9" },
    { "1 2 3", 3, 1, "0; 2; 0" },
    { "1 2 3", 1, 4, "1 2 3 0" },
    { "1 2 3 4", 1, 5, "0 1 2 3 4" },
    { "1 2 3 4", 1, 3, "1 2 3" },
    { "1 2 3 4 5", 1, 4, "2 3 4 5" },
    { "7", 2, 2, "7 0; 0 0" },
    { "1 | 2 || 3 | 4; bias 2", 1, 2, "1 0 | 2 0 || 3 0 | 4 0; bias 2" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (CnKernel) from = parse (rows[i].from);
      g_autoptr (CnKernel) to = cn_kernel_resize (from, rows[i].height, rows[i].width);

      check_text (to, rows[i].to);
    }
}

/* Larger and back is the same; the weight at the middle stays there. */
static void
test_resize (void)
{
  for (int i = 0; i < 500; i++)
    {
      g_autoptr (CnKernel) kernel = any_kernel ();
      int height = g_test_rand_int_range (1, 20), width = g_test_rand_int_range (1, 20);
      g_autoptr (CnKernel) to = cn_kernel_resize (kernel, height, width);
      g_autoptr (CnKernel) large =
          cn_kernel_resize (kernel, kernel->height + height, kernel->width + width);
      g_autoptr (CnKernel) back = cn_kernel_resize (large, kernel->height, kernel->width);

      check_same (kernel, back);
      g_assert_cmpfloat (
          to->weights[(height - 1) / 2 * width + (width - 1) / 2], ==,
          kernel->weights[(kernel->height - 1) / 2 * kernel->width + (kernel->width - 1) / 2]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/kernel-edit/examples", test_examples);
  g_test_add_func ("/kernel-edit/ways", test_ways);
  g_test_add_func ("/kernel-edit/sums", test_sums);
  g_test_add_func ("/kernel-edit/resize-examples", test_resize_examples);
  g_test_add_func ("/kernel-edit/resize", test_resize);
  return g_test_run ();
}
