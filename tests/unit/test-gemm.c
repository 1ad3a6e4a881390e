/* test-gemm.c: products of matrices against the definition in double.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/ops/gemm.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "filters/core/error.h"
#include "tests/unit/between.h"
#include "tests/unit/cases.h"

/* A product with its memory; `c` is what C holds before. */
typedef struct
{
  CnGemm g;
  float *a, *b, *c, *result;
  gsize floats; /* of C, with the gaps between its rows */
} Setup;

static float *
random_matrix (CnMatrix *matrix, int rows, int columns)
{
  float *floats;

  matrix->transposed = between (0, 1);
  matrix->row = (matrix->transposed ? rows : columns) + between (0, 5);
  floats = random_floats ((matrix->transposed ? columns : rows) * matrix->row);
  matrix->data = floats;
  return floats;
}

static Setup *
setup_new (int m, int n, int k)
{
  static const float factors[] = { 0, 1, -0.75f };
  Setup *s = g_new0 (Setup, 1);

  s->g = (CnGemm){ .m = m,
                   .n = n,
                   .k = k,
                   .alpha = factors[between (0, 2)],
                   .beta = factors[between (0, 2)],
                   .c_row = n + between (0, 5) };
  s->a = random_matrix (&s->g.a, m, k);
  s->b = random_matrix (&s->g.b, k, n);
  s->floats = (gsize) m * s->g.c_row;
  s->c = random_floats (s->floats);
  s->result = g_memdup2 (s->c, s->floats * sizeof (float));
  s->g.c = s->result;
  return s;
}

static void
setup_free (Setup *s)
{
  g_free (s->a);
  g_free (s->b);
  g_free (s->c);
  g_free (s->result);
  g_free (s);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Setup, setup_free)

static double
element (const CnMatrix *matrix, gsize y, gsize x)
{
  return matrix->transposed ? matrix->data[x * matrix->row + y] : matrix->data[y * matrix->row + x];
}

/* Elements that are wrong, gaps that were written among them. Each goes through k + 2 roundings at
   most, of ε/2: that of alpha, those of the sum, that of beta; ε covers the second order. */
static int
mismatches (const Setup *s)
{
  const CnGemm *g = &s->g;
  int wrong = 0;

  for (gsize i = 0; i < s->floats; i++)
    {
      gsize y = i / g->c_row, x = i % g->c_row;
      double sum = 0, size = 0;

      if (x >= (gsize) g->n)
        {
          wrong += s->result[i] != s->c[i];
          continue;
        }
      for (int k = 0; k < g->k; k++)
        {
          double term = element (&g->a, y, k) * element (&g->b, k, x) * g->alpha;

          sum += term;
          size += fabs (term);
        }
      if (g->beta != 0)
        {
          sum += (double) g->beta * s->c[i];
          size += fabs ((double) g->beta * s->c[i]);
        }
      wrong += !(fabs (s->result[i] - sum) <= (g->k + 2) * (double) FLT_EPSILON * size);
    }
  return wrong;
}

static void
run (const Setup *s, int threads)
{
  g_autoptr (GError) error = NULL;

  memcpy (s->result, s->c, s->floats * sizeof (float));
  cn_gemm (&s->g, &(CnRun){ .threads = threads }, &error);
  g_assert_no_error (error);
}

static void
test_random (void)
{
  for (int i = 0; i < 150; i++)
    {
      gboolean large = i % 10 == 0;
      g_autoptr (Setup) s = setup_new (between (1, large ? 200 : 70), between (1, large ? 600 : 70),
                                       between (1, large ? 500 : 70));

      run (s, between (1, 3));
      if (mismatches (s) > 0)
        g_error ("%d×%d×%d, alpha %g, beta %g, transposed %d %d: %d mismatches", s->g.m, s->g.n,
                 s->g.k, s->g.alpha, s->g.beta, s->g.a.transposed, s->g.b.transposed,
                 mismatches (s));
    }
}

static void
test_threads (void)
{
  for (int i = 0; i < 10; i++)
    {
      g_autoptr (Setup) s = setup_new (between (60, 200), between (400, 600), between (1, 400));
      g_autofree float *one = NULL;

      run (s, 1);
      one = g_memdup2 (s->result, s->floats * sizeof (float));
      run (s, between (2, 4));
      g_assert_cmpmem (one, s->floats * sizeof (float), s->result, s->floats * sizeof (float));
    }
}

/* With beta 0, what C held does not count, be it NaN. */
static void
test_c_is_not_read (void)
{
  g_autoptr (Setup) s = setup_new (70, 60, 200);

  s->g.beta = 0;
  for (int y = 0; y < s->g.m; y++)
    for (int x = 0; x < s->g.n; x++)
      s->c[y * s->g.c_row + x] = NAN;
  run (s, 1);
  g_assert_cmpint (mismatches (s), ==, 0);
}

/* A wrong element is found. */
static void
test_fault_is_found (void)
{
  g_autoptr (Setup) s = setup_new (20, 30, 40);

  s->g.alpha = 1;
  run (s, 1);
  s->result[29] += 1e-4f;
  g_assert_cmpint (mismatches (s), ==, 1);
  s->a[3 * s->g.a.row + 3] += 0.5f;
  g_assert_cmpint (mismatches (s), >=, 30);
}

static void
test_errors (void)
{
  g_autoptr (Setup) s = setup_new (20, 30, 40);
  g_autoptr (GError) error = NULL;
  gint cancel = 1;

  g_assert_false (cn_gemm (&s->g, &(CnRun){ .threads = 2, .cancel = &cancel }, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_CANCELLED);
  g_clear_error (&error);
  s->g.n = s->g.k = G_MAXINT;
  g_assert_false (cn_gemm (&s->g, &(CnRun){ .threads = 1 }, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_MEMORY);
  g_assert_nonnull (strstr (error->message, "2147483647×2147483647"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gemm/random", test_random);
  g_test_add_func ("/gemm/threads", test_threads);
  g_test_add_func ("/gemm/c-is-not-read", test_c_is_not_read);
  g_test_add_func ("/gemm/fault-is-found", test_fault_is_found);
  g_test_add_func ("/gemm/errors", test_errors);
  return g_test_run ();
}
