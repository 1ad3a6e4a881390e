/* test-multiply-phases.c: the sums of a transposed convolution's phases at every CPU level: their
 * bits and their bounds. SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "tests/primitives/level.h"
#include "tests/unit/between.h"

#define GUARD 16
#define TERMS_MAX 6 /* of a kind */

typedef void (*Multiply) (const CnPhaseProduct *product);

/* Whether row `row` has the terms of kind `kind`. */
static gboolean
has_terms (int row, int kind)
{
  return kind == 0 || (kind == 1 && row % 2 == 0) || (kind == 2 && row < 2) || row == 0;
}

/* With `special` an infinity now and then, which would hide what else is wrong with a sum. */
static float *
random_floats (gsize n, gboolean special)
{
  float *floats = g_new (float, n);

  for (gsize i = 0; i < n; i++)
    floats[i] =
        special && between (0, 500) == 0 ? INFINITY : (float) g_test_rand_double_range (-1, 1);
  return floats;
}

/* Sample i of row r, as multiply.h has it. */
static float
expect (const CnPhaseProduct *p, int r, gsize i, gboolean fma)
{
  const float *a = p->a;
  const gsize *offset = p->offsets;
  float sum = p->bias;

  for (int turn = 0; turn < p->turns; turn++)
    for (int kind = 0; kind < 4; kind++)
      for (int k = 0; k < p->terms[kind]; k++, offset++)
        for (int row = 0; row < 4; row++)
          if (has_terms (row, kind))
            {
              float factor = *a++, sample = p->b[*offset + i];

              if (row == r)
                sum = fma ? fmaf (factor, sample, sum) : sum + factor * sample;
            }
  return sum;
}

/* Floats that are wrong, those between and around the rows of the result among them. b ends with
   the last float that may be read. Of faults nothing is told. */
static int
mismatches (Multiply multiply, gsize n, gboolean fma, gboolean tell)
{
  int turns = tell ? between (0, 3) : 2, wrong = 0;
  gsize dst_row = n + between (0, 20), before = GUARD + between (0, 15);
  gsize floats = before + GUARD + 3 * dst_row + n, reach = 0;
  gsize offsets[4 * 4 * TERMS_MAX];
  g_autofree float *a = random_floats (3 * TERMS_MAX * (4 + 2 + 2 + 1), tell), *b = NULL;
  g_autofree float *start = random_floats (floats, tell);
  g_autofree float *result = g_memdup2 (start, floats * sizeof (float));
  CnPhaseProduct p = { .a = a,
                       .offsets = offsets,
                       .turns = turns,
                       .dst = result + before,
                       .dst_row = dst_row,
                       .n = n,
                       .bias = (float) g_test_rand_double_range (-1, 1) };

  for (int kind = 0; kind < 4; kind++)
    p.terms[kind] = tell ? between (0, TERMS_MAX) : 2;
  for (guint k = 0; k < G_N_ELEMENTS (offsets); k++)
    offsets[k] = between (0, 100);
  for (int k = 0; k < turns * (p.terms[0] + p.terms[1] + p.terms[2] + p.terms[3]); k++)
    reach = MAX (reach, offsets[k]);
  p.b = b = random_floats (reach + n, tell);
  multiply (&p);
  for (gsize i = 0; i < floats; i++)
    {
      gsize row = i < before ? 0 : (i - before) / dst_row, column = (i - before) % dst_row;
      gboolean inside = i >= before && row < 4 && column < n;
      float expected = inside ? expect (&p, (int) row, column, fma) : start[i];

      if ((isnan (expected) && isnan (result[i]))
          || memcmp (&result[i], &expected, sizeof expected) == 0)
        continue;
      if (wrong++ == 0 && tell)
        g_test_message ("%d turns of %d, %d, %d and %d terms, n %d: float %d is %.9g, expected "
                        "%.9g",
                        turns, p.terms[0], p.terms[1], p.terms[2], p.terms[3], (int) n,
                        (int) (i - before), result[i], expected);
    }
  return wrong;
}

static Multiply
multiply_of (CnCpuLevel level)
{
  const CnPrimitives *primitives = level_primitives (level);

  return primitives ? primitives->multiply_phases : NULL;
}

static void
test_every_size (gconstpointer data)
{
  CnCpuLevel level = GPOINTER_TO_INT (data);
  Multiply multiply = multiply_of (level);

  for (int n = 1; multiply && n <= 210 && !g_test_failed (); n++)
    for (int i = 0; i < 5; i++)
      if (mismatches (multiply, n, level >= CN_CPU_AVX2, TRUE) > 0)
        g_test_fail ();
}

static Multiply right;

static void
term_forgotten (const CnPhaseProduct *p)
{
  CnPhaseProduct wrong = *p;

  wrong.terms[3]--;
  right (&wrong);
}

static void
rows_exchanged (const CnPhaseProduct *p)
{
  CnPhaseProduct wrong = *p;

  wrong.terms[1]--;
  wrong.terms[2]++;
  right (&wrong);
}

static void
turn_forgotten (const CnPhaseProduct *p)
{
  CnPhaseProduct wrong = *p;

  wrong.turns--;
  right (&wrong);
}

static void
bias_forgotten (const CnPhaseProduct *p)
{
  CnPhaseProduct wrong = *p;

  wrong.bias = 0;
  right (&wrong);
}

static void
one_too_many (const CnPhaseProduct *p)
{
  right (p);
  p->dst[3 * p->dst_row + p->n] = 0;
}

static void
test_faults_are_found (gconstpointer data)
{
  static const Multiply faults[] = { term_forgotten, rows_exchanged, turn_forgotten, bias_forgotten,
                                     one_too_many };
  CnCpuLevel level = GPOINTER_TO_INT (data);

  right = multiply_of (level);
  for (guint i = 0; right && i < G_N_ELEMENTS (faults); i++)
    for (int n = 20; n < 40; n++)
      g_assert_cmpint (mismatches (faults[i], n, level >= CN_CPU_AVX2, FALSE), >=, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  level_add_test ("multiply-phases", "every-size", test_every_size);
  level_add_test ("multiply-phases", "faults-are-found", test_faults_are_found);
  return g_test_run ();
}
