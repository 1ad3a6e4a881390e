/* test-conv-transpose-backward.c: the gradients of transposed convolutions, by central differences.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <float.h>
#include <math.h>
#include <string.h>

#include "filters/core/error.h"
#include "tests/unit/between.h"
#include "tests/unit/cases.h"
#include "tests/unit/oracle.h"
#include "tests/unit/transposed.h"

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

/* Terms of one result. */
static int
terms_of (const Transposed *c)
{
  return c->options.kernel_height * c->options.kernel_width
         * MAX (c->options.in_channels, c->options.out_channels);
}

/* A case that has gradients, with a bias, and with so few terms that the tolerance is small. */
static Transposed *
random_case (void)
{
  Transposed *c = NULL;

  do
    {
      g_clear_pointer (&c, transposed_free);
      c = transposed_random ();
    }
  while (terms_of (c) > 150);
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

static CnTensor *
run_moved (const Gradients *g, float *value, float step)
{
  float before = *value;
  CnTensor *z;

  *value += step;
  z = transposed_run (g->c, &g->c->run);
  *value = before;
  return z;
}

/* Whether the gradient is what the loss says. That is linear in each value, so that any step gives
   its derivative: 1, which makes the smallest error. Of each result that changes, k terms, each of
   at most 1 (2 with the step), are summed with an error of (k + 1) · ε · (k + 1). The gradient is a
   sum over those results as well; of weights, the lanes of a row of up to 30 make 12 · ε more. */
static gboolean
agrees (const Gradients *g, float *value, float gradient)
{
  g_autoptr (CnTensor) more = run_moved (g, value, 1), less = run_moved (g, value, -1);
  int terms = terms_of (g->c);
  double difference = 0, size = 0;

  for (gsize i = 0; i < floats (more); i++)
    if (more->data[i] != less->data[i])
      {
        difference += (double) g->g->data[i] * ((double) more->data[i] - less->data[i]);
        size += fabs (g->g->data[i]);
      }
  return fabs (gradient - difference / 2)
         <= ((terms + 1) * (terms + 2) + 12) * (double) FLT_EPSILON * size;
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

          g_assert_true (agrees (&g, &c->input->data[at], g.input_gradient->data[at]));
          g_assert_true (agrees (&g, &c->weights[w], g.weight_gradient[w]));
          g_assert_true (agrees (&g, &c->bias[o], g.bias_gradient[o]));
        }
      gradients_clear (&g);
    }
}

/* A gradient that is off is found. */
static void
test_fault_is_found (void)
{
  for (int i = 0; i < 20; i++)
    {
      g_autoptr (Transposed) c = random_case ();
      g_autoptr (CnTensor) output = NULL, upstream = NULL;
      Gradients g = { .c = c };

      do
        {
          g_clear_pointer (&c, transposed_free);
          g_clear_pointer (&output, cn_tensor_free);
          c = random_case ();
          output = transposed_run (c, &c->run);
        }
      while (terms_of (c) > 20);
      upstream = random_like (output);
      g = (Gradients){ .c = c, .g = upstream };
      gradients_find (&g, &c->run);
      g_assert_false (agrees (&g, &c->weights[0], g.weight_gradient[0] + 50));
      g_assert_false (agrees (&g, &c->bias[0], g.bias_gradient[0] - 50));
      g_assert_false (agrees (&g, &c->input->data[0], g.input_gradient->data[0] + 0.01f));
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
  g_test_add_func ("/conv-transpose-backward/fault-is-found", test_fault_is_found);
  g_test_add_func ("/conv-transpose-backward/tiles", test_tiles);
  g_test_add_func ("/conv-transpose-backward/errors", test_errors);
  return g_test_run ();
}
