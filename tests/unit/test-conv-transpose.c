/* test-conv-transpose.c: transposed convolutions of every shape against the oracle, the lecture's
 * examples, and the adjoint of conv2d.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <float.h>
#include <math.h>
#include <string.h>

#include "filters/ops/conv-transpose-private.h"
#include "tests/unit/between.h"
#include "tests/unit/cases.h"
#include "tests/unit/oracle.h"
#include "tests/unit/transposed.h"

#define CASES 800

static void
test_random (void)
{
  for (int i = 0; i < CASES && !g_test_failed (); i++)
    {
      g_autoptr (Transposed) c = transposed_random ();
      g_autoptr (CnTensor) output = transposed_run (c, &c->run);

      if (transposed_mismatches (c, output, TRUE) > 0)
        g_test_fail ();
    }
}

/* Maps of many channels, some of them by convolutions of their phases. */
static void
test_maps (void)
{
  int phases = 0;

  for (int i = 0; i < CASES / 4 && !g_test_failed (); i++)
    {
      g_autoptr (Transposed) c = transposed_random_maps ();
      g_autoptr (CnConvTranspose) conv =
          cn_conv_transpose_new (&c->options, c->weights, c->bias, NULL);
      g_autoptr (CnTensor) output = transposed_run (c, &c->run), other = NULL;

      if (transposed_mismatches (c, output, TRUE) > 0)
        g_test_fail ();
      other = transposed_run (c, &(CnRun){ .threads = 1 });
      g_assert_cmpint (case_differences (output, other), ==, 0);
      phases += conv->phases && c->input->layout == CN_LAYOUT_NCHW;
    }
  /* Some 27 of 200, give or take 5. */
  g_assert_cmpint (phases, >, CASES / 4 / 40);
}

/* The convolutions that make the phases are in what the operator says that it keeps, and may not
   take more for other copies than is allowed. */
static void
test_memory (void)
{
  g_autofree float *weights = random_floats (32 * 48 * 16);
  CnConvTransposeOptions o = { .in_channels = 32,
                               .out_channels = 48,
                               .kernel_height = 4,
                               .kernel_width = 4,
                               .stride_y = 2,
                               .stride_x = 2,
                               .padding = { CN_PADDING_EXPLICIT, 1, 1, 1, 1 },
                               .pixels = 14 * 14 };
  g_autoptr (CnConvTranspose) any = cn_conv_transpose_new (&o, weights, NULL, NULL), none = NULL;
  gsize once = 32 * 48 * 16 * sizeof (float), biases = 5 * 48 * sizeof (float);

  o.memory_max = 1;
  none = cn_conv_transpose_new (&o, weights, NULL, NULL);
  g_assert_cmpuint (cn_conv_transpose_memory (any), ==, 3 * once + biases);
  g_assert_cmpuint (cn_conv_transpose_memory (none), ==, once + biases / 5);
}

/* Tiles and threads change no bit. */
static void
test_tiles (void)
{
  for (int i = 0; i < 100 && !g_test_failed (); i++)
    {
      g_autoptr (Transposed) c = transposed_random ();
      g_autoptr (CnTensor) whole = transposed_run (c, &(CnRun){ .threads = 1 });

      for (int threads = 1; threads <= 3; threads++)
        {
          CnRun run = { .threads = threads,
                        .tile_width = between (1, 9),
                        .tile_height = between (1, 9) };
          g_autoptr (CnTensor) tiled = transposed_run (c, &run);

          if (case_differences (whole, tiled) > 0)
            {
              g_autofree char *what = transposed_describe (c);

              g_test_message ("tiles of %dx%d: %s", run.tile_width, run.tile_height, what);
              g_test_fail ();
            }
        }
    }
}

/* T1, T2 and T3 of the worked examples; `same` is the input × the stride. */
static void
test_lecture (void)
{
  static const struct
  {
    int stride;
    CnPadding padding;
    int size;
    float output[16];
  } examples[] = {
    { 1, { .mode = CN_PADDING_VALID }, 3, { 0, 0, 1, 0, 4, 6, 4, 12, 9 } },
    { 2, { .mode = CN_PADDING_VALID }, 4, { 0, 0, 0, 1, 0, 0, 2, 3, 0, 2, 0, 3, 4, 6, 6, 9 } },
    { 1, { CN_PADDING_EXPLICIT, 1, 1, 1, 1 }, 1, { 4 } },
    { 1, { .mode = CN_PADDING_SAME }, 2, { 0, 0, 0, 4 } },
    { 2, { .mode = CN_PADDING_SAME }, 4, { 0, 0, 0, 1, 0, 0, 2, 3, 0, 2, 0, 3, 4, 6, 6, 9 } },
  };
  static float values[] = { 0, 1, 2, 3 };
  CnTensor input = { 1, 1, 2, 2, CN_LAYOUT_NCHW, values, NULL };

  for (guint i = 0; i < G_N_ELEMENTS (examples); i++)
    {
      Transposed c = { .options = { .in_channels = 1,
                                    .out_channels = 1,
                                    .kernel_height = 2,
                                    .kernel_width = 2,
                                    .stride_y = examples[i].stride,
                                    .stride_x = examples[i].stride,
                                    .padding = examples[i].padding },
                       .input = &input,
                       .weights = values };
      g_autoptr (CnTensor) output = transposed_run (&c, &c.run);

      g_assert_cmpint (output->height, ==, examples[i].size);
      g_assert_cmpint (output->width, ==, examples[i].size);
      for (int k = 0; k < output->height * output->width; k++)
        g_assert_cmpfloat (output->data[k], ==, examples[i].output[k]);
    }
}

/* Σ a·b, and Σ |a·b|, in double. */
static double
product (const CnTensor *a, const CnTensor *b, double *size)
{
  double sum = 0;

  for (gsize i = 0; i < cn_view_floats (a->n * a->channels, 1, a->height, a->width); i++)
    {
      sum += (double) a->data[i] * b->data[i];
      *size += fabs ((double) a->data[i] * b->data[i]);
    }
  return sum;
}

static CnTensor *
random_tensor (const CnTensor *like, int channels, int height, int width)
{
  CnTensor *t = cn_tensor_new (like->layout, like->n, channels, height, width, NULL);

  for (gsize i = 0; i < cn_view_floats (t->n, channels, height, width); i++)
    t->data[i] = (float) g_test_rand_double_range (0, 1);
  return t;
}

/* ⟨conv2d (x), y⟩ = ⟨x, conv-transpose (y)⟩. With positive numbers a sum of k terms is off by at
   most (k + 1) · ε times itself, and so are both products; they differ by twice that at most. */
static void
test_adjoint (void)
{
  for (int i = 0; i < 300; i++)
    {
      g_autoptr (Transposed) c = transposed_random ();
      CnConvTransposeOptions *o = &c->options;
      gsize weights = (gsize) o->in_channels * (o->out_channels / o->groups) * o->kernel_height
                      * o->kernel_width;
      g_autoptr (CnTensor) x = NULL, result = NULL, y = NULL, transposed = NULL;
      g_autoptr (CnConv2d) conv = NULL;
      g_autoptr (GError) error = NULL;
      double size = 0, left, right;
      int terms = o->kernel_height * o->kernel_width
                  * MAX (o->in_channels / o->groups, o->out_channels / o->groups);
      CnConv2dOptions forth;

      o->border = CN_BORDER_ZERO;
      o->activation = cn_activation (CN_ACTIVATION_IDENTITY);
      o->output_height = o->output_width = 0;
      o->padding.mode = CN_PADDING_EXPLICIT;
      /* What the convolution's stride leaves over at the end. */
      o->output_padding_y = between (0, o->stride_y - 1);
      o->output_padding_x = between (0, o->stride_x - 1);
      g_clear_pointer (&c->bias, g_free);
      for (gsize k = 0; k < weights; k++)
        c->weights[k] = fabsf (c->weights[k]);
      y = random_tensor (c->input, o->in_channels, c->input->height, c->input->width);
      memcpy (c->input->data, y->data,
              sizeof (float) * cn_view_floats (y->n * y->channels, 1, y->height, y->width));
      transposed = transposed_run (c, &c->run);
      x = random_tensor (transposed, o->out_channels, transposed->height, transposed->width);

      forth = (CnConv2dOptions){ .in_channels = o->out_channels,
                                 .out_channels = o->in_channels,
                                 .groups = o->groups,
                                 .kernel_height = o->kernel_height,
                                 .kernel_width = o->kernel_width,
                                 .stride_y = o->stride_y,
                                 .stride_x = o->stride_x,
                                 .dilation_y = o->dilation_y,
                                 .dilation_x = o->dilation_x,
                                 .padding = o->padding,
                                 .method = CN_CONV2D_DENSE };
      conv = cn_conv2d_new (&forth, c->weights, NULL, &error);
      g_assert_no_error (error);
      result = random_tensor (y, o->in_channels, y->height, y->width);
      cn_conv2d_forward (conv, x, result, &c->run, &error);
      g_assert_no_error (error);
      left = product (result, y, &size);
      right = product (x, transposed, &size);
      oracle_assert_near (left, right, 2 * (terms + 1) * (double) FLT_EPSILON * size);
    }
}

/* A result that is too large for the caches, and is written past them; one product for each sample.
 */
static void
test_large (void)
{
  static const float weights[12] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };
  CnConvTransposeOptions o = { .in_channels = 3,
                               .out_channels = 3,
                               .groups = 3,
                               .kernel_height = 2,
                               .kernel_width = 2,
                               .stride_y = 2,
                               .stride_x = 2 };
  g_autoptr (GError) error = NULL;
  g_autoptr (CnTensor) input = cn_tensor_new (CN_LAYOUT_NHWC, 1, 3, 351, 501, &error);
  g_autoptr (CnTensor) output = cn_tensor_new (CN_LAYOUT_NHWC, 1, 3, 702, 1002, &error);
  g_autoptr (CnConvTranspose) conv = cn_conv_transpose_new (&o, weights, NULL, &error);
  int wrong = 0;

  g_assert_no_error (error);
  for (int i = 0; i < 351 * 501 * 3; i++)
    input->data[i] = (float) g_test_rand_double_range (-1, 1);
  cn_conv_transpose_forward (conv, input, output, &(CnRun){ .threads = 2 }, &error);
  g_assert_no_error (error);
  for (int y = 0; y < 702; y++)
    for (int x = 0; x < 1002; x++)
      for (int c = 0; c < 3; c++)
        wrong += output->data[(y * 1002 + x) * 3 + c]
                 != input->data[(y / 2 * 501 + x / 2) * 3 + c] * weights[c * 4 + y % 2 * 2 + x % 2];
  g_assert_cmpint (wrong, ==, 0);
}

/* An infinite sample of interleaved pixels goes where its kernel reaches, and no further. */
static void
test_infinite (void)
{
  for (int channels = 1; channels <= 4; channels++)
    for (int kernel = 1; kernel <= 9; kernel++)
      for (int stride = 1; stride <= 4; stride++)
        {
          int size = 6 * stride + kernel, at = 3 * stride;
          CnConvTransposeOptions o = { .in_channels = channels,
                                       .out_channels = channels,
                                       .groups = channels,
                                       .kernel_height = kernel,
                                       .kernel_width = kernel,
                                       .stride_y = stride,
                                       .stride_x = stride };
          g_autofree float *weights = g_new (float, channels *kernel *kernel);
          g_autoptr (GError) error = NULL;
          g_autoptr (CnTensor) input = cn_tensor_new (CN_LAYOUT_NHWC, 1, channels, 7, 7, &error);
          g_autoptr (CnTensor) output =
              cn_tensor_new (CN_LAYOUT_NHWC, 1, channels, size, size, &error);
          g_autoptr (CnConvTranspose) conv = NULL;
          int wrong = 0;

          for (int i = 0; i < channels * kernel * kernel; i++)
            weights[i] = (float) between (1, 9);
          input->data[(3 * 7 + 3) * channels] = INFINITY;
          conv = cn_conv_transpose_new (&o, weights, NULL, &error);
          cn_conv_transpose_forward (conv, input, output, &(CnRun){ .threads = 1 }, &error);
          g_assert_no_error (error);
          for (int i = 0; i < size * size * channels; i++)
            {
              int y = i / channels / size - at, x = i / channels % size - at;
              gboolean reached = i % channels == 0 && y >= 0 && y < kernel && x >= 0 && x < kernel;

              wrong += output->data[i] != (reached ? INFINITY : 0);
            }
          g_assert_cmpint (wrong, ==, 0);
        }
}

/* The comparison can fail: a weight that is off, and one sample. */
static void
test_faults_are_found (void)
{
  for (int i = 0; i < 30; i++)
    {
      g_autoptr (Transposed) c = transposed_random ();
      g_autoptr (CnTensor) output = NULL, wrong = NULL;

      c->options.activation = cn_activation (CN_ACTIVATION_IDENTITY);
      c->options.padding.mode = CN_PADDING_VALID;
      c->options.output_height = c->options.output_width = 0;
      /* A positive input: no sample is so small that it hides a weight. */
      for (gsize k = 0;
           k < cn_view_floats (c->input->n, c->input->channels, c->input->height, c->input->width);
           k++)
        c->input->data[k] += 2;
      output = transposed_run (c, &c->run);
      output->data[0] += 0.5f;
      g_assert_cmpint (transposed_mismatches (c, output, FALSE), ==, 1);
      c->weights[0] += 1;
      wrong = transposed_run (c, &c->run);
      c->weights[0] -= 1;
      g_assert_cmpint (transposed_mismatches (c, wrong, FALSE), >=,
                       c->input->height * c->input->width);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/conv-transpose/lecture", test_lecture);
  g_test_add_func ("/conv-transpose/random", test_random);
  g_test_add_func ("/conv-transpose/maps", test_maps);
  g_test_add_func ("/conv-transpose/memory", test_memory);
  g_test_add_func ("/conv-transpose/tiles", test_tiles);
  g_test_add_func ("/conv-transpose/large", test_large);
  g_test_add_func ("/conv-transpose/infinite", test_infinite);
  g_test_add_func ("/conv-transpose/adjoint", test_adjoint);
  g_test_add_func ("/conv-transpose/faults-are-found", test_faults_are_found);
  return g_test_run ();
}
