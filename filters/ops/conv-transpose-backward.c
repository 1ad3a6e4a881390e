/* conv-transpose-backward.c: the gradients of the transposed convolution.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/ops/conv-transpose-private.h"

#include "filters/core/error.h"

/* The adjoint: a convolution with the very same numbers. What it reads behind the output's end is
   zero, as if more had been padded there. */
static gboolean
find_input_gradient (const CnConvTranspose *conv, const CnConvTransposePlan *plan,
                     const CnTensor *output_gradient, const CnTensor *input_gradient,
                     const CnRun *run, GError **error)
{
  const CnConvTransposeOptions *o = &conv->options;
  gsize kernels = (gsize) o->in_channels * (o->out_channels / o->groups), i = 0;
  g_autofree float *weights =
      g_try_malloc (cn_float_bytes (kernels, o->kernel_height, o->kernel_width, 1));
  g_autoptr (CnConv2d) back = NULL;
  CnConv2dOptions options = { .in_channels = o->out_channels,
                              .out_channels = o->in_channels,
                              .groups = o->groups,
                              .kernel_height = o->kernel_height,
                              .kernel_width = o->kernel_width,
                              .stride_y = o->stride_y,
                              .stride_x = o->stride_x,
                              .dilation_y = o->dilation_y,
                              .dilation_x = o->dilation_x,
                              .padding = { .top = plan->top, .left = plan->left },
                              /* Not by Fourier transforms: where only a part of the gradient is
                                 not 0, they would round what is. */
                              .method = CN_CONV2D_TWO_PASS };
  CnTiled tiled;

  if (!weights)
    {
      cn_set_error (error, CN_ERROR_MEMORY, "Not enough memory for the weights' copy");
      return FALSE;
    }
  for (gsize k = 0; k < kernels; k++)
    for (int a = 0; a < o->kernel_height; a++)
      for (int b = 0; b < o->kernel_width; b++)
        weights[i++] = conv->weights[cn_conv_transpose_place (conv, k, a, b)];
  back = cn_conv2d_new (&options, weights, NULL, error);
  if (!back)
    return FALSE;
  tiled = cn_conv2d_tiled (back, output_gradient->layout == CN_LAYOUT_NHWC ? o->in_channels : 1);
  return cn_tiles_run_batch (&tiled, output_gradient, input_gradient, run, error);
}

static const float *
channel_of (const CnView *view, int channel)
{
  return view->pixel > 1 ? view->data + channel : view->data + channel * view->plane;
}

static void
find_bias_gradient (const CnTensor *output_gradient, float *bias)
{
  gsize pixels = (gsize) output_gradient->height * output_gradient->width;

  for (int o = 0; o < output_gradient->channels; o++)
    {
      double sum = 0;

      for (int n = 0; n < output_gradient->n; n++)
        {
          CnView view = cn_tensor_view (output_gradient, n);
          const float *sample = channel_of (&view, o);

          for (gsize i = 0; i < pixels; i++)
            sum += sample[i * view.pixel];
        }
      bias[o] = (float) sum;
    }
}

/* Σ a·b, in lanes of the compiler's choice of instructions and the same order everywhere. */
#define LANES 16

static float
dot (const float *a, const float *b, int n)
{
  float lanes[LANES] = { 0 }, sum = 0;
  int i = 0;

  for (; i + LANES <= n; i += LANES)
    for (int k = 0; k < LANES; k++)
      lanes[k] += a[i + k] * b[i + k];
  for (; i < n; i++)
    lanes[i % LANES] += a[i] * b[i];
  for (int k = 0; k < LANES; k++)
    sum += lanes[k];
  return sum;
}

/* What the sums of weights are made of. */
typedef struct
{
  const CnConvTranspose *conv;
  const CnConvTransposePlan *plan;
  float *phases; /* a row of ∂Z in phases: zeros where there is nothing */
  int length;    /* of a phase */
  float *line;   /* a row of X */
  double *sums;  /* as the weights */
} Weights;

/* Row `row` of a channel of ∂Z: phase p holds what stands at full coordinates p, p + s, …. */
static void
split_row (const Weights *w, const float *row, int pixel)
{
  int stride = w->conv->x.stride;

  for (int p = 0; p < stride; p++)
    for (int q = 0; q < w->length; q++)
      {
        int x = q * stride + p - w->plan->left;

        w->phases[(gsize) p * w->length + q] =
            x >= 0 && x < w->plan->out_width ? row[(gsize) x * pixel] : 0;
      }
}

/* Adds row `full` (a full coordinate) of channel o of ∂Z, split into phases, to the sums of the
   weights that it meets. */
static void
add_row (const Weights *w, const CnView *input, int o, int full)
{
  const CnConvTransposeOptions *options = &w->conv->options;
  const CnPhases *x = &w->conv->x;
  int group_in = options->in_channels / options->groups;
  int group_out = options->out_channels / options->groups;
  int width = w->plan->width;

  for (int a = 0; a < options->kernel_height; a++)
    {
      int at = full - a * options->dilation_y, y = at / options->stride_y;

      if (at < 0 || at % options->stride_y || y >= w->plan->height)
        continue;
      for (int i = o / group_out * group_in; i < (o / group_out + 1) * group_in; i++)
        {
          const float *line = channel_of (input, i) + y * input->row;
          gsize kernel = (gsize) i * group_out + o % group_out;
          double *sums = w->sums + (kernel * options->kernel_height + a) * options->kernel_width;

          if (input->pixel > 1)
            {
              for (int k = 0; k < width; k++)
                w->line[k] = line[(gsize) k * input->pixel];
              line = w->line;
            }
          for (int b = 0; b < x->size; b++)
            sums[b] += dot (line,
                            w->phases + (gsize) (b * x->dilation % x->stride) * w->length
                                + b * x->dilation / x->stride,
                            width);
        }
    }
}

static gboolean
find_weight_gradient (const CnConvTranspose *conv, const CnConvTransposePlan *plan,
                      const CnTensor *input, const CnTensor *output_gradient, float *gradient,
                      GError **error)
{
  const CnConvTransposeOptions *o = &conv->options;
  gsize count =
      (gsize) o->in_channels * (o->out_channels / o->groups) * o->kernel_height * o->kernel_width;
  int length = plan->width + (o->kernel_width - 1) * o->dilation_x / o->stride_x;
  g_autofree double *sums = g_try_new0 (double, count);
  g_autofree float *phases = g_try_new (float, (gsize) length * o->stride_x);
  g_autofree float *line = g_try_new (float, plan->width);
  Weights w = { conv, plan, phases, length, line, sums };

  if (!sums || !phases || !line)
    {
      cn_set_error (error, CN_ERROR_MEMORY, "Not enough memory for the gradient of %zu weights",
                    count);
      return FALSE;
    }
  for (int n = 0; n < input->n; n++)
    {
      CnView from = cn_tensor_view (input, n), back = cn_tensor_view (output_gradient, n);

      for (int channel = 0; channel < o->out_channels; channel++)
        for (int y = 0; y < plan->out_height; y++)
          {
            split_row (&w, channel_of (&back, channel) + y * back.row, back.pixel);
            add_row (&w, &from, channel, y + plan->top);
          }
    }
  for (gsize i = 0; i < count; i++)
    gradient[i] = (float) sums[i];
  return TRUE;
}

gboolean
cn_conv_transpose_backward (const CnConvTranspose *conv, const CnTensor *input,
                            const CnTensor *output_gradient, const CnTensor *input_gradient,
                            float *weight_gradient, float *bias_gradient, const CnRun *run,
                            GError **error)
{
  const CnConvTransposeOptions *o = &conv->options;
  CnConvTransposePlan plan;

  if (o->border != CN_BORDER_ZERO)
    {
      cn_set_error (error, CN_ERROR_ARGUMENT, "There is no gradient of a border that is not zero");
      return FALSE;
    }
  if (!cn_conv_transpose_plan (conv, input->height, input->width, &plan, error)
      || !cn_tensor_check (input, "The input", input->layout, input->n, o->in_channels,
                           input->height, input->width, error)
      || !cn_tensor_check (output_gradient, "The output's gradient", input->layout, input->n,
                           o->out_channels, plan.out_height, plan.out_width, error)
      || (input_gradient
          && !cn_tensor_check (input_gradient, "The input's gradient", input->layout, input->n,
                               o->in_channels, input->height, input->width, error)))
    return FALSE;
  if (bias_gradient)
    find_bias_gradient (output_gradient, bias_gradient);
  if (weight_gradient
      && !find_weight_gradient (conv, &plan, input, output_gradient, weight_gradient, error))
    return FALSE;
  return !input_gradient
         || find_input_gradient (conv, &plan, output_gradient, input_gradient, run, error);
}
