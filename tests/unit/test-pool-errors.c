/* test-pool-errors.c: what pooling refuses, and whether the message says why.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/core/error.h"
#include "filters/ops/pool.h"

static const CnPoolOptions right = { .height = 3, .width = 3 };

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
assert_refused (const CnPoolOptions *options, const char *const *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (cn_pool_new (options, &error));
  assert_error (error, CN_ERROR_ARGUMENT, words);
  g_assert_null (cn_pool_new (options, NULL));
}

static void
test_out_of_range (void)
{
#define NUMBER(member, low, high)                              \
  {                                                            \
#member, G_STRUCT_OFFSET(CnPoolOptions, member), low, high \
  }
  static const struct
  {
    const char *name;
    gsize offset;
    int low, high;
  } numbers[] = {
    NUMBER (height, 0, 256),
    NUMBER (width, -1, 256),
    NUMBER (stride_y, -1, 4097),
    NUMBER (stride_x, -1, 4097),
    NUMBER (dilation_y, -1, 4097),
    NUMBER (dilation_x, -1, 4097),
    NUMBER (padding.top, -1, 1 << 21),
    NUMBER (padding.left, -1, G_MAXINT),
    NUMBER (padding.bottom, -1, 1 << 21),
    NUMBER (padding.right, G_MININT, G_MAXINT),
    NUMBER (p, -1, 17),
    NUMBER (kind, -1, 4),
    NUMBER (border, -1, 4),
    NUMBER (padding.mode, -1, 5),
  };
#undef NUMBER

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    for (int high = FALSE; high <= TRUE; high++)
      {
        CnPoolOptions options = right;
        int value = high ? numbers[i].high : numbers[i].low;
        g_autofree char *shown = g_strdup_printf ("is %d,", value);

        G_STRUCT_MEMBER (int, &options, numbers[i].offset) = value;
        g_test_message ("%s = %d", numbers[i].name, value);
        assert_refused (&options, WORDS (shown));
      }
}

/* As much padding as the window is large would leave a window with nothing in it. */
static void
test_padding (void)
{
  CnPoolOptions options = right;
  g_autoptr (CnPool) pool = NULL;

  options.padding = (CnPadding){ CN_PADDING_EXPLICIT, 0, 0, 3, 0 };
  assert_refused (&options, WORDS ("0 + 3", "height", "is 3"));
  options.padding = (CnPadding){ CN_PADDING_EXPLICIT, 0, 4, 0, 0 };
  assert_refused (&options, WORDS ("4 + 0", "width", "is 3"));
  options.padding.left = 2;
  pool = cn_pool_new (&options, NULL);
  g_assert_nonnull (pool);
}

static void
assert_no_plan (const CnPoolOptions *options, int height, int width, const char *const *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CnPool) pool = cn_pool_new (options, &error);
  CnPoolPlan plan;

  g_assert_no_error (error);
  g_assert_false (cn_pool_plan (pool, 1, 1, height, width, &plan, &error));
  assert_error (error, CN_ERROR_SHAPE, words);
}

static void
test_sizes (void)
{
  CnPoolOptions options = right;

  assert_no_plan (&options, 2, 5, WORDS ("height is 3", "picture's 2"));
  assert_no_plan (&options, 5, 2, WORDS ("width is 3", "picture's 2"));
  assert_no_plan (&options, 5, CN_SIZE_MAX + 1, WORDS ("1048577", "1048576"));
  options.padding = (CnPadding){ CN_PADDING_EXPLICIT, 0, 1, 0, 1 };
  assert_no_plan (&options, 5, CN_SIZE_MAX, WORDS ("1048576 with 1 + 1"));
  /* Taps on both sides of a picture of one pixel. */
  options = (CnPoolOptions){
    .height = 1, .width = 2, .dilation_x = 4, .padding = { CN_PADDING_EXPLICIT, 0, 2, 0, 2 }
  };
  assert_no_plan (&options, 1, 1, WORDS ("nothing in it", "dilation 4", "width is 1", "2 + 2"));
}

static void
test_tensors (void)
{
  g_autoptr (CnPool) pool = cn_pool_new (&right, NULL);
  g_autoptr (CnTensor) input = cn_tensor_new (CN_LAYOUT_NCHW, 1, 2, 5, 6, NULL);
  g_autoptr (CnTensor) output = cn_tensor_new (CN_LAYOUT_NCHW, 1, 2, 3, 4, NULL);
  g_autoptr (CnPool) mean =
      cn_pool_new (&(CnPoolOptions){ .kind = CN_POOL_AVERAGE, .global = TRUE }, NULL);
  g_autoptr (GError) error = NULL;
  gint64 indices[24];

  output->channels = 1;
  g_assert_false (cn_pool_forward (pool, input, output, NULL, &(CnRun){ 0 }, &error));
  assert_error (error, CN_ERROR_SHAPE, WORDS ("1×1×3×4", "1×2×3×4"));
  g_clear_error (&error);
  output->channels = 2;
  output->layout = CN_LAYOUT_NHWC;
  g_assert_false (cn_pool_forward (pool, input, output, NULL, &(CnRun){ 0 }, &error));
  assert_error (error, CN_ERROR_SHAPE, WORDS ("in another layout"));
  g_clear_error (&error);
  g_assert_false (cn_pool_forward (mean, input, output, indices, &(CnRun){ 0 }, &error));
  assert_error (error, CN_ERROR_ARGUMENT, WORDS ("indices"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pool-errors/out-of-range", test_out_of_range);
  g_test_add_func ("/pool-errors/padding", test_padding);
  g_test_add_func ("/pool-errors/sizes", test_sizes);
  g_test_add_func ("/pool-errors/tensors", test_tensors);
  return g_test_run ();
}
