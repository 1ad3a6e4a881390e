/* parallel.c: a loop whose turns are done on several threads at once, and the threads that do them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/core/parallel.h"

#define THREADS_MAX 256

/* How long, in µs, a thread looks out for what it waits for before it sleeps: longer than a network
   takes from one loop to the next, and about as long as it takes to wake a thread that sleeps. */
#define LOOK_OUT 100

/* A thread's own turns, by themselves in two cache lines, which is what processors fetch. */
typedef struct
{
  gint next; /* atomic: the first that nobody has taken */
  gint end;
  guint8 gap[120];
} Turns;

typedef struct
{
  gsize n;
  int threads;
  Turns *turns; /* of each */
  void (*work) (gpointer data, gsize i);
  gpointer data;
  const CnRun *run;
} Loop;

/* A thread that helps with one loop after the other. It outlives them, as making and waking one
   takes as long as a small layer of a network. */
typedef struct
{
  Loop *loop;    /* atomic: that offered to it, `taken`, or NULL when it has nothing to do */
  int thread;    /* which of the loop's it is then */
  gint sleepers; /* atomic: the threads, it itself or the loop's, that wait for loop to change */
  GMutex mutex;
  GCond changed;
} Helper;

static Loop taken;

/* Which of its loop's threads this one is. */
static _Thread_local int self;

/* The helpers that belong to no loop now. */
static GMutex idle_mutex;
static GPtrArray *idle;

static void
set_loop (Helper *helper, Loop *loop)
{
  g_atomic_pointer_set (&helper->loop, loop);
  if (g_atomic_int_get (&helper->sleepers) == 0)
    return;
  g_mutex_lock (&helper->mutex);
  g_cond_broadcast (&helper->changed);
  g_mutex_unlock (&helper->mutex);
}

/* Waits for the helper's loop to be another than `loop`. */
static void
wait_while (Helper *helper, Loop *loop)
{
  gint64 until = 0;

  for (int looks = 1; g_atomic_pointer_get (&helper->loop) == loop; looks++)
    {
#if defined(__x86_64__) || defined(__i386__)
      __builtin_ia32_pause ();
#endif
      if (looks % 16)
        continue;
      if (until == 0)
        until = g_get_monotonic_time () + LOOK_OUT;
      else if (g_get_monotonic_time () > until)
        break;
    }
  if (g_atomic_pointer_get (&helper->loop) != loop)
    return;
  g_mutex_lock (&helper->mutex);
  g_atomic_int_inc (&helper->sleepers);
  while (g_atomic_pointer_get (&helper->loop) == loop)
    g_cond_wait (&helper->changed, &helper->mutex);
  g_atomic_int_add (&helper->sleepers, -1);
  g_mutex_unlock (&helper->mutex);
}

/* How much is done, and begun. */
static double
fraction_taken (const Loop *loop)
{
  gsize left = 0;

  for (int t = 0; t < loop->threads; t++)
    left += MAX (loop->turns[t].end - g_atomic_int_get (&loop->turns[t].next), 0);
  return (double) (loop->n - left) / (double) loop->n;
}

/* Takes turns until there are none left: this thread's, then others'. Progress is told by the
   calling thread alone, which is the first. */
static void
take_turns (const Loop *loop, int thread)
{
  int outer = self;

  self = thread;
  for (int t = 0; t < loop->threads; t++)
    {
      Turns *turns = &loop->turns[(thread + t) % loop->threads];
      int i;

      while (!cn_run_cancelled (loop->run, NULL)
             && (i = g_atomic_int_add (&turns->next, 1)) < turns->end)
        {
          loop->work (loop->data, i);
          if (thread == 0 && loop->run->progress)
            {
              double fraction = fraction_taken (loop);

              if (fraction < 1)
                loop->run->progress (fraction, loop->run->progress_data);
            }
        }
    }
  self = outer;
}

int
cn_parallel_thread (void)
{
  return self;
}

static gpointer
help (gpointer data)
{
  Helper *helper = data;

  for (;;)
    {
      Loop *loop;

      wait_while (helper, NULL);
      loop = g_atomic_pointer_get (&helper->loop);
      /* Nothing, if the offer was taken back. */
      if (loop && g_atomic_pointer_compare_and_exchange (&helper->loop, loop, &taken))
        {
          take_turns (loop, helper->thread);
          set_loop (helper, NULL);
        }
    }
  return NULL;
}

/* A helper that no other loop has, or NULL where the system has no thread left. */
static Helper *
find_helper (void)
{
  Helper *helper = NULL;
  GThread *thread;

  g_mutex_lock (&idle_mutex);
  if (idle && idle->len > 0)
    helper = g_ptr_array_steal_index_fast (idle, idle->len - 1);
  g_mutex_unlock (&idle_mutex);
  if (helper)
    return helper;
  helper = g_new0 (Helper, 1);
  g_mutex_init (&helper->mutex);
  g_cond_init (&helper->changed);
  thread = g_thread_try_new ("convnet", help, helper, NULL);
  if (!thread)
    {
      g_mutex_clear (&helper->mutex);
      g_cond_clear (&helper->changed);
      g_free (helper);
      return NULL;
    }
  g_thread_unref (thread);
  return helper;
}

/* Takes the offer back if the helper has not begun, or else waits for it to end. */
static void
release_helper (Helper *helper, Loop *loop)
{
  if (!g_atomic_pointer_compare_and_exchange (&helper->loop, loop, NULL))
    wait_while (helper, &taken);
  g_mutex_lock (&idle_mutex);
  if (!idle)
    idle = g_ptr_array_new ();
  g_ptr_array_add (idle, helper);
  g_mutex_unlock (&idle_mutex);
}

/* Neighbouring turns to each thread. */
static void
deal (const Loop *loop)
{
  for (int t = 0; t < loop->threads; t++)
    {
      loop->turns[t].next = (gint) (loop->n * t / loop->threads);
      loop->turns[t].end = (gint) (loop->n * (t + 1) / loop->threads);
    }
}

gboolean
cn_parallel (gsize n, void (*work) (gpointer data, gsize i), gpointer data, const CnRun *run,
             GError **error)
{
  int threads = (int) MIN ((gsize) MIN (cn_run_threads (run), THREADS_MAX), MAX (n, 1));
  Turns turns[THREADS_MAX];
  Loop loop = { n, threads, turns, work, data, run };
  Helper *helpers[THREADS_MAX];
  int n_helpers = 0;

  g_assert (n <= G_MAXINT / 2);
  deal (&loop);
  while (n_helpers < threads - 1 && (helpers[n_helpers] = find_helper ()))
    {
      helpers[n_helpers]->thread = n_helpers + 1;
      set_loop (helpers[n_helpers++], &loop);
    }
  take_turns (&loop, 0);
  while (n_helpers > 0)
    release_helper (helpers[--n_helpers], &loop);
  if (cn_run_cancelled (run, error))
    return FALSE;
  if (run->progress && n > 0)
    run->progress (1, run->progress_data);
  return TRUE;
}
