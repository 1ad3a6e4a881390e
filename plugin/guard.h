/* guard.h: a second process of the plug-in, which takes previews off the canvas when the first has
 * died.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libgimp/gimp.h>

#define CN_GUARD "plug-in-convnet-guard"

GimpProcedure *cn_guard_procedure (GimpPlugIn *plug_in);

/* Whether a process is guarded at present. */
gboolean cn_guard_is_busy (void);

/* Calls `run` while the guard watches, and sets `result` to what it returns. FALSE if there is no
   guard: `run` has not been called. */
gboolean cn_guard_run (GimpDrawable **drawables, gboolean (*run) (gpointer data), gpointer data,
                       gboolean *result);
