/* run.c: a run that is a part of another.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/core/run.h"

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
