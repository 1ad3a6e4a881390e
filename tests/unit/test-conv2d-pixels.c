/* test-conv2d-pixels.c: convolutions of small maps, told their size: the dense way's bits.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/ops/conv2d-private.h"
#include "tests/unit/cases.h"

#define TERMS 60000 /* of one case: maps are small */

/* A case that runs so, and not by Winograd's algorithm or, of one channel, in two passes. */
static Case *
random_case (void)
{
  for (;;)
    {
      g_autoptr (Case) c = case_random (CASE_NETWORK, TERMS);
      CnConv2dOptions *o = &c->options;

      o->method = CN_CONV2D_AUTO;
      o->border = CN_BORDER_ZERO;
      o->pixels = (gsize) c->out_height * c->out_width;
      c->layout = c->input->layout = CN_LAYOUT_NCHW;
      if (cn_conv2d_pixels_pay (o) && !cn_conv2d_winograd_can (o) && o->groups < o->in_channels)
        return g_steal_pointer (&c);
    }
}

static void
test_random (void)
{
  for (int i = 0; i < 150 && !g_test_failed (); i++)
    {
      g_autoptr (Case) c = random_case ();
      g_autoptr (CnTensor) output = case_run (c, c->weights), dense = NULL;
      g_autofree char *message = NULL;

      if (case_mismatches (c, output, &message) > 0)
        {
          g_test_message ("%s", message);
          g_test_fail ();
        }
      c->options.method = CN_CONV2D_DENSE;
      dense = case_run (c, c->weights);
      g_assert_cmpint (case_differences (output, dense), ==, 0);
    }
}

/* A convolution of a batch of two, on two threads, with zeros around. */
static Case *
case_of (int in, int out, int groups, int kernel, int stride, int dilation, int height, int width)
{
  Case *c = g_new0 (Case, 1);
  int pad = kernel / 2 * dilation, reach = (kernel - 1) * dilation + 1;
  gsize weights = (gsize) in / groups * out * kernel * kernel;
  g_autofree float *samples = random_floats (cn_view_floats (2 * in, 1, height, width));

  *c = (Case){ .options = { .in_channels = in,
                            .out_channels = out,
                            .groups = groups,
                            .kernel_height = kernel,
                            .kernel_width = kernel,
                            .stride_y = stride,
                            .stride_x = stride,
                            .dilation_y = dilation,
                            .dilation_x = dilation,
                            .padding = { CN_PADDING_EXPLICIT, pad, pad, pad, pad },
                            .border = CN_BORDER_ZERO },
               .layout = CN_LAYOUT_NCHW,
               .run = { .threads = 2 },
               .n = 2,
               .height = height,
               .width = width,
               .out_height = (height + 2 * pad - reach) / stride + 1,
               .out_width = (width + 2 * pad - reach) / stride + 1,
               .weights = random_floats (weights),
               .bias = random_floats (out),
               .input = cn_tensor_new (CN_LAYOUT_NCHW, 2, in, height, width, NULL) };
  memcpy (c->input->data, samples, cn_float_bytes (2, in, height, width));
  c->options.pixels = (gsize) c->out_height * c->out_width;
  return c;
}

/* Maps of more pixels than are made at a time, with rows that are torn: every kind of panel, parts
   of rows, and several turns for a panel. */
static void
test_torn (void)
{
  static const int shapes[][8] = { { 24, 48, 1, 3, 2, 1, 40, 57 }, { 28, 64, 1, 3, 2, 1, 9, 141 },
                                   { 24, 33, 1, 5, 1, 1, 32, 33 }, { 48, 80, 2, 3, 2, 2, 34, 39 },
                                   { 22, 50, 1, 3, 1, 7, 40, 37 }, { 16, 40, 1, 5, 3, 1, 99, 50 } };

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      const int *s = shapes[i];
      g_autoptr (Case) c = case_of (s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]);
      g_autoptr (CnTensor) output = NULL, dense = NULL;

      g_assert_true (cn_conv2d_pixels_pay (&c->options));
      output = case_run (c, c->weights);
      c->options.method = CN_CONV2D_DENSE;
      dense = case_run (c, c->weights);
      g_assert_cmpint (case_differences (output, dense), ==, 0);
    }
}

/* The operator takes maps of any other size as well. */
static void
test_other_size (void)
{
  for (int i = 0; i < 20; i++)
    {
      g_autoptr (Case) c = random_case ();
      g_autoptr (CnTensor) output = NULL;
      g_autofree float *samples = NULL;
      CnConv2dOptions *o = &c->options;

      c->height += 10 * o->stride_y;
      c->out_height += 10;
      cn_tensor_free (c->input);
      c->input = cn_tensor_new (CN_LAYOUT_NCHW, c->n, o->in_channels, c->height, c->width, NULL);
      samples = random_floats (cn_view_floats (c->n, o->in_channels, c->height, c->width));
      memcpy (c->input->data, samples, cn_float_bytes (c->n, o->in_channels, c->height, c->width));
      output = case_run (c, c->weights);
      g_assert_cmpint (case_mismatches (c, output, NULL), ==, 0);
    }
}

/* The weights are turned once: what the operator takes is what it says. */
static void
test_memory (void)
{
  g_autoptr (Case) c = random_case ();
  CnConv2dOptions *o = &c->options;
  g_autofree float *weights = random_floats ((gsize) o->out_channels * (o->in_channels / o->groups)
                                             * o->kernel_height * o->kernel_width);
  g_autoptr (CnConv2d) told = cn_conv2d_new (o, weights, NULL, NULL), untold = NULL;

  o->pixels = 0;
  untold = cn_conv2d_new (o, weights, NULL, NULL);
  g_assert_cmpuint (cn_conv2d_memory (told), ==,
                    cn_conv2d_memory (untold) + cn_conv2d_pixels_memory (told));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/conv2d-pixels/random", test_random);
  g_test_add_func ("/conv2d-pixels/torn", test_torn);
  g_test_add_func ("/conv2d-pixels/other-size", test_other_size);
  g_test_add_func ("/conv2d-pixels/memory", test_memory);
  return g_test_run ();
}
