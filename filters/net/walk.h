/* walk.h: a walk over n-dimensional arrays side by side, line by line, with any strides.
 *
 * Broadcasting is a stride of 0, slicing a larger or a negative one, transposing the strides in
 * another order: so copies, arithmetic and reductions of any shape are one loop over lines.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/core/tile.h"
#include "filters/net/array.h"

#define CN_WALK_ARRAYS 4

/* Element (i₀, i₁, …) of array k is at `start[k]` + Σ i·strides[k]. */
typedef struct
{
  int arrays;
  CnShape shape;
  gint64 start[CN_WALK_ARRAYS];
  gint64 strides[CN_WALK_ARRAYS][CN_RANK_MAX];
} CnWalk;

/* A line: `n` elements, of array k at[k], at[k] + step[k], … */
typedef void (*CnLine) (gpointer data, gsize n, const gint64 *at, const gint64 *step);

/* Strides of an array of that shape, without gaps. */
void cn_strides (const CnShape *shape, gint64 *strides);

/* A walk over `shape` with no arrays. */
CnWalk cn_walk (const CnShape *shape);

/* Adds an array that begins at `start` and has these strides. */
void cn_walk_add (CnWalk *walk, gint64 start, const gint64 *strides);

/* Adds an array of `shape` without gaps, broadcast to the walk's shape as ONNX (and NumPy) has it:
   axes are aligned at the last, and an axis of size 1 is repeated. */
void cn_walk_add_broadcast (CnWalk *walk, const CnShape *shape);

/* Joins axes that every array walks through without a gap, and drops those of size 1. */
void cn_walk_join (CnWalk *walk);

/* Calls `line` for parts of the lines along the last axis, on several threads at once. FALSE with
   CN_ERROR_CANCELLED. */
gboolean cn_walk_run (const CnWalk *walk, CnLine line, gpointer data, const CnRun *run,
                      GError **error);

/* Calls `line` for each whole line, in the order of memory of the shape, on this thread. */
void cn_walk_lines (const CnWalk *walk, CnLine line, gpointer data);

/* The shape that `a` and `b` are both broadcast to; FALSE if they do not fit together. */
gboolean cn_shape_broadcast (const CnShape *a, const CnShape *b, CnShape *result);

/* Copies elements of `size` bytes: array 0 of the walk is where to, array 1 where from. */
gboolean cn_walk_copy (const CnWalk *walk, gsize size, gpointer to, gconstpointer from,
                       const CnRun *run, GError **error);
