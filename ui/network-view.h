/* network-view.h: the page of a dialog that shows the chosen network: what it says of itself, its
 * layers as a diagram and a table, and the totals.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ui/host.h"

/* Follows the arguments `model` and `model-file`; reads the network when the page is looked at. */
#define CN_TYPE_NETWORK_VIEW (cn_network_view_get_type ())
G_DECLARE_FINAL_TYPE (CnNetworkView, cn_network_view, CN, NETWORK_VIEW, GtkBox)

GtkWidget *cn_network_view_new (GimpProcedureConfig *config, const CnNetworkHost *host);
