/* tiled.h: an image-to-image network over a picture of any size, tile by tile.
 *
 * Such a network has one input and one first output, float32 of the shape N×C×H×W, with one or
 * three channels each. What it makes of sizes is found out by planning it for two of them: a result
 * of (up / down) · (n − crop) pixels for n. The picture is continued by its nearest pixels so that
 * the result has up / down times its size, whatever the network crops or its strides want.
 *
 * A tile's input goes beyond the pixels that are kept of its result by the network's receptive
 * field, and ends where the picture ends, so that the network's own padding is where it would be:
 * the result is that of the picture as a whole, to rounding. Where a result depends on all of the
 * picture (global pooling, instance normalization) there is one tile.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/core/picture.h"
#include "filters/net/input.h"
#include "filters/net/plan.h"

typedef struct
{
  CnRange range;      /* of the input, and of the output */
  CnOrder order;      /* of channels, in both */
  guint64 memory_max; /* bytes that a tile may take; 0: CN_PLAN_MEMORY */
  int colours;        /* of the picture: 1, or 3: red, green, blue */
  gboolean has_alpha; /* after the colours; the network does not see it */
  int tile;           /* the side of a tile's input; 0: as large as memory_max allows, to 512 */
  /* The result is a feature map, as it is: channel `channel` of this layer, by its name in CnInfo;
     "": of the first layer behind the input. NULL: what the network makes. */
  const char *layer;
  int channel;
} CnTiledOptions;

typedef struct _CnTiledNet CnTiledNet;

/* Looks at the network, which must outlive it. NULL with CN_ERROR_UNSUPPORTED, with the reason in
   words: no image-to-image network, or what it needs is not there; CN_ERROR_ARGUMENT: a layer or a
   channel that is not there, or a layer without maps; or the errors of cn_plan_new(). */
CnTiledNet *cn_tiled_net_new (const CnGraph *graph, const CnTiledOptions *options, GError **error);
void cn_tiled_net_free (CnTiledNet *net);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnTiledNet, cn_tiled_net_free)

/* Channels of the result: 1 or 3; 1 of a feature map. */
int cn_tiled_net_channels (const CnTiledNet *net);

/* How many pixels of the result there are for how many of the picture, on a side, in lowest terms.
 */
void cn_tiled_net_scale (const CnTiledNet *net, int *up, int *down);

/* The size of the result for a picture of that size. FALSE with CN_ERROR_SHAPE if it is over
   CN_SIZE_MAX, or the network takes one size only and needs all of the picture. */
gboolean cn_tiled_net_size (const CnTiledNet *net, int height, int width, int *out_height,
                            int *out_width, GError **error);

/* A network made ready for pictures of one size: how they are cut into tiles, and memory for one of
   them. A tile is always computed as a whole, and from the same pixels. */
typedef struct _CnTiledPlan CnTiledPlan;

/* The net must outlive the plan. NULL with an error of cn_tiled_net_size() or cn_plan_new(). */
CnTiledPlan *cn_tiled_plan_new (const CnTiledNet *net, int height, int width, GError **error);
void cn_tiled_plan_free (CnTiledPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnTiledPlan, cn_tiled_plan_free)

/* Regions, none of them empty, for callers that keep pixels: of the result, the tiles that `area`
   touches, which cost no more than it; of the picture, what these are computed from; of the result,
   the tiles that depend on `area` of the picture. */
CnRect cn_tiled_plan_tiles (const CnTiledPlan *plan, const CnRect *area);
CnRect cn_tiled_plan_needs (const CnTiledPlan *plan, const CnRect *area);
CnRect cn_tiled_plan_changes (const CnTiledPlan *plan, const CnRect *area);

/* Computes `area` of the result, or with NULL all of it, into `sink`, whose pixels have the
   result's channels alone; tile by tile, so that a write function gets a part of a tile at a time.
   One run of a plan at a time. The errors are those of cn_plan_run() and the transfers. */
gboolean cn_tiled_plan_run (CnTiledPlan *plan, const CnSource *source, const CnSink *sink,
                            const CnRect *area, const CnRun *run, GError **error);

/* Makes a plan for the source, runs it and frees it. */
gboolean cn_tiled_net_run (const CnTiledNet *net, const CnSource *source, const CnSink *sink,
                           const CnRect *area, const CnRun *run, GError **error);
