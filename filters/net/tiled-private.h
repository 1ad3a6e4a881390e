/* tiled-private.h: the inside of an image-to-image network, shared by its files.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/net/tiled.h"

struct _CnTiledNet
{
  const CnGraph *graph;
  CnTiledOptions options;
  const char *input, *output; /* names, the graph's */
  int in_channels, out_channels;
  gint64 fixed_height, fixed_width; /* the only size that it takes; 0: any */
  int least;    /* a length that it takes, and with each `align` more it takes another */
  int align;    /* pixels by which a tile may be moved without changing how it is computed */
  int up, down; /* the result has (n − crop) · up / down pixels for n */
  int crop;
  int halo;       /* pixels from a result to the farthest that it depends on; a multiple of align */
  gboolean whole; /* … which may be all */
};

/* Interleaved pixels as the network's planes, and the other way: `height` × `width` pixels of the
   output from row `y` and column `x` on. */
void cn_tiled_to_network (const CnTiledNet *net, const float *pixels, gsize count, float *planes);
void cn_tiled_from_network (const CnTiledNet *net, const CnArray *output, int y, int x, int height,
                            int width, float *pixels);
