/* test-convolve.c: kernels over pictures with alpha: opaque as if without, and no dark fringes.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <float.h>
#include <math.h>

#include "tests/unit/oracle.h"
#include "tests/unit/pictures.h"

/* Kernels with a sum, without, and of rank 1; the last is nothing at all. */
static const char *const kernels[] = {
  "box",      "binomial", "sharpen",      "unsharp",     "laplacian",   "sobel",     "emboss",
  "identity", "1 2 3 4",  "0.1; 0.2; -3", "-1 -1; -1 2", "motion-blur", "1 1; 1 -3", "0 0; 0 0",
};
#define KERNELS (G_N_ELEMENTS (kernels))

/* Random options among those that let a picture be compared with one without alpha. */
static CnConvolveOptions
random_options (void)
{
  static const CnChannels channels[] = { CN_CHANNELS_EACH, CN_CHANNELS_LUMINANCE, CN_CHANNELS_SUM };
  CnConvolveOptions o = picture_options ();

  o.border = (CnBorder) g_test_rand_int_range (CN_BORDER_ZERO, CN_BORDER_WRAP + 1);
  o.channels = channels[g_test_rand_int_range (0, G_N_ELEMENTS (channels))];
  o.alpha = (CnAlpha) g_test_rand_int_range (CN_ALPHA_AUTO, CN_ALPHA_KEEP + 1);
  o.response = (CnResponse) g_test_rand_int_range (CN_RESPONSE_CLAMP, CN_RESPONSE_STRETCH + 1);
  o.activation = cn_activation ((CnActivationKind) g_test_rand_int_range (0, CN_ACTIVATIONS));
  o.limit = g_test_rand_bit ();
  o.flip = g_test_rand_bit ();
  o.divisor = g_test_rand_bit () ? 1 : 3.5;
  o.bias = g_test_rand_bit () ? 0 : 0.25;
  o.dilation = g_test_rand_int_range (1, 4);
  o.stride = g_test_rand_int_range (1, 3);
  return o;
}

/* An opaque picture gives the bits of the same picture without alpha, and stays opaque. */
static void
test_opaque (gconstpointer data)
{
  int colours = GPOINTER_TO_INT (data);

  for (int i = 0; i < 600 && !g_test_failed (); i++)
    {
      g_autoptr (Picture) picture = picture_random (23, 17, colours);
      g_autoptr (Picture) opaque = picture_opaque (picture), with = NULL, without = NULL;
      CnConvolveOptions o = random_options ();
      const char *kernel = kernels[i % KERNELS];

      without = picture_filter_text (picture, &o, kernel);
      with = picture_filter_text (opaque, &o, kernel);
      picture_assert_same (without, with);
      for (int k = 0; k < with->width * with->height; k++)
        if (with->data[k * (colours + 1) + colours] != 1)
          g_test_fail ();
      if (g_test_failed ())
        g_test_message ("kernel “%s”, border %d, channels %d, alpha %d, response %d, divisor %g, "
                        "stride %d, dilation %d",
                        kernel, o.border, o.channels, o.alpha, o.response, o.divisor, o.stride,
                        o.dilation);
    }
}

/* What goes through vectors has the bits of what goes pixel by pixel: cut to 0 … 1 by an
   activation, which vectors do not have, or after it. */
static void
test_vectors (gconstpointer data)
{
  int channels = GPOINTER_TO_INT (data);

  for (int i = 0; i < 200 && !g_test_failed (); i++)
    {
      g_autoptr (Picture) picture = picture_random (23, 17, channels);
      g_autoptr (Picture) straight = NULL, clipped = NULL;
      CnConvolveOptions o = random_options ();

      o.channels = CN_CHANNELS_EACH;
      o.response = CN_RESPONSE_CLAMP;
      o.limit = TRUE;
      o.stride = 1;
      o.activation = cn_activation (CN_ACTIVATION_IDENTITY);
      straight = picture_filter_text (picture, &o, kernels[i % KERNELS]);
      o.activation = cn_activation (CN_ACTIVATION_CLIP);
      clipped = picture_filter_text (picture, &o, kernels[i % KERNELS]);
      picture_assert_same (straight, clipped);
    }
}

/* Opaque red beside transparent green. */
static Picture *
red_and_nothing (void)
{
  Picture *picture = picture_new (20, 6, 4);

  for (int y = 0; y < 6; y++)
    for (int x = 0; x < 20; x++)
      {
        float *pixel = picture_at (picture, x, y);

        pixel[0] = x < 10;
        pixel[1] = x >= 10;
        pixel[3] = x < 10;
      }
  return picture;
}

/* Blurred, the edge is the same red with an alpha that falls by a fifth a pixel. */
static void
test_no_fringe (void)
{
  for (int border = CN_BORDER_ZERO; border <= CN_BORDER_REFLECT; border++)
    {
      g_autoptr (Picture) picture = red_and_nothing (), blurred = NULL;
      CnConvolveOptions o = picture_options ();

      o.border = border;
      blurred = picture_filter_text (picture, &o, "box");
      /* With `zero` the colour behind the border is black, so only the inner pixels are red. */
      for (int y = 2; y < 4; y++)
        for (int x = 2; x < 18; x++)
          {
            const float *pixel = picture_at (blurred, x, y);

            oracle_assert_near (pixel[3], CLAMP ((12 - x) / 5.0, 0, 1), 1e-6);
            if (pixel[3] == 0)
              continue;
            oracle_assert_near (pixel[0], 1, 1e-6);
            g_assert_cmpfloat (pixel[1], ==, 0);
            g_assert_cmpfloat (pixel[2], ==, 0);
          }
    }
}

/* The same for the longest blur: an alpha of 1/255 is no rounding error, and is red. */
static void
test_no_fringe_far (void)
{
  g_autoptr (Picture) picture = picture_new (400, 1, 4), blurred = NULL;
  g_autoptr (CnKernel) kernel = cn_kernel_new (1, 1, 1, 255);
  CnConvolveOptions o = picture_options ();

  for (int x = 0; x < 400; x++)
    {
      picture_at (picture, x, 0)[0] = x < 200;
      picture_at (picture, x, 0)[1] = x >= 200;
      picture_at (picture, x, 0)[3] = x < 200;
    }
  for (int i = 0; i < 255; i++)
    kernel->weights[i] = 1 / 255.0f;
  blurred = picture_filter (picture, &o, kernel, 0);
  for (int x = 127; x < 400; x++)
    {
      const float *pixel = picture_at (blurred, x, 0);

      oracle_assert_near (pixel[3], CLAMP ((327 - x) / 255.0, 0, 1), 1e-6);
      oracle_assert_near (pixel[0], x < 327, 1e-6);
      oracle_assert_near (pixel[1], x >= 327, 1e-6);
    }
}

/* A zero-sum kernel leaves alpha alone, also where it is transparent. */
static void
test_zero_sum_keeps_alpha (void)
{
  static const char *const zero_sum[] = { "laplacian", "laplacian-8", "sobel", "vertical-edge" };

  for (guint i = 0; i < G_N_ELEMENTS (zero_sum); i++)
    {
      g_autoptr (Picture) picture = picture_random (15, 12, 4), result = NULL;
      CnConvolveOptions o = picture_options ();

      result = picture_filter_text (picture, &o, zero_sum[i]);
      picture_assert_same_channel (picture, result, 3);
    }
}

/* A flat picture stays flat under a blur, and is black under a zero-sum kernel. */
static void
test_flat (gconstpointer data)
{
  int channels = GPOINTER_TO_INT (data);
  g_autoptr (Picture) flat = picture_new (14, 11, channels);
  CnConvolveOptions o = picture_options ();

  for (int i = 0; i < 14 * 11 * channels; i++)
    flat->data[i] = channels % 2 == 0 && i % channels == channels - 1 ? 0.75f : 0.4f;
  for (int border = CN_BORDER_REPLICATE; border <= CN_BORDER_WRAP; border++)
    {
      g_autoptr (Picture) blurred = NULL, edges = NULL;

      o.border = border;
      blurred = picture_filter_text (flat, &o, "box");
      edges = picture_filter_text (flat, &o, "laplacian");
      for (int i = 0; i < 14 * 11 * channels; i++)
        {
          gboolean alpha = channels % 2 == 0 && i % channels == channels - 1;

          oracle_assert_near (blurred->data[i], flat->data[i], 1e-6);
          oracle_assert_near (edges->data[i], alpha ? 0.75 : 0, 1e-6);
        }
    }
}

/* What stands in transparent pixels never shows: not in any bit of a pixel with alpha. */
static void
test_hidden_colours (void)
{
  static const CnChannels channels[] = { CN_CHANNELS_EACH, CN_CHANNELS_RED, CN_CHANNELS_LUMINANCE,
                                         CN_CHANNELS_SUM };

  for (int i = 0; i < 400 && !g_test_failed (); i++)
    {
      g_autoptr (Picture) one = picture_random (19, 14, 4), two = picture_random (19, 14, 4);
      g_autoptr (Picture) first = NULL, second = NULL;
      CnConvolveOptions o = random_options ();
      const char *kernel = kernels[i % KERNELS];

      o.channels = channels[i / KERNELS % G_N_ELEMENTS (channels)];
      /* One channel with an alpha that grows shows the other channels as they stood there. */
      if (o.alpha == CN_ALPHA_FILTER && o.channels != CN_CHANNELS_EACH
          && o.channels != CN_CHANNELS_SUM)
        o.alpha = CN_ALPHA_AUTO;
      for (int k = 0; k < 19 * 14; k++)
        {
          const float *visible = one->data + 4 * k;

          for (int c = 0; c < 4; c++)
            if (visible[3] > 0 || c == 3)
              two->data[4 * k + c] = visible[c];
            else
              two->data[4 * k + c] *= i % 3 == 0 ? NAN : 1000;
        }
      first = picture_filter_text (one, &o, kernel);
      second = picture_filter_text (two, &o, kernel);
      picture_assert_same_channel (first, second, 3);
      for (int k = 0; k < first->width * first->height; k++)
        for (int c = 0; c < 3; c++)
          if (first->data[4 * k + 3] > 0 && first->data[4 * k + c] != second->data[4 * k + c])
            {
              g_test_message ("kernel “%s”, pixel %d, channel %d: %.9g and %.9g; alpha %.9g",
                              kernel, k, c, first->data[4 * k + c], second->data[4 * k + c],
                              first->data[4 * k + 3]);
              g_test_fail ();
            }
    }
}

/* convolve.h's formula for colours and alpha, by the oracle: premultiplied with black behind a
   border of zeros, alpha with its nearest pixels there. */
static void
convolve_premultiplied (const Picture *picture, const CnKernel *kernel, CnBorder border,
                        double *colour, double *colour_size, double *alpha, double *alpha_size)
{
  int width = picture->width, height = picture->height;
  g_autofree float *planes = g_new (float, 4 * width * height);
  OracleImage colours = oracle_planar (planes, 3, height, width);
  OracleImage opacity = oracle_planar (planes + 3 * width * height, 1, height, width);
  int y = kernel->height - 1, x = kernel->width - 1;
  OracleConv conv = { 3,     3,         kernel->height, kernel->width,         1,    1, 1, 1, y / 2,
                      x / 2, y - y / 2, x - x / 2,      (OracleBorder) border, FALSE };
  g_autofree float *weights = g_new (float, 3 * kernel->height * kernel->width);

  for (int i = 0; i < 3 * kernel->height * kernel->width; i++)
    weights[i] = kernel->weights[i % (kernel->height * kernel->width)];
  for (int i = 0; i < width * height; i++)
    for (int c = 0; c < 4; c++)
      planes[c * width * height + i] =
          picture->data[4 * i + c] * (c < 3 ? picture->data[4 * i + 3] : 1);
  oracle_conv2d (&conv, &colours, weights, NULL, colour, colour_size);
  conv.filters = conv.groups = 1;
  if (border == CN_BORDER_ZERO)
    conv.border = ORACLE_REPLICATE;
  oracle_conv2d (&conv, &opacity, weights, NULL, alpha, alpha_size);
}

static void
test_formula (void)
{
  static const char *const with_sum[] = { "box", "binomial", "sharpen", "1 2 3 4", "unsharp" };
  int checked = 0;

  for (int i = 0; i < 60; i++)
    {
      g_autoptr (CnKernel) kernel = picture_kernel (with_sum[i % G_N_ELEMENTS (with_sum)]);
      g_autoptr (Picture) picture = picture_random (12, 10, 4), result = NULL;
      int pixels = 12 * 10, taps = kernel->height * kernel->width;
      g_autofree double *sums = g_new (double, pixels * 8);
      double *colour = sums, *colour_size = sums + 3 * pixels;
      double *alpha = sums + 6 * pixels, *alpha_size = sums + 7 * pixels, sum = 0;
      /* Premultiplying rounds once more than conv2d.h's bounds count, the rest a few times. */
      double rounding = (MAX (taps, kernel->height + kernel->width + 8) + 8) * FLT_EPSILON;
      CnConvolveOptions o = picture_options ();

      o.border = (CnBorder) (i % 4);
      result = picture_filter (picture, &o, kernel, 0);
      convolve_premultiplied (picture, kernel, o.border, colour, colour_size, alpha, alpha_size);
      for (int t = 0; t < taps; t++)
        sum += kernel->weights[t];
      for (int k = 0; k < pixels; k++)
        {
          double opacity = CLAMP (alpha[k] / sum, 0, 1);

          oracle_assert_near (result->data[4 * k + 3], opacity,
                              rounding * (alpha_size[k] / fabs (sum) + 1));
          if (opacity < 0.01) /* the colour is lost in rounding */
            continue;
          for (int c = 0; c < 3; c++)
            {
              double value = sum * colour[c * pixels + k] / alpha[k];
              /* d (S·N/D) = S/D · dN + S·N/D² · dD + N/D · dS */
              double tolerance = rounding
                                 * (fabs (sum / alpha[k]) * colour_size[c * pixels + k]
                                    + fabs (value / alpha[k]) * alpha_size[k] + 4 * fabs (value));

              oracle_assert_near (result->data[4 * k + c], value, tolerance);
              checked++;
            }
        }
    }
  g_assert_cmpint (checked, >, 10000);
}

/* `filter` and `keep` have their way against what the kernel's sum would choose. */
static void
test_alpha_forced (void)
{
  g_autoptr (Picture) picture = red_and_nothing (), kept = NULL, filtered = NULL;
  CnConvolveOptions o = picture_options ();

  o.alpha = CN_ALPHA_KEEP;
  kept = picture_filter_text (picture, &o, "box");
  picture_assert_same_channel (picture, kept, 3);
  oracle_assert_near (picture_at (kept, 9, 3)[0], 1, 1e-6);

  /* |w|*a / Σ|w| of the vertical edge: a third less for each column that is gone. */
  o.alpha = CN_ALPHA_FILTER;
  filtered = picture_filter_text (picture, &o, "vertical-edge");
  g_assert_cmpfloat (picture_at (filtered, 5, 3)[3], ==, 1);
  oracle_assert_near (picture_at (filtered, 9, 3)[3], 0.5, 1e-6);
  oracle_assert_near (picture_at (filtered, 10, 3)[3], 0.5, 1e-6);
  g_assert_cmpfloat (picture_at (filtered, 11, 3)[3], ==, 0);
}

/* The comparison can fail: a divisor that is off by a millionth changes pixels. */
static void
test_fault_is_found (void)
{
  g_autoptr (Picture) picture = picture_random (20, 20, 3), opaque = picture_opaque (picture);
  g_autoptr (Picture) without = NULL, with = NULL;
  CnConvolveOptions o = picture_options ();

  without = picture_filter_text (picture, &o, "sharpen");
  o.divisor = 1.000001;
  with = picture_filter_text (opaque, &o, "sharpen");
  g_assert_cmpint (picture_differences (without, with, 1), >, 200);
}

/* The kernel's bias and the options' are added up. */
static void
test_kernel_bias (void)
{
  for (int channels = 1; channels <= 4; channels++)
    {
      g_autoptr (Picture) picture = picture_random (9, 7, channels);
      CnConvolveOptions both = picture_options (), one = picture_options ();
      g_autoptr (Picture) a = NULL, b = NULL;

      both.bias = 0.25;
      one.bias = 0.75;
      a = picture_filter_text (picture, &both, "1 2; -1 0; bias 0.5");
      b = picture_filter_text (picture, &one, "1 2; -1 0");
      picture_assert_same (a, b);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/convolve/vectors/gray-alpha", GINT_TO_POINTER (2), test_vectors);
  g_test_add_data_func ("/convolve/vectors/rgb", GINT_TO_POINTER (3), test_vectors);
  g_test_add_data_func ("/convolve/vectors/rgba", GINT_TO_POINTER (4), test_vectors);
  g_test_add_data_func ("/convolve/opaque/gray", GINT_TO_POINTER (1), test_opaque);
  g_test_add_data_func ("/convolve/opaque/rgb", GINT_TO_POINTER (3), test_opaque);
  g_test_add_func ("/convolve/no-fringe", test_no_fringe);
  g_test_add_func ("/convolve/no-fringe-far", test_no_fringe_far);
  g_test_add_func ("/convolve/zero-sum-keeps-alpha", test_zero_sum_keeps_alpha);
  for (int channels = 1; channels <= 4; channels++)
    {
      g_autofree char *path = g_strdup_printf ("/convolve/flat/%d", channels);

      g_test_add_data_func (path, GINT_TO_POINTER (channels), test_flat);
    }
  g_test_add_func ("/convolve/hidden-colours", test_hidden_colours);
  g_test_add_func ("/convolve/formula", test_formula);
  g_test_add_func ("/convolve/alpha-forced", test_alpha_forced);
  g_test_add_func ("/convolve/fault-is-found", test_fault_is_found);
  g_test_add_func ("/convolve/kernel-bias", test_kernel_bias);
  return g_test_run ();
}
