/* pixels.c: the pixels of GIMP's drawables, for reading and for writing.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/pixels.h"

static const Babl *
format_for (GimpDrawable *drawable, CnEncoding encoding)
{
  return cn_pixels_format (gimp_drawable_is_rgb (drawable), gimp_drawable_has_alpha (drawable),
                           encoding, gimp_drawable_get_format (drawable));
}

CnPixels
cn_pixels_read (GimpDrawable *drawable, CnEncoding encoding)
{
  return cn_pixels_new (gimp_drawable_get_buffer (drawable), format_for (drawable, encoding));
}

CnPixels
cn_pixels_shadow (GimpDrawable *drawable, CnEncoding encoding)
{
  return cn_pixels_new (gimp_drawable_get_shadow_buffer (drawable),
                        format_for (drawable, encoding));
}
