/* map-source.h: the arguments that choose feature maps, the maps that they ask for, and their
 * preview. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "plugin/arguments.h"
#include "plugin/map-paint.h"
#include "plugin/models.h"
#include "plugin/preview.h"

/* What the arguments ask for. */
typedef struct
{
  CnModel *model;
  char **names;  /* of layers */
  int *channels; /* that are listed */
  gboolean scaled;
  CnMapsOptions options;
  CnMapPaint paint;
} CnMapSource;

/* Adds the arguments: model, layers, channels, and how their values become colours. */
void cn_map_source_add (GimpProcedure *procedure);

/* Reads them; FALSE with an error in words. On the main thread. */
gboolean cn_map_source_read (GimpProcedureConfig *config, CnMapSource *source, GError **error);
void cn_map_source_clear (CnMapSource *source);

/* Gives the network a picture of which the first `colours` samples are seen, or one that is no
   larger than `side`, if that is not 0, on its longer side: see cn_maps_begin(). The source must
   outlive the maps. */
CnMaps *cn_map_source_begin (const CnMapSource *source, const CnSource *picture, int colours,
                             int side, GError **error);

/* All maps as a sheet. */
extern const CnPreviewKind cn_map_preview;
