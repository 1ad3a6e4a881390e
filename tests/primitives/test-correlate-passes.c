/* test-correlate-passes.c: two passes at every CPU level, beside the correlations that they are.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "tests/primitives/floats.h"
#include "tests/primitives/level.h"
#include "tests/unit/between.h"

#define CASES 2000

typedef void (*Passes) (const CnCorrelation *row, const CnCorrelation *column);

/* Two passes with their memory, drawn with GLib's seeded generator. The input ends with the last
   float that may be read. Lines above those that the first pass makes are there from before. */
typedef struct
{
  CnCorrelation row, column;
  float *source, *row_weights, *column_weights;
  gsize *offsets;
  gsize line_floats, result_floats;
  float *start_lines, *start_result; /* before the call */
  float *lines, *result;
} Setup;

static void
setup_free (Setup *s)
{
  g_free (s->source);
  g_free (s->row_weights);
  g_free (s->column_weights);
  g_free (s->offsets);
  g_free (s->start_lines);
  g_free (s->start_result);
  g_free (s->lines);
  g_free (s->result);
  g_free (s);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Setup, setup_free)

/* Interleaved channels and dilation (steps of the same length), or phases (any order). */
static gsize
random_offsets (gsize *offsets, int n)
{
  gsize step = between (1, 5), largest = 0;
  gboolean phases = between (0, 4) == 0;

  for (int b = 0; b < n; b++)
    {
      offsets[b] = phases ? (gsize) between (0, 3 * n) : b * step;
      largest = MAX (largest, offsets[b]);
    }
  return largest;
}

static Setup *
setup_new (int kh, int kw, int rows, gsize n)
{
  static const gsize no_offset = 0;
  Setup *s = g_new0 (Setup, 1);
  int lines = kh + rows - 1, made = between (1, lines);
  gsize reach, line = n + between (0, 20), shift = between (0, 15), src_row;

  s->row_weights = random_floats (kw, FALSE);
  s->column_weights = random_floats (kh, FALSE);
  s->offsets = g_new (gsize, kw);
  reach = random_offsets (s->offsets, kw);
  src_row = reach + n + between (0, 9);
  s->source = random_floats ((made - 1) * src_row + reach + n, FALSE);
  s->line_floats = lines * line;
  s->start_lines = random_floats (s->line_floats, FALSE);
  s->lines = g_new (float, s->line_floats);
  s->row = (CnCorrelation){
    .src = s->source,
    .src_row = src_row,
    .dst = s->lines + (lines - made) * line,
    .dst_row = line,
    .weights = s->row_weights,
    .offsets = s->offsets,
    .kh = 1,
    .kw = kw,
    .rows = made,
    .n = n,
    .bias = (float) between (0, 1),
  };
  s->column = (CnCorrelation){
    .src = s->lines,
    .src_row = line,
    .dst_row = n + between (0, 9),
    .weights = s->column_weights,
    .offsets = &no_offset,
    .kh = kh,
    .kw = 1,
    .rows = rows,
    .n = n,
    .stream = between (0, 1),
    .accumulate = between (0, 4) == 0,
    .bias = (float) between (0, 1),
  };
  if (s->column.stream && between (0, 3) > 0) /* as streaming wants them */
    s->column.dst_row += CN_LINE_FLOATS - s->column.dst_row % CN_LINE_FLOATS;
  s->result_floats = shift + rows * s->column.dst_row;
  s->start_result = random_floats (s->result_floats, FALSE);
  s->result = g_new (float, s->result_floats);
  s->column.dst = s->result + shift;
  return s;
}

static void
run (const Setup *s, Passes passes)
{
  memcpy (s->lines, s->start_lines, s->line_floats * sizeof (float));
  memcpy (s->result, s->start_result, s->result_floats * sizeof (float));
  passes (&s->row, &s->column);
}

/* Whether lines, result and what lies between their rows are the same to the bit. */
static gboolean
equal (const Setup *s, Passes a, Passes b)
{
  g_autofree float *lines = NULL, *result = NULL;

  run (s, a);
  lines = g_memdup2 (s->lines, s->line_floats * sizeof (float));
  result = g_memdup2 (s->result, s->result_floats * sizeof (float));
  run (s, b);
  return memcmp (lines, s->lines, s->line_floats * sizeof (float)) == 0
         && memcmp (result, s->result, s->result_floats * sizeof (float)) == 0;
}

static const CnPrimitives *primitives;

static void
one_by_one (const CnCorrelation *row, const CnCorrelation *column)
{
  primitives->correlate (row);
  primitives->correlate (column);
}

static void
check (const Setup *s)
{
  const CnCorrelation *row = &s->row, *column = &s->column;

  if (equal (s, primitives->correlate_passes, one_by_one))
    return;
  g_test_message ("%dx%d, last offset %" G_GSIZE_FORMAT
                  ", %d lines made, %d rows of %" G_GSIZE_FORMAT "%s%s: not the same bits",
                  column->kh, row->kw, row->offsets[row->kw - 1], row->rows, column->rows,
                  column->n, column->stream ? ", stream" : "",
                  column->accumulate ? ", accumulate" : "");
  g_test_fail ();
}

static void
test_random (gconstpointer data)
{
  primitives = level_primitives (GPOINTER_TO_INT (data));
  for (int i = 0; primitives && i < CASES && !g_test_failed (); i++)
    {
      int kh = between (0, 9) ? between (1, 9) : between (10, 40);
      int kw = between (0, 3) ? between (1, 9) : between (10, 70);
      g_autoptr (Setup) s = setup_new (kh, kw, between (1, 9), between (1, 400));

      check (s);
    }
}

/* Every width up to some parts. */
static void
test_every_width (gconstpointer data)
{
  primitives = level_primitives (GPOINTER_TO_INT (data));
  for (int n = 1; primitives && n <= 260 && !g_test_failed (); n++)
    {
      g_autoptr (Setup) s = setup_new (5, 5, 4, n);

      check (s);
    }
}

/* Faults, each of which must be found. */
static void
columns_first (const CnCorrelation *row, const CnCorrelation *column)
{
  primitives->correlate (column);
  primitives->correlate (row);
}

static void
line_forgotten (const CnCorrelation *row, const CnCorrelation *column)
{
  CnCorrelation less = *row;

  less.rows--;
  one_by_one (&less, column);
}

static void
last_tap_forgotten (const CnCorrelation *row, const CnCorrelation *column)
{
  CnCorrelation less = *row;

  less.kw--;
  one_by_one (&less, column);
}

static void
one_too_many (const CnCorrelation *row, const CnCorrelation *column)
{
  one_by_one (row, column);
  row->dst[row->n] = 0;
}

static void
test_faults_are_found (gconstpointer data)
{
  static const Passes faults[] = { columns_first, line_forgotten, last_tap_forgotten,
                                   one_too_many };

  primitives = level_primitives (GPOINTER_TO_INT (data));
  for (guint i = 0; primitives && i < G_N_ELEMENTS (faults); i++)
    for (int turn = 0; turn < 20; turn++)
      {
        g_autoptr (Setup) s = NULL;

        do /* for room after a line that is made */
          {
            g_clear_pointer (&s, setup_free);
            s = setup_new (3, 4, 4, 100 + turn);
          }
        while (s->row.dst_row == s->row.n);
        g_assert_false (equal (s, faults[i], one_by_one));
      }
}

/* Seconds for one call, the least of some. */
static double
seconds (const Setup *s, Passes passes)
{
  double least = INFINITY;

  for (int turn = 0; turn < 9; turn++)
    {
      g_test_timer_start ();
      for (int i = 0; i < 20; i++)
        passes (&s->row, &s->column);
      least = MIN (least, g_test_timer_elapsed () / 20);
    }
  return least;
}

static void
test_speed (gconstpointer data)
{
  static const int sizes[] = { 5, 7, 15, 31 };

  primitives = level_primitives (GPOINTER_TO_INT (data));
  for (guint i = 0; primitives && i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (Setup) s = setup_new (sizes[i], sizes[i], 4, 4096);
      double here;

      for (int b = 0; b < sizes[i]; b++) /* RGBA; the input has room for a step of 5 */
        s->offsets[b] = 4 * b;
      s->row.src_row = 4096 + 5 * (gsize) sizes[i];
      g_free (s->source);
      s->source = random_floats (4 * s->row.src_row, FALSE);
      s->row.src = s->source;
      s->row.rows = 4;
      s->row.dst = s->lines + (sizes[i] - 1) * s->row.dst_row;
      here = seconds (s, primitives->correlate_passes);
      g_test_minimized_result (1e9 * here, "%s, %dx%d: %.1f ns",
                               cn_cpu_name (GPOINTER_TO_INT (data)), sizes[i], sizes[i],
                               1e9 * here);
      g_test_message ("%s, %dx%d: %.2f times as fast as one by one, %.1f billion terms a second",
                      cn_cpu_name (GPOINTER_TO_INT (data)), sizes[i], sizes[i],
                      seconds (s, one_by_one) / here, 1e-9 * 2 * sizes[i] * 4 * 4096 / here);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  level_add_test ("correlate-passes", "random", test_random);
  level_add_test ("correlate-passes", "every-width", test_every_width);
  level_add_test ("correlate-passes", "faults-are-found", test_faults_are_found);
  if (g_test_perf ())
    level_add_test ("correlate-passes", "speed", test_speed);
  return g_test_run ();
}
