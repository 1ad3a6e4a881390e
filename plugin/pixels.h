/* pixels.h: the pixels of GIMP's drawables, for reading and for writing.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libgimp/gimp.h>

#include "plugin/buffer.h"

/* All pixels of a drawable, in its colour space, with alpha if it has alpha: for reading, and in
   its shadow buffer, which gimp_drawable_merge_shadow() then merges, for writing. */
CnPixels cn_pixels_read (GimpDrawable *drawable, CnEncoding encoding);
CnPixels cn_pixels_shadow (GimpDrawable *drawable, CnEncoding encoding);
