/* upscale.c: prepares a kernel for making a picture larger, and runs it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/kernels/upscale-private.h"

#include <math.h>
#include <string.h>

#include "filters/core/error.h"

/* v[j] of the two-pass form, as the kernel of a transposed convolution of differences: of phase r,
   the weights are w[r + m·s] for the input at q − m; the difference between q − m and q − m − 1
   counts with the sum of the weights on its far side, seen from the centre. */
static gboolean
prepare_axis (CnUpscaleAxis *axis, const double *weights, int k, int stride, int channels,
              gboolean vertical, GError **error)
{
  int taps = k - stride;
  g_autofree float *differences = NULL;
  CnConvTransposeOptions options = { .in_channels = channels,
                                     .out_channels = channels,
                                     .groups = channels,
                                     .kernel_height = vertical ? taps : 1,
                                     .kernel_width = vertical ? 1 : taps,
                                     .stride_y = vertical ? stride : 1,
                                     .stride_x = vertical ? 1 : stride };

  axis->stride = stride;
  for (int r = 0; r < stride; r++)
    for (int m = 0; r + m * stride < k; m++)
      if (weights[r + m * stride] > weights[r + axis->centre[r] * stride])
        axis->centre[r] = m;
  if (taps <= 0)
    return TRUE;
  differences = g_new0 (float, (gsize) taps *channels);
  for (int a = 0; a < taps; a++)
    {
      int r = a % stride, m = a / stride;
      double sum = 0;

      if (m < axis->centre[r])
        for (int i = 0; i <= m; i++)
          sum += weights[r + i * stride];
      else
        for (int i = m + 1; r + i * stride < k; i++)
          sum -= weights[r + i * stride];
      for (int c = 0; c < channels; c++)
        differences[c * taps + a] = (float) sum;
    }
  axis->differences = cn_conv_transpose_new (&options, differences, NULL, error);
  return axis->differences != NULL;
}

CnUpscale *
cn_upscale_new (CnUpscaleKernel kernel, int stride, CnBorder border, int colours,
                gboolean has_alpha, GError **error)
{
  g_autoptr (CnUpscale) self = g_new0 (CnUpscale, 1);
  g_autoptr (CnKernel) matrix = cn_upscale_kernel (kernel, stride, error);
  g_autofree double *weights = NULL;
  int k, channels = colours + has_alpha;
  CnConvTransposeOptions options = { .in_channels = 1,
                                     .out_channels = 1,
                                     .stride_y = stride,
                                     .stride_x = stride,
                                     .padding = { .mode = CN_PADDING_SAME },
                                     .border = border };

  if (!matrix)
    return NULL;
  self->named = TRUE;
  self->colours = colours;
  self->has_alpha = has_alpha;
  self->border = border;
  self->stride_y = self->stride_x = stride;
  options.kernel_height = options.kernel_width = matrix->width;
  self->conv = cn_conv_transpose_new (&options, matrix->weights, NULL, error);
  weights = cn_upscale_weights (kernel, stride, &k);
  if (!self->conv || !prepare_axis (&self->y, weights, k, stride, channels, TRUE, error)
      || !prepare_axis (&self->x, weights, k, stride, channels, FALSE, error))
    return NULL;
  return g_steal_pointer (&self);
}

/* What the kernel's |w| makes of ones, in the very order of additions that pictures go through. */
static gboolean
measure_flat (CnUpscale *self, GError **error)
{
  int stride_y = self->stride_y, stride_x = self->stride_x;
  int channels = self->colours + 1;
  g_autofree float *ones = g_new (float, channels), *result = NULL;
  CnConvTransposePlan plan = { self->conv, 1, 1, stride_y, stride_x, 0, 0 };
  CnTiled tiled = cn_conv_transpose_tiled (&plan, channels);
  CnRect area = { 0, 0, stride_x, stride_y };
  CnSource source = { .width = 1, .height = 1 };
  CnSink sink = { 0 };
  CnRun run = { .threads = 1 };

  for (int c = 0; c < channels; c++)
    ones[c] = 1;
  result = g_new (float, (gsize) stride_y *stride_x *channels);
  source.memory = cn_view_packed (ones, 1, channels, 1, 1);
  sink.memory = cn_view_packed (result, 1, channels, stride_y, stride_x);
  if (!cn_tiles_run (&tiled, &source, &sink, &area, &run, error))
    return FALSE;
  self->flat = g_new (float, (gsize) stride_y *stride_x);
  for (int i = 0; i < stride_y * stride_x; i++)
    self->flat[i] = result[i * channels + self->colours];
  return TRUE;
}

CnUpscale *
cn_upscale_new_kernel (const CnKernel *kernel, const CnConvTransposeOptions *options, int colours,
                       gboolean has_alpha, GError **error)
{
  g_autoptr (CnUpscale) self = g_new0 (CnUpscale, 1);
  CnConvTransposeOptions o = *options;
  int channels = colours + has_alpha;
  gsize taps = (gsize) kernel->height * kernel->width;
  g_autofree float *weights = g_new (float, taps *channels);

  if (kernel->planes != 1)
    {
      g_set_error (error, CN_ERROR, CN_ERROR_SHAPE,
                   "The kernel has %d planes, and upscaling takes one", kernel->planes);
      return NULL;
    }
  if (!cn_in_range (options->stride_y, 0, CN_UPSCALE_USER_STRIDE_MAX, "The vertical stride", error)
      || !cn_in_range (options->stride_x, 0, CN_UPSCALE_USER_STRIDE_MAX, "The horizontal stride",
                       error)
      || !cn_in_range (options->border, 0, CN_BORDER_WRAP, "The border", error))
    return NULL;
  self->colours = colours;
  self->has_alpha = has_alpha;
  self->border = options->border;
  self->stride_y = MAX (options->stride_y, 1); /* zero stands for 1 */
  self->stride_x = MAX (options->stride_x, 1);
  for (int c = 0; c < channels; c++)
    for (gsize t = 0; t < taps; t++)
      weights[c * taps + t] = c < colours ? kernel->weights[t] : fabsf (kernel->weights[t]);
  o.in_channels = o.out_channels = o.groups = channels;
  o.kernel_height = kernel->height;
  o.kernel_width = kernel->width;
  if (has_alpha && o.border == CN_BORDER_ZERO)
    o.border = CN_BORDER_REPLICATE;
  self->conv = cn_conv_transpose_new (&o, weights, NULL, error);
  if (!self->conv || (has_alpha && !measure_flat (self, error)))
    return NULL;
  return g_steal_pointer (&self);
}

void
cn_upscale_free (CnUpscale *self)
{
  if (!self)
    return;
  cn_conv_transpose_free (self->conv);
  cn_conv_transpose_free (self->y.differences);
  cn_conv_transpose_free (self->x.differences);
  g_free (self->flat);
  g_free (self);
}

gboolean
cn_upscale_size (const CnUpscale *self, int height, int width, int *out_height, int *out_width,
                 GError **error)
{
  CnConvTransposePlan plan;

  if (!cn_conv_transpose_plan (self->conv, height, width, &plan, error))
    return FALSE;
  *out_height = plan.out_height;
  *out_width = plan.out_width;
  return TRUE;
}

gboolean
cn_upscale_run (const CnUpscale *self, const CnSource *source, const CnSink *sink, const CnRun *run,
                GError **error)
{
  CnUpscaleRun state = { .self = self };
  CnTiled tiled = {
    .op = &state,
    .planes = 1,
    .pixel = self->colours + self->has_alpha,
    .border =
        self->has_alpha && self->border == CN_BORDER_ZERO ? CN_BORDER_REPLICATE : self->border,
    .reach = cn_upscale_reach,
    .scratch = cn_upscale_scratch,
    .work = cn_upscale_work,
  };
  CnRect area = { 0 };

  if (!cn_conv_transpose_plan (self->conv, source->height, source->width, &state.plan, error))
    return FALSE;
  area.width = state.plan.out_width;
  area.height = state.plan.out_height;
  return cn_tiles_run (&tiled, source, sink, &area, run, error);
}
