/* test-multiply-pixels.c: products of matrices for interleaved pixels at every CPU level: their
 * bits and their bounds. SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "tests/primitives/floats.h"
#include "tests/primitives/level.h"
#include "tests/unit/between.h"

#define GUARD 16

typedef void (*Multiply) (const CnPixelProduct *product);

/* Those of pixels of some samples, which go on as far as a block may go. */
static float *
random_factors (gsize n, int samples, gboolean special)
{
  gsize step = cn_factor_step (samples);
  float *floats = random_floats (n * step, special);

  for (gsize i = 0; i < n * step; i++)
    if (i % step < (gsize) samples + CN_FACTOR_BLOCK)
      floats[i] = floats[i / step * step + i % step % (gsize) samples];
  return floats;
}

/* Which samples of such pixels are kept: any, or the first one only. */
static int *
kept_samples (int samples, gboolean any)
{
  int *kept = g_new (int, cn_factor_step (samples));

  for (int i = 0; i < samples + CN_FACTOR_BLOCK; i++)
    kept[i] = i >= samples ? kept[i % samples] : any ? -between (0, 1) : -(i == 0);
  return kept;
}

/* Sample i of row r, as primitives.h has it. */
static float
expect (const CnPixelProduct *p, int r, gsize i, gboolean fma)
{
  gsize sample = i % (gsize) p->samples;
  float sum = p->bias[sample];

  for (int k = 0; k < p->terms + (r < p->more_rows ? p->more : 0); k++)
    {
      float a = p->a[r * p->a_row + k * cn_factor_step (p->samples) + sample];
      float b = p->b[p->offsets[k] + i];
      int rest = k < p->terms ? p->terms - k : p->terms + p->more - k;

      if (rest <= (k < p->terms ? p->some : p->more_some) && !p->kept[sample])
        b = 0;
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
  int samples = tell ? between (1, between (0, 3) == 0 ? 70 : 24) : 3;
  int more = tell ? between (0, terms) : terms / 2, wrong = 0;
  gsize offsets[16], reach = 0, dst_row = n + between (0, 20);
  gsize before = GUARD + (tell ? between (0, 15) : 0);
  g_autofree float *a = random_factors ((gsize) rows * terms + 1, samples, tell);
  g_autofree float *bias = random_factors (1, samples, tell), *b = NULL;
  g_autofree float *start = NULL, *result = NULL;
  g_autofree int *kept = kept_samples (samples, tell);
  gboolean stream = tell && between (0, 1);
  gsize floats;
  CnPixelProduct p;

  if (stream && between (0, 3) > 0)
    dst_row = (dst_row + CN_LINE_FLOATS - 1) / CN_LINE_FLOATS * CN_LINE_FLOATS;
  floats = before + GUARD + (rows - 1) * dst_row + n;
  start = random_floats (floats, tell);
  result = g_memdup2 (start, floats * sizeof (float));
  for (int k = 0; k < terms; k++)
    {
      offsets[k] = between (0, 100);
      reach = MAX (reach, offsets[k]);
    }
  b = random_floats (reach + n, tell);
  p = (CnPixelProduct){ .a = a,
                        .a_row = terms * cn_factor_step (samples),
                        .samples = samples,
                        .b = b,
                        .offsets = offsets,
                        .terms = terms - more,
                        .some = tell ? between (0, terms - more) : 2,
                        .more = more,
                        .more_some = tell ? between (0, more) : 2,
                        .more_rows = tell ? between (0, rows) : rows / 2,
                        .dst = result + before,
                        .dst_row = dst_row,
                        .rows = rows,
                        .n = n,
                        .bias = bias,
                        .kept = kept,
                        .stream = stream };
  multiply (&p);
  for (gsize i = 0; i < floats; i++)
    {
      gsize row = i < before ? 0 : (i - before) / dst_row, column = (i - before) % dst_row;
      gboolean inside = i >= before && row < (gsize) rows && column < n;
      float expected = inside ? expect (&p, (int) row, column, fma) : start[i];

      if ((isnan (expected) && isnan (result[i]))
          || memcmp (&result[i], &expected, sizeof expected) == 0)
        continue;
      if (wrong++ == 0 && tell)
        g_test_message ("%d rows, %d (%d) + %d (%d) terms, n %d, %d samples, %s: float %d is %.9g, "
                        "expected %.9g",
                        rows, p.terms, p.some, more, p.more_some, (int) n, samples,
                        stream ? "past the cache" : "stored", (int) (i - before), result[i],
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
sample_wrong (const CnPixelProduct *p)
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
zeros_forgotten (const CnPixelProduct *p)
{
  CnPixelProduct wrong = *p;

  wrong.some--;
  right (&wrong);
}

static void
zeros_of_more_forgotten (const CnPixelProduct *p)
{
  CnPixelProduct wrong = *p;

  wrong.more_some--;
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
  static const Multiply faults[] = {
    term_forgotten,          sample_wrong, more_for_another_row, zeros_forgotten,
    zeros_of_more_forgotten, one_too_many,
  };
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
