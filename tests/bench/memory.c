/* memory.c: what networks take: as planned, as measured, and another engine's.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "tests/bench/bench.h"

#define MIB 0x1p20

/* An engine that is to run a network. */
typedef struct
{
  const BenchPeer *peer;
  BenchTask *task;
} Work;

/* We read the network for either engine; it is given back before another reads it itself. */
static gboolean
run_once (gpointer data)
{
  const Work *work = data;
  gpointer state;

  if (!bench_task_open (work->task, NULL))
    return FALSE;
  if (work->peer != &bench_convnet)
    g_clear_pointer (&work->task->graph, cn_graph_free);
  state = work->peer->prepare (work->task, 1, NULL);
  return state && work->peer->run (state, NULL);
}

/* What the planner says of the network: its weights, and what it takes to run. */
static gboolean
find_plan (BenchTask *task, gsize *weights, gsize *memory, GError **error)
{
  g_autoptr (CnPlan) plan = NULL;

  if (!bench_task_open (task, error))
    return FALSE;
  plan = bench_plan (task, error);
  if (plan)
    {
      *weights = cn_graph_constant_bytes (task->graph);
      *memory = cn_plan_memory (plan);
    }
  bench_task_close (task);
  return plan != NULL;
}

gboolean
bench_memory_table (const GPtrArray *tasks, const BenchPeer *const *peers, gsize n_peers)
{
  gboolean good = TRUE;

  printf (
      "The most memory that a process takes to read a network and run it once, in MiB, one thread."
      "\n\n| network | weights | planned |");
  for (gsize i = 0; i < n_peers; i++)
    printf (" %s |", peers[i]->name);
  printf ("\n| --- | ---: | ---: |");
  for (gsize i = 0; i < n_peers; i++)
    printf (" ---: |");
  printf ("\n");
  for (guint i = 0; i < tasks->len; i++)
    {
      BenchTask *task = tasks->pdata[i];
      g_autoptr (GError) error = NULL;
      gsize weights = 0, memory = 0;

      if (task->op != BENCH_NETWORK)
        continue;
      if (!find_plan (task, &weights, &memory, &error))
        {
          printf ("%s: %s\n", task->name, error->message);
          good = FALSE;
          continue;
        }
      printf ("| %s | %.1f | %.1f |", task->name, (double) weights / MIB, (double) memory / MIB);
      for (gsize k = 0; k < n_peers; k++)
        {
          Work work = { peers[k], task };
          double bytes = bench_memory (run_once, &work);

          if (bytes < 0)
            printf (" – |");
          else
            printf (" %.1f |", bytes / MIB);
          good &= bytes >= 0 || k > 0;
        }
      printf ("\n");
      fflush (stdout);
    }
  return good;
}
