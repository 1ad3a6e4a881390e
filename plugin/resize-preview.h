/* resize-preview.h: the part of a filter's result, which has a size of its own, that its dialog
 * shows.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "plugin/resize.h"

/* Shows the filter's dialog with its preview. The part that a dialog asks for is one of the result;
   the pixels are those that the filter would write, in the drawable's precision, and transparent
   outside of the result. */
gboolean cn_resize_show_dialog (const CnResize *resize, GimpProcedure *procedure,
                                GimpProcedureConfig *config, GimpDrawable **drawables);
