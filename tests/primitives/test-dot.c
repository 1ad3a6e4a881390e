/* test-dot.c: dot products at every CPU level: the same bits, and nothing read beyond the rows.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "tests/primitives/level.h"

#define GUARD_VALUE -12345.5f

typedef void (*Dot) (const CnDots *dots);

/* The sum as primitives.h has it. */
static float
expect (const float *a, const float *b, gsize terms)
{
  float lanes[CN_DOT_LANES] = { 0 };

  for (gsize k = 0; k < terms; k++)
    {
      volatile float product = a[k] * b[k];

      lanes[k % CN_DOT_LANES] += product;
    }
  for (int half = CN_DOT_LANES / 2; half > 0; half /= 2)
    for (int l = 0; l < half; l++)
      lanes[l] += lanes[l + half];
  return lanes[0];
}

static gboolean
same (float a, float b)
{
  return (isnan (a) && isnan (b)) || memcmp (&a, &b, sizeof a) == 0;
}

static float *
random_floats (gsize n, gboolean odd)
{
  static const float special[] = { NAN, INFINITY, -INFINITY, 0, -0.0f };
  float *floats = g_new (float, n);

  for (gsize i = 0; i < n; i++)
    floats[i] = odd && g_test_rand_int_range (0, 200) == 0
                    ? special[g_test_rand_int_range (0, G_N_ELEMENTS (special))]
                    : (float) g_test_rand_double_range (-1, 1);
  return floats;
}

/* Results that are wrong; b ends with the last float that may be read. */
static int
mismatches (Dot dot, gsize rows, gsize terms, gboolean odd)
{
  gsize b_row = terms + g_test_rand_int_range (0, 9);
  g_autofree float *a = random_floats (terms, odd);
  g_autofree float *b = random_floats ((rows - 1) * b_row + terms, odd);
  g_autofree float *dst = g_new (float, rows + 1);
  int wrong = 0;

  dst[rows] = GUARD_VALUE;
  dot (&(CnDots){ .a = a,
                  .b = b,
                  .b_row = b_row,
                  .dst = dst,
                  .rows = rows,
                  .terms = terms,
                  .ahead = g_test_rand_int_range (0, 2) * g_test_rand_int_range (1, 99) });
  for (gsize r = 0; r < rows; r++)
    wrong += !same (dst[r], expect (a, b + r * b_row, terms));
  return wrong + (dst[rows] != GUARD_VALUE);
}

static Dot
dot_of (CnCpuLevel level)
{
  const CnPrimitives *primitives = level_primitives (level);

  return primitives ? primitives->dot : NULL;
}

static void
test_every_size (gconstpointer data)
{
  Dot dot = dot_of (GPOINTER_TO_INT (data));

  for (gsize terms = 1; dot && terms <= 300; terms++)
    for (gsize rows = 1; rows <= 5; rows++)
      g_assert_cmpint (mismatches (dot, rows, terms, terms % 4 == 0), ==, 0);
}

static Dot right;

static void
term_forgotten (const CnDots *d)
{
  CnDots wrong = *d;

  wrong.terms--;
  right (&wrong);
}

static void
row_forgotten (const CnDots *d)
{
  CnDots wrong = *d;

  wrong.rows--;
  right (&wrong);
  d->dst[d->rows - 1] = GUARD_VALUE;
}

static void
test_faults_are_found (gconstpointer data)
{
  right = dot_of (GPOINTER_TO_INT (data));
  if (!right)
    return;
  g_assert_cmpint (mismatches (term_forgotten, 5, 70, FALSE), ==, 5);
  g_assert_cmpint (mismatches (row_forgotten, 5, 70, FALSE), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  level_add_test ("dot", "every-size", test_every_size);
  level_add_test ("dot", "faults-are-found", test_faults_are_found);
  return g_test_run ();
}
