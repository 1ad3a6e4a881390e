/* tensor.c: N×C×H×W floats with an explicit layout.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/core/tensor.h"

#include "filters/core/error.h"

/* Of a cache line, and of the widest vector: those that cross lines take two accesses. */
#define LINE_BYTES 64

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
  bytes = cn_float_bytes (n, channels, height, width);
  *tensor = (CnTensor){ n, channels, height, width, layout, NULL, NULL };
  /* More than is needed, since no allocator both aligns and knows which memory is zero anyway. */
  if (bytes <= G_MAXSIZE - LINE_BYTES)
    tensor->owned = g_try_malloc0 (bytes + LINE_BYTES);
  if (!tensor->owned)
    {
      cn_set_error (error, CN_ERROR_MEMORY,
                    "Not enough memory for a tensor of %d×%d×%d×%d (%zu MiB)", n, channels, height,
                    width, bytes >> 20);
      g_free (tensor);
      return NULL;
    }
  tensor->data =
      (float *) (((guintptr) tensor->owned + LINE_BYTES - 1) & ~(guintptr) (LINE_BYTES - 1));
  return tensor;
}

void
cn_tensor_free (CnTensor *tensor)
{
  if (!tensor)
    return;
  g_free (tensor->owned);
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
  if (t->layout != layout)
    {
      cn_set_error (error, CN_ERROR_SHAPE, "%s is in another layout", cn_translated (name));
      return FALSE;
    }
  if (t->n == n && t->channels == channels && t->height == height && t->width == width)
    return TRUE;
  cn_set_error (error, CN_ERROR_SHAPE, "%s is %d×%d×%d×%d, and must be %d×%d×%d×%d",
                cn_translated (name), t->n, t->channels, t->height, t->width, n, channels, height,
                width);
  return FALSE;
}

gboolean
cn_tiles_run_batch (const CnTiled *tiled, const CnTensor *input, const CnTensor *output,
                    const CnRun *run, GError **error)
{
  CnRect area = { 0, 0, output->width, output->height };
  g_autofree CnSource *sources = g_new0 (CnSource, input->n);
  g_autofree CnSink *sinks = g_new0 (CnSink, input->n);

  for (int i = 0; i < input->n; i++)
    {
      sources[i].width = input->width;
      sources[i].height = input->height;
      sources[i].memory = cn_tensor_view (input, i);
      sinks[i].memory = cn_tensor_view (output, i);
    }
  return cn_tiles_run_all (tiled, input->n, sources, sinks, &area, run, error);
}
