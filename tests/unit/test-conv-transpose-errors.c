/* test-conv-transpose-errors.c: what transposed convolutions refuse, and whether the message says
 * why.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/core/error.h"
#include "filters/ops/conv-transpose.h"

static const float weights[256 * 4];

static const CnConvTransposeOptions right = {
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
assert_refused (const CnConvTransposeOptions *options, const char *const *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (cn_conv_transpose_new (options, weights, NULL, &error));
  assert_error (error, CN_ERROR_ARGUMENT, words);
  g_assert_null (cn_conv_transpose_new (options, weights, NULL, NULL));
}

static void
test_out_of_range (void)
{
#define NUMBER(member, low, high)                                       \
  {                                                                     \
#member, G_STRUCT_OFFSET(CnConvTransposeOptions, member), low, high \
  }
  static const struct
  {
    const char *name;
    gsize offset;
    int low, high;
  } numbers[] = {
    NUMBER (kernel_height, 0, 256),
    NUMBER (kernel_width, -1, 256),
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
    NUMBER (output_height, -1, (1 << 20) + 1),
    NUMBER (output_width, -1, (1 << 20) + 1),
    NUMBER (output_padding_y, -1, 1),
    NUMBER (output_padding_x, -1, 1),
    NUMBER (padding.mode, -1, 5),
    NUMBER (border, -1, 4),
    NUMBER (activation.kind, -1, CN_ACTIVATIONS),
  };
#undef NUMBER

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    for (int high = FALSE; high <= TRUE; high++)
      {
        CnConvTransposeOptions options = right;
        int value = high ? numbers[i].high : numbers[i].low;
        g_autofree char *shown = g_strdup_printf ("is %d,", value);

        G_STRUCT_MEMBER (int, &options, numbers[i].offset) = value;
        g_test_message ("%s = %d", numbers[i].name, value);
        assert_refused (&options, WORDS (shown));
      }
}

/* Output padding is less than the stride or the dilation. */
static void
test_output_padding (void)
{
  CnConvTransposeOptions options = right;
  g_autoptr (CnConvTranspose) conv = NULL;

  options.stride_y = 2;
  options.dilation_y = 3;
  options.output_padding_y = 3;
  assert_refused (&options, WORDS ("vertical output padding is 3", "stride 2", "dilation 3"));
  options.output_padding_y = 2;
  conv = cn_conv_transpose_new (&options, weights, NULL, NULL);
  g_assert_nonnull (conv);
}

static void
test_groups (void)
{
  CnConvTransposeOptions options = right;

  options.in_channels = 4;
  options.out_channels = 6;
  options.groups = 3;
  assert_refused (&options, WORDS ("4 input channels", "6 output channels", "3 groups"));
  options = right;
  options.output_width = 5;
  assert_refused (&options, WORDS ("5×0", "both"));
}

static void
assert_no_plan (const CnConvTransposeOptions *options, int height, int width,
                const char *const *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CnConvTranspose) conv = cn_conv_transpose_new (options, weights, NULL, &error);
  CnConvTransposePlan plan;

  g_assert_no_error (error);
  g_assert_false (cn_conv_transpose_plan (conv, height, width, &plan, &error));
  assert_error (error, CN_ERROR_SHAPE, words);
}

static void
test_sizes (void)
{
  CnConvTransposeOptions options = right;

  options.padding = (CnPadding){ CN_PADDING_EXPLICIT, 2, 2, 2, 2 };
  assert_no_plan (&options, 2, 9, WORDS ("2 + 2", "leaves nothing", "height of 4", "input 2"));
  options.padding.mode = CN_PADDING_VALID;
  options.stride_y = options.stride_x = 4096;
  assert_no_plan (&options, 257, 2, WORDS ("height would be 1048579", "input 257", "1048576"));
  assert_no_plan (&options, 2, G_MAXINT, WORDS ("width would be", "stride 4096", "1048576"));
}

static void
test_tensors (void)
{
  g_autoptr (CnConvTranspose) conv = cn_conv_transpose_new (&right, weights, NULL, NULL);
  g_autoptr (CnTensor) input = cn_tensor_new (CN_LAYOUT_NCHW, 1, 1, 5, 6, NULL);
  g_autoptr (CnTensor) output = cn_tensor_new (CN_LAYOUT_NCHW, 1, 1, 7, 7, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (cn_conv_transpose_forward (conv, input, output, &(CnRun){ 0 }, &error));
  assert_error (error, CN_ERROR_SHAPE, WORDS ("1×1×7×7", "1×1×7×8"));
  g_clear_error (&error);
  input->channels = 3;
  g_assert_false (cn_conv_transpose_forward (conv, input, output, &(CnRun){ 0 }, &error));
  assert_error (error, CN_ERROR_SHAPE, WORDS ("3 channels", "takes 1"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/conv-transpose-errors/out-of-range", test_out_of_range);
  g_test_add_func ("/conv-transpose-errors/output-padding", test_output_padding);
  g_test_add_func ("/conv-transpose-errors/groups", test_groups);
  g_test_add_func ("/conv-transpose-errors/sizes", test_sizes);
  g_test_add_func ("/conv-transpose-errors/tensors", test_tensors);
  return g_test_run ();
}
