/* conv2d-backward.c: the gradients of the convolution.
 *
 * With respect to the input, at stride 1, it is a convolution again: of the output's gradient, by
 * the kernels turned by 180° with inputs and filters exchanged. At other strides it is a product of
 * matrices, each column of which is added to the input's pixels that the window reached. With
 * respect to the weights it is the product of the windows' samples and the output's gradient.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/ops/conv2d-gradient.h"

#include <string.h>

#include "filters/core/error.h"
#include "filters/core/parallel.h"
#include "filters/ops/gemm.h"
#include "filters/primitives/primitives.h"

/* Positions of the window that are worked on at once, so that what belongs to them stays in the
   second-level cache. */
#define POSITIONS 256

float *
cn_conv2d_plane (const CnTensor *t, int n, int channel)
{
  return t->data + ((gsize) n * t->channels + channel) * t->height * t->width;
}

static gboolean
no_memory (const CnConv2dGradient *job, GError **error)
{
  cn_set_error (error, CN_ERROR_MEMORY, "Not enough memory for the gradient of %zu weights",
                (gsize) job->conv->options.out_channels * job->terms);
  return FALSE;
}

void
cn_conv2d_inside (int at, int stride, int n, int positions, int *first, int *end)
{
  *first = at < 0 ? MIN ((-at + stride - 1) / stride, positions) : 0;
  *end = at < n ? MIN ((n - 1 - at) / stride + 1, positions) : 0;
  *end = MAX (*end, *first);
}

/* Adds to a plane what its pixels gave to the windows that see() reads: its adjoint. */
static void
give_back (const CnConv2dGradient *job, float *plane, int a, int b, int row, int rows,
           const float *from)
{
  int width = job->output->width, left = b * job->x.dilation - job->x.before, first, end;

  cn_conv2d_inside (left, job->x.stride, job->input->width, width, &first, &end);
  for (int r = 0; r < rows; r++, from += width)
    {
      int y = (row + r) * job->y.stride + a * job->y.dilation - job->y.before;
      float *line = plane + (gsize) y * job->input->width + left;

      if (y >= 0 && y < job->input->height)
        for (int x = first; x < end; x++)
          line[x * job->x.stride] += from[x];
    }
}

/* One group of one picture of the input's gradient, at any stride. */
static void
input_turn (gpointer data, gsize turn)
{
  CnConv2dGradient *job = data;
  int n = (int) (turn / job->conv->options.groups), g = (int) (turn % job->conv->options.groups);
  float *plane = cn_conv2d_plane (job->input, n, g * job->group_in);
  gsize pixels = (gsize) job->input->height * job->input->width;
  gsize out_pixels = (gsize) job->output->height * job->output->width;
  int width = job->output->width, positions = job->rows * width;
  g_autofree float *columns = g_try_malloc (cn_float_bytes (job->terms, positions, 1, 1));
  CnRun here = { .threads = 1 };

  memset (plane, 0, job->group_in * pixels * sizeof (float));
  for (int row = 0; columns && row < job->output->height; row += job->rows)
    {
      int rows = MIN (job->rows, job->output->height - row);
      CnGemm product = {
        .m = job->terms,
        .n = rows * width,
        .k = job->group_out,
        .alpha = 1,
        .a = { job->conv->weights + (gsize) g * job->group_out * job->terms, job->terms, TRUE },
        .b = { cn_conv2d_plane (job->output, n, g * job->group_out) + (gsize) row * width,
               out_pixels, FALSE },
        .c = columns,
        .c_row = positions,
      };

      if (!cn_gemm (&product, &here, NULL))
        g_clear_pointer (&columns, g_free);
      for (int k = 0; columns && k < job->terms; k++)
        give_back (job, plane + k / job->taps * pixels, k % job->taps / job->x.size,
                   k % job->x.size, row, rows, columns + (gsize) k * positions);
    }
  if (!columns)
    g_atomic_int_set (&job->failed, 1);
}

/* The same as a convolution: kernel (i, o, a, b) is (o, i, −a, −b). */
static gboolean
input_gradient_by_convolution (const CnConv2dGradient *job, const CnRun *run, GError **error)
{
  const CnConv2dOptions *o = &job->conv->options;
  gsize floats = (gsize) o->out_channels * job->terms;
  g_autofree float *weights = g_try_malloc (floats * sizeof (float));
  int reach_y = (job->y.size - 1) * job->y.dilation, reach_x = (job->x.size - 1) * job->x.dilation;
  CnConv2dOptions options = {
    .in_channels = o->out_channels,
    .out_channels = o->in_channels,
    .groups = o->groups,
    .kernel_height = o->kernel_height,
    .kernel_width = o->kernel_width,
    .dilation_y = o->dilation_y,
    .dilation_x = o->dilation_x,
    .padding = { CN_PADDING_EXPLICIT, reach_y - job->y.before, reach_x - job->x.before,
                 reach_y - job->y.after, reach_x - job->x.after },
    /* Not by Fourier transforms: where only a part of the gradient is not 0, they would round what
       is. */
    .method = o->method == CN_CONV2D_AUTO && !job->conv->winograd ? CN_CONV2D_TWO_PASS : o->method,
  };
  g_autoptr (CnConv2d) back = NULL;

  if (!weights)
    return no_memory (job, error);
  for (int filter = 0; filter < o->out_channels; filter++)
    for (int i = 0; i < job->group_in; i++)
      for (int t = 0; t < job->taps; t++)
        weights[((gsize) (filter / job->group_out * job->group_in + i) * job->group_out
                 + filter % job->group_out)
                    * job->taps
                + job->taps - 1 - t] =
            job->conv->weights[((gsize) filter * job->group_in + i) * job->taps + t];
  back = cn_conv2d_new (&options, weights, NULL, error);
  return back && cn_conv2d_forward (back, job->output, job->input, run, error);
}

static gboolean
find_input_gradient (CnConv2dGradient *job, const CnRun *run, GError **error)
{
  const CnWindow *y = &job->y, *x = &job->x;

  if (y->stride == 1 && x->stride == 1 && MAX (y->before, y->after) < cn_window_extent (y)
      && MAX (x->before, x->after) < cn_window_extent (x))
    return input_gradient_by_convolution (job, run, error);
  if (!cn_parallel ((gsize) job->input->n * job->conv->options.groups, input_turn, job, run, error))
    return FALSE;
  return !job->failed || no_memory (job, error);
}

/* Σ over samples, in lanes that compilers make vectors of. */
static double
sum_of (const float *samples, gsize n)
{
  float lanes[16] = { 0 };
  double sum = 0;
  gsize i = 0;

  for (; i + 16 <= n; i += 16)
    for (int k = 0; k < 16; k++)
      lanes[k] += samples[i + k];
  for (; i < n; i++)
    sum += samples[i];
  for (int k = 0; k < 16; k++)
    sum += lanes[k];
  return sum;
}

static void
bias_turn (gpointer data, gsize channel)
{
  const CnConv2dGradient *job = data;
  gsize pixels = (gsize) job->output->height * job->output->width;
  double sum = 0;

  for (int n = 0; n < job->output->n; n++)
    for (gsize at = 0; at < pixels; at += CN_CONV2D_FLOAT_TERMS * 16)
      sum += sum_of (cn_conv2d_plane (job->output, n, (int) channel) + at,
                     MIN (CN_CONV2D_FLOAT_TERMS * 16, pixels - at));
  job->gradient[channel] = (float) sum;
}

/* A copy of `tensor` in the other layout. */
static CnTensor *
in_layout (const CnTensor *tensor, CnLayout layout, GError **error)
{
  CnTensor *copy =
      cn_tensor_new (layout, tensor->n, tensor->channels, tensor->height, tensor->width, error);
  gsize pixels = (gsize) tensor->height * tensor->width, channels = tensor->channels;
  gsize rows = layout == CN_LAYOUT_NCHW ? pixels : channels, columns = pixels * channels / rows;

  for (int n = 0; copy && n < tensor->n; n++)
    cn_primitives ()->transpose (&(CnTransposition){ .src = tensor->data + n * pixels * channels,
                                                     .src_row = columns,
                                                     .dst = copy->data + n * pixels * channels,
                                                     .dst_row = rows,
                                                     .rows = rows,
                                                     .columns = columns });
  return copy;
}

/* Interleaved tensors are turned into planes, and the gradient back. */
static gboolean
backward_interleaved (const CnConv2d *conv, const CnTensor *input, const CnTensor *output_gradient,
                      const CnTensor *input_gradient, float *weight_gradient, float *bias_gradient,
                      const CnRun *run, GError **error)
{
  g_autoptr (CnTensor) in = in_layout (input, CN_LAYOUT_NCHW, error);
  g_autoptr (CnTensor) out = in ? in_layout (output_gradient, CN_LAYOUT_NCHW, error) : NULL;
  g_autoptr (CnTensor) result =
      out && input_gradient ? in_layout (in, CN_LAYOUT_NCHW, error) : NULL;
  g_autoptr (CnTensor) back = NULL;

  if (!out || (input_gradient && !result)
      || !cn_conv2d_backward (conv, in, out, result, weight_gradient, bias_gradient, run, error))
    return FALSE;
  if (!input_gradient)
    return TRUE;
  back = in_layout (result, CN_LAYOUT_NHWC, error);
  if (back)
    memcpy (input_gradient->data, back->data,
            cn_float_bytes (back->n, back->channels, back->height, back->width));
  return back != NULL;
}

static gboolean
check (const CnConv2d *conv, const CnTensor *input, const CnTensor *output_gradient,
       const CnTensor *input_gradient, GError **error)
{
  const CnConv2dOptions *o = &conv->options;
  int height, width;

  if (o->border != CN_BORDER_ZERO)
    {
      cn_set_error (error, CN_ERROR_ARGUMENT, "There is no gradient of a border that is not zero");
      return FALSE;
    }
  return cn_conv2d_output_size (conv, input->height, input->width, &height, &width, error)
         && cn_tensor_check (input, "The input", input->layout, input->n, o->in_channels,
                             input->height, input->width, error)
         && cn_tensor_check (output_gradient, "The output's gradient", input->layout, input->n,
                             o->out_channels, height, width, error)
         && (!input_gradient
             || cn_tensor_check (input_gradient, "The input's gradient", input->layout, input->n,
                                 o->in_channels, input->height, input->width, error));
}

gboolean
cn_conv2d_backward (const CnConv2d *conv, const CnTensor *input, const CnTensor *output_gradient,
                    const CnTensor *input_gradient, float *weight_gradient, float *bias_gradient,
                    const CnRun *run, GError **error)
{
  const CnConv2dOptions *o = &conv->options;
  CnConv2dGradient job = { .conv = conv,
                           .input = input,
                           .output = output_gradient,
                           .y = conv->y,
                           .x = conv->x,
                           .group_in = o->in_channels / o->groups,
                           .group_out = o->out_channels / o->groups,
                           .taps = o->kernel_height * o->kernel_width,
                           .rows = MAX (1, POSITIONS / output_gradient->width) };

  if (!check (conv, input, output_gradient, input_gradient, error))
    return FALSE;
  if (input->layout == CN_LAYOUT_NHWC && input->channels + output_gradient->channels > 2)
    return backward_interleaved (conv, input, output_gradient, input_gradient, weight_gradient,
                                 bias_gradient, run, error);
  job.terms = job.group_in * job.taps;
  job.gradient = bias_gradient;
  if (bias_gradient && !cn_parallel (o->out_channels, bias_turn, &job, run, error))
    return FALSE;
  job.gradient = weight_gradient;
  if (weight_gradient && !cn_conv2d_find_weight_gradient (&job, run, error))
    return FALSE;
  if (job.failed)
    return no_memory (&job, error);
  if (!input_gradient)
    return TRUE;
  job.input = input_gradient;
  return find_input_gradient (&job, run, error);
}
