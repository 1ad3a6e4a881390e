/* network-cell.h: a row of a network's diagram: a layer as a block as large as its result, and the
 * ways that lead to it and past it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "filters/net/info.h"

/* Shows the layer whose index is its property `row`. */
#define CN_TYPE_NETWORK_CELL (cn_network_cell_get_type ())
G_DECLARE_FINAL_TYPE (CnNetworkCell, cn_network_cell, CN, NETWORK_CELL, GtkCellRenderer)

GtkCellRenderer *cn_network_cell_new (void);

/* Shows that network, which must outlive it or be taken away with NULL. */
void cn_network_cell_set (CnNetworkCell *cell, const CnInfo *info);
