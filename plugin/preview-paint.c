/* preview-paint.c: the pixels of a preview: results over what the drawable shows, through the
 * selection, as a display takes them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/preview-paint.h"

#include <string.h>

#include <gegl.h>

void
cn_paint_init (CnPaint *paint, GimpDrawable *drawable, const CnPixels *pixels, int width,
               int height)
{
  paint->width = width;
  paint->height = height;
  paint->format = gimp_drawable_get_format (drawable);
  paint->values = pixels->format;
  paint->linear = babl_format_with_space ("RGBA float", paint->format);
  paint->pixels = g_malloc0_n ((gsize) width * height, 4);
}

void
cn_paint_read (CnPaint *paint, GimpDrawable *drawable, const CnPixels *pixels, int x, int y,
               gboolean selected)
{
  const GeglRectangle area = { x, y, paint->width, paint->height };
  gsize count = (gsize) paint->width * paint->height;

  paint->original = g_malloc0_n (count, (gsize) babl_format_get_bytes_per_pixel (paint->format));
  gegl_buffer_get (pixels->buffer, &area, 1, paint->format, paint->original, GEGL_AUTO_ROWSTRIDE,
                   GEGL_ABYSS_NONE);
  if (selected)
    {
      GimpImage *image = gimp_item_get_image (GIMP_ITEM (drawable));
      g_autoptr (GeglBuffer) mask =
          gimp_drawable_get_buffer (GIMP_DRAWABLE (gimp_image_get_selection (image)));
      GeglRectangle there = area;
      int left, top;

      gimp_drawable_get_offsets (drawable, &left, &top);
      there.x += left;
      there.y += top;
      paint->mask = g_malloc0 (count);
      gegl_buffer_get (mask, &there, 1, babl_format ("Y u8"), paint->mask, GEGL_AUTO_ROWSTRIDE,
                       GEGL_ABYSS_NONE);
    }
}

void
cn_paint_clear (CnPaint *paint)
{
  g_free (paint->pixels);
  g_free (paint->original);
  g_free (paint->mask);
}

void
cn_paint_begin (CnPaint *paint, gboolean over)
{
  const Babl *display = babl_format ("R'G'B'A u8");

  babl_fish (paint->format, paint->values); /* what reading will use */
  paint->to_drawable = babl_fish (paint->values, paint->format);
  paint->to_display = babl_fish (paint->format, display);
  paint->over = over;
  if (over)
    babl_process (paint->to_display, paint->original, paint->pixels,
                  (glong) paint->width * paint->height);
}

/* What GIMP makes of a partly selected pixel: both in linear light, premultiplied by their alphas.
 */
static void
mix (float *to, const float *from, float share)
{
  float before = to[3] * (1 - share), after = from[3] * share, alpha = before + after;

  for (int c = 0; c < 3 && alpha > 0; c++)
    to[c] = (to[c] * before + from[c] * after) / alpha;
  to[3] = alpha;
}

/* Puts the drawable's own pixels back, as far as they are not selected, into a row of results that
   begins at (x, y) of the part. */
static void
apply_mask (CnPaint *paint, guchar *results, int width, int x, int y)
{
  gsize bytes = (gsize) babl_format_get_bytes_per_pixel (paint->format);
  gsize at = (gsize) y * paint->width + x;
  const guchar *original = paint->original + at * bytes, *mask = paint->mask + at;
  const Babl *to_linear = babl_fish (paint->format, paint->linear);
  const Babl *from_linear = babl_fish (paint->linear, paint->format);

  for (int i = 0; i < width; i++)
    {
      guchar *result = results + i * bytes;

      if (mask[i] == 0)
        memcpy (result, original + i * bytes, bytes);
      else if (mask[i] < 255)
        {
          float before[4], after[4];

          babl_process (to_linear, original + i * bytes, before, 1);
          babl_process (to_linear, result, after, 1);
          mix (before, after, (float) mask[i] / 255);
          babl_process (from_linear, before, result, 1);
        }
    }
}

static void
put (CnPaint *paint, const guchar *result, int x, int y)
{
  if (x >= 0 && y >= 0 && x < paint->width && y < paint->height)
    memcpy (paint->pixels + 4 * ((gsize) y * paint->width + x), result, 4);
}

void
cn_paint_results (CnPaint *paint, const float *values, int width, int height, int x, int y,
                  int stride)
{
  gsize bytes = (gsize) babl_format_get_bytes_per_pixel (paint->format);
  gsize floats = (gsize) babl_format_get_n_components (paint->values);
  g_autofree guchar *exact = g_malloc_n ((gsize) width, bytes);
  g_autofree guchar *shown = g_malloc_n ((gsize) width, 4);
  int left = x - (stride - 1) / 2, top = y - (stride - 1) / 2;

  for (int row = 0; row < height; row++)
    {
      babl_process (paint->to_drawable, values + (gsize) row * width * floats, exact, width);
      if (paint->over && paint->mask) /* results of the part alone, then, with a stride of 1 */
        apply_mask (paint, exact, width, x, y + row);
      babl_process (paint->to_display, exact, shown, width);
      for (int line = 0; line < stride; line++)
        for (int column = 0; column < width * stride; column++)
          put (paint, shown + 4 * (column / stride), left + column, top + row * stride + line);
    }
}
