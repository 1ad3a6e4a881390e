/* test-transpose.c: rows to columns at every CPU level.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "tests/primitives/level.h"
#include "tests/unit/between.h"

#define GUARD_VALUE -12345.5f

typedef void (*Transpose) (const CnTransposition *transposition);

/* Floats that are wrong, those between the rows of the result among them. The source ends with the
   last float that may be read. */
static int
mismatches (Transpose transpose, gsize rows, gsize columns)
{
  CnTransposition t = { .rows = rows,
                        .columns = columns,
                        .src_row = columns + between (0, 9),
                        .dst_row = rows + between (0, 9),
                        .ahead = between (0, 40),
                        .dst_ahead = between (0, 40),
                        .stream = between (0, 1) };
  gboolean line = t.stream && between (0, 3) > 0; /* as streaming wants it */
  gsize floats;
  g_autofree float *src = g_new0 (float, (rows - 1) * t.src_row + columns), *memory = NULL;
  float *dst;
  int wrong = 0;

  if (line)
    t.dst_row += CN_LINE_FLOATS - t.dst_row % CN_LINE_FLOATS;
  floats = (columns - 1) * t.dst_row + rows + 1;
  memory = g_new (float, floats + CN_LINE_FLOATS);
  dst = memory + (line ? cn_floats_to_line (memory) : 0);
  for (gsize y = 0; y < rows; y++)
    for (gsize x = 0; x < columns; x++)
      src[y * t.src_row + x] = (float) (1000 * y + x);
  for (gsize i = 0; i < floats; i++)
    dst[i] = GUARD_VALUE;
  t.src = src;
  t.dst = dst;
  transpose (&t);
  for (gsize i = 0; i < floats; i++)
    {
      gsize x = i / t.dst_row, y = i % t.dst_row;

      if (y < rows && x < columns)
        wrong += dst[i] != (float) (1000 * y + x);
      else
        wrong += dst[i] != GUARD_VALUE;
    }
  return wrong;
}

static Transpose
transpose_of (CnCpuLevel level)
{
  const CnPrimitives *primitives = level_primitives (level);

  return primitives ? primitives->transpose : NULL;
}

static void
test_every_size (gconstpointer data)
{
  Transpose transpose = transpose_of (GPOINTER_TO_INT (data));

  for (gsize rows = 1; transpose && rows <= 40; rows++)
    for (gsize columns = 1; columns <= 40; columns++)
      g_assert_cmpint (mismatches (transpose, rows, columns), ==, 0);
}

static Transpose right;

static void
column_forgotten (const CnTransposition *t)
{
  CnTransposition wrong = *t;

  wrong.columns--;
  right (&wrong);
}

static void
one_too_many (const CnTransposition *t)
{
  right (t);
  t->dst[(t->columns - 1) * t->dst_row + t->rows] = 0;
}

static void
test_faults_are_found (gconstpointer data)
{
  right = transpose_of (GPOINTER_TO_INT (data));
  if (!right)
    return;
  g_assert_cmpint (mismatches (column_forgotten, 9, 20), ==, 9);
  g_assert_cmpint (mismatches (one_too_many, 9, 20), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  level_add_test ("transpose", "every-size", test_every_size);
  level_add_test ("transpose", "faults-are-found", test_faults_are_found);
  return g_test_run ();
}
