/* preview-pane.h: the preview beside the arguments of a filter, and what comes out of it in words.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libgimp/gimpui.h>

#include "ui/host.h"
#include "ui/kernel-model.h"

/* Follows every argument; emits “status” after each picture or error. */
#define CN_TYPE_PREVIEW_PANE (cn_preview_pane_get_type ())
G_DECLARE_FINAL_TYPE (CnPreviewPane, cn_preview_pane, CN, PREVIEW_PANE, GtkBox)

GtkWidget *cn_preview_pane_new (GimpProcedureDialog *dialog, GimpProcedureConfig *config,
                                CnKernelModel *model, const CnPreviewHost *host);

/* Why the arguments give no result, in words; NULL if they do. */
const char *cn_preview_pane_error (CnPreviewPane *pane);
