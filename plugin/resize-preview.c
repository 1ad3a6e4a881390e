/* resize-preview.c: the part of a filter's result, which has a size of its own, that its dialog
 * shows.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/resize-preview.h"

#include "plugin/arguments.h"
#include "plugin/preview-paint.h"
#include "ui/i18n.h"

typedef struct
{
  CnPreviewJob job;
  gpointer arguments;
  CnOutput output;
  int colours;
  gboolean has_alpha;
  CnPaint paint;
} Job;

static void
clear (CnPreviewJob *data)
{
  Job *job = (Job *) data;
  const CnResize *resize = data->data;

  if (job->arguments)
    resize->free (job->arguments);
  cn_paint_clear (&job->paint);
}

static gboolean
prepare (CnPreviewJob *data, GimpDrawable *drawable, GimpProcedureConfig *config, GError **error)
{
  Job *job = (Job *) data;
  const CnResize *resize = data->data;
  gboolean whole = cn_resize_whole (resize, config, gimp_item_get_image (GIMP_ITEM (drawable)));
  CnRect part;

  job->arguments = resize->read (config, error);
  if (!job->arguments)
    return FALSE;
  job->output = cn_read_choice (config, "output");
  if (!cn_resize_part (drawable, job->output, whole, &part))
    {
      g_set_error_literal (error, GIMP_PLUG_IN_ERROR, 0,
                           _ ("The selection does not touch the layer."));
      return FALSE;
    }
  cn_preview_read (data, cn_read_choice (config, "encoding"), &part);
  job->colours = cn_pixels_colours (data->pixels);
  job->has_alpha = cn_pixels_has_alpha (data->pixels);
  cn_paint_init (&job->paint, drawable, data->pixels, data->picture.part.width,
                 data->picture.part.height);
  return TRUE;
}

static gboolean
compute_part (Job *job, const CnResizer *resizer, GError **error)
{
  const CnPreviewPicture *picture = &job->job.picture;
  const GdkRectangle all = { 0, 0, picture->width, picture->height };
  GdkRectangle seen;
  CnRun run = { .cancel = job->job.cancel };
  CnSink sink = { 0 };
  int samples = job->colours + job->has_alpha;
  g_autofree float *values = NULL;
  CnRect area;

  if (!gdk_rectangle_intersect (&all, &picture->part, &seen))
    return TRUE;
  area = (CnRect){ seen.x, seen.y, seen.width, seen.height };
  values = g_try_new (float, (gsize) area.width *area.height *samples);
  if (!values)
    {
      cn_set_error (error, CN_ERROR_MEMORY, "Too little memory for the preview");
      return FALSE;
    }
  sink.memory = cn_view_packed (values, 1, samples, area.height, area.width);
  if (!resizer->run (resizer->op, &job->job.source, &sink, &area, &run, error))
    return FALSE;
  cn_paint_results (&job->paint, values, area.width, area.height, area.x - picture->part.x,
                    area.y - picture->part.y, 1);
  return TRUE;
}

static gboolean
compute (CnPreviewJob *data, GError **error)
{
  Job *job = (Job *) data;
  CnPreviewPicture *picture = &data->picture;
  const CnResize *resize = data->data;
  CnResizer resizer = { 0 };
  gboolean fine;

  picture->from_width = data->source.width;
  picture->from_height = data->source.height;
  picture->results = 1;
  fine = resize->make (job->arguments, job->colours, job->has_alpha, &resizer, error)
         && resizer.size (resizer.op, data->source.height, data->source.width, &picture->height,
                          &picture->width, error);
  if (fine)
    {
      picture->replaces = job->output == CN_OUTPUT_SCALE_IMAGE
                          && picture->width == picture->from_width
                          && picture->height == picture->from_height;
      cn_paint_begin (&job->paint, FALSE);
      fine = compute_part (job, &resizer, error);
    }
  if (resizer.op)
    resizer.free (resizer.op);
  if (fine)
    picture->pixels = job->paint.pixels;
  return fine;
}

typedef struct
{
  const CnResize *resize;
  GimpProcedure *procedure;
  GimpProcedureConfig *config;
  GimpDrawable *drawable;
} Dialog;

static gboolean
run_dialog (const CnCanvasHost *canvas, gpointer data)
{
  const Dialog *dialog = data;
  const CnPreviewKind kind = { .size = sizeof (Job),
                               .prepare = prepare,
                               .compute = compute,
                               .clear = clear,
                               .data = dialog->resize };
  g_autoptr (CnPreview) preview = cn_preview_new (&kind, dialog->drawable);
  CnPreviewHost host = cn_preview_host (preview);

  host.canvas = canvas;
  return dialog->resize->dialog (dialog->procedure, dialog->config, &host);
}

gboolean
cn_resize_show_dialog (const CnResize *resize, GimpProcedure *procedure,
                       GimpProcedureConfig *config, GimpDrawable **drawables)
{
  Dialog dialog = { resize, procedure, config, drawables[0] };

  return resize->canvas ? cn_canvas_run (resize->canvas, drawables, run_dialog, &dialog)
                        : run_dialog (NULL, &dialog);
}
