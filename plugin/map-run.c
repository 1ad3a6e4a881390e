/* map-run.c: feature maps computed layer by layer on a thread of its own, the next layer's while
 * the last one's go to GIMP.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/map-run.h"

/* How often progress is told, in microseconds. */
#define TELL 50000
#define STEPS 1000

struct _CnMapRun
{
  CnMaps *maps;
  const CnRun *run;
  int layer; /* that is being computed */
  GThread *thread;
  GAsyncQueue *done; /* gets something when it is there */
  gint steps;        /* of STEPS, that the network has gone */
  gint cancel;
  GError *error;
};

static void
note (double fraction, gpointer data)
{
  CnMapRun *run = data;

  g_atomic_int_set (&run->steps, (int) (fraction * STEPS));
}

static gpointer
compute (gpointer data)
{
  CnMapRun *run = data;
  const CnRun how = {
    .threads = run->run->threads, .progress = note, .progress_data = run, .cancel = &run->cancel
  };

  cn_maps_run (run->maps, run->layer, &how, &run->error);
  g_async_queue_push (run->done, run);
  return NULL;
}

static void
begin (CnMapRun *run)
{
  if (run->layer < run->maps->n_layers)
    run->thread = g_thread_new ("maps", compute, run);
}

CnMapRun *
cn_map_run_new (CnMaps *maps, const CnRun *run)
{
  CnMapRun *made = g_new0 (CnMapRun, 1);

  made->maps = maps;
  made->run = run;
  made->done = g_async_queue_new ();
  begin (made);
  return made;
}

void
cn_map_run_free (CnMapRun *run)
{
  if (!run)
    return;
  g_atomic_int_set (&run->cancel, 1);
  if (run->thread)
    g_thread_join (run->thread);
  g_clear_error (&run->error);
  g_async_queue_unref (run->done);
  g_free (run);
}

gboolean
cn_map_run_next (CnMapRun *run, int *end, GError **error)
{
  while (!g_async_queue_timeout_pop (run->done, TELL))
    if (run->run->progress)
      run->run->progress ((double) g_atomic_int_get (&run->steps) / STEPS, run->run->progress_data);
  g_thread_join (g_steal_pointer (&run->thread));
  if (run->error)
    {
      g_propagate_error (error, g_steal_pointer (&run->error));
      return FALSE;
    }
  *end = run->maps->n;
  run->layer++;
  begin (run);
  return TRUE;
}
