/* test-correlate.c: the correlation of rows at every CPU level: its bits, its bounds, its speed.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "tests/primitives/harness.h"
#include "tests/primitives/level.h"
#include "tests/unit/between.h"

#define CASES 3000

static Setup *
setup_random (void)
{
  int kh = between (0, 19) ? between (1, 9) : between (10, 70);
  int kw = between (0, 19) ? between (1, 9) : between (10, 70);
  int n = between (0, 9) ? between (1, 70) : between (71, 300);

  return setup_new (kh, kw, between (1, 9), n, (Samples) between (0, SAMPLES_KINDS - 1));
}

static gboolean
has_fma (CnCpuLevel level)
{
  return level >= CN_CPU_AVX2;
}

static Correlate
correlate_of (CnCpuLevel level)
{
  const CnPrimitives *primitives = level_primitives (level);

  return primitives ? primitives->correlate : NULL;
}

static void
check (CnCpuLevel level, Correlate correlate, const Setup *s)
{
  g_autofree char *message = NULL;
  int mismatches = setup_mismatches (s, correlate, has_fma (level), &message);

  if (mismatches == 0)
    return;
  g_test_message ("%s, %d mismatches: %s", cn_cpu_name (level), mismatches, message);
  g_test_fail ();
}

static void
test_random (gconstpointer data)
{
  CnCpuLevel level = GPOINTER_TO_INT (data);
  Correlate correlate = correlate_of (level);

  for (int i = 0; correlate && i < CASES && !g_test_failed (); i++)
    {
      g_autoptr (Setup) s = setup_random ();

      check (level, correlate, s);
    }
}

/* Every width up to a few blocks of the widest registers, with every number of rows in a group, by
   kernels that have code of their own (3×3) and that have not. */
static void
test_every_width (gconstpointer data)
{
  CnCpuLevel level = GPOINTER_TO_INT (data);
  Correlate correlate = correlate_of (level);

  for (int n = 1; correlate && n <= 200; n++)
    for (int rows = 1; rows <= 5; rows += 1 + (n > 80) * 3)
      for (int kh = 2; kh <= 3; kh++)
        {
          g_autoptr (Setup) s = setup_new (kh, 3, rows, n, SAMPLES_FINITE);

          check (level, correlate, s);
        }
}

/* Faults, each of which the harness must report. */
static Correlate right;

static void
tap_twice (const CnCorrelation *c)
{
  right (c);
  c->dst[c->n - 1] += c->weights[0] * c->src[c->offsets[0] + c->n - 1];
}

static void
taps_reversed (const CnCorrelation *c)
{
  CnCorrelation wrong = *c;
  g_autofree gsize *offsets = g_new (gsize, c->kw);

  for (int b = 0; b < c->kw; b++)
    offsets[b] = c->offsets[c->kw - 1 - b];
  wrong.offsets = offsets;
  right (&wrong);
}

/* The same sum, and nearly the same value: terms in another order. */
static void
other_order (const CnCorrelation *c)
{
  g_autofree float *weights = g_new (float, c->kw);
  CnCorrelation row = *c;

  row.kh = 1;
  row.weights = weights;
  for (int a = c->kh - 1; a >= 0; a--)
    {
      row.src = c->src + a * c->src_row;
      memcpy (weights, c->weights + a * c->kw, c->kw * sizeof (float));
      right (&row);
      row.accumulate = TRUE;
    }
}

static void
one_too_many (const CnCorrelation *c)
{
  right (c);
  c->dst[(c->rows - 1) * c->dst_row + c->n] = 0;
}

static void
one_before (const CnCorrelation *c)
{
  right (c);
  c->dst[-1] = 0;
}

static void
row_forgotten (const CnCorrelation *c)
{
  CnCorrelation less = *c;

  less.rows--;
  right (&less);
}

static void
start_forgotten (const CnCorrelation *c)
{
  CnCorrelation wrong = *c;

  wrong.accumulate = !c->accumulate;
  right (&wrong);
}

static void
gap_read (const CnCorrelation *c)
{
  CnCorrelation wrong = *c;

  wrong.src_row--;
  right (&wrong);
}

static void
test_faults_are_found (gconstpointer data)
{
  static const Correlate faults[] = { tap_twice,  taps_reversed, other_order,     one_too_many,
                                      one_before, row_forgotten, start_forgotten, gap_read };
  CnCpuLevel level = GPOINTER_TO_INT (data);

  right = correlate_of (level);
  for (guint i = 0; right && i < G_N_ELEMENTS (faults); i++)
    for (int turn = 0; turn < 20; turn++)
      {
        g_autoptr (Setup) s = NULL;
        g_autofree char *message = NULL;

        do /* taps at the same place would hide a fault */
          {
            g_clear_pointer (&s, setup_free);
            s = setup_new (3, 4, 2, 40 + turn, SAMPLES_FINITE);
          }
        while (s->offsets[0] == s->offsets[3]);
        g_assert_cmpint (setup_mismatches (s, faults[i], has_fma (level), &message), >=, 1);
        g_assert_nonnull (message);
      }
}

/* Seconds for one call, the least of some. */
static double
seconds (Correlate correlate, const CnCorrelation *c)
{
  double least = INFINITY;

  for (int turn = 0; turn < 9; turn++)
    {
      g_test_timer_start ();
      for (int i = 0; i < 20; i++)
        correlate (c);
      least = MIN (least, g_test_timer_elapsed () / 20);
    }
  return least;
}

static void
test_speed (gconstpointer data)
{
  static const int shapes[][2] = { { 1, 1 }, { 3, 3 }, { 5, 5 }, { 9, 9 }, { 1, 9 }, { 9, 1 } };
  CnCpuLevel level = GPOINTER_TO_INT (data);
  Correlate correlate = correlate_of (level);
  Correlate scalar = cn_primitives_for (CN_CPU_SCALAR)->correlate;

  for (guint i = 0; correlate && i < G_N_ELEMENTS (shapes); i++)
    {
      int kh = shapes[i][0], kw = shapes[i][1], rows = 64, n = 1024;
      g_autoptr (Setup) s = setup_new (kh, kw, rows, n, SAMPLES_FINITE);
      double here = seconds (correlate, &s->c);

      g_test_minimized_result (1e9 * here, "%s, %dx%d on %d rows of %d: %.1f ns",
                               cn_cpu_name (level), kh, kw, rows, n, 1e9 * here);
      g_test_message ("%s, %dx%d: %.2f times as fast as scalar, %.1f billion terms a second",
                      cn_cpu_name (level), kh, kw, seconds (scalar, &s->c) / here,
                      1e-9 * kh * kw * rows * n / here);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  level_add_test ("correlate", "random", test_random);
  level_add_test ("correlate", "every-width", test_every_width);
  level_add_test ("correlate", "faults-are-found", test_faults_are_found);
  if (g_test_perf ())
    level_add_test ("correlate", "speed", test_speed);
  return g_test_run ();
}
