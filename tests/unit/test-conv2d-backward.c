/* test-conv2d-backward.c: the gradients of convolutions, by central differences and as adjoints.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <float.h>
#include <math.h>
#include <string.h>

#include "filters/core/error.h"
#include "tests/unit/between.h"
#include "tests/unit/cases.h"

static gsize
floats (const CnTensor *t)
{
  return cn_view_floats (t->n * t->channels, 1, t->height, t->width);
}

static CnTensor *
random_like (const CnTensor *t)
{
  CnTensor *random = cn_tensor_new (t->layout, t->n, t->channels, t->height, t->width, NULL);

  for (gsize i = 0; i < floats (t); i++)
    random->data[i] = (float) g_test_rand_double_range (-1, 1);
  return random;
}

/* A case that has gradients, with a bias; `kind` is CASE_ANY or CASE_NETWORK. */
static Case *
random_case (CaseKind kind)
{
  Case *c = case_random (kind, kind == CASE_NETWORK ? 400000 : 20000);

  c->options.border = CN_BORDER_ZERO;
  c->options.activation = cn_activation (CN_ACTIVATION_IDENTITY);
  c->options.method = CN_CONV2D_DENSE;
  if (!c->bias)
    c->bias = random_floats (c->options.out_channels);
  return c;
}

/* Everything that the loss Σ g·z depends on, and its gradients. */
typedef struct
{
  Case *c;
  CnTensor *g, *input_gradient;
  float *weight_gradient, *bias_gradient;
  gsize weights;
} Gradients;

static void
gradients_find (Gradients *g, const CnRun *run)
{
  const CnConv2dOptions *o = &g->c->options;
  g_autoptr (GError) error = NULL;
  g_autoptr (CnConv2d) conv = cn_conv2d_new (o, g->c->weights, g->c->bias, &error);

  g->weights =
      (gsize) o->out_channels * (o->in_channels / o->groups) * o->kernel_height * o->kernel_width;
  g->input_gradient = random_like (g->c->input);
  g->weight_gradient = random_floats (g->weights);
  g->bias_gradient = random_floats (o->out_channels);
  cn_conv2d_backward (conv, g->c->input, g->g, g->input_gradient, g->weight_gradient,
                      g->bias_gradient, run, &error);
  g_assert_no_error (error);
}

static void
gradients_clear (Gradients *g)
{
  cn_tensor_free (g->input_gradient);
  g_free (g->weight_gradient);
  g_free (g->bias_gradient);
}

/* The loss with `*value` moved by `step`, and Σ |g|·(1 + |z|). */
static double
loss (const Gradients *g, float *value, float step, double *size)
{
  float before = *value;
  g_autoptr (CnTensor) z = NULL;
  double sum = 0;

  *value += step;
  z = case_run (g->c, g->c->weights);
  *value = before;
  for (gsize i = 0; i < floats (z); i++)
    {
      sum += (double) g->g->data[i] * z->data[i];
      *size += fabs ((double) g->g->data[i]) * (1 + fabs (z->data[i]));
    }
  return sum;
}

/* The most roundings that a part of a gradient or of z goes through: one for each term of a result
   or of the input's gradient; for the weights one for each of the terms that are summed in float,
   2048 and a group of rows of 256 positions, or the one row that is longer. */
static int
roundings (const Case *c)
{
  const CnConv2dOptions *o = &c->options;
  int terms = o->kernel_height * o->kernel_width * MAX (o->in_channels, o->out_channels);
  int positions = c->n * c->out_height * c->out_width;

  return MAX (terms, MIN (positions, 2048 + MAX (256, c->out_width))) + 2;
}

/* The loss is linear in each value, so that any step gives the derivative: 1, which makes the
   smallest error. Inputs and weights below 2 make the terms of z, whose number `roundings` counts,
   at most 4 each: rather than to sum them up, `size` counts |z| and 1 more, and they are given. */
static void
assert_gradient (const Gradients *g, float *value, float gradient)
{
  double size = 0;
  double difference = loss (g, value, 1, &size) - loss (g, value, -1, &size);

  oracle_assert_near (gradient, difference / 2, roundings (g->c) * (double) FLT_EPSILON * 4 * size);
}

static void
check_differences (CaseKind kind, int cases)
{
  for (int i = 0; i < cases; i++)
    {
      g_autoptr (Case) c = random_case (kind);
      g_autoptr (CnTensor) output = case_run (c, c->weights), upstream = random_like (output);
      Gradients g = { .c = c, .g = upstream };

      gradients_find (&g, &c->run);
      for (int turn = 0; turn < 4; turn++)
        {
          int at = between (0, (int) floats (c->input) - 1), w = between (0, (int) g.weights - 1);
          int o = between (0, c->options.out_channels - 1);

          assert_gradient (&g, &c->input->data[at], g.input_gradient->data[at]);
          assert_gradient (&g, &c->weights[w], g.weight_gradient[w]);
          assert_gradient (&g, &c->bias[o], g.bias_gradient[o]);
        }
      gradients_clear (&g);
    }
}

static void
test_differences (void)
{
  check_differences (CASE_ANY, 100);
}

static void
test_differences_of_networks (void)
{
  check_differences (CASE_NETWORK, 60);
}

/* Σ a·b, and Σ |a·b|. */
static double
dot (const float *a, const float *b, gsize n, double *size)
{
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    {
      sum += (double) a[i] * b[i];
      *size += fabs ((double) a[i] * b[i]);
    }
  return sum;
}

/* How far ⟨conv (x), g⟩ is from ⟨x, ∂X⟩, or from ⟨w, ∂w⟩ + ⟨bias, ∂bias⟩, as a part of what
   rounding may make it. z is linear in x and in (w, bias), and its gradients are the adjoints:
   every sample of them counts. */
static void
adjoint_errors (Gradients *g, double *by_input, double *by_weights)
{
  const Case *c = g->c;
  g_autofree float *bias = g_steal_pointer (&g->c->bias);
  g_autoptr (CnTensor) plain = case_run (c, c->weights), with_bias = NULL;
  double size = 0, tolerance, forward = dot (plain->data, g->g->data, floats (plain), &size);
  double back = dot (c->input->data, g->input_gradient->data, floats (c->input), &size);
  double weights = dot (c->weights, g->weight_gradient, g->weights, &size);
  double whole;

  g->c->bias = g_steal_pointer (&bias);
  with_bias = case_run (c, c->weights);
  whole = dot (with_bias->data, g->g->data, floats (with_bias), &size);
  weights += dot (c->bias, g->bias_gradient, c->options.out_channels, &size);
  tolerance = roundings (c) * (double) FLT_EPSILON * size;
  *by_input = fabs (forward - back) / tolerance;
  *by_weights = fabs (whole - weights) / tolerance;
}

static void
test_adjoint (void)
{
  for (int i = 0; i < 60; i++)
    {
      g_autoptr (Case) c = random_case (i % 2 ? CASE_NETWORK : CASE_ANY);
      g_autoptr (CnTensor) output = case_run (c, c->weights), upstream = random_like (output);
      Gradients g = { .c = c, .g = upstream };
      double by_input, by_weights;

      gradients_find (&g, &c->run);
      adjoint_errors (&g, &by_input, &by_weights);
      g_assert_cmpfloat (by_input, <=, 1);
      g_assert_cmpfloat (by_weights, <=, 1);
      gradients_clear (&g);
    }
}

static gboolean
is_zero (const CnTensor *tensor)
{
  for (gsize i = 0; i < floats (tensor); i++)
    if (tensor->data[i] != 0)
      return FALSE;
  return TRUE;
}

/* The test above can fail: a gradient that is off by a tenth of its size. */
static void
test_fault_is_found (void)
{
  g_autoptr (Case) c = NULL;
  g_autoptr (CnTensor) output = NULL, upstream = NULL;
  g_autofree float *bias = NULL;
  Gradients g = { 0 };
  double by_input, by_weights;

  do /* until there is a gradient: a window may see nothing but padding */
    {
      gradients_clear (&g);
      g_clear_pointer (&c, case_free);
      g_clear_pointer (&output, cn_tensor_free);
      g_clear_pointer (&upstream, cn_tensor_free);
      c = random_case (CASE_NETWORK);
      bias = g_steal_pointer (&c->bias);
      output = case_run (c, c->weights);
      c->bias = g_steal_pointer (&bias);
      upstream = random_like (output);
      /* ∂z = z without bias: ⟨z, ∂z⟩ is far from 0. */
      memcpy (upstream->data, output->data, floats (output) * sizeof (float));
      g = (Gradients){ .c = c, .g = upstream };
      gradients_find (&g, &c->run);
    }
  while (is_zero (g.input_gradient));
  for (gsize i = 0; i < floats (g.input_gradient); i++)
    g.input_gradient->data[i] *= 1.1f;
  for (gsize i = 0; i < g.weights; i++)
    g.weight_gradient[i] *= 1.1f;
  adjoint_errors (&g, &by_input, &by_weights);
  g_assert_cmpfloat (by_input, >, 1);
  g_assert_cmpfloat (by_weights, >, 1);
  gradients_clear (&g);
}

/* Tiles and threads change no bit. */
static void
test_threads (void)
{
  for (int i = 0; i < 30; i++)
    {
      g_autoptr (Case) c = random_case (i % 2 ? CASE_NETWORK : CASE_ANY);
      g_autoptr (CnTensor) output = case_run (c, c->weights), upstream = random_like (output);
      Gradients one = { .c = c, .g = upstream }, other = one;

      gradients_find (&one, &(CnRun){ .threads = 1 });
      gradients_find (&other, &(CnRun){ .threads = between (2, 3),
                                        .tile_width = between (1, 9),
                                        .tile_height = between (1, 9) });
      g_assert_cmpint (case_differences (one.input_gradient, other.input_gradient), ==, 0);
      g_assert_cmpmem (one.weight_gradient, one.weights * sizeof (float), other.weight_gradient,
                       other.weights * sizeof (float));
      g_assert_cmpmem (one.bias_gradient, c->options.out_channels * sizeof (float),
                       other.bias_gradient, c->options.out_channels * sizeof (float));
      gradients_clear (&one);
      gradients_clear (&other);
    }
}

static void
test_errors (void)
{
  g_autoptr (Case) c = random_case (CASE_ANY);
  g_autoptr (CnTensor) output = case_run (c, c->weights), wrong = NULL;
  g_autoptr (CnConv2d) conv = cn_conv2d_new (&c->options, c->weights, NULL, NULL), other = NULL;
  g_autoptr (GError) error = NULL;

  wrong = cn_tensor_new (output->layout, output->n, output->channels, output->height + 1,
                         output->width, NULL);
  g_assert_false (cn_conv2d_backward (conv, c->input, wrong, NULL, NULL, NULL, &c->run, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_SHAPE);
  g_assert_nonnull (strstr (error->message, "gradient is"));
  g_clear_error (&error);
  c->options.border = CN_BORDER_WRAP;
  other = cn_conv2d_new (&c->options, c->weights, NULL, NULL);
  g_assert_false (cn_conv2d_backward (other, c->input, output, NULL, NULL, NULL, &c->run, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_ARGUMENT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/conv2d-backward/differences", test_differences);
  g_test_add_func ("/conv2d-backward/differences-of-networks", test_differences_of_networks);
  g_test_add_func ("/conv2d-backward/adjoint", test_adjoint);
  g_test_add_func ("/conv2d-backward/fault-is-found", test_fault_is_found);
  g_test_add_func ("/conv2d-backward/threads", test_threads);
  g_test_add_func ("/conv2d-backward/errors", test_errors);
  return g_test_run ();
}
