/* resize-expect.c: pooled and upscaled pictures in double, from their definitions.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The definitions are the comments of filters/kernels/pool-picture.h and upscale.h, and the papers
 * that name the kernels; nothing of the engine is used. */
#include "tests/gimp/resize.h"

#include <float.h>
#include <math.h>
#include <string.h>

static Expected
make_expected (int width, int height, int channels)
{
  gsize samples = (gsize) width * height * channels;

  return (Expected){ .width = width,
                     .height = height,
                     .channels = channels,
                     .value = g_new0 (double, samples),
                     .tolerance = g_new0 (double, samples) };
}

/* The largest or smallest is a sample, to the bit. Of a mean, the two sums of up to 16 terms and
   their quotient have errors below 16 + 4 roundings, and squares and a root 4 more: 32 ε of the
   mean of the sizes; a root halves it. */
static Expected
expect_pool (const Resize *r, const Picture *picture)
{
  int width = r->width ? r->width : 2, height = r->height ? r->height : 2, sides[4];
  const char *kind = r->kind ? r->kind : "max";
  gboolean mean = strcmp (kind, "average") == 0 || strcmp (kind, "l2") == 0;
  int channels = picture_channels (picture), samples = picture->width * picture->height * channels;
  g_autofree float *sizes = g_new (float, samples);
  OracleImage image = oracle_interleaved (picture->data, channels, picture->height, picture->width);
  OracleImage absolute = oracle_interleaved (sizes, channels, picture->height, picture->width);
  OraclePool pool = { .kind = strcmp (kind, "average") == 0 ? ORACLE_AVERAGE
                              : strcmp (kind, "l2") == 0    ? ORACLE_LP
                              : strcmp (kind, "min") == 0   ? ORACLE_MIN
                                                            : ORACLE_MAX,
                      .height = height,
                      .width = width,
                      .stride_y = r->stride_y ? r->stride_y : height,
                      .stride_x = r->stride_x ? r->stride_x : width,
                      .dilation_y = 1,
                      .dilation_x = 1,
                      .count_padding = r->border && strcmp (r->border, "none") != 0,
                      .border = expect_border (r->border),
                      .p = 2 };
  Expected e;

  for (int i = 0; i < samples; i++)
    sizes[i] = fabsf (picture->data[i]);
  expect_padding (r->padding ? r->padding : "valid", height - 1, width - 1, sides);
  pool.top = sides[0];
  pool.left = sides[1];
  pool.bottom = sides[2];
  pool.right = sides[3];
  e = make_expected (
      oracle_positions (picture->width, pool.left, pool.right, width, pool.stride_x, 1),
      oracle_positions (picture->height, pool.top, pool.bottom, height, pool.stride_y, 1),
      channels);
  for (int i = 0; i < e.width * e.height; i++)
    {
      double *tolerance = e.tolerance + (gsize) i * channels;

      oracle_pool_pixel (&pool, &image, i / e.width, i % e.width, e.value + (gsize) i * channels);
      oracle_pool_pixel (&pool, &absolute, i / e.width, i % e.width, tolerance);
      for (int c = 0; c < channels; c++)
        tolerance[c] *= mean ? 32 * FLT_EPSILON : 0;
    }
  return e;
}

static double
sinc (double t)
{
  return t == 0 ? 1 : sin (G_PI * t) / (G_PI * t);
}

/* The kernels as the literature has them, of a distance in pixels. Catmull-Rom: Keys 1981 with
   a = −1/2; Mitchell: equation 8 of Mitchell and Netravali 1988 with B = C = 1/3, in eighteenths;
   B-spline: the cubic one; Lanczos: Duchon 1979. */
static double
kernel_at (const char *method, double t)
{
  double u = fabs (t), u2 = u * u, u3 = u2 * u;

  if (strcmp (method, "nearest") == 0)
    return u < 0.5;
  if (strcmp (method, "bilinear") == 0)
    return MAX (1 - u, 0);
  if (strcmp (method, "bicubic") == 0)
    return u < 1 ? 1.5 * u3 - 2.5 * u2 + 1 : u < 2 ? -0.5 * u3 + 2.5 * u2 - 4 * u + 2 : 0;
  if (strcmp (method, "mitchell") == 0)
    return (u < 1 ? 21 * u3 - 36 * u2 + 16 : u < 2 ? -7 * u3 + 36 * u2 - 60 * u + 32 : 0) / 18;
  if (strcmp (method, "bspline") == 0)
    return u < 1 ? 2 / 3. - u2 + u3 / 2 : u < 2 ? pow (2 - u, 3) / 6 : 0;
  if (strcmp (method, "lanczos2") == 0)
    return u < 2 ? sinc (u) * sinc (u / 2) : 0;
  g_assert_cmpstr (method, ==, "lanczos3");
  return u < 3 ? sinc (u) * sinc (u / 3) : 0;
}

/* What is upscaled of a picture's sample: colours premultiplied, in float as the engine has them,
   and black outside where the border is zero; alpha goes on there. */
static double
sample (const Picture *p, OracleBorder border, int c, int y, int x)
{
  int channels = picture_channels (p);
  OracleImage image = oracle_interleaved (p->data, channels, p->height, p->width);
  gboolean alpha = p->has_alpha && c == p->colours;
  OracleBorder around = border == ORACLE_ZERO ? ORACLE_REPLICATE : border;
  double value = oracle_sample (&image, alpha ? around : border, c, y, x);

  if (alpha || !p->has_alpha)
    return value;
  return (float) value * (float) oracle_sample (&image, around, p->colours, y, x);
}

/* A sum of samples: its value, and how far from it a sum in float may be. */
typedef struct
{
  double value, error;
} Sum;

#define REACH 3 /* of the widest kernel, in pixels */

/* Resampling at the centre of result (y, x), with weights that add up to 1. The engine's two passes
   have at most 6 terms each of at most 3 · max |x|, rounded twice, and the second one makes the
   first one's error 1.5 times as large: below 64 ε. */
static Sum
resample (const Resize *r, const Picture *p, int c, int y, int x)
{
  int factor = r->factor ? r->factor : 2;
  double at_y = (y + 0.5) / factor - 0.5, at_x = (x + 0.5) / factor - 0.5;
  int first_y = (int) floor (at_y) - REACH, first_x = (int) floor (at_x) - REACH;
  double sum = 0, weights = 0, most = 0;

  for (int j = first_y; j <= first_y + 2 * REACH + 1; j++)
    for (int i = first_x; i <= first_x + 2 * REACH + 1; i++)
      {
        double weight = kernel_at (r->method, at_y - j) * kernel_at (r->method, at_x - i);
        double value = weight != 0 ? sample (p, expect_border (r->border), c, j, i) : 0;

        sum += weight * value;
        weights += weight;
        most = MAX (most, fabs (value));
      }
  return (Sum){ sum / weights, 64 * FLT_EPSILON * most };
}

/* One result before rounding: its sums become a pixel. An alpha up to 2·10⁻⁶ is rounding, and makes
   the pixel 0. */
static void
finish_pixel (const Picture *p, const Sum *sums, double *pixel, double *tolerance)
{
  double alpha = 1, alpha_error = 0;

  if (p->has_alpha)
    {
      alpha = sums[p->colours].value;
      alpha_error = sums[p->colours].error;
      pixel[p->colours] = CLAMP (alpha, 0, 1);
      tolerance[p->colours] = alpha_error + 4e-6;
    }
  for (int c = 0; c < p->colours; c++)
    if (fabs (alpha - 2e-6) <= 2 * alpha_error)
      tolerance[c] = INFINITY;
    else if (alpha > 2e-6)
      {
        pixel[c] = sums[c].value / alpha;
        tolerance[c] =
            sums[c].error / alpha + fabs (pixel[c]) * (alpha_error / alpha + 4 * FLT_EPSILON);
      }
}

static Expected
expect_named (const Resize *r, const Picture *p)
{
  int factor = r->factor ? r->factor : 2, channels = picture_channels (p);
  Expected e = make_expected (p->width * factor, p->height * factor, channels);
  Sum sums[4];

  for (int i = 0; i < e.width * e.height; i++)
    {
      for (int c = 0; c < channels; c++)
        sums[c] = resample (r, p, c, i / e.width, i % e.width);
      finish_pixel (p, sums, e.value + (gsize) i * channels, e.tolerance + (gsize) i * channels);
    }
  return e;
}

/* A transposed convolution, without channels that meet: value and size of each result. */
typedef struct
{
  OracleConvTranspose conv;
  const Picture *picture;
  float *weights, *absolute;
  double *result, *size;
} Transposed;

/* Of channel `c`; of alpha with |w|; c = −1: of ones. */
static void
transpose (const Transposed *t, int c)
{
  const Picture *p = t->picture;
  gboolean alpha = c < 0 || (p->has_alpha && c == p->colours);
  g_autofree float *plane = g_new (float, (gsize) p->width * p->height);
  OracleImage image = oracle_planar (plane, 1, p->height, p->width);
  OracleConvTranspose conv = t->conv;

  for (int i = 0; i < p->width * p->height; i++)
    plane[i] = c < 0 ? 1 : (float) sample (p, ORACLE_ZERO, c, i / p->width, i % p->width);
  conv.border = alpha ? ORACLE_REPLICATE : ORACLE_ZERO;
  oracle_conv_transpose (&conv, &image, alpha ? t->absolute : t->weights, NULL, t->result, t->size);
}

static Transposed
make_transposed (const Resize *r, const Picture *p)
{
  const Kernel *k = r->kernel ? r->kernel : &kernel_ones;
  const char *padding = r->padding ? r->padding : "same";
  int stride = r->stride ? r->stride : 2, taps = k->height * k->width, sides[4];
  int height = (p->height - 1) * stride + k->height + r->output_padding;
  int width = (p->width - 1) * stride + k->width + r->output_padding;
  gboolean same = strcmp (padding, "same") == 0;
  Transposed t = { .picture = p, .weights = g_new (float, taps), .absolute = g_new (float, taps) };

  expect_padding (padding, MAX (height - p->height * stride, 0), MAX (width - p->width * stride, 0),
                  sides);
  t.conv = (OracleConvTranspose){
    .out_channels = 1,
    .groups = 1,
    .kernel_height = k->height,
    .kernel_width = k->width,
    .stride_y = stride,
    .stride_x = stride,
    .dilation_y = 1,
    .dilation_x = 1,
    .top = sides[0],
    .left = sides[1],
    .out_height = same ? p->height * stride : height - sides[0] - sides[2],
    .out_width = same ? p->width * stride : width - sides[1] - sides[3],
  };
  for (int i = 0; i < taps; i++)
    {
      t.weights[i] = (float) k->weights[i];
      t.absolute[i] = fabsf (t.weights[i]);
    }
  t.result = g_new (double, (gsize) t.conv.out_height *t.conv.out_width);
  t.size = g_new (double, (gsize) t.conv.out_height *t.conv.out_width);
  return t;
}

/* The alpha of the pixel before result (y, x), for where no tap reaches. */
static double
alpha_before (const Resize *r, const Transposed *t, int y, int x)
{
  int stride = r->stride ? r->stride : 2;

  return sample (t->picture, ORACLE_REPLICATE, t->picture->colours, (y + t->conv.top) / stride,
                 (x + t->conv.left) / stride);
}

static Expected
expect_kernel (const Resize *r, const Picture *p)
{
  Transposed t = make_transposed (r, p);
  int channels = picture_channels (p), count = t.conv.out_height * t.conv.out_width;
  double terms = t.conv.kernel_height * t.conv.kernel_width + 2;
  Expected e = make_expected (t.conv.out_width, t.conv.out_height, channels);
  g_autofree Sum *sums = g_new (Sum, (gsize) count * channels);

  for (int c = 0; c < channels; c++)
    {
      transpose (&t, c);
      for (int i = 0; i < count; i++)
        sums[i * channels + c] = (Sum){ t.result[i], terms * FLT_EPSILON * t.size[i] };
    }
  if (p->has_alpha)
    transpose (&t, -1);
  for (int i = 0; i < count; i++)
    {
      Sum *alpha = &sums[(i + 1) * channels - 1];

      if (p->has_alpha && t.result[i] > 0)
        *alpha = (Sum){ alpha->value / t.result[i], 2 * alpha->error / t.result[i] };
      else if (p->has_alpha)
        *alpha = (Sum){ alpha_before (r, &t, i / e.width, i % e.width), 0 };
      finish_pixel (p, sums + (gsize) i * channels, e.value + (gsize) i * channels,
                    e.tolerance + (gsize) i * channels);
    }
  g_free (t.weights);
  g_free (t.absolute);
  g_free (t.result);
  g_free (t.size);
  return e;
}

static Picture
crop (const Picture *p, const int part[4])
{
  int channels = picture_channels (p);
  Picture cropped = { part[2], part[3], p->colours, p->has_alpha,
                      g_new (float, (gsize) part[2] * part[3] * channels) };

  for (int y = 0; y < part[3]; y++)
    memcpy (cropped.data + (gsize) y * part[2] * channels,
            p->data + ((gsize) (part[1] + y) * p->width + part[0]) * channels,
            part[2] * channels * sizeof (float));
  return cropped;
}

Expected
resize_expect (const Resize *r, GimpDrawable *drawable, const int part[4])
{
  g_auto (Picture) whole = harness_read (drawable, g_strcmp0 (r->encoding, "linear") == 0);
  const int all[] = { 0, 0, whole.width, whole.height };
  g_auto (Picture) picture = crop (&whole, part ? part : all);

  if (!r->method)
    return expect_pool (r, &picture);
  return strcmp (r->method, "kernel") == 0 ? expect_kernel (r, &picture)
                                           : expect_named (r, &picture);
}
