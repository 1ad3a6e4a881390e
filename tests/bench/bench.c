/* bench.c: the program convnet-bench: measures engines in turn, and prints a table of ratios.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "filters/core/error.h"
#include "filters/primitives/cpu.h"
#include "tests/bench/bench.h"

/* A visit repeats short runs for so many seconds, and counts the shortest. */
#define VISIT 0.03

/* A peer whose first run took so many times ours is visited no more: that run counts. */
#define SLOW 20

/* Ours first. */
static const BenchPeer *const peers[] = {
  &bench_convnet,
#ifdef BENCH_ONEDNN
  &bench_onednn,      &bench_onednn_planes,
#endif
#ifdef BENCH_ONNXRUNTIME
  &bench_onnxruntime,
#endif
#ifdef BENCH_OPENCV
  &bench_opencv,
#endif
};
#define PEERS (G_N_ELEMENTS (peers))

typedef struct
{
  int rounds, threads, largest;
  char *only;
  gboolean list, memory;
  char *growth;
  char **files;
} Options;

/* An engine at work on a task, and its times in seconds. */
typedef struct
{
  const BenchPeer *peer;
  gpointer state; /* NULL: it does not take part */
  double first;   /* the run whose result was compared */
  GArray *times;  /* of double */
} Contender;

typedef struct
{
  char *name;
  double times[PEERS]; /* medians, in seconds; NAN: none */
} Row;

static void
free_row (gpointer data)
{
  Row *row = data;

  g_free (row->name);
  g_free (row);
}

/* --- Measuring ----------------------------------------------------------------------------- */

/* Seconds: on one thread what the processor spent on us, which other people's work leaves alone;
   on several what a clock on the wall shows. */
static double
now (const Options *o)
{
  struct timespec time = { 0 };

  clock_gettime (o->threads == 1 ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &time);
  return (double) time.tv_sec + 1e-9 * (double) time.tv_nsec;
}

static gboolean
time_run (const Options *o, const Contender *c, double *seconds, GError **error)
{
  double start = now (o);
  gboolean done = c->peer->run (c->state, error);

  *seconds = now (o) - start;
  return done;
}

static void
leave (Contender *c)
{
  if (c->state)
    c->peer->finish (c->state);
  c->state = NULL;
}

/* Gets an engine ready, runs it once and compares: `ours` is NULL for us, whose results it becomes.
   Who does not do such tasks or is wrong has no state afterwards; the error says what was wrong. */
static gboolean
enter (const Options *o, Contender *c, const BenchTask *task, float **ours, GError **error)
{
  g_autofree float *results = NULL;
  gboolean right;

  c->state = c->peer->prepare (task, o->threads, error);
  if (!c->state)
    return FALSE;
  results = g_try_new (float, task->n_results);
  if (!results)
    cn_set_error (error, CN_ERROR_MEMORY, "No memory for %zu results", task->n_results);
  right = results && time_run (o, c, &c->first, error);
  if (right)
    {
      c->peer->fetch (c->state, results);
      right = *ours ? bench_check_peer (task, *ours, results, error)
                    : bench_check_ours (task, results, error);
    }
  if (!right)
    leave (c);
  else if (!*ours)
    *ours = g_steal_pointer (&results);
  return right;
}

static gboolean
visit (const Options *o, Contender *c, GError **error)
{
  double spent = 0, least = INFINITY;

  while (spent < VISIT)
    {
      double seconds;

      if (!time_run (o, c, &seconds, error))
        return FALSE;
      spent += seconds;
      least = MIN (least, seconds);
    }
  g_array_append_val (c->times, least);
  return TRUE;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  const double *left = a, *right = b;

  return (*left > *right) - (*left < *right);
}

static double
median (const Contender *c)
{
  guint n = c->times->len;

  if (!c->state)
    return NAN;
  if (!n)
    return c->first;
  g_array_sort (c->times, compare);
  return (g_array_index (c->times, double, (n - 1) / 2) + g_array_index (c->times, double, n / 2))
         / 2;
}

/* The rounds: each visits every engine once, and begins with another one. */
static void
measure (const Options *o, Contender *contenders)
{
  for (int round = 0; round < o->rounds; round++)
    for (guint i = 0; i < PEERS; i++)
      {
        Contender *c = &contenders[(round + i) % PEERS];
        g_autoptr (GError) error = NULL;

        if (!c->state || (c->first > VISIT && c->first > SLOW * contenders[0].first))
          continue;
        if (!visit (o, c, &error))
          {
            printf ("%s: %s\n", c->peer->name, error->message);
            leave (c);
          }
      }
}

/* Measures one task into a row. FALSE where we were wrong or could not do it; peers that are wrong
   are named and left out. */
static gboolean
do_task (const Options *o, BenchTask *task, GPtrArray *rows)
{
  Contender contenders[PEERS] = { 0 };
  g_autofree float *ours = NULL;
  g_autoptr (GError) error = NULL;
  gboolean good = bench_task_open (task, &error);

  for (guint i = 0; good && i < PEERS; i++)
    {
      contenders[i] = (Contender){ peers[i], NULL, 0, g_array_new (FALSE, FALSE, sizeof (double)) };
      if (!enter (o, &contenders[i], task, &ours, &error) && error)
        printf ("%s: %s is not timed: %s\n", task->name, peers[i]->name, error->message);
      g_clear_error (&error);
      good = ours != NULL;
    }
  if (error)
    printf ("%s: %s\n", task->name, error->message);
  if (good)
    {
      Row *row = g_new0 (Row, 1);

      measure (o, contenders);
      row->name = g_strdup (task->name);
      for (guint i = 0; i < PEERS; i++)
        row->times[i] = median (&contenders[i]);
      g_ptr_array_add (rows, row);
    }
  for (guint i = 0; i < PEERS && contenders[i].peer; i++)
    {
      leave (&contenders[i]);
      g_array_unref (contenders[i].times);
    }
  bench_task_close (task);
  return good;
}

/* --- The table ----------------------------------------------------------------------------- */

/* A row of the table, numbers to the right: the cells are freed. */
static void
print_cells (char **cells, const int *widths)
{
  for (guint i = 0; i < PEERS + 2; i++)
    {
      int spaces = MAX (0, widths[i] - (int) g_utf8_strlen (cells[i], -1));

      if (i == 0)
        printf ("| %s%*s |", cells[i], spaces, "");
      else
        printf (" %*s%s |", spaces, "", cells[i]);
      g_free (cells[i]);
    }
  printf ("\n");
}

static char *
milliseconds (double seconds)
{
  double ms = seconds * 1e3;
  int decimals = ms >= 100 ? 0 : ms >= 10 ? 1 : ms >= 1 ? 2 : 4;

  return isnan (ms) ? g_strdup ("–") : g_strdup_printf ("%.*f", decimals, ms);
}

/* The best peer's time in ours. */
static char *
ratio (const Row *row)
{
  double best = INFINITY;

  for (guint i = 1; i < PEERS; i++)
    best = fmin (best, row->times[i]);
  return isinf (best) ? g_strdup ("–") : g_strdup_printf ("%.2f", best / row->times[0]);
}

static void
print_table (const Options *o, const GPtrArray *rows)
{
  char *cells[PEERS + 2];
  int widths[PEERS + 2] = { 0 };

  printf ("\nOn %d thread%s, %s, medians of %d rounds in milliseconds; CPU level %s.\n"
          "Ratio: the best peer's time / ours.\n\n",
          o->threads, o->threads == 1 ? "" : "s", o->threads == 1 ? "processor time" : "wall time",
          o->rounds, cn_cpu_name (cn_cpu_level ()));
  for (guint i = 0; i < rows->len; i++)
    widths[0] = MAX (widths[0], (int) g_utf8_strlen (((Row *) rows->pdata[i])->name, -1));
  for (guint i = 0; i < PEERS; i++)
    {
      cells[i + 1] = g_strdup (peers[i]->name);
      widths[i + 1] = MAX (7, (int) strlen (peers[i]->name));
    }
  cells[0] = g_strdup ("work");
  cells[PEERS + 1] = g_strdup ("ratio");
  widths[PEERS + 1] = 6;
  print_cells (cells, widths);
  for (guint i = 0; i < PEERS + 2; i++)
    {
      cells[i] = g_strnfill ((gsize) widths[i], '-');
      cells[i][widths[i] - 1] = i == 0 ? '-' : ':';
    }
  print_cells (cells, widths);
  for (guint i = 0; i < rows->len; i++)
    {
      const Row *row = rows->pdata[i];

      cells[0] = g_strdup (row->name);
      for (guint j = 0; j < PEERS; j++)
        cells[j + 1] = milliseconds (row->times[j]);
      cells[PEERS + 1] = ratio (row);
      print_cells (cells, widths);
    }
}

/* --- The program --------------------------------------------------------------------------- */

static gboolean
read_options (Options *o, int *argc, char ***argv, GError **error)
{
  g_autoptr (GOptionContext) context = g_option_context_new ("[FILES OF SHAPES]");
  const GOptionEntry entries[] = {
    { "rounds", 'r', 0, G_OPTION_ARG_INT, &o->rounds, "Rounds (5)", "N" },
    { "threads", 't', 0, G_OPTION_ARG_INT, &o->threads, "Threads of every engine (1)", "N" },
    { "only", 'o', 0, G_OPTION_ARG_STRING, &o->only, "Rows whose name holds the text", "TEXT" },
    { "list", 'l', 0, G_OPTION_ARG_NONE, &o->list, "Print the rows' names and measure nothing",
      NULL },
    { "memory", 'm', 0, G_OPTION_ARG_NONE, &o->memory, "Measure the memory of the networks instead",
      NULL },
    { "growth", 'g', 0, G_OPTION_ARG_FILENAME, &o->growth,
      "Measure a filter on pictures of growing size instead, and plot that", "FILE.svg" },
    { "largest", 0, 0, G_OPTION_ARG_INT, &o->largest, "Their last size in megapixels (400)", "N" },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->files, NULL, NULL },
    { NULL },
  };

  g_option_context_set_summary (context, "Measures our engine against others, in one run.");
  g_option_context_add_main_entries (context, entries, NULL);
  return g_option_context_parse (context, argc, argv, error)
         && cn_in_range (o->rounds, 1, 1000, "rounds", error)
         && cn_in_range (o->largest, 1, 400, "largest", error)
         && cn_in_range (o->threads, 1, 1024, "threads", error);
}

static GPtrArray *
read_tasks (const Options *o, GError **error)
{
  static const char *const files[] = { BENCH_SHAPES "/filters.ini", BENCH_SHAPES "/pooling.ini",
                                       BENCH_SHAPES "/layers.ini", BENCH_SHAPES "/networks.ini",
                                       NULL };
  const char *const *file = o->files ? (const char *const *) o->files : files;
  g_autoptr (GPtrArray) tasks = g_ptr_array_new_with_free_func ((GDestroyNotify) bench_task_free);

  for (; *file; file++)
    if (!bench_tasks_read (*file, tasks, error))
      return NULL;
  for (guint i = tasks->len; o->only && i > 0; i--)
    if (!strstr (((BenchTask *) tasks->pdata[i - 1])->name, o->only))
      g_ptr_array_remove_index (tasks, i - 1);
  return g_steal_pointer (&tasks);
}

/* Measures all tasks and prints the table. */
static gboolean
compare_all (const Options *o, const GPtrArray *tasks)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (free_row);
  gboolean good = TRUE;

  for (guint i = 0; i < tasks->len; i++)
    {
      fprintf (stderr, "%s\n", ((BenchTask *) tasks->pdata[i])->name);
      good &= do_task (o, tasks->pdata[i], rows);
    }
  if (rows->len)
    print_table (o, rows);
  return good;
}

int
main (int argc, char **argv)
{
  Options o = { .rounds = 5, .threads = 1, .largest = 400 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) tasks = NULL;
  gboolean good = TRUE;

  setlocale (LC_CTYPE, "");
  if (read_options (&o, &argc, &argv, &error))
    tasks = read_tasks (&o, &error);
  if (!tasks)
    good = FALSE;
  else if (o.list)
    for (guint i = 0; i < tasks->len; i++)
      printf ("%s\n", ((BenchTask *) tasks->pdata[i])->name);
  else if (o.growth)
    good = bench_growth (o.growth, o.largest, &error);
  else if (o.memory)
    good = bench_memory_table (tasks, peers, PEERS);
  else
    good = compare_all (&o, tasks);
  if (error)
    fprintf (stderr, "convnet-bench: %s\n", error->message);
  g_free (o.only);
  g_free (o.growth);
  g_strfreev (o.files);
  return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
