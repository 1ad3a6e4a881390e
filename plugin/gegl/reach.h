/* reach.h: how far the pixels reach from which a result is computed.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/filters.h"

/* How far the pixels reach from which one of the result is computed. */
typedef struct
{
  CnWindow y, x;
  CnBorder border;
  int block_height, block_width; /* results of a block are computed together, from the origin on */
} CnGeglReach;

/* The reach of windows with stride 1. */
CnGeglReach cn_gegl_reach (int height, int width, int dilation, CnBorder border);

/* Widens an area of a picture of that size to what its results are computed from; `backwards`: to
   the results that are computed from it. */
void cn_gegl_reach_widen (const CnGeglReach *reach, int height, int width, gboolean backwards,
                          CnRect *area);
