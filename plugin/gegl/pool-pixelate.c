/* pool-pixelate.c: the operation convnet:pool-pixelate: the input pooled at the window's size, and
 * blown up again.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/gegl/pool.h"

#include "filters/core/error.h"

/* Rows of pixels, about, that are blown up together; those of GEGL's tiles are 64 and 128. */
#define STRIP 128

static const CnGeglProperty properties[] = {
  CN_GEGL_POOL_WINDOW (8, 64),
  { 0 },
};

typedef struct
{
  CnPoolPicture *pool;
  int height, width; /* of a window */
} Pixelate;

static void
free_op (gpointer op)
{
  cn_pool_picture_free (((Pixelate *) op)->pool);
  g_free (op);
}

/* Rounding up lets windows that hang over the right and lower edge have what there is of them. */
static gboolean
make (GObject *filter, CnGeglPlan *plan, GError **error)
{
  CnPoolOptions options = { .ceil = TRUE };
  Pixelate *op;

  g_object_get (filter, "kind", &options.kind, "window-width", &options.width, "window-height",
                &options.height, NULL);
  options.stride_x = options.width;
  options.stride_y = options.height;
  op = g_new0 (Pixelate, 1);
  op->height = options.height;
  op->width = options.width;
  op->pool = cn_pool_picture_new (&options, plan->colours, plan->has_alpha, error);
  if (!op->pool)
    {
      free_op (op);
      return FALSE;
    }
  plan->op = op;
  plan->reach = cn_gegl_reach (1, 1, 1, CN_BORDER_ZERO);
  plan->reach.block_height = op->height;
  plan->reach.block_width = op->width;
  return TRUE;
}

/* The windows that `area` touches. */
static CnRect
windows_of (const Pixelate *op, const CnRect *area)
{
  int left = area->x / op->width, top = area->y / op->height;

  return (CnRect){ left, top, (area->x + area->width - 1) / op->width + 1 - left,
                   (area->y + area->height - 1) / op->height + 1 - top };
}

/* Blows up: row `y` of `area` to `to`, from the `windows` that were pooled. */
static void
blow_up_row (const Pixelate *op, const CnView *pooled, const CnRect *windows, const CnRect *area,
             int y, float *to)
{
  const float *row = pooled->data + (gsize) ((area->y + y) / op->height - windows->y) * pooled->row;

  for (int x = area->x; x < area->x + area->width; x++)
    {
      const float *from = row + (gsize) (x / op->width - windows->x) * pooled->pixel;

      for (int c = 0; c < pooled->pixel; c++)
        *to++ = from[c];
    }
}

/* One strip, whose results fit into `pooled` and `pixels`. */
static gboolean
run_strip (const Pixelate *op, const CnSource *source, const CnSink *sink, const CnRect *area,
           float *pooled, float *pixels, const CnRun *how, GError **error)
{
  CnRect windows = windows_of (op, area);
  int channels = source->memory.pixel;
  gsize row = (gsize) area->width * channels;
  CnSink into = { .memory = cn_view_packed (pooled, 1, channels, windows.height, windows.width) };

  if (!cn_pool_picture_run (op->pool, source, &into, &windows, how, error))
    return FALSE;
  for (int y = 0; y < area->height; y++)
    blow_up_row (op, &into.memory, &windows, area, y, pixels + y * row);
  return sink->write (sink->host, area, pixels, row, error);
}

static gboolean
run (gconstpointer data, const CnSource *source, const CnSink *sink, const CnRect *area,
     const CnRun *how, GError **error)
{
  const Pixelate *op = data;
  int strip = MAX (STRIP / op->height, 1) * op->height;
  CnRect part = { area->x, area->y, area->width, MIN (area->height, strip) };
  CnRect windows = { 0, 0, part.width / op->width + 2, strip / op->height + 1 };
  int channels = source->memory.pixel, bottom = area->y + area->height;
  g_autofree float *pooled =
      g_try_malloc (cn_float_bytes (channels, windows.width, windows.height, 1));
  g_autofree float *pixels = g_try_malloc (cn_float_bytes (channels, part.width, part.height, 1));

  if (!pooled || !pixels)
    {
      cn_set_error (error, CN_ERROR_MEMORY, "Not enough memory for %d×%d pixels", part.width,
                    part.height);
      return FALSE;
    }
  for (; part.y < bottom; part.y += part.height)
    {
      part.height = MIN (bottom, (part.y / strip + 1) * strip) - part.y;
      if (!run_strip (op, source, sink, &part, pooled, pixels, how, error))
        return FALSE;
    }
  return TRUE;
}

const CnGeglKind cn_gegl_pool_pixelate = {
  .type = "CnGeglPoolPixelate",
  .name = "convnet:pool-pixelate",
  .title = N_ ("Pixelate by pooling"),
  .description = N_ ("Pool the layer, and blow the result up to the layer's size again"),
  .categories = "blur:scramble",
  .menu_label = N_ ("Pi_xelate by Pooling…"),
  .hash = "67f314c0b98baf224c8e528610d91f4e",
  .properties = properties,
  .make = make,
  .free = free_op,
  .run = run,
};
