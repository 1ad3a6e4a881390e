/* expect.c: the picture filter in double, from its definition: what the procedure must give.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The definition is the comment of filters/kernels/convolve.h; nothing of the engine is used. */
#include "tests/gimp/expect.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Red, green and blue in the luminance of sRGB, adapted to the D50 white of colour profiles. */
static const double luminance[3] = { 0.22248840, 0.71690369, 0.06060791 };

void
picture_clear (Picture *picture)
{
  g_clear_pointer (&picture->data, g_free);
}

int
picture_channels (const Picture *picture)
{
  return picture->colours + picture->has_alpha;
}

void
expected_clear (Expected *expected)
{
  g_clear_pointer (&expected->value, g_free);
  g_clear_pointer (&expected->tolerance, g_free);
}

typedef struct
{
  const Filter *f;
  const Kernel *kernel;
  const Picture *picture;
  OracleConv conv;
  const char *channels;
  int values;           /* that are convolved and come out, beside alpha */
  gboolean premultiply; /* alpha is convolved too */
  gboolean zero_sum, filter_alpha;
  double sum;            /* of the weights that alpha is convolved with */
  double *result, *size; /* values × height × width of sums of w·x and of |w·x| */
  double *alpha, *alpha_size;
} State;

static gboolean
is (const char *choice, const char *name, const char *usual)
{
  return strcmp (choice ? choice : usual, name) == 0;
}

OracleBorder
expect_border (const char *name)
{
  return is (name, "zero", "replicate")      ? ORACLE_ZERO
         : is (name, "reflect", "replicate") ? ORACLE_REFLECT
         : is (name, "wrap", "replicate")    ? ORACLE_WRAP
                                             : ORACLE_REPLICATE;
}

void
expect_padding (const char *text, int around_y, int around_x, int sides[4])
{
  memset (sides, 0, 4 * sizeof (int));
  if (strcmp (text, "same") == 0)
    {
      sides[0] = around_y / 2;
      sides[1] = around_x / 2;
      sides[2] = around_y - sides[0];
      sides[3] = around_x - sides[1];
    }
  else if (sscanf (text, "%d %d %d %d", &sides[0], &sides[1], &sides[2], &sides[3]) == 1)
    sides[1] = sides[2] = sides[3] = sides[0];
}

static OracleConv
make_conv (const Filter *f)
{
  OracleConv conv = {
    .filters = 1,
    .groups = 1,
    .kernel_height = f->kernel->height,
    .kernel_width = f->kernel->width,
    .stride_y = MAX (f->stride, 1),
    .stride_x = MAX (f->stride, 1),
    .dilation_y = MAX (f->dilation, 1),
    .dilation_x = MAX (f->dilation, 1),
    .border = expect_border (f->border),
    .flip = f->flip,
  };
  int sides[4];

  expect_padding (f->padding ? f->padding : "same", conv.dilation_y * (conv.kernel_height - 1),
                  conv.dilation_x * (conv.kernel_width - 1), sides);
  conv.top = sides[0];
  conv.left = sides[1];
  conv.bottom = sides[2];
  conv.right = sides[3];
  return conv;
}

/* The weight of a filter's plane, as a float and divided. */
static float
weight (const State *s, int filter, int plane, int tap)
{
  const Kernel *k = s->kernel;
  int p = k->planes > 1 ? plane : 0, taps = k->height * k->width;

  return (float) ((float) k->weights[(filter * k->planes + p) * taps + tap]
                  / (s->f->divisor != 0 ? s->f->divisor : 1));
}

/* What is convolved for one pixel: a colour, the luminance, or alpha. */
static double
input (const State *s, const float *pixel, int value)
{
  int colours = s->picture->colours;
  double alpha = s->premultiply ? pixel[colours] : 1;

  if (is (s->channels, "alpha", "each"))
    return pixel[colours];
  if (is (s->channels, "luminance", "each"))
    return alpha
           * (colours == 1
                  ? pixel[0]
                  : luminance[0] * pixel[0] + luminance[1] * pixel[1] + luminance[2] * pixel[2]);
  if (is (s->channels, "red", "each") || is (s->channels, "green", "each")
      || is (s->channels, "blue", "each"))
    return alpha * pixel[is (s->channels, "red", "") ? 0 : is (s->channels, "green", "") ? 1 : 2];
  return alpha * pixel[value];
}

/* Convolves the planes [from, from + count) of the inputs; plane −1 is alpha. */
static void
convolve (const State *s, const OracleConv *conv, const float *weights, int from, int count,
          double *result, double *size)
{
  const Picture *p = s->picture;
  int channels = picture_channels (p), pixels = p->width * p->height;
  g_autofree float *planes = g_new (float, (gsize) pixels *count);
  OracleImage image = oracle_planar (planes, count, p->height, p->width);

  for (int c = 0; c < count; c++)
    for (int i = 0; i < pixels; i++)
      planes[c * pixels + i] = from < 0 ? p->data[i * channels + p->colours]
                                        : (float) input (s, p->data + i * channels, from + c);
  oracle_conv2d (conv, &image, weights, NULL, result, size);
}

static void
convolve_all (State *s, int filter, gsize results)
{
  gboolean sum = is (s->channels, "sum", "each");
  int planes = sum ? s->picture->colours : 1, taps = s->kernel->height * s->kernel->width;
  g_autofree float *weights = g_new (float, taps *planes), *alpha = g_new0 (float, taps);
  double total = 0, size = 0;
  OracleConv conv = s->conv;

  for (int p = 0; p < planes; p++)
    for (int t = 0; t < taps; t++)
      {
        weights[p * taps + t] = weight (s, filter, p, t);
        total += weights[p * taps + t];
        size += fabsf (weights[p * taps + t]);
      }
  s->zero_sum = fabs (total) < 1e-6 * size;
  s->filter_alpha = is (s->f->alpha, "filter", "auto")
                    || (is (s->f->alpha, "auto", "auto") && !s->zero_sum
                        && (sum || is (s->channels, "each", "each")));
  for (int v = 0; v < s->values; v++)
    convolve (s, &s->conv, weights, v, planes, s->result + v * results, s->size + v * results);

  if (!s->premultiply)
    return;
  for (int p = 0; p < planes; p++)
    for (int t = 0; t < taps; t++)
      alpha[t] +=
          s->zero_sum && s->filter_alpha ? fabsf (weights[p * taps + t]) : weights[p * taps + t];
  s->sum = s->zero_sum ? size : total;
  if (conv.border == ORACLE_ZERO)
    conv.border = ORACLE_REPLICATE;
  convolve (s, &conv, alpha, -1, 1, s->alpha, s->alpha_size);
}

/* A result before bias, with its tolerance; FALSE where the pixel keeps its colour. */
static gboolean
straighten (const State *s, gsize at, gsize results, int value, double *pixel, double *v, double *t)
{
  int planes = is (s->channels, "sum", "each") ? s->picture->colours : 1;
  double terms =
      planes * s->kernel->height * s->kernel->width + s->kernel->height + s->kernel->width + 10;
  double epsilon = terms * FLT_EPSILON;
  double alpha_error, scale;

  *v = s->result[value * results + at];
  *t = epsilon * s->size[value * results + at];
  if (!s->premultiply)
    return TRUE;
  if (s->zero_sum && !s->filter_alpha)
    {
      if (pixel[s->picture->colours] <= 0)
        return FALSE;
      scale = 1 / pixel[s->picture->colours];
      alpha_error = 0;
    }
  else
    {
      scale = s->alpha[at] / s->sum;
      alpha_error = epsilon * s->alpha_size[at] / fabs (s->sum);
      if (s->filter_alpha)
        pixel[s->picture->colours] = CLAMP (scale, 0, 1);
      if (scale < -2 * alpha_error || s->alpha_size[at] == 0)
        return FALSE;
      if (scale <= 2 * alpha_error)
        {
          *t = INFINITY;
          return TRUE;
        }
      alpha_error /= scale;
      scale = 1 / scale;
    }
  *v *= scale;
  *t = *t * scale + fabs (*v) * (alpha_error + 4 * FLT_EPSILON);
  return TRUE;
}

static double
respond (const State *s, double v, double min, double max)
{
  if (is (s->f->response, "absolute", "clamp"))
    return fabs (v);
  if (is (s->f->response, "offset", "clamp"))
    return v + 0.5;
  if (is (s->f->response, "stretch", "clamp"))
    return max > min ? (v - min) / (max - min) : 0;
  return v;
}

/* Puts result number `value` into a pixel. */
static void
place (const State *s, int value, double v, double t, double *pixel, double *tolerance)
{
  int colours = s->picture->colours;
  const char *names = "red\0\0\0green\0blue\0\0";
  double shift = v;

  if (is (s->channels, "each", "each"))
    pixel[value] = v, tolerance[value] = t;
  else if (is (s->channels, "alpha", "each"))
    pixel[colours] = CLAMP (v, 0, 1), tolerance[colours] = t;
  else if (is (s->channels, "luminance", "each") || is (s->channels, "sum", "each"))
    {
      if (is (s->channels, "luminance", "each"))
        for (int c = 0; c < colours; c++)
          shift -= (colours == 1 ? 1 : luminance[c]) * pixel[c];
      else
        memset (pixel, 0, colours * sizeof (double));
      for (int c = 0; c < colours; c++)
        {
          tolerance[c] = t + 8 * FLT_EPSILON * (fabs (shift) + fabs (pixel[c]) + fabs (v));
          pixel[c] += shift;
        }
    }
  else
    for (int c = 0; c < 3; c++)
      if (is (s->channels, names + 6 * c, "each"))
        pixel[c] = v, tolerance[c] = t;
}

/* The window at result (x, y): its results go into `v` and `t`, the picture's pixel at its centre
   into `pixel`. FALSE where the pixel keeps its colour. */
static gboolean
window_at (const State *s, const Expected *e, int x, int y, double *pixel, double *v, double *t)
{
  const OracleConv *c = &s->conv;
  const Picture *p = s->picture;
  int channels = picture_channels (p);
  OracleImage image = oracle_interleaved (p->data, channels, p->height, p->width);
  gsize at = (gsize) y * e->width + x, results = (gsize) e->width * e->height;
  OracleBorder around = c->border == ORACLE_ZERO && s->premultiply ? ORACLE_REPLICATE : c->border;
  gboolean fine = TRUE;

  for (int i = 0; i < channels; i++)
    pixel[i] =
        oracle_sample (&image, around, i, e->top + y * c->stride_y, e->left + x * c->stride_x);
  for (int i = 0; i < s->values && fine; i++)
    {
      fine = straighten (s, at, results, i, pixel, &v[i], &t[i]);
      v[i] += s->f->bias;
      t[i] += 4 * FLT_EPSILON * (fabs (v[i]) + fabs (s->f->bias));
      v[i] = oracle_activation (s->f->activation ? s->f->activation : "identity", v[i],
                                is (s->f->activation, "elu", "") ? 1 : 0.01f, 0, 1);
      t[i] += 4 * FLT_EPSILON * fabs (v[i]);
    }
  return fine;
}

static gboolean
counts (const Expected *e, const OracleConv *c, int x, int y, const int part[4])
{
  int at_x = e->left + x * c->stride_x, at_y = e->top + y * c->stride_y;

  return !part
         || (at_x >= part[0] && at_x < part[0] + part[2] && at_y >= part[1]
             && at_y < part[1] + part[3]);
}

static void
find_range (const State *s, const Expected *e, const int part[4], double *min, double *max,
            double *error)
{
  double pixel[4] = { 0 }, v[3], t[3];

  *min = INFINITY;
  *max = -INFINITY;
  *error = 0;
  for (int y = 0; y < e->height; y++)
    for (int x = 0; x < e->width; x++)
      if (counts (e, &s->conv, x, y, part) && window_at (s, e, x, y, pixel, v, t)
          && !(s->premultiply && pixel[s->picture->colours] == 0))
        for (int i = 0; i < s->values; i++)
          {
            *min = MIN (*min, v[i]);
            *max = MAX (*max, v[i]);
            *error = MAX (*error, t[i]);
          }
}

/* Leaves only the windows that count; they are a rectangle. */
static void
crop (Expected *e, const OracleConv *c, const int part[4])
{
  int first_x = -1, first_y = -1, last_x = -1, last_y = -1;

  for (int y = 0; y < e->height; y++)
    for (int x = 0; x < e->width; x++)
      if (counts (e, c, x, y, part))
        {
          if (first_x < 0)
            first_x = x, first_y = y;
          last_x = x, last_y = y;
        }
  g_assert_cmpint (first_x, >=, 0);
  for (int y = first_y; y <= last_y; y++)
    for (double *data = e->value;; data = e->tolerance)
      {
        memmove (data + (gsize) (y - first_y) * (last_x - first_x + 1) * e->channels,
                 data + ((gsize) y * e->width + first_x) * e->channels,
                 (last_x - first_x + 1) * e->channels * sizeof (double));
        if (data == e->tolerance)
          break;
      }
  e->left += first_x * c->stride_x;
  e->top += first_y * c->stride_y;
  e->width = last_x - first_x + 1;
  e->height = last_y - first_y + 1;
}

static void
finish (const State *s, Expected *e, gboolean limit, const int part[4])
{
  double min = 0, max = 0, error = 0, v[3], t[3];
  gboolean stretch = is (s->f->response, "stretch", "clamp");

  if (stretch)
    find_range (s, e, part, &min, &max, &error);
  for (int y = 0; y < e->height; y++)
    for (int x = 0; x < e->width; x++)
      {
        double *pixel = e->value + ((gsize) y * e->width + x) * e->channels;
        double *tolerance = e->tolerance + ((gsize) y * e->width + x) * e->channels;

        if (s->picture->has_alpha)
          tolerance[s->picture->colours] = 32 * FLT_EPSILON;
        if (!window_at (s, e, x, y, pixel, v, t))
          continue;
        for (int i = 0; i < s->values; i++)
          {
            /* The ends of the range are results too, with errors of their own. */
            if (stretch)
              t[i] = (t[i] + 3 * error) / (max - min) + 8 * FLT_EPSILON;
            place (s, i, respond (s, v[i], min, max), t[i] + FLT_EPSILON, pixel, tolerance);
          }
        for (int c = 0; c < s->picture->colours && limit; c++)
          pixel[c] = CLAMP (pixel[c], 0, 1);
      }
}

Expected
expect (const Filter *f, int filter, const Picture *picture, gboolean limit, const int part[4])
{
  State s = { .f = f, .kernel = f->kernel, .picture = picture, .conv = make_conv (f) };
  const OracleConv *c = &s.conv;
  Expected e = {
    .width = oracle_positions (picture->width, c->left, c->right, c->kernel_width, c->stride_x,
                               c->dilation_x),
    .height = oracle_positions (picture->height, c->top, c->bottom, c->kernel_height, c->stride_y,
                                c->dilation_y),
    .channels = picture_channels (picture),
    .left = c->dilation_x * (c->kernel_width - 1) / 2 - c->left,
    .top = c->dilation_y * (c->kernel_height - 1) / 2 - c->top,
  };
  gsize results = (gsize) e.width * e.height;

  s.channels = f->channels ? f->channels : "each";
  s.values = is (s.channels, "each", "each") ? picture->colours : 1;
  s.premultiply = picture->has_alpha && !is (s.channels, "alpha", "each");
  s.result = g_new (double, results *s.values);
  s.size = g_new (double, results *s.values);
  s.alpha = g_new (double, results);
  s.alpha_size = g_new (double, results);
  e.value = g_new0 (double, results *e.channels);
  e.tolerance = g_new0 (double, results *e.channels);
  convolve_all (&s, filter, results);
  finish (&s, &e, limit, part);
  if (part)
    crop (&e, c, part);
  g_free (s.result);
  g_free (s.size);
  g_free (s.alpha);
  g_free (s.alpha_size);
  return e;
}
