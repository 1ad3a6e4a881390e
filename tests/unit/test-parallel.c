/* test-parallel.c: loops on threads: each turn once, on the threads asked for, whoever else asks.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/core/parallel.h"

#include "filters/core/error.h"

#define TURNS 1000
#define LOOPS 2000

static void
count_turn (gpointer data, gsize i)
{
  g_atomic_int_inc ((gint *) data + i);
}

static void
assert_loop (const CnRun *run, gsize n)
{
  g_autofree gint *counts = g_new0 (gint, n + 1);

  g_assert_true (cn_parallel (n, count_turn, counts, run, NULL));
  for (gsize i = 0; i < n; i++)
    g_assert_cmpint (counts[i], ==, 1);
}

/* Loops of every size, one right after the other, and after helpers have gone to sleep. */
static void
test_turns (void)
{
  for (int threads = 0; threads <= 5; threads++)
    {
      CnRun run = { .threads = threads };

      for (gsize n = 0; n < 20; n++)
        assert_loop (&run, n);
      assert_loop (&run, TURNS);
      g_usleep (2000);
      for (int i = 0; i < LOOPS; i++)
        assert_loop (&run, 3);
    }
}

typedef struct
{
  GMutex mutex;
  GCond met;
  int here, expected;
} Meeting;

/* Ends when all have come: there are as many threads as turns, or it never does. Each thread has
   the turn that is its own. */
static void
meet (gpointer data, gsize i)
{
  Meeting *meeting = data;

  g_assert_cmpint (cn_parallel_thread (), ==, i);
  g_mutex_lock (&meeting->mutex);
  meeting->here++;
  g_cond_broadcast (&meeting->met);
  while (meeting->here < meeting->expected)
    g_cond_wait (&meeting->met, &meeting->mutex);
  g_mutex_unlock (&meeting->mutex);
}

static void
test_threads (void)
{
  for (int threads = 1; threads <= 6; threads++)
    {
      Meeting meeting = { .expected = threads };

      g_assert_true (cn_parallel (threads, meet, &meeting, &(CnRun){ .threads = threads }, NULL));
      g_assert_cmpint (meeting.here, ==, threads);
    }
}

static void
loop_inside (gpointer data, gsize i)
{
  int thread = cn_parallel_thread ();

  (void) i;
  assert_loop (data, 50);
  g_assert_cmpint (cn_parallel_thread (), ==, thread);
}

/* A turn may have a loop of its own. */
static void
test_nested (void)
{
  CnRun run = { .threads = 3 };

  for (int i = 0; i < 50; i++)
    g_assert_true (cn_parallel (4, loop_inside, &run, &run, NULL));
}

static gpointer
loop_beside (gpointer data)
{
  for (int i = 0; i < LOOPS; i++)
    assert_loop (data, 5);
  return NULL;
}

/* Several threads have loops of their own at a time, as GEGL's have. */
static void
test_beside (void)
{
  CnRun run = { .threads = 3 };
  GThread *threads[4];

  for (int i = 0; i < 4; i++)
    threads[i] = g_thread_new ("beside", loop_beside, &run);
  for (int i = 0; i < 4; i++)
    g_thread_join (threads[i]);
}

typedef struct
{
  gint cancel, turns;
} Cancelled;

static void
cancel_at_tenth (gpointer data, gsize i)
{
  Cancelled *cancelled = data;

  (void) i;
  if (g_atomic_int_add (&cancelled->turns, 1) == 9)
    g_atomic_int_set (&cancelled->cancel, TRUE);
}

/* No thread begins a turn after the flag is raised: each has at most one in hand. */
static void
test_cancel (void)
{
  for (int threads = 1; threads <= 4; threads++)
    {
      Cancelled cancelled = { 0 };
      CnRun run = { .threads = threads, .cancel = &cancelled.cancel };
      g_autoptr (GError) error = NULL;

      g_assert_false (cn_parallel (TURNS, cancel_at_tenth, &cancelled, &run, &error));
      g_assert_error (error, CN_ERROR, CN_ERROR_CANCELLED);
      g_assert_cmpint (cancelled.turns, <, 10 + threads);
    }
}

static void
note_progress (double fraction, gpointer data)
{
  double *last = data;

  g_assert_cmpfloat (fraction, >=, *last);
  *last = fraction;
}

static void
test_progress (void)
{
  for (int threads = 1; threads <= 3; threads++)
    {
      g_autofree gint *counts = g_new0 (gint, TURNS);
      double last = 0;
      CnRun run = { .threads = threads, .progress = note_progress, .progress_data = &last };

      g_assert_true (cn_parallel (TURNS, count_turn, counts, &run, NULL));
      g_assert_cmpfloat (last, ==, 1);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/parallel/turns", test_turns);
  g_test_add_func ("/parallel/threads", test_threads);
  g_test_add_func ("/parallel/nested", test_nested);
  g_test_add_func ("/parallel/beside", test_beside);
  g_test_add_func ("/parallel/cancel", test_cancel);
  g_test_add_func ("/parallel/progress", test_progress);
  return g_test_run ();
}
