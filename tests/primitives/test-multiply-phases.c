/* test-multiply-phases.c: the sums of a transposed convolution's phases at every CPU level: their
 * bits and their bounds. SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "tests/primitives/floats.h"
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

/* Float j of row y, as multiply.h has it. */
static float
expect (const CnPhaseProduct *p, int y, gsize j, gboolean fma)
{
  gsize at = p->skipped + j, place = at / p->pixel;
  gsize column = place / 2 * p->pixel + at % p->pixel;
  const float *a = p->a;
  const gsize *offset = p->offsets;
  float sum = p->bias;

  for (int turn = 0; turn < p->turns; turn++)
    for (int kind = 0; kind < 4; kind++)
      for (int k = 0; k < p->terms[kind]; k++, offset++)
        for (int r = 0; r < 4; r++)
          if (has_terms (r, kind))
            {
              float factor = *a++, sample = p->b[*offset + column];

              if (r == 2 * y + (int) (place % 2))
                sum = fma ? fmaf (factor, sample, sum) : sum + factor * sample;
            }
  return sum;
}

/* Floats of the last row that are read of `n` of the result. */
static gsize
columns_of (const CnPhaseProduct *p)
{
  return (p->skipped + p->n + 2 * p->pixel - 1) / (2 * p->pixel) * p->pixel;
}

/* Floats that are wrong, those between and around the rows of the result among them. b ends with
   the last float that may be read. Of faults, which may read a pixel more, nothing is told. */
static int
mismatches (Multiply multiply, int pixel, gsize n, gboolean fma, gboolean tell)
{
  int turns = tell ? between (0, 3) : 2, wrong = 0;
  gsize dst_row = n + between (0, 20), before = GUARD + between (0, 15);
  gsize floats = before + GUARD + dst_row + n, reach = 0;
  gsize offsets[4 * 4 * TERMS_MAX];
  g_autofree float *a = random_floats (3 * TERMS_MAX * (4 + 2 + 2 + 1), tell), *b = NULL;
  g_autofree float *start = random_floats (floats, tell);
  g_autofree float *result = g_memdup2 (start, floats * sizeof (float));
  CnPhaseProduct p = { .a = a,
                       .pixel = pixel,
                       .offsets = offsets,
                       .turns = turns,
                       .dst = { result + before, result + before + dst_row },
                       .n = n,
                       .skipped = (gsize) between (0, 1) * pixel,
                       .bias = (float) g_test_rand_double_range (-1, 1),
                       .stream = between (0, 1) };

  if (tell && between (0, 3) == 0)
    p.dst[between (0, 1)] = NULL;
  for (int kind = 0; kind < 4; kind++)
    p.terms[kind] = tell ? between (0, TERMS_MAX) : 2;
  for (guint k = 0; k < G_N_ELEMENTS (offsets); k++)
    offsets[k] = between (0, 100);
  for (int k = 0; k < turns * (p.terms[0] + p.terms[1] + p.terms[2] + p.terms[3]); k++)
    reach = MAX (reach, offsets[k]);
  p.b = b = random_floats (reach + columns_of (&p) + (tell ? 0 : pixel), tell);
  multiply (&p);
  for (gsize i = 0; i < floats; i++)
    {
      gsize row = i < before ? 0 : (i - before) / dst_row, column = (i - before) % dst_row;
      gboolean inside = i >= before && row < 2 && column < n && p.dst[row];
      float expected = inside ? expect (&p, (int) row, column, fma) : start[i];

      if ((isnan (expected) && isnan (result[i]))
          || memcmp (&result[i], &expected, sizeof expected) == 0)
        continue;
      if (wrong++ == 0 && tell)
        g_test_message ("%d turns of %d, %d, %d and %d terms, pixel %d, %d skipped, n %d: float %d "
                        "is %.9g, expected %.9g",
                        turns, p.terms[0], p.terms[1], p.terms[2], p.terms[3], pixel,
                        (int) p.skipped, (int) n, (int) i - (int) before, result[i], expected);
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

  for (int pixel = 1; multiply && pixel <= 4; pixel++)
    for (int n = 1; n <= 620 && !g_test_failed (); n += between (1, 4))
      if (mismatches (multiply, pixel, n, level >= CN_CPU_AVX2, TRUE) > 0)
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
phases_exchanged (const CnPhaseProduct *p)
{
  CnPhaseProduct wrong = *p;

  wrong.skipped = p->pixel - p->skipped;
  right (&wrong);
}

static void
one_too_many (const CnPhaseProduct *p)
{
  right (p);
  p->dst[1][p->n] = 0;
}

static void
test_faults_are_found (gconstpointer data)
{
  static const Multiply faults[] = { term_forgotten, rows_exchanged,   turn_forgotten,
                                     bias_forgotten, phases_exchanged, one_too_many };
  CnCpuLevel level = GPOINTER_TO_INT (data);

  right = multiply_of (level);
  for (guint i = 0; right && i < G_N_ELEMENTS (faults); i++)
    for (int n = 20; n < 40; n++)
      g_assert_cmpint (mismatches (faults[i], 1 + n % 4, n, level >= CN_CPU_AVX2, FALSE), >=, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  level_add_test ("multiply-phases", "every-size", test_every_size);
  level_add_test ("multiply-phases", "faults-are-found", test_faults_are_found);
  return g_test_run ();
}
