/* classify-dialog.h: the dialog of Classify….
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ui/host.h"

/* Shows the dialog over the procedure's arguments, with the answers of `preview`. FALSE when it was
   cancelled. */
gboolean cn_classify_dialog_run (GimpProcedure *procedure, GimpProcedureConfig *config,
                                 const CnPreviewHost *preview, const CnNetworkHost *networks);
