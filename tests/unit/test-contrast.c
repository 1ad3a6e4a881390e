/* test-contrast.c: the range that is worth showing, by sorting.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/net/contrast.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define N 10000

static int
compare (const void *a, const void *b)
{
  float x = *(const float *) a, y = *(const float *) b;

  return (x > y) - (x < y);
}

static void
find (const float *values, gsize n, gsize piece, float *dark, float *bright)
{
  CnContrast contrast;

  cn_contrast_init (&contrast);
  for (gsize i = 0; i < n; i += piece)
    cn_contrast_look (&contrast, values + i, MIN (piece, n - i));
  for (gsize i = 0; i < n; i += piece)
    cn_contrast_count (&contrast, values + i, MIN (piece, n - i));
  cn_contrast_find (&contrast, dark, bright);
}

/* Half a percent are cut off on each side, within a step of the histogram; pieces do not matter. */
static void
test_quantiles (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (5);
  g_autofree float *values = g_new (float, N), *sorted = NULL;
  float dark, bright, again[2];
  double step;

  for (int i = 0; i < N; i++)
    values[i] = (float) g_rand_double_range (random, -3, 5);
  values[77] = -50;
  values[N - 1] = 100;
  sorted = g_memdup2 (values, N * sizeof (float));
  qsort (sorted, N, sizeof (float), compare);
  step = 150.0 / CN_CONTRAST_BINS * 1.0001;
  find (values, N, N, &dark, &bright);
  g_assert_cmpfloat (dark, <=, sorted[N / 200]);
  g_assert_cmpfloat (dark, >=, sorted[N / 200] - step);
  g_assert_cmpfloat (bright, >=, sorted[N - 1 - N / 200]);
  g_assert_cmpfloat (bright, <=, sorted[N - 1 - N / 200] + step);
  find (values, N, 33, &again[0], &again[1]);
  g_assert_true (again[0] == dark && again[1] == bright);
}

static void
test_extremes (void)
{
  const float same[] = { 3, 3, 3 }, broken[] = { 0, NAN, 1, 2 };
  const float wide[] = { -G_MAXFLOAT, G_MAXFLOAT };
  float dark = 9, bright = 9;

  find (NULL, 0, 1, &dark, &bright);
  g_assert_true (dark == 0 && bright == 0);
  find (same, 3, 3, &dark, &bright);
  g_assert_true (dark == 3 && bright == 3);
  find (broken, 4, 4, &dark, &bright);
  g_assert_true (dark == 0 && bright == 2);
  find (wide, 2, 2, &dark, &bright);
  g_assert_true (dark == -G_MAXFLOAT && bright == G_MAXFLOAT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/contrast/quantiles", test_quantiles);
  g_test_add_func ("/contrast/extremes", test_extremes);
  return g_test_run ();
}
