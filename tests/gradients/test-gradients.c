/* test-gradients.c: outputs and gradients of every kind of layer, by a naive oracle in double.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "tests/gradients/naive.h"

#define BLOCKS 2
#define SAMPLES (BLOCKS * CN_LANES)
#define STEP 1e-5
#define CORNER 4e-6 /* above what roundings come to */

/* What follows a convolution of size 1 that makes 4 maps of 7×6 pixels; | ends a line. Maps of one
   pixel take another way through convolutions, as do fewer than 3, 6 and 9 channels or terms. */
static const char *const models[] = {
  "conv 5 3 same",
  "conv 7 3",
  "conv 2 5 same",
  "conv 1 1",
  "conv 13 1|conv 3 3",
  "conv 3 3 stride 2",
  "conv 6 3 stride 2 same",
  "conv 4 2 stride 3",
  "conv 3 6",
  "dense 10",
  "dense 5|dense 7|dense 2",
  "batch-norm",
  "conv 3 3|batch-norm|conv 2 3",
  "dense 5|batch-norm",
  "relu",
  "leaky-relu",
  "elu",
  "sigmoid",
  "tanh",
  "softplus",
  "clip",
  "identity",
  "relu|sigmoid|tanh",
  "max-pool 2",
  "max-pool 3 stride 2",
  "max-pool 3 stride 1|dense 3",
  "average-pool 2",
  "average-pool 3 stride 2",
  "global-average-pool|dense 3",
  "prelu",
  "prelu|conv 3 3|prelu",
  "conv-transpose 1 9 stride 2",
  "conv-transpose 2 9 stride 3",
  "conv-transpose 1 9 stride 4",
  "conv-transpose 5 2 stride 2",
  "conv-transpose 2 3",
  "conv-transpose 3 4 stride 2|conv 2 3",
  "mark a|conv 4 3 same|concat a",
  "mark a|conv 3 3|prelu|concat a|mark b|conv 3 3|concat b|concat a|conv 2 1",
  "mark a|conv 4 3 same|add a",
  "mark a|relu|conv 4 3 same|mark b|relu|add a|add b|conv 2 3",
  ("conv 5 3 same|batch-norm|relu|mark a|conv 5 3 same|batch-norm|relu|conv 5 3 same|batch-norm|"
   "add a|relu|max-pool 2|conv 6 3 same|batch-norm|relu|global-average-pool|dense 4"),
};

static gsize
place (const CnLanes *lanes, gsize sample, gsize i)
{
  return sample / CN_LANES * cn_lanes_block (lanes) + i * CN_LANES + sample % CN_LANES;
}

/* A model, its inputs in double, and the factors u of the loss Σ u·output. */
typedef struct
{
  CnModel *model;
  gsize inputs, outputs; /* of a sample */
  double *input, *parameters, *factors;
} Case;

static Case
draw (const char *layers)
{
  g_autofree char *text = g_strdup_printf ("input 3 7 6 0 1|conv 4 1|%s", layers);
  g_autoptr (GError) error = NULL;
  Case c = { 0 };
  gsize n;

  g_strdelimit (text, "|", '\n');
  c.model = cn_model_new (text, BLOCKS, 1, &error);
  g_assert_no_error (error);
  c.inputs = cn_lanes_block (&c.model->input) / CN_LANES;
  c.outputs = cn_lanes_block (cn_model_output (c.model)) / CN_LANES;
  c.input = g_new (double, SAMPLES *c.inputs);
  c.factors = g_new (double, SAMPLES *c.outputs);
  c.parameters = g_new (double, c.model->parameters_n);
  for (gsize i = 0; i < SAMPLES * c.inputs; i++)
    {
      float value = (float) g_test_rand_double_range (-1, 1);

      c.model->input.data[place (&c.model->input, i / c.inputs, i % c.inputs)] = value;
      c.input[i] = value;
    }
  for (gsize i = 0; i < c.model->parameters_n; i++)
    c.parameters[i] = c.model->parameters[i] += (float) g_test_rand_double_range (-0.3, 0.3);
  for (gsize i = 0; i < c.model->statistics_n; i++)
    c.model->statistics[i] += (float) g_test_rand_double_range (0, 0.5);
  n = SAMPLES * c.outputs;
  for (gsize i = 0; i < n; i++)
    c.factors[i] = (float) g_test_rand_double_range (-1, 1);
  return c;
}

static void
case_clear (Case *c)
{
  cn_model_free (c->model);
  g_free (c->input);
  g_free (c->parameters);
  g_free (c->factors);
}

/* A case in which rounding takes nothing over a corner, where there would be another gradient. */
static Case
case_new (const char *layers)
{
  for (int turn = 0; turn < 100; turn++)
    {
      Case c = draw (layers);
      double corner;

      g_free (naive_forward (c.model, c.parameters, c.input, SAMPLES, TRUE, &corner));
      if (corner > CORNER)
        return c;
      case_clear (&c);
    }
  g_assert_not_reached ();
}

static void
run_forward (const Case *c, gboolean training, int threads)
{
  g_autoptr (GError) error = NULL;

  cn_model_forward (c->model, training, &(CnRun){ .threads = threads }, &error);
  g_assert_no_error (error);
}

static void
run_backward (const Case *c, int threads)
{
  const CnLanes *gradient = cn_model_output_gradient (c->model);
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < SAMPLES * c->outputs; i++)
    gradient->data[place (gradient, i / c->outputs, i % c->outputs)] = (float) c->factors[i];
  cn_model_backward (c->model, &(CnRun){ .threads = threads }, &error);
  g_assert_no_error (error);
}

static double
loss (const Case *c)
{
  g_autofree double *output =
      naive_forward (c->model, c->parameters, c->input, SAMPLES, TRUE, NULL);
  double sum = 0;

  for (gsize i = 0; i < SAMPLES * c->outputs; i++)
    sum += c->factors[i] * output[i];
  return sum;
}

/* Results are sums of up to 150 terms, through up to ten layers, whose roundings (ε each) add up
   like steps to either side: √150 · √10 · ε · size, where sizes here are below 40. */
#define OUTPUT_TOLERANCE (39 * 40 * 1.2e-7)

static void
check_outputs (const Case *c, gboolean training)
{
  g_autofree double *output =
      naive_forward (c->model, c->parameters, c->input, SAMPLES, training, NULL);
  const CnLanes *lanes = cn_model_output (c->model);

  run_forward (c, training, 2);
  for (gsize i = 0; i < SAMPLES * c->outputs; i++)
    g_assert_cmpfloat_with_epsilon (
        (double) lanes->data[place (lanes, i / c->outputs, i % c->outputs)], output[i],
        OUTPUT_TOLERANCE);
}

static void
test_outputs (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (models); i++)
    {
      Case c = case_new (models[i]);

      check_outputs (&c, FALSE);
      check_outputs (&c, TRUE);
      case_clear (&c);
    }
}

/* How far the gradient of parameter `p` is from the central difference, in units of the tolerance.
   A gradient is a sum over 32 samples of up to 42 pixels of terms around 1, so around √1344 = 37;
   each lane adds up to 84 of them in float, and each addition is off by up to 37 · ε/2, to either
   side: √84 · 37 · ε/2 = 2·10⁻⁵. What is summed was rounded as often on its way: five times that.
   The difference in double is off by STEP² and 10⁻¹⁶ / STEP times such sizes: nothing beside it.
   Where a maximum or a corner lies within the step, it is off by far more: then a smaller one is
   taken. */
static double
distance (const Case *c, gsize p)
{
  const double tolerance = 1e-4;
  double value = c->parameters[p], off = INFINITY;

  for (double step = STEP; step > STEP / 200 && off > tolerance; step /= 10)
    {
      double up, down;

      c->parameters[p] = value + step;
      up = loss (c);
      c->parameters[p] = value - step;
      down = loss (c);
      c->parameters[p] = value;
      off = fabs ((double) c->model->gradients[p] - (up - down) / (2 * step));
    }
  return off / tolerance;
}

static void
test_differences (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (models); i++)
    {
      Case c = case_new (models[i]);
      double most = 0;

      run_forward (&c, TRUE, 2);
      run_backward (&c, 2);
      for (int turn = 0; turn < 60; turn++)
        {
          gsize p = turn < 16 ? turn : g_test_rand_int_range (0, (gint32) c.model->parameters_n);
          double off = distance (&c, p);

          most = MAX (most, off);
          if (off > 1)
            g_error ("%s: gradient %zu is %g, and off by %g times the tolerance", models[i], p,
                     (double) c.model->gradients[p], off);
        }
      g_test_message ("%s: %.2g of the tolerance", models[i], most);
      case_clear (&c);
    }
}

/* A weight of the wrong sign, a gradient off by a hundredth: the check is not blind. */
static void
test_fault_is_found (void)
{
  static const char *const faulty[] = {
    "conv 5 3 same|batch-norm|relu|conv 3 3",
    "mark a|prelu|conv 3 3|concat a|conv-transpose 2 5 stride 3",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (faulty); i++)
    {
      Case c = case_new (faulty[i]);
      int found = 0;

      run_forward (&c, TRUE, 1);
      run_backward (&c, 1);
      for (gsize p = 0; p < 12; p++)
        {
          c.model->gradients[p] *= 1.01f;
          found += distance (&c, p) > 1;
        }
      g_assert_cmpint (found, >=, 8); /* small ones may pass */
      case_clear (&c);
    }
}

/* Threads change no bit. */
static void
test_threads (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (models); i++)
    {
      Case c = case_new (models[i]);
      g_autofree float *one = NULL;
      gsize bytes = c.model->parameters_n * sizeof (float);

      run_forward (&c, TRUE, 1);
      run_backward (&c, 1);
      one = g_memdup2 (c.model->gradients, bytes);
      run_forward (&c, TRUE, 3);
      run_backward (&c, 3);
      g_assert_cmpmem (one, bytes, c.model->gradients, bytes);
      case_clear (&c);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gradients/outputs", test_outputs);
  g_test_add_func ("/gradients/differences", test_differences);
  g_test_add_func ("/gradients/threads", test_threads);
  g_test_add_func ("/gradients/fault-is-found", test_fault_is_found);
  return g_test_run ();
}
