/* test-conv2d.c: convolutions of every shape, layout and method against the oracle.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <float.h>
#include <math.h>
#include <string.h>

#include "filters/primitives/cpu.h"
#include "tests/unit/cases.h"
#include "tests/unit/oracle.h"

#define CASES 1200
#define TERMS 250000 /* of one case */

/* The CPU level that was asked for is the one that is tested. */
static void
test_level (void)
{
  const char *wanted = g_getenv ("CONVNET_CPU");

  g_test_message ("CPU level %s", cn_cpu_name (cn_cpu_level ()));
  for (int level = 0; level < CN_CPU_LEVELS; level++)
    if (cn_cpu_has (level) && g_strcmp0 (wanted, cn_cpu_name (level)) == 0)
      g_assert_cmpint (cn_cpu_level (), ==, level);
}

static void
check (const Case *c)
{
  g_autoptr (CnTensor) output = case_run (c, c->weights);
  g_autofree char *message = NULL;
  int mismatches = case_mismatches (c, output, &message);

  if (mismatches == 0)
    return;
  g_test_message ("%d mismatches: %s", mismatches, message);
  g_test_fail ();
}

static void
test_random (void)
{
  for (int i = 0; i < CASES && !g_test_failed (); i++)
    {
      g_autoptr (Case) c = case_random (CASE_ANY, TERMS);

      check (c);
    }
}

/* Few of the random shapes are large kernels over a whole picture; these are. */
static void
test_largest_kernel (void)
{
  static const int sizes[][2] = { { 255, 255 }, { 255, 1 }, { 1, 255 }, { 254, 3 } };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (Case) c = NULL;

      do
        {
          g_clear_pointer (&c, case_free);
          c = case_random (CASE_ANY, TERMS);
        }
      while (c->options.in_channels > 2 || c->options.out_channels > 2 || c->height > 60
             || c->width > 60);
      g_free (c->weights);
      c->options.kernel_height = sizes[i][0];
      c->options.kernel_width = sizes[i][1];
      c->options.dilation_y = c->options.dilation_x = 1;
      c->options.padding = (CnPadding){ CN_PADDING_EXPLICIT, 127, 127, 127, 127 };
      c->options.stride_y = c->options.stride_x = 9;
      c->weights = random_floats ((gsize) c->options.out_channels * c->options.in_channels
                                  * sizes[i][0] * sizes[i][1]);
      c->out_height = oracle_positions (c->height, 127, 127, sizes[i][0], 9, 1);
      c->out_width = oracle_positions (c->width, 127, 127, sizes[i][1], 9, 1);
      check (c);
    }
}

/* NaN and infinities reach every sample whose window holds them, and no other. */
static void
test_not_finite (void)
{
  static const float values[] = { NAN, INFINITY, -INFINITY };

  for (int i = 0; i < 60 && !g_test_failed (); i++)
    {
      g_autoptr (Case) c = case_random (CASE_ANY, TERMS / 10);
      const CnTensor *input = c->input;
      gsize count = cn_view_floats (input->n, input->channels, input->height, input->width);

      c->options.activation = cn_activation (CN_ACTIVATION_IDENTITY);
      c->options.method = CN_CONV2D_DENSE;
      input->data[g_test_rand_int_range (0, (int) count)] =
          values[g_test_rand_int_range (0, G_N_ELEMENTS (values))];
      check (c);
    }
}

/* The denormals' own arithmetic: nothing is flushed to zero. */
static void
test_denormal (void)
{
  for (int i = 0; i < 40 && !g_test_failed (); i++)
    {
      g_autoptr (Case) c = case_random (CASE_ANY, TERMS / 10);
      const CnTensor *input = c->input;

      c->options.activation = cn_activation (CN_ACTIVATION_IDENTITY);
      c->options.method = CN_CONV2D_DENSE;
      g_clear_pointer (&c->bias, g_free);
      for (gsize k = 0; k < cn_view_floats (input->n, input->channels, input->height, input->width);
           k++)
        input->data[k] *= FLT_MIN / 4;
      check (c);
    }
}

static float *
sample (const CnTensor *t, int n, int channel, int pixel)
{
  gsize pixels = (gsize) t->height * t->width;
  float *picture = t->data + n * t->channels * pixels;

  return t->layout == CN_LAYOUT_NCHW ? picture + channel * pixels + pixel
                                     : picture + (gsize) pixel * t->channels + channel;
}

/* The same picture in the other layout. */
static CnTensor *
turn (const CnTensor *t)
{
  CnTensor *turned = cn_tensor_new (t->layout == CN_LAYOUT_NCHW ? CN_LAYOUT_NHWC : CN_LAYOUT_NCHW,
                                    t->n, t->channels, t->height, t->width, NULL);

  for (int n = 0; n < t->n; n++)
    for (int channel = 0; channel < t->channels; channel++)
      for (int p = 0; p < t->height * t->width; p++)
        *sample (turned, n, channel, p) = *sample (t, n, channel, p);
  return turned;
}

/* A picture gives the same bits planar and interleaved. */
static void
test_layouts (void)
{
  for (int i = 0; i < 100 && !g_test_failed (); i++)
    {
      g_autoptr (Case) c = case_random (CASE_ANY, TERMS / 4);
      g_autoptr (CnTensor) input = c->input, output = case_run (c, c->weights);
      g_autoptr (CnTensor) other = NULL, turned = turn (output);
      int differences;

      c->input = turn (input);
      c->layout = c->input->layout;
      other = case_run (c, c->weights);
      differences = case_differences (turned, other);
      if (differences > 0)
        {
          g_autofree char *what = case_describe (c);

          g_test_message ("%d samples differ between the layouts: %s", differences, what);
          g_test_fail ();
        }
    }
}

/* A case of so few terms that the tolerance is a small part of one of them. */
static Case *
random_small (void)
{
  Case *c = NULL;

  do
    {
      g_clear_pointer (&c, case_free);
      c = case_random (CASE_ANY, TERMS / 10);
    }
  while (c->options.kernel_height * c->options.kernel_width > 100);
  return c;
}

/* The comparison can fail: a weight that is off is found, */
static void
test_wrong_weight_is_found (void)
{
  for (int i = 0; i < 20; i++)
    {
      g_autoptr (Case) c = random_small ();
      g_autoptr (CnTensor) wrong = NULL;
      g_autofree char *message = NULL;
      const CnConv2dOptions *o = &c->options;
      gsize weights = (gsize) o->out_channels * (o->in_channels / o->groups) * o->kernel_height
                      * o->kernel_width;
      g_autofree float *perturbed = g_memdup2 (c->weights, weights * sizeof (float));

      /* A positive picture, no zeros behind the border, no activation: nothing hides the weight. */
      c->options.border = CN_BORDER_REPLICATE;
      c->options.activation = cn_activation (CN_ACTIVATION_IDENTITY);
      for (gsize k = 0; k < cn_view_floats (c->n, o->in_channels, c->height, c->width); k++)
        c->input->data[k] += 2;
      perturbed[g_test_rand_int_range (0, (int) weights)] += 1;
      wrong = case_run (c, perturbed);
      g_assert_cmpint (case_mismatches (c, wrong, &message), ==,
                       c->n * c->out_height * c->out_width);
      g_assert_nonnull (strstr (message, "expected"));
    }
}

/* and so is one sample that is a tenth over its tolerance, and only that one. */
static void
test_wrong_sample_is_found (void)
{
  for (int i = 0; i < 20; i++)
    {
      g_autoptr (Case) c = case_random (CASE_ANY, TERMS / 10);
      g_autoptr (CnTensor) output = case_run (c, c->weights);
      gsize count = cn_view_floats (output->channels, 1, output->height, output->width);
      g_autofree double *expected = g_new (double, count), *tolerance = g_new (double, count);

      case_expect (c, c->n - 1, expected, tolerance);
      *sample (output, c->n - 1, output->channels - 1, output->height * output->width - 1) =
          nextafterf ((float) (expected[count - 1] + 1.1 * tolerance[count - 1]), INFINITY);
      g_assert_cmpint (case_mismatches (c, output, NULL), ==, 1);
    }
}

/* Planes each by itself that several turns of threads make, of two pictures. */
static void
test_small_planes (void)
{
  for (int i = 0; i < 20; i++)
    {
      g_autoptr (Case) c = case_random (CASE_NETWORK, 1000);
      CnConv2dOptions *o = &c->options;
      int size = g_test_rand_bit () ? 3 : 5, channels = g_test_rand_int_range (20, 50);

      *o = (CnConv2dOptions){ .in_channels = channels,
                              .out_channels = channels,
                              .groups = channels,
                              .kernel_height = size,
                              .kernel_width = size,
                              .stride_y = 1 + i % 2,
                              .stride_x = 1 + i % 2,
                              .dilation_y = 1,
                              .dilation_x = 1,
                              .padding = { CN_PADDING_EXPLICIT, 1, 1, 1, 1 },
                              .border = CN_BORDER_ZERO,
                              .activation = o->activation };
      c->layout = CN_LAYOUT_NCHW;
      c->n = 2;
      c->height = g_test_rand_int_range (25, 40);
      c->width = g_test_rand_int_range (25, 40);
      c->out_height = oracle_positions (c->height, 1, 1, size, o->stride_y, 1);
      c->out_width = oracle_positions (c->width, 1, 1, size, o->stride_x, 1);
      g_free (c->weights);
      c->weights = random_floats ((gsize) channels * size * size);
      g_free (c->bias);
      c->bias = random_floats (channels);
      cn_tensor_free (c->input);
      c->input = cn_tensor_new (c->layout, c->n, channels, c->height, c->width, NULL);
      for (gsize k = 0; k < cn_view_floats (c->n, channels, c->height, c->width); k++)
        c->input->data[k] = (float) g_test_rand_double_range (-1, 1);
      for (int threads = 1; threads <= 3; threads++)
        {
          g_autoptr (CnTensor) output = NULL;

          c->run = (CnRun){ .threads = threads };
          output = case_run (c, c->weights);
          g_assert_cmpint (case_mismatches (c, output, NULL), ==, 0);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/conv2d/level", test_level);
  g_test_add_func ("/conv2d/random", test_random);
  g_test_add_func ("/conv2d/largest-kernel", test_largest_kernel);
  g_test_add_func ("/conv2d/not-finite", test_not_finite);
  g_test_add_func ("/conv2d/denormal", test_denormal);
  g_test_add_func ("/conv2d/layouts", test_layouts);
  g_test_add_func ("/conv2d/wrong-weight-is-found", test_wrong_weight_is_found);
  g_test_add_func ("/conv2d/wrong-sample-is-found", test_wrong_sample_is_found);
  g_test_add_func ("/conv2d/small-planes", test_small_planes);
  return g_test_run ();
}
