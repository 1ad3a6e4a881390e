/* conv.c: Conv, over filters/ops/conv2d for one and two dimensions, and by a plain loop for more.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/core/parallel.h"
#include "filters/net/operators/operators.h"
#include "filters/ops/conv2d.h"

typedef struct
{
  CnWindows windows;
  gint64 groups;
  CnConv2d *conv; /* NULL: weights that are not constant, or more than two dimensions */
} Conv;

static void
conv_free (gpointer data)
{
  Conv *conv = data;

  g_clear_pointer (&conv->conv, cn_conv2d_free);
  g_free (conv);
}

static gboolean
plan_conv (CnStep *step, GError **error)
{
  const CnShape *x = &step->inputs[0]->shape, *w = &step->inputs[1]->shape;
  const CnArray *bias = cn_step_input (step, 2);
  CnShape shape = *x;
  Conv *conv;
  gint64 groups = cn_step_int (step, "group", 1);

  if (x->rank < 3 || w->rank != x->rank || groups < 1 || w->dims[0] < 1 || w->dims[0] % groups
      || x->dims[1] < 1 || x->dims[1] / groups != w->dims[1] || x->dims[1] % groups)
    {
      g_autofree char *input = cn_shape_text (x), *weights = cn_shape_text (w);

      return cn_step_fail (step, error,
                           "an input of %s, weights of %s and %" G_GINT64_FORMAT
                           " groups do not fit together",
                           input, weights, groups);
    }
  if (bias && cn_array_elements (bias) != (gsize) w->dims[0])
    return cn_step_fail (step, error, "there are %" G_GSIZE_FORMAT " biases for %" G_GINT64_FORMAT
                         " filters", cn_array_elements (bias), w->dims[0]);
  step->state = conv = g_new0 (Conv, 1);
  step->free_state = conv_free;
  conv->groups = groups;
  if (!cn_step_windows (step, x, w, &conv->windows, error))
    return FALSE;
  shape.dims[1] = w->dims[0];
  for (int i = 2; i < x->rank; i++)
    if (!cn_step_positions (step, &conv->windows, i - 2, x->dims[i], &shape.dims[i], error))
      return FALSE;
  cn_step_output (step, 0, CN_TYPE_FLOAT, &shape);
  if (!cn_array_check (CN_TYPE_FLOAT, &shape, error))
    return FALSE;
  step->multiply_adds =
      (double) cn_shape_elements (&shape) * (double) cn_shape_product (w, 1, w->rank);
  step->window = conv->windows.dilation[0] * (conv->windows.size[0] - 1) + 1;
  step->stride = conv->windows.stride[0];
  return TRUE;
}

/* The operator, with what was fused multiplied into its weights. */
static CnConv2d *
make_conv (const CnStep *step, GError **error)
{
  const Conv *conv = step->state;
  const CnWindows *w = &conv->windows;
  const CnArray *weights = step->inputs[1], *bias = cn_step_input (step, 2);
  int y = w->rank - 2, x = w->rank - 1; /* of one dimension, y is not there */
  gsize filters = (gsize) weights->shape.dims[0];
  gsize taps = cn_shape_product (&weights->shape, 1, weights->shape.rank);
  g_autofree float *scaled = NULL, *shifted = NULL;
  CnConv2dOptions options = {
    .in_channels = (int) step->inputs[0]->shape.dims[1],
    .out_channels = (int) filters,
    .groups = (int) conv->groups,
    .kernel_height = y < 0 ? 1 : (int) w->size[y],
    .kernel_width = (int) w->size[x],
    .stride_y = y < 0 ? 1 : (int) w->stride[y],
    .stride_x = (int) w->stride[x],
    .dilation_y = y < 0 ? 1 : (int) w->dilation[y],
    .dilation_x = (int) w->dilation[x],
    .padding = { CN_PADDING_EXPLICIT, y < 0 ? 0 : (int) w->before[y], (int) w->before[x],
                 y < 0 ? 0 : (int) w->after[y], (int) w->after[x] },
    .border = CN_BORDER_ZERO,
    .activation = step->activation,
    .method = CN_CONV2D_DENSE,
  };

  if (step->scale)
    {
      scaled = g_try_malloc (cn_float_bytes (filters, taps, 1, 1));
      shifted = g_new (float, filters);
      if (!scaled)
        {
          cn_step_fail (step, error, "not enough memory for the weights");
          return NULL;
        }
      for (gsize f = 0; f < filters; f++)
        {
          for (gsize t = 0; t < taps; t++)
            scaled[f * taps + t] = step->scale[f] * weights->floats[f * taps + t];
          shifted[f] = step->scale[f] * (bias ? bias->floats[f] : 0) + step->shift[f];
        }
    }
  return cn_conv2d_new (&options, scaled ? scaled : weights->floats,
                        shifted ? shifted : bias ? bias->floats : NULL, error);
}

static gboolean
prepare_conv (CnStep *step, GError **error)
{
  Conv *conv = step->state;
  const CnArray *bias = cn_step_input (step, 2);

  if (conv->windows.rank > 2 || !step->inputs[1]->data || (bias && !bias->data))
    return TRUE;
  conv->conv = make_conv (step, error);
  if (conv->conv)
    return TRUE;
  return cn_prefix_step (step, error);
}

/* One plane of the result, of any number of dimensions. */
static void
convolve_plane (gpointer data, gsize plane)
{
  const CnStep *step = data;
  const Conv *conv = step->state;
  const CnWindows *w = &conv->windows;
  const CnShape *x = &step->inputs[0]->shape, *k = &step->inputs[1]->shape;
  const CnShape *y = &step->outputs[0]->shape;
  const CnArray *bias = cn_step_input (step, 2);
  gsize n = plane / (gsize) y->dims[1], filter = plane % (gsize) y->dims[1];
  gsize channels = (gsize) k->dims[1], group = filter / ((gsize) y->dims[1] / conv->groups);
  gsize in_plane = cn_shape_product (x, 2, x->rank), out_plane = cn_shape_product (y, 2, y->rank);
  gsize taps = cn_shape_product (k, 2, k->rank);
  const float *from =
      step->inputs[0]->floats + (n * (gsize) x->dims[1] + group * channels) * in_plane;
  const float *weights = step->inputs[1]->floats + filter * channels * taps;
  float *to = step->outputs[0]->floats + plane * out_plane;
  float scale = step->scale ? step->scale[filter] : 1;
  float shift = step->shift ? step->shift[filter] : 0;

  for (gsize o = 0; o < out_plane; o++)
    {
      double sum = bias ? bias->floats[filter] : 0;

      for (gsize t = 0; t < taps; t++)
        {
          gsize place = 0, stride = 1, rest_o = o, rest_t = t;
          gboolean inside = TRUE;

          for (int i = w->rank - 1; i >= 0; i--)
            {
              gint64 at = (gint64) (rest_o % (gsize) y->dims[i + 2]) * w->stride[i] - w->before[i]
                          + (gint64) (rest_t % (gsize) w->size[i]) * w->dilation[i];

              inside = inside && at >= 0 && at < x->dims[i + 2];
              place += (gsize) at * stride;
              stride *= (gsize) x->dims[i + 2];
              rest_o /= (gsize) y->dims[i + 2];
              rest_t /= (gsize) w->size[i];
            }
          for (gsize c = 0; c < channels && inside; c++)
            sum += (double) weights[c * taps + t] * from[c * in_plane + place];
        }
      to[o] = (float) (scale * sum + shift);
    }
  cn_activation_apply (&step->activation, to, out_plane);
}

static gboolean
run_conv (const CnStep *step, const CnRun *run, GError **error)
{
  const Conv *conv = step->state;
  g_autoptr (CnConv2d) made = NULL;
  const CnShape *y = &step->outputs[0]->shape;
  int in[4], out[4];

  if (conv->windows.rank > 2)
    return cn_parallel ((gsize) (y->dims[0] * y->dims[1]), convolve_plane, (gpointer) step, run,
                        error);
  if (!cn_step_sizes (step, &step->inputs[0]->shape, in, error)
      || !cn_step_sizes (step, y, out, error))
    return FALSE;
  if (!conv->conv && !(made = make_conv (step, error)))
    return cn_prefix_step (step, error);
  return cn_conv2d_forward (
      made ? made : conv->conv,
      &(CnTensor){ in[0], in[1], in[2], in[3], CN_LAYOUT_NCHW, step->inputs[0]->floats },
      &(CnTensor){ out[0], out[1], out[2], out[3], CN_LAYOUT_NCHW, step->outputs[0]->floats }, run,
      error);
}

const CnOperator cn_operators_conv[] = {
  { "Conv", 1, "f f f?", 1,
    "auto_pad:s=NOTSET|SAME_UPPER|SAME_LOWER|VALID dilations:I group:i kernel_shape:I pads:I "
    "strides:I",
    plan_conv, prepare_conv, run_conv, CN_OPERATOR_FUSES, NULL },
  { 0 },
};
