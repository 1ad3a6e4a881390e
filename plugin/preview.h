/* preview.h: what a filter makes of the part that a dialog shows, computed beside the dialog.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "plugin/pixels.h"
#include "ui/host.h"

/* One piece of work: a struct of the filter's own begins with it. */
typedef struct
{
  CnPreviewPicture picture; /* to be filled in, but for `part`, which says what is wanted */
  CnPixels *pixels;         /* the drawable's; to be read on the main thread only */
  CnSource source;          /* the same for the engine, on any thread */
  const gint *cancel;       /* for a CnRun */
  gconstpointer data;       /* the kind's */
} CnPreviewJob;

/* What a filter does for its preview. */
typedef struct
{
  gsize size; /* of the filter's own struct, which begins as zeros */
  /* Reads the arguments and what else only the main thread may ask of GIMP; it calls
     cn_preview_read(). FALSE with an error in words. */
  gboolean (*prepare) (CnPreviewJob *job, GimpDrawable *drawable, GimpProcedureConfig *config,
                       GError **error);
  /* Fills the picture in, on a thread. FALSE with an error in words. */
  gboolean (*compute) (CnPreviewJob *job, GError **error);
  void (*clear) (CnPreviewJob *job); /* frees what the struct holds, whatever was done before */
  gconstpointer data;
} CnPreviewKind;

typedef struct _CnPreview CnPreview;

CnPreview *cn_preview_new (const CnPreviewKind *kind, GimpDrawable *drawable);

/* Gives up what is being computed. */
void cn_preview_free (CnPreview *preview);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnPreview, cn_preview_free)

/* For prepare(): sets the job's pixels and source, which are `part` of the drawable, or NULL for
   all of it. */
void cn_preview_read (CnPreviewJob *job, CnEncoding encoding, const CnRect *part);

/* What a dialog is given. The preview must outlive it. */
CnPreviewHost cn_preview_host (CnPreview *preview);
