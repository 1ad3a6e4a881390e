/* test-random.c: random numbers: the published sequence, ranges, moments, orders.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/core/random.h"

#include <math.h>

#define COUNT 100000

/* The first outputs of SplitMix64 for seed 1234567, as its authors' C gives them
   (https://prng.di.unimi.it/splitmix64.c). */
static void
test_published (void)
{
  static const guint64 expected[] = { 6457827717110365317u, 3203168211198807973u,
                                      9817491932198370423u, 4593380528125082431u,
                                      16408922859458223821u };
  CnRandom random = { 1234567 };

  for (gsize i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_cmpuint (cn_random_bits (&random), ==, expected[i]);
}

/* Streams of neighbouring keys have nothing in common. */
static void
test_streams (void)
{
  CnRandom a = cn_random (1, 2, 3);

  g_assert_cmpuint (a.state, ==, cn_random (1, 2, 3).state);
  for (int i = 0; i < 3; i++)
    {
      CnRandom b = cn_random (1 + (i == 0), 2 + (i == 1), 3 + (i == 2));
      int same = 0;

      a = cn_random (1, 2, 3);
      for (int bit = 0; bit < 64 * 100; bit += 64)
        for (guint64 bits = ~(cn_random_bits (&a) ^ cn_random_bits (&b)); bits; bits &= bits - 1)
          same++;
      g_assert_cmpint (same, >, 3200 - 200); /* half of 6400, and five times their spread of 40 */
      g_assert_cmpint (same, <, 3200 + 200);
    }
}

/* Means and variances are within five of their standard errors. */
static void
test_moments (void)
{
  CnRandom random = cn_random (1, 0, 0);
  double uniform = 0, normal = 0, squares = 0;
  int counts[7] = { 0 };

  for (int i = 0; i < COUNT; i++)
    {
      double u = cn_random_uniform (&random), z = cn_random_normal (&random);

      g_assert_true (u >= 0 && u < 1 && isfinite (z));
      uniform += u / COUNT;
      normal += z / COUNT;
      squares += z * z / COUNT;
      counts[cn_random_below (&random, 7)]++;
    }
  g_assert_cmpfloat_with_epsilon (uniform, 0.5, 5 * sqrt (1 / 12.0 / COUNT));
  g_assert_cmpfloat_with_epsilon (normal, 0, 5 * sqrt (1.0 / COUNT));
  g_assert_cmpfloat_with_epsilon (squares, 1, 5 * sqrt (2.0 / COUNT));
  for (int i = 0; i < 7; i++)
    g_assert_cmpfloat_with_epsilon (counts[i], COUNT / 7.0, 5 * sqrt (COUNT / 7.0));
}

static void
test_order (void)
{
  guint32 order[100], other[100];
  gboolean seen[100] = { FALSE };
  CnRandom random = cn_random (1, 0, 0), next = cn_random (2, 0, 0);
  int moved = 0;

  cn_random_order (&random, order, 100);
  cn_random_order (&next, other, 100);
  for (int i = 0; i < 100; i++)
    {
      g_assert_cmpuint (order[i], <, 100);
      g_assert_false (seen[order[i]]);
      seen[order[i]] = TRUE;
      moved += order[i] != other[i];
    }
  g_assert_cmpint (moved, >, 80);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/random/published", test_published);
  g_test_add_func ("/random/streams", test_streams);
  g_test_add_func ("/random/moments", test_moments);
  g_test_add_func ("/random/order", test_order);
  return g_test_run ();
}
