/* conv2d-depthwise.c: the convolution of planes each by itself, by kernels of their own.
 *
 * There is little to compute for a sample, and moving it decides: a plane's border is filled in
 * just before the plane is used, in memory that the next plane uses again and the first-level cache
 * keeps. SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/ops/conv2d-private.h"

#include <string.h>

#include "filters/ops/correlate-rows.h"

gboolean
cn_conv2d_is_depthwise (const CnConv2d *conv)
{
  const CnConv2dOptions *o = &conv->options;

  return !conv->shared && !conv->factors && o->groups == o->in_channels
         && !cn_conv2d_is_dense (conv);
}

static int
phase_length (const CnConv2d *conv, int width)
{
  return (width + conv->x.stride - 1) / conv->x.stride;
}

/* Floats of a plane with its border, and of that plane's phases. */
static gsize
scratch (gconstpointer op, const CnRect *out)
{
  const CnConv2d *conv = op;
  CnRect in = cn_conv2d_reach (conv, out);
  gsize floats = cn_view_floats (1, 1, in.height, in.width);

  if (conv->x.stride > 1)
    floats += cn_view_floats (1, conv->x.stride, in.height, phase_length (conv, in.width));
  return floats;
}

/* Each row's samples 0, s, 2s, …, then 1, s + 1, …: taps of the strided kernel then read samples
   that follow each other. */
static CnView
split (const CnConv2d *conv, const CnView *from, const CnRect *in, float *memory)
{
  int stride = conv->x.stride, length = phase_length (conv, in->width);
  CnView to = cn_view_packed (memory, 1, 1, in->height, stride * length);

  for (int y = 0; y < in->height; y++)
    cn_conv2d_split_row (from->data + y * from->row, in->width, stride, to.data + y * to.row,
                         length, length);
  return to;
}

static void
work (gconstpointer op, const CnTile *tile)
{
  const CnConv2d *conv = op;
  const CnConv2dOptions *o = &conv->options;
  int group_out = o->out_channels / o->groups, stride = conv->x.stride;
  gsize taps = (gsize) conv->y.size * conv->x.size, offsets[CN_KERNEL_MAX];

  for (int b = 0; b < conv->x.size; b++)
    {
      int at = b * conv->x.dilation;

      offsets[b] = (gsize) (at % stride) * phase_length (conv, tile->in.width) + at / stride;
    }
  for (int channel = 0; channel < o->out_channels; channel++)
    {
      float *dst = tile->to.data + channel * tile->to.plane;
      CnView from = cn_conv2d_fetch_plane (conv, tile, channel / group_out, tile->scratch);

      if (stride > 1)
        from = split (conv, &from, &tile->in,
                      tile->scratch + cn_view_floats (1, 1, tile->in.height, tile->in.width));
      cn_correlate_rows ((CnCorrelation){ .src = from.data,
                                          .src_row = from.row,
                                          .dst = dst,
                                          .dst_row = tile->to.row,
                                          .weights = conv->weights + channel * taps,
                                          .offsets = offsets,
                                          .kh = conv->y.size,
                                          .kw = conv->x.size,
                                          .n = tile->out.width,
                                          .bias = conv->bias[channel] },
                         tile->out.height, conv->y.stride, conv->y.dilation);
      for (int y = 0; y < tile->out.height && o->activation.kind != CN_ACTIVATION_IDENTITY; y++)
        cn_activation_apply (&o->activation, dst + y * tile->to.row, tile->out.width);
    }
}

/* Planes of 64 KiB: with its result, one stays in the second-level cache, and a small one in the
   first. */
static void
size (gconstpointer op, const CnRect *area, int *width, int *height)
{
  (void) op;
  *width = MIN (area->width, 512);
  *height = MAX (CN_TILE_ALIGN, 16 * 1024 / *width / CN_TILE_ALIGN * CN_TILE_ALIGN);
}

void
cn_conv2d_depthwise (CnTiled *tiled)
{
  tiled->fetches = TRUE;
  tiled->scratch = scratch;
  tiled->work = work;
  tiled->size = size;
}
