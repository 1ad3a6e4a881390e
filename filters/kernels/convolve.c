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
  static const char *const names[] = {
    [CN_CHANNELS_RED] = "red", [CN_CHANNELS_GREEN] = "green", [CN_CHANNELS_BLUE] = "blue"
  };

  if (o->divisor == 0)
    cn_set_error (error, CN_ERROR_ARGUMENT, "The divisor is zero");
  else if (!isfinite (o->divisor))
    cn_set_error (error, CN_ERROR_ARGUMENT, "The divisor is not a number");
  else if (!isfinite (o->bias + kernel->bias))
    cn_set_error (error, CN_ERROR_ARGUMENT, "The bias is not a number");
  else if (o->channels == CN_CHANNELS_ALPHA && !has_alpha)
    cn_set_error (error, CN_ERROR_ARGUMENT,
                  "The alpha channel was chosen, and the picture has none");
  else if (colours == 1 && o->channels >= CN_CHANNELS_RED && o->channels <= CN_CHANNELS_BLUE)
    cn_set_error (error, CN_ERROR_ARGUMENT, "The channel “%s” was chosen, and the picture is gray",
                  names[o->channels]);
  else if (o->channels == CN_CHANNELS_SUM && kernel->planes != 1 && kernel->planes != colours)
    cn_set_error (error, CN_ERROR_SHAPE,
                  "The kernel has %d planes, and the picture %d colour channels", kernel->planes,
                  colours);
  else if (o->channels != CN_CHANNELS_SUM && kernel->planes != 1)
    cn_set_error (error, CN_ERROR_SHAPE,
                  "The kernel has %d planes, which only the sum over channels takes",
                  kernel->planes);
  else
    return TRUE;
  return FALSE;
}

/* Whether channels are added up: of a gray picture there is but one, which goes by itself. */
static gboolean
adds_up (const CnConvolve *self)
{
  return self->options.channels == CN_CHANNELS_SUM && self->colours > 1;
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
  gboolean whole =
      self->options.channels == CN_CHANNELS_EACH || self->options.channels == CN_CHANNELS_SUM;

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
  gboolean sum = adds_up (self);
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
        weights[(o * group_in + p) * taps + t] =
            (float) (from[(kernel->planes > 1 ? p : 0) * taps + t] / self->options.divisor);

  for (int p = 0; p < planes; p++)
    for (gsize t = 0; t < taps; t++)
      {
        total += weights[p * taps + t];
        size += fabsf (weights[p * taps + t]);
      }
  self->zero_sum = fabs (total) <= planes * taps * FLT_EPSILON * size;
  self->filter_alpha = size > 0 && wants_alpha_filtered (self);
  /* The error of a sum p − n is below k · ε · (p + n), where n is at most half of what size and
     total differ by: a sum c is noise if c ≤ k · ε · 2n, and of weights of one sign it never is. */
  self->noise = (float) (planes * taps * FLT_EPSILON * (size - fabs (total)));
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

/* Convolves a flat alpha of 1, in the very order of additions that pictures go through; neither
   dilation nor stride changes that. */
static gboolean
measure_flat (CnConvolve *self, const CnConv2dOptions *options, const float *weights,
              GError **error)
{
  CnConv2dOptions plain = *options;
  g_autoptr (CnConv2d) conv = NULL;
  g_autoptr (CnTensor) flat = NULL, result = NULL;
  CnRun run = { .threads = 1 };

  plain.dilation_y = plain.dilation_x = plain.stride_y = plain.stride_x = 1;
  plain.padding.mode = CN_PADDING_VALID;
  conv = cn_conv2d_new (&plain, weights, NULL, error);
  if (!conv)
    return FALSE;
  flat = cn_tensor_new (CN_LAYOUT_NHWC, 1, self->inputs, plain.kernel_height, plain.kernel_width,
                        error);
  if (!flat)
    return FALSE;
  result = cn_tensor_new (CN_LAYOUT_NHWC, 1, self->outputs, 1, 1, error);
  if (!result)
    return FALSE;
  for (gsize i = 0; i < cn_view_floats (1, flat->channels, flat->height, flat->width); i++)
    flat->data[i] = 1;
  if (!cn_conv2d_forward (conv, flat, result, &run, error))
    return FALSE;
  self->sum = result->data[self->outputs - 1];
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
  self->options.bias += kernel->bias;
  self->colours = colours;
  self->has_alpha = has_alpha;
  if (!check (options, kernel, colours, has_alpha, error))
    return NULL;
  choose_channels (self);
  weights = make_weights (self, kernel, filter, taps);
  conv.in_channels = self->inputs;
  conv.out_channels = self->outputs;
  conv.groups = adds_up (self) ? 1 : self->inputs;
  self->conv = cn_conv2d_new (&conv, weights, NULL, error);
  if (!self->conv || (self->premultiplied && !measure_flat (self, &conv, weights, error)))
    return NULL;
  self->noise = MAX (self->noise, (float) cn_conv2d_noise (self->conv));
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

void
cn_convolve_blocks (const CnConvolve *self, int *height, int *width)
{
  cn_conv2d_blocks (self->conv, height, width);
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
  *area = (CnRect){ 0, 0, out_width, out_height };
  if (part)
    {
      cn_window_centred (&x, out_width, part->x, part->width, &area->x, &area->width);
      cn_window_centred (&y, out_height, part->y, part->height, &area->y, &area->height);
    }
  if (area->width == 0 || area->height == 0)
    {
      cn_set_error (error, CN_ERROR_SHAPE,
                    "No window of the kernel has its centre in the %d×%d pixels that are selected",
                    part->width, part->height);
      return FALSE;
    }
  *left = cn_window_centre (&x, area->x);
  *top = cn_window_centre (&y, area->y);
  return TRUE;
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
    .size = cn_conv2d_tiled (self->conv, 1).size ? cn_convolve_size : NULL,
  };
  CnSink nowhere = { 0 };
  CnRunPart part = { .whole = run, .n = 2 };
  CnRun half = cn_run_part (&part);
  gboolean fine;

  cn_conv2d_windows (self->conv, &state.y, &state.x);
  if (self->options.response != CN_RESPONSE_STRETCH)
    return cn_tiles_run (&tiled, source, sink, area, run, error);

  g_mutex_init (&state.mutex);
  state.measure = TRUE;
  fine = cn_tiles_run (&tiled, source, &nowhere, area, &half, error);
  state.measure = FALSE;
  part.index = 1;
  fine = fine && cn_tiles_run (&tiled, source, sink, area, &half, error);
  g_mutex_clear (&state.mutex);
  return fine;
}
