/* test-rescale.c: samples brought to another size, against the formula in double.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/kernels/rescale.h"

#include <math.h>
#include <string.h>

#include "filters/core/error.h"
#include "filters/core/shape.h"
#include "tests/unit/oracle.h"
#include "tests/unit/pictures.h"

static Picture *
rescale (const Picture *from, int height, int width)
{
  Picture *to = picture_new (width, height, from->channels);
  g_autoptr (GError) error = NULL;

  cn_rescale (from->data, from->height, from->width, from->channels, to->data, height, width,
              &error);
  g_assert_no_error (error);
  return to;
}

/* The weight of pixel j of `from` in result i of `to`, not yet divided by the sum. */
static double
weight (int from, int to, int i, int j)
{
  double scale = (double) from / to;

  return fmax (0, 1 - fabs (j + 0.5 - (i + 0.5) * scale) / fmax (1, scale));
}

/* Both sides at once, over all pixels of the picture. */
static double
expect (const Picture *from, int height, int width, int y, int x, int c)
{
  double sum = 0, weights = 0;

  for (int j = 0; j < from->height; j++)
    for (int i = 0; i < from->width; i++)
      {
        double w = weight (from->height, height, y, j) * weight (from->width, width, x, i);

        weights += w;
        if (w > 0)
          sum += w * picture_at (from, i, j)[c];
      }
  return sum / weights;
}

/* How many samples are not so. Each is a mean of samples in [0, 1), rounded to float after either
   pass: two times half an ulp of 1, which is 2⁻²⁴, and what doubles are off, for means of two
   samples may lie in the middle between two floats. */
static int
mismatches (const Picture *from, const Picture *to)
{
  int wrong = 0;

  for (int y = 0; y < to->height; y++)
    for (int x = 0; x < to->width; x++)
      for (int c = 0; c < to->channels; c++)
        wrong += fabs (picture_at (to, x, y)[c] - expect (from, to->height, to->width, y, x, c))
                 > ldexp (1, -24) + 1e-14;
  return wrong;
}

static void
test_oracle (void)
{
  for (int i = 0; i < 60; i++)
    {
      g_autoptr (Picture) from =
          picture_random (g_test_rand_int_range (1, 24), g_test_rand_int_range (1, 24), 1 + i % 4);
      g_autoptr (Picture) to =
          rescale (from, g_test_rand_int_range (1, 40), g_test_rand_int_range (1, 40));

      g_assert_cmpint (mismatches (from, to), ==, 0);
    }
}

/* The picture a pixel to the right is another. */
static void
test_shift_is_found (void)
{
  g_autoptr (Picture) from = picture_random (17, 9, 3);
  g_autoptr (Picture) to = rescale (from, 5, 6);

  memmove (from->data + 3, from->data, (17 * 9 - 1) * 3 * sizeof (float));
  g_assert_cmpint (mismatches (from, to), >, 0);
}

static void
test_flat_stays_flat (void)
{
  static const int sides[] = { 1, 2, 7, 64, 1000 };

  for (gsize i = 0; i < G_N_ELEMENTS (sides); i++)
    for (gsize k = 0; k < G_N_ELEMENTS (sides); k++)
      {
        g_autoptr (Picture) from = picture_new (sides[i], 5, 2), to = NULL;

        for (int n = 0; n < 2 * 5 * sides[i]; n++)
          from->data[n] = n % 2 ? 0.1f : 1 / 3.f;
        to = rescale (from, 9, sides[k]);
        for (int n = 0; n < 2 * 9 * sides[k]; n++)
          g_assert_cmpfloat (to->data[n], ==, n % 2 ? 0.1f : 1 / 3.f);
      }
}

static void
test_same_size (void)
{
  g_autoptr (Picture) from = picture_random (31, 13, 4);
  g_autoptr (Picture) to = NULL;

  from->data[20] = NAN;
  from->data[40] = INFINITY;
  to = rescale (from, 13, 31);
  g_assert_cmpmem (to->data, 31 * 13 * 4 * sizeof (float), from->data,
                   31 * 13 * 4 * sizeof (float));
}

/* Stripes of one pixel become gray, not other stripes. */
static void
test_no_alias (void)
{
  g_autoptr (Picture) from = picture_new (600, 1, 1), to = NULL;

  for (int x = 0; x < 600; x++)
    from->data[x] = x % 2;
  to = rescale (from, 1, 55);
  for (int x = 1; x < 54; x++)
    g_assert_cmpfloat_with_epsilon (to->data[x], 0.5, 0.01);
}

/* A picture is turned around with its result. */
static void
test_symmetry (void)
{
  g_autoptr (Picture) from = picture_random (23, 1, 1), back = picture_new (23, 1, 1);
  g_autoptr (Picture) a = rescale (from, 1, 7), b = NULL;

  for (int x = 0; x < 23; x++)
    back->data[x] = from->data[22 - x];
  b = rescale (back, 1, 7);
  for (int x = 0; x < 7; x++)
    oracle_assert_near (a->data[x], b->data[6 - x], ldexp (1, -24));
}

/* A host's picture, read strip by strip, gives the bits of one in memory. */
static void
test_host (void)
{
  for (int i = 0; i < 10; i++)
    {
      g_autoptr (Picture) from = picture_random (3, 300, 1 + i % 4), whole = NULL;
      g_autoptr (Picture) hosted = picture_new (5, 40 + 60 * i, from->channels);
      g_autoptr (GError) error = NULL;
      CnSource source = picture_host_source (from);

      whole = rescale (from, hosted->height, hosted->width);
      cn_rescale_source (&source, hosted->data, hosted->height, hosted->width, &error);
      g_assert_no_error (error);
      picture_assert_same (whole, hosted);
    }
}

static gboolean
fail (gpointer host, const CnRect *area, float *data, gsize row, GError **error)
{
  (void) host;
  (void) area;
  (void) data;
  (void) row;
  cn_set_error (error, CN_ERROR_CANCELLED, "Cancelled");
  return FALSE;
}

static void
test_errors (void)
{
  float pixel = 0;
  CnSource source = {
    .width = 3, .height = 3, .memory = { .planes = 1, .pixel = 1 }, .read = fail
  };
  g_autoptr (GError) none = NULL, large = NULL, host = NULL;

  g_assert_false (cn_rescale (&pixel, 1, 1, 1, &pixel, 0, 1, &none));
  g_assert_error (none, CN_ERROR, CN_ERROR_ARGUMENT);
  g_assert_false (cn_rescale (&pixel, 1, 1, 1, &pixel, 1, CN_SIZE_MAX + 1, &large));
  g_assert_error (large, CN_ERROR, CN_ERROR_ARGUMENT);
  g_assert_false (cn_rescale_source (&source, &pixel, 1, 1, &host));
  g_assert_error (host, CN_ERROR, CN_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rescale/oracle", test_oracle);
  g_test_add_func ("/rescale/shift-is-found", test_shift_is_found);
  g_test_add_func ("/rescale/flat-stays-flat", test_flat_stays_flat);
  g_test_add_func ("/rescale/same-size", test_same_size);
  g_test_add_func ("/rescale/no-alias", test_no_alias);
  g_test_add_func ("/rescale/symmetry", test_symmetry);
  g_test_add_func ("/rescale/host", test_host);
  g_test_add_func ("/rescale/errors", test_errors);
  return g_test_run ();
}
