/* convolve-preview.c: what Convolve… makes of the part of a drawable that its dialog shows.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/convolve-preview.h"

#include "plugin/convolve.h"
#include "plugin/preview-paint.h"

/* A kernel with a side over this is cancelled between small tiles; ordinary ones go faster in
   large tiles. */
#define LARGE_KERNEL 31
#define SMALL_TILE 64

typedef struct
{
  CnPreviewJob job;
  CnConvolveWanted wanted;
  CnConvolveOptions options;
  int colours;
  gboolean has_alpha;
  gboolean selected; /* there is a selection that counts */
  CnRect bounds;     /* what the filter reaches of the drawable */
  CnPaint paint;
} Job;

static void
clear (CnPreviewJob *data)
{
  Job *job = (Job *) data;

  cn_kernel_free (job->wanted.kernel);
  cn_paint_clear (&job->paint);
}

static gboolean
prepare (CnPreviewJob *data, GimpDrawable *drawable, GimpProcedureConfig *config, GError **error)
{
  Job *job = (Job *) data;
  GimpImage *image = gimp_item_get_image (GIMP_ITEM (drawable));
  const GdkRectangle *part = &data->picture.part;
  CnRect *bounds = &job->bounds;

  if (!cn_convolve_wanted (image, config, &job->wanted, error))
    return FALSE;
  cn_preview_read (data, job->wanted.encoding, NULL);
  job->options = cn_convolve_options_for (&job->wanted, drawable, data->pixels);
  job->colours = cn_pixels_colours (data->pixels);
  job->has_alpha = cn_pixels_has_alpha (data->pixels);
  job->selected = !job->wanted.whole && !gimp_selection_is_empty (image);
  *bounds = (CnRect){ 0, 0, data->source.width, data->source.height };
  if (job->selected)
    gimp_drawable_mask_intersect (drawable, &bounds->x, &bounds->y, &bounds->width,
                                  &bounds->height);
  cn_paint_init (&job->paint, drawable, data->pixels, part->width, part->height);
  cn_paint_read (&job->paint, drawable, data->pixels, part->x, part->y, job->selected);
  return TRUE;
}

/* The part in view as far as the filter reaches it; results with a stride show a bit around. */
static CnRect
wanted_part (const Job *job)
{
  const CnRect *bounds = &job->bounds;
  const GdkRectangle *part = &job->job.picture.part;
  int more = job->options.stride - 1;
  int left = MAX (bounds->x, part->x - more), top = MAX (bounds->y, part->y - more);
  int right = MIN (bounds->x + bounds->width, part->x + part->width + more);
  int bottom = MIN (bounds->y + bounds->height, part->y + part->height + more);

  return (CnRect){ left, top, right - left, bottom - top };
}

static gboolean
compute_part (Job *job, const CnConvolve *convolve, GError **error)
{
  const CnSource *source = &job->job.source;
  const GdkRectangle *part = &job->job.picture.part;
  CnRect wanted = wanted_part (job), area;
  gboolean large = MAX (job->wanted.kernel->height, job->wanted.kernel->width) > LARGE_KERNEL;
  int samples = job->colours + job->has_alpha, x, y;
  CnRun run = { .tile_width = large ? SMALL_TILE : 0,
                .tile_height = large ? SMALL_TILE : 0,
                .cancel = job->job.cancel };
  g_autofree float *values = NULL;
  CnSink sink = { 0 };

  if (wanted.width <= 0 || wanted.height <= 0
      || !cn_convolve_area (convolve, source->width, source->height, &wanted, &area, &x, &y, NULL))
    return TRUE; /* no result lies here */
  values = g_try_new (float, (gsize) area.width *area.height *samples);
  if (!values)
    {
      cn_set_error (error, CN_ERROR_MEMORY, "Too little memory for the preview");
      return FALSE;
    }
  sink.memory = cn_view_packed (values, 1, samples, area.height, area.width);
  if (!cn_convolve_run (convolve, source, &sink, &area, &run, error))
    return FALSE;
  cn_paint_results (&job->paint, values, area.width, area.height, x - part->x, y - part->y,
                    job->options.stride);
  return TRUE;
}

static gboolean
compute (CnPreviewJob *data, GError **error)
{
  Job *job = (Job *) data;
  CnPreviewPicture *picture = &data->picture;
  g_autoptr (CnConvolve) convolve = NULL;
  gboolean keeps;
  CnRect whole;
  int x, y;

  convolve =
      cn_convolve_new (&job->options, job->wanted.kernel, 0, job->colours, job->has_alpha, error);
  if (!convolve
      || !cn_convolve_area (convolve, data->source.width, data->source.height,
                            job->selected ? &job->bounds : NULL, &whole, &x, &y, error))
    return FALSE;
  picture->from_width = data->source.width;
  picture->from_height = data->source.height;
  keeps = cn_convolve_keeps_size (convolve);
  picture->results = job->wanted.kernel->filters;
  picture->replaces = keeps && picture->results == 1 && job->wanted.output == CN_OUTPUT_REPLACE;
  if (picture->replaces || (keeps && !job->selected))
    {
      picture->width = data->source.width;
      picture->height = data->source.height;
    }
  else
    {
      picture->width = whole.width;
      picture->height = whole.height;
    }
  cn_paint_begin (&job->paint, picture->replaces);
  if (!compute_part (job, convolve, error))
    return FALSE;
  picture->pixels = job->paint.pixels;
  return TRUE;
}

const CnPreviewKind cn_convolve_preview = {
  .size = sizeof (Job),
  .prepare = prepare,
  .compute = compute,
  .clear = clear,
};
