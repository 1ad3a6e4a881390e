/* parallel.c: a loop whose turns are done on several threads at once.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/core/parallel.h"

#define THREADS_MAX 256

typedef struct
{
  gsize n;
  gint next; /* atomic: the first turn that nobody has taken */
  void (*work) (gpointer data, gsize i);
  gpointer data;
  const CnRun *run;
} Loop;

/* Takes turns until there are none left. Progress is told by the calling thread alone. */
static void
take_turns (Loop *loop, gboolean caller)
{
  gsize i;

  while (!cn_run_cancelled (loop->run, NULL)
         && (i = (gsize) g_atomic_int_add (&loop->next, 1)) < loop->n)
    {
      loop->work (loop->data, i);
      if (caller && loop->run->progress && i + 1 < loop->n)
        loop->run->progress ((double) (i + 1) / loop->n, loop->run->progress_data);
    }
}

static void
thread_turns (gpointer data, gpointer user_data)
{
  (void) user_data;
  take_turns (data, FALSE);
}

gboolean
cn_parallel (gsize n, void (*work) (gpointer data, gsize i), gpointer data, const CnRun *run,
             GError **error)
{
  Loop loop = { .n = n, .work = work, .data = data, .run = run };
  int threads = run->threads > 0 ? run->threads : (int) g_get_num_processors ();
  GThreadPool *pool = NULL;

  g_assert (n <= G_MAXINT / 2);
  threads = (int) MIN ((gsize) MIN (threads, THREADS_MAX), n);
  if (threads > 1)
    pool = g_thread_pool_new (thread_turns, NULL, threads - 1, FALSE, NULL);
  for (int i = 1; i < threads && pool; i++)
    g_thread_pool_push (pool, &loop, NULL);
  take_turns (&loop, TRUE);
  if (pool)
    g_thread_pool_free (pool, FALSE, TRUE);
  if (cn_run_cancelled (run, error))
    return FALSE;
  if (run->progress && n > 0)
    run->progress (1, run->progress_data);
  return TRUE;
}
