/* test-conv2d-strided.c: kernels of one tap that skip pixels: the bits of those that do not.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/ops/conv2d-private.h"
#include "tests/unit/between.h"
#include "tests/unit/cases.h"

/* A convolution of one tap, of many channels, by steps that are not both 1. */
typedef struct
{
  CnConv2dOptions options;
  float *weights;
  CnTensor *input;
} Point;

static void
point_free (Point *p)
{
  g_free (p->weights);
  cn_tensor_free (p->input);
  g_free (p);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Point, point_free)

static Point *
point_random (void)
{
  Point *p = g_new0 (Point, 1);
  CnConv2dOptions *o = &p->options;
  g_autofree float *samples = NULL;
  gsize floats;

  o->groups = between (1, 3);
  o->in_channels = o->groups * between (2, 20);
  o->out_channels = o->groups * between (1, 20);
  o->kernel_height = o->kernel_width = 1;
  o->stride_y = between (1, 4);
  o->stride_x = o->stride_y == 1 ? between (2, 4) : between (1, 4);
  p->weights = random_floats ((gsize) o->out_channels * o->in_channels / o->groups);
  p->input = cn_tensor_new (CN_LAYOUT_NCHW, between (1, 2), o->in_channels, between (1, 30),
                            between (1, 30), NULL);
  floats = (gsize) p->input->n * o->in_channels * p->input->height * p->input->width;
  samples = random_floats (floats);
  memcpy (p->input->data, samples, floats * sizeof (float));
  return p;
}

static CnTensor *
run (const CnConv2d *conv, const CnTensor *input)
{
  int height, width;
  CnTensor *output;

  g_assert_true (cn_conv2d_output_size (conv, input->height, input->width, &height, &width, NULL));
  output =
      cn_tensor_new (CN_LAYOUT_NCHW, input->n, conv->options.out_channels, height, width, NULL);
  g_assert_true (
      cn_conv2d_forward (conv, input, output, &(CnRun){ .threads = between (1, 3) }, NULL));
  return output;
}

/* Samples that are not those at every step of a result without steps. */
static int
differences (const Point *p, const CnTensor *some, const CnTensor *all)
{
  int different = 0;

  for (int plane = 0; plane < some->n * some->channels; plane++)
    for (int y = 0; y < some->height; y++)
      for (int x = 0; x < some->width; x++)
        {
          const float *one = some->data + ((gsize) plane * some->height + y) * some->width + x;
          const float *other =
              all->data + ((gsize) plane * all->height + y * p->options.stride_y) * all->width
              + x * p->options.stride_x;

          different += memcmp (one, other, sizeof (float)) != 0;
        }
  return different;
}

static void
test_random (void)
{
  for (int i = 0; i < 200; i++)
    {
      g_autoptr (Point) p = point_random ();
      g_autoptr (CnConv2d) strided = cn_conv2d_new (&p->options, p->weights, NULL, NULL);
      g_autoptr (CnTensor) some = run (strided, p->input), all = NULL;
      g_autoptr (CnConv2d) plain = NULL;
      CnConv2dOptions o = p->options;

      g_assert_true (cn_conv2d_is_strided_point (strided, p->input, some)
                     == cn_conv2d_is_dense (strided));
      o.stride_y = o.stride_x = 1;
      plain = cn_conv2d_new (&o, p->weights, NULL, NULL);
      all = run (plain, p->input);
      g_assert_cmpint (differences (p, some, all), ==, 0);
      /* A sample of the result that is another is found. */
      some->data[between (0, some->height * some->width - 1)] += 1;
      g_assert_cmpint (differences (p, some, all), ==, 1);
    }
}

/* A result over the limit goes another way, to the same bits. */
static void
test_large (void)
{
  CnConv2dOptions o = { .in_channels = 8,
                        .out_channels = 3,
                        .kernel_height = 1,
                        .kernel_width = 1,
                        .stride_y = 2,
                        .stride_x = 3 };
  g_autofree float *weights = random_floats (24), *row = random_floats (2000);
  Point p = { .options = o,
              .input = cn_tensor_new (CN_LAYOUT_NCHW, 1, o.in_channels, 900, 2000, NULL) };
  g_autoptr (CnTensor) some = NULL, all = NULL;
  g_autoptr (CnConv2d) strided = cn_conv2d_new (&o, weights, NULL, NULL), plain = NULL;

  for (int y = 0; y < o.in_channels * 900; y++)
    for (int x = 0; x < 2000; x++)
      p.input->data[(gsize) y * 2000 + x] = row[x] + (float) y;
  some = run (strided, p.input);
  g_assert_false (cn_conv2d_is_strided_point (strided, p.input, some));
  o.stride_y = o.stride_x = 1;
  plain = cn_conv2d_new (&o, weights, NULL, NULL);
  all = run (plain, p.input);
  g_assert_cmpint (differences (&p, some, all), ==, 0);
  cn_tensor_free (p.input);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/conv2d-strided/random", test_random);
  g_test_add_func ("/conv2d-strided/large", test_large);
  return g_test_run ();
}
