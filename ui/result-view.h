/* result-view.h: a part of a filter's result at the result's own size, enlarged so that its pixels
 * can be seen.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ui/host.h"

#define CN_TYPE_RESULT_VIEW (cn_result_view_get_type ())
G_DECLARE_FINAL_TYPE (CnResultView, cn_result_view, CN, RESULT_VIEW, GtkBox)

/* Follows the arguments. It emits `status` when cn_result_view_error() may have changed. `zoom`:
   screen pixels for each of the result, at first. */
GtkWidget *cn_result_view_new (GimpProcedureConfig *config, const CnPreviewHost *host, int zoom);

/* Why there is no result, in words; NULL if there is one. */
const char *cn_result_view_error (CnResultView *view);
