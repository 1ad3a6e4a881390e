/* test-check.c: what convnet-bench compares before it measures: our results pass, and faults do
 * not. SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "tests/bench/bench.h"

/* Our results for a task that is open. */
static float *
compute (const BenchTask *task)
{
  g_autoptr (GError) error = NULL;
  float *results = g_new (float, task->n_results);
  gpointer state = bench_convnet.prepare (task, 1, &error);

  g_assert_no_error (error);
  bench_convnet.run (state, &error);
  g_assert_no_error (error);
  bench_convnet.fetch (state, results);
  bench_convnet.finish (state);
  return results;
}

/* A thousandth of the largest result. */
static float
fault_of (const BenchTask *task, const float *results)
{
  float largest = 0;

  for (gsize i = 0; i < task->n_results; i++)
    largest = fmaxf (largest, fabsf (results[i]));
  return largest / 1000;
}

/* One result in the middle, which every peer must have right, is wrong. */
static void
test_peer (gconstpointer data)
{
  BenchTask *task = (BenchTask *) data;
  g_autofree float *ours = NULL, *theirs = NULL;
  g_autoptr (GError) error = NULL;
  gsize middle;

  bench_task_open (task, &error);
  g_assert_no_error (error);
  middle = task->n_results / 2;
  ours = compute (task);
  theirs = g_memdup2 (ours, task->n_results * sizeof *ours);
  g_assert_true (bench_check_peer (task, ours, theirs, NULL));
  theirs[middle] += fault_of (task, ours);
  g_assert_false (bench_check_peer (task, ours, theirs, NULL));
  theirs[middle] = NAN;
  g_assert_false (bench_check_peer (task, ours, theirs, &error));
  g_assert_true (g_str_has_prefix (error->message, "result "));
  bench_task_close (task);
}

/* All of ours are. */
static void
test_ours (gconstpointer data)
{
  BenchTask *task = (BenchTask *) data;
  g_autofree float *ours = NULL;
  g_autoptr (GError) error = NULL;
  float fault;

  bench_task_open (task, &error);
  g_assert_no_error (error);
  ours = compute (task);
  bench_check_ours (task, ours, &error);
  g_assert_no_error (error);
  fault = fault_of (task, ours);
  for (gsize i = 0; i < task->n_results; i++)
    ours[i] += fault;
  g_assert_true (task->op == BENCH_NETWORK || !bench_check_ours (task, ours, NULL));
  bench_task_close (task);
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) tasks = g_ptr_array_new_with_free_func ((GDestroyNotify) bench_task_free);
  g_autoptr (GError) error = NULL;

  g_test_init (&argc, &argv, NULL);
  bench_tasks_read (BENCH_SHAPES "/tiny.ini", tasks, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < tasks->len; i++)
    {
      const BenchTask *task = tasks->pdata[i];
      g_autofree char *peer = g_strdup_printf ("/bench/peer/%s", task->name);
      g_autofree char *ours = g_strdup_printf ("/bench/ours/%s", task->name);

      g_test_add_data_func (peer, task, test_peer);
      g_test_add_data_func (ours, task, test_ours);
    }
  return g_test_run ();
}
