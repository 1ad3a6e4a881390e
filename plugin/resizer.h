/* resizer.h: an operator for pictures with certain channels, whose results may have another size.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/core/tile.h"

typedef struct
{
  gpointer op;
  gboolean (*size) (gconstpointer op, int height, int width, int *out_height, int *out_width,
                    GError **error);
  gboolean (*run) (gconstpointer op, const CnSource *source, const CnSink *sink, const CnRect *area,
                   const CnRun *run, GError **error);
  void (*free) (gpointer op);
} CnResizer;
