/* convolve.c: prepares a kernel for a picture, and runs it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/kernels/convolve-private.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "filters/core/error.h"

static gboolean
check (const CnConvolveOptions *o, const CnKernel *kernel, int colours, gboolean has_alpha,
       GError **error)
{
  static const char *const names[] = { [CN_CHANNELS_RED] = "red",
                                       [CN_CHANNELS_GREEN] = "green",
                                       [CN_CHANNELS_BLUE] = "blue" };

  if (o->divisor == 0)
    g_set_error_literal (error, CN_ERROR, CN_ERROR_ARGUMENT, "The divisor is zero");
  else if (!isfinite (o->divisor))
    g_set_error_literal (error, CN_ERROR, CN_ERROR_ARGUMENT, "The divisor is not a number");
  else if (!isfinite (o->bias))
    g_set_error_literal (error, CN_ERROR, CN_ERROR_ARGUMENT, "The bias is not a number");
  else if (o->channels == CN_CHANNELS_ALPHA && !has_alpha)
    g_set_error_literal (error, CN_ERROR, CN_ERROR_ARGUMENT,
                         "The alpha channel was chosen, and the picture has none");
  else if (colours == 1 && o->channels >= CN_CHANNELS_RED && o->channels <= CN_CHANNELS_BLUE)
    g_set_error (error, CN_ERROR, CN_ERROR_ARGUMENT,
                 "The %s channel was chosen, and the picture is gray", names[o->channels]);
  else if (o->channels == CN_CHANNELS_SUM && kernel->planes != 1 && kernel->planes != colours)
    g_set_error (error, CN_ERROR, CN_ERROR_SHAPE,
                 "The kernel has %d planes, and the picture %d colour channels", kernel->planes,
                 colours);
  else if (o->channels != CN_CHANNELS_SUM && kernel->planes != 1)
    g_set_error (error, CN_ERROR, CN_ERROR_SHAPE,
                 "The kernel has %d planes, which only the sum over channels takes",
                 kernel->planes);
  else
    return TRUE;
  return FALSE;
}

/* Which channels go into the convolution, and which come out. */
static void
choose_channels (CnConvolve *self)
{
  self->premultiplied = self->has_alpha && self->options.channels != CN_CHANNELS_ALPHA;
  switch (self->options.channels)
    {
    case CN_CHANNELS_EACH:
      self->inputs = self->outputs = self->colours;
      break;
    case CN_CHANNELS_SUM:
      self->inputs = self->colours;
      self->outputs = 1;
      break;
    default:
      self->inputs = self->outputs = 1;
      break;
    }
  self->inputs += self->premultiplied;
  self->outputs += self->premultiplied;
}

static gboolean
wants_alpha_filtered (const CnConvolve *self)
{
  gboolean whole = self->options.channels == CN_CHANNELS_EACH
                   || self->options.channels == CN_CHANNELS_SUM;

  switch (self->options.alpha)
    {
    case CN_ALPHA_FILTER:
      return TRUE;
    case CN_ALPHA_KEEP:
      return FALSE;
    default:
      return whole && !self->zero_sum;
    }
}

/* The weights of the convolution, outputs × (inputs / groups) × taps: the kernel's for colours, and
   for alpha their sum over the planes, or their absolute values when that sum is zero. */
static float *
make_weights (CnConvolve *self, const CnKernel *kernel, int filter, gsize taps)
{
  gboolean sum = self->options.channels == CN_CHANNELS_SUM;
  int group_in = sum ? self->inputs : 1;
  int colours_out = self->outputs - self->premultiplied;
  int planes = sum ? self->colours : 1;
  const float *from = kernel->weights + (gsize) filter * kernel->planes * taps;
  float *weights = g_new0 (float, self->outputs *group_in *taps);
  float *alpha = weights + (gsize) (self->outputs * group_in - 1) * taps;
  double total = 0, size = 0;

  for (int o = 0; o < colours_out; o++)
    for (int p = 0; p < planes; p++)
      for (gsize t = 0; t < taps; t++)
        weights[(o * group_in + p) * taps + t]
            = (float) (from[(kernel->planes > 1 ? p : 0) * taps + t] / self->options.divisor);

  for (int p = 0; p < planes; p++)
    for (gsize t = 0; t < taps; t++)
      {
        total += weights[p * taps + t];
        size += fabsf (weights[p * taps + t]);
      }
  self->zero_sum = fabs (total) <= planes * taps * FLT_EPSILON * size;
  self->filter_alpha = wants_alpha_filtered (self);
  self->noise = (float) (planes * taps * FLT_EPSILON * size);
  if (!self->premultiplied)
    return weights;

  for (gsize t = 0; t < taps; t++)
    for (int p = 0; p < planes; p++)
      {
        float weight = weights[p * taps + t];

        alpha[t] += self->zero_sum && self->filter_alpha ? fabsf (weight) : weight;
      }
  return weights;
}

/* Convolves a flat alpha of 1, in the very order of additions that pictures go through. */
static gboolean
measure_flat (CnConvolve *self, const CnKernel *kernel, GError **error)
{
  int height = kernel->height, width = kernel->width, dilation = self->options.dilation;
  int in_height = dilation * (height - 1) + 1, in_width = dilation * (width - 1) + 1;
  CnTiled tiled = cn_conv2d_tiled (self->conv, self->outputs);
  g_autoptr (CnTensor) flat
      = cn_tensor_new (CN_LAYOUT_NHWC, 1, self->inputs, in_height, in_width, error);
  g_autofree float *result = g_new0 (float, self->outputs);
  CnWindow y, x;
  CnRect one = { 0, 0, 1, 1 };
  CnRun run = { .threads = 1 };
  CnSource source = { .width = in_width, .height = in_height };
  CnSink sink = { .memory = cn_view_packed (result, 1, self->outputs, 1, 1) };

  if (!flat)
    return FALSE;
  for (gsize i = 0; i < cn_view_floats (1, self->inputs, in_height, in_width); i++)
    flat->data[i] = 1;
  tiled.border = CN_BORDER_REPLICATE;
  cn_conv2d_windows (self->conv, &y, &x);
  source.memory = cn_tensor_view (flat, 0);
  if (!cn_tiles_run (&tiled, &source, &sink, &one, &run, error))
    return FALSE;
  self->sum = result[self->outputs - 1];
  return TRUE;
}

CnConvolve *
cn_convolve_new (const CnConvolveOptions *options, const CnKernel *kernel, int filter, int colours,
                 gboolean has_alpha, GError **error)
{
  g_autoptr (CnConvolve) self = g_new0 (CnConvolve, 1);
  gsize taps = (gsize) kernel->height * kernel->width;
  g_autofree float *weights = NULL;
  CnConv2dOptions conv = {
    .kernel_height = kernel->height,
    .kernel_width = kernel->width,
    .stride_y = options->stride,
    .stride_x = options->stride,
    .dilation_y = options->dilation,
    .dilation_x = options->dilation,
    .padding = options->padding,
    .border = options->border,
    .flip = options->flip,
  };

  self->options = *options;
  self->colours = colours;
  self->has_alpha = has_alpha;
  if (!check (options, kernel, colours, has_alpha, error))
    return NULL;
  choose_channels (self);
  weights = make_weights (self, kernel, filter, taps);
  conv.in_channels = self->inputs;
  conv.out_channels = self->outputs;
  conv.groups = options->channels == CN_CHANNELS_SUM ? 1 : self->inputs;
  self->conv = cn_conv2d_new (&conv, weights, NULL, error);
  if (!self->conv || (self->premultiplied && !measure_flat (self, kernel, error)))
    return NULL;
  return g_steal_pointer (&self);
}

void
cn_convolve_free (CnConvolve *self)
{
  if (!self)
    return;
  cn_conv2d_free (self->conv);
  g_free (self);
}

static gboolean
keeps_size (const CnWindow *window)
{
  return window->stride == 1 && window->before + window->after + 1 == cn_window_extent (window)
         && cn_window_centre (window, 0) == 0;
}

gboolean
cn_convolve_keeps_size (const CnConvolve *self)
{
  CnWindow y, x;

  cn_conv2d_windows (self->conv, &y, &x);
  return keeps_size (&y) && keeps_size (&x);
}

gboolean
cn_convolve_area (const CnConvolve *self, int width, int height, const CnRect *part, CnRect *area,
                  int *left, int *top, GError **error)
{
  CnWindow y, x;
  int out_height, out_width;

  cn_conv2d_windows (self->conv, &y, &x);
  if (!cn_conv2d_output_size (self->conv, height, width, &out_height, &out_width, error))
    return FALSE;
  cn_window_centred (&x, out_width, part->x, part->width, &area->x, &area->width);
  cn_window_centred (&y, out_height, part->y, part->height, &area->y, &area->height);
  if (area->width == 0 || area->height == 0)
    {
      g_set_error (error, CN_ERROR, CN_ERROR_SHAPE,
                   "No window of the kernel has its centre in the %d×%d pixels that are selected",
                   part->width, part->height);
      return FALSE;
    }
  *left = cn_window_centre (&x, area->x);
  *top = cn_window_centre (&y, area->y);
  return TRUE;
}

/* Progress of one of two runs over the picture. */
typedef struct
{
  const CnRun *run;
  double from;
} Half;

static void
half_progress (double fraction, gpointer data)
{
  const Half *half = data;

  if (half->run->progress)
    half->run->progress (half->from + fraction / 2, half->run->progress_data);
}

gboolean
cn_convolve_run (const CnConvolve *self, const CnSource *source, const CnSink *sink,
                 const CnRect *area, const CnRun *run, GError **error)
{
  CnConvolveRun state = { .convolve = self,
                          .width = source->width,
                          .height = source->height,
                          .min = INFINITY,
                          .max = -INFINITY };
  CnBorder border = self->options.border;
  CnTiled tiled = {
    .op = &state,
    .planes = 1,
    .pixel = self->colours + self->has_alpha,
    .border = border == CN_BORDER_ZERO && self->premultiplied ? CN_BORDER_REPLICATE : border,
    .reach = cn_convolve_reach,
    .scratch = cn_convolve_scratch,
    .work = cn_convolve_work,
  };
  CnSink nowhere = { 0 };
  Half half = { .run = run };
  CnRun part = *run;
  gboolean fine;

  cn_conv2d_windows (self->conv, &state.y, &state.x);
  if (self->options.response != CN_RESPONSE_STRETCH)
    return cn_tiles_run (&tiled, source, sink, area, run, error);

  g_mutex_init (&state.mutex);
  part.progress = half_progress;
  part.progress_data = &half;
  state.measure = TRUE;
  fine = cn_tiles_run (&tiled, source, &nowhere, area, &part, error);
  state.measure = FALSE;
  half.from = 0.5;
  fine = fine && cn_tiles_run (&tiled, source, sink, area, &part, error);
  g_mutex_clear (&state.mutex);
  return fine;
}
