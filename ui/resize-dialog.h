/* resize-dialog.h: what the dialogs of filters share whose results have another size.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ui/dialog.h"
#include "ui/host.h"

/* Shows the dialog: the preview, at first with `zoom` screen pixels for each of the result, beside
   the `arguments`; `network`, if there is one, is a page behind the preview. FALSE when it was
   cancelled. */
gboolean cn_resize_dialog_run (GtkWidget *dialog, GimpProcedureConfig *config, GtkWidget *arguments,
                               const CnPreviewHost *preview, int zoom, GtkWidget *network);
