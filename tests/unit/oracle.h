/* oracle.h: convolution in double, straight from the formula: what the engine's results must be.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * It shares nothing with the engine, not even its enums, so that no mistake is made twice. */
#pragma once

#include <glib.h>

typedef enum
{
  ORACLE_ZERO,
  ORACLE_REPLICATE,
  ORACLE_REFLECT,
  ORACLE_WRAP,
} OracleBorder;

/* Samples in any layout: (channel c, y, x) is data[c·channel + y·row + x·pixel]. */
typedef struct
{
  const float *data;
  int channels, height, width;
  gsize channel, row, pixel;
} OracleImage;

OracleImage oracle_planar (const float *data, int channels, int height, int width);
OracleImage oracle_interleaved (const float *data, int channels, int height, int width);

/* All numbers as ONNX's Conv has them; none may be 0 but the paddings. */
typedef struct
{
  int filters, groups;
  int kernel_height, kernel_width, stride_y, stride_x, dilation_y, dilation_x;
  int top, left, bottom, right;
  OracleBorder border;
  gboolean flip;
} OracleConv;

/* Sample (c, y, x), which may lie outside of the image. */
double oracle_sample (const OracleImage *image, OracleBorder border, int channel, int y, int x);

/* How often a window fits, counted by moving it; 0 if it does not. */
int oracle_positions (int n, int before, int after, int taps, int stride, int dilation);

/* result[f, y, x] = bias[f] + Σ w·x, and size[f, y, x] = |bias[f]| + Σ |w·x|, both filters × height
   × width of the result without gaps. `weights`: filters × (channels / groups) × kernel_height ×
   kernel_width; `bias` may be NULL. */
void oracle_conv2d (const OracleConv *conv, const OracleImage *image, const float *weights,
                    const float *bias, double *result, double *size);

/* All numbers as ONNX's ConvTranspose has them; top and left are the rows and columns taken away.
 */
typedef struct
{
  int out_channels, groups;
  int kernel_height, kernel_width, stride_y, stride_x, dilation_y, dilation_x;
  int top, left, out_height, out_width;
  OracleBorder border; /* what the input is outside of the image */
} OracleConvTranspose;

/* As oracle_conv2d(), each input sample adding its kernel. `weights`: channels × (out_channels /
   groups) × kernel_height × kernel_width. */
void oracle_conv_transpose (const OracleConvTranspose *conv, const OracleImage *image,
                            const float *weights, const float *bias, double *result, double *size);

typedef enum
{
  ORACLE_MAX,
  ORACLE_MIN,
  ORACLE_AVERAGE,
  ORACLE_LP,
} OraclePoolKind;

typedef struct
{
  OraclePoolKind kind;
  int height, width, stride_y, stride_x, dilation_y, dilation_x;
  int top, left, bottom, right, out_height, out_width;
  gboolean count_padding;
  OracleBorder border;
  int p;
} OraclePool;

/* One sample for each window; `size` is the same with |x| for x. `place` (may be NULL): y · width +
   x of the first sample that is the result, −1 in the padding. */
void oracle_pool (const OraclePool *pool, const OracleImage *image, double *result, double *size,
                  gint64 *place);

/* Pixel (y, x) of a pooled picture, by the rules of filters/kernels/pool-picture.h. The image's
   channels are one or three colours, and alpha if there are two or four. */
void oracle_pool_pixel (const OraclePool *pool, const OracleImage *image, int y, int x,
                        double *pixel);

/* ONNX's functions; `name` is "relu", "leaky-relu", … */
double oracle_activation (const char *name, double x, double alpha, double min, double max);

typedef struct
{
  int channel, y, x;
  double expected, tolerance, got;
} OracleMismatch;

/* Number of samples that are further from `expected` than `tolerance` (both channels × height ×
   width), or NaN where a number is expected or the other way round; the first of them in `first`.
 */
int oracle_compare (const OracleImage *got, const double *expected, const double *tolerance,
                    OracleMismatch *first);

/* The mismatch as a line for a message. */
char *oracle_describe (const OracleMismatch *mismatch);

/* As GLib's macro with epsilon, but a tolerance of 0 asks for the same value. */
#define oracle_assert_near(got, expected, tolerance) \
  g_assert_cmpfloat (fabs ((double) (got) - (double) (expected)), <=, (tolerance))
