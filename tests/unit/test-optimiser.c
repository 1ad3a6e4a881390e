/* test-optimiser.c: optimisers against their formulas in double, schedules at their corners.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/train/optimiser.h"

#include <math.h>
#include <string.h>

#include "filters/core/error.h"

#define STEPS 20
#define RATE 0.1

typedef struct
{
  CnOptimiserKind kind;
  double decay, clip;
} Setting;

/* A model with weights, which decay, and biases, which do not. */
static CnModel *
small_model (void)
{
  CnModel *model = cn_model_new ("input 3 2 2 0 1\nconv 4 2", 1, 1, NULL);

  for (gsize i = 0; i < model->parameters_n; i++)
    model->parameters[i] = (float) g_test_rand_double_range (-1, 1);
  return model;
}

/* Numbers stay below 4, and a step rounds each about five times: STEPS · 5 · ε · 4. */
#define TOLERANCE (STEPS * 5 * 1.2e-7 * 4)

static void
test_formula (gconstpointer data)
{
  const Setting *s = data;
  CnOptimiserOptions options = { s->kind, 0.9, 0.99, s->decay, s->clip };
  g_autoptr (CnModel) model = small_model ();
  gsize n = model->parameters_n;
  g_autoptr (CnOptimiser) optimiser = cn_optimiser_new (&options, n, NULL);
  g_autofree double *w = g_new (double, n), *u = g_new0 (double, n), *v = g_new0 (double, n);

  for (gsize i = 0; i < n; i++)
    w[i] = model->parameters[i];
  for (int t = 1; t <= STEPS; t++)
    {
      double norm = 0, scale;

      for (gsize i = 0; i < n; i++)
        {
          model->gradients[i] = (float) g_test_rand_double_range (-1, 1);
          norm += pow (model->gradients[i], 2);
        }
      scale = s->clip > 0 ? fmin (1, s->clip / sqrt (norm)) : 1;
      for (gsize i = 0; i < n; i++)
        {
          gboolean decays = i < 48; /* 4 × 3 × 2 × 2 */
          double g = model->gradients[i] * scale
                     + (s->kind != CN_OPTIMISER_ADAMW) * decays * s->decay * w[i];

          if (s->kind == CN_OPTIMISER_SGD)
            {
              u[i] = 0.9 * u[i] + g;
              w[i] -= RATE * (g + 0.9 * u[i]);
              continue;
            }
          if (s->kind == CN_OPTIMISER_ADAMW)
            w[i] -= RATE * decays * s->decay * w[i];
          u[i] = 0.9 * u[i] + 0.1 * g;
          v[i] = 0.99 * v[i] + 0.01 * g * g;
          w[i] -= RATE * (u[i] / (1 - pow (0.9, t))) / (sqrt (v[i] / (1 - pow (0.99, t))) + 1e-8);
        }
      g_assert_true (cn_optimiser_step (optimiser, model, RATE, NULL));
      for (gsize i = 0; i < n; i++)
        g_assert_cmpfloat_with_epsilon ((double) model->parameters[i], w[i], TOLERANCE);
    }
}

/* Nothing changes. */
static void
test_not_finite (void)
{
  CnOptimiserOptions options = { CN_OPTIMISER_SGD, 0.9, 0.99, 0, 0 };
  g_autoptr (CnModel) model = small_model ();
  g_autoptr (CnOptimiser) optimiser = cn_optimiser_new (&options, model->parameters_n, NULL);
  g_autoptr (GError) error = NULL;
  float before = model->parameters[0];

  model->gradients[0] = 1;
  model->gradients[1] = NAN;
  g_assert_false (cn_optimiser_step (optimiser, model, 3, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "rate 3"));
  g_assert_cmpfloat (model->parameters[0], ==, before);
}

static void
test_schedules (void)
{
  static const struct
  {
    CnScheduleKind kind;
    double warm_up, t, expected;
  } rows[] = {
    { CN_SCHEDULE_CONSTANT, 0, 0, 1 },
    { CN_SCHEDULE_CONSTANT, 0, 1, 1 },
    { CN_SCHEDULE_CONSTANT, 0.5, 0.25, 0.5 },
    { CN_SCHEDULE_COSINE, 0, 0, 1 },
    { CN_SCHEDULE_COSINE, 0, 0.5, 0.5 },
    { CN_SCHEDULE_COSINE, 0.2, 0.1, 0.5 },
    { CN_SCHEDULE_COSINE, 0.2, 0.6, 0.5 },
    { CN_SCHEDULE_COSINE, 0, 1, 0 },
    { CN_SCHEDULE_COSINE, 1, 1, 0 },
    { CN_SCHEDULE_ONE_CYCLE, 0.3, 0, 0.04 },
    { CN_SCHEDULE_ONE_CYCLE, 0.3, 0.15, 0.52 },
    { CN_SCHEDULE_ONE_CYCLE, 0.3, 0.3, 1 },
    { CN_SCHEDULE_ONE_CYCLE, 0.3, 0.65, (1 + 1e-4) / 2 },
    { CN_SCHEDULE_ONE_CYCLE, 0.3, 1, 1e-4 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpfloat_with_epsilon (cn_schedule (rows[i].kind, rows[i].warm_up, rows[i].t),
                                    rows[i].expected, 1e-12);
}

int
main (int argc, char **argv)
{
  static const Setting settings[] = {
    { CN_OPTIMISER_SGD, 0, 0 },    { CN_OPTIMISER_SGD, 0.1, 0 },   { CN_OPTIMISER_SGD, 0.1, 2 },
    { CN_OPTIMISER_ADAM, 0.1, 0 }, { CN_OPTIMISER_ADAMW, 0.1, 0 }, { CN_OPTIMISER_ADAMW, 0, 2 },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (settings); i++)
    {
      g_autofree char *path =
          g_strdup_printf ("/optimiser/%s-%zu", cn_optimiser_name (settings[i].kind), i);

      g_test_add_data_func (path, &settings[i], test_formula);
    }
  g_test_add_func ("/optimiser/not-finite", test_not_finite);
  g_test_add_func ("/optimiser/schedules", test_schedules);
  return g_test_run ();
}
