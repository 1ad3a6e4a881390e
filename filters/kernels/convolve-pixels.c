/* convolve-pixels.c: the pixels of one tile: from the picture's channels to those that are
 * convolved, and from the convolution's results back to a picture.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/kernels/convolve-private.h"

#include <math.h>
#include <string.h>

#include "filters/kernels/alpha.h"
#include "filters/primitives/primitives.h"

CnRect
cn_convolve_reach (gconstpointer op, const CnRect *out)
{
  const CnConvolveRun *run = op;

  return cn_conv2d_tiled (run->convolve->conv, 1).reach (run->convolve->conv, out);
}

void
cn_convolve_size (gconstpointer op, const CnRect *area, int *width, int *height)
{
  const CnConvolveRun *run = op;

  cn_conv2d_tiled (run->convolve->conv, 1).size (run->convolve->conv, area, width, height);
}

/* Whether the picture's pixels can be convolved as they are. */
static gboolean
direct (const CnConvolve *self)
{
  return !self->has_alpha && self->inputs == self->colours
         && self->options.channels != CN_CHANNELS_LUMINANCE;
}

gsize
cn_convolve_scratch (gconstpointer op, const CnRect *out)
{
  const CnConvolveRun *run = op;
  const CnConvolve *self = run->convolve;
  CnRect in = cn_convolve_reach (op, out);

  return (direct (self) ? 0 : cn_view_floats (1, self->inputs, in.height, in.width))
         + cn_view_floats (1, self->outputs, out->height, out->width)
         + cn_conv2d_tiled (self->conv, 1).scratch (self->conv, out);
}

static float
luminance (const CnConvolve *self, const float *pixel)
{
  const double *w = self->options.luminance;

  if (self->colours == 1)
    return pixel[0];
  return (float) (w[0] * pixel[0] + w[1] * pixel[1] + w[2] * pixel[2]);
}

/* The channels that are convolved, for one pixel; outside of a picture with a zero border,
   `light` is 0. */
static void
prepare_pixel (const CnConvolve *self, const float *pixel, float light, float *inputs)
{
  float alpha = self->has_alpha ? pixel[self->colours] : 1;
  float weight = self->premultiplied ? alpha * light : 1;

  if (self->premultiplied)
    inputs[self->inputs - 1] = alpha;
  if (weight == 0) /* not even a NaN of a hidden colour counts */
    {
      memset (inputs, 0, (self->inputs - 1) * sizeof (float));
      return;
    }
  switch (self->options.channels)
    {
    case CN_CHANNELS_EACH:
    case CN_CHANNELS_SUM: /* all of the pixel, which prepare() leaves to others */
      break;
    case CN_CHANNELS_RED:
    case CN_CHANNELS_GREEN:
    case CN_CHANNELS_BLUE:
      inputs[0] = pixel[self->options.channels - CN_CHANNELS_RED] * weight;
      break;
    case CN_CHANNELS_LUMINANCE:
      inputs[0] = luminance (self, pixel) * weight;
      break;
    case CN_CHANNELS_ALPHA:
      inputs[0] = alpha;
      break;
    }
}

static void
prepare (const CnConvolveRun *run, const CnTile *tile, const CnView *to)
{
  const CnConvolve *self = run->convolve;
  gboolean dark = self->options.border == CN_BORDER_ZERO;

  if (self->inputs == self->colours + 1)
    {
      cn_alpha_premultiply (tile, self->colours, dark, run->width, run->height, to);
      return;
    }
  for (int y = 0; y < tile->in.height; y++)
    {
      const float *pixel = cn_view_at (&tile->from, 0, y).data;
      float *inputs = cn_view_at (to, 0, y).data;
      int at_y = tile->in.y + y;
      gboolean outside = at_y < 0 || at_y >= run->height;

      for (int x = 0; x < tile->in.width; x++)
        {
          int at_x = tile->in.x + x;

          prepare_pixel (self, pixel, dark && (outside || at_x < 0 || at_x >= run->width) ? 0 : 1,
                         inputs);
          pixel += tile->from.pixel;
          inputs += to->pixel;
        }
    }
}

/* Cuts to 0 … 1; NaN becomes 0. */
static float
limit (float value)
{
  return value > 0 ? MIN (value, 1) : 0;
}

/* The factor that turns the convolution's premultiplied colours into straight ones, 0 where there
   is none; and the result's alpha. */
static float
straighten (const CnConvolve *self, float convolved, float *alpha)
{
  float before = *alpha;
  gboolean gone = fabsf (convolved) <= self->noise || !(convolved / self->sum > 0);
  gboolean opaque = fabsf (convolved - self->sum) <= self->noise;

  if (self->zero_sum && !self->filter_alpha)
    return before > 0 ? 1 / before : 0;
  if (self->filter_alpha)
    *alpha = gone ? 0 : opaque ? 1 : limit (convolved / self->sum);
  return gone ? 0 : opaque ? 1 : self->sum / convolved;
}

static float
respond (const CnConvolveRun *run, float value)
{
  switch (run->convolve->options.response)
    {
    case CN_RESPONSE_ABSOLUTE:
      return fabsf (value);
    case CN_RESPONSE_OFFSET:
      return value + 0.5f;
    case CN_RESPONSE_STRETCH:
      return run->max > run->min ? (value - run->min) / (run->max - run->min) : 0;
    case CN_RESPONSE_CLAMP:
      break;
    }
  return value;
}

/* Puts the `n` values of the map into the channels of `pixel`, which holds the picture's. */
static void
place_values (const CnConvolve *self, const float *values, float *pixel)
{
  CnChannels channels = self->options.channels;
  float shift;

  switch (channels)
    {
    case CN_CHANNELS_EACH:
      memcpy (pixel, values, self->colours * sizeof (float));
      break;
    case CN_CHANNELS_SUM:
      for (int c = 0; c < self->colours; c++)
        pixel[c] = values[0];
      break;
    case CN_CHANNELS_LUMINANCE:
      shift = values[0] - luminance (self, pixel);
      for (int c = 0; c < self->colours; c++)
        pixel[c] += shift;
      break;
    case CN_CHANNELS_ALPHA:
      pixel[self->colours] = limit (values[0]);
      break;
    default:
      pixel[channels - CN_CHANNELS_RED] = values[0];
      break;
    }
}

/* One pixel of the result, from what was convolved and the picture's pixel at the window's centre.
   Adds to the range [min, max] of the map's values. */
static void
finish_pixel (const CnConvolveRun *run, const float *convolved, const float *picture, float *pixel,
              float *min, float *max)
{
  const CnConvolve *self = run->convolve;
  int values_count = self->outputs - self->premultiplied;
  int channels = self->colours + self->has_alpha;
  float values[3], scale = 1;

  for (int c = 0; c < channels; c++)
    pixel[c] = picture[c];
  if (self->premultiplied)
    scale = straighten (self, convolved[values_count], &pixel[self->colours]);
  if (scale == 0)
    return;

  for (int i = 0; i < values_count; i++)
    values[i] = convolved[i] * scale + (float) self->options.bias;
  cn_activation_apply (&self->options.activation, values, values_count);
  for (int i = 0; i < values_count; i++)
    {
      if (isfinite (values[i]) && !(self->premultiplied && pixel[self->colours] == 0))
        {
          *min = MIN (*min, values[i]);
          *max = MAX (*max, values[i]);
        }
      if (!run->measure) /* the range is not known yet, and other threads are at it */
        values[i] = respond (run, values[i]);
    }
  place_values (self, values, pixel);
  for (int c = 0; c < self->colours && self->options.limit; c++)
    pixel[c] = limit (pixel[c]);
}

/* Whether each channel of a result is made of its own channel by what the vectors of
   finish_line() can do. */
static gboolean
is_plain (const CnConvolveRun *run)
{
  const CnConvolveOptions *options = &run->convolve->options;

  return options->channels == CN_CHANNELS_EACH && options->activation.kind == CN_ACTIVATION_IDENTITY
         && options->response != CN_RESPONSE_STRETCH && run->x.stride == 1;
}

/* `n` pixels of the result, as finish_pixel() makes them where is_plain(). */
static void
finish_line (const CnConvolve *self, const float *convolved, const float *picture, float *result,
             gsize n)
{
  const CnConvolveOptions *options = &self->options;
  const CnUnpremultiplication u = {
    .src = convolved,
    .picture = picture,
    .dst = result,
    .pixel = self->colours + 1,
    .n = n,
    .sum = self->sum,
    .noise = self->noise,
    .own = self->zero_sum && !self->filter_alpha,
    .filter = self->filter_alpha,
    .bias = (float) options->bias,
    .offset = options->response == CN_RESPONSE_OFFSET ? 0.5f : 0,
    .absolute = options->response == CN_RESPONSE_ABSOLUTE,
    .limit = options->limit,
  };

  if (self->premultiplied)
    {
      cn_primitives ()->unpremultiply (&u);
      return;
    }
  for (gsize i = 0; i < n * self->colours; i++)
    result[i] = convolved[i] + u.bias;
  for (gsize i = 0; i < n * self->colours && u.absolute; i++)
    result[i] = fabsf (result[i]);
  for (gsize i = 0; i < n * self->colours && u.offset != 0; i++)
    result[i] += u.offset;
  for (gsize i = 0; i < n * self->colours && u.limit; i++)
    result[i] = limit (result[i]);
}

static void
finish (CnConvolveRun *run, const CnTile *tile, const CnView *convolved)
{
  gboolean plain = is_plain (run);
  int left = cn_window_centre (&run->x, tile->out.x) - tile->in.x;
  int top = cn_window_centre (&run->y, tile->out.y) - tile->in.y;
  float min = INFINITY, max = -INFINITY;

  for (int y = 0; y < tile->out.height; y++)
    {
      const float *picture = cn_view_at (&tile->from, left, top + y * run->y.stride).data;
      const float *from = cn_view_at (convolved, 0, y).data;
      float *to = cn_view_at (&tile->to, 0, y).data;

      if (plain)
        finish_line (run->convolve, from, picture, to, tile->out.width);
      for (int x = 0; x < tile->out.width && !plain; x++)
        {
          finish_pixel (run, from, picture, to, &min, &max);
          picture += run->x.stride * tile->from.pixel;
          from += convolved->pixel;
          to += tile->to.pixel;
        }
    }
  if (!run->measure)
    return;
  g_mutex_lock (&run->mutex);
  run->min = MIN (run->min, min);
  run->max = MAX (run->max, max);
  g_mutex_unlock (&run->mutex);
}

void
cn_convolve_work (gconstpointer op, const CnTile *tile)
{
  CnConvolveRun *run = (CnConvolveRun *) op; /* the range is found while it runs */
  const CnConvolve *self = run->convolve;
  CnTiled conv = cn_conv2d_tiled (self->conv, self->outputs);
  CnTile inner = *tile;

  if (!direct (self))
    {
      inner.from = cn_view_packed (inner.scratch, 1, self->inputs, tile->in.height, tile->in.width);
      inner.scratch += inner.from.plane;
      prepare (run, tile, &inner.from);
    }
  inner.to = cn_view_packed (inner.scratch, 1, self->outputs, tile->out.height, tile->out.width);
  inner.scratch += inner.to.plane;
  inner.stream = FALSE; /* it is read at once */
  conv.work (self->conv, &inner);
  finish (run, tile, &inner.to);
}
