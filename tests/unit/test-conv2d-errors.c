/* test-conv2d-errors.c: what conv2d and tensors refuse, and whether the message says why.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/core/error.h"

#include <string.h>

#include "filters/ops/conv2d.h"

static const float weights[256 * 4];

static const CnConv2dOptions right = {
  .in_channels = 1, .out_channels = 1, .kernel_height = 3, .kernel_width = 3
};

/* The error has the code, and its message every one of the words (a NULL ends them). */
static void
assert_error (GError *error, CnError code, const char *const *words)
{
  g_assert_error (error, CN_ERROR, (int) code);
  for (; *words; words++)
    if (!strstr (error->message, *words))
      g_error ("“%s” is not in “%s”", *words, error->message);
}

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void
assert_refused (const CnConv2dOptions *options, const char *const *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CnConv2d) conv = cn_conv2d_new (options, weights, NULL, &error);

  g_assert_null (conv);
  assert_error (error, CN_ERROR_ARGUMENT, words);
  /* Without a place for the error it is refused as well. */
  g_assert_null (cn_conv2d_new (options, weights, NULL, NULL));
}

/* Each number of the options, one below and one above its range. */
static void
test_out_of_range (void)
{
#define NUMBER(member, low, high)                                \
  {                                                              \
#member, G_STRUCT_OFFSET(CnConv2dOptions, member), low, high \
  }
  static const struct
  {
    const char *name;
    gsize offset;
    int low, high;
  } numbers[] = {
    NUMBER (kernel_height, 0, 256),
    NUMBER (kernel_width, 0, 256),
    NUMBER (kernel_width, -3, 1000),
    NUMBER (stride_y, -1, 4097),
    NUMBER (stride_x, -1, 4097),
    NUMBER (dilation_y, -1, 4097),
    NUMBER (dilation_x, -1, 4097),
    NUMBER (in_channels, 0, -1),
    NUMBER (out_channels, 0, -1),
    NUMBER (groups, -1, -7),
    NUMBER (padding.top, -1, (1 << 20) + 1),
    NUMBER (padding.left, -1, (1 << 20) + 1),
    NUMBER (padding.bottom, -1, G_MAXINT),
    NUMBER (padding.right, G_MININT, G_MAXINT),
  };
#undef NUMBER

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    for (int high = FALSE; high <= TRUE; high++)
      {
        CnConv2dOptions options = right;
        int value = high ? numbers[i].high : numbers[i].low;
        g_autofree char *shown = g_strdup_printf ("is %d,", value);

        G_STRUCT_MEMBER (int, &options, numbers[i].offset) = value;
        g_test_message ("%s = %d", numbers[i].name, value);
        assert_refused (&options, WORDS (shown));
      }
}

static void
test_bad_enums (void)
{
  CnConv2dOptions options = right;

  options.padding.mode = (CnPaddingMode) 3;
  assert_refused (&options, WORDS ("padding", "3"));
  options = right;
  options.border = (CnBorder) 4;
  assert_refused (&options, WORDS ("border", "4"));
  options = right;
  options.activation.kind = CN_ACTIVATIONS;
  assert_refused (&options, WORDS ("activation"));
}

static void
test_groups (void)
{
  CnConv2dOptions options = right;

  options.in_channels = 4;
  options.out_channels = 6;
  options.groups = 3;
  assert_refused (&options, WORDS ("4 input channels", "6 filters", "3 groups"));
  options.in_channels = 6;
  options.out_channels = 4;
  assert_refused (&options, WORDS ("6 input channels", "4 filters", "3 groups"));
}

/* The largest values are still taken, and the padding's numbers count for `explicit` only. */
static void
test_largest (void)
{
  CnConv2dOptions options = right;
  g_autoptr (CnConv2d) conv = NULL;
  CnWindow y, x;

  options.kernel_height = 255;
  options.kernel_width = 1;
  options.stride_y = options.dilation_x = CN_STRIDE_MAX;
  options.padding = (CnPadding){ CN_PADDING_VALID, -1, -1, -1, -1 };
  conv = cn_conv2d_new (&options, weights, NULL, NULL);
  g_assert_nonnull (conv);
  cn_conv2d_windows (conv, &y, &x);
  g_assert_cmpint (y.size, ==, 255);
  g_assert_cmpint (y.stride, ==, CN_STRIDE_MAX);
  g_assert_cmpint (y.before, ==, 0);
  g_assert_cmpint (x.dilation, ==, CN_STRIDE_MAX);
}

/* Zero stands for 1. */
static void
test_defaults (void)
{
  g_autoptr (CnConv2d) conv = cn_conv2d_new (&right, weights, NULL, NULL);
  int height, width;
  CnWindow y, x;

  cn_conv2d_windows (conv, &y, &x);
  g_assert_cmpint (y.stride, ==, 1);
  g_assert_cmpint (x.stride, ==, 1);
  g_assert_cmpint (y.dilation, ==, 1);
  g_assert_cmpint (x.dilation, ==, 1);
  g_assert_true (cn_conv2d_output_size (conv, 7, 5, &height, &width, NULL));
  g_assert_cmpint (height, ==, 5);
  g_assert_cmpint (width, ==, 3);
}

static void
test_kernel_larger_than_picture (void)
{
  CnConv2dOptions options = right;
  g_autoptr (GError) error = NULL;
  g_autoptr (CnConv2d) conv = NULL;
  int height, width;

  options.padding.mode = CN_PADDING_VALID;
  options.dilation_y = 2;
  conv = cn_conv2d_new (&options, weights, NULL, NULL);
  g_assert_false (cn_conv2d_output_size (conv, 4, 9, &height, &width, &error));
  assert_error (error, CN_ERROR_SHAPE, WORDS ("height", "5 (3 taps, dilation 2)", "4"));
  g_clear_error (&error);
  g_assert_false (cn_conv2d_output_size (conv, 9, 2, &height, &width, &error));
  assert_error (error, CN_ERROR_SHAPE, WORDS ("width", "3 (3 taps, dilation 1)", "2"));
  g_assert_false (cn_conv2d_output_size (conv, 9, 2, &height, &width, NULL));
}

/* Runs over tensors of these shapes, and finds the output as it was. */
static void
assert_not_run (const CnConv2dOptions *options, const int input_shape[4], const int output_shape[4],
                CnLayout output_layout, const char *const *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CnConv2d) conv = cn_conv2d_new (options, weights, NULL, NULL);
  const int *i = input_shape, *o = output_shape;
  g_autoptr (CnTensor) input = cn_tensor_new (CN_LAYOUT_NCHW, i[0], i[1], i[2], i[3], NULL);
  g_autoptr (CnTensor) output = cn_tensor_new (output_layout, o[0], o[1], o[2], o[3], NULL);
  CnRun run = { 0 };

  output->data[0] = 7;
  g_assert_false (cn_conv2d_forward (conv, input, output, &run, &error));
  assert_error (error, CN_ERROR_SHAPE, words);
  g_assert_cmpfloat (output->data[0], ==, 7);
}

static void
test_shapes_that_do_not_fit (void)
{
  CnConv2dOptions options = right;

  options.in_channels = 2;
  options.out_channels = 4;
#define SHAPE(...) ((const int[4]){ __VA_ARGS__ })
  assert_not_run (&options, SHAPE (1, 3, 5, 5), SHAPE (1, 4, 3, 3), CN_LAYOUT_NCHW,
                  WORDS ("3 channels", "takes 2"));
  assert_not_run (&options, SHAPE (1, 2, 5, 6), SHAPE (1, 4, 3, 3), CN_LAYOUT_NCHW,
                  WORDS ("1×4×3×3", "1×4×3×4"));
  assert_not_run (&options, SHAPE (1, 2, 5, 5), SHAPE (1, 3, 3, 3), CN_LAYOUT_NCHW,
                  WORDS ("1×3×3×3", "1×4×3×3"));
  assert_not_run (&options, SHAPE (2, 2, 5, 5), SHAPE (1, 4, 3, 3), CN_LAYOUT_NCHW,
                  WORDS ("1×4×3×3", "2×4×3×3"));
  assert_not_run (&options, SHAPE (1, 2, 5, 5), SHAPE (1, 4, 3, 3), CN_LAYOUT_NHWC,
                  WORDS ("another layout"));
  assert_not_run (&options, SHAPE (1, 2, 2, 5), SHAPE (1, 4, 3, 3), CN_LAYOUT_NCHW,
                  WORDS ("does not fit", "height is 3"));
#undef SHAPE
}

/* The weights' own size may overflow, or be more than there is. */
static void
test_too_many_weights (void)
{
  g_autoptr (GError) error = NULL;
  CnConv2dOptions options = right;

  options.in_channels = options.out_channels = G_MAXINT;
  options.kernel_height = options.kernel_width = 255;
  g_assert_null (cn_conv2d_new (&options, weights, NULL, &error));
  assert_error (error, CN_ERROR_MEMORY, WORDS ("memory", "MiB"));
}

static void
test_tensor_sizes (void)
{
  static const int empty[][4] = { { 0, 1, 1, 1 }, { 1, 0, 1, 1 }, { 1, 1, 0, 1 }, { 1, 1, 1, -1 } };
  static const int huge[][4] = {
    { G_MAXINT, G_MAXINT, G_MAXINT, G_MAXINT }, /* 2¹²⁶ */
    { 65536, 65536, 65536, 65536 },             /* 2⁶⁶ bytes: 0 when it overflows */
    { 32768, 32768, 65536, 65536 },             /* 2⁶⁴ bytes */
    { 1, 1 << 30, 1 << 30, 2 }, /* 2⁶³ bytes: fits into a size, not into memory */
  };

  for (guint i = 0; i < G_N_ELEMENTS (empty); i++)
    {
      g_autoptr (GError) error = NULL;
      const int *s = empty[i];

      g_assert_null (cn_tensor_new (CN_LAYOUT_NCHW, s[0], s[1], s[2], s[3], &error));
      assert_error (error, CN_ERROR_SHAPE, WORDS (s[3] < 0 ? "-1" : "0"));
    }
  for (guint i = 0; i < G_N_ELEMENTS (huge); i++)
    {
      g_autoptr (GError) error = NULL;
      const int *s = huge[i];
      g_autofree char *shape = g_strdup_printf ("%d×%d×%d×%d", s[0], s[1], s[2], s[3]);

      g_assert_null (cn_tensor_new (CN_LAYOUT_NHWC, s[0], s[1], s[2], s[3], &error));
      assert_error (error, CN_ERROR_MEMORY, WORDS (shape, "MiB"));
      g_assert_null (cn_tensor_new (CN_LAYOUT_NHWC, s[0], s[1], s[2], s[3], NULL));
    }
}

static void
test_free_nothing (void)
{
  cn_tensor_free (NULL);
  cn_conv2d_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/conv2d/errors/out-of-range", test_out_of_range);
  g_test_add_func ("/conv2d/errors/bad-enums", test_bad_enums);
  g_test_add_func ("/conv2d/errors/groups", test_groups);
  g_test_add_func ("/conv2d/errors/largest", test_largest);
  g_test_add_func ("/conv2d/errors/defaults", test_defaults);
  g_test_add_func ("/conv2d/errors/kernel-larger-than-picture", test_kernel_larger_than_picture);
  g_test_add_func ("/conv2d/errors/shapes-that-do-not-fit", test_shapes_that_do_not_fit);
  g_test_add_func ("/conv2d/errors/too-many-weights", test_too_many_weights);
  g_test_add_func ("/conv2d/errors/tensor-sizes", test_tensor_sizes);
  g_test_add_func ("/conv2d/errors/free-nothing", test_free_nothing);
  return g_test_run ();
}
