/* tile.h: an operator run over a picture tile by tile, on several threads, in bounded memory.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/core/border.h"
#include "filters/core/picture.h"
#include "filters/core/run.h"

/* One tile at work. */
typedef struct
{
  CnRect in, out;         /* coordinates in the input picture and in the result */
  CnView from;            /* begins at pixel (in.x, in.y), border filled in; read only */
  const CnSource *source; /* for an operator that fetches by itself */
  CnView to;              /* begins at pixel (out.x, out.y) */
  gboolean stream;        /* `to` is part of a result too large to be found in a cache later */
  float *scratch;         /* as many floats as `scratch` asked for, from a cache line on */
} CnTile;

/* An operator as the tile runner sees it. `work` is called on several threads at once. */
typedef struct
{
  gconstpointer op;
  int planes, pixel; /* of the result */
  gboolean fetches;  /* the source is memory, and the operator takes its pixels from there itself */
  CnBorder border;
  CnRect (*reach) (gconstpointer op, const CnRect *out); /* the input that `out` is computed from */
  /* Floats for such a tile; no less for one that is larger or reaches further. */
  gsize (*scratch) (gconstpointer op, const CnRect *out);
  void (*work) (gconstpointer op, const CnTile *tile);
  /* The tiles that suit the operator best, for `area` of the result: output pixels. NULL: such as
     pictures are cut into. */
  void (*size) (gconstpointer op, const CnRect *area, int *width, int *height);
  int lanes; /* pixels of a tile, all its rows in one, that are made at a time; 0: rows matter */
  int step;  /* where threads share a map, tiles may begin at any multiple of so many rows, and be
                of different heights; 0: all but the last are as high */
} CnTiled;

/* Tiles that are made smaller, for each thread to have one, keep a multiple of this many rows,
   unless an operator has steps of its own. */
#define CN_TILE_ALIGN 4

/* Computes `area` of the result from `source` into `sink`. Host transfers are done on the calling
   thread while the other threads compute. Working memory is (threads + 2) tiles with their halo,
   whatever the picture's size. FALSE with CN_ERROR_CANCELLED, CN_ERROR_MEMORY (a tile over 1 GiB
   among it: many taps with a large dilation), or an error of a transfer. */
gboolean cn_tiles_run (const CnTiled *tiled, const CnSource *source, const CnSink *sink,
                       const CnRect *area, const CnRun *run, GError **error);

/* The same for `n` pictures, whose sources and sinks differ in their memory only. */
gboolean cn_tiles_run_all (const CnTiled *tiled, int n, const CnSource *sources,
                           const CnSink *sinks, const CnRect *area, const CnRun *run,
                           GError **error);
