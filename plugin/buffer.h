/* buffer.h: pixels between GEGL's buffers and the engine.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gegl.h>

#include "filters/filters.h"
#include "plugin/choices.h"

/* A buffer's pixels as the engine sees them: float, gray or RGB, with alpha or without. */
typedef struct
{
  GeglBuffer *buffer; /* owned */
  const Babl *format;
  CnRect part; /* of the buffer: the engine's picture; at first all of it */
} CnPixels;

void cn_pixels_clear (CnPixels *pixels);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CnPixels, cn_pixels_clear)

/* The format of the engine's pixels in the colour space of another format. */
const Babl *cn_pixels_format (gboolean rgb, gboolean alpha, CnEncoding encoding, const Babl *like);

/* Whether pixels of that format hold 0 … 1 only, being integers. */
gboolean cn_pixels_limited (const Babl *format);

/* All of a buffer, which it takes over. */
CnPixels cn_pixels_new (GeglBuffer *buffer, const Babl *format);

int cn_pixels_colours (const CnPixels *pixels);
gboolean cn_pixels_has_alpha (const CnPixels *pixels);

/* The weights of red, green and blue in the luminance of the pixels' colour space. */
void cn_pixels_luminance (const CnPixels *pixels, double weights[3]);

/* The engine's ends of the transfer; they borrow `pixels`. The sink puts the first result at
   (x, y) of the part. */
CnSource cn_pixels_source (CnPixels *pixels);
CnSink cn_pixels_sink (CnPixels *pixels, int x, int y);
