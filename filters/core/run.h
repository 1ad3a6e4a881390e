/* run.h: how an operator is to run: threads, tiles, progress and cancel.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

/* How to run. A zeroed CnRun is right: all processors, tiles of the engine's choice, no progress,
   no cancel. The result is the same to the bit for every choice. */
typedef struct
{
  int threads;                 /* 0: one for each processor */
  int tile_width, tile_height; /* output pixels; 0: chosen so that a tile stays in the cache */
  void (*progress) (double fraction, gpointer data); /* from the calling thread; at last 1 */
  gpointer progress_data;
  const gint *cancel; /* polled (g_atomic_int_get) before each tile; raised: CN_ERROR_CANCELLED */
} CnRun;

/* How many threads that is: at least 1. */
int cn_run_threads (const CnRun *run);

/* TRUE with CN_ERROR_CANCELLED if the flag is raised. */
gboolean cn_run_cancelled (const CnRun *run, GError **error);

/* A run that is one of `n` equal parts of a whole: its progress is the whole's from index / n to
   (index + 1) / n. */
typedef struct
{
  const CnRun *whole;
  int index, n;
} CnRunPart;

/* How to run the part; it borrows `part`, whose index may be moved on for the next one. */
CnRun cn_run_part (CnRunPart *part);
