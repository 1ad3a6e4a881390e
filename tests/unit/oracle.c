/* oracle.c: convolution in double, straight from the formula: what the engine's results must be.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/oracle.h"

#include <math.h>
#include <string.h>

OracleImage
oracle_planar (const float *data, int channels, int height, int width)
{
  return (OracleImage){ data, channels, height, width, (gsize) height * width, width, 1 };
}

OracleImage
oracle_interleaved (const float *data, int channels, int height, int width)
{
  return (OracleImage){ data, channels, height, width, 1, (gsize) width * channels, channels };
}

/* Walks back into 0 … n − 1, one mirror or one period at a time; −1: there is nothing. */
static int
walk_back (OracleBorder border, int i, int n)
{
  while (i < 0 || i >= n)
    switch (border)
      {
      case ORACLE_REPLICATE:
        return i < 0 ? 0 : n - 1;
      case ORACLE_REFLECT:
        if (n == 1)
          return 0;
        i = i < 0 ? -i : 2 * (n - 1) - i;
        break;
      case ORACLE_WRAP:
        i += i < 0 ? n : -n;
        break;
      default:
        return -1;
      }
  return i;
}

static double
sample_at (const OracleImage *image, int channel, int y, int x)
{
  if (y < 0 || x < 0)
    return 0;
  return image->data[channel * image->channel + y * image->row + x * image->pixel];
}

double
oracle_sample (const OracleImage *image, OracleBorder border, int channel, int y, int x)
{
  return sample_at (image, channel, walk_back (border, y, image->height),
                    walk_back (border, x, image->width));
}

int
oracle_positions (int n, int before, int after, int taps, int stride, int dilation)
{
  int positions = 0;

  for (int first = -before; first + (taps - 1) * dilation < n + after; first += stride)
    positions++;
  return positions;
}

/* Where the taps of a window that begins at `first` fall on an axis of n samples. */
static void
place_taps (OracleBorder border, int n, int first, int dilation, int taps, int *at)
{
  for (int i = 0; i < taps; i++)
    at[i] = walk_back (border, first + i * dilation, n);
}

/* One result of filter f, whose taps fall on the rows and columns given. */
static void
convolve_at (const OracleConv *c, const OracleImage *image, const float *weights, int f,
             const int *rows, const int *columns, double *result, double *size)
{
  int group_in = image->channels / c->groups, group = f / (c->filters / c->groups);

  for (int i = 0; i < group_in; i++)
    for (int a = 0; a < c->kernel_height; a++)
      for (int b = 0; b < c->kernel_width; b++)
        {
          int tap_y = c->flip ? c->kernel_height - 1 - a : a;
          int tap_x = c->flip ? c->kernel_width - 1 - b : b;
          double w =
              weights[((f * group_in + i) * c->kernel_height + tap_y) * c->kernel_width + tap_x];
          double term = w * sample_at (image, group * group_in + i, rows[a], columns[b]);

          *result += term;
          *size += fabs (term);
        }
}

void
oracle_conv2d (const OracleConv *c, const OracleImage *image, const float *weights,
               const float *bias, double *result, double *size)
{
  int height = oracle_positions (image->height, c->top, c->bottom, c->kernel_height, c->stride_y,
                                 c->dilation_y);
  int width = oracle_positions (image->width, c->left, c->right, c->kernel_width, c->stride_x,
                                c->dilation_x);
  g_autofree int *rows = g_new (int, c->kernel_height), *columns = g_new (int, c->kernel_width);

  for (int f = 0; f < c->filters; f++)
    for (int y = 0; y < height; y++)
      for (int x = 0; x < width; x++)
        {
          place_taps (c->border, image->height, y * c->stride_y - c->top, c->dilation_y,
                      c->kernel_height, rows);
          place_taps (c->border, image->width, x * c->stride_x - c->left, c->dilation_x,
                      c->kernel_width, columns);
          *result = bias ? bias[f] : 0;
          *size = fabs (*result);
          convolve_at (c, image, weights, f, rows, columns, result++, size++);
        }
}

/* Adds input sample (y, x) of the channel times the kernel to a plane of the result. */
static void
scatter (const OracleConvTranspose *c, double sample, int y, int x, const float *kernel,
         double *result, double *size)
{
  for (int a = 0; a < c->kernel_height; a++)
    for (int b = 0; b < c->kernel_width; b++)
      {
        int at_y = y * c->stride_y + a * c->dilation_y - c->top;
        int at_x = x * c->stride_x + b * c->dilation_x - c->left;
        double term = sample * kernel[a * c->kernel_width + b];

        if (at_y < 0 || at_y >= c->out_height || at_x < 0 || at_x >= c->out_width)
          continue;
        result[at_y * c->out_width + at_x] += term;
        size[at_y * c->out_width + at_x] += fabs (term);
      }
}

void
oracle_conv_transpose (const OracleConvTranspose *c, const OracleImage *image, const float *weights,
                       const float *bias, double *result, double *size)
{
  int group_in = image->channels / c->groups, group_out = c->out_channels / c->groups;
  int plane = c->out_height * c->out_width, taps = c->kernel_height * c->kernel_width;
  /* Input outside of the image from which the result may be reached. */
  gboolean more = c->border != ORACLE_ZERO;
  int above = more ? c->kernel_height * c->dilation_y : 0;
  int before = more ? c->kernel_width * c->dilation_x : 0;
  int bottom = more ? MAX (image->height, c->out_height + c->top + 1) : image->height;
  int right = more ? MAX (image->width, c->out_width + c->left + 1) : image->width;

  for (int o = 0; o < c->out_channels; o++)
    for (int i = 0; i < plane; i++)
      {
        result[o * plane + i] = bias ? bias[o] : 0;
        size[o * plane + i] = fabs (result[o * plane + i]);
      }
  for (int i = 0; i < image->channels; i++)
    for (int o = 0; o < group_out; o++)
      for (int y = -above; y < bottom; y++)
        for (int x = -before; x < right; x++)
          scatter (c, oracle_sample (image, c->border, i, y, x), y, x,
                   weights + (i * group_out + o) * taps,
                   result + (i / group_in * group_out + o) * plane,
                   size + (i / group_in * group_out + o) * plane);
}

/* One window of a channel, whose first tap is at (top, left). */
static void
pool_window (const OraclePool *p, const OracleImage *image, int c, int top, int left,
             double *result, double *size, gint64 *place)
{
  double sum = 0, absolute = 0, best = NAN;
  int count = 0;

  for (int y = top; y < top + p->height * p->dilation_y; y += p->dilation_y)
    for (int x = left; x < left + p->width * p->dilation_x; x += p->dilation_x)
      {
        gboolean inside = y >= 0 && x >= 0 && y < image->height && x < image->width;
        gboolean padding = y < image->height + p->bottom && x < image->width + p->right;
        double sample;

        if (!inside && !(padding && p->count_padding))
          continue;
        sample = oracle_sample (image, p->border, c, y, x);
        if (count++ == 0
            || (!isnan (best)
                && (isnan (sample) || (p->kind == ORACLE_MAX ? sample > best : sample < best))))
          {
            best = sample;
            *place = inside ? (gint64) y * image->width + x : -1;
          }
        sum += p->kind == ORACLE_LP ? pow (fabs (sample), p->p) : sample;
        absolute += fabs (sample);
      }
  *size = absolute / count;
  *result = p->kind == ORACLE_AVERAGE ? sum / count
            : p->kind == ORACLE_LP    ? pow (sum, 1.0 / p->p)
                                      : best;
}

void
oracle_pool (const OraclePool *p, const OracleImage *image, double *result, double *size,
             gint64 *place)
{
  for (int c = 0; c < image->channels; c++)
    for (int y = 0; y < p->out_height; y++)
      for (int x = 0; x < p->out_width; x++)
        {
          gint64 at = -1;

          pool_window (p, image, c, y * p->stride_y - p->top, x * p->stride_x - p->left, result++,
                       size++, &at);
          if (place)
            *place++ = at;
        }
}

/* Adds pixel (y, x), with its weight in a mean, to what a window has; `winner` holds the alphas of
   the pixels that gave the colours so far. */
static void
pool_colours (const OraclePool *p, const OracleImage *image, int y, int x, double alpha,
              int colours, double *pixel, double *winner)
{
  for (int c = 0; c < colours && alpha > 0; c++)
    {
      double value = oracle_sample (image, p->border, c, y, x);

      if (p->kind == ORACLE_AVERAGE)
        pixel[c] += value * alpha;
      else if (p->kind == ORACLE_LP)
        pixel[c] += pow (fabs (value), p->p) * alpha;
      else if (winner[c] == 0 || (p->kind == ORACLE_MAX ? value > pixel[c] : value < pixel[c]))
        {
          pixel[c] = value;
          winner[c] = alpha;
        }
    }
}

void
oracle_pool_pixel (const OraclePool *p, const OracleImage *image, int y, int x, double *pixel)
{
  int colours = image->channels > 2 ? 3 : 1, count = 0;
  gboolean has_alpha = image->channels % 2 == 0;
  gboolean mean = p->kind == ORACLE_AVERAGE || p->kind == ORACLE_LP;
  OracleBorder around = p->border == ORACLE_ZERO ? ORACLE_REPLICATE : p->border;
  double alphas = 0, winner[3] = { 0 };

  for (int c = 0; c < image->channels; c++)
    pixel[c] = 0;
  for (int a = 0; a < p->height; a++)
    for (int b = 0; b < p->width; b++)
      {
        int at_y = y * p->stride_y - p->top + a * p->dilation_y;
        int at_x = x * p->stride_x - p->left + b * p->dilation_x;
        gboolean inside = at_y >= 0 && at_x >= 0 && at_y < image->height && at_x < image->width;
        double alpha;

        if (at_y >= image->height + p->bottom || at_x >= image->width + p->right
            || (!inside && !p->count_padding))
          continue;
        alpha = has_alpha ? oracle_sample (image, around, colours, at_y, at_x) : 1;
        count++;
        alphas += alpha;
        pool_colours (p, image, at_y, at_x, alpha, colours, pixel, winner);
      }
  for (int c = 0; c < colours && mean; c++)
    {
      pixel[c] = alphas > 0 ? pixel[c] / alphas : 0;
      if (p->kind == ORACLE_LP)
        pixel[c] = pow (pixel[c], 1.0 / p->p);
    }
  if (has_alpha)
    pixel[colours] = mean ? alphas / count : fmax (winner[0], fmax (winner[1], winner[2]));
}

double
oracle_activation (const char *name, double x, double alpha, double min, double max)
{
  if (isnan (x) || strcmp (name, "identity") == 0)
    return x;
  if (strcmp (name, "relu") == 0)
    return fmax (x, 0);
  if (strcmp (name, "leaky-relu") == 0)
    return x >= 0 ? x : alpha * x;
  if (strcmp (name, "elu") == 0)
    return x >= 0 ? x : alpha * expm1 (x);
  if (strcmp (name, "sigmoid") == 0)
    return 1 / (1 + exp (-x));
  if (strcmp (name, "tanh") == 0)
    return tanh (x);
  if (strcmp (name, "softplus") == 0)
    return x > 100 ? x : log1p (exp (x));
  if (strcmp (name, "abs") == 0)
    return fabs (x);
  if (strcmp (name, "clip") == 0)
    return fmin (fmax (x, min), max);
  g_error ("the oracle knows no activation “%s”", name);
}

int
oracle_compare (const OracleImage *got, const double *expected, const double *tolerance,
                OracleMismatch *first)
{
  int mismatches = 0;

  for (int c = 0; c < got->channels; c++)
    for (int y = 0; y < got->height; y++)
      for (int x = 0; x < got->width; x++, expected++, tolerance++)
        {
          double value = got->data[c * got->channel + y * got->row + x * got->pixel];
          gboolean same = isnan (*expected)
                              ? isnan (value)
                              : value == *expected || fabs (value - *expected) <= *tolerance;

          if (!same && mismatches++ == 0)
            *first = (OracleMismatch){ c, y, x, *expected, *tolerance, value };
        }
  return mismatches;
}

char *
oracle_describe (const OracleMismatch *m)
{
  return g_strdup_printf ("channel %d, y %d, x %d: expected %.9g ± %.3g, got %.9g (off by %.3g)",
                          m->channel, m->y, m->x, m->expected, m->tolerance, m->got,
                          m->got - m->expected);
}
