/* classify-preview.c: the likeliest classes as a dialog shows them while arguments change.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/classify-preview.h"

#include "plugin/classify-run.h"
#include "plugin/resize.h"
#include "ui/i18n.h"

typedef struct
{
  CnPreviewJob job;
  CnClassify *classify;
  gboolean has_alpha;
} Job;

static gboolean
prepare (CnPreviewJob *data, GimpDrawable *drawable, GimpProcedureConfig *config, GError **error)
{
  Job *job = (Job *) data;
  CnRect part;

  job->classify = cn_classify_read (config, error);
  if (!job->classify || !cn_resize_selected (drawable, &part, error))
    return FALSE;
  cn_preview_read (data, CN_ENCODING_PERCEPTUAL, &part);
  job->has_alpha = cn_pixels_has_alpha (data->pixels);
  return TRUE;
}

static gboolean
compute (CnPreviewJob *data, GError **error)
{
  Job *job = (Job *) data;
  const CnRun run = { .cancel = data->cancel };

  if (!cn_classify_run (job->classify, &data->source, job->has_alpha, &run, error))
    return FALSE;
  data->picture.answers = cn_classify_answers (job->classify);
  data->picture.answers_n = cn_classify_count (job->classify);
  return TRUE;
}

static void
clear (CnPreviewJob *data)
{
  cn_classify_free (((Job *) data)->classify);
}

CnPreview *
cn_classify_preview_new (GimpDrawable *drawable)
{
  static const CnPreviewKind kind = {
    .size = sizeof (Job), .prepare = prepare, .compute = compute, .clear = clear
  };

  return cn_preview_new (&kind, drawable);
}
