/* upscale-dialog.h: the dialog of Upscale….
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ui/host.h"

/* Shows the dialog over the procedure's arguments; FALSE when it was cancelled. */
gboolean cn_upscale_dialog_run (GimpProcedure *procedure, GimpProcedureConfig *config,
                                const CnPreviewHost *preview);
