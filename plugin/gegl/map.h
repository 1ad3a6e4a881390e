/* map.h: a feature map as a picture of the input's size, each of its values a block of pixels.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/filters.h"

typedef struct
{
  const CnTiledNet *net; /* whose result is the map */
  CnTiledPlan *tiles;    /* of it */
  CnColourMap colours;   /* that values are painted in; a gray picture gets their luma */
  gboolean raw;          /* 0 is dark and 1 bright; else the map's range worth showing is */
  int samples;           /* of the picture's pixels: 1 or 3 colours, and alpha, which stays */
  gboolean has_alpha, limit;
  int height, width;         /* of the picture */
  int map_height, map_width; /* set by cn_gegl_map_init() */
  int up, down;
} CnGeglMap;

/* Sets what follows from the rest. FALSE with an error of cn_tiled_net_size(). */
gboolean cn_gegl_map_init (CnGeglMap *map, GError **error);

/* The values that pixels show, and the pixels that show values. */
CnRect cn_gegl_map_values (const CnGeglMap *map, const CnRect *pixels);
CnRect cn_gegl_map_pixels (const CnGeglMap *map, const CnRect *values);

/* Paints `area` of the picture; without `raw` all of the map is computed for it. One run at a time.
   The errors are those of cn_tiled_plan_run(). */
gboolean cn_gegl_map_run (const CnGeglMap *map, const CnSource *source, const CnSink *sink,
                          const CnRect *area, const CnRun *run, GError **error);
