/* selection.c: what a selection leaves of a result.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/gimp/selection.h"

#include <math.h>
#include <string.h>

#include <gegl.h>

float *
selection_read (GimpDrawable *drawable)
{
  GimpImage *image = gimp_item_get_image (GIMP_ITEM (drawable));
  g_autoptr (GeglBuffer) buffer =
      gimp_drawable_get_buffer (GIMP_DRAWABLE (gimp_image_get_selection (image)));
  int width = gimp_drawable_get_width (drawable), height = gimp_drawable_get_height (drawable);
  float *selected = g_new (float, (gsize) width *height);
  int x, y;

  gimp_drawable_get_offsets (drawable, &x, &y);
  gegl_buffer_get (buffer, GEGL_RECTANGLE (x, y, width, height), 1, babl_format ("Y float"),
                   selected, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
  return selected;
}

void
selection_check_rest (GimpDrawable *drawable, const float *selected, GBytes *before,
                      const char *name)
{
  g_autoptr (GBytes) after = harness_bytes (drawable);
  const char *was = g_bytes_get_data (before, NULL), *is = g_bytes_get_data (after, NULL);
  int width = gimp_drawable_get_width (drawable), height = gimp_drawable_get_height (drawable);
  gsize pixel = g_bytes_get_size (before) / ((gsize) width * height);
  int changed = 0;

  for (int i = 0; i < width * height; i++)
    if (selected[i] == 0 && memcmp (was + i * pixel, is + i * pixel, pixel) != 0)
      changed++;
  if (changed)
    harness_fail ("%s: %d pixels outside of the selection were changed", name, changed);
}

/* Puts the expected pixels into the drawable as any of GIMP's filters does. */
static void
put (GimpDrawable *drawable, const Expected *expected)
{
  g_autoptr (GeglBuffer) buffer = gimp_drawable_get_shadow_buffer (drawable);
  gboolean rgb = gimp_drawable_is_rgb (drawable), alpha = gimp_drawable_has_alpha (drawable);
  int samples = expected->width * expected->height * expected->channels;
  g_autofree float *data = g_new (float, samples);

  for (int i = 0; i < samples; i++)
    data[i] = (float) expected->value[i];
  gegl_buffer_set (buffer, NULL, 0,
                   babl_format (rgb ? (alpha ? "R'G'B'A float" : "R'G'B' float")
                                    : (alpha ? "Y'A float" : "Y' float")),
                   data, GEGL_AUTO_ROWSTRIDE);
  gegl_buffer_flush (buffer);
  gimp_drawable_merge_shadow (drawable, FALSE);
}

/* Both drawables may have been rounded twice, before the blend and after it; where it makes
   a pixel nearly transparent, that weighs more on colours, which the blend divides by alpha. */
void
selection_check_blend (GimpDrawable *drawable, GimpDrawable *twin, const Expected *whole,
                       const char *name)
{
  g_auto (Picture) blended = { 0 };
  Expected expected = *whole;
  int samples = whole->width * whole->height * whole->channels;
  gboolean linear = harness_is_linear (drawable);

  put (twin, whole);
  blended = harness_read (twin, linear);
  expected.value = g_new (double, samples);
  expected.tolerance = g_new (double, samples);
  for (int i = 0; i < samples; i++)
    {
      int pixel = i / whole->channels, c = i % whole->channels;
      double alpha = blended.has_alpha && c < blended.colours
                         ? blended.data[(pixel + 1) * whole->channels - 1]
                         : 1;
      double step = g_str_has_prefix (name, "u8")     ? 1. / 255
                    : g_str_has_prefix (name, "half") ? 1. / 512
                                                      : 2e-5;

      expected.value[i] = blended.data[i];
      expected.tolerance[i] = alpha > 0 ? step / alpha + 16 * whole->tolerance[i] : INFINITY;
    }
  harness_check (drawable, &expected, &(Filter){ .encoding = linear ? "linear" : "perceptual" },
                 name);
  g_free (expected.value);
  g_free (expected.tolerance);
}
