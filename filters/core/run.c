/* run.c: parts of a run.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/core/run.h"

#include "filters/core/error.h"

gboolean
cn_run_cancelled (const CnRun *run, GError **error)
{
  if (!run->cancel || !g_atomic_int_get (run->cancel))
    return FALSE;
  cn_set_error (error, CN_ERROR_CANCELLED, "Cancelled");
  return TRUE;
}

static void
part_progress (double fraction, gpointer data)
{
  const CnRunPart *part = data;

  if (part->whole->progress)
    part->whole->progress ((part->index + fraction) / part->n, part->whole->progress_data);
}

CnRun
cn_run_part (CnRunPart *part)
{
  CnRun run = *part->whole;

  run.progress = part_progress;
  run.progress_data = part;
  return run;
}
