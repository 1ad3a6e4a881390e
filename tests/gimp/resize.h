/* resize.h: pooling and upscaling as a test states them, their calls, and their results in double.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "tests/gimp/harness.h"

/* The arguments; 0 and NULL stand for the defaults. */
typedef struct
{
  /* Of plug-in-convnet-pool. */
  const char *kind;
  int width, height, stride_x, stride_y;
  /* Of plug-in-convnet-upscale, which is meant where there is a method. */
  const char *method;
  int factor;
  const Kernel *kernel; /* its first filter and plane */
  int stride, output_padding;
  /* Of both. */
  const char *padding, *border, *encoding, *output;
  gboolean effect; /* merge-filter is FALSE */
} Resize;

/* Calls the procedure on drawables of an image, or on one drawable of its own image. */
Outcome resize_call (GimpImage *image, GimpDrawable **drawables, const Resize *resize);
Outcome resize_one (gpointer drawable, const Resize *resize);

/* What must become of a drawable, or of the rectangle `part` (x, y, width, height) of it. */
Expected resize_expect (const Resize *resize, GimpDrawable *drawable, const int part[4]);

/* Fails the test unless the whole drawable is what is expected. */
void resize_check (GimpDrawable *drawable, const Expected *expected, const Resize *resize,
                   const char *name);

/* All of an image that these procedures could change: sizes, and each layer's id, name, locks,
   place, pixels and mask; the selection, the channels and the selected layers. */
GBytes *resize_snapshot (GimpImage *image);
