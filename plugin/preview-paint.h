/* preview-paint.h: the pixels of a preview: results over what the drawable shows, through the
 * selection, as a display takes them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "plugin/pixels.h"

typedef struct
{
  int width, height;
  guchar *pixels;          /* RGBA, packed */
  guchar *original;        /* the drawable's, in its own format; NULL if they were not read */
  guchar *mask;            /* the selection, one byte each; NULL without one */
  const Babl *format;      /* the drawable's */
  const Babl *values;      /* the engine's */
  const Babl *linear;      /* for mixing */
  const Babl *to_drawable; /* from the engine's values to the drawable's precision */
  const Babl *to_display;  /* and from there to the display's */
  gboolean over;           /* results are laid over the drawable */
} CnPaint;

/* Makes width × height transparent pixels. */
void cn_paint_init (CnPaint *paint, GimpDrawable *drawable, const CnPixels *pixels, int width,
                    int height);

/* Reads what the drawable shows at (x, y), and what of it is selected; on the main thread. */
void cn_paint_read (CnPaint *paint, GimpDrawable *drawable, const CnPixels *pixels, int x, int y,
                    gboolean selected);
void cn_paint_clear (CnPaint *paint);

/* Begins with the drawable (`over`), or with nothing for a result that does not replace it. The
   first time that a conversion between two formats is wanted, babl takes seconds to measure its
   ways, which no dialog can wait for: this is for a thread. */
void cn_paint_begin (CnPaint *paint, gboolean over);

/* Paints width × height results, the first with its centre at (x, y) of the part and each `stride`
   pixels wide and high. */
void cn_paint_results (CnPaint *paint, const float *values, int width, int height, int x, int y,
                       int stride);
