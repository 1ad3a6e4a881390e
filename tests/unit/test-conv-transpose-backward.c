/* test-conv-transpose-backward.c: the gradients of transposed convolutions, by central differences.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <float.h>
#include <math.h>
#include <string.h>

#include "filters/core/error.h"
#include "tests/unit/cases.h"
#include "tests/unit/oracle.h"
#include "tests/unit/transposed.h"

static int
between (int low, int high)
{
  return g_test_rand_int_range (low, high + 1);
}

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

/* A case that has gradients, with a bias. */
static Transposed *
random_case (void)
{
  Transposed *c = transposed_random ();

  c->options.border = CN_BORDER_ZERO;
  c->options.activation = cn_activation (CN_ACTIVATION_IDENTITY);
  if (!c->bias)
    c->bias = random_floats (c->options.out_channels);
  return c;
}

/* Everything that the loss Σ g·Z depends on, and its gradients. */
typedef struct
{
  Transposed *c;
  CnTensor *g, *input_gradient;
  float *weight_gradient, *bias_gradient;
  gsize weights;
} Gradients;

static void
gradients_find (Gradients *g, const CnRun *run)
{
  const CnConvTransposeOptions *o = &g->c->options;
  g_autoptr (GError) error = NULL;
  g_autoptr (CnConvTranspose) conv = cn_conv_transpose_new (o, g->c->weights, g->c->bias, &error);

  g->weights =
      (gsize) o->in_channels * (o->out_channels / o->groups) * o->kernel_height * o->kernel_width;
  g->input_gradient = random_like (g->c->input);
  g->weight_gradient = random_floats (g->weights);
  g->bias_gradient = random_floats (o->out_channels);
  cn_conv_transpose_backward (conv, g->c->input, g->g, g->input_gradient, g->weight_gradient,
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

/* The loss with `*value` moved by `step`, and Σ |g·Z|. */
static double
loss (const Gradients *g, float *value, float step, double *size)
{
  float before = *value;
  g_autoptr (CnTensor) z = NULL;
  double sum = 0;

  *value += step;
  z = transposed_run (g->c, &g->c->run);
  *value = before;
  for (gsize i = 0; i < floats (z); i++)
    {
      sum += (double) g->g->data[i] * z->data[i];
      *size += fabs ((double) g->g->data[i]) * (1 + fabs (z->data[i]));
    }
  return sum;
}

/* The loss is linear in each value, so that any step gives the derivative: 1, which makes the
   smallest error. A result of k terms is off by (k + 1) · ε times the size of its terms, which
   `size` counts with 1 more; inputs and weights below 1 make each sum at most k. The gradient
   itself is such a sum. */
static void
assert_gradient (const Gradients *g, float *value, float gradient)
{
  const CnConvTransposeOptions *o = &g->c->options;
  int terms = o->kernel_height * o->kernel_width * MAX (o->in_channels, o->out_channels);
  double size = 0;
  double difference = loss (g, value, 1, &size) - loss (g, value, -1, &size);

  oracle_assert_near (gradient, difference / 2, (terms + 1) * (double) FLT_EPSILON * size);
}

static void
test_differences (void)
{
  for (int i = 0; i < 120; i++)
    {
      g_autoptr (Transposed) c = random_case ();
      g_autoptr (CnTensor) output = transposed_run (c, &c->run), upstream = random_like (output);
      Gradients g = { .c = c, .g = upstream };

      gradients_find (&g, &c->run);
      for (int turn = 0; turn < 6; turn++)
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

/* Tiles and threads change no bit. */
static void
test_tiles (void)
{
  for (int i = 0; i < 60; i++)
    {
      g_autoptr (Transposed) c = random_case ();
      g_autoptr (CnTensor) output = transposed_run (c, &c->run), upstream = random_like (output);
      Gradients one = { .c = c, .g = upstream }, other = one;

      gradients_find (&one, &(CnRun){ .threads = 1 });
      gradients_find (&other, &(CnRun){ .threads = between (2, 3),
                                        .tile_width = between (1, 9),
                                        .tile_height = between (1, 9) });
      g_assert_cmpint (case_differences (one.input_gradient, other.input_gradient), ==, 0);
      g_assert_cmpmem (one.weight_gradient, one.weights * sizeof (float), other.weight_gradient,
                       other.weights * sizeof (float));
      gradients_clear (&one);
      gradients_clear (&other);
    }
}

static void
test_errors (void)
{
  g_autoptr (Transposed) c = random_case ();
  g_autoptr (CnTensor) output = transposed_run (c, &c->run), wrong = NULL;
  g_autoptr (CnConvTranspose) conv = cn_conv_transpose_new (&c->options, c->weights, NULL, NULL);
  g_autoptr (CnConvTranspose) other = NULL;
  g_autoptr (GError) error = NULL;

  wrong = cn_tensor_new (output->layout, output->n, output->channels, output->height + 1,
                         output->width, NULL);
  g_assert_false (
      cn_conv_transpose_backward (conv, c->input, wrong, NULL, NULL, NULL, &c->run, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_SHAPE);
  g_assert_nonnull (strstr (error->message, "gradient is"));
  g_clear_error (&error);
  c->options.border = CN_BORDER_WRAP;
  other = cn_conv_transpose_new (&c->options, c->weights, NULL, NULL);
  g_assert_false (
      cn_conv_transpose_backward (other, c->input, output, NULL, NULL, NULL, &c->run, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_ARGUMENT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/conv-transpose-backward/differences", test_differences);
  g_test_add_func ("/conv-transpose-backward/tiles", test_tiles);
  g_test_add_func ("/conv-transpose-backward/errors", test_errors);
  return g_test_run ();
}
