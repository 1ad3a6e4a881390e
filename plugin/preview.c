/* preview.c: what Convolve… makes of the part of a drawable that a dialog shows, computed beside
 * the dialog.
 *
 * One piece of work is done at a time, on a thread of its own, so that typing never waits for it. A
 * new request raises the cancel flag of the work before and starts when that has ended. Pixels are
 * read on the main thread, which alone may talk to GIMP: the thread asks for them and waits.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "convnet" /* G_MESSAGES_DEBUG=convnet says how long each preview took */

#include "plugin/preview.h"

#include <gegl.h>

#include "plugin/preview-paint.h"

/* A kernel with a side over this is cancelled between small tiles; ordinary ones go faster in
   large tiles. */
#define LARGE_KERNEL 31
#define SMALL_TILE 64

/* A transfer that the thread has asked the main thread for. */
typedef struct
{
  const CnRect *area; /* NULL when there is none */
  float *data;
  gsize row;
} Transfer;

typedef struct
{
  CnPreview *preview; /* main thread only; NULL when nobody waits for the result any more */
  CnConvolveWanted wanted;
  CnConvolveOptions options;
  CnPixels *pixels; /* the preview's; used on the main thread while `cancel` is not raised */
  CnSource source;
  int colours;
  gboolean has_alpha;
  gboolean selected; /* there is a selection that counts */
  CnRect bounds;     /* what the filter reaches of the drawable */
  CnPaint paint;
  CnPreviewPicture picture;
  GError *error;
  gint64 start;
  gint cancel;
  GMutex mutex;
  GCond cond;
  Transfer transfer;
} Work;

struct _CnPreview
{
  GimpDrawable *drawable;
  CnPixels pixels[2]; /* for each encoding, kept for the tiles that they have fetched */
  Work *work;
  gboolean again; /* a request has come while there was work */
  GimpProcedureConfig *config;
  GdkRectangle part;
  CnPreviewShow show;
  gpointer user_data;
};

CnPreview *
cn_preview_new (GimpDrawable *drawable)
{
  CnPreview *preview = g_new0 (CnPreview, 1);

  preview->drawable = drawable;
  return preview;
}

static void
clear_work (gpointer data)
{
  Work *work = data;

  cn_kernel_free (work->wanted.kernel);
  cn_paint_clear (&work->paint);
  g_clear_error (&work->error);
  g_mutex_clear (&work->mutex);
  g_cond_clear (&work->cond);
}

static void
release_work (gpointer work)
{
  g_atomic_rc_box_release_full (work, clear_work);
}

static void
cancel (Work *work)
{
  g_mutex_lock (&work->mutex);
  g_atomic_int_set (&work->cancel, 1);
  work->transfer.area = NULL;
  g_cond_signal (&work->cond);
  g_mutex_unlock (&work->mutex);
}

void
cn_preview_free (CnPreview *preview)
{
  if (!preview)
    return;
  if (preview->work)
    {
      cancel (preview->work);
      preview->work->preview = NULL;
    }
  cn_pixels_clear (&preview->pixels[0]);
  cn_pixels_clear (&preview->pixels[1]);
  g_free (preview);
}

/* On the main thread: reads the pixels that the thread waits for. */
static gboolean
serve (gpointer data)
{
  Work *work = data;
  const Transfer *transfer = &work->transfer;

  g_mutex_lock (&work->mutex);
  if (transfer->area)
    {
      CnSource source = cn_pixels_source (work->pixels);

      source.read (source.host, transfer->area, transfer->data, transfer->row, NULL);
      work->transfer.area = NULL;
      g_cond_signal (&work->cond);
    }
  g_mutex_unlock (&work->mutex);
  return G_SOURCE_REMOVE;
}

static gboolean
ask (gpointer host, const CnRect *area, float *data, gsize row, GError **error)
{
  Work *work = host;
  gboolean cancelled;

  g_mutex_lock (&work->mutex);
  if (!work->cancel)
    {
      work->transfer = (Transfer){ area, data, row };
      g_idle_add_full (G_PRIORITY_HIGH, serve, g_atomic_rc_box_acquire (work), release_work);
      while (work->transfer.area)
        g_cond_wait (&work->cond, &work->mutex);
    }
  cancelled = work->cancel;
  g_mutex_unlock (&work->mutex);
  if (cancelled)
    cn_set_error (error, CN_ERROR_CANCELLED, "Cancelled");
  return !cancelled;
}

/* The part in view as far as the filter reaches it; results with a stride show a bit around. */
static CnRect
wanted_part (const Work *work)
{
  const CnRect *bounds = &work->bounds;
  const GdkRectangle *part = &work->picture.part;
  int more = work->options.stride - 1;
  int left = MAX (bounds->x, part->x - more), top = MAX (bounds->y, part->y - more);
  int right = MIN (bounds->x + bounds->width, part->x + part->width + more);
  int bottom = MIN (bounds->y + bounds->height, part->y + part->height + more);

  return (CnRect){ left, top, right - left, bottom - top };
}

static gboolean
compute_part (Work *work, const CnConvolve *convolve, GError **error)
{
  CnRect part = wanted_part (work), area;
  gboolean large = MAX (work->wanted.kernel->height, work->wanted.kernel->width) > LARGE_KERNEL;
  int samples = work->colours + work->has_alpha, x, y;
  CnRun run = { .tile_width = large ? SMALL_TILE : 0,
                .tile_height = large ? SMALL_TILE : 0,
                .cancel = &work->cancel };
  g_autofree float *values = NULL;
  CnSink sink = { 0 };

  if (part.width <= 0 || part.height <= 0
      || !cn_convolve_area (convolve, work->source.width, work->source.height, &part, &area, &x, &y,
                            NULL))
    return TRUE; /* no result lies here */
  values = g_try_new (float, (gsize) area.width *area.height *samples);
  if (!values)
    {
      cn_set_error (error, CN_ERROR_MEMORY, "Too little memory for the preview");
      return FALSE;
    }
  sink.memory = cn_view_packed (values, 1, samples, area.height, area.width);
  if (!cn_convolve_run (convolve, &work->source, &sink, &area, &run, error))
    return FALSE;
  cn_paint_results (&work->paint, values, area.width, area.height, x - work->picture.part.x,
                    y - work->picture.part.y, work->options.stride);
  return TRUE;
}

static void
compute (GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
  Work *work = data;
  CnPreviewPicture *picture = &work->picture;
  g_autoptr (CnConvolve) convolve = NULL;
  CnRect whole;
  int x, y;

  (void) object;
  (void) cancellable;
  convolve = cn_convolve_new (&work->options, work->wanted.kernel, 0, work->colours,
                              work->has_alpha, &work->error);
  if (convolve
      && cn_convolve_area (convolve, work->source.width, work->source.height,
                           work->selected ? &work->bounds : NULL, &whole, &x, &y, &work->error))
    {
      gboolean keeps = cn_convolve_keeps_size (convolve);

      picture->width = keeps && !work->selected ? work->source.width : whole.width;
      picture->height = keeps && !work->selected ? work->source.height : whole.height;
      picture->results = work->wanted.kernel->filters;
      picture->replaces =
          keeps && picture->results == 1 && work->wanted.output == CN_OUTPUT_REPLACE;
      if (picture->replaces)
        {
          picture->width = work->source.width;
          picture->height = work->source.height;
        }
      cn_paint_begin (&work->paint, picture->replaces);
      if (compute_part (work, convolve, &work->error))
        picture->pixels = work->paint.pixels;
    }
  g_task_return_boolean (task, TRUE);
}

static void start (CnPreview *preview);

static void
finished (GObject *object, GAsyncResult *result, gpointer data)
{
  Work *work = g_task_get_task_data (G_TASK (result));
  CnPreview *preview = work->preview;

  (void) object;
  (void) data;
  if (!preview)
    return;
  preview->work = NULL;
  g_debug ("preview of %d×%d pixels, kernel %d×%d: %.1f ms%s", work->picture.part.width,
           work->picture.part.height, work->wanted.kernel->width, work->wanted.kernel->height,
           (double) (g_get_monotonic_time () - work->start) / 1000,
           preview->again ? ", dropped" : "");
  if (preview->again)
    {
      start (preview);
      return;
    }
  work->picture.error = work->error ? work->error->message : NULL;
  preview->show (&work->picture, preview->user_data);
}

/* What the thread needs of the drawable. */
static void
prepare (Work *work, CnPreview *preview)
{
  GimpDrawable *drawable = preview->drawable;
  const GdkRectangle *part = &work->picture.part;
  CnRect *bounds = &work->bounds;
  CnPixels *pixels = &preview->pixels[work->wanted.encoding];

  if (!pixels->buffer)
    *pixels = cn_pixels_read (drawable, work->wanted.encoding);
  work->pixels = pixels;
  work->options = cn_convolve_options_for (&work->wanted, drawable, pixels);
  work->colours = cn_pixels_colours (pixels);
  work->has_alpha = cn_pixels_has_alpha (pixels);
  work->source = cn_pixels_source (pixels);
  work->source.read = ask;
  work->source.host = work;
  work->selected =
      !work->wanted.whole && !gimp_selection_is_empty (gimp_item_get_image (GIMP_ITEM (drawable)));
  *bounds = (CnRect){ 0, 0, work->source.width, work->source.height };
  if (work->selected)
    gimp_drawable_mask_intersect (drawable, &bounds->x, &bounds->y, &bounds->width,
                                  &bounds->height);
  cn_paint_init (&work->paint, drawable, pixels,
                 &(CnRect){ part->x, part->y, part->width, part->height }, work->selected);
}

static void
start (CnPreview *preview)
{
  GimpImage *image = gimp_item_get_image (GIMP_ITEM (preview->drawable));
  Work *work = g_atomic_rc_box_new0 (Work);
  GTask *task;

  preview->again = FALSE;
  g_mutex_init (&work->mutex);
  g_cond_init (&work->cond);
  work->preview = preview;
  work->picture.part = preview->part;
  work->start = g_get_monotonic_time ();
  if (!cn_convolve_wanted (image, preview->config, &work->wanted, &work->error))
    {
      work->picture.error = work->error->message;
      preview->show (&work->picture, preview->user_data);
      release_work (work);
      return;
    }
  prepare (work, preview);
  preview->work = work;
  task = g_task_new (NULL, NULL, finished, NULL);
  g_task_set_task_data (task, work, release_work);
  g_task_run_in_thread (task, compute);
  g_object_unref (task);
}

void
cn_preview_request (gpointer data, GimpProcedureConfig *config, const GdkRectangle *part,
                    CnPreviewShow show, gpointer user_data)
{
  CnPreview *preview = data;

  preview->config = config;
  preview->part = *part;
  preview->show = show;
  preview->user_data = user_data;
  preview->again = TRUE;
  if (preview->work)
    cancel (preview->work);
  else
    start (preview);
}
