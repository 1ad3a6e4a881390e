/* test-multiply.c: products of matrices at every CPU level: their bits and their bounds.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <float.h>
#include <math.h>
#include <string.h>

#include "tests/primitives/level.h"
#include "tests/unit/between.h"

#define CASES 1500
#define GUARD 16
#define GUARD_VALUE -12345.5f

typedef void (*Multiply) (const CnProduct *product);

/* A product with its memory. b ends with the last float that may be read; `start` is what the
   result's memory holds before. */
typedef struct
{
  CnProduct p;
  float *a, *b, *start, *result, *bias;
  gsize *offsets, *a_offsets, floats; /* of the result, with guards */
} Setup;

static void
setup_free (Setup *s)
{
  g_free (s->a);
  g_free (s->b);
  g_free (s->start);
  g_free (s->result);
  g_free (s->bias);
  g_free (s->offsets);
  g_free (s->a_offsets);
  g_free (s);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Setup, setup_free)

/* Floats below 1, some of them special if `odd`. */
static float *
random_floats (gsize n, gboolean odd)
{
  static const float special[] = { NAN, INFINITY, -INFINITY, 0, -0.0f, FLT_MIN / 8 };
  float *floats = g_new (float, n);

  for (gsize i = 0; i < n; i++)
    floats[i] = odd && between (0, 200) == 0 ? special[between (0, G_N_ELEMENTS (special) - 1)]
                                             : (float) g_test_rand_double_range (-1, 1);
  return floats;
}

/* Matrix a row by row, column by column or with columns anywhere, b with rows that may overlap. */
static Setup *
setup_new (int rows, gsize n, int terms)
{
  Setup *s = g_new0 (Setup, 1);
  gsize gap = between (0, 9), reach = 0;
  gboolean columns = between (0, 1), odd = between (0, 3) == 0, overlap = between (0, 1);
  gsize next = between (0, 1) * between (1, 200);

  s->offsets = g_new (gsize, terms);
  for (int k = 0; k < terms; k++)
    {
      s->offsets[k] = overlap ? (gsize) between (0, 100) : k * (n + gap);
      reach = MAX (reach, s->offsets[k]);
    }
  s->p = (CnProduct){ .a_row = columns ? 1 : terms + gap,
                      .a_step = columns ? rows + gap : 1,
                      .offsets = s->offsets,
                      .terms = terms,
                      .dst_row = n + between (0, 20),
                      .rows = rows,
                      .n = n,
                      .accumulate = between (0, 1),
                      .rectify = between (0, 1),
                      .stream = between (0, 1),
                      .ahead = between (0, 1) * between (1, 99),
                      .next_floats = next * terms / 4 };
  if (s->p.stream && between (0, 3) > 0) /* as streaming wants them */
    s->p.dst_row += CN_LINE_FLOATS - s->p.dst_row % CN_LINE_FLOATS;
  s->a = random_floats ((gsize) rows * terms + gap * MAX (rows, terms), odd);
  if (columns && between (0, 1))
    {
      s->a_offsets = g_new (gsize, terms);
      for (int k = 0; k < terms; k++)
        s->a_offsets[k] = (gsize) between (0, terms - 1) * (rows + gap);
      s->p.a_offsets = s->a_offsets;
      s->p.a_step = between (0, 99);
    }
  s->b = random_floats (reach + n, odd);
  s->floats = 2 * GUARD + (rows - 1) * s->p.dst_row + n;
  s->start = random_floats (s->floats, FALSE);
  s->result = g_new (float, s->floats);
  if (between (0, 2))
    s->bias = random_floats (rows, odd);
  s->p.a = s->a;
  s->p.b = s->p.next = s->b;
  s->p.bias = s->bias;
  s->p.dst = s->result + GUARD;
  return s;
}

/* Where term k finds its factor in a row of a. */
static gsize
place_of (const CnProduct *p, int k)
{
  return p->a_offsets ? p->a_offsets[k] : k * p->a_step;
}

/* Whether float `i` of the result's memory is a sample, and what it must be. */
static float
expect (const Setup *s, gsize i, gboolean fma)
{
  const CnProduct *p = &s->p;
  gsize row = (i - GUARD) / p->dst_row, column = (i - GUARD) % p->dst_row;
  float sum;

  if (i < GUARD || row >= (gsize) p->rows || column >= p->n)
    return s->start[i];
  sum = p->accumulate ? s->start[i] : 0;
  if (p->bias)
    sum = p->accumulate ? sum + p->bias[row] : p->bias[row];
  for (int k = 0; k < p->terms; k++)
    {
      float a = p->a[row * p->a_row + place_of (p, k)], b = p->b[p->offsets[k] + column];

      sum = fma ? fmaf (a, b, sum) : sum + a * b;
    }
  return p->rectify && sum < 0 ? 0 : sum;
}

static gboolean
same (float a, float b)
{
  return (isnan (a) && isnan (b)) || memcmp (&a, &b, sizeof a) == 0;
}

/* Floats that are wrong, those between and around the rows of the result among them. */
static int
mismatches (const Setup *s, Multiply multiply, gboolean fma, gboolean tell)
{
  const CnProduct *p = &s->p;
  int wrong = 0;

  memcpy (s->result, s->start, s->floats * sizeof (float));
  multiply (p);
  for (gsize i = 0; i < s->floats; i++)
    {
      float expected = expect (s, i, fma);

      if (same (s->result[i], expected))
        continue;
      if (wrong++ == 0 && tell)
        g_test_message ("%d rows, %d terms, n %d, a %d and %d apart, dst_row %d: float %d is %.9g, "
                        "expected %.9g",
                        p->rows, p->terms, (int) p->n, (int) p->a_row, (int) p->a_step,
                        (int) p->dst_row, (int) i - GUARD, s->result[i], expected);
    }
  return wrong;
}

static Multiply
multiply_of (CnCpuLevel level)
{
  const CnPrimitives *primitives = level_primitives (level);

  return primitives ? primitives->multiply : NULL;
}

static void
check (CnCpuLevel level, Multiply multiply, const Setup *s)
{
  if (mismatches (s, multiply, level >= CN_CPU_AVX2, TRUE) > 0)
    g_test_fail ();
}

static void
test_random (gconstpointer data)
{
  CnCpuLevel level = GPOINTER_TO_INT (data);
  Multiply multiply = multiply_of (level);

  for (int i = 0; multiply && i < CASES && !g_test_failed (); i++)
    {
      g_autoptr (Setup) s =
          setup_new (between (1, 20), between (1, 250), between (1, between (0, 5) ? 9 : 60));

      check (level, multiply, s);
    }
}

/* Every width up to some blocks of the widest registers, with every number of rows. */
static void
test_every_size (gconstpointer data)
{
  CnCpuLevel level = GPOINTER_TO_INT (data);
  Multiply multiply = multiply_of (level);

  for (int n = 1; multiply && n <= 100 && !g_test_failed (); n++)
    for (int rows = 1; rows <= 17; rows++)
      {
        g_autoptr (Setup) s = setup_new (rows, n, 2);

        check (level, multiply, s);
      }
}

static Multiply right;

static void
term_forgotten (const CnProduct *p)
{
  CnProduct wrong = *p;

  wrong.terms--;
  right (&wrong);
}

static void
row_forgotten (const CnProduct *p)
{
  CnProduct wrong = *p;

  wrong.rows--;
  right (&wrong);
}

static void
start_wrong (const CnProduct *p)
{
  CnProduct wrong = *p;

  wrong.accumulate = !p->accumulate;
  right (&wrong);
}

static void
sign_forgotten (const CnProduct *p)
{
  CnProduct wrong = *p;

  wrong.rectify = !p->rectify;
  right (&wrong);
}

static void
one_too_many (const CnProduct *p)
{
  right (p);
  p->dst[(p->rows - 1) * p->dst_row + p->n] = 0;
}

/* The same terms in another order: nearly the same value. */
static void
terms_turned (const CnProduct *p)
{
  CnProduct wrong = *p;
  g_autofree gsize *offsets = g_new (gsize, p->terms);
  g_autofree float *a = g_new (float, p->rows * p->terms);

  for (int k = 0; k < p->terms; k++)
    {
      offsets[k] = p->offsets[p->terms - 1 - k];
      for (int r = 0; r < p->rows; r++)
        a[r * p->terms + k] = p->a[r * p->a_row + place_of (p, p->terms - 1 - k)];
    }
  wrong.a = a;
  wrong.a_row = p->terms;
  wrong.a_step = 1;
  wrong.a_offsets = NULL;
  wrong.offsets = offsets;
  right (&wrong);
}

static void
test_faults_are_found (gconstpointer data)
{
  static const Multiply faults[] = { term_forgotten, row_forgotten, start_wrong,
                                     sign_forgotten, one_too_many,  terms_turned };
  CnCpuLevel level = GPOINTER_TO_INT (data);

  right = multiply_of (level);
  for (guint i = 0; right && i < G_N_ELEMENTS (faults); i++)
    for (int turn = 0; turn < 20; turn++)
      {
        g_autoptr (Setup) s = setup_new (5, 20 + turn, 30);

        g_assert_cmpint (mismatches (s, faults[i], level >= CN_CPU_AVX2, FALSE), >=, 1);
      }
}

/* Seconds for one call, the least of some. */
static double
seconds (Multiply multiply, const CnProduct *p)
{
  double least = INFINITY;

  for (int turn = 0; turn < 9; turn++)
    {
      g_test_timer_start ();
      for (int i = 0; i < 20; i++)
        multiply (p);
      least = MIN (least, g_test_timer_elapsed () / 20);
    }
  return least;
}

static void
test_speed (gconstpointer data)
{
  static const int shapes[][3] = { { 64, 48, 192 }, { 64, 464, 576 }, { 16, 1920, 27 },
                                   { 3, 960, 27 },  { 1, 960, 27 },   { 8, 16, 256 } };
  CnCpuLevel level = GPOINTER_TO_INT (data);
  Multiply multiply = multiply_of (level);
  Multiply scalar = cn_primitives_for (CN_CPU_SCALAR)->multiply;

  for (guint i = 0; multiply && i < G_N_ELEMENTS (shapes); i++)
    {
      int rows = shapes[i][0], n = shapes[i][1], terms = shapes[i][2];
      g_autoptr (Setup) s = setup_new (rows, n, terms);
      double here = seconds (multiply, &s->p);

      g_test_minimized_result (1e9 * here, "%s, %d rows, n %d, %d terms: %.1f ns",
                               cn_cpu_name (level), rows, n, terms, 1e9 * here);
      g_test_message ("%s, %d rows, n %d, %d terms: %.2f times as fast as scalar, %.1f GFLOP/s",
                      cn_cpu_name (level), rows, n, terms, seconds (scalar, &s->p) / here,
                      2e-9 * rows * n * terms / here);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  level_add_test ("multiply", "random", test_random);
  level_add_test ("multiply", "every-size", test_every_size);
  level_add_test ("multiply", "faults-are-found", test_faults_are_found);
  if (g_test_perf ())
    level_add_test ("multiply", "speed", test_speed);
  return g_test_run ();
}
