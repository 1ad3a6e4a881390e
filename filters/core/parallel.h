/* parallel.h: a loop whose turns are done on several threads at once.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/core/run.h"

/* Calls work (data, i) once for each i in 0 … n − 1, in any order, on up to `run->threads` threads;
   turns must not write what others read; n is below 2³⁰. Each thread begins with turns of its own,
   neighbours that are the same ones in every loop like this, for its caches may hold what they
   use; then it helps others with theirs. Progress goes from 0 to 1, in turns that are done. FALSE
   with CN_ERROR_CANCELLED when the cancel flag, which is polled before each turn, was raised. */
gboolean cn_parallel (gsize n, void (*work) (gpointer data, gsize i), gpointer data,
                      const CnRun *run, GError **error);

/* Within a turn: which of the loop's threads this is, from 0 on; below `run->threads`. */
int cn_parallel_thread (void);
