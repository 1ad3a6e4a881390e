/* test-shape.c: output sizes and window positions, by moving windows instead of by the formula.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/core/shape.h"

#include <string.h>

#include "filters/core/error.h"
#include "tests/unit/oracle.h"

static int
positions (int n, int size, int stride, int dilation, int before, int after)
{
  CnWindow window = { size, stride, dilation, before, after, FALSE };

  return cn_window_positions (&window, n, "width", NULL);
}

/* The lecture's sizes. */
static void
test_lecture (void)
{
  static const int rows[][5] = {
    { 5, 3, 1, 0, 3 },   { 6, 3, 1, 0, 4 },   { 7, 3, 2, 0, 3 },   { 28, 5, 1, 0, 24 },
    { 39, 3, 1, 0, 37 }, { 37, 5, 2, 0, 17 }, { 17, 5, 2, 0, 7 },  { 32, 5, 1, 0, 28 },
    { 14, 5, 1, 0, 10 }, { 6, 3, 1, 1, 6 },   { 28, 2, 2, 0, 14 }, { 5, 3, 2, 0, 2 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const int *r = rows[i];

      g_assert_cmpint (positions (r[0], r[1], r[2], 1, r[3], r[3]), ==, r[4]);
    }
}

static void
test_positions (void)
{
  for (int i = 0; i < 100000; i++)
    {
      int n = g_test_rand_int_range (1, 60), size = g_test_rand_int_range (1, 12);
      int stride = g_test_rand_int_range (1, 9), dilation = g_test_rand_int_range (1, 5);
      int before = g_test_rand_int_range (0, 30), after = g_test_rand_int_range (0, 30);

      g_assert_cmpint (positions (n, size, stride, dilation, before, after), ==,
                       oracle_positions (n, before, after, size, stride, dilation));
    }
}

/* `same` keeps the size at stride 1, has the odd pixel at the end, and its centres are the pixels;
   `valid` adds nothing, whatever the numbers say. */
static void
test_modes (void)
{
  CnPadding same = { CN_PADDING_SAME, 9, 9, 9, 9 }, valid = { CN_PADDING_VALID, 9, 9, 9, 9 };
  CnPadding explicit = { CN_PADDING_EXPLICIT, 1, 2, 3, 4 };
  CnWindow y, x;

  for (int size = 1; size <= 255; size++)
    for (int dilation = 1; dilation <= 4; dilation++)
      {
        cn_windows (size, 256 - size, 1, 2, dilation, 1, &same, &y, &x);
        g_assert_cmpint (cn_window_positions (&y, 33, "height", NULL), ==, 33);
        g_assert_cmpint (cn_window_positions (&x, 33, "width", NULL), ==, 17);
        g_assert_cmpint (y.before + y.after, ==, dilation * (size - 1));
        g_assert_cmpint (y.after - y.before, >=, 0);
        g_assert_cmpint (y.after - y.before, <=, 1);
        g_assert_cmpint (cn_window_extent (&y), ==, dilation * (size - 1) + 1);
        for (int p = 0; p < 33; p++)
          g_assert_cmpint (cn_window_centre (&y, p), ==, p);
        g_assert_cmpint (cn_window_centre (&x, 16), ==, 32);
      }
  cn_windows (5, 3, 1, 1, 1, 1, &valid, &y, &x);
  g_assert_cmpint (y.before + y.after + x.before + x.after, ==, 0);
  g_assert_cmpint (cn_window_centre (&y, 0), ==, 2);
  cn_windows (5, 3, 6, 7, 8, 9, &explicit, &y, &x);
  g_assert_cmpmem (&y, sizeof y, (&(CnWindow){ 5, 6, 8, 1, 3, FALSE }), sizeof y);
  g_assert_cmpmem (&x, sizeof x, (&(CnWindow){ 3, 7, 9, 2, 4, FALSE }), sizeof x);
}

/* Exactly the positions whose centre lies in the part. */
static void
test_centred (void)
{
  for (int i = 0; i < 50000; i++)
    {
      int n = g_test_rand_int_range (1, 40);
      CnWindow window = { g_test_rand_int_range (1, 8),  g_test_rand_int_range (1, 6),
                          g_test_rand_int_range (1, 4),  g_test_rand_int_range (0, 25),
                          g_test_rand_int_range (0, 25), FALSE };
      int count = cn_window_positions (&window, n, "width", NULL);
      int from = g_test_rand_int_range (-5, n), length = g_test_rand_int_range (1, n + 5);
      int first, found, expected = 0, expected_first = 0;

      if (count == 0)
        continue;
      for (int p = 0; p < count; p++)
        {
          int centre = p * window.stride - window.before + window.dilation * (window.size - 1) / 2;

          if (centre >= from && centre < from + length && expected++ == 0)
            expected_first = p;
        }
      cn_window_centred (&window, count, from, length, &first, &found);
      g_assert_cmpint (found, ==, expected);
      if (expected > 0)
        g_assert_cmpint (first, ==, expected_first);
    }
}

static void
assert_no_positions (CnWindow window, int n, const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (cn_window_positions (&window, n, "width", &error), ==, 0);
  g_assert_error (error, CN_ERROR, CN_ERROR_SHAPE);
  g_assert_cmpstr (error->message, ==, message);
}

/* Rounded up, counted by moving the window: another one as long as the last one did not reach the
   end, if it begins before the padding at the end. */
static void
test_ceil (void)
{
  for (int i = 0; i < 20000; i++)
    {
      int n = g_test_rand_int_range (1, 20), counted = 0;
      CnWindow w = { g_test_rand_int_range (1, 6),
                     g_test_rand_int_range (1, 6),
                     g_test_rand_int_range (1, 3),
                     0,
                     0,
                     TRUE };
      int extent = (w.size - 1) * w.dilation + 1;

      w.before = g_test_rand_int_range (0, extent);
      w.after = g_test_rand_int_range (0, extent);
      while ((counted - 1) * w.stride + extent < n + w.before + w.after
             && counted * w.stride < n + w.before)
        counted++;
      g_assert_cmpint (cn_window_positions (&w, n, "width", NULL), ==, counted);
    }
}

/* ONNX's SAME: the output is n / s rounded up, with no more padding than that takes. */
static void
test_fit (void)
{
  for (int i = 0; i < 20000; i++)
    {
      int n = g_test_rand_int_range (1, 30);
      gboolean upper = g_test_rand_bit ();
      CnWindow w = { g_test_rand_int_range (1, 8),
                     g_test_rand_int_range (1, 6),
                     g_test_rand_int_range (1, 4),
                     0,
                     0,
                     FALSE };
      int wanted = (n + w.stride - 1) / w.stride;

      cn_window_fit (&w, upper ? CN_PADDING_SAME_UPPER : CN_PADDING_SAME_LOWER, n);
      g_assert_cmpint (cn_window_positions (&w, n, "width", NULL), ==, wanted);
      g_assert_cmpint (upper ? w.after - w.before : w.before - w.after, >=, 0);
      g_assert_cmpint (ABS (w.after - w.before), <=, 1);
      if (w.before + w.after == 0)
        continue;
      w.after--;
      g_assert_cmpint (w.after < 0 ? 0 : cn_window_positions (&w, n, "width", NULL), <, wanted);
    }
}

/* Too small, too large, and numbers that would overflow. */
static void
test_errors (void)
{
  assert_no_positions ((CnWindow){ 5, 1, 1, 0, 0, FALSE }, 4,
                       "The kernel does not fit into the picture: its width is 5 (5 taps, dilation "
                       "1), the picture's 4 with 0 + 0 of padding");
  assert_no_positions ((CnWindow){ 3, 1, 4, 1, 2, FALSE }, 5,
                       "The kernel does not fit into the picture: its width is 9 (3 taps, dilation "
                       "4), the picture's 5 with 1 + 2 of padding");
  assert_no_positions ((CnWindow){ 1, 1, 1, 3, 3, FALSE }, 0,
                       "The kernel does not fit into the picture: its width is 1 (1 taps, dilation "
                       "1), the picture's 0 with 3 + 3 of padding");
  assert_no_positions ((CnWindow){ 1, 1, 1, 1, 0, FALSE }, CN_SIZE_MAX,
                       "The width 1048576 with 1 + 0 of padding is over the limit of 1048576");
  assert_no_positions (
      (CnWindow){ 3, 1, 1, CN_SIZE_MAX, CN_SIZE_MAX, FALSE }, G_MAXINT,
      "The width 2147483647 with 1048576 + 1048576 of padding is over the limit of "
      "1048576");
  g_assert_cmpint (positions (CN_SIZE_MAX, 1, 1, 1, 0, 0), ==, CN_SIZE_MAX);
  g_assert_cmpint (positions (10, 255, 1, 4096, 0, 0), ==, 0);
}

static void
test_bytes (void)
{
  g_assert_cmpuint (cn_float_bytes (2, 3, 4, 5), ==, 480);
  g_assert_cmpuint (cn_float_bytes (0, 3, 4, 5), ==, 0);
  g_assert_cmpuint (cn_float_bytes (G_MAXSIZE / 4, 1, 1, 1), ==, G_MAXSIZE / 4 * 4);
  g_assert_cmpuint (cn_float_bytes (G_MAXSIZE / 4 + 1, 1, 1, 1), ==, G_MAXSIZE);
  g_assert_cmpuint (cn_float_bytes (1 << 30, 1 << 30, 1 << 30, 1 << 30), ==, G_MAXSIZE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/shape/lecture", test_lecture);
  g_test_add_func ("/shape/positions", test_positions);
  g_test_add_func ("/shape/modes", test_modes);
  g_test_add_func ("/shape/centred", test_centred);
  g_test_add_func ("/shape/errors", test_errors);
  g_test_add_func ("/shape/bytes", test_bytes);
  g_test_add_func ("/shape/ceil", test_ceil);
  g_test_add_func ("/shape/fit", test_fit);
  return g_test_run ();
}
