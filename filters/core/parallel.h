/* parallel.h: a loop whose turns are done on several threads at once.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/core/run.h"

/* Calls work (data, i) once for each i in 0 … n − 1, in any order, on up to `run->threads` threads;
   turns must not write what others read; n is below 2³⁰. Progress goes from 0 to 1, in turns that
   are done. FALSE with CN_ERROR_CANCELLED when the cancel flag, which is polled before each turn,
   was raised. */
gboolean cn_parallel (gsize n, void (*work) (gpointer data, gsize i), gpointer data,
                      const CnRun *run, GError **error);
