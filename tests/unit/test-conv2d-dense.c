/* test-conv2d-dense.c: convolutions of many channels against the oracle, and cut in any way.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/cases.h"

#define TERMS 2000000 /* of one case */

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
  for (int i = 0; i < 200 && !g_test_failed (); i++)
    {
      g_autoptr (Case) c = case_random (CASE_NETWORK, TERMS);

      check (c);
    }
}

/* Rows of every kind: far below the width from which they are computed one by one, and above it. */
static void
test_widths (void)
{
  static const int widths[] = { 1, 2, 7, 15, 16, 17, 32, 47, 49, 112, 191, 192, 200, 481, 500 };

  for (guint i = 0; i < G_N_ELEMENTS (widths) && !g_test_failed (); i++)
    for (int stride = 1; stride <= 2; stride++)
      {
        g_autoptr (Case) c = case_random (CASE_NETWORK, TERMS / 100);
        CnConv2dOptions *o = &c->options;

        cn_tensor_free (c->input);
        o->kernel_height = o->kernel_width = 1 + 2 * (widths[i] % 2);
        o->stride_y = o->stride_x = stride;
        o->dilation_y = o->dilation_x = 1;
        o->padding = (CnPadding){ CN_PADDING_EXPLICIT, 1, 1, 1, 1 };
        c->height = 5;
        c->width = widths[i];
        c->run.tile_width = c->run.tile_height = 0;
        c->out_height = oracle_positions (c->height, 1, 1, o->kernel_height, stride, 1);
        c->out_width = oracle_positions (c->width, 1, 1, o->kernel_width, stride, 1);
        c->input = cn_tensor_new (c->layout, c->n, o->in_channels, c->height, c->width, NULL);
        for (gsize k = 0; k < cn_view_floats (c->n, o->in_channels, c->height, c->width); k++)
          c->input->data[k] = (float) g_test_rand_double_range (-1, 1);
        g_free (c->weights);
        c->weights = random_floats ((gsize) o->out_channels * (o->in_channels / o->groups)
                                    * o->kernel_height * o->kernel_width);
        check (c);
      }
}

/* Tiles and threads change no bit. */
static void
test_tiles (void)
{
  for (int i = 0; i < 40; i++)
    {
      g_autoptr (Case) c = case_random (CASE_NETWORK, TERMS);
      g_autoptr (CnTensor) one = NULL, other = NULL;

      c->run = (CnRun){ .threads = 1 };
      one = case_run (c, c->weights);
      c->run = (CnRun){ .threads = g_test_rand_int_range (2, 4),
                        .tile_width = g_test_rand_int_range (0, 30),
                        .tile_height = g_test_rand_int_range (0, 30) };
      other = case_run (c, c->weights);
      g_assert_cmpint (case_differences (one, other), ==, 0);
    }
}

/* A filter's bias that is off is found, in that filter's samples and no other. */
static void
test_wrong_bias_is_found (void)
{
  g_autoptr (Case) c = case_random (CASE_NETWORK, TERMS / 4);
  g_autoptr (CnTensor) output = NULL;
  int filters = c->options.out_channels;

  c->options.activation = cn_activation (CN_ACTIVATION_IDENTITY);
  g_free (c->bias);
  c->bias = random_floats (filters);
  c->bias[filters - 1] += 1;
  output = case_run (c, c->weights);
  c->bias[filters - 1] -= 1;
  g_assert_cmpint (case_mismatches (c, output, NULL), ==, c->n * c->out_height * c->out_width);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/conv2d-dense/random", test_random);
  g_test_add_func ("/conv2d-dense/widths", test_widths);
  g_test_add_func ("/conv2d-dense/tiles", test_tiles);
  g_test_add_func ("/conv2d-dense/wrong-bias-is-found", test_wrong_bias_is_found);
  return g_test_run ();
}
