/* tiled-private.h: the inside of an image-to-image network, shared by its files.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/net/tiled.h"

struct _CnTiledNet
{
  const CnGraph *graph;
  CnTiledOptions options;
  CnInput input;
  char *output; /* its name, the graph's; owned */
  int out_channels;
  int least;    /* a length that it takes, and with each `align` more it takes another */
  int align;    /* pixels by which a tile may be moved without changing how it is computed */
  int up, down; /* the result has (n − crop) · up / down pixels for n */
  int crop;
  int halo;       /* pixels from a result to the farthest that it depends on; a multiple of align */
  gboolean whole; /* … which may be all */
};

/* One axis: the picture with what continues it, and the tiles over it. */
typedef struct
{
  int n;           /* pixels of the picture */
  int out;         /* of the result */
  int length;      /* of the continued picture */
  int tile, count; /* the length of each tile, and how many there are */
  int step;        /* from one tile to the next, but for the last, which ends at the end */
} CnTiledAxis;

struct _CnTiledPlan
{
  const CnTiledNet *net;
  CnTiledAxis y, x;
  CnPlan *plan;
  float *pixels; /* of a tile, interleaved */
  float *result; /* what is kept of it */
};

/* Where tile `i` begins in the continued picture. */
int cn_tiled_begin (const CnTiledAxis *axis, int i);

/* Where, in pixels of the result, tile `i` begins to be kept; for i = count, the end. */
int cn_tiled_cut (const CnTiledNet *net, const CnTiledAxis *axis, int i);
