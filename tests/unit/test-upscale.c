/* test-upscale.c: pictures made larger by named kernels: flat stays flat, nothing shifts, and alpha
 * does not bleed.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <float.h>
#include <math.h>
#include <string.h>

#include "filters/kernels/pool-picture.h"
#include "tests/unit/oracle.h"
#include "tests/unit/pictures.h"

static Picture *
upscale (const Picture *from, CnUpscaleKernel kernel, int stride, CnBorder border)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CnUpscale) upscale = cn_upscale_new (
      kernel, stride, border, from->channels > 2 ? 3 : 1, from->channels % 2 == 0, &error);

  g_assert_no_error (error);
  return picture_upscale (upscale, from);
}

/* At every stride, with every kernel and border: the very constant, and its alpha. A premultiplied
   colour is rounded twice: c·a, and the division. */
static void
test_flat_stays_flat (void)
{
  for (int kernel = 0; kernel < CN_UPSCALE_KERNELS; kernel++)
    for (int stride = 1; stride <= CN_UPSCALE_STRIDE_MAX; stride++)
      for (int channels = 1; channels <= 4; channels++)
        {
          g_autoptr (Picture) flat = picture_new (7, 5, channels), result = NULL;
          float pixel[4];

          for (int c = 0; c < channels; c++)
            pixel[c] = (float) g_test_rand_double_range (0.001, 1);
          for (int i = 0; i < 35 * channels; i++)
            flat->data[i] = pixel[i % channels];
          result = upscale (flat, (CnUpscaleKernel) kernel, stride,
                            (CnBorder) g_test_rand_int_range (CN_BORDER_REPLICATE, 4));
          g_assert_cmpint (result->width, ==, 7 * stride);
          g_assert_cmpint (result->height, ==, 5 * stride);
          for (int i = 0; i < result->width * result->height * channels; i++)
            {
              float expected = pixel[i % channels], got = result->data[i];
              gboolean exact = channels % 2 == 1 || i % channels == channels - 1;

              if (exact)
                g_assert_cmpfloat (got, ==, expected);
              else
                oracle_assert_near (got, expected, 1.01 * FLT_EPSILON * expected);
            }
        }
}

/* The transposed convolution by the kernel, as the oracle computes it.

   One pass over k weights sums |x| + Σ|v|·|difference|, at most 3 · max |x| for these kernels, in
   at most 6 terms, each rounded twice: 8 · 3 · ε. The second pass has the same error and makes the
   first 1.5 times as large at most; the float kernel is off by ε/2 for each of the weights. That
   is below 64 ε. */
static void
test_oracle (void)
{
  for (int kernel = 0; kernel < CN_UPSCALE_KERNELS; kernel++)
    for (int stride = 1; stride <= CN_UPSCALE_STRIDE_MAX; stride++)
      {
        g_autoptr (Picture) from = picture_random (9, 8, 3), result = NULL;
        g_autoptr (CnKernel) matrix = cn_upscale_kernel ((CnUpscaleKernel) kernel, stride, NULL);
        CnBorder border = (CnBorder) g_test_rand_int_range (0, 4);
        int k = matrix->width, removed = (k - stride) / 2, count = 72 * stride * stride;
        g_autofree double *expected = g_new (double, count), *size = g_new (double, count);
        OracleConvTranspose conv = { 1,
                                     1,
                                     k,
                                     k,
                                     stride,
                                     stride,
                                     1,
                                     1,
                                     removed,
                                     removed,
                                     8 * stride,
                                     9 * stride,
                                     (OracleBorder) border };

        result = upscale (from, (CnUpscaleKernel) kernel, stride, border);
        for (int c = 0; c < 3; c++)
          {
            OracleImage image = { from->data + c, 1, 8, 9, 0, 27, 3 };
            OracleImage got = { result->data + c,    1, 8 * stride, 9 * stride, 0,
                                (gsize) 27 * stride, 3 };
            OracleMismatch first;

            oracle_conv_transpose (&conv, &image, matrix->weights, NULL, expected, size);
            for (int i = 0; i < count; i++)
              size[i] = 64 * FLT_EPSILON;
            if (oracle_compare (&got, expected, size, &first) > 0)
              {
                g_autofree char *where = oracle_describe (&first);

                g_error ("%s, stride %d, border %d: %s", cn_upscale_name ((CnUpscaleKernel) kernel),
                         stride, border, where);
              }
          }
      }
}

/* Where the middle of the light lies. */
static void
centroid (const Picture *p, double *x, double *y)
{
  double sum = 0;

  *x = *y = 0;
  for (int row = 0; row < p->height; row++)
    for (int column = 0; column < p->width; column++)
      {
        double light = *picture_at (p, column, row);

        sum += light;
        *x += light * column;
        *y += light * row;
      }
  *x /= sum;
  *y /= sum;
}

static Picture *
shrink (const Picture *from, int window)
{
  g_autoptr (GError) error = NULL;
  CnPoolOptions options = { .kind = CN_POOL_AVERAGE, .height = window, .width = window };
  g_autoptr (CnPoolPicture) pool = cn_pool_picture_new (&options, 1, FALSE, &error);
  Picture *to = picture_new (from->width / window, from->height / window, 1);
  CnSource source = { .width = from->width,
                      .height = from->height,
                      .memory = cn_view_packed (from->data, 1, 1, from->height, from->width) };
  CnSink sink = { .memory = cn_view_packed (to->data, 1, 1, to->height, to->width) };

  cn_pool_picture_run (pool, &source, &sink, NULL, &(CnRun){ 0 }, &error);
  g_assert_no_error (error);
  return to;
}

/* A blob between the pixels, made larger and averaged back, lies where it was, and looks alike. */
static void
test_no_shift (void)
{
  for (int kernel = 0; kernel < CN_UPSCALE_KERNELS; kernel++)
    for (int stride = 2; stride <= CN_UPSCALE_STRIDE_MAX; stride++)
      {
        g_autoptr (Picture) blob = picture_new (33, 30, 1), large = NULL, back = NULL;
        double x, y, back_x, back_y, furthest = 0;

        for (int row = 0; row < 30; row++)
          for (int column = 0; column < 33; column++)
            *picture_at (blob, column, row) =
                (float) exp (-(pow (column - 15.3, 2) + pow (row - 14.6, 2)) / (2 * 9));
        large = upscale (blob, (CnUpscaleKernel) kernel, stride, CN_BORDER_REPLICATE);
        back = shrink (large, stride);
        centroid (blob, &x, &y);
        centroid (back, &back_x, &back_y);
        oracle_assert_near (back_x, x, 0.01);
        oracle_assert_near (back_y, y, 0.01);
        /* And the large one's middle is where the pixels' centres say. */
        centroid (large, &back_x, &back_y);
        oracle_assert_near ((back_x + 0.5) / stride - 0.5, x, 0.01);
        oracle_assert_near ((back_y + 0.5) / stride - 0.5, y, 0.01);
        for (int i = 0; i < 33 * 30; i++)
          furthest = MAX (furthest, fabs (back->data[i] - blob->data[i]));
        g_assert_cmpfloat (furthest, <, 0.05); /* the B-spline's blur, by a sixth of x″ */
      }
}

static void
test_nearest (void)
{
  g_autoptr (Picture) from = picture_random (6, 5, 4), to = NULL;

  to = upscale (from, CN_UPSCALE_NEAREST, 3, CN_BORDER_ZERO);
  for (int y = 0; y < 15; y++)
    for (int x = 0; x < 18; x++)
      {
        const float *pixel = picture_at (from, x / 3, y / 3), *got = picture_at (to, x, y);

        g_assert_cmpfloat (got[3], ==, pixel[3]);
        for (int c = 0; c < 3 && pixel[3] > 0.00001f; c++)
          oracle_assert_near (got[c], pixel[c], 1.01 * FLT_EPSILON * pixel[c]);
      }
}

/* An opaque picture stays so, with the bits of the same without alpha. */
static void
test_opaque (void)
{
  for (int i = 0; i < 60; i++)
    {
      g_autoptr (Picture) plain = picture_random (11, 9, i % 2 ? 1 : 3);
      g_autoptr (Picture) opaque = picture_opaque (plain), one = NULL, two = NULL;
      CnUpscaleKernel kernel = (CnUpscaleKernel) (i % CN_UPSCALE_KERNELS);
      int stride = g_test_rand_int_range (1, 9);

      one = upscale (plain, kernel, stride, (CnBorder) (i % 4));
      two = upscale (opaque, kernel, stride, (CnBorder) (i % 4));
      picture_assert_same (one, two);
      for (int k = 0; k < two->width * two->height; k++)
        g_assert_cmpfloat (two->data[k * two->channels + two->channels - 1], ==, 1);
    }
}

/* The colour of transparent pixels is never seen, be it NaN. */
static void
test_hidden_colours (void)
{
  for (int kernel = 0; kernel < CN_UPSCALE_KERNELS; kernel++)
    {
      g_autoptr (Picture) one = picture_random (9, 9, 4), two = picture_new (9, 9, 4);
      g_autoptr (Picture) large = NULL, other = NULL;

      memcpy (two->data, one->data, 81 * 4 * sizeof (float));
      for (int i = 0; i < 81; i++)
        if (one->data[4 * i + 3] == 0)
          two->data[4 * i] = two->data[4 * i + 1] = NAN;
      large = upscale (one, (CnUpscaleKernel) kernel, 4, CN_BORDER_REFLECT);
      other = upscale (two, (CnUpscaleKernel) kernel, 4, CN_BORDER_REFLECT);
      picture_assert_same (large, other);
    }
}

/* Tiles and threads change no bit. */
static void
test_tiles (void)
{
  for (int i = 0; i < 40; i++)
    {
      g_autoptr (Picture) from = picture_random (13, 12, 1 + i % 4), whole = NULL, tiled = NULL;
      g_autoptr (CnUpscale) large =
          cn_upscale_new ((CnUpscaleKernel) (i % CN_UPSCALE_KERNELS), 1 + i % 8, (CnBorder) (i % 3),
                          from->channels > 2 ? 3 : 1, from->channels % 2 == 0, NULL);

      whole = picture_upscale_run (large, from, &(CnRun){ .threads = 1 });
      tiled = picture_upscale (large, from);
      picture_assert_same (whole, tiled);
    }
}

/* A host's picture gives the bits of one in memory. */
static void
test_host (void)
{
  for (int i = 0; i < 40; i++)
    {
      g_autoptr (Picture) from = picture_random (13, 12, 1 + i % 4), whole = NULL, hosted = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (CnUpscale) large =
          cn_upscale_new ((CnUpscaleKernel) (i % CN_UPSCALE_KERNELS), 1 + i % 8, (CnBorder) (i % 4),
                          from->channels > 2 ? 3 : 1, from->channels % 2 == 0, NULL);
      CnRun how = { .threads = 1 + i % 3, .tile_width = 1 + i % 9, .tile_height = 7 };
      CnSource source = picture_host_source (from);
      CnSink sink;

      whole = picture_upscale_run (large, from, &(CnRun){ .threads = 1 });
      hosted = picture_new (whole->width, whole->height, whole->channels);
      sink = picture_host_sink (hosted);
      cn_upscale_run (large, &source, &sink, NULL, &how, &error);
      g_assert_no_error (error);
      picture_assert_same (whole, hosted);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/upscale/flat-stays-flat", test_flat_stays_flat);
  g_test_add_func ("/upscale/oracle", test_oracle);
  g_test_add_func ("/upscale/no-shift", test_no_shift);
  g_test_add_func ("/upscale/nearest", test_nearest);
  g_test_add_func ("/upscale/opaque", test_opaque);
  g_test_add_func ("/upscale/hidden-colours", test_hidden_colours);
  g_test_add_func ("/upscale/tiles", test_tiles);
  g_test_add_func ("/upscale/host", test_host);
  return g_test_run ();
}
