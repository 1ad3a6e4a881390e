/* network.h: an image-to-image network as an operator over pictures of any channels.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "plugin/model-file.h"
#include "plugin/resizer.h"

typedef struct _CnNetwork CnNetwork;

/* The network for the channels that the options have; with `limit` results are cut to 0 … 1. NULL
   with an error of the engine. */
CnNetwork *cn_network_new (CnModel *model, const CnTiledOptions *options, gboolean limit,
                           GError **error);
void cn_network_free (CnNetwork *network);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnNetwork, cn_network_free)

/* What it runs, for sizes and plans. */
const CnTiledNet *cn_network_tiled (const CnNetwork *network);

/* Computes `area` of the result. `plan` is one of cn_network_tiled() for
   the source's size, or NULL, and one is made for this run. */
gboolean cn_network_run (const CnNetwork *network, CnTiledPlan *plan, const CnSource *source,
                         const CnSink *sink, const CnRect *area, const CnRun *run, GError **error);

/* The network as a resizer; `options` without channels. FALSE with an error of the engine; the
   resizer is to be freed in any case, if it has an `op`. */
gboolean cn_network_make (CnModel *model, const CnTiledOptions *options, int colours,
                          gboolean has_alpha, CnResizer *resizer, GError **error);

/* `second` after `first`; takes both over. */
void cn_network_chain (const CnResizer *first, const CnResizer *second, CnResizer *resizer);
