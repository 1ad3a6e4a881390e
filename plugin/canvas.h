/* canvas.h: the preview on the canvas: while a dialog is open, GIMP itself runs the filter on the
 * layers, as one of our operations.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libgimp/gimp.h>

#include "ui/host.h"

/* What is shown of a drawable. */
typedef struct
{
  const char *operation; /* NULL: nothing */
  const char *note;      /* what there is to say of it, in words; NULL if there is nothing */
} CnCanvasPlan;

/* Notes of more than one filter. */
#define CN_CANVAS_NOT_IN_PLACE _ ("The canvas shows only a result that takes the layer's place.")
#define CN_CANVAS_SELECTED _ ("On the canvas the border is at the selection's bounds.")

/* What a filter does for its preview on the canvas. */
typedef struct
{
  const char *operation; /* one that GIMP has if it has loaded our module */
  /* What shows the result of the arguments on the drawable. FALSE while they are broken: what is
     shown stays. */
  gboolean (*plan) (GimpDrawable *drawable, GimpProcedureConfig *config, CnCanvasPlan *plan);
  /* Gives the operation's properties what the arguments ask for. */
  void (*set) (GObject *properties, GimpDrawable *drawable, GimpProcedureConfig *config);
} CnCanvasKind;

/* Adds the arguments `preview-canvas`, `preview-split` and `preview-split-position`, which only the
   dialog has. */
void cn_add_canvas (GimpProcedure *procedure);

/* Runs a dialog that may show its preview on the canvas, and returns what it returns. No preview is
   left then, nor when this process ends before; no undo step is made, and what was saved is not
   said to have changed. */
typedef gboolean (*CnCanvasDialog) (const CnCanvasHost *host, gpointer data);
gboolean cn_canvas_run (const CnCanvasKind *kind, GimpDrawable **drawables, CnCanvasDialog dialog,
                        gpointer data);

/* Takes the previews off the drawables, whoever put them there. */
void cn_canvas_clear (GimpDrawable **drawables);
