/* maps.h: feature maps: what chosen layers of a network make of a picture, channel by channel.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/net/info.h"
#include "filters/net/input.h"

/* The side of the picture that a network's layers are listed for where it leaves that open. */
#define CN_MAPS_SIDE 224

typedef struct
{
  const char *const
      *layers;         /* names as in CnInfo, ended by NULL; NULL: the first behind the input */
  const int *channels; /* of each layer; none: all */
  int n_channels;
  int strongest; /* of each layer only so many, whose mean |value| is largest, in that order; 0: all
                  */
  int maps_max;  /* more maps are refused */
  CnRange range;
  CnOrder order;
  gboolean in_turn;   /* only the values of the last two layers are kept, which saves memory */
  guint64 memory_max; /* bytes that the network may take; 0: CN_PLAN_MEMORY */
} CnMapsOptions;

/* A channel of a layer's result, row by row. What has no rows, as a dense layer's result, is one
   row of channel 0. */
typedef struct
{
  int layer, channel; /* an index of `layers`, and of the layer's result */
  int height, width;
  const float *values;
  float low, high;    /* the smallest and the largest */
  float dark, bright; /* the same without the outermost half percent on each side, within 1/4096 */
} CnMap;

typedef struct
{
  CnLayer *layers; /* those that were asked for, in that order */
  int n_layers;
  CnMap *maps; /* layer by layer */
  int n;
  float *dark, *bright;       /* of each layer: the least and the most of its maps' */
  struct _CnMapsState *state; /* what `values` and `layers` lie in */
} CnMaps;

/* The size of picture that the network is for; CN_MAPS_SIDE where it leaves it open. FALSE with
   CN_ERROR_UNSUPPORTED: no network that takes a picture. */
gboolean cn_maps_size (const CnGraph *graph, int *height, int *width, GError **error);

/* The layers that there are to choose from, in the order of running, the input first: their names,
   and what they make of a picture of the network's own size, or of CN_MAPS_SIDE pixels. NULL with
   an error as cn_maps_new() has. */
CnInfo *cn_maps_layers (const CnGraph *graph, GError **error);

/* The one of that name; "": the first behind the input. NULL with CN_ERROR_ARGUMENT: it is not
   there, and the message names those that are. */
const CnLayer *cn_maps_layer (const CnInfo *layers, const char *name, GError **error);

/* Runs the network over a picture: interleaved, of `samples` samples of which the first `colours`
   are seen. Only what the layers need is run, so that a layer of convolutions takes any size. The
   graph and the list of channels must outlive the maps.

   NULL with CN_ERROR_UNSUPPORTED: no network that takes a picture; CN_ERROR_ARGUMENT: a layer that
   is not there (the message names those that are), a channel that none of the layers has, more maps
   than maps_max; and the errors of cn_plan_new() and cn_plan_run(). */
CnMaps *cn_maps_new (const CnGraph *graph, const float *pixels, int height, int width, int colours,
                     int samples, const CnMapsOptions *options, const CnRun *run, GError **error);

/* The same in steps: cn_maps_begin() checks everything and computes nothing, so that there are no
   maps yet; cn_maps_run() adds those of a layer, and is called for layer 0, 1, … in turn, or
   cn_maps_run_all() for all. Maps that are there may be used while another thread adds others; the
   last layer's, if the options say in_turn. */
CnMaps *cn_maps_begin (const CnGraph *graph, const float *pixels, int height, int width,
                       int colours, int samples, const CnMapsOptions *options, GError **error);
gboolean cn_maps_run (CnMaps *maps, int layer, const CnRun *run, GError **error);
gboolean cn_maps_run_all (CnMaps *maps, const CnRun *run, GError **error);
void cn_maps_free (CnMaps *maps);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnMaps, cn_maps_free)
