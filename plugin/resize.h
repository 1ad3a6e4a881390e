/* resize.h: the filters whose results have another size: what becomes of the image.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "plugin/canvas.h"
#include "plugin/preview.h"
#include "plugin/resizer.h"
#include "plugin/run.h"

/* What such a filter does on its own. */
typedef struct
{
  const char *result; /* the name of a result, N_ ("%s, pooled") */
  /* Reads the arguments; NULL with an error in words. */
  gpointer (*read) (GimpProcedureConfig *config, GError **error);
  void (*free) (gpointer arguments);
  /* FALSE with an error of the engine. */
  gboolean (*make) (gconstpointer arguments, int colours, gboolean has_alpha, CnResizer *resizer,
                    GError **error);
  gboolean (*dialog) (GimpProcedure *procedure, GimpProcedureConfig *config,
                      const CnPreviewHost *preview);
  /* Whether the image's selection marks something else than what is filtered, as a kernel; NULL if
     it never does. */
  gboolean (*whole) (GimpProcedureConfig *config, GimpImage *image);
  const CnCanvasKind *canvas; /* NULL: nothing is shown on the canvas */
  /* Whether each pixel of a result that keeps the layer's size has its place, so that GIMP itself
     can run the filter; and the filter for that, see cn_effect_new(). The procedure has the
     argument `merge-filter` then. NULL: GIMP cannot. */
  gboolean (*keeps_places) (gconstpointer arguments);
  GimpDrawableFilter *(*effect) (GimpDrawable *drawable, GimpProcedureConfig *config);
} CnResize;

/* Adds the argument `output`, whose ids are of CnOutput: scale-image, new-image, new-layer. */
void cn_add_resize_output (GimpProcedure *procedure);

/* The arguments `encoding` and `output` are the procedure's.

   A new layer or image holds the result of what is selected, as if the layer were cropped to the
   selection's bounds before. Scaling the image filters all its layers as a whole, and puts them
   where they were in proportion; but where the size stays, it replaces the pixels of the
   `drawables` that are selected. */
CnResults *cn_resize_compute (const CnResize *resize, GimpImage *image, GimpDrawable **drawables,
                              GimpProcedureConfig *config, const CnRun *run, GError **error);

/* The part of the drawable that a result is made of, or that it replaces: what is selected, or all
   of it, which it is with `whole`. FALSE if there is a selection and it does not touch the
   drawable. */
gboolean cn_resize_part (GimpDrawable *drawable, CnOutput output, gboolean whole, CnRect *part);

/* What is selected of the drawable, or all of it. FALSE with an error in words if there is a
   selection and it does not touch the drawable. */
gboolean cn_resize_selected (GimpDrawable *drawable, CnRect *part, GError **error);

/* What the filter's `whole` says of the drawable's image. */
gboolean cn_resize_whole (const CnResize *resize, GimpProcedureConfig *config, GimpImage *image);
