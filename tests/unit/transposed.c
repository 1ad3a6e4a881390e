/* transposed.c: random transposed convolutions, run by the engine and compared with the oracle.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/transposed.h"

#include <float.h>
#include <string.h>

#include "tests/unit/between.h"
#include "tests/unit/cases.h"
#include "tests/unit/oracle.h"

#define TERMS 200000.0 /* of one case */

void
transposed_free (Transposed *c)
{
  cn_tensor_free (c->input);
  g_free (c->weights);
  g_free (c->bias);
  g_free (c);
}

static void
random_options (CnConvTransposeOptions *o)
{
  o->groups = between (0, 1) ? 1 : between (1, 4);
  o->in_channels = o->groups * (between (0, 1) ? 1 : between (1, 3));
  o->out_channels = o->groups * (between (0, 1) ? 1 : between (1, 3));
  o->kernel_height = between (1, between (0, 3) ? 5 : 20);
  o->kernel_width = between (0, 1) ? o->kernel_height : between (1, 7);
  o->stride_y = between (0, 2) ? between (1, 4) : between (1, 9);
  o->stride_x = between (0, 1) ? o->stride_y : between (1, 5);
  o->dilation_y = between (0, 2) ? 1 : between (2, 6);
  o->dilation_x = between (0, 2) ? 1 : between (2, 6);
  o->padding.mode = (CnPaddingMode) between (0, CN_PADDING_SAME_LOWER);
  o->padding.top = between (0, o->dilation_y * (o->kernel_height - 1) / 2);
  o->padding.bottom = between (0, o->dilation_y * (o->kernel_height - 1) / 2);
  o->padding.left = between (0, o->dilation_x * (o->kernel_width - 1) / 2);
  o->padding.right = between (0, o->dilation_x * (o->kernel_width - 1) / 2);
  o->output_padding_y = between (0, 2) ? 0 : between (0, MAX (o->stride_y, o->dilation_y) - 1);
  o->output_padding_x = between (0, 2) ? 0 : between (0, MAX (o->stride_x, o->dilation_x) - 1);
  o->border = between (0, 1) ? CN_BORDER_ZERO : (CnBorder) between (0, CN_BORDER_WRAP);
  o->activation = cn_activation (between (0, 2) ? CN_ACTIVATION_IDENTITY : CN_ACTIVATION_RELU);
}

/* Many channels, small kernels. */
static void
random_map_options (CnConvTransposeOptions *o)
{
  random_options (o);
  o->groups = between (1, 2);
  o->in_channels = o->groups * between (8, 40);
  o->out_channels = o->groups * between (8, 40);
  o->stride_y = between (1, 3);
  o->stride_x = between (1, 3);
  o->kernel_height = between (o->stride_y, 5);
  o->kernel_width = between (o->stride_x, 5);
  o->dilation_y = o->dilation_x = 1;
  o->padding.top = between (0, (o->kernel_height - 1) / 2);
  o->padding.bottom = between (0, (o->kernel_height - 1) / 2);
  o->padding.left = between (0, (o->kernel_width - 1) / 2);
  o->padding.right = between (0, (o->kernel_width - 1) / 2);
  o->output_padding_y = between (0, o->stride_y - 1);
  o->output_padding_x = between (0, o->stride_x - 1);
  o->border = CN_BORDER_ZERO;
  o->pixels = between (0, 1) * between (1, 300);
}

static Transposed *
random_case (void (*draw) (CnConvTransposeOptions *o))
{
  Transposed *c = g_new0 (Transposed, 1);
  CnConvTransposeOptions *o = &c->options;
  int height, width, taps;
  gsize kernels;

  do
    {
      draw (o);
      height = between (1, 12);
      width = between (1, 30);
      taps = o->kernel_height * o->kernel_width;
    }
  while ((double) o->in_channels * (o->out_channels / o->groups) * taps * height * width > TERMS);
  kernels = (gsize) o->in_channels * (o->out_channels / o->groups);
  c->weights = random_floats (kernels * taps);
  if (between (0, 1)) /* one kernel for all */
    for (gsize k = 1; k < kernels; k++)
      memcpy (c->weights + k * taps, c->weights, taps * sizeof (float));
  c->bias = between (0, 1) ? random_floats (o->out_channels) : NULL;
  if (between (0, 4) == 0)
    {
      o->output_height = between (1, height * o->stride_y + 3);
      o->output_width = between (1, width * o->stride_x + 3);
    }
  c->input = cn_tensor_new (between (0, 1) ? CN_LAYOUT_NCHW : CN_LAYOUT_NHWC, between (1, 2),
                            o->in_channels, height, width, NULL);
  for (gsize i = 0; i < cn_view_floats (c->input->n, o->in_channels, height, width); i++)
    c->input->data[i] = (float) g_test_rand_double_range (-1, 1);
  c->run = (CnRun){ .threads = between (1, 3),
                    .tile_width = between (0, 2) * between (1, 20),
                    .tile_height = between (0, 2) * between (1, 20) };
  return c;
}

Transposed *
transposed_random (void)
{
  return random_case (random_options);
}

Transposed *
transposed_random_maps (void)
{
  return random_case (random_map_options);
}

char *
transposed_describe (const Transposed *c)
{
  const CnConvTransposeOptions *o = &c->options;
  const CnPadding *p = &o->padding;

  return g_strdup_printf ("%d to %d channels in %d groups, kernel %dx%d, stride %d %d, dilation "
                          "%d %d, padding %d %d %d %d mode %d + %d %d, output %dx%d, border %d, %s "
                          "%dx%dx%d",
                          o->in_channels, o->out_channels, o->groups, o->kernel_height,
                          o->kernel_width, o->stride_y, o->stride_x, o->dilation_y, o->dilation_x,
                          p->top, p->left, p->bottom, p->right, p->mode, o->output_padding_y,
                          o->output_padding_x, o->output_height, o->output_width, o->border,
                          c->input->layout == CN_LAYOUT_NCHW ? "NCHW" : "NHWC", c->input->n,
                          c->input->height, c->input->width);
}

/* One axis as ONNX's document has it: the output's size, and what is taken away first. */
static int
size_by_onnx (int n, int stride, int taps, int dilation, int added, CnPaddingMode mode, int before,
              int after, int wanted, int *removed)
{
  int full = stride * (n - 1) + added + (taps - 1) * dilation + 1, total;

  *removed = 0;
  if (wanted == 0 && mode == CN_PADDING_VALID)
    return full;
  if (wanted == 0 && mode == CN_PADDING_EXPLICIT)
    {
      *removed = before;
      return full - before - after;
    }
  if (wanted == 0)
    wanted = n * stride;
  total = full < wanted ? 0 : full - wanted;
  if (mode == CN_PADDING_SAME || mode == CN_PADDING_SAME_UPPER)
    *removed = total / 2;
  else
    *removed = total - total / 2;
  return wanted;
}

CnTensor *
transposed_run (const Transposed *c, const CnRun *run)
{
  const CnConvTransposeOptions *o = &c->options;
  g_autoptr (GError) error = NULL;
  g_autoptr (CnConvTranspose) conv = cn_conv_transpose_new (o, c->weights, c->bias, &error);
  CnConvTransposePlan plan;
  CnTensor *output;

  g_assert_no_error (error);
  cn_conv_transpose_plan (conv, c->input->height, c->input->width, &plan, &error);
  g_assert_no_error (error);
  output = cn_tensor_new (c->input->layout, c->input->n, o->out_channels, plan.out_height,
                          plan.out_width, &error);
  g_assert_no_error (error);
  cn_conv_transpose_forward (conv, c->input, output, run, &error);
  g_assert_no_error (error);
  return output;
}

static OracleImage
image_of (const CnTensor *t, int index)
{
  const float *data = t->data + index * cn_view_floats (t->channels, 1, t->height, t->width);

  return t->layout == CN_LAYOUT_NCHW ? oracle_planar (data, t->channels, t->height, t->width)
                                     : oracle_interleaved (data, t->channels, t->height, t->width);
}

/* The tolerance is conv2d's, for the taps that meet in one result: see cases.c. */
int
transposed_mismatches (const Transposed *c, const CnTensor *output, gboolean tell)
{
  const CnConvTransposeOptions *o = &c->options;
  const CnPadding *p = &o->padding;
  gsize count = cn_view_floats (output->channels, 1, output->height, output->width);
  g_autofree double *expected = g_new (double, count), *tolerance = g_new (double, count);
  OracleConvTranspose conv = { .out_channels = o->out_channels,
                               .groups = o->groups,
                               .kernel_height = o->kernel_height,
                               .kernel_width = o->kernel_width,
                               .stride_y = o->stride_y,
                               .stride_x = o->stride_x,
                               .dilation_y = o->dilation_y,
                               .dilation_x = o->dilation_x,
                               .border = (OracleBorder) o->border };
  int terms = o->in_channels / o->groups * o->kernel_height * o->kernel_width, wrong = 0;

  conv.out_height =
      size_by_onnx (c->input->height, o->stride_y, o->kernel_height, o->dilation_y,
                    o->output_padding_y, p->mode, p->top, p->bottom, o->output_height, &conv.top);
  conv.out_width =
      size_by_onnx (c->input->width, o->stride_x, o->kernel_width, o->dilation_x,
                    o->output_padding_x, p->mode, p->left, p->right, o->output_width, &conv.left);
  g_assert_cmpint (output->height, ==, conv.out_height);
  g_assert_cmpint (output->width, ==, conv.out_width);
  for (int n = 0; n < c->input->n; n++)
    {
      OracleImage from = image_of (c->input, n), got = image_of (output, n);
      OracleMismatch first;
      int here;

      oracle_conv_transpose (&conv, &from, c->weights, c->bias, expected, tolerance);
      for (gsize i = 0; i < count; i++)
        {
          const CnActivation *g = &o->activation;

          expected[i] = oracle_activation (cn_activation_name (g->kind), expected[i], g->alpha,
                                           g->min, g->max);
          tolerance[i] *= (terms + 1) * (double) FLT_EPSILON;
        }
      here = oracle_compare (&got, expected, tolerance, &first);
      if (here > 0 && tell)
        {
          g_autofree char *where = oracle_describe (&first), *what = transposed_describe (c);

          g_test_message ("%s: picture %d, %d wrong: %s", what, n, here, where);
        }
      wrong += here;
    }
  return wrong;
}
