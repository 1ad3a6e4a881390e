/* conv2d.c: creates convolutions: checks their options, chooses how they run, and runs them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/ops/conv2d-private.h"
#include "filters/ops/weights.h"

#include <string.h>

#include "filters/core/error.h"
#include "filters/ops/factor.h"

/* Two passes move every sample through the cache once more, and win above 3×3. On 4096×3072
   pixels, RGBA and gray, 3×3 in one pass and in two takes 14.2 and 3.2, 15.2 and 3.8 ms (AVX2), or
   11.7 and 2.2, 13.4 and 2.9 (AVX-512); in plain C 50 and 14.8, 55 and 12.0. */
static gboolean
two_passes_pay (int height, int width)
{
  return height >= 3 && width >= 3 && height * width > 9;
}

static gboolean
check (const CnConv2dOptions *o, GError **error)
{
  if (!cn_in_range (o->kernel_height, 1, CN_KERNEL_MAX, "The kernel's height", error)
      || !cn_in_range (o->kernel_width, 1, CN_KERNEL_MAX, "The kernel's width", error)
      || !cn_in_range (o->stride_y, 1, CN_STRIDE_MAX, "The vertical stride", error)
      || !cn_in_range (o->stride_x, 1, CN_STRIDE_MAX, "The horizontal stride", error)
      || !cn_in_range (o->dilation_y, 1, CN_STRIDE_MAX, "The vertical dilation", error)
      || !cn_in_range (o->dilation_x, 1, CN_STRIDE_MAX, "The horizontal dilation", error)
      || !cn_in_range (o->in_channels, 1, G_MAXINT, "The number of input channels", error)
      || !cn_in_range (o->out_channels, 1, G_MAXINT, "The number of filters", error)
      || !cn_in_range (o->groups, 1, G_MAXINT, "The number of groups", error)
      || !cn_padding_check (&o->padding, CN_PADDING_SAME, error)
      || !cn_in_range (o->border, 0, CN_BORDER_WRAP, "The border", error)
      || !cn_in_range (o->activation.kind, 0, CN_ACTIVATIONS - 1, "The activation", error))
    return FALSE;
  if (o->in_channels % o->groups || o->out_channels % o->groups)
    {
      cn_set_error (error, CN_ERROR_ARGUMENT,
                    "%d input channels and %d filters do not divide into %d groups", o->in_channels,
                    o->out_channels, o->groups);
      return FALSE;
    }
  return TRUE;
}

gboolean
cn_conv2d_can_accumulate (const CnConv2dOptions *o)
{
  int groups = MAX (o->groups, 1);

  return o->kernel_height == 1 && o->kernel_width == 1
         && (o->in_channels / groups > 1 || o->out_channels / groups > 2);
}

static gboolean
take_weights (CnConv2d *conv, const float *weights, gsize kernels, gsize taps, GError **error)
{
  const CnConv2dOptions *o = &conv->options;
  gboolean borrow = o->borrow && !o->flip;

  if (!cn_weights_allocate (kernels, taps, o->out_channels, borrow ? NULL : &conv->own, &conv->bias,
                            error))
    return FALSE;
  for (gsize k = 0; k < kernels && !borrow; k++)
    for (gsize t = 0; t < taps; t++)
      conv->own[k * taps + t] = weights[k * taps + (o->flip ? taps - 1 - t : t)];
  conv->weights = borrow ? weights : conv->own;
  return TRUE;
}

/* Factors for every kernel, or none at all. */
static void
find_factors (CnConv2d *conv, gsize taps)
{
  const CnConv2dOptions *o = &conv->options;
  int length = o->kernel_height + o->kernel_width;

  if (o->groups != o->in_channels || o->method == CN_CONV2D_DENSE || o->method == CN_CONV2D_FFT
      || (o->method == CN_CONV2D_AUTO
          && (!two_passes_pay (o->kernel_height, o->kernel_width)
              || cn_conv2d_has_plane_primitive (conv))))
    return;
  conv->factors = g_try_new (float, (gsize) o->out_channels *length);
  for (int c = 0; c < o->out_channels && conv->factors; c++)
    {
      float *column = conv->factors + (gsize) c * length;

      if (!cn_factor (conv->weights + c * taps, o->kernel_height, o->kernel_width, column,
                      column + o->kernel_height))
        g_clear_pointer (&conv->factors, g_free);
    }
}

/* Makes the copy of the weights that the fastest method for layers takes, if it may. */
static void
prepare_layer (CnConv2d *conv)
{
  const CnConv2dOptions *o = &conv->options;
  gsize most = o->memory_max > 0 ? o->memory_max : G_MAXSIZE;

  if ((o->method == CN_CONV2D_WINOGRAD ? cn_conv2d_winograd_can (o)
       : o->method == CN_CONV2D_AUTO   ? cn_conv2d_winograd_pays (o)
                                       : FALSE)
      && cn_conv2d_winograd_memory (conv) <= most)
    cn_conv2d_winograd_prepare (conv);
  else if (o->method == CN_CONV2D_AUTO && !conv->shared && !conv->factors
           && cn_conv2d_pixels_pay (o) && cn_conv2d_pixels_memory (conv) <= most)
    cn_conv2d_pixels_prepare (conv);
}

CnConv2d *
cn_conv2d_new (const CnConv2dOptions *options, const float *weights, const float *bias,
               GError **error)
{
  g_autoptr (CnConv2d) conv = g_new0 (CnConv2d, 1);
  CnConv2dOptions *o = &conv->options;
  gsize taps, kernels;

  *o = *options;
  cn_one_for_zero (&o->groups);
  cn_one_for_zero (&o->stride_y);
  cn_one_for_zero (&o->stride_x);
  cn_one_for_zero (&o->dilation_y);
  cn_one_for_zero (&o->dilation_x);
  if (!check (o, error))
    return NULL;
  g_return_val_if_fail (!o->accumulate || cn_conv2d_can_accumulate (o), NULL);

  taps = (gsize) o->kernel_height * o->kernel_width;
  kernels = (gsize) o->out_channels * (o->in_channels / o->groups);
  if (!take_weights (conv, weights, kernels, taps, error))
    return NULL;
  if (bias)
    memcpy (conv->bias, bias, o->out_channels * sizeof (float));

  cn_windows (o->kernel_height, o->kernel_width, o->stride_y, o->stride_x, o->dilation_y,
              o->dilation_x, &o->padding, &conv->y, &conv->x);
  conv->shared = o->groups == o->in_channels && o->out_channels == o->in_channels
                 && cn_kernels_alike (conv->weights, conv->bias, o->out_channels, taps);
  find_factors (conv, taps);
  prepare_layer (conv);
  if (o->method == CN_CONV2D_FFT || (o->method == CN_CONV2D_AUTO && cn_conv2d_fft_pays (conv)))
    cn_conv2d_fft_prepare (conv);
  return g_steal_pointer (&conv);
}

void
cn_conv2d_free (CnConv2d *conv)
{
  if (!conv)
    return;
  g_free (conv->own);
  g_free (conv->bias);
  g_free (conv->factors);
  g_free (conv->winograd);
  g_free (conv->turned);
  cn_conv2d_fft_free (conv->fft);
  g_free (conv);
}

gsize
cn_conv2d_memory (const CnConv2d *conv)
{
  const CnConv2dOptions *o = &conv->options;
  gsize weights = cn_float_bytes (o->out_channels, o->in_channels / o->groups, o->kernel_height,
                                  o->kernel_width);
  gsize factors = cn_float_bytes (o->out_channels, o->kernel_height + o->kernel_width, 1, 1);

  return (conv->own ? weights : 0) + cn_float_bytes (o->out_channels, 1, 1, 1)
         + (conv->factors ? factors : 0) + (conv->winograd ? cn_conv2d_winograd_memory (conv) : 0)
         + (conv->turned ? cn_conv2d_pixels_memory (conv) : 0)
         + (conv->fft ? cn_conv2d_fft_memory (conv) : 0);
}

gboolean
cn_conv2d_floors_only (const CnConv2d *conv)
{
  CnActivationKind kind = conv->options.activation.kind;

  return kind == CN_ACTIVATION_IDENTITY || kind == CN_ACTIVATION_RELU;
}

int
cn_conv2d_terms (const CnConv2dOptions *o)
{
  return o->in_channels / o->groups * o->kernel_height * o->kernel_width;
}

void
cn_conv2d_windows (const CnConv2d *conv, CnWindow *y, CnWindow *x)
{
  *y = conv->y;
  *x = conv->x;
}

gboolean
cn_conv2d_output_size (const CnConv2d *conv, int height, int width, int *out_height, int *out_width,
                       GError **error)
{
  *out_height = cn_window_positions (&conv->y, height, "height", error);
  if (*out_height == 0)
    return FALSE;
  *out_width = cn_window_positions (&conv->x, width, "width", error);
  return *out_width > 0;
}

CnTiled
cn_conv2d_tiled (const CnConv2d *conv, int pixel)
{
  CnTiled tiled = {
    .op = conv,
    .planes = conv->options.out_channels / pixel,
    .pixel = pixel,
    .border = conv->options.border,
    .reach = cn_conv2d_reach,
    .scratch = cn_conv2d_scratch,
    .work = cn_conv2d_work,
  };

  if (conv->fft)
    cn_conv2d_fft (&tiled);
  return tiled;
}

/* How tensors like `input` are convolved tile by tile. */
static CnTiled
way (const CnConv2d *conv, const CnTensor *input)
{
  gboolean planar = input->layout == CN_LAYOUT_NCHW;
  CnTiled tiled = cn_conv2d_tiled (conv, planar ? 1 : conv->options.out_channels);

  if (conv->fft)
    return tiled;
  if (planar && cn_conv2d_is_depthwise (conv))
    cn_conv2d_depthwise (&tiled);
  else if (cn_conv2d_is_dense (conv))
    cn_conv2d_dense (&tiled);
  return tiled;
}

gboolean
cn_conv2d_forward (const CnConv2d *conv, const CnTensor *input, const CnTensor *output,
                   const CnRun *run, GError **error)
{
  const CnConv2dOptions *o = &conv->options;
  CnTensor folded_input = *input, folded_output = *output;
  CnTiled tiled;
  CnRect area = { 0 };

  if (input->channels != o->in_channels)
    {
      cn_set_error (error, CN_ERROR_SHAPE, "The input has %d channels, and the kernel takes %d",
                    input->channels, o->in_channels);
      return FALSE;
    }
  if (!cn_conv2d_output_size (conv, input->height, input->width, &area.height, &area.width, error)
      || !cn_tensor_check (output, "The convolution's output", input->layout, input->n,
                           o->out_channels, area.height, area.width, error))
    return FALSE;
  if (cn_conv2d_is_strided_point (conv, input, output))
    return cn_conv2d_strided_point (conv, input, output, run, error);
  if (cn_conv2d_pixels_can (conv, output))
    return cn_conv2d_pixels_run (conv, input, output, run, error);
  if (conv->winograd && !conv->fft)
    return cn_conv2d_winograd (conv, input, output, run, error);
  if (cn_conv2d_has_small_planes (conv, output))
    return cn_conv2d_small_planes (conv, input, output, run, error);
  tiled = way (conv, input);
  cn_conv2d_dense_fold (conv, &folded_input, &folded_output);
  return cn_tiles_run_batch (&tiled, &folded_input, &folded_output, run, error);
}
