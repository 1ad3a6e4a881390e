/* convolve-dialog.h: the dialog of Convolve….
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libgimp/gimp.h>

#include "ui/host.h"

/* Shows the dialog over the procedure's arguments; FALSE when it was cancelled. */
gboolean cn_convolve_dialog_run (GimpProcedure *procedure, GimpProcedureConfig *config,
                                 const CnKernelStore *store, const CnPreviewHost *preview);
