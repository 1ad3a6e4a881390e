/* tiled-private.h: the inside of an image-to-image network, shared by its files.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/net/tiled.h"

struct _CnTiledNet
{
  const CnGraph *graph;
  CnTiledOptions options;
  CnInput input;
  const char *output; /* its name, the graph's */
  int out_channels;
  int least;    /* a length that it takes, and with each `align` more it takes another */
  int align;    /* pixels by which a tile may be moved without changing how it is computed */
  int up, down; /* the result has (n − crop) · up / down pixels for n */
  int crop;
  int halo;       /* pixels from a result to the farthest that it depends on; a multiple of align */
  gboolean whole; /* … which may be all */
};

/* The network's planes as interleaved pixels: `height` × `width` of the output from row `y` and
   column `x` on. */
void cn_tiled_from_network (const CnTiledNet *net, const CnArray *output, int y, int x, int height,
                            int width, float *pixels);
