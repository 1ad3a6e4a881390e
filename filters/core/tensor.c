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
      g_set_error (error, CN_ERROR, CN_ERROR_SHAPE, "A tensor of %d×%d×%d×%d has no elements", n,
                   channels, height, width);
      return NULL;
    }
  tensor = g_new (CnTensor, 1);
  *tensor = (CnTensor){ n, channels, height, width, layout, NULL };
  bytes = cn_float_bytes (n, channels, height, width);
  tensor->data = g_try_malloc0 (bytes);
  if (!tensor->data)
    {
      g_set_error (error, CN_ERROR, CN_ERROR_MEMORY,
                   "Not enough memory for a tensor of %d×%d×%d×%d (%" G_GSIZE_FORMAT " MiB)", n,
                   channels, height, width, bytes >> 20);
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

gboolean
cn_tensor_check (const CnTensor *t, const char *name, CnLayout layout, int n, int channels,
                 int height, int width, GError **error)
{
  if (t->layout == layout && t->n == n && t->channels == channels && t->height == height
      && t->width == width)
    return TRUE;
  g_set_error (error, CN_ERROR, CN_ERROR_SHAPE, "%s is %d×%d×%d×%d%s, and must be %d×%d×%d×%d",
               name, t->n, t->channels, t->height, t->width,
               t->layout != layout ? " in another layout" : "", n, channels, height, width);
  return FALSE;
}

gboolean
cn_tiles_run_batch (const CnTiled *tiled, const CnTensor *input, const CnTensor *output,
                    const CnRun *run, GError **error)
{
  CnRunPart part = { .whole = run, .n = input->n };
  CnRect area = { 0, 0, output->width, output->height };

  for (; part.index < part.n; part.index++)
    {
      CnSource source = { .width = input->width,
                          .height = input->height,
                          .memory = cn_tensor_view (input, part.index) };
      CnSink sink = { .memory = cn_tensor_view (output, part.index) };
      CnRun one = cn_run_part (&part);

      if (!cn_tiles_run (tiled, &source, &sink, &area, &one, error))
        return FALSE;
    }
  return TRUE;
}
