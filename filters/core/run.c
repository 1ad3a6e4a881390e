/* run.c: what a run says: threads, cancel, and parts of it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/core/run.h"

#include "filters/core/error.h"

int
cn_run_threads (const CnRun *run)
{
  return run->threads > 0 ? run->threads : (int) g_get_num_processors ();
}

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
