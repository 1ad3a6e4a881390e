/* cases.c: random convolutions, run by the engine and compared with the oracle.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/cases.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "tests/unit/between.h"
#include "tests/unit/oracle.h"

#define INPUT_MAX 500000 /* samples */

/* Floats that all windows reach, padding included: an operator that has them twice in a tile stays
   below the GiB that one may take. */
#define REACHED_MAX (100 << 20)

static gboolean
chance (int percent)
{
  return g_test_rand_int_range (0, 100) < percent;
}

/* low … high, both included. */
float *
random_floats (gsize n)
{
  float *floats = g_new (float, n);

  for (gsize i = 0; i < n; i++)
    floats[i] = (float) g_test_rand_double_range (-1, 1);
  return floats;
}

static int
random_taps (void)
{
  return chance (85) ? between (1, 9) : chance (75) ? between (10, 40) : between (41, 255);
}

static int
random_stride (void)
{
  return chance (60) ? 1 : chance (90) ? between (2, 5) : between (6, 40);
}

static int
random_dilation (void)
{
  return chance (65) ? 1 : chance (90) ? between (2, 4) : between (5, 30);
}

static int
random_padding (int extent)
{
  return chance (20) ? 0 : chance (85) ? between (0, extent) : between (0, 3 * extent + 10);
}

static void
random_channels (CnConv2dOptions *o, CaseKind kind)
{
  gboolean depthwise = kind == CASE_RANK_ONE || chance (40);
  int into = depthwise ? 1 : between (1, 4), out = chance (60) ? 1 : between (1, 4);

  if (kind == CASE_NETWORK)
    {
      into = between (1, 40);
      out = between (1, 40);
    }
  o->groups = chance (40) ? 1 : between (1, kind == CASE_NETWORK ? 2 : 5);
  o->in_channels = o->groups * into;
  o->out_channels = o->groups * out;
}

/* Weights without structure, of rank 1, or small whole numbers; often one kernel for all. */
static float *
random_weights (const CnConv2dOptions *o, CaseKind kind)
{
  gsize kernels = (gsize) o->out_channels * (o->in_channels / o->groups);
  int height = o->kernel_height, width = o->kernel_width;
  gsize taps = (gsize) height * width;
  float *weights = random_floats (kernels * taps);
  gboolean rank_one = kind == CASE_RANK_ONE || chance (30), whole = chance (20), same = chance (40);

  for (gsize k = 0; k < kernels; k++)
    {
      float *kernel = weights + k * taps;
      g_autofree float *column = random_floats (height), *row = random_floats (width);

      for (gsize t = 0; t < taps; t++)
        if (rank_one)
          kernel[t] = column[t / width] * row[t % width];
        else if (whole)
          kernel[t] = (float) between (-2, 2);
      if (same)
        memcpy (kernel, weights, taps * sizeof (float));
    }
  return weights;
}

/* An input that the window fits into `positions` times or a little more; at least one pixel. */
static int
random_size (int taps, int stride, int dilation, int padding, int positions)
{
  int least = (taps - 1) * dilation + 1 + (positions - 1) * stride - padding;
  int size = least + between (0, stride - 1);

  return MAX (1, size);
}

static void
random_sizes (Case *c, int terms)
{
  CnConv2dOptions *o = &c->options;
  CnPadding *p = &o->padding;
  int work = o->kernel_height * o->kernel_width * (o->in_channels / o->groups) * o->out_channels;
  int area = MAX (1, terms / work / c->n);
  int rows = between (1, MIN (area, 40)), columns = between (1, CLAMP (area / rows, 1, 100));
  int around_y = (o->kernel_height - 1) * o->dilation_y;
  int around_x = (o->kernel_width - 1) * o->dilation_x;

  if (p->mode == CN_PADDING_EXPLICIT)
    {
      p->top = random_padding (around_y + 1);
      p->bottom = random_padding (around_y + 1);
      p->left = random_padding (around_x + 1);
      p->right = random_padding (around_x + 1);
    }
  else if (p->mode == CN_PADDING_SAME)
    {
      /* By hand: the smaller half comes first. The engine finds its own. */
      p->top = around_y / 2;
      p->left = around_x / 2;
      p->bottom = around_y - p->top;
      p->right = around_x - p->left;
    }
  c->height = random_size (o->kernel_height, o->stride_y, o->dilation_y, p->top + p->bottom, rows);
  c->width = random_size (o->kernel_width, o->stride_x, o->dilation_x, p->left + p->right, columns);
  c->out_height =
      oracle_positions (c->height, p->top, p->bottom, o->kernel_height, o->stride_y, o->dilation_y);
  c->out_width =
      oracle_positions (c->width, p->left, p->right, o->kernel_width, o->stride_x, o->dilation_x);
}

static void
random_options (CnConv2dOptions *o, CaseKind kind)
{
  random_channels (o, kind);
  o->kernel_height = random_taps ();
  o->kernel_width = chance (50) ? o->kernel_height : random_taps ();
  o->stride_y = random_stride ();
  o->stride_x = chance (50) ? o->stride_y : random_stride ();
  o->dilation_y = random_dilation ();
  o->dilation_x = chance (50) ? o->dilation_y : random_dilation ();
  o->padding = (CnPadding){ .mode = (CnPaddingMode) between (0, CN_PADDING_SAME) };
  o->border = (CnBorder) between (CN_BORDER_ZERO, CN_BORDER_WRAP);
  o->flip = chance (30);
  o->activation = cn_activation (chance (50) ? CN_ACTIVATION_IDENTITY
                                             : (CnActivationKind) between (0, CN_ACTIVATIONS - 1));
  o->method = (CnConv2dMethod) between (CN_CONV2D_AUTO, CN_CONV2D_TWO_PASS);
  if (kind == CASE_NETWORK)
    {
      o->kernel_height = between (1, 5);
      o->kernel_width = chance (70) ? o->kernel_height : between (1, 5);
      o->method = CN_CONV2D_DENSE;
    }
}

Case *
case_random (CaseKind kind, int terms)
{
  Case *c = g_new0 (Case, 1);
  CnConv2dOptions *o = &c->options;
  g_autoptr (GError) error = NULL;
  gsize samples, reached;
  double work;

  c->layout = chance (50) ? CN_LAYOUT_NCHW : CN_LAYOUT_NHWC;
  c->n = chance (75) ? 1 : between (2, 3);
  c->run.threads = between (1, 3);
  c->run.tile_width = chance (30) ? 0 : between (1, 40);
  c->run.tile_height = chance (30) ? 0 : between (1, 40);
  do /* long strides take too much memory, paddings larger than the kernel too much time */
    {
      random_options (o, kind);
      random_sizes (c, terms);
      samples = cn_view_floats (c->n, o->in_channels, c->height, c->width);
      reached = cn_view_floats (o->in_channels, 1, c->height + o->padding.top + o->padding.bottom,
                                c->width + o->padding.left + o->padding.right);
      work = (double) c->n * c->out_height * c->out_width * o->out_channels
             * (o->in_channels / o->groups) * o->kernel_height * o->kernel_width;
    }
  while (samples > INPUT_MAX || reached > REACHED_MAX
         || work > 2.0 * MAX (terms, CN_KERNEL_MAX * CN_KERNEL_MAX));

  c->weights = random_weights (o, kind);
  c->bias = chance (50) ? random_floats (o->out_channels) : NULL;
  c->input = cn_tensor_new (c->layout, c->n, o->in_channels, c->height, c->width, &error);
  g_assert_no_error (error);
  for (gsize i = 0; i < samples; i++)
    c->input->data[i] = (float) g_test_rand_double_range (-1, 1);
  return c;
}

void
case_free (Case *c)
{
  g_free (c->weights);
  g_free (c->bias);
  cn_tensor_free (c->input);
  g_free (c);
}

char *
case_describe (const Case *c)
{
  static const char *const borders[] = { "zero", "replicate", "reflect", "wrap" };
  static const char *const modes[] = { "explicit", "valid", "same" };
  static const char *const methods[] = { "auto", "dense", "two-pass", "winograd" };
  const CnConv2dOptions *o = &c->options;
  const CnPadding *p = &o->padding;

  return g_strdup_printf (
      "%s, %dx%dx%dx%d, %d filters of %dx%d in %d groups, stride %d %d, dilation %d %d, "
      "padding %s (%d %d %d %d), border %s, %s%s%s, method %s, %d threads, tiles %dx%d, bias[0] "
      "%g, "
      "weight[0] %g",
      c->layout == CN_LAYOUT_NCHW ? "NCHW" : "NHWC", c->n, o->in_channels, c->height, c->width,
      o->out_channels, o->kernel_height, o->kernel_width, o->groups, o->stride_y, o->stride_x,
      o->dilation_y, o->dilation_x, modes[p->mode], p->top, p->left, p->bottom, p->right,
      borders[o->border], o->flip ? "flip, " : "", cn_activation_name (o->activation.kind),
      c->bias ? "" : ", no bias", methods[o->method], c->run.threads, c->run.tile_height,
      c->run.tile_width, c->bias ? c->bias[0] : 0, c->weights[0]);
}

CnTensor *
case_run (const Case *c, const float *weights)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CnConv2d) conv = cn_conv2d_new (&c->options, weights, c->bias, &error);
  CnTensor *output;

  g_assert_no_error (error);
  output =
      cn_tensor_new (c->layout, c->n, c->options.out_channels, c->out_height, c->out_width, &error);
  g_assert_no_error (error);
  if (!cn_conv2d_forward (conv, c->input, output, &c->run, &error))
    g_error ("%s: %s", case_describe (c), error->message);
  return output;
}

OracleImage
case_picture (const CnTensor *t, int index)
{
  const float *data = t->data + index * cn_view_floats (t->channels, 1, t->height, t->width);

  return t->layout == CN_LAYOUT_NCHW ? oracle_planar (data, t->channels, t->height, t->width)
                                     : oracle_interleaved (data, t->channels, t->height, t->width);
}

/* A float sum of k products has an error of at most (k + 1) · u · Σ|w·x| to first order, with
   u = ε/2 a rounding: one for the product and at most k for the additions that a term goes through
   (Higham, Accuracy and Stability, 3.1); the bias is one more term. We allow ε for u, which covers
   the second order. Kernels of rank 1 may run as two passes of kh and kw terms over factors whose
   products are within 4 ε of the kernel: kh + kw + 8. Below the range of normal floats a rounding
   is absolute: k of them at most.

   All activations have a slope of at most 1, so they do not make that error larger; the functions
   of libm add at most 4 roundings of their own. */
static double
tolerance_for (const Case *c, double size, double result)
{
  const CnConv2dOptions *o = &c->options;
  int terms = o->in_channels / o->groups * o->kernel_height * o->kernel_width;
  int roundings = terms + 1;

  if (o->in_channels == o->groups && o->method != CN_CONV2D_DENSE)
    roundings = MAX (roundings, o->kernel_height + o->kernel_width + 8);
  return roundings * (double) FLT_EPSILON * size + terms * 1.5e-45
         + (o->activation.kind == CN_ACTIVATION_IDENTITY ? 0 : 4 * (double) FLT_EPSILON)
               * fabs (result);
}

/* What Fourier transforms may add (cn_conv2d_noise() in conv2d.h): log₂ of their samples is below
   20, max |F(w)| at most Σ |w|, samples at most 1. No CPU level takes kernels of up to 45 taps for
   large ones. */
static double
fourier_tolerance (const Case *c, int filter)
{
  const CnConv2dOptions *o = &c->options;
  int taps = o->kernel_height * o->kernel_width;
  double sum = 0;

  if (o->in_channels != o->groups
      || !(o->method == CN_CONV2D_FFT || (o->method == CN_CONV2D_AUTO && taps > 45)))
    return 0;
  for (int t = 0; t < taps; t++)
    sum += fabs (c->weights[(gsize) filter * taps + t]);
  return 20 * (double) FLT_EPSILON * sum;
}

void
case_expect (const Case *c, int index, double *expected, double *tolerance)
{
  const CnConv2dOptions *o = &c->options;
  const CnPadding *p = &o->padding;
  const CnActivation *g = &o->activation;
  OracleImage input = case_picture (c->input, index);
  OracleConv conv = { .filters = o->out_channels,
                      .groups = o->groups,
                      .kernel_height = o->kernel_height,
                      .kernel_width = o->kernel_width,
                      .stride_y = o->stride_y,
                      .stride_x = o->stride_x,
                      .dilation_y = o->dilation_y,
                      .dilation_x = o->dilation_x,
                      .top = p->top,
                      .left = p->left,
                      .bottom = p->bottom,
                      .right = p->right,
                      .border = (OracleBorder) o->border,
                      .flip = o->flip };

  gsize plane = (gsize) c->out_height * c->out_width;

  oracle_conv2d (&conv, &input, c->weights, c->bias, expected, tolerance);
  for (gsize i = 0; i < o->out_channels * plane; i++)
    {
      expected[i] =
          oracle_activation (cn_activation_name (g->kind), expected[i], g->alpha, g->min, g->max);
      tolerance[i] =
          tolerance_for (c, tolerance[i], expected[i]) + fourier_tolerance (c, (int) (i / plane));
    }
}

int
case_mismatches (const Case *c, const CnTensor *output, char **message)
{
  gsize count = cn_view_floats (output->channels, 1, output->height, output->width);
  g_autofree double *expected = g_new (double, count), *tolerance = g_new (double, count);
  int mismatches = 0;

  for (int n = 0; n < c->n; n++)
    {
      OracleImage result = case_picture (output, n);
      OracleMismatch first;
      int here;

      case_expect (c, n, expected, tolerance);
      here = oracle_compare (&result, expected, tolerance, &first);
      if (here > 0 && mismatches == 0 && message)
        {
          g_autofree char *what = case_describe (c), *where = oracle_describe (&first);

          *message = g_strdup_printf ("%s: picture %d, %s", what, n, where);
        }
      mismatches += here;
    }
  return mismatches;
}

int
case_differences (const CnTensor *a, const CnTensor *b)
{
  gsize count = cn_view_floats (a->n, a->channels, a->height, a->width);
  int differences = 0;

  g_assert_cmpuint (count, ==, cn_view_floats (b->n, b->channels, b->height, b->width));
  for (gsize i = 0; i < count; i++)
    differences += memcmp (a->data + i, b->data + i, sizeof (float)) != 0;
  return differences;
}

void
case_assert_same_in (Case *c, const CnRun *run)
{
  g_autoptr (CnTensor) one = NULL, other = NULL;

  c->run = (CnRun){ .threads = 1 };
  one = case_run (c, c->weights);
  c->run = *run;
  other = case_run (c, c->weights);
  g_assert_cmpint (case_differences (one, other), ==, 0);
}
