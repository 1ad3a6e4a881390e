/* class-bars.h: the likeliest classes of a picture, with a bar for each.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ui/host.h"

/* Follows every argument; emits “status” after each answer or error. */
#define CN_TYPE_CLASS_BARS (cn_class_bars_get_type ())
G_DECLARE_FINAL_TYPE (CnClassBars, cn_class_bars, CN, CLASS_BARS, GtkBox)

GtkWidget *cn_class_bars_new (GimpProcedureConfig *config, const CnPreviewHost *host);

/* The classes become the items of `combo`, too, which must live as long. */
void cn_class_bars_offer (CnClassBars *bars, GtkComboBoxText *combo);

/* Why there is no answer, in words; NULL if there is one. */
const char *cn_class_bars_error (CnClassBars *bars);
