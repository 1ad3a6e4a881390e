/* feature-maps-dialog.h: the dialog of Feature Maps….
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ui/host.h"

/* FALSE when it was cancelled. */
gboolean cn_feature_maps_dialog_run (GimpProcedure *procedure, GimpProcedureConfig *config,
                                     const CnPreviewHost *preview, const CnNetworkHost *networks);
