/* canvas-switch.h: whether the canvas shows a preview, and how.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ui/host.h"

/* Two check boxes and a slider, and below them what there is to say. Follows the arguments, and keeps the canvas
   up to date with them. */
#define CN_TYPE_CANVAS_SWITCH (cn_canvas_switch_get_type ())
G_DECLARE_FINAL_TYPE (CnCanvasSwitch, cn_canvas_switch, CN, CANVAS_SWITCH, GtkBox)

GtkWidget *cn_canvas_switch_new (GimpProcedureConfig *config, const CnCanvasHost *host);
