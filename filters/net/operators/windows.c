/* windows.c: the windows of convolutions and pools as ONNX writes them down.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/core/shape.h"
#include "filters/net/operators/operators.h"

/* Half of what auto_pad adds, so that the output has ceil (n / stride) positions; the odd one is at
   the end (SAME_UPPER) or at the beginning (SAME_LOWER). */
static void
pad_same (CnWindows *w, int i, gint64 n, gboolean lower)
{
  gint64 extent = w->dilation[i] * (w->size[i] - 1) + 1;
  gint64 positions = (n + w->stride[i] - 1) / w->stride[i];
  gint64 total = MAX ((positions - 1) * w->stride[i] + extent - n, 0);

  w->before[i] = lower ? total - total / 2 : total / 2;
  w->after[i] = total - w->before[i];
}

static gboolean
in_range (const CnStep *step, const char *name, int n, const gint64 *values, gint64 low,
          gint64 high, GError **error)
{
  for (int i = 0; i < n; i++)
    if (values[i] < low || values[i] > high)
      return cn_step_fail (step, error,
                           "%s is %" G_GINT64_FORMAT ", and must be from %" G_GINT64_FORMAT
                           " to %" G_GINT64_FORMAT,
                           name, values[i], low, high);
  return TRUE;
}

gboolean
cn_step_windows (const CnStep *step, const CnShape *input, const CnShape *kernel,
                 CnWindows *windows, GError **error)
{
  const char *automatic = cn_step_string (step, "auto_pad", "NOTSET");
  gint64 pads[2 * CN_RANK_MAX] = { 0 };
  int rank = input->rank - 2;

  if (rank < 1)
    return cn_step_fail (step, error, "an input of %d axes is not supported", input->rank);
  windows->rank = rank;
  for (int i = 0; i < rank; i++)
    {
      windows->size[i] = kernel ? kernel->dims[i + 2] : 0;
      windows->stride[i] = windows->dilation[i] = 1;
    }
  if (!cn_step_ints_n (step, "kernel_shape", rank, windows->size, error)
      || !cn_step_ints_n (step, "strides", rank, windows->stride, error)
      || !cn_step_ints_n (step, "dilations", rank, windows->dilation, error)
      || !cn_step_ints_n (step, "pads", 2 * rank, pads, error)
      || !in_range (step, "The kernel's size", rank, windows->size, 1, CN_SIZE_MAX, error)
      || !in_range (step, "The stride", rank, windows->stride, 1, CN_SIZE_MAX, error)
      || !in_range (step, "The dilation", rank, windows->dilation, 1, CN_SIZE_MAX, error)
      || !in_range (step, "The padding", 2 * rank, pads, 0, CN_SIZE_MAX, error))
    return FALSE;
  for (int i = 0; i < rank; i++)
    {
      if (kernel && windows->size[i] != kernel->dims[i + 2])
        return cn_step_fail (step, error, "kernel_shape is not that of the weights");
      windows->before[i] = windows->after[i] = 0;
      if (g_str_has_prefix (automatic, "SAME"))
        pad_same (windows, i, input->dims[i + 2], strcmp (automatic, "SAME_LOWER") == 0);
      else if (strcmp (automatic, "VALID") != 0)
        {
          windows->before[i] = pads[i];
          windows->after[i] = pads[i + rank];
        }
    }
  return TRUE;
}

gboolean
cn_step_positions (const CnStep *step, const CnWindows *windows, int i, gint64 n,
                   gint64 *positions, GError **error)
{
  gint64 extent = windows->dilation[i] * (windows->size[i] - 1) + 1;
  gint64 padded = n + windows->before[i] + windows->after[i];

  if (n < 1 || padded < extent || padded > CN_SIZE_MAX)
    return cn_step_fail (step, error,
                         "a window of %" G_GINT64_FORMAT " does not fit into %" G_GINT64_FORMAT
                         " + %" G_GINT64_FORMAT " + %" G_GINT64_FORMAT ", or that is over %d",
                         extent, windows->before[i], n, windows->after[i], CN_SIZE_MAX);
  *positions = (padded - extent) / windows->stride[i] + 1;
  return TRUE;
}

gboolean
cn_step_sizes (const CnStep *step, const CnShape *shape, int sizes[4], GError **error)
{
  gint64 dims[4] = { shape->dims[0], shape->dims[1], 1, shape->dims[shape->rank - 1] };

  if (shape->rank == 4)
    dims[2] = shape->dims[2];
  for (int i = 0; i < 4; i++)
    {
      if (dims[i] < 1 || dims[i] > (i < 2 ? G_MAXINT : CN_SIZE_MAX))
        return cn_step_fail (step, error, "the size %" G_GINT64_FORMAT " is not supported", dims[i]);
      sizes[i] = (int) dims[i];
    }
  return TRUE;
}
