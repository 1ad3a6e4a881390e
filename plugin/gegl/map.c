/* map.c: a feature map as a picture of the input's size, each of its values a block of pixels.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/gegl/map.h"

#include <gegl.h>

/* Rows of a map that are painted at once when all of it is there. */
#define ROWS 64

/* A run: the map's values on their way to the picture. */
typedef struct
{
  const CnGeglMap *map;
  const CnSource *source;
  const CnSink *sink;
  const CnRect *area; /* of the picture */
  double scale, shift;
  CnContrast contrast;
} Job;

gboolean
cn_gegl_map_init (CnGeglMap *map, GError **error)
{
  cn_tiled_net_scale (map->net, &map->up, &map->down);
  return cn_tiled_net_size (map->net, map->height, map->width, &map->map_height, &map->map_width,
                            error);
}

/* The first pixel that shows value `i` of the `n` there are, or one behind it; the last value has
   the pixels that are left at the end. */
static int
pixel_of (const CnGeglMap *map, int i, int n, int pixels)
{
  return i >= n ? pixels : (int) (((gint64) i * map->down + map->up - 1) / map->up);
}

static int
value_of (const CnGeglMap *map, int pixel, int n)
{
  return (int) MIN ((gint64) pixel * map->up / map->down, n - 1);
}

CnRect
cn_gegl_map_values (const CnGeglMap *map, const CnRect *pixels)
{
  int x = value_of (map, pixels->x, map->map_width);
  int y = value_of (map, pixels->y, map->map_height);

  return (CnRect){ x, y, value_of (map, pixels->x + pixels->width - 1, map->map_width) + 1 - x,
                   value_of (map, pixels->y + pixels->height - 1, map->map_height) + 1 - y };
}

CnRect
cn_gegl_map_pixels (const CnGeglMap *map, const CnRect *values)
{
  int x = pixel_of (map, values->x, map->map_width, map->width);
  int y = pixel_of (map, values->y, map->map_height, map->height);
  int right = pixel_of (map, values->x + values->width, map->map_width, map->width);
  int bottom = pixel_of (map, values->y + values->height, map->map_height, map->height);

  return (CnRect){ x, y, right - x, bottom - y };
}

static CnRect
overlap (const CnRect *a, const CnRect *b)
{
  int x = MAX (a->x, b->x), y = MAX (a->y, b->y);

  return (CnRect){ x, y, MIN (a->x + a->width, b->x + b->width) - x,
                   MIN (a->y + a->height, b->y + b->height) - y };
}

static void
paint_pixel (const Job *job, float value, float *pixel)
{
  const CnGeglMap *map = job->map;
  int colours = map->samples - map->has_alpha;
  double t = value * job->scale + job->shift;
  float rgb[3] = { (float) t, (float) t, (float) t };

  if (map->limit || map->colours != CN_COLOUR_MAP_GRAY)
    cn_colour (map->colours, t, rgb);
  if (colours == 1 && map->colours != CN_COLOUR_MAP_GRAY)
    rgb[0] = (float) (cn_luma[0] * rgb[0] + cn_luma[1] * rgb[1] + cn_luma[2] * rgb[2]);
  for (int c = 0; c < colours; c++)
    pixel[c] = rgb[c];
}

/* Paints the values at `area` of the map, for each pixel of ours that shows one of them. */
static gboolean
paint (gpointer host, const CnRect *area, float *values, gsize row, GError **error)
{
  const Job *job = host;
  const CnGeglMap *map = job->map;
  const CnSink *sink = job->sink;
  CnRect all = cn_gegl_map_pixels (map, area), part = overlap (&all, job->area);
  g_autofree float *pixels = NULL;
  CnView view;

  if (part.width <= 0 || part.height <= 0)
    return TRUE;
  pixels = g_try_new (float, (gsize) part.width *part.height * map->samples);
  if (!pixels)
    {
      cn_set_error (error, CN_ERROR_MEMORY, "Not enough memory for tiles of %d×%d pixels",
                    part.width, part.height);
      return FALSE;
    }
  view = cn_view_packed (pixels, 1, map->samples, part.height, part.width);
  if (map->has_alpha && !cn_border_fetch (job->source, CN_BORDER_ZERO, &part, &view, error))
    return FALSE;
  for (int y = 0; y < part.height; y++)
    for (int x = 0; x < part.width; x++)
      paint_pixel (job,
                   values[(gsize) (value_of (map, part.y + y, map->map_height) - area->y) * row
                          + value_of (map, part.x + x, map->map_width) - area->x],
                   pixels + ((gsize) y * part.width + x) * map->samples);
  part.x += sink->x - job->area->x;
  part.y += sink->y - job->area->y;
  return sink->write (sink->host, &part, pixels, view.row, error);
}

/* Keeps values in a buffer, which GEGL swaps out where they are many, and looks at their range. */
static gboolean
keep (gpointer host, const CnRect *area, float *values, gsize row, GError **error)
{
  GeglRectangle there = { area->x, area->y, area->width, area->height };

  (void) error;
  gegl_buffer_set (host, &there, 0, babl_format ("Y float"), values, (int) (row * sizeof (float)));
  return TRUE;
}

/* Hands `area` of the kept values to a function, some rows at a time. */
static gboolean
give (GeglBuffer *kept, const CnRect *area, CnTransfer take, gpointer host, GError **error)
{
  g_autofree float *values = g_try_new (float, (gsize) area->width *ROWS);
  int bottom = area->y + area->height;

  if (!values)
    {
      cn_set_error (error, CN_ERROR_MEMORY, "Not enough memory for tiles of %d×%d pixels",
                    area->width, ROWS);
      return FALSE;
    }
  for (int y = area->y; y < bottom; y += ROWS)
    {
      CnRect part = { area->x, y, area->width, MIN (ROWS, bottom - y) };

      gegl_buffer_get (kept, GEGL_RECTANGLE (part.x, part.y, part.width, part.height), 1,
                       babl_format ("Y float"), values, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
      if (!take (host, &part, values, (gsize) part.width, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
look (gpointer host, const CnRect *area, float *values, gsize row, GError **error)
{
  Job *job = host;

  (void) error;
  for (int y = 0; y < area->height; y++)
    cn_contrast_look (&job->contrast, values + y * row, (gsize) area->width);
  return TRUE;
}

static gboolean
count (gpointer host, const CnRect *area, float *values, gsize row, GError **error)
{
  Job *job = host;

  (void) error;
  for (int y = 0; y < area->height; y++)
    cn_contrast_count (&job->contrast, values + y * row, (gsize) area->width);
  return TRUE;
}

/* All of the map first, for its range; then the pixels of the area. */
static gboolean
run_by_range (Job *job, const CnSource *source, const CnRun *run, GError **error)
{
  const CnGeglMap *map = job->map;
  CnRect all = { 0, 0, map->map_width, map->map_height };
  CnRect values = cn_gegl_map_values (map, job->area);
  g_autoptr (GeglBuffer) kept =
      gegl_buffer_new (GEGL_RECTANGLE (0, 0, all.width, all.height), babl_format ("Y float"));
  const CnSink sink = { .write = keep, .host = kept };
  float dark, bright;

  cn_contrast_init (&job->contrast);
  if (!cn_tiled_plan_run (map->tiles, source, &sink, NULL, run, error)
      || !give (kept, &all, look, job, error) || !give (kept, &all, count, job, error))
    return FALSE;
  cn_contrast_find (&job->contrast, &dark, &bright);
  cn_colour_scale (map->colours, dark, bright, &job->scale, &job->shift);
  return give (kept, &values, paint, job, error);
}

gboolean
cn_gegl_map_run (const CnGeglMap *map, const CnSource *source, const CnSink *sink,
                 const CnRect *area, const CnRun *run, GError **error)
{
  g_autofree Job *job = g_new0 (Job, 1);
  CnRect values = cn_gegl_map_values (map, area);
  const CnSink to = { .x = values.x, .y = values.y, .write = paint, .host = job };
  CnBleed bleed;

  *job = (Job){ .map = map, .source = source, .sink = sink, .area = area, .scale = 1 };
  if (map->has_alpha)
    {
      cn_bleed_init (&bleed, source, map->samples - 1);
      source = &bleed.source;
    }
  return map->raw ? cn_tiled_plan_run (map->tiles, source, &to, &values, run, error)
                  : run_by_range (job, source, run, error);
}
