/* map-paint.c: feature maps as pixels: normalised, in colours, at any size; one by one or as a
 * sheet with labels. SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/map-paint.h"

#include <math.h>
#include <pango/pangocairo.h>
#include <string.h>

/* Of a sheet, in pixels. */
#define SHEET_MAX 32000 /* cairo's limit is 32767 */
#define MARGIN 12
#define GAP 8
#define HEADING 26
#define LINE 15 /* of a label */
#define LABEL_FONT "Sans 8"

static void
find_scale (const CnMaps *maps, const CnMap *map, const CnMapPaint *paint, double *scale,
            double *shift)
{
  gboolean layer = paint->values == CN_VALUES_LAYER;
  double low = layer ? maps->dark[map->layer] : map->dark;
  double high = layer ? maps->bright[map->layer] : map->bright;

  *scale = 1;
  *shift = 0;
  if (paint->values != CN_VALUES_RAW)
    cn_colour_scale (paint->colours, low, high, scale, shift);
}

static gpointer
allocate (int height, int width, gsize pixel, GError **error)
{
  gpointer memory = g_try_malloc ((gsize) height * width * pixel);

  if (!memory)
    cn_set_error (error, CN_ERROR_MEMORY, "Not enough memory for a picture of %d×%d pixels", width,
                  height);
  return memory;
}

/* Bytes of the colours of 0 … 1 in equal steps, so many for each that is told apart. */
#define STEPS (255 * 32)

static guint8 *
byte_table (CnColourMap colours, int samples)
{
  guint8 *table = g_new (guint8, (STEPS + 1) * samples);

  for (int i = 0; i <= STEPS; i++)
    {
      float rgb[3];

      cn_colour (colours, (double) i / STEPS, rgb);
      for (int c = 0; c < samples; c++)
        table[i * samples + c] = (guint8) (rgb[c] * 255 + 0.5f);
    }
  return table;
}

/* `n` values as bytes. */
static void
colour_bytes (const CnMapPaint *paint, const float *values, gsize n, double scale, double shift,
              guint8 *pixels)
{
  int samples = paint->rgb ? 3 : 1;
  g_autofree guint8 *table = byte_table (paint->rgb ? paint->colours : CN_COLOUR_MAP_GRAY, samples);
  float by = (float) (scale * STEPS), from = (float) (shift * STEPS + 0.5);

  for (gsize i = 0; i < n; i++)
    {
      float place = values[i] * by + from;
      const guint8 *colour = table + samples * (place > 0 ? (int) MIN (place, STEPS) : 0);

      for (int c = 0; c < samples; c++)
        pixels[i * samples + c] = colour[c];
    }
}

/* `n` values as pixels. */
static void
colour (const CnMaps *maps, const CnMap *map, const CnMapPaint *paint, const float *values, gsize n,
        gpointer pixels)
{
  double scale, shift;
  int samples = paint->rgb ? 3 : 1;

  find_scale (maps, map, paint, &scale, &shift);
  if (paint->bytes)
    {
      colour_bytes (paint, values, n, scale, shift, pixels);
      return;
    }
  for (gsize i = 0; i < n; i++)
    {
      double t = values[i] * scale + shift;
      float rgb[3] = { (float) t };

      if (paint->rgb)
        cn_colour (paint->colours, t, rgb);
      for (int c = 0; c < samples; c++)
        ((float *) pixels)[i * samples + c] = rgb[c];
    }
}

/* A row by repeating or leaving out pixels of `size` bytes: pixel `from[x]` at x. */
static void
pick (const guint8 *row, const int *from, int width, gsize size, guint8 *to)
{
  if (size == 1)
    for (int x = 0; x < width; x++)
      to[x] = row[from[x]];
  else if (size == 3)
    for (int x = 0; x < width; x++)
      memcpy (to + 3 * (gsize) x, row + 3 * (gsize) from[x], 3);
  else
    for (int x = 0; x < width; x++)
      memcpy (to + x * size, row + from[x] * size, size);
}

/* Pixels of the map's own size to those of another, by the nearest. */
static void
enlarge (const CnMap *map, const guint8 *own, gsize size, int height, int width, guint8 *pixels)
{
  g_autofree int *from = g_new (int, width);
  gsize row = width * size;
  int before = -1;

  for (int x = 0; x < width; x++)
    from[x] = (int) ((gint64) x * map->width / width);
  for (int y = 0; y < height; y++)
    {
      int line = (int) ((gint64) y * map->height / height);

      if (line == before)
        memcpy (pixels + y * row, pixels + (y - 1) * row, row);
      else
        pick (own + (gsize) line * map->width * size, from, width, size, pixels + y * row);
      before = line;
    }
}

gsize
cn_map_pixel (const CnMapPaint *paint)
{
  return (paint->rgb ? 3 : 1) * (paint->bytes ? 1 : sizeof (float));
}

gboolean
cn_map_paint (const CnMaps *maps, const CnMap *map, const CnMapPaint *paint, int height, int width,
              gpointer pixels, GError **error)
{
  gsize size = cn_map_pixel (paint);
  g_autofree gpointer between = NULL;

  if (map->height == height && map->width == width)
    {
      colour (maps, map, paint, map->values, (gsize) height * width, pixels);
      return TRUE;
    }
  if (paint->bilinear)
    {
      between = allocate (height, width, sizeof (float), error);
      if (!between
          || !cn_rescale (map->values, map->height, map->width, 1, between, height, width, error))
        return FALSE;
      colour (maps, map, paint, between, (gsize) height * width, pixels);
      return TRUE;
    }
  between = allocate (map->height, map->width, size, error);
  if (!between)
    return FALSE;
  colour (maps, map, paint, map->values, (gsize) map->height * map->width, between);
  enlarge (map, between, size, height, width, pixels);
  return TRUE;
}

char *
cn_map_name (const CnMaps *maps, const CnMap *map)
{
  return g_strdup_printf ("%s %d (%.3g … %.3g)", maps->layers[map->layer].name, map->channel,
                          map->low, map->high);
}

char *
cn_map_layer_name (const CnMaps *maps, const CnMap *map)
{
  const CnLayer *layer = &maps->layers[map->layer];

  return g_strdup_printf ("%s %d×%d×%" G_GINT64_FORMAT, layer->name, map->height, map->width,
                          layer->shape.rank == 4 ? layer->shape.dims[1] : 1);
}

static PangoLayout *
make_text (PangoLayout *layout, const char *font, const char *text)
{
  PangoFontDescription *description = pango_font_description_from_string (font);

  pango_layout_set_font_description (layout, description);
  pango_layout_set_text (layout, text, -1);
  pango_font_description_free (description);
  return layout;
}

/* A map's channel and range, on one line or on two. */
static char *
make_label (const CnMap *map, int lines)
{
  return g_strdup_printf (lines == 1 ? "%d: %.3g … %.3g" : "%d:\n%.2g … %.2g", map->channel,
                          map->low, map->high);
}

/* The width that the labels of `n` maps need. */
static int
labels_width (const CnMap *maps, int n, int lines)
{
  PangoContext *context = pango_font_map_create_context (pango_cairo_font_map_get_default ());
  PangoLayout *layout = pango_layout_new (context);
  int most = 0, width;

  for (int i = 0; i < n; i++)
    {
      g_autofree char *label = make_label (&maps[i], lines);

      pango_layout_get_pixel_size (make_text (layout, LABEL_FONT, label), &width, NULL);
      most = MAX (most, width + 1); /* it is rounded */
    }
  g_object_unref (layout);
  g_object_unref (context);
  return most;
}

/* How the maps of a layer lie on the sheet: all are as large. */
typedef struct
{
  int width, height;
  int lines;        /* of a label */
  int across, down; /* from one map to the next */
  int columns;
} Cell;

/* Larger maps are shrunk to that side; pixels of smaller ones become squares. No label is cut off.
 */
static Cell
find_cell (const CnMapSheet *sheet, const CnMap *map, int n)
{
  int side = sheet->side, longer = MAX (map->width, map->height);
  double zoom = longer > side ? (double) side / longer : side / longer;
  Cell cell = { .width = MAX (1, (int) lround (map->width * zoom)),
                .height = MAX (1, (int) lround (map->height * zoom)) };

  if (map->height == 1) /* a bar, for a line would not be seen */
    cell.height = side / 4;
  cell.lines = labels_width (map, n, 1) <= cell.width ? 1 : 2;
  cell.across = MAX (cell.width, labels_width (map, n, cell.lines)) + GAP;
  cell.down = cell.height + LINE * cell.lines + 1 + GAP;
  cell.columns = MAX (1, (sheet->width - 2 * MARGIN + GAP) / cell.across);
  return cell;
}

static int
count_maps (const CnMaps *maps, int first)
{
  int n = 0;

  while (first + n < maps->n && maps->maps[first + n].layer == maps->maps[first].layer)
    n++;
  return n;
}

static void
draw_text (cairo_t *cr, int x, int y, int width, const char *font, const char *text)
{
  PangoLayout *layout = make_text (pango_cairo_create_layout (cr), font, text);

  pango_layout_set_width (layout, width * PANGO_SCALE);
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  cairo_set_source_rgb (cr, 0.1, 0.1, 0.1);
  cairo_move_to (cr, x, y);
  pango_cairo_show_layout (cr, layout);
  g_object_unref (layout);
}

/* The map's pixels on the surface, which has no clip of its own. */
static gboolean
draw_map (const CnMapSheet *sheet, cairo_surface_t *surface, int x, int y, const CnMap *map,
          int height, int width, GError **error)
{
  g_autofree guint8 *pixels = allocate (height, width, 3, error);
  int stride = cairo_image_surface_get_stride (surface);
  CnMapPaint paint = sheet->paint;

  paint.bilinear = width < map->width; /* so that no pixel is left out */
  paint.rgb = paint.bytes = TRUE;
  if (!pixels || !cn_map_paint (sheet->maps, map, &paint, height, width, pixels, error))
    return FALSE;
  cairo_surface_flush (surface);
  for (int row = 0; row < height; row++)
    {
      guint32 *to =
          (guint32 *) (gpointer) (cairo_image_surface_get_data (surface) + (y + row) * stride) + x;
      const guint8 *from = pixels + (gsize) row * width * 3;

      for (int i = 0; i < width; i++, from += 3)
        to[i] = (guint32) from[0] << 16 | (guint32) from[1] << 8 | from[2];
    }
  cairo_surface_mark_dirty (surface);
  return TRUE;
}

/* Draws a layer's maps from `top` on, or with NULL measures only; gives where the next layer
   begins. −1 with an error. */
static gint64
draw_layer (const CnMapSheet *sheet, cairo_t *cr, int first, int n, gint64 top, GError **error)
{
  const CnMap *maps = sheet->maps->maps + first;
  Cell cell = find_cell (sheet, maps, n);
  int rows = (n + cell.columns - 1) / cell.columns;
  g_autofree char *name = cn_map_layer_name (sheet->maps, maps);

  if (!cr)
    return top + HEADING + (gint64) rows * cell.down + GAP;
  draw_text (cr, MARGIN, (int) top, sheet->width - 2 * MARGIN, "Sans Bold 11", name);
  for (int i = 0; i < n; i++)
    {
      int x = MARGIN + i % cell.columns * cell.across;
      int y = (int) top + HEADING + i / cell.columns * cell.down;
      g_autofree char *label = make_label (&maps[i], cell.lines);

      if (!draw_map (sheet, cairo_get_target (cr), x, y, &maps[i], cell.height, cell.width, error))
        return -1;
      draw_text (cr, x, y + cell.height + 1, cell.across - GAP, LABEL_FONT, label);
    }
  return top + HEADING + (gint64) rows * cell.down + GAP;
}

static gint64
draw_layers (const CnMapSheet *sheet, cairo_t *cr, GError **error)
{
  gint64 top = MARGIN;

  for (int first = 0, n; first < sheet->maps->n && top >= 0; first += n)
    {
      n = count_maps (sheet->maps, first);
      top = draw_layer (sheet, cr, first, n, top, error);
    }
  return top;
}

cairo_surface_t *
cn_map_sheet (const CnMapSheet *sheet, GError **error)
{
  gint64 height = draw_layers (sheet, NULL, NULL);
  cairo_surface_t *surface = NULL;
  cairo_t *cr;

  if (height <= SHEET_MAX)
    surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, sheet->width, (int) height);
  if (!surface || cairo_surface_status (surface) != CAIRO_STATUS_SUCCESS)
    {
      g_clear_pointer (&surface, cairo_surface_destroy);
      cn_set_error (error, CN_ERROR_MEMORY,
                    "The sheet would have %d rows of pixels: choose fewer layers or channels",
                    (int) MIN (height, G_MAXINT));
      return NULL;
    }
  cr = cairo_create (surface);
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_paint (cr);
  height = draw_layers (sheet, cr, error);
  cairo_destroy (cr);
  if (height < 0)
    g_clear_pointer (&surface, cairo_surface_destroy);
  return surface;
}
