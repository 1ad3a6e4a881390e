/* test-activation.c: the activation functions against the oracle, and at their ends.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/ops/activation.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "tests/unit/oracle.h"

static float
apply (const CnActivation *g, float x)
{
  cn_activation_apply (g, &x, 1);
  return x;
}

static void
test_names (void)
{
  for (int kind = 0; kind < CN_ACTIVATIONS; kind++)
    {
      const char *name = cn_activation_name (kind);

      g_assert_cmpint (strlen (name), >, 0);
      for (int other = 0; other < kind; other++)
        g_assert_cmpstr (name, !=, cn_activation_name (other));
      g_assert_true (isfinite (oracle_activation (name, 0.5, 1, 0, 1)));
    }
}

/* ONNX's defaults. */
static void
test_defaults (void)
{
  g_assert_cmpfloat (cn_activation (CN_ACTIVATION_LEAKY_RELU).alpha, ==, 0.01f);
  g_assert_cmpfloat (cn_activation (CN_ACTIVATION_ELU).alpha, ==, 1);
  g_assert_cmpfloat (cn_activation (CN_ACTIVATION_CLIP).min, ==, 0);
  g_assert_cmpfloat (cn_activation (CN_ACTIVATION_CLIP).max, ==, 1);
}

/* Functions of libm have an error of at most 2 ulp there; sigmoid has three roundings more. A ulp
   is at most ε times the value, and among denormals their distance. Below −88.7 the sigmoid is 0
   instead of a denormal, as e⁻ˣ is over the range. */
static void
test_values (gconstpointer data)
{
  CnActivation g = cn_activation (GPOINTER_TO_INT (data));
  const char *name = cn_activation_name (g.kind);

  for (int i = 0; i < 20000; i++)
    {
      double range = i % 4 == 0 ? 1e-3 : i % 4 == 1 ? 1 : i % 4 == 2 ? 12 : 200;
      float x = (float) g_test_rand_double_range (-range, range), y;
      double expected, smallest = g.kind == CN_ACTIVATION_SIGMOID ? FLT_MIN / 4 : 4 * 1.5e-45;

      if (i % 100 == 0)
        {
          g.alpha = (float) g_test_rand_double_range (0, 2);
          g.min = (float) g_test_rand_double_range (-2, 1);
          g.max = g.min + (float) g_test_rand_double_range (0, 3);
        }
      expected = oracle_activation (name, x, g.alpha, g.min, g.max);
      y = apply (&g, x);
      if (fabs (y - expected) > 4 * FLT_EPSILON * fabs (expected) + smallest)
        {
          g_test_message ("%s (%.9g) with alpha %g, min %g, max %g: expected %.9g, got %.9g", name,
                          x, g.alpha, g.min, g.max, expected, y);
          g_test_fail ();
          return;
        }
    }
}

/* No overflow on the way, and NaN stays. */
static void
test_ends (void)
{
  static const struct
  {
    CnActivationKind kind;
    float low, high; /* at −∞ and at ∞ */
  } rows[] = {
    { CN_ACTIVATION_IDENTITY, -INFINITY, INFINITY },
    { CN_ACTIVATION_RELU, 0, INFINITY },
    { CN_ACTIVATION_LEAKY_RELU, -INFINITY, INFINITY },
    { CN_ACTIVATION_ELU, -1, INFINITY },
    { CN_ACTIVATION_SIGMOID, 0, 1 },
    { CN_ACTIVATION_TANH, -1, 1 },
    { CN_ACTIVATION_SOFTPLUS, 0, INFINITY },
    { CN_ACTIVATION_ABS, INFINITY, INFINITY },
    { CN_ACTIVATION_CLIP, 0, 1 },
  };

  G_STATIC_ASSERT (G_N_ELEMENTS (rows) == CN_ACTIVATIONS);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      CnActivation g = cn_activation (rows[i].kind);

      g_test_message ("%s", cn_activation_name (g.kind));
      g_assert_cmpfloat (apply (&g, -INFINITY), ==, rows[i].low);
      g_assert_cmpfloat (apply (&g, INFINITY), ==, rows[i].high);
      g_assert_true (isfinite (apply (&g, -FLT_MAX / 2)));
      g_assert_true (isfinite (apply (&g, FLT_MAX / 2)));
      g_assert_true (isnan (apply (&g, NAN)));
    }
}

/* All samples, and no other. */
static void
test_length (void)
{
  CnActivation g = cn_activation (CN_ACTIVATION_ABS);

  for (int n = 0; n < 40; n++)
    {
      float samples[42];

      for (int i = 0; i < 42; i++)
        samples[i] = -1;
      cn_activation_apply (&g, samples + 1, n);
      for (int i = 0; i < 42; i++)
        g_assert_cmpfloat (samples[i], ==, i >= 1 && i <= n ? 1 : -1);
    }
}

/* The derivative, found from the result, against a central difference of the oracle. Where a slope
   follows from a result that was rounded, it is off by as much: ε/2. */
static void
test_backward (gconstpointer data)
{
  CnActivation g = cn_activation (GPOINTER_TO_INT (data));
  const char *name = cn_activation_name (g.kind);

  g.alpha = 0.3f;
  for (int i = 0; i < 2000; i++)
    {
      const double step = 1e-5;
      float x = (float) g_test_rand_double_range (-3, 3), y = apply (&g, x), gradient = 2;
      double up = oracle_activation (name, x + step, g.alpha, g.min, g.max);
      double down = oracle_activation (name, x - step, g.alpha, g.min, g.max);

      if (fabsf (x) < 2e-5 || fabsf (x - 1) < 2e-5) /* corners */
        continue;
      cn_activation_backward (&g, &y, &gradient, 1);
      g_assert_cmpfloat_with_epsilon ((double) gradient, (up - down) / step, 1e-6);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/activation/names", test_names);
  g_test_add_func ("/activation/defaults", test_defaults);
  for (int kind = 0; kind < CN_ACTIVATIONS; kind++)
    {
      g_autofree char *path = g_strconcat ("/activation/values/", cn_activation_name (kind), NULL);

      g_autofree char *back =
          g_strconcat ("/activation/backward/", cn_activation_name (kind), NULL);

      g_test_add_data_func (path, GINT_TO_POINTER (kind), test_values);
      if (kind != CN_ACTIVATION_ABS)
        g_test_add_data_func (back, GINT_TO_POINTER (kind), test_backward);
    }
  g_test_add_func ("/activation/ends", test_ends);
  g_test_add_func ("/activation/length", test_length);
  return g_test_run ();
}
