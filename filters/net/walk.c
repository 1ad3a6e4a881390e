/* walk.c: a walk over n-dimensional arrays side by side, line by line, with any strides.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/net/walk.h"

#include <string.h>

#include "filters/core/parallel.h"

void
cn_strides (const CnShape *shape, gint64 *strides)
{
  gint64 stride = 1;

  for (int i = shape->rank - 1; i >= 0; i--)
    {
      strides[i] = stride;
      stride *= shape->dims[i];
    }
}

CnWalk
cn_walk (const CnShape *shape)
{
  return (CnWalk){ .shape = *shape };
}

void
cn_walk_add (CnWalk *walk, gint64 start, const gint64 *strides)
{
  g_assert (walk->arrays < CN_WALK_ARRAYS);
  walk->start[walk->arrays] = start;
  for (int i = 0; i < walk->shape.rank; i++)
    walk->strides[walk->arrays][i] = strides[i];
  walk->arrays++;
}

void
cn_walk_add_broadcast (CnWalk *walk, const CnShape *shape)
{
  gint64 own[CN_RANK_MAX], strides[CN_RANK_MAX];
  int lacking = walk->shape.rank - shape->rank;

  cn_strides (shape, own);
  for (int i = 0; i < walk->shape.rank; i++)
    strides[i] = i < lacking || shape->dims[i - lacking] == 1 ? 0 : own[i - lacking];
  cn_walk_add (walk, 0, strides);
}

/* Whether axis `i` continues axis `outer` in every array. */
static gboolean
continues (const CnWalk *walk, int outer, int i)
{
  for (int k = 0; k < walk->arrays; k++)
    if (walk->strides[k][outer] != walk->strides[k][i] * walk->shape.dims[i])
      return FALSE;
  return TRUE;
}

void
cn_walk_join (CnWalk *walk)
{
  CnShape *shape = &walk->shape;
  int rank = 0;

  for (int i = 0; i < shape->rank; i++)
    {
      gboolean joins = rank > 0 && continues (walk, rank - 1, i);

      if (shape->dims[i] == 1)
        continue;
      if (joins)
        rank--;
      shape->dims[rank] = shape->dims[i] * (joins ? shape->dims[rank] : 1);
      for (int k = 0; k < walk->arrays; k++)
        walk->strides[k][rank] = walk->strides[k][i];
      rank++;
    }
  shape->rank = rank;
}

/* Where line `index` begins in each array. */
static void
find_line (const CnWalk *walk, gsize index, gint64 *at, gint64 *position)
{
  for (int k = 0; k < walk->arrays; k++)
    at[k] = walk->start[k];
  for (int i = walk->shape.rank - 2; i >= 0; i--)
    {
      position[i] = index % walk->shape.dims[i];
      index /= walk->shape.dims[i];
      for (int k = 0; k < walk->arrays; k++)
        at[k] += position[i] * walk->strides[k][i];
    }
}

/* Elements of a line, and lines. */
static gsize
line_length (const CnWalk *walk)
{
  return walk->shape.rank == 0 ? 1 : (gsize) walk->shape.dims[walk->shape.rank - 1];
}

static gsize
count_lines (const CnWalk *walk)
{
  return cn_shape_product (&walk->shape, 0, MAX (walk->shape.rank - 1, 0));
}

/* Lines [first, first + lines), of each the elements [from, to). */
static void
run_lines (const CnWalk *walk, CnLine line, gpointer data, gsize first, gsize lines, gsize from,
           gsize to)
{
  int last = walk->shape.rank - 1;
  gint64 at[CN_WALK_ARRAYS], step[CN_WALK_ARRAYS], position[CN_RANK_MAX];

  find_line (walk, first, at, position);
  for (int k = 0; k < walk->arrays; k++)
    {
      step[k] = last < 0 ? 0 : walk->strides[k][last];
      at[k] += (gint64) from * step[k];
    }
  for (gsize l = 0; l < lines; l++)
    {
      line (data, to - from, at, step);
      for (int i = last - 1; i >= 0; i--)
        {
          for (int k = 0; k < walk->arrays; k++)
            at[k] += walk->strides[k][i];
          if (++position[i] < walk->shape.dims[i])
            break;
          for (int k = 0; k < walk->arrays; k++)
            at[k] -= walk->strides[k][i] * walk->shape.dims[i];
          position[i] = 0;
        }
    }
}

void
cn_walk_lines (const CnWalk *walk, CnLine line, gpointer data)
{
  if (line_length (walk) > 0 && count_lines (walk) > 0)
    run_lines (walk, line, data, 0, count_lines (walk), 0, line_length (walk));
}

/* Elements of a turn: enough that taking turns costs nothing beside it. */
#define TURN 16384

typedef struct
{
  const CnWalk *walk;
  CnLine line;
  gpointer data;
  gsize n, lines; /* elements of a line, lines */
  gsize pieces;   /* turns that a long line is cut into */
  gsize group;    /* short lines that are one turn */
} Turns;

static void
take_turn (gpointer data, gsize i)
{
  const Turns *t = data;
  gsize first = i / t->pieces * t->group, piece = i % t->pieces;
  gsize to = piece + 1 == t->pieces ? t->n : (piece + 1) * TURN;

  run_lines (t->walk, t->line, t->data, first, MIN (t->group, t->lines - first), piece * TURN, to);
}

gboolean
cn_walk_run (const CnWalk *walk, CnLine line, gpointer data, const CnRun *run, GError **error)
{
  Turns turns = { walk, line, data, line_length (walk), count_lines (walk), 1, 1 };

  if (turns.n == 0 || turns.lines == 0)
    return TRUE;
  turns.pieces = MAX (turns.n / TURN, 1);
  turns.group = MAX (TURN / turns.n, 1);
  return cn_parallel ((turns.lines + turns.group - 1) / turns.group * turns.pieces, take_turn,
                      &turns, run, error);
}

gboolean
cn_shape_broadcast (const CnShape *a, const CnShape *b, CnShape *result)
{
  result->rank = MAX (a->rank, b->rank);
  for (int i = 1; i <= result->rank; i++)
    {
      gint64 x = i <= a->rank ? a->dims[a->rank - i] : 1;
      gint64 y = i <= b->rank ? b->dims[b->rank - i] : 1;

      if (x != y && x != 1 && y != 1)
        return FALSE;
      result->dims[result->rank - i] = x == 1 ? y : x;
    }
  return TRUE;
}

typedef struct
{
  gsize size;
  guint8 *to;
  const guint8 *from;
} Copy;

static void
copy_line (gpointer data, gsize n, const gint64 *at, const gint64 *step)
{
  const Copy *copy = data;
  guint8 *to = copy->to + at[0] * (gint64) copy->size;
  const guint8 *from = copy->from + at[1] * (gint64) copy->size;
  gint64 to_step = step[0] * (gint64) copy->size, from_step = step[1] * (gint64) copy->size;

  if (step[0] == 1 && step[1] == 1)
    memcpy (to, from, n * copy->size);
  else if (copy->size == sizeof (gint32) && step[0] == 1 && step[1] == 0)
    {
      gint32 value = *(const gint32 *) from;

      for (gsize i = 0; i < n; i++)
        ((gint32 *) to)[i] = value;
    }
  else if (copy->size == sizeof (gint32))
    for (gsize i = 0; i < n; i++, to += to_step, from += from_step)
      *(gint32 *) to = *(const gint32 *) from;
  else
    for (gsize i = 0; i < n; i++, to += to_step, from += from_step)
      memcpy (to, from, copy->size);
}

gboolean
cn_walk_copy (const CnWalk *walk, gsize size, gpointer to, gconstpointer from, const CnRun *run,
              GError **error)
{
  Copy copy = { size, to, from };
  CnWalk joined = *walk;

  cn_walk_join (&joined);
  return cn_walk_run (&joined, copy_line, &copy, run, error);
}
