/* preview.c: what a filter makes of the part that a dialog shows, computed beside the dialog.
 *
 * One piece of work is done at a time, on a thread of its own, so that typing never waits for it. A
 * new request raises the cancel flag of the work before and starts when that has ended. Pixels are
 * read on the main thread, which alone may talk to GIMP: the thread asks for them and waits.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "convnet" /* G_MESSAGES_DEBUG=convnet says how long each preview took */

#include "plugin/preview.h"

#include <gegl.h>

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
  const CnPreviewKind *kind;
  CnPreviewJob *job;
  CnSource source; /* main thread only: what the job's source asks for */
  GError *error;
  gint64 start;
  gint cancel;
  GMutex mutex;
  GCond cond;
  Transfer transfer;
} Work;

struct _CnPreview
{
  const CnPreviewKind *kind;
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
cn_preview_new (const CnPreviewKind *kind, GimpDrawable *drawable)
{
  CnPreview *preview = g_new0 (CnPreview, 1);

  preview->kind = kind;
  preview->drawable = drawable;
  return preview;
}

static void
clear_work (gpointer data)
{
  Work *work = data;

  work->kind->clear (work->job);
  g_free (work->job);
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
      work->source.read (work->source.host, transfer->area, transfer->data, transfer->row, NULL);
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

static void
compute (GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
  Work *work = data;

  (void) object;
  (void) cancellable;
  work->kind->compute (work->job, &work->error);
  g_task_return_boolean (task, TRUE);
}

static void start (CnPreview *preview);

static void
show (CnPreview *preview, Work *work)
{
  CnPreviewPicture *picture = &work->job->picture;

  picture->error = work->error ? work->error->message : NULL;
  preview->show (picture, preview->user_data);
}

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
  g_debug ("preview of %d×%d pixels: %.1f ms%s", work->job->picture.part.width,
           work->job->picture.part.height, (double) (g_get_monotonic_time () - work->start) / 1000,
           preview->again ? ", dropped" : "");
  if (preview->again)
    start (preview);
  else
    show (preview, work);
}

void
cn_preview_read (CnPreviewJob *job, CnEncoding encoding, const CnRect *part)
{
  Work *work = job->source.host;
  CnPreview *preview = work->preview;

  job->pixels = &preview->pixels[encoding];
  if (!job->pixels->buffer)
    *job->pixels = cn_pixels_read (preview->drawable, encoding);
  if (part)
    job->pixels->part = *part;
  work->source = cn_pixels_source (job->pixels);
  job->source = work->source;
  job->source.read = ask;
  job->source.host = work;
}

static void
start (CnPreview *preview)
{
  Work *work = g_atomic_rc_box_new0 (Work);
  GTask *task;

  preview->again = FALSE;
  g_mutex_init (&work->mutex);
  g_cond_init (&work->cond);
  work->preview = preview;
  work->kind = preview->kind;
  work->job = g_malloc0 (preview->kind->size);
  work->job->picture.part = preview->part;
  work->job->source.host = work;
  work->job->cancel = &work->cancel;
  work->job->data = preview->kind->data;
  work->start = g_get_monotonic_time ();
  if (!preview->kind->prepare (work->job, preview->drawable, preview->config, &work->error))
    {
      show (preview, work);
      release_work (work);
      return;
    }
  preview->work = work;
  task = g_task_new (NULL, NULL, finished, NULL);
  g_task_set_task_data (task, work, release_work);
  g_task_run_in_thread (task, compute);
  g_object_unref (task);
}

static void
request (gpointer host, GimpProcedureConfig *config, const GdkRectangle *part, CnPreviewShow shower,
         gpointer user_data)
{
  CnPreview *preview = host;

  preview->config = config;
  preview->part = *part;
  preview->show = shower;
  preview->user_data = user_data;
  preview->again = TRUE;
  if (preview->work)
    cancel (preview->work);
  else
    start (preview);
}

CnPreviewHost
cn_preview_host (CnPreview *preview)
{
  return (CnPreviewHost){ .host = preview, .drawable = preview->drawable, .request = request };
}
