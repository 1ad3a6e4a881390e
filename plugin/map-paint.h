/* map-paint.h: feature maps as pixels: normalised, in colours, at any size; one by one or as a
 * sheet with labels. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <cairo.h>

#include "filters/filters.h"

typedef enum
{
  CN_VALUES_MAP,   /* from the map's `dark` to its `bright` */
  CN_VALUES_LAYER, /* from the layer's */
  CN_VALUES_RAW,   /* as they are */
} CnValues;

typedef struct
{
  CnValues values; /* for CN_COLOUR_MAP_COOLWARM 0 is in the middle */
  CnColourMap colours;
  gboolean bilinear; /* the map is enlarged smoothly, not by repeating its pixels */
  gboolean rgb;      /* three samples for each pixel, not one gray one */
  gboolean bytes;    /* samples are bytes, limited to 0 … 255; otherwise floats from 0 to 1 */
} CnMapPaint;

/* Bytes of a pixel. */
gsize cn_map_pixel (const CnMapPaint *paint);

/* Writes height × width pixels. FALSE with CN_ERROR_MEMORY. */
gboolean cn_map_paint (const CnMaps *maps, const CnMap *map, const CnMapPaint *paint, int height,
                       int width, gpointer pixels, GError **error);

/* “conv1 3 (−0.12 … 1.34)”, and “conv1 28×28×8” for its layer. */
char *cn_map_name (const CnMaps *maps, const CnMap *map);
char *cn_map_layer_name (const CnMaps *maps, const CnMap *map);

/* How a sheet is laid out, in pixels. */
typedef struct
{
  const CnMaps *maps;
  CnMapPaint paint;
  int width;
  int side; /* of a map's longer side; a small map's is the most that repeating its pixels gives */
} CnMapSheet;

/* All maps in rows below each layer's name, each above its channel and range; RGB24. NULL with
   CN_ERROR_MEMORY if that is too large. */
cairo_surface_t *cn_map_sheet (const CnMapSheet *sheet, GError **error);
