/* network.h: an image-to-image network as an operator over pictures of any channels.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "plugin/models.h"
#include "plugin/resize.h"

/* The network for pictures of such channels; `options` without those. FALSE with an error of the
   engine; the resizer is to be freed in any case, if it has an `op`. */
gboolean cn_network_make (CnModel *model, const CnTiledOptions *options, int colours,
                          gboolean has_alpha, CnResizer *resizer, GError **error);

/* `second` after `first`; takes both over. */
void cn_network_chain (const CnResizer *first, const CnResizer *second, CnResizer *resizer);
