/* tensor.c: N×C×H×W floats with an explicit layout.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/core/tensor.h"

#include "filters/core/error.h"

CnTensor *
cn_tensor_new (CnLayout layout, int n, int channels, int height, int width, GError **error)
{
  CnTensor *tensor;
  gsize bytes;

  if (n < 1 || channels < 1 || height < 1 || width < 1)
    {
      cn_set_error (error, CN_ERROR_SHAPE, "A tensor of %d×%d×%d×%d has no elements", n, channels,
                    height, width);
      return NULL;
    }
  tensor = g_new (CnTensor, 1);
  *tensor = (CnTensor){ n, channels, height, width, layout, NULL };
  bytes = cn_float_bytes (n, channels, height, width);
  tensor->data = g_try_malloc0 (bytes);
  if (!tensor->data)
    {
      cn_set_error (error, CN_ERROR_MEMORY,
                    "Not enough memory for a tensor of %d×%d×%d×%d (%zu MiB)", n, channels, height,
                    width, bytes >> 20);
      g_free (tensor);
      return NULL;
    }
  return tensor;
}

void
cn_tensor_free (CnTensor *tensor)
{
  if (!tensor)
    return;
  g_free (tensor->data);
  g_free (tensor);
}

CnView
cn_tensor_view (const CnTensor *tensor, int index)
{
  gboolean planar = tensor->layout == CN_LAYOUT_NCHW;
  float *data =
      tensor->data + index * cn_view_floats (tensor->channels, 1, tensor->height, tensor->width);

  return cn_view_packed (data, planar ? tensor->channels : 1, planar ? 1 : tensor->channels,
                         tensor->height, tensor->width);
}
