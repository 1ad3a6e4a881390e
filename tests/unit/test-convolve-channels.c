/* test-convolve-channels.c: the picture filter's channels, responses, areas, and what it refuses.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <float.h>
#include <math.h>
#include <string.h>

#include "filters/core/error.h"
#include "tests/unit/oracle.h"
#include "tests/unit/pictures.h"

/* One channel is filtered as it is with all, and the others keep their bits. */
static void
test_one_channel (void)
{
  for (int channels = 3; channels <= 4; channels++)
    for (int chosen = 0; chosen < 3; chosen++)
      {
        g_autoptr (Picture) picture = picture_random (16, 13, channels), one = NULL, all = NULL;
        CnConvolveOptions o = picture_options ();

        o.alpha = CN_ALPHA_KEEP;
        all = picture_filter_text (picture, &o, "sharpen");
        o.channels = CN_CHANNELS_RED + chosen;
        one = picture_filter_text (picture, &o, "sharpen");
        for (int c = 0; c < channels; c++)
          picture_assert_same_channel (one, c == chosen ? all : picture, c);
      }
}

/* Alpha alone: as if it were a gray picture, cut to 0 … 1. */
static void
test_alpha_channel (void)
{
  g_autoptr (Picture) picture = picture_random (16, 13, 4), gray = picture_new (16, 13, 1);
  g_autoptr (Picture) result = NULL, expected = NULL;
  CnConvolveOptions o = picture_options ();

  for (int i = 0; i < 16 * 13; i++)
    gray->data[i] = picture->data[4 * i + 3];
  expected = picture_filter_text (gray, &o, "unsharp");
  o.channels = CN_CHANNELS_ALPHA;
  result = picture_filter_text (picture, &o, "unsharp");
  for (int c = 0; c < 3; c++)
    picture_assert_same_channel (picture, result, c);
  for (int i = 0; i < 16 * 13; i++)
    g_assert_cmpfloat (result->data[4 * i + 3], ==, CLAMP (expected->data[i], 0, 1));
}

/* Luminance moves all colours alike; its own result is that of the gray picture of it. */
static void
test_luminance (void)
{
  g_autoptr (Picture) picture = picture_random (16, 13, 3), gray = picture_new (16, 13, 1);
  g_autoptr (Picture) result = NULL, expected = NULL;
  CnConvolveOptions o = picture_options ();

  for (int i = 0; i < 16 * 13; i++)
    for (int c = 0; c < 3; c++)
      gray->data[i] += (float) o.luminance[c] * picture->data[3 * i + c];
  expected = picture_filter_text (gray, &o, "unsharp");
  o.channels = CN_CHANNELS_LUMINANCE;
  result = picture_filter_text (picture, &o, "unsharp");
  for (int i = 0; i < 16 * 13; i++)
    {
      const float *pixel = result->data + 3 * i, *before = picture->data + 3 * i;
      double luminance = 0;

      for (int c = 0; c < 3; c++)
        luminance += o.luminance[c] * pixel[c];
      /* Values are below 4: a few roundings of 2⁻²². */
      oracle_assert_near (luminance, expected->data[i], 2e-6);
      oracle_assert_near (pixel[0] - pixel[1], before[0] - before[1], 2e-6);
      oracle_assert_near (pixel[2] - pixel[1], before[2] - before[1], 2e-6);
    }
}

/* The sum over channels, as a network layer has it, with a plane for each or one for all: a gray
   map of every filter. */
static void
test_sum (gconstpointer text)
{
  g_autoptr (CnKernel) kernel = picture_kernel (text);
  g_autoptr (Picture) picture = picture_random (16, 13, 3);
  int pixels = 16 * 13, taps = kernel->height * kernel->width;
  OracleImage image = oracle_interleaved (picture->data, 3, 13, 16);
  OracleConv conv = { kernel->filters,
                      1,
                      kernel->height,
                      kernel->width,
                      1,
                      1,
                      1,
                      1,
                      (kernel->height - 1) / 2,
                      (kernel->width - 1) / 2,
                      kernel->height / 2,
                      kernel->width / 2,
                      ORACLE_WRAP,
                      FALSE };
  g_autofree float *weights = g_new (float, kernel->filters * 3 * taps);
  g_autofree double *expected = g_new (double, kernel->filters *pixels);
  g_autofree double *size = g_new (double, kernel->filters *pixels);
  CnConvolveOptions o = picture_options ();

  for (int f = 0; f < kernel->filters; f++)
    for (int p = 0; p < 3; p++)
      memcpy (weights + (f * 3 + p) * taps,
              kernel->weights + (f * kernel->planes + (kernel->planes > 1 ? p : 0)) * taps,
              taps * sizeof (float));
  oracle_conv2d (&conv, &image, weights, NULL, expected, size);
  o.channels = CN_CHANNELS_SUM;
  o.border = CN_BORDER_WRAP;
  for (int f = 0; f < kernel->filters; f++)
    {
      g_autoptr (Picture) map = picture_filter (picture, &o, kernel, f);

      for (int i = 0; i < pixels; i++)
        for (int c = 0; c < 3; c++)
          oracle_assert_near (map->data[3 * i + c], expected[f * pixels + i],
                              (3 * taps + 1) * FLT_EPSILON * size[f * pixels + i]);
    }
}

/* v → response (g (v / divisor + bias)), on a picture of one row: g comes after the bias, the
   response after g. */
static void
test_order (void)
{
  static const float samples[] = { -4, -1, 0, 1, 6 };
  static const struct
  {
    CnResponse response;
    CnActivationKind activation;
    float expected[5];
  } rows[] = {
    { CN_RESPONSE_CLAMP, CN_ACTIVATION_IDENTITY, { -1, 0.5f, 1, 1.5f, 4 } },
    { CN_RESPONSE_CLAMP, CN_ACTIVATION_RELU, { 0, 0.5f, 1, 1.5f, 4 } },
    { CN_RESPONSE_CLAMP, CN_ACTIVATION_CLIP, { 0, 0.5f, 1, 1, 1 } },
    { CN_RESPONSE_ABSOLUTE, CN_ACTIVATION_IDENTITY, { 1, 0.5f, 1, 1.5f, 4 } },
    { CN_RESPONSE_OFFSET, CN_ACTIVATION_IDENTITY, { -0.5f, 1, 1.5f, 2, 4.5f } },
    { CN_RESPONSE_OFFSET, CN_ACTIVATION_RELU, { 0.5f, 1, 1.5f, 2, 4.5f } },
    { CN_RESPONSE_STRETCH, CN_ACTIVATION_RELU, { 0, 0.125f, 0.25f, 0.375f, 1 } },
    { CN_RESPONSE_STRETCH, CN_ACTIVATION_ABS, { 0.5f / 3.5f, 0, 0.5f / 3.5f, 1 / 3.5f, 1 } },
  };
  g_autoptr (Picture) picture = picture_new (5, 1, 1);
  CnConvolveOptions o = picture_options ();

  memcpy (picture->data, samples, sizeof samples);
  o.divisor = 2;
  o.bias = 1;
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    for (int limited = FALSE; limited <= TRUE; limited++)
      {
        g_autoptr (Picture) result = NULL;

        o.response = rows[i].response;
        o.activation = cn_activation (rows[i].activation);
        o.limit = limited;
        result = picture_filter_text (picture, &o, "1");
        for (int x = 0; x < 5; x++)
          g_assert_cmpfloat (result->data[x], ==,
                             limited ? CLAMP (rows[i].expected[x], 0, 1) : rows[i].expected[x]);
      }
}

/* NaN is 0 for integers, and does not spoil the range that is stretched. */
static void
test_not_finite (void)
{
  g_autoptr (Picture) picture = picture_new (4, 1, 1), limited = NULL, stretched = NULL;
  CnConvolveOptions o = picture_options ();

  picture->data[0] = NAN;
  picture->data[1] = INFINITY;
  picture->data[2] = 0.25f;
  picture->data[3] = 0.75f;
  o.limit = TRUE;
  limited = picture_filter_text (picture, &o, "1");
  g_assert_cmpfloat (limited->data[0], ==, 0);
  g_assert_cmpfloat (limited->data[1], ==, 1);
  g_assert_cmpfloat (limited->data[2], ==, 0.25f);
  o.limit = FALSE;
  o.response = CN_RESPONSE_STRETCH;
  stretched = picture_filter_text (picture, &o, "1");
  g_assert_true (isnan (stretched->data[0]));
  g_assert_cmpfloat (stretched->data[2], ==, 0);
  g_assert_cmpfloat (stretched->data[3], ==, 1);
}

/* Exactly 0 and 1 at the extremes; and black where all is flat. */
static void
test_stretch (void)
{
  for (int i = 0; i < 50; i++)
    {
      g_autoptr (Picture) picture = picture_random (31, 9, i % 2 ? 3 : 4), result = NULL;
      float low = INFINITY, high = -INFINITY;
      CnConvolveOptions o = picture_options ();

      o.response = CN_RESPONSE_STRETCH;
      result = picture_filter_text (picture, &o, "sobel");
      for (int k = 0; k < 31 * 9; k++)
        for (int c = 0; c < 3; c++)
          if (picture->channels == 3 || result->data[4 * k + 3] > 0)
            {
              low = MIN (low, result->data[k * picture->channels + c]);
              high = MAX (high, result->data[k * picture->channels + c]);
            }
      g_assert_cmpfloat (low, ==, 0);
      g_assert_cmpfloat (high, ==, 1);
    }
  {
    g_autoptr (Picture) flat = picture_new (8, 8, 3), result = NULL;
    CnConvolveOptions o = picture_options ();

    o.response = CN_RESPONSE_STRETCH;
    o.bias = 0.5;
    result = picture_filter_text (flat, &o, "sobel");
    picture_assert_same (flat, result);
  }
}

/* A part of the picture gives the pixels of the whole result whose centres lie in it. */
static void
test_part (void)
{
  for (int i = 0; i < 200 && !g_test_failed (); i++)
    {
      g_autoptr (Picture) picture = picture_random (29, 23, 4), whole = NULL, part = NULL;
      g_autoptr (CnKernel) kernel = picture_kernel (i % 2 ? "sharpen" : "1 2 3 4; 0 1 0 1");
      CnConvolveOptions o = picture_options ();
      CnRect all = { 0, 0, 29, 23 }, some = { 0, 0, 0, 0 }, whole_area, area;
      int x, y, whole_x, whole_y;
      CnRun run = { .threads = 2 };
      CnSource source = { .width = 29, .height = 23 };
      CnSink sink = { 0 };
      g_autoptr (CnConvolve) convolve = NULL;

      some.x = g_test_rand_int_range (0, 20);
      some.y = g_test_rand_int_range (0, 14);
      some.width = g_test_rand_int_range (7, 29 - some.x + 1);
      some.height = g_test_rand_int_range (7, 23 - some.y + 1);
      o.border = (CnBorder) (i % 4);
      o.stride = 1 + i % 3;
      o.dilation = 1 + i / 3 % 2;
      if (i % 5 == 0)
        o.padding = (CnPadding){ CN_PADDING_EXPLICIT, 4, 0, 3, 2 };
      whole = picture_filter (picture, &o, kernel, 0);
      convolve = cn_convolve_new (&o, kernel, 0, 3, TRUE, NULL);
      g_assert_true (
          cn_convolve_area (convolve, 29, 23, &all, &whole_area, &whole_x, &whole_y, NULL));
      g_assert_true (cn_convolve_area (convolve, 29, 23, &some, &area, &x, &y, NULL));
      g_assert_cmpint (x, ==, whole_x + (area.x - whole_area.x) * o.stride);
      g_assert_cmpint (y, ==, whole_y + (area.y - whole_area.y) * o.stride);
      /* All the centres in the part, and none outside of it. */
      if (area.x > whole_area.x)
        g_assert_cmpint (x - o.stride, <, some.x);
      g_assert_cmpint (x, >=, some.x);
      g_assert_cmpint (x + (area.width - 1) * o.stride, <, some.x + some.width);
      g_assert_cmpint (y, >=, some.y);
      g_assert_cmpint (y + (area.height - 1) * o.stride, <, some.y + some.height);

      part = picture_new (area.width, area.height, 4);
      source.memory = cn_view_packed (picture->data, 1, 4, 23, 29);
      sink.memory = cn_view_packed (part->data, 1, 4, area.height, area.width);
      g_assert_true (cn_convolve_run (convolve, &source, &sink, &area, &run, NULL));
      for (int row = 0; row < area.height; row++)
        for (int column = 0; column < area.width; column++)
          g_assert_cmpmem (
              picture_at (part, column, row), 4 * sizeof (float),
              picture_at (whole, column + area.x - whole_area.x, row + area.y - whole_area.y),
              4 * sizeof (float));
    }
}

/* Padding that is larger than the kernel puts results around the picture: NULL asks for them, and
   those in the picture are the same. */
static void
test_around (void)
{
  g_autoptr (Picture) picture = picture_random (20, 15, 4), inside = NULL;
  g_autoptr (Picture) all = picture_new (26, 21, 4);
  g_autoptr (CnKernel) kernel = picture_kernel ("binomial");
  g_autoptr (CnConvolve) convolve = NULL;
  CnConvolveOptions o = picture_options ();
  CnSource source = { .width = 20, .height = 15 };
  CnSink sink = { .memory = cn_view_packed (all->data, 1, 4, 21, 26) };
  CnRun run = { 0 };
  CnRect area;
  int x, y;

  o.padding = (CnPadding){ CN_PADDING_EXPLICIT, 4, 4, 4, 4 };
  inside = picture_filter (picture, &o, kernel, 0);
  convolve = cn_convolve_new (&o, kernel, 0, 3, TRUE, NULL);
  g_assert_true (cn_convolve_area (convolve, 20, 15, NULL, &area, &x, &y, NULL));
  g_assert_cmpmem (&area, sizeof area, (&(CnRect){ 0, 0, 26, 21 }), sizeof area);
  g_assert_cmpint (x, ==, -3);
  g_assert_cmpint (y, ==, -3);
  source.memory = cn_view_packed (picture->data, 1, 4, 15, 20);
  g_assert_true (cn_convolve_run (convolve, &source, &sink, &area, &run, NULL));
  for (int row = 0; row < 15; row++)
    g_assert_cmpmem (picture_at (all, 3, row + 3), 20 * 4 * sizeof (float),
                     picture_at (inside, 0, row), 20 * 4 * sizeof (float));
}

/* The identity under stride, padding and even kernels: the pixel of the window's centre. */
static void
test_alignment (void)
{
  static const struct
  {
    const char *kernel;
    CnPaddingMode padding;
    int stride, dilation, x, y, width, height; /* the first centre, and the result's size */
    gboolean keeps_size;
  } rows[] = {
    { "0 0 0; 0 1 0; 0 0 0", CN_PADDING_SAME, 1, 1, 0, 0, 20, 15, TRUE },
    { "0 0 0; 0 1 0; 0 0 0", CN_PADDING_VALID, 1, 1, 1, 1, 18, 13, FALSE },
    { "0 0 0; 0 1 0; 0 0 0", CN_PADDING_VALID, 2, 1, 1, 1, 9, 7, FALSE },
    { "0 0 0; 0 1 0; 0 0 0", CN_PADDING_SAME, 3, 2, 0, 0, 7, 5, FALSE },
    { "0 0 0; 0 1 0; 0 0 0", CN_PADDING_VALID, 1, 3, 3, 3, 14, 9, FALSE },
    { "0 1 0 0", CN_PADDING_SAME, 1, 1, 0, 0, 20, 15, TRUE },
    { "0 1 0 0", CN_PADDING_VALID, 1, 1, 1, 0, 17, 15, FALSE },
    { "1 0; 0 0", CN_PADDING_SAME, 2, 1, 0, 0, 10, 8, FALSE },
    { "1", CN_PADDING_VALID, 1, 1, 0, 0, 20, 15, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (Picture) picture = picture_random (20, 15, 4), result = NULL;
      g_autoptr (CnKernel) kernel = picture_kernel (rows[i].kernel);
      g_autoptr (CnConvolve) convolve = NULL;
      CnConvolveOptions o = picture_options ();
      CnRect all = { 0, 0, 20, 15 }, area;
      int x, y;

      o.padding.mode = rows[i].padding;
      o.stride = rows[i].stride;
      o.dilation = rows[i].dilation;
      convolve = cn_convolve_new (&o, kernel, 0, 3, TRUE, NULL);
      g_assert_true (cn_convolve_keeps_size (convolve) == rows[i].keeps_size);
      g_assert_true (cn_convolve_area (convolve, 20, 15, &all, &area, &x, &y, NULL));
      g_assert_cmpint (x, ==, rows[i].x);
      g_assert_cmpint (y, ==, rows[i].y);
      g_assert_cmpint (area.width, ==, rows[i].width);
      g_assert_cmpint (area.height, ==, rows[i].height);
      result = picture_filter (picture, &o, kernel, 0);
      for (int row = 0; row < area.height; row++)
        for (int column = 0; column < area.width; column++)
          {
            const float *from = picture_at (picture, x + column * o.stride, y + row * o.stride);
            const float *to = picture_at (result, column, row);

            g_assert_cmpfloat (to[3], ==, from[3]);
            for (int c = 0; c < 3; c++) /* times alpha and divided by it */
              oracle_assert_near (to[c], from[c], 2 * FLT_EPSILON);
          }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/convolve/channels/one", test_one_channel);
  g_test_add_func ("/convolve/channels/alpha", test_alpha_channel);
  g_test_add_func ("/convolve/channels/luminance", test_luminance);
  g_test_add_data_func ("/convolve/channels/sum/plane-for-all", "1 2 -1; 0 3 1; -2 1 1", test_sum);
  g_test_add_data_func ("/convolve/channels/sum/plane-for-each",
                        "1 2; 3 4 | 0 1; -1 0 | 2 2; -5 0.5 || 0 0; 0 0 | 1 -1; 1 -1 | 0 0; 0 0",
                        test_sum);
  g_test_add_func ("/convolve/order", test_order);
  g_test_add_func ("/convolve/not-finite", test_not_finite);
  g_test_add_func ("/convolve/stretch", test_stretch);
  g_test_add_func ("/convolve/part", test_part);
  g_test_add_func ("/convolve/around", test_around);
  g_test_add_func ("/convolve/alignment", test_alignment);
  return g_test_run ();
}
