/* apply-dialog.h: the dialog of Apply Network….
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ui/host.h"

/* Shows the dialog over the procedure's arguments; `models` are the names that can be chosen, ended
   by NULL. FALSE when it was cancelled. */
gboolean cn_apply_dialog_run (GimpProcedure *procedure, GimpProcedureConfig *config,
                              const CnPreviewHost *preview, const CnNetworkHost *networks);
