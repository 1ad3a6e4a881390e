/* test-multiply-pixels.c: products of matrices for interleaved pixels at every CPU level: their
 * bits and their bounds. SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "tests/primitives/level.h"
#include "tests/unit/between.h"

#define GUARD 16

typedef void (*Multiply) (const CnPixelProduct *product);

static float *
random_floats (gsize n)
{
  float *floats = g_new (float, n);

  for (gsize i = 0; i < n; i++)
    floats[i] = between (0, 500) == 0 ? INFINITY : (float) g_test_rand_double_range (-1, 1);
  return floats;
}

/* Has them repeat after each pixel of a period. */
static void
repeat (float *floats, gsize n, int period, int samples)
{
  for (gsize i = 0; i < n; i++)
    floats[i] = floats[i / period * period + i % period % samples];
}

/* Sample i of row r, as primitives.h has it. */
static float
expect (const CnPixelProduct *p, int r, gsize i, gboolean fma)
{
  float sum = p->bias[i % p->period];

  for (int k = 0; k < p->terms + (r < p->more_rows ? p->more : 0); k++)
    {
      float a = p->a[r * p->a_row + (gsize) k * p->period + i % p->period];
      float b = p->b[p->offsets[k] + i];

      sum = fma ? fmaf (a, b, sum) : sum + a * b;
    }
  return sum;
}

/* Floats that are wrong, those between and around the rows of the result among them. b ends with
   the last float that may be read. For faults, of which nothing is told, half of the terms are for
   half of the rows only. */
static int
mismatches (Multiply multiply, int rows, gsize n, int terms, gboolean fma, gboolean tell)
{
  static const int all_samples[] = { 1, 2, 3, 4, 6, 8, 12, 24 };
  int samples = tell ? all_samples[between (0, G_N_ELEMENTS (all_samples) - 1)] : 3;
  int period = CN_PERIOD (samples), more = tell ? between (0, terms) : terms / 2, wrong = 0;
  gsize offsets[16], reach = 0, dst_row = n + between (0, 20);
  gsize floats = 2 * GUARD + (rows - 1) * dst_row + n;
  gsize a_row = (gsize) terms * period + between (0, 9);
  g_autofree float *a = random_floats (rows * a_row + 1), *bias = random_floats (period), *b = NULL;
  g_autofree float *start = random_floats (floats), *result = g_new (float, floats);
  CnPixelProduct p;

  for (int k = 0; k < terms; k++)
    {
      offsets[k] = between (0, 100);
      reach = MAX (reach, offsets[k]);
    }
  b = random_floats (reach + n);
  for (int r = 0; r < rows; r++)
    repeat (a + r * a_row, (gsize) terms * period, period, samples);
  repeat (bias, period, period, samples);
  memcpy (result, start, floats * sizeof (float));
  p = (CnPixelProduct){ .a = a,
                        .a_row = a_row,
                        .period = period,
                        .b = b,
                        .offsets = offsets,
                        .terms = terms - more,
                        .more = more,
                        .more_rows = tell ? between (0, rows) : rows / 2,
                        .dst = result + GUARD,
                        .dst_row = dst_row,
                        .rows = rows,
                        .n = n,
                        .bias = bias };
  multiply (&p);
  for (gsize i = 0; i < floats; i++)
    {
      gsize row = i < GUARD ? 0 : (i - GUARD) / dst_row, column = (i - GUARD) % dst_row;
      gboolean inside = i >= GUARD && row < (gsize) rows && column < n;
      float expected = inside ? expect (&p, (int) row, column, fma) : start[i];

      if ((isnan (expected) && isnan (result[i]))
          || memcmp (&result[i], &expected, sizeof expected) == 0)
        continue;
      if (wrong++ == 0 && tell)
        g_test_message ("%d rows, %d + %d terms, n %d, %d samples: float %d is %.9g, expected %.9g",
                        rows, p.terms, more, (int) n, samples, (int) i - GUARD, result[i],
                        expected);
    }
  return wrong;
}

static Multiply
multiply_of (CnCpuLevel level)
{
  const CnPrimitives *primitives = level_primitives (level);

  return primitives ? primitives->multiply_pixels : NULL;
}

static void
test_every_size (gconstpointer data)
{
  CnCpuLevel level = GPOINTER_TO_INT (data);
  Multiply multiply = multiply_of (level);

  for (int n = 1; multiply && n <= 210 && !g_test_failed (); n++)
    for (int rows = 1; rows <= 9; rows++)
      if (mismatches (multiply, rows, n, between (0, 9), level >= CN_CPU_AVX2, TRUE) > 0)
        g_test_fail ();
}

static Multiply right;

static void
term_forgotten (const CnPixelProduct *p)
{
  CnPixelProduct wrong = *p;

  wrong.terms--;
  right (&wrong);
}

static void
period_wrong (const CnPixelProduct *p)
{
  CnPixelProduct wrong = *p;

  wrong.a++;
  right (&wrong);
}

static void
more_for_another_row (const CnPixelProduct *p)
{
  CnPixelProduct wrong = *p;

  wrong.more_rows++;
  right (&wrong);
}

static void
one_too_many (const CnPixelProduct *p)
{
  right (p);
  p->dst[(p->rows - 1) * p->dst_row + p->n] = 0;
}

static void
test_faults_are_found (gconstpointer data)
{
  static const Multiply faults[] = { term_forgotten, period_wrong, more_for_another_row,
                                     one_too_many };
  CnCpuLevel level = GPOINTER_TO_INT (data);

  right = multiply_of (level);
  for (guint i = 0; right && i < G_N_ELEMENTS (faults); i++)
    for (int turn = 0; turn < 20; turn++)
      g_assert_cmpint (mismatches (faults[i], 5, 20 + turn, 9, level >= CN_CPU_AVX2, FALSE), >=, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  level_add_test ("multiply-pixels", "every-size", test_every_size);
  level_add_test ("multiply-pixels", "faults-are-found", test_faults_are_found);
  return g_test_run ();
}
