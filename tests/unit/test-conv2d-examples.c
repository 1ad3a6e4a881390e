/* test-conv2d-examples.c: the lecture's worked examples of convolution, to the last digit.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/ops/conv2d.h"

typedef struct
{
  const char *name;
  int size, stride, out; /* of square pictures; kernels are 3×3 */
  float picture[49], kernel[9], expected[16];
} Example;

#define VERTICAL_EDGE            \
  {                              \
    1, 0, -1, 1, 0, -1, 1, 0, -1 \
  }
#define HORIZONTAL_EDGE          \
  {                              \
    1, 1, 1, 0, 0, 0, -1, -1, -1 \
  }

/* clang-format off */
static const Example examples[] = {
  { "C1-cross", 5, 1, 3,
    { 1, 1, 1, 0, 0,
      0, 1, 1, 1, 0,
      0, 0, 1, 1, 1,
      0, 0, 1, 1, 0,
      0, 1, 1, 0, 0 },
    { 1, 0, 1, 0, 1, 0, 1, 0, 1 },
    { 4, 3, 4,
      2, 4, 3,
      2, 3, 4 } },
  { "C2-vertical-edge", 6, 1, 4,
    { 3, 0, 1, 2, 7, 4,
      1, 5, 8, 9, 3, 1,
      2, 7, 2, 5, 1, 3,
      0, 1, 3, 1, 7, 8,
      4, 2, 1, 6, 2, 8,
      2, 4, 5, 2, 3, 9 },
    VERTICAL_EDGE,
    { -5, -4, 0, 8,
      -10, -2, 2, 3,
      0, -2, -4, -7,
      -3, -2, -3, -16 } },
  { "C3-light-to-dark", 6, 1, 4,
    { 10, 10, 10, 0, 0, 0,
      10, 10, 10, 0, 0, 0,
      10, 10, 10, 0, 0, 0,
      10, 10, 10, 0, 0, 0,
      10, 10, 10, 0, 0, 0,
      10, 10, 10, 0, 0, 0 },
    VERTICAL_EDGE,
    { 0, 30, 30, 0,
      0, 30, 30, 0,
      0, 30, 30, 0,
      0, 30, 30, 0 } },
  { "C4-dark-to-light", 6, 1, 4,
    { 0, 0, 0, 10, 10, 10,
      0, 0, 0, 10, 10, 10,
      0, 0, 0, 10, 10, 10,
      0, 0, 0, 10, 10, 10,
      0, 0, 0, 10, 10, 10,
      0, 0, 0, 10, 10, 10 },
    VERTICAL_EDGE,
    { 0, -30, -30, 0,
      0, -30, -30, 0,
      0, -30, -30, 0,
      0, -30, -30, 0 } },
  { "C5-horizontal-edge", 6, 1, 4,
    { 10, 10, 10, 0, 0, 0,
      10, 10, 10, 0, 0, 0,
      10, 10, 10, 0, 0, 0,
      0, 0, 0, 10, 10, 10,
      0, 0, 0, 10, 10, 10,
      0, 0, 0, 10, 10, 10 },
    HORIZONTAL_EDGE,
    { 0, 0, 0, 0,
      30, 10, -10, -30,
      30, 10, -10, -30,
      0, 0, 0, 0 } },
  { "C6-stride", 7, 2, 3, /* 88 and 117 where the lecture prints 83 and 127 */
    { 2, 3, 7, 4, 6, 2, 9,
      6, 6, 9, 8, 7, 4, 3,
      3, 4, 8, 3, 8, 9, 7,
      7, 8, 3, 6, 6, 3, 4,
      4, 2, 1, 8, 3, 4, 6,
      3, 2, 4, 1, 9, 8, 3,
      0, 1, 3, 9, 2, 1, 4 },
    { 3, 4, 4, 1, 0, 2, -1, 0, 3 },
    { 91, 100, 88,
      69, 91, 117,
      44, 72, 74 } },
};
/* clang-format on */

static const CnRun run = { .threads = 1 };

static CnTensor *
tensor (CnLayout layout, int channels, int height, int width)
{
  g_autoptr (GError) error = NULL;
  CnTensor *made = cn_tensor_new (layout, 1, channels, height, width, &error);

  g_assert_no_error (error);
  return made;
}

static float *
sample (const CnTensor *t, int channel, int pixel)
{
  return t->data
         + (t->layout == CN_LAYOUT_NCHW ? channel * t->height * t->width + pixel
                                        : pixel * t->channels + channel);
}

static CnTensor *
convolve (const CnConv2dOptions *options, const float *weights, const CnTensor *input)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CnConv2d) conv = cn_conv2d_new (options, weights, NULL, &error);
  CnTensor *output;
  int height, width;

  g_assert_no_error (error);
  cn_conv2d_output_size (conv, input->height, input->width, &height, &width, &error);
  g_assert_no_error (error);
  output = tensor (input->layout, options->out_channels, height, width);
  cn_conv2d_forward (conv, input, output, &run, &error);
  g_assert_no_error (error);
  return output;
}

/* Channel c of the picture is c + 1 times the example's: each channel by itself gives as many
   times the result, and a filter over all three gives six times. */
static void
check_example (const Example *e, CnLayout layout, CnConv2dMethod method, int channels, gboolean sum)
{
  CnConv2dOptions options = { .in_channels = channels,
                              .out_channels = sum ? 1 : channels,
                              .groups = sum ? 1 : channels,
                              .kernel_height = 3,
                              .kernel_width = 3,
                              .stride_y = e->stride,
                              .stride_x = e->stride,
                              .padding = { .mode = CN_PADDING_VALID },
                              .method = method };
  g_autoptr (CnTensor) input = tensor (layout, channels, e->size, e->size), output = NULL;
  float weights[3 * 9];

  for (int c = 0; c < channels; c++)
    {
      for (int i = 0; i < 9; i++)
        weights[c * 9 + i] = e->kernel[i];
      for (int i = 0; i < e->size * e->size; i++)
        *sample (input, c, i) = e->picture[i] * (float) (c + 1);
    }
  output = convolve (&options, weights, input);
  g_assert_cmpint (output->height, ==, e->out);
  g_assert_cmpint (output->width, ==, e->out);
  for (int c = 0; c < options.out_channels; c++)
    for (int i = 0; i < e->out * e->out; i++)
      g_assert_cmpfloat (*sample (output, c, i), ==,
                         e->expected[i] * (float) (sum ? channels * (channels + 1) / 2 : c + 1));
}

static void
test_example (gconstpointer data)
{
  for (int layout = CN_LAYOUT_NCHW; layout <= CN_LAYOUT_NHWC; layout++)
    for (int method = CN_CONV2D_AUTO; method <= CN_CONV2D_TWO_PASS; method++)
      for (int channels = 1; channels <= 3; channels++)
        {
          check_example (data, layout, method, channels, FALSE);
          check_example (data, layout, method, channels, TRUE);
        }
}

/* "A horizontal-edge filter in the green channel alone, a vertical-edge filter over all channels."
 */
static void
test_filters_over_channels (void)
{
  static const float weights[2][3][9] = {
    { { 0 }, HORIZONTAL_EDGE, { 0 } },
    { VERTICAL_EDGE, VERTICAL_EDGE, VERTICAL_EDGE },
  };
  const Example *c2 = &examples[1], *c3 = &examples[2], *c5 = &examples[4];
  CnConv2dOptions options = { .in_channels = 3,
                              .out_channels = 2,
                              .kernel_height = 3,
                              .kernel_width = 3,
                              .padding = { .mode = CN_PADDING_VALID } };

  for (int layout = CN_LAYOUT_NCHW; layout <= CN_LAYOUT_NHWC; layout++)
    {
      g_autoptr (CnTensor) input = tensor (layout, 3, 6, 6), output = NULL;

      for (int i = 0; i < 36; i++)
        {
          *sample (input, 0, i) = c2->picture[i];
          *sample (input, 1, i) = c5->picture[i];
          *sample (input, 2, i) = c3->picture[i];
        }
      output = convolve (&options, &weights[0][0][0], input);
      for (int i = 0; i < 16; i++)
        {
          /* C5's picture under the vertical edge: 30 − 20 n where n of the rows are the lower ones.
           */
          static const float lower[] = { 30, 10, -10, -30 };
          float green = i % 4 == 1 || i % 4 == 2 ? lower[i / 4] : 0;

          g_assert_cmpfloat (*sample (output, 0, i), ==, c5->expected[i]);
          g_assert_cmpfloat (*sample (output, 1, i), ==, c2->expected[i] + c3->expected[i] + green);
        }
    }
}

/* Sobel on C3: the middle row counts twice. */
static void
test_sobel (void)
{
  static const float sobel[] = { 1, 0, -1, 2, 0, -2, 1, 0, -1 };
  Example e = examples[2];

  for (int i = 0; i < 9; i++)
    e.kernel[i] = sobel[i];
  for (int i = 0; i < 16; i++)
    e.expected[i] = i % 4 == 1 || i % 4 == 2 ? 40 : 0;
  test_example (&e);
}

/* True convolution turns the kernel by 180°: a single light pixel paints the kernel itself. */
static void
test_flip (void)
{
  static const float kernel[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
  CnConv2dOptions options = { .in_channels = 1,
                              .out_channels = 1,
                              .kernel_height = 3,
                              .kernel_width = 3,
                              .padding = { .mode = CN_PADDING_SAME } };
  g_autoptr (CnTensor) input = tensor (CN_LAYOUT_NCHW, 1, 3, 3), flipped = NULL, plain = NULL;

  input->data[4] = 1;
  plain = convolve (&options, kernel, input);
  options.flip = TRUE;
  flipped = convolve (&options, kernel, input);
  for (int i = 0; i < 9; i++)
    {
      g_assert_cmpfloat (flipped->data[i], ==, kernel[i]);
      g_assert_cmpfloat (plain->data[i], ==, kernel[8 - i]);
    }
}

/* z = w·x + b, a = g (z): C2 with b = 4 under relu. */
static void
test_bias_and_relu (void)
{
  const Example *e = &examples[1];
  const float bias = 4;
  CnConv2dOptions options = { .in_channels = 1,
                              .out_channels = 1,
                              .kernel_height = 3,
                              .kernel_width = 3,
                              .padding = { .mode = CN_PADDING_VALID },
                              .activation = cn_activation (CN_ACTIVATION_RELU) };
  g_autoptr (CnTensor) input = tensor (CN_LAYOUT_NCHW, 1, 6, 6);
  g_autoptr (CnTensor) output = tensor (CN_LAYOUT_NCHW, 1, 4, 4);
  g_autoptr (CnConv2d) conv = cn_conv2d_new (&options, e->kernel, &bias, NULL);

  for (int i = 0; i < 36; i++)
    input->data[i] = e->picture[i];
  g_assert_true (cn_conv2d_forward (conv, input, output, &run, NULL));
  for (int i = 0; i < 16; i++)
    g_assert_cmpfloat (output->data[i], ==, MAX (e->expected[i] + 4, 0));
}

/* The lecture's network, layer by layer, on a picture of ones with weights of one: the sizes, and
   every sample is the number of its terms (exact in float: below 2²⁴). */
static void
test_layer_sizes (gconstpointer layout)
{
  static const struct
  {
    int in, channels, taps, stride, filters, out;
  } layers[] = { { 28, 3, 5, 1, 10, 24 },
                 { 39, 3, 3, 1, 10, 37 },
                 { 37, 10, 5, 2, 20, 17 },
                 { 17, 20, 5, 2, 40, 7 } };

  for (guint i = 0; i < G_N_ELEMENTS (layers); i++)
    {
      int f = layers[i].taps, terms = f * f * layers[i].channels;
      CnConv2dOptions options = { .in_channels = layers[i].channels,
                                  .out_channels = layers[i].filters,
                                  .kernel_height = f,
                                  .kernel_width = f,
                                  .stride_y = layers[i].stride,
                                  .stride_x = layers[i].stride };
      g_autoptr (CnTensor)
          output = NULL,
          input = tensor (GPOINTER_TO_INT (layout), layers[i].channels, layers[i].in, layers[i].in);
      g_autofree float *weights = g_new (float, terms *layers[i].filters);

      for (int k = 0; k < terms * layers[i].filters; k++)
        weights[k] = 1;
      for (int k = 0; k < layers[i].channels * layers[i].in * layers[i].in; k++)
        input->data[k] = 1;
      output = convolve (&options, weights, input);
      g_assert_cmpint (output->channels, ==, layers[i].filters);
      g_assert_cmpint (output->height, ==, layers[i].out);
      g_assert_cmpint (output->width, ==, layers[i].out);
      for (int k = 0; k < layers[i].filters * layers[i].out * layers[i].out; k++)
        g_assert_cmpfloat (output->data[k], ==, terms);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (examples); i++)
    {
      g_autofree char *path = g_strconcat ("/conv2d/examples/", examples[i].name, NULL);

      g_test_add_data_func (path, &examples[i], test_example);
    }
  g_test_add_func ("/conv2d/examples/filters-over-channels", test_filters_over_channels);
  g_test_add_func ("/conv2d/examples/sobel", test_sobel);
  g_test_add_func ("/conv2d/examples/flip", test_flip);
  g_test_add_func ("/conv2d/examples/bias-and-relu", test_bias_and_relu);
  g_test_add_data_func ("/conv2d/examples/layer-sizes/nchw", GINT_TO_POINTER (CN_LAYOUT_NCHW),
                        test_layer_sizes);
  g_test_add_data_func ("/conv2d/examples/layer-sizes/nhwc", GINT_TO_POINTER (CN_LAYOUT_NHWC),
                        test_layer_sizes);
  return g_test_run ();
}
