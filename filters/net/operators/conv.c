/* conv.c: Conv and ConvTranspose: over filters/ops in one and two dimensions, else by plain loops.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/core/parallel.h"
#include "filters/net/operators/operators.h"
#include "filters/ops/conv-transpose.h"
#include "filters/ops/conv2d.h"

typedef struct
{
  CnWindows windows;
  gint64 groups, filters;          /* filters: output channels */
  int output_padding[CN_RANK_MAX]; /* of ConvTranspose */
  float *scaled;                   /* the weights with what was fused, if anything was */
  CnConv2d *conv;                  /* one of these; NULL if weights are not constant, or there */
  CnConvTranspose *transpose;      /* are more than two dimensions */
} Conv;

static void
conv_free (gpointer data)
{
  Conv *conv = data;

  g_clear_pointer (&conv->conv, cn_conv2d_free);
  g_clear_pointer (&conv->transpose, cn_conv_transpose_free);
  g_free (conv->scaled);
  g_free (conv);
}

static gboolean
is_transpose (const CnStep *step)
{
  return strcmp (step->op->name, "ConvTranspose") == 0;
}

/* Channels, groups and bias; weights are filters × channels of a group × …, or transposed channels
   × filters of a group × … */
static Conv *
begin (CnStep *step, GError **error)
{
  const CnShape *x = &step->inputs[0]->shape, *w = &step->inputs[1]->shape;
  const CnArray *bias = cn_step_input (step, 2);
  gint64 groups = cn_step_int (step, "group", 1);
  gboolean transpose = is_transpose (step);
  Conv *conv;

  if (x->rank < 3 || w->rank != x->rank || groups < 1 || w->dims[0] < 1 || w->dims[1] < 1
      || w->dims[0] % groups || groups > G_MAXINT / w->dims[1]
      || x->dims[1] != (transpose ? w->dims[0] : w->dims[1] * groups))
    {
      g_autofree char *input = cn_shape_text (x), *weights = cn_shape_text (w);

      cn_step_fail (step, error,
                    "an input of %s, weights of %s and %" G_GINT64_FORMAT
                    " groups do not fit together",
                    input, weights, groups);
      return NULL;
    }
  step->state = conv = g_new0 (Conv, 1);
  step->free_state = conv_free;
  conv->groups = groups;
  conv->filters = transpose ? w->dims[1] * groups : w->dims[0];
  if (!bias || cn_array_elements (bias) == (gsize) conv->filters)
    return conv;
  cn_step_fail (step, error,
                "there are %" G_GSIZE_FORMAT " biases for %" G_GINT64_FORMAT " filters",
                cn_array_elements (bias), conv->filters);
  return NULL;
}

static gboolean
finish (CnStep *step, const CnShape *output, GError **error)
{
  const Conv *conv = step->state;
  const CnShape *w = &step->inputs[1]->shape;
  gboolean transpose = is_transpose (step);

  cn_step_output (step, 0, CN_TYPE_FLOAT, output);
  if (!cn_array_check (CN_TYPE_FLOAT, output, error))
    return cn_prefix_step (step, error);
  /* Each sample of the result (of the input) meets each weight of its filter (channel). */
  step->multiply_adds = (double) cn_shape_elements (transpose ? &step->inputs[0]->shape : output)
                        * (double) cn_shape_product (w, 1, w->rank);
  for (int i = 0; i < conv->windows.rank; i++)
    {
      const CnWindow *window = &conv->windows.axes[i];
      gint64 reach = cn_window_extent (window);

      step->stride = transpose ? 1.0 / window->stride : window->stride;
      step->window =
          MAX (step->window, transpose ? (reach + window->stride - 1) / window->stride : reach);
    }
  return TRUE;
}

static gboolean
plan_conv (CnStep *step, GError **error)
{
  const CnShape *x = &step->inputs[0]->shape;
  CnShape shape = *x;
  Conv *conv = begin (step, error);

  if (!conv || !cn_step_windows (step, x, &step->inputs[1]->shape, &conv->windows, error)
      || !cn_step_positions (step, &conv->windows, x, &shape, error))
    return FALSE;
  shape.dims[1] = conv->filters;
  return finish (step, &shape, error);
}

/* The size along axis `i`: (n − 1)·s + d(k − 1) + 1 + output padding − before − after; `wanted` is
   what output_shape asks for, or 0. */
static gint64
transposed_size (const CnStep *step, Conv *conv, int i, gint64 n, gint64 wanted)
{
  const char *automatic = cn_step_string (step, "auto_pad", "NOTSET");
  gboolean same = g_str_has_prefix (automatic, "SAME");
  gboolean upper = strcmp (automatic, "SAME_UPPER") == 0;
  CnWindow *w = &conv->windows.axes[i];
  gint64 full = (n - 1) * w->stride + cn_window_extent (w) + conv->output_padding[i];
  gint64 total;

  if (wanted == 0 && same)
    wanted = n * w->stride;
  if (wanted == 0)
    return full - w->before - w->after;
  total = MAX (full - wanted, 0);
  w->before = (int) MIN (upper ? total / 2 : total - total / 2, CN_SIZE_MAX);
  w->after = (int) MIN (total - w->before, CN_SIZE_MAX);
  conv->output_padding[i] += (int) MIN (wanted - full + total, CN_SIZE_MAX);
  return wanted;
}

static gboolean
plan_transpose (CnStep *step, GError **error)
{
  const CnShape *x = &step->inputs[0]->shape;
  CnShape shape = *x;
  gint64 padding[CN_RANK_MAX] = { 0 }, wanted[CN_RANK_MAX] = { 0 };
  const CnAttribute *attribute = cn_node_get (step->node, "output_shape");
  Conv *conv = begin (step, error);
  int rank;

  if (!conv || !cn_step_windows (step, x, &step->inputs[1]->shape, &conv->windows, error))
    return FALSE;
  rank = conv->windows.rank;
  if (!cn_step_ints_n (step, "output_padding", rank, padding, error))
    return FALSE;
  if (attribute && attribute->n == rank + 2) /* with batch and channels, as some write it */
    memcpy (wanted, attribute->ints + 2, rank * sizeof *wanted);
  else if (!cn_step_ints_n (step, "output_shape", rank, wanted, error))
    return FALSE;
  shape.dims[1] = conv->filters;
  for (int i = 0; i < rank; i++)
    {
      if (padding[i] < 0 || padding[i] > CN_SIZE_MAX || wanted[i] < 0 || wanted[i] > CN_SIZE_MAX)
        return cn_step_fail (step, error,
                             "an output padding of %" G_GINT64_FORMAT
                             " or an output size of %" G_GINT64_FORMAT " is impossible",
                             padding[i], wanted[i]);
      conv->output_padding[i] = (int) padding[i];
      shape.dims[i + 2] = transposed_size (step, conv, i, x->dims[i + 2], wanted[i]);
      if (shape.dims[i + 2] < 1 || shape.dims[i + 2] > CN_SIZE_MAX)
        return cn_step_fail (step, error, "an output size of %" G_GINT64_FORMAT " is impossible",
                             shape.dims[i + 2]);
    }
  return finish (step, &shape, error);
}

/* Weights and bias with what was fused multiplied into them. */
static gboolean
scale_weights (const CnStep *step, float **weights, float **bias, GError **error)
{
  const Conv *conv = step->state;
  const CnArray *w = step->inputs[1], *b = cn_step_input (step, 2);
  gsize filters = (gsize) conv->filters, n = cn_array_elements (w);
  gsize taps = cn_shape_product (&w->shape, 2, w->shape.rank);
  gsize group = filters / (gsize) conv->groups;
  gsize channels = (gsize) w->shape.dims[0] / (gsize) conv->groups; /* of a group, if transposed */

  *weights = g_try_malloc (cn_array_bytes (w));
  *bias = g_new (float, filters);
  if (!*weights)
    return cn_step_fail (step, error, "not enough memory for the weights");
  for (gsize i = 0; i < n; i++)
    {
      gsize row = i / taps;
      gsize filter = is_transpose (step) ? row / group / channels * group + row % group
                                         : row / (gsize) w->shape.dims[1];

      (*weights)[i] = step->scale[filter] * w->floats[i];
    }
  for (gsize f = 0; f < filters; f++)
    (*bias)[f] = step->scale[f] * (b ? b->floats[f] : 0) + step->shift[f];
  return TRUE;
}

static gboolean
make_transpose (const CnStep *step, const float *weights, const float *bias, CnConvTranspose **made,
                GError **error)
{
  const Conv *conv = step->state;
  const CnWindow unit = { .size = 1, .stride = 1, .dilation = 1 };
  gboolean flat = conv->windows.rank == 1;
  const CnWindow *y = flat ? &unit : &conv->windows.axes[0];
  const CnWindow *x = &conv->windows.axes[flat ? 0 : 1];
  const CnConvTransposeOptions options = {
    .in_channels = (int) step->inputs[0]->shape.dims[1],
    .out_channels = (int) conv->filters,
    .groups = (int) conv->groups,
    .kernel_height = y->size,
    .kernel_width = x->size,
    .stride_y = y->stride,
    .stride_x = x->stride,
    .dilation_y = y->dilation,
    .dilation_x = x->dilation,
    .padding = { CN_PADDING_EXPLICIT, y->before, x->before, y->after, x->after },
    .output_padding_y = flat ? 0 : conv->output_padding[0],
    .output_padding_x = conv->output_padding[flat ? 0 : 1],
    .activation = step->activation,
    .pixels = cn_shape_product (&step->outputs[0]->shape, 2, step->outputs[0]->shape.rank),
    .memory_max = MAX (1, step->spare_bytes),
  };

  *made = cn_conv_transpose_new (&options, weights, bias, error);
  return *made != NULL;
}

static CnConv2dOptions
conv_options (const CnStep *step)
{
  const Conv *conv = step->state;
  const CnWindow unit = { .size = 1, .stride = 1, .dilation = 1 };
  gboolean flat = conv->windows.rank == 1;
  const CnWindow *y = flat ? &unit : &conv->windows.axes[0];
  const CnWindow *x = &conv->windows.axes[flat ? 0 : 1];

  return (CnConv2dOptions){
    .in_channels = (int) step->inputs[0]->shape.dims[1],
    .out_channels = (int) conv->filters,
    .groups = (int) conv->groups,
    .kernel_height = y->size,
    .kernel_width = x->size,
    .stride_y = y->stride,
    .stride_x = x->stride,
    .dilation_y = y->dilation,
    .dilation_x = x->dilation,
    .padding = { CN_PADDING_EXPLICIT, y->before, x->before, y->after, x->after },
    .border = CN_BORDER_ZERO,
    .activation = step->activation,
    .accumulate = step->addend != NULL,
    .method = CN_CONV2D_AUTO,
    .pixels = cn_shape_product (&step->outputs[0]->shape, 2, step->outputs[0]->shape.rank),
    .borrow = TRUE,
    .memory_max = MAX (1, step->spare_bytes),
  };
}

gboolean
cn_conv_can_add (const CnStep *step)
{
  const Conv *conv = step->state;
  CnConv2dOptions options;

  if (strcmp (step->op->name, "Conv") != 0 || conv->windows.rank > 2)
    return FALSE;
  options = conv_options (step);
  return cn_conv2d_can_accumulate (&options);
}

/* Makes the operator of filters/ops; it may borrow what is set as `scaled`. */
static gboolean
make (const CnStep *step, CnConv2d **conv, CnConvTranspose **transpose, float **scaled,
      GError **error)
{
  const CnArray *b = cn_step_input (step, 2);
  const float *weights = step->inputs[1]->floats, *bias = b ? b->floats : NULL;
  const CnConv2dOptions options = conv_options (step);
  g_autofree float *shifted = NULL;

  if (step->scale)
    {
      if (!scale_weights (step, scaled, &shifted, error))
        return FALSE;
      weights = *scaled;
      bias = shifted;
    }
  if (is_transpose (step))
    return make_transpose (step, weights, bias, transpose, error) || cn_prefix_step (step, error);
  *conv = cn_conv2d_new (&options, weights, bias, error);
  return *conv || cn_prefix_step (step, error);
}

static gboolean
prepare (CnStep *step, GError **error)
{
  Conv *conv = step->state;
  const CnArray *bias = cn_step_input (step, 2);

  if (conv->windows.rank > 2 || !step->inputs[1]->data || (bias && !bias->data))
    return TRUE;
  if (!make (step, &conv->conv, &conv->transpose, &conv->scaled, error))
    return FALSE;
  if (conv->transpose)
    g_clear_pointer (&conv->scaled, g_free);
  step->held_bytes =
      conv->transpose ? cn_conv_transpose_memory (conv->transpose) : cn_conv2d_memory (conv->conv);
  if (conv->scaled)
    step->held_bytes += cn_array_bytes (step->inputs[1]);
  return TRUE;
}

/* One plane of the result, of any number of dimensions. Transposed, a window over the result is
   laid at each sample of the input, and takes its part from there. */
static void
compute_plane (gpointer data, gsize plane)
{
  const CnStep *step = data;
  const Conv *conv = step->state;
  gboolean transpose = is_transpose (step);
  const CnShape *x = &step->inputs[0]->shape, *w = &step->inputs[1]->shape;
  const CnShape *y = &step->outputs[0]->shape;
  const CnArray *bias = cn_step_input (step, 2);
  gsize in_plane = cn_shape_product (x, 2, x->rank), out_plane = cn_shape_product (y, 2, y->rank);
  gsize taps = cn_shape_product (w, 2, w->rank), positions = transpose ? in_plane : out_plane;
  gsize channels = (gsize) (x->dims[1] / conv->groups), filters = (gsize) conv->filters;
  gsize per_group = filters / (gsize) conv->groups, filter = plane % filters;
  gsize first = filter / per_group * channels;
  const float *from =
      step->inputs[0]->floats + (plane / filters * (gsize) x->dims[1] + first) * in_plane;
  float *to = step->outputs[0]->floats + plane * out_plane;
  float scale = step->scale ? step->scale[filter] : 1;
  float start = (bias ? bias->floats[filter] : 0) * scale + (step->shift ? step->shift[filter] : 0);

  for (gsize i = 0; i < out_plane; i++)
    to[i] = start;
  for (gsize p = 0; p < positions; p++)
    for (gsize t = 0; t < taps; t++)
      {
        gsize place;
        double sum = 0;

        if (cn_windows_tap (&conv->windows, transpose ? y : x, transpose ? x : y, p, t, &place)
            != CN_TAP_INSIDE)
          continue;
        for (gsize c = 0; c < channels; c++)
          sum += (double) from[c * in_plane + (transpose ? p : place)]
                 * step->inputs[1]->floats[(transpose ? (first + c) * per_group + filter % per_group
                                                      : filter * channels + c)
                                               * taps
                                           + t];
        to[transpose ? place : p] += (float) (scale * sum);
      }
  cn_activation_apply (&step->activation, to, out_plane);
}

static gboolean
run_conv (const CnStep *step, const CnRun *run, GError **error)
{
  const Conv *state = step->state;
  g_autofree float *scaled = NULL;
  g_autoptr (CnConv2d) made = NULL;
  g_autoptr (CnConvTranspose) made_transpose = NULL;
  CnTensor in, out;

  if (state->windows.rank > 2)
    return cn_parallel (cn_shape_product (&step->outputs[0]->shape, 0, 2), compute_plane,
                        (gpointer) step, run, error);
  if (!cn_step_tensor (step, step->inputs[0], &in, error)
      || !cn_step_tensor (step, step->outputs[0], &out, error))
    return FALSE;
  if (step->addend && step->addend->data != step->outputs[0]->data)
    memcpy (step->outputs[0]->data, step->addend->data, cn_array_bytes (step->addend));
  if (!state->conv && !state->transpose && !make (step, &made, &made_transpose, &scaled, error))
    return FALSE;
  return (is_transpose (step)
              ? cn_conv_transpose_forward (made_transpose ? made_transpose : state->transpose, &in,
                                           &out, run, error)
              : cn_conv2d_forward (made ? made : state->conv, &in, &out, run, error))
         || cn_prefix_step (step, error);
}

#define ROW(name, more, plan)                                                               \
  {                                                                                         \
    name, 1, "f f f?", 1,                                                                   \
        "auto_pad:s=NOTSET|SAME_UPPER|SAME_LOWER|VALID dilations:I group:i kernel_shape:I " \
        "pads:I strides:I" more,                                                            \
        plan, prepare, run_conv, CN_OPERATOR_FUSES, NULL                                    \
  }

const CnOperator cn_operators_conv[] = {
  ROW ("Conv", "", plan_conv),
  ROW ("ConvTranspose", " output_padding:I output_shape:I", plan_transpose),
  { 0 },
};
