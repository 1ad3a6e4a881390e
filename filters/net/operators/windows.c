/* windows.c: the windows of convolutions and pools as ONNX writes them down.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/net/operators/operators.h"

static gboolean
in_range (const CnStep *step, const char *name, int n, const gint64 *values, gint64 low,
          GError **error)
{
  for (int i = 0; i < n; i++)
    if (values[i] < low || values[i] > CN_SIZE_MAX)
      return cn_step_fail (
          step, error, "%s is %" G_GINT64_FORMAT ", and must be from %" G_GINT64_FORMAT " to %d",
          name, values[i], low, CN_SIZE_MAX);
  return TRUE;
}

gboolean
cn_step_windows (const CnStep *step, const CnShape *input, const CnShape *kernel,
                 CnWindows *windows, GError **error)
{
  const char *automatic = cn_step_string (step, "auto_pad", "NOTSET");
  gboolean explicit_pads = strcmp (automatic, "NOTSET") == 0;
  gint64 size[CN_RANK_MAX] = { 0 }, stride[CN_RANK_MAX], dilation[CN_RANK_MAX];
  gint64 pads[2 * CN_RANK_MAX] = { 0 };
  int rank = input->rank - 2;

  if (rank < 1)
    return cn_step_lacks (step, error, "an input of %d axes is not supported", input->rank);
  for (int i = 0; i < rank; i++)
    {
      size[i] = kernel ? kernel->dims[i + 2] : 0;
      stride[i] = dilation[i] = 1;
    }
  if (!in_range (step, "The input's size", rank, input->dims + 2, 1, error)
      || !cn_step_ints_n (step, "kernel_shape", rank, size, error)
      || !cn_step_ints_n (step, "strides", rank, stride, error)
      || !cn_step_ints_n (step, "dilations", rank, dilation, error)
      || (explicit_pads && !cn_step_ints_n (step, "pads", 2 * rank, pads, error))
      || !in_range (step, "The kernel's size", rank, size, 1, error)
      || !in_range (step, "The stride", rank, stride, 1, error)
      || !in_range (step, "The dilation", rank, dilation, 1, error)
      || !in_range (step, "The padding", 2 * rank, pads, 0, error))
    return FALSE;
  windows->rank = rank;
  for (int i = 0; i < rank; i++)
    {
      CnWindow *w = &windows->axes[i];

      if (kernel && size[i] != kernel->dims[i + 2])
        return cn_step_fail (step, error, "kernel_shape is not that of the weights");
      if ((size[i] - 1) * dilation[i] > CN_SIZE_MAX)
        return cn_step_fail (step, error,
                             "a window of %" G_GINT64_FORMAT " taps with dilation %" G_GINT64_FORMAT
                             " is too large",
                             size[i], dilation[i]);
      *w = (CnWindow){ .size = (int) size[i],
                       .stride = (int) stride[i],
                       .dilation = (int) dilation[i],
                       .before = (int) pads[i],
                       .after = (int) pads[i + rank],
                       .ceil = automatic[0] != 'S' && cn_step_int (step, "ceil_mode", 0) };
      if (strcmp (automatic, "SAME_UPPER") == 0)
        cn_window_fit (w, CN_PADDING_SAME_UPPER, (int) input->dims[i + 2]);
      else if (strcmp (automatic, "SAME_LOWER") == 0)
        cn_window_fit (w, CN_PADDING_SAME_LOWER, (int) input->dims[i + 2]);
    }
  return TRUE;
}

gboolean
cn_step_positions (const CnStep *step, const CnWindows *windows, const CnShape *input,
                   CnShape *output, GError **error)
{
  for (int i = 0; i < windows->rank; i++)
    {
      output->dims[i + 2] =
          cn_window_positions (&windows->axes[i], (int) input->dims[i + 2], "size", error);
      if (output->dims[i + 2] == 0)
        return cn_prefix_step (step, error);
    }
  return TRUE;
}

CnTap
cn_windows_tap (const CnWindows *windows, const CnShape *input, const CnShape *output,
                gsize position, gsize tap, gsize *place)
{
  CnTap where = CN_TAP_INSIDE;
  gsize stride = 1;

  *place = 0;
  for (int i = windows->rank - 1; i >= 0; i--)
    {
      const CnWindow *w = &windows->axes[i];
      gint64 n = input->dims[i + 2];
      gint64 at = (gint64) (position % (gsize) output->dims[i + 2]) * w->stride - w->before
                  + (gint64) (tap % (gsize) w->size) * w->dilation;

      position /= (gsize) output->dims[i + 2];
      tap /= (gsize) w->size;
      if (at >= n + w->after)
        return CN_TAP_BEYOND;
      if (at < 0 || at >= n)
        where = CN_TAP_PADDING;
      *place += (gsize) at * stride;
      stride *= (gsize) n;
    }
  return where;
}

gboolean
cn_step_tensor (const CnStep *step, const CnArray *array, CnTensor *tensor, GError **error)
{
  const CnShape *shape = &array->shape;
  gint64 dims[4] = { shape->dims[0], shape->dims[1], 1, shape->dims[shape->rank - 1] };

  if (shape->rank == 4)
    dims[2] = shape->dims[2];
  for (int i = 0; i < 4; i++)
    if (dims[i] < 1 || dims[i] > (i < 2 ? G_MAXINT : CN_SIZE_MAX))
      return cn_step_fail (step, error, "the size %" G_GINT64_FORMAT " is not supported", dims[i]);
  *tensor = (CnTensor){ (int) dims[0],  (int) dims[1], (int) dims[2], (int) dims[3],
                        CN_LAYOUT_NCHW, array->floats, NULL };
  return TRUE;
}
