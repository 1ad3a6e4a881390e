/* test-loss.c: losses and their gradients, against their formulas and by central differences.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/train/loss.h"

#include <math.h>

#define BLOCKS 2
#define SAMPLES 27 /* of 32 */
#define STEP 0.0009765625f

static CnLanes
random_lanes (int channels, int height, int width)
{
  CnLanes lanes = { BLOCKS, channels, height, width, NULL };

  g_assert_true (cn_lanes_alloc (&lanes, 0, NULL));
  for (gsize i = 0; i < BLOCKS * cn_lanes_block (&lanes); i++)
    lanes.data[i] = (float) g_test_rand_double_range (-2, 2);
  return lanes;
}

static gsize
place (const CnLanes *lanes, gsize sample, gsize i)
{
  return sample / CN_LANES * cn_lanes_block (lanes) + i * CN_LANES + sample % CN_LANES;
}

static void
test_classes (void)
{
  CnLanes z = random_lanes (5, 1, 1), gradient = random_lanes (5, 1, 1);
  guint16 labels[SAMPLES];
  double smoothing = 0.1, loss = 0;
  CnLossSum sum = { 0 };
  gsize wrong = 0;

  for (int i = 0; i < SAMPLES; i++)
    labels[i] = (guint16) g_test_rand_int_range (0, 5);
  cn_loss_classes (&z, labels, SAMPLES, smoothing, &gradient, &sum);
  for (gsize n = 0; n < SAMPLES; n++)
    {
      double total = 0;
      gboolean beaten = FALSE;

      for (int c = 0; c < 5; c++)
        total += exp (z.data[place (&z, n, c)]);
      for (int c = 0; c < 5; c++)
        {
          double p = exp (z.data[place (&z, n, c)]) / total, q = 0.02 + (c == labels[n]) * 0.9;

          loss -= q * log (p);
          beaten |= z.data[place (&z, n, c)] > z.data[place (&z, n, labels[n])];
          g_assert_cmpfloat_with_epsilon ((double) gradient.data[place (&z, n, c)],
                                          (p - q) / SAMPLES, 1e-8); /* ε/2 of 1 / 27 */
        }
      wrong += beaten;
    }
  g_assert_cmpfloat_with_epsilon (sum.loss, loss, 1e-12 * SAMPLES);
  g_assert_cmpfloat (sum.error, ==, (double) wrong);
  g_assert_cmpuint (sum.n, ==, SAMPLES);
  for (int c = 0; c < 5; c++) /* those that are no samples */
    g_assert_cmpfloat (gradient.data[place (&z, SAMPLES, c)], ==, 0);
  cn_lanes_clear (&z);
  cn_lanes_clear (&gradient);
}

/* e¹⁰⁰⁰ is over every range. */
static void
test_large (void)
{
  CnLanes z = random_lanes (3, 1, 1);
  guint16 label = 1;
  CnLossSum sum = { 0 };

  z.data[place (&z, 0, 0)] = 1000;
  z.data[place (&z, 0, 1)] = 990;
  z.data[place (&z, 0, 2)] = -1000;
  cn_loss_classes (&z, &label, 1, 0, NULL, &sum);
  g_assert_cmpfloat_with_epsilon (sum.loss, 10 + log1p (exp (-10)), 1e-9);
  z.data[place (&z, 0, 0)] = NAN;
  cn_loss_classes (&z, &label, 1, 0, NULL, &sum);
  g_assert_false (isfinite (sum.loss));
  cn_lanes_clear (&z);
}

static double
loss_of (CnLossKind kind, const CnLanes *output, const CnLanes *target)
{
  CnLossSum sum = { 0 };

  cn_loss_pictures (kind, output, target, SAMPLES, NULL, &sum);
  return sum.loss / SAMPLES;
}

static void
test_pictures (gconstpointer data)
{
  CnLossKind kind = GPOINTER_TO_INT (data);
  CnLanes y = random_lanes (2, 3, 4), target = random_lanes (2, 3, 4);
  CnLanes gradient = random_lanes (2, 3, 4);
  CnLossSum sum = { 0 };
  double loss = 0, squares = 0;

  for (gsize n = 0; n < SAMPLES; n++)
    for (gsize i = 0; i < 24; i++)
      {
        double d = (double) y.data[place (&y, n, i)] - target.data[place (&y, n, i)];

        squares += d * d / 24;
        loss += (kind == CN_LOSS_MSE  ? d * d
                 : kind == CN_LOSS_L1 ? fabs (d)
                                      : sqrt (d * d + 1e-6))
                / 24;
      }
  cn_loss_pictures (kind, &y, &target, SAMPLES, &gradient, &sum);
  g_assert_cmpfloat_with_epsilon (sum.loss, loss, 1e-12 * SAMPLES);
  g_assert_cmpfloat_with_epsilon (sum.error, squares, 1e-12 * SAMPLES);
  for (int turn = 0; turn < 50; turn++)
    {
      gsize at = place (&y, g_test_rand_int_range (0, SAMPLES), g_test_rand_int_range (0, 24));
      float value = y.data[at];
      double up, down;

      if (fabsf (value - target.data[at]) < 0.05f) /* near the corner */
        continue;
      y.data[at] = value + STEP;
      up = loss_of (kind, &y, &target) / ((double) y.data[at] - (value - STEP));
      y.data[at] = value - STEP;
      down = loss_of (kind, &y, &target) / ((double) (value + STEP) - y.data[at]);
      y.data[at] = value;
      /* Slopes are up to 8 / (24 · 27); those of the square root bend by STEP² / 0.05² of that. */
      g_assert_cmpfloat_with_epsilon ((double) gradient.data[at], up - down, 1e-5);
    }
  cn_lanes_clear (&y);
  cn_lanes_clear (&target);
  cn_lanes_clear (&gradient);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/loss/classes", test_classes);
  g_test_add_func ("/loss/large", test_large);
  for (CnLossKind kind = CN_LOSS_MSE; kind < CN_LOSSES; kind++)
    {
      g_autofree char *path = g_strdup_printf ("/loss/%s", cn_loss_name (kind));

      g_test_add_data_func (path, GINT_TO_POINTER (kind), test_pictures);
    }
  return g_test_run ();
}
