/* test-upscale-own.c: pictures made larger by kernels of one's own, which show their overlaps, and
 * what upscaling refuses.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <float.h>
#include <math.h>
#include <string.h>

#include "filters/core/error.h"
#include "tests/unit/oracle.h"
#include "tests/unit/pictures.h"

static Picture *
upscale_own (const Picture *from, const char *kernel, const CnConvTransposeOptions *options)
{
  g_autoptr (CnKernel) own = picture_kernel (kernel);
  g_autoptr (GError) error = NULL;
  g_autoptr (CnUpscale) large = cn_upscale_new_kernel (own, options, from->channels > 2 ? 3 : 1,
                                                       from->channels % 2 == 0, &error);

  g_assert_no_error (error);
  return picture_upscale (large, from);
}

/* The checkerboard: ones of 3×3 at stride 2 overlap in every second row and column. */
static void
test_checkerboard (void)
{
  g_autoptr (Picture) flat = picture_new (4, 3, 1), opaque = NULL, result = NULL, other = NULL;
  CnConvTransposeOptions options = { .stride_y = 2,
                                     .stride_x = 2,
                                     .padding = { CN_PADDING_EXPLICIT, 1, 1, 1, 1 },
                                     .output_padding_y = 1,
                                     .output_padding_x = 1 };

  for (int i = 0; i < 12; i++)
    flat->data[i] = 1;
  opaque = picture_opaque (flat);
  result = upscale_own (flat, "1 1 1; 1 1 1; 1 1 1", &options);
  other = upscale_own (opaque, "1 1 1; 1 1 1; 1 1 1", &options);
  g_assert_cmpint (result->width, ==, 8);
  g_assert_cmpint (result->height, ==, 6);
  picture_assert_same (result, other);
  for (int y = 0; y < 6; y++)
    for (int x = 0; x < 8; x++)
      {
        /* Full coordinates are even where kernels overlap, but for the border. */
        int rows = (y % 2 == 1 && y < 5) + 1, columns = (x % 2 == 1 && x < 7) + 1;

        g_assert_cmpfloat (*picture_at (result, x, y), ==, rows * columns);
        g_assert_cmpfloat (picture_at (other, x, y)[1], ==, 1);
      }
}

/* Between kernels smaller than the stride: black, with the alpha of the pixel before. */
static void
test_gaps (void)
{
  g_autoptr (Picture) from = picture_random (5, 4, 4), result = NULL;
  CnConvTransposeOptions options = { .stride_y = 3,
                                     .stride_x = 3,
                                     .padding = { .mode = CN_PADDING_SAME } };

  result = upscale_own (from, "1 -2", &options);
  g_assert_cmpint (result->width, ==, 15);
  g_assert_cmpint (result->height, ==, 12);
  for (int y = 0; y < 12; y++)
    for (int x = 0; x < 15; x++)
      {
        const float *pixel = picture_at (from, x / 3, y / 3), *got = picture_at (result, x, y);
        int weight = y % 3 > 0 ? 0 : x % 3 == 0 ? 1 : x % 3 == 1 ? -2 : 0;

        if (pixel[3] <= 0.00001f)
          continue;
        g_assert_cmpfloat (got[3], ==, pixel[3]);
        for (int c = 0; c < 3; c++)
          oracle_assert_near (got[c], weight * pixel[c], 2 * FLT_EPSILON);
      }
}

static void
test_errors (void)
{
  g_autoptr (CnKernel) planes = picture_kernel ("1 1 | 1 1"), one = picture_kernel ("1 1");
  g_autoptr (GError) error = NULL;
  CnConvTransposeOptions options = { .stride_y = 65, .stride_x = 1 };

  g_assert_null (cn_upscale_new (CN_UPSCALE_BICUBIC, 9, CN_BORDER_ZERO, 3, TRUE, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "is 9, and must be from 1 to 8"));
  g_clear_error (&error);
  g_assert_null (cn_upscale_new (CN_UPSCALE_BICUBIC, 0, CN_BORDER_ZERO, 3, TRUE, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_ARGUMENT);
  g_clear_error (&error);
  g_assert_null (cn_upscale_new_kernel (planes, &options, 3, FALSE, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_SHAPE);
  g_assert_nonnull (strstr (error->message, "2 planes"));
  g_clear_error (&error);
  g_assert_null (cn_upscale_new_kernel (one, &options, 3, FALSE, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "is 65"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/upscale-own/checkerboard", test_checkerboard);
  g_test_add_func ("/upscale-own/gaps", test_gaps);
  g_test_add_func ("/upscale-own/errors", test_errors);
  return g_test_run ();
}
