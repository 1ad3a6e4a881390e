/* picture.h: where samples lie in memory, and where pictures come from and go to.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/core/shape.h"

/* Samples of a rectangle: `planes` of rows of pixels of `pixel` floats. An interleaved picture
   (H×W×C) is one plane with pixel = C; a planar one (C×H×W) is C planes with pixel = 1. Sample
   (plane p, y, x, channel c) is data[p·plane + y·row + x·pixel + c]. */
typedef struct
{
  float *data;
  int planes, pixel;
  gsize plane, row; /* floats from a plane, a row, to the next */
} CnView;

/* A view of `height` × `width` pixels that lie without gaps from `data` on. */
CnView cn_view_packed (float *data, int planes, int pixel, int height, int width);

/* Floats of such a view. */
gsize cn_view_floats (int planes, int pixel, int height, int width);

/* The same samples, seen from pixel (x, y) on. */
CnView cn_view_at (const CnView *view, int x, int y);

/* Moves `area`, which lies inside of the picture, between a host's picture and `data`, whose rows
   are `row` floats apart. Called from the thread that runs the operator, and from no other. */
typedef gboolean (*CnTransfer) (gpointer host, const CnRect *area, float *data, gsize row,
                                GError **error);

/* Where a picture's pixels come from: memory (`memory.data` is set, which must stay valid and
   unchanged), or a function of the host, which gives interleaved pixels (memory.planes is 1). */
typedef struct
{
  int width, height;
  CnView memory; /* planes and pixel are always set */
  CnTransfer read;
  gpointer host;
} CnSource;

/* Whether `area` lies inside of the source. */
gboolean cn_source_holds (const CnSource *source, const CnRect *area);

/* Where a result's pixels go, likewise. `x` and `y` are those of the first result pixel in the
   host's or the memory's picture. A NULL write function without memory drops the pixels. */
typedef struct
{
  int x, y;
  CnView memory;
  CnTransfer write;
  gpointer host;
} CnSink;
