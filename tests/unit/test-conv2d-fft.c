/* test-conv2d-fft.c: convolution by Fourier transforms against the oracle, at any place of a block.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "tests/unit/between.h"
#include "tests/unit/cases.h"

#define TERMS 1000000 /* of one case */
#define CASES 15

/* Fills the input of the case's sizes, and finds the output's. */
static void
set_sizes (Case *c, int height, int width)
{
  CnConv2dOptions *o = &c->options;
  CnPadding *p = &o->padding;

  c->height = height;
  c->width = width;
  c->out_height = oracle_positions (height, p->top, p->bottom, o->kernel_height, 1, o->dilation_y);
  c->out_width = oracle_positions (width, p->left, p->right, o->kernel_width, 1, o->dilation_x);
}

/* A case of channels each by itself, whose results lie in one block or in several. */
static Case *
random_case (void)
{
  Case *c = case_random (CASE_NETWORK, 1000);
  CnConv2dOptions *o = &c->options;
  CnPadding *p = &o->padding;
  gsize taps;

  o->in_channels = o->out_channels = o->groups = between (1, 4);
  o->stride_y = o->stride_x = 1;
  o->method = CN_CONV2D_FFT;
  do
    {
      o->kernel_height = between (1, 40);
      o->kernel_width = between (1, 40);
      o->dilation_y = between (1, 3);
      o->dilation_x = between (1, 3);
      *p = (CnPadding){ CN_PADDING_EXPLICIT, between (0, 40), between (0, 40), between (0, 40),
                        between (0, 40) };
      set_sizes (c, between (1, 400), between (1, 400));
      taps = (gsize) o->kernel_height * o->kernel_width;
    }
  while (c->out_height == 0 || c->out_width == 0
         || (gsize) c->out_height * c->out_width * o->out_channels * taps * c->n > TERMS);

  g_free (c->weights);
  c->weights = random_floats (o->out_channels * taps);
  for (gsize i = taps; i < o->out_channels * taps && c->n == 1; i++) /* shared */
    c->weights[i] = c->weights[i - taps];
  g_clear_pointer (&c->bias, g_free);
  cn_tensor_free (c->input);
  c->input = cn_tensor_new (c->layout, c->n, o->in_channels, c->height, c->width, NULL);
  for (gsize i = 0; i < cn_view_floats (c->n, o->in_channels, c->height, c->width); i++)
    c->input->data[i] = (float) g_test_rand_double_range (-1, 1);
  return c;
}

static void
test_random (void)
{
  for (int i = 0; i < CASES; i++)
    {
      g_autoptr (Case) c = random_case ();
      g_autoptr (CnTensor) output = case_run (c, c->weights);
      g_autofree char *message = NULL;

      if (case_mismatches (c, output, &message) > 0)
        g_error ("%s", message);
    }
}

/* Tiles and threads change no bit, though tiles need not be blocks. */
static void
test_tiles (void)
{
  for (int i = 0; i < CASES; i++)
    {
      g_autoptr (Case) c = random_case ();
      const CnRun run = { .threads = between (2, 3),
                          .tile_width = between (50, 200),
                          .tile_height = between (50, 200) };

      case_assert_same_in (c, &run);
    }
}

/* What no transform takes has the bits of the sums tap by tap, in its block. */
static void
test_not_finite (void)
{
  static const float values[] = { NAN, INFINITY, -INFINITY, 1e30f };

  for (guint i = 0; i < 2 * G_N_ELEMENTS (values); i++)
    {
      g_autoptr (Case) c = random_case ();
      g_autoptr (CnTensor) output = NULL, dense = NULL;

      for (int n = 0; n < c->n; n++)
        c->input->data[cn_view_floats (1, c->input->channels, c->height, c->width) * n] =
            values[i % G_N_ELEMENTS (values)];
      output = case_run (c, c->weights);
      c->options.method = CN_CONV2D_DENSE;
      dense = case_run (c, c->weights);
      /* The first block holds the value: padding of at most 40 does not push it out. */
      g_assert_cmpint (memcmp (output->data, dense->data, sizeof (float)), ==, 0);
      for (gsize k = 0; k < cn_view_floats (c->n, output->channels, output->height, output->width);
           k++)
        g_assert_cmpint (isfinite (output->data[k]), ==, isfinite (dense->data[k]));
    }
}

/* Large kernels run so by themselves; small ones, those of rank 1 and those too far apart do not.
 */
static void
test_choice (void)
{
  static const struct
  {
    int size, dilation;
    gboolean rank_one, blocks;
  } kernels[] = { { 3, 1, FALSE, FALSE },  { 5, 1, FALSE, FALSE }, { 41, 1, FALSE, TRUE },
                  { 255, 1, FALSE, TRUE }, { 41, 1, TRUE, FALSE }, { 41, 100, FALSE, FALSE } };

  for (guint i = 0; i < G_N_ELEMENTS (kernels); i++)
    {
      int size = kernels[i].size, height, width;
      CnConv2dOptions o = { .in_channels = 1,
                            .out_channels = 1,
                            .kernel_height = size,
                            .kernel_width = size,
                            .dilation_y = kernels[i].dilation,
                            .dilation_x = kernels[i].dilation };
      g_autofree float *weights = random_floats (size * size);
      g_autoptr (CnConv2d) conv = NULL;

      for (int t = 0; t < size * size && kernels[i].rank_one; t++)
        weights[t] = 1;
      conv = cn_conv2d_new (&o, weights, NULL, NULL);
      cn_conv2d_blocks (conv, &height, &width);
      g_assert_cmpint (height > 1 && width > 1, ==, kernels[i].blocks);
      g_assert_cmpint (cn_conv2d_noise (conv) > 0, ==, kernels[i].blocks);
    }
}

/* A weight that is off is found; so far off, since the bound is that of the worst signs. */
static void
test_wrong_weight_is_found (void)
{
  g_autoptr (Case) c = random_case ();
  g_autoptr (CnTensor) output = NULL;

  c->options.activation = cn_activation (CN_ACTIVATION_IDENTITY);
  c->options.border = CN_BORDER_REPLICATE;
  for (gsize i = 0; i < cn_view_floats (c->n, c->options.in_channels, c->height, c->width); i++)
    c->input->data[i] += 2;
  c->weights[0] += 8;
  output = case_run (c, c->weights);
  c->weights[0] -= 8;
  g_assert_cmpint (case_mismatches (c, output, NULL), >=, c->n * c->out_height * c->out_width);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/conv2d-fft/random", test_random);
  g_test_add_func ("/conv2d-fft/tiles", test_tiles);
  g_test_add_func ("/conv2d-fft/not-finite", test_not_finite);
  g_test_add_func ("/conv2d-fft/choice", test_choice);
  g_test_add_func ("/conv2d-fft/wrong-weight-is-found", test_wrong_weight_is_found);
  return g_test_run ();
}
