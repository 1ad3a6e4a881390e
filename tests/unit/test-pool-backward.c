/* test-pool-backward.c: the gradient of pooling, by central differences.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "filters/core/error.h"
#include "tests/unit/between.h"
#include "tests/unit/cases.h"
#include "tests/unit/oracle.h"
#include "tests/unit/pooling.h"

#define STEP 0.0078125f /* exact in float */

static gsize
floats (const CnTensor *t)
{
  return cn_view_floats (t->n * t->channels, 1, t->height, t->width);
}

static CnTensor *
random_tensor (const CnTensor *t)
{
  CnTensor *random = cn_tensor_new (t->layout, t->n, t->channels, t->height, t->width, NULL);

  for (gsize i = 0; i < floats (t); i++)
    random->data[i] = (float) g_test_rand_double_range (-1, 1);
  return random;
}

/* A case that has gradients. Samples are different whole multiples of four steps, in random order:
   a step changes no maximum's place. For lp they are not near 0, where |x| has a corner. */
static Pooling *
random_case (void)
{
  Pooling *c = pooling_random ();
  float *data = c->input->data;
  int count = (int) floats (c->input);

  c->options.border = CN_BORDER_ZERO;
  if (between (0, 9) == 0)
    c->options = (CnPoolOptions){ .kind = c->options.kind, .global = TRUE, .p = c->options.p };
  for (int i = 0; i < count; i++)
    data[i] = 4 * STEP * (i - count / 2) + 2 * STEP; /* never the 0 of the padding */
  for (int i = count - 1; i > 0; i--)
    {
      int other = between (0, i);
      float swap = data[i];

      data[i] = data[other];
      data[other] = swap;
    }
  for (int i = 0; i < count && c->options.kind == CN_POOL_LP; i++)
    data[i] = (float) (g_test_rand_double_range (0.5, 1) * (between (0, 1) ? 1 : -1));
  return c;
}

static CnTensor *
gradient_of (const Pooling *c, const CnTensor *upstream, const CnRun *run)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CnPool) pool = cn_pool_new (&c->options, NULL);
  gboolean extreme = c->options.kind == CN_POOL_MAX || c->options.kind == CN_POOL_MIN;
  g_autofree gint64 *indices = NULL;
  g_autoptr (CnTensor) output = pooling_run (c, run, extreme ? &indices : NULL);
  CnTensor *gradient = random_tensor (c->input); /* overwritten */

  cn_pool_backward (pool, c->input, output, indices, upstream, gradient, run, &error);
  g_assert_no_error (error);
  return gradient;
}

static CnTensor *
run_moved (const Pooling *c, gsize at, float step)
{
  float before = c->input->data[at];
  CnTensor *output;

  c->input->data[at] += step;
  output = pooling_run (c, &c->run, NULL);
  c->input->data[at] = before;
  return output;
}

/* Whether the gradient is what the loss Σ g·Y says. Max and min are exact within a step. Of a mean
   or norm that changes, with terms up to 12 + 12 in each direction, 24 · ε of its size remains,
   here over two steps; the average's size may be near 0 by cancellation, so the samples' counts.
   The third derivative of a norm of samples from 0.5 on is below 30, so that a difference is off by
   30 / 6 · step² for each of those with |g| ≤ 1. */
static gboolean
agrees (const Pooling *c, const CnTensor *upstream, gsize at, float gradient)
{
  g_autoptr (CnTensor) more = run_moved (c, at, STEP), less = run_moved (c, at, -STEP);
  double difference = 0, size = 0, given = 0, changed = 0, largest = 0, tolerance;

  for (gsize i = 0; i < floats (c->input); i++)
    largest = MAX (largest, fabs (c->input->data[i]));
  for (gsize i = 0; i < floats (more); i++)
    if (more->data[i] != less->data[i])
      {
        difference += (double) upstream->data[i] * ((double) more->data[i] - less->data[i]);
        size += fabs (upstream->data[i]) * MAX (largest, fabs (more->data[i]));
        given += fabs (upstream->data[i]);
        changed++;
      }
  tolerance = 1e-6 * given; /* the gradient's own roundings */
  if (c->options.kind == CN_POOL_AVERAGE || c->options.kind == CN_POOL_LP)
    tolerance += 24 * 1.2e-7 * size / (2 * STEP);
  if (c->options.kind == CN_POOL_LP)
    tolerance += 30 / 6.0 * STEP * STEP * changed;
  return fabs (gradient - difference / (2 * STEP)) <= tolerance;
}

static void
test_differences (void)
{
  for (int i = 0; i < 300; i++)
    {
      g_autoptr (Pooling) c = random_case ();
      g_autoptr (CnTensor) output = pooling_run (c, &c->run, NULL);
      g_autoptr (CnTensor) upstream = random_tensor (output);
      g_autoptr (CnTensor) gradient = gradient_of (c, upstream, &c->run);

      for (int turn = 0; turn < 5; turn++)
        {
          int at = between (0, (int) floats (c->input) - 1);
          g_autofree char *what = pooling_describe (c);

          if (!agrees (c, upstream, at, gradient->data[at]))
            g_error ("%s: sample %d has %.9g", what, at, gradient->data[at]);
        }
    }
}

/* A gradient that is off is found. */
static void
test_fault_is_found (void)
{
  for (int i = 0; i < 30; i++)
    {
      g_autoptr (Pooling) c = random_case ();
      g_autoptr (CnTensor) output = pooling_run (c, &c->run, NULL);
      g_autoptr (CnTensor) upstream = random_tensor (output);
      g_autoptr (CnTensor) gradient = gradient_of (c, upstream, &c->run);

      if (c->options.kind == CN_POOL_MAX || c->options.kind == CN_POOL_MIN)
        g_assert_false (agrees (c, upstream, 0, gradient->data[0] + 0.001f));
      else
        g_assert_false (agrees (c, upstream, 0, gradient->data[0] + 10));
    }
}

/* Tiles and threads change no bit. */
static void
test_tiles (void)
{
  for (int i = 0; i < 100; i++)
    {
      g_autoptr (Pooling) c = random_case ();
      g_autoptr (CnTensor) output = pooling_run (c, &c->run, NULL);
      g_autoptr (CnTensor) upstream = random_tensor (output);
      CnRun tiles = { .threads = between (2, 3),
                      .tile_width = between (1, 9),
                      .tile_height = between (1, 9) };
      g_autoptr (CnTensor) one = gradient_of (c, upstream, &(CnRun){ .threads = 1 });
      g_autoptr (CnTensor) other = gradient_of (c, upstream, &tiles);

      g_assert_cmpint (case_differences (one, other), ==, 0);
    }
}

static void
assert_refused (const CnPoolOptions *options, const char *word)
{
  g_autoptr (CnPool) pool = cn_pool_new (options, NULL);
  g_autoptr (CnTensor) input = cn_tensor_new (CN_LAYOUT_NCHW, 1, 1, 4, 4, NULL);
  g_autoptr (CnTensor) output = cn_tensor_new (CN_LAYOUT_NCHW, 1, 1, 4, 4, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (cn_pool_backward (pool, NULL, NULL, NULL, output, input, &(CnRun){ 0 }, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_ARGUMENT);
  g_assert_nonnull (strstr (error->message, word));
}

static void
test_errors (void)
{
  CnPoolOptions o = { .kind = CN_POOL_MAX, .height = 1, .width = 1 };

  assert_refused (&o, "indices");
  o.kind = CN_POOL_LP;
  assert_refused (&o, "input and the output");
  o.kind = CN_POOL_AVERAGE;
  o.count_padding = TRUE;
  o.border = CN_BORDER_WRAP;
  assert_refused (&o, "padding");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pool-backward/differences", test_differences);
  g_test_add_func ("/pool-backward/fault-is-found", test_fault_is_found);
  g_test_add_func ("/pool-backward/tiles", test_tiles);
  g_test_add_func ("/pool-backward/errors", test_errors);
  return g_test_run ();
}
