/* pool-dialog.h: the dialog of Pool….
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ui/host.h"

/* Shows the dialog over the procedure's arguments; FALSE when it was cancelled. */
gboolean cn_pool_dialog_run (GimpProcedure *procedure, GimpProcedureConfig *config,
                             const CnPreviewHost *preview);
