/* test-conv2d-strided.c: kernels of one tap that skip pixels: the bits of those that do not.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/ops/conv2d-private.h"
#include "tests/unit/between.h"
#include "tests/unit/cases.h"

/* A case of one tap, by steps that are not both 1, with the sizes of its result. */
static Case *
point_case (int n, int in_channels, int out_channels, int groups, int height, int width)
{
  Case *c = g_new0 (Case, 1);
  CnConv2dOptions *o = &c->options;
  g_autofree float *row = random_floats (width);
  gsize floats = (gsize) n * in_channels * height * width;

  o->in_channels = in_channels;
  o->out_channels = out_channels;
  o->groups = groups;
  o->kernel_height = o->kernel_width = o->dilation_y = o->dilation_x = 1;
  o->stride_y = between (1, 4);
  o->stride_x = o->stride_y == 1 ? between (2, 4) : between (1, 4);
  c->layout = CN_LAYOUT_NCHW;
  c->run.threads = between (1, 3);
  c->n = n;
  c->height = height;
  c->width = width;
  c->out_height = (height - 1) / o->stride_y + 1;
  c->out_width = (width - 1) / o->stride_x + 1;
  c->weights = random_floats ((gsize) out_channels * in_channels / groups);
  c->input = cn_tensor_new (c->layout, n, in_channels, height, width, NULL);
  for (gsize k = 0; k < floats; k++)
    c->input->data[k] = row[k % (gsize) width] + (float) (k / (gsize) width % 97) / 97;
  return c;
}

static Case *
random_case (void)
{
  int groups = between (1, 3);

  return point_case (between (1, 2), groups * between (2, 20), groups * between (1, 20), groups,
                     between (1, 30), between (1, 30));
}

static gboolean
is_strided_point (const Case *c, const CnTensor *output)
{
  g_autoptr (CnConv2d) conv = cn_conv2d_new (&c->options, c->weights, NULL, NULL);

  return cn_conv2d_is_strided_point (conv, c->input, output);
}

/* The case's result without steps, which it has none of from then on. */
static CnTensor *
run_plain (Case *c)
{
  c->options.stride_y = c->options.stride_x = 1;
  c->out_height = c->height;
  c->out_width = c->width;
  return case_run (c, c->weights);
}

/* Samples that are not those at every step of a result without steps. */
static int
differences (const CnTensor *some, const CnTensor *all, int step_y, int step_x)
{
  int different = 0;

  for (int plane = 0; plane < some->n * some->channels; plane++)
    for (int y = 0; y < some->height; y++)
      for (int x = 0; x < some->width; x++)
        {
          const float *one = some->data + ((gsize) plane * some->height + y) * some->width + x;
          const float *other =
              all->data + ((gsize) plane * all->height + y * step_y) * all->width + x * step_x;

          different += memcmp (one, other, sizeof (float)) != 0;
        }
  return different;
}

static void
test_random (void)
{
  for (int i = 0; i < 200; i++)
    {
      g_autoptr (Case) c = random_case ();
      g_autoptr (CnTensor) some = case_run (c, c->weights), all = NULL;
      int step_y = c->options.stride_y, step_x = c->options.stride_x;

      g_assert_true (is_strided_point (c, some));
      g_assert_cmpint (case_mismatches (c, some, NULL), ==, 0);
      all = run_plain (c);
      g_assert_cmpint (differences (some, all, step_y, step_x), ==, 0);
      /* A sample of the result that is another is found. */
      some->data[between (0, some->height * some->width - 1)] += 1;
      g_assert_cmpint (differences (some, all, step_y, step_x), ==, 1);
    }
}

/* A result over the limit goes another way, to the same bits. */
static void
test_large (void)
{
  g_autoptr (Case) c = point_case (1, 40, 3, 1, 900, 1000);
  g_autoptr (CnTensor) some = case_run (c, c->weights), all = NULL;
  int step_y = c->options.stride_y, step_x = c->options.stride_x;

  g_assert_false (is_strided_point (c, some));
  all = run_plain (c);
  g_assert_cmpint (differences (some, all, step_y, step_x), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/conv2d-strided/random", test_random);
  g_test_add_func ("/conv2d-strided/large", test_large);
  return g_test_run ();
}
