/* map-run.h: feature maps computed layer by layer on a thread of its own, the next layer's while
 * the last one's go to GIMP.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/filters.h"

typedef struct _CnMapRun CnMapRun;

/* Begins with the first layer's. The maps, which cn_maps_begin() has made, and `run` must outlive
   it; progress is told from cn_map_run_next(). */
CnMapRun *cn_map_run_new (CnMaps *maps, const CnRun *run);

/* Stops what is still being computed. */
void cn_map_run_free (CnMapRun *run);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnMapRun, cn_map_run_free)

/* Waits for the maps of the next layer, then lets those of the one after it be computed. `*end`:
   how many maps there are now. FALSE with an error of cn_maps_run(). */
gboolean cn_map_run_next (CnMapRun *run, int *end, GError **error);
