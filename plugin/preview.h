/* preview.h: what Convolve… makes of the part of a drawable that a dialog shows, computed beside
 * the dialog.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "plugin/convolve.h"
#include "ui/host.h"

typedef struct _CnPreview CnPreview;

CnPreview *cn_preview_new (GimpDrawable *drawable);

/* Gives up what is being computed. */
void cn_preview_free (CnPreview *preview);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnPreview, cn_preview_free)

/* The function `request` of a CnPreviewHost whose host is the preview.

   The pixels are those that the filter would write, in the drawable's precision and through the
   selection, but that the response `stretch` takes its range from the part alone. A result of
   another size is laid over the drawable, each of its pixels where its window has its centre,
   enlarged by the stride. */
void cn_preview_request (gpointer preview, GimpProcedureConfig *config, const GdkRectangle *part,
                         CnPreviewShow show, gpointer user_data);
