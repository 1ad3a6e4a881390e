/* buffer.c: pixels between GEGL's buffers and the engine.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/buffer.h"

const Babl *
cn_pixels_format (gboolean rgb, gboolean alpha, CnEncoding encoding, const Babl *like)
{
  static const char *const names[2][2][2] = {
    [CN_ENCODING_PERCEPTUAL] = { { "Y' float", "Y'A float" }, { "R'G'B' float", "R'G'B'A float" } },
    [CN_ENCODING_LINEAR] = { { "Y float", "YA float" }, { "RGB float", "RGBA float" } },
  };

  return babl_format_with_space (names[encoding][rgb][alpha], like);
}

gboolean
cn_pixels_limited (const Babl *format)
{
  const Babl *type = babl_format_get_type (format, 0);

  return type != babl_type ("float") && type != babl_type ("half") && type != babl_type ("double");
}

CnPixels
cn_pixels_new (GeglBuffer *buffer, const Babl *format)
{
  const GeglRectangle *all = gegl_buffer_get_extent (buffer);

  return (CnPixels){ buffer, format, { all->x, all->y, all->width, all->height } };
}

void
cn_pixels_clear (CnPixels *pixels)
{
  g_clear_object (&pixels->buffer);
}

gboolean
cn_pixels_has_alpha (const CnPixels *pixels)
{
  return babl_format_has_alpha (pixels->format);
}

int
cn_pixels_colours (const CnPixels *pixels)
{
  return babl_format_get_n_components (pixels->format) - cn_pixels_has_alpha (pixels);
}

void
cn_pixels_luminance (const CnPixels *pixels, double weights[3])
{
  babl_space_get_rgb_luminance (babl_format_get_space (pixels->format), &weights[0], &weights[1],
                                &weights[2]);
}

static GeglRectangle
on_buffer (const CnPixels *pixels, const CnRect *area)
{
  return (GeglRectangle){ pixels->part.x + area->x, pixels->part.y + area->y, area->width,
                          area->height };
}

static gboolean
read_area (gpointer host, const CnRect *area, float *data, gsize row, GError **error)
{
  const CnPixels *pixels = host;
  GeglRectangle there = on_buffer (pixels, area);

  (void) error;
  gegl_buffer_get (pixels->buffer, &there, 1, pixels->format, data, (int) (row * sizeof (float)),
                   GEGL_ABYSS_NONE);
  return TRUE;
}

static gboolean
write_area (gpointer host, const CnRect *area, float *data, gsize row, GError **error)
{
  const CnPixels *pixels = host;
  GeglRectangle there = on_buffer (pixels, area);

  (void) error;
  gegl_buffer_set (pixels->buffer, &there, 0, pixels->format, data, (int) (row * sizeof (float)));
  return TRUE;
}

CnSource
cn_pixels_source (CnPixels *pixels)
{
  return (CnSource){
    .width = pixels->part.width,
    .height = pixels->part.height,
    .memory = { .planes = 1, .pixel = babl_format_get_n_components (pixels->format) },
    .read = read_area,
    .host = pixels,
  };
}

CnSink
cn_pixels_sink (CnPixels *pixels, int x, int y)
{
  return (CnSink){ .x = x, .y = y, .write = write_area, .host = pixels };
}
