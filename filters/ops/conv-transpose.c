/* conv-transpose.c: creates transposed convolutions: checks their options, takes their kernels
 * apart into phases, works out sizes, and runs them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/ops/conv-transpose-private.h"
#include "filters/ops/weights.h"

#include <string.h>

#include "filters/core/error.h"
#include "filters/primitives/primitives.h"

static gboolean
check_output_padding (int padding, int stride, int dilation, const char *axis, GError **error)
{
  if (padding >= 0 && padding < MAX (stride, dilation))
    return TRUE;
  cn_set_error (
      error, CN_ERROR_ARGUMENT,
      "The output padding %s is %d, and must be at least 0 and less than the stride %d or "
      "the dilation %d",
      cn_translated (axis), padding, stride, dilation);
  return FALSE;
}

static gboolean
check (const CnConvTransposeOptions *o, GError **error)
{
  if (!cn_in_range (o->kernel_height, 1, CN_KERNEL_MAX, "The kernel's height", error)
      || !cn_in_range (o->kernel_width, 1, CN_KERNEL_MAX, "The kernel's width", error)
      || !cn_in_range (o->stride_y, 1, CN_STRIDE_MAX, "The vertical stride", error)
      || !cn_in_range (o->stride_x, 1, CN_STRIDE_MAX, "The horizontal stride", error)
      || !cn_in_range (o->dilation_y, 1, CN_STRIDE_MAX, "The vertical dilation", error)
      || !cn_in_range (o->dilation_x, 1, CN_STRIDE_MAX, "The horizontal dilation", error)
      || !cn_in_range (o->in_channels, 1, G_MAXINT, "The number of input channels", error)
      || !cn_in_range (o->out_channels, 1, G_MAXINT, "The number of output channels", error)
      || !cn_in_range (o->groups, 1, G_MAXINT, "The number of groups", error)
      || !cn_padding_check (&o->padding, CN_PADDING_SAME_LOWER, error)
      || !cn_in_range (o->output_height, 0, CN_SIZE_MAX, "The output's height", error)
      || !cn_in_range (o->output_width, 0, CN_SIZE_MAX, "The output's width", error)
      || !check_output_padding (o->output_padding_y, o->stride_y, o->dilation_y, "at the bottom",
                                error)
      || !check_output_padding (o->output_padding_x, o->stride_x, o->dilation_x, "at the right",
                                error)
      || !cn_in_range (o->border, 0, CN_BORDER_WRAP, "The border", error)
      || !cn_in_range (o->activation.kind, 0, CN_ACTIVATIONS - 1, "The activation", error))
    return FALSE;
  if ((o->output_height == 0) != (o->output_width == 0))
    cn_set_error (error, CN_ERROR_ARGUMENT,
                  "The output is to have the size %d×%d: either both or none must be given",
                  o->output_width, o->output_height);
  else if (o->in_channels % o->groups || o->out_channels % o->groups)
    cn_set_error (error, CN_ERROR_ARGUMENT,
                  "%d input channels and %d output channels do not divide into %d groups",
                  o->in_channels, o->out_channels, o->groups);
  else
    return TRUE;
  return FALSE;
}

/* Without dilation every phase has the same k / s taps, and the first k mod s one more. */
static void
find_spans (CnPhases *axis)
{
  int taps = axis->size / axis->stride, rest = axis->size % axis->stride;

  axis->spans = g_new0 (CnSpan, 2);
  axis->n_spans = rest > 0 ? 2 : 1;
  axis->spans[0] = (CnSpan){ 0, axis->stride, taps, MAX (taps - 1, 0), TRUE, 0 };
  axis->spans[1] = (CnSpan){ 0, rest, 1, taps, FALSE, axis->stride * taps };
}

/* With dilation no two phases need the same samples. The largest tap comes first: its input sample
   is the first one. */
static void
find_dilated_spans (CnPhases *axis)
{
  axis->n_spans = axis->stride;
  axis->spans = g_new0 (CnSpan, axis->stride);
  for (int p = 0; p < axis->stride; p++)
    axis->spans[p] = (CnSpan){ .first = p, .phases = 1, .begins = TRUE };
  for (int tap = 0; tap < axis->size; tap++)
    {
      CnSpan *span = &axis->spans[tap * axis->dilation % axis->stride];

      span->taps++;
      span->back = tap * axis->dilation / axis->stride;
    }
  for (int p = 1; p < axis->stride; p++)
    axis->spans[p].before = axis->spans[p - 1].before + axis->spans[p - 1].taps;
}

static CnPhases
find_phases (int size, int stride, int dilation)
{
  int spacing = dilation / (int) cn_common_divisor (stride, dilation);
  CnPhases axis = { size, stride, dilation, spacing, NULL, 0 };

  if (dilation == 1)
    find_spans (&axis);
  else
    find_dilated_spans (&axis);
  return axis;
}

/* Kernels of a group. */
static gsize
group_kernels (const CnConvTranspose *conv)
{
  const CnConvTransposeOptions *o = &conv->options;

  return (gsize) (o->in_channels / o->groups) * (o->out_channels / o->groups);
}

const float *
cn_conv_transpose_weights (const CnConvTranspose *conv, int group, const CnSpan *y, const CnSpan *x)
{
  gsize before = (gsize) y->before * conv->x.size + (gsize) x->before * y->phases * y->taps;

  return conv->weights
         + group_kernels (conv) * ((gsize) group * conv->y.size * conv->x.size + before);
}

/* The span of one of an axis' taps, the tap's phase there, and its number. */
static const CnSpan *
place_tap (const CnPhases *axis, int tap, int *phase, int *number)
{
  int at = tap * axis->dilation % axis->stride, back = tap * axis->dilation / axis->stride;
  const CnSpan *span = axis->spans;

  while (at < span->first || at >= span->first + span->phases || back > span->back
         || span->taps == 0)
    span++;
  *phase = at - span->first;
  *number = (span->back - back) / axis->spacing;
  return span;
}

gsize
cn_conv_transpose_place (const CnConvTranspose *conv, gsize kernel, int a, int b)
{
  const CnConvTransposeOptions *o = &conv->options;
  int group_in = o->in_channels / o->groups, group_out = o->out_channels / o->groups;
  int input = (int) (kernel / group_out), output = (int) (kernel % group_out);
  int phase_y, phase_x, row, column;
  const CnSpan *y = place_tap (&conv->y, a, &phase_y, &row);
  const CnSpan *x = place_tap (&conv->x, b, &phase_x, &column);
  gsize taps = (gsize) y->taps * x->taps;
  gsize line = ((gsize) phase_y * x->phases + phase_x) * group_out + output;

  return (gsize) (cn_conv_transpose_weights (conv, input / group_in, y, x) - conv->weights)
         + line * group_in * taps + (input % group_in) * taps + row * x->taps + column;
}

static void
copy_weights (CnConvTranspose *conv, const float *weights, gsize kernels)
{
  for (gsize k = 0; k < kernels; k++)
    for (int a = 0; a < conv->y.size; a++)
      for (int b = 0; b < conv->x.size; b++)
        conv->weights[cn_conv_transpose_place (conv, k, a, b)] = *weights++;
}

CnConvTranspose *
cn_conv_transpose_new (const CnConvTransposeOptions *options, const float *weights,
                       const float *bias, GError **error)
{
  g_autoptr (CnConvTranspose) conv = g_new0 (CnConvTranspose, 1);
  CnConvTransposeOptions *o = &conv->options;
  gsize taps, kernels;

  *o = *options;
  cn_one_for_zero (&o->groups);
  cn_one_for_zero (&o->stride_y);
  cn_one_for_zero (&o->stride_x);
  cn_one_for_zero (&o->dilation_y);
  cn_one_for_zero (&o->dilation_x);
  if (!check (o, error))
    return NULL;

  taps = (gsize) o->kernel_height * o->kernel_width;
  kernels = (gsize) o->in_channels * (o->out_channels / o->groups);
  if (!cn_weights_allocate (kernels, taps, o->out_channels, &conv->weights, &conv->bias, error))
    return NULL;
  conv->y = find_phases (o->kernel_height, o->stride_y, o->dilation_y);
  conv->x = find_phases (o->kernel_width, o->stride_x, o->dilation_x);
  copy_weights (conv, weights, kernels);
  if (bias)
    memcpy (conv->bias, bias, o->out_channels * sizeof (float));
  conv->shared = o->groups == o->in_channels && o->out_channels == o->in_channels
                 && cn_kernels_alike (conv->weights, conv->bias, o->out_channels, taps);
  cn_conv_transpose_four_prepare (conv);
  cn_conv_transpose_pixels_prepare (conv);
  cn_conv_transpose_phases_prepare (conv, weights);
  return g_steal_pointer (&conv);
}

void
cn_conv_transpose_free (CnConvTranspose *conv)
{
  if (!conv)
    return;
  cn_conv_transpose_phases_free (conv);
  g_free (conv->y.spans);
  g_free (conv->x.spans);
  g_free (conv->weights);
  g_free (conv->bias);
  g_free (conv->pixel_weights);
  g_free (conv->four);
  g_free (conv);
}

gsize
cn_conv_transpose_memory (const CnConvTranspose *conv)
{
  const CnConvTransposeOptions *o = &conv->options;

  return cn_float_bytes (o->in_channels, o->out_channels / o->groups, o->kernel_height,
                         o->kernel_width)
         + cn_float_bytes (o->out_channels, 1, 1, 1)
         + (conv->pixel_weights ? cn_conv_transpose_pixels_memory (conv) : 0)
         + (conv->four ? cn_conv_transpose_four_memory (conv) : 0)
         + cn_conv_transpose_phases_memory (conv);
}

/* What one axis takes away at its beginning, and its output size; 0 with `error` if there is
   none. */
static int
plan_axis (const CnPhases *phases, CnPaddingMode mode, int before, int after, int added, int wanted,
           int n, const char *axis, int *removed, GError **error)
{
  gint64 full = (gint64) (n - 1) * phases->stride + (gint64) phases->dilation * (phases->size - 1)
                + 1 + added;
  gint64 size = full, around;

  *removed = 0;
  if (wanted > 0)
    size = wanted;
  else if (mode == CN_PADDING_EXPLICIT)
    {
      *removed = before;
      size = full - before - after;
    }
  else if (mode != CN_PADDING_VALID)
    size = (gint64) n * phases->stride;
  around = MAX (full - size, 0);
  if (wanted > 0 || (mode != CN_PADDING_EXPLICIT && mode != CN_PADDING_VALID))
    *removed =
        (int) (mode == CN_PADDING_SAME || mode == CN_PADDING_SAME_UPPER ? around / 2
                                                                        : around - around / 2);
  if (n >= 1 && size >= 1 && full <= 2 * (gint64) CN_SIZE_MAX && size <= CN_SIZE_MAX)
    return (int) size;
  if (size < 1)
    cn_set_error (error, CN_ERROR_SHAPE,
                  "The padding of %d + %d leaves nothing of the output's %s of %zu (input %d, "
                  "stride %d, %d taps, dilation %d)",
                  before, after, cn_translated (axis), (gsize) full, n, phases->stride,
                  phases->size, phases->dilation);
  else
    cn_set_error (
        error, CN_ERROR_SHAPE,
        "The output's %s would be %zu (input %d, stride %d, %d taps, dilation %d), and may be %d",
        cn_translated (axis), (gsize) MAX (size, full), n, phases->stride, phases->size,
        phases->dilation, CN_SIZE_MAX);
  return 0;
}

gboolean
cn_conv_transpose_plan (const CnConvTranspose *conv, int height, int width,
                        CnConvTransposePlan *plan, GError **error)
{
  const CnConvTransposeOptions *o = &conv->options;
  const CnPadding *p = &o->padding;

  *plan = (CnConvTransposePlan){ .conv = conv, .height = height, .width = width };
  plan->out_height = plan_axis (&conv->y, p->mode, p->top, p->bottom, o->output_padding_y,
                                o->output_height, height, "height", &plan->top, error);
  if (plan->out_height == 0)
    return FALSE;
  plan->out_width = plan_axis (&conv->x, p->mode, p->left, p->right, o->output_padding_x,
                               o->output_width, width, "width", &plan->left, error);
  return plan->out_width > 0;
}

CnTiled
cn_conv_transpose_tiled (const CnConvTransposePlan *plan, int pixel)
{
  const CnConvTranspose *conv = plan->conv;
  CnTiled tiled = {
    .op = plan,
    .planes = conv->options.out_channels / pixel,
    .pixel = pixel,
    .border = conv->options.border,
    .reach = cn_conv_transpose_reach,
    .scratch = cn_conv_transpose_scratch,
    .work = cn_conv_transpose_work,
  };

  if (cn_conv_transpose_four_can (conv, pixel))
    {
      gboolean apart = pixel == 1 && conv->options.in_channels > 1 && !conv->shared;

      tiled.scratch = apart ? cn_conv_transpose_four_scratch_apart : cn_conv_transpose_four_scratch;
      tiled.work = cn_conv_transpose_four_work;
    }
  else if (conv->pixel_weights && pixel == conv->options.out_channels)
    {
      tiled.scratch = cn_conv_transpose_pixels_scratch;
      tiled.work = cn_conv_transpose_pixels_work;
    }
  return tiled;
}

gboolean
cn_conv_transpose_forward (const CnConvTranspose *conv, const CnTensor *input,
                           const CnTensor *output, const CnRun *run, GError **error)
{
  const CnConvTransposeOptions *o = &conv->options;
  CnConvTransposePlan plan;
  CnTiled tiled;

  if (input->channels != o->in_channels)
    {
      cn_set_error (error, CN_ERROR_SHAPE, "The input has %d channels, and the kernel takes %d",
                    input->channels, o->in_channels);
      return FALSE;
    }
  if (!cn_conv_transpose_plan (conv, input->height, input->width, &plan, error)
      || !cn_tensor_check (output, "The transposed convolution's output", input->layout, input->n,
                           o->out_channels, plan.out_height, plan.out_width, error))
    return FALSE;
  if (cn_conv_transpose_phases_can (&plan, input))
    return cn_conv_transpose_phases_run (&plan, input, output, run, error);
  tiled = cn_conv_transpose_tiled (&plan, input->layout == CN_LAYOUT_NHWC ? o->out_channels : 1);
  if (tiled.work == cn_conv_transpose_four_work)
    {
      tiled.size = cn_conv_transpose_four_size;
      if (input->layout == CN_LAYOUT_NCHW)
        tiled.scratch = cn_conv_transpose_four_scratch;
    }
  else if (tiled.work == cn_conv_transpose_pixels_work)
    tiled.size = cn_conv_transpose_pixels_size;
  else
    tiled.size = cn_conv_transpose_size;
  return cn_tiles_run_batch (&tiled, input, output, run, error);
}
