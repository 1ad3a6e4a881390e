/* pool-private.h: the inside of pooling, shared by the files pool*.c.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/ops/pool.h"

struct _CnPool
{
  CnPoolOptions options; /* with the zeros replaced */
};

/* The taps of the window at `position` that lie in low … high − 1 of the axis: how many, and the
   first of them. */
int cn_pool_taps (const CnWindow *window, int position, int low, int high, int *first);

/* Taps of the window at `position` on an axis of `n` pixels that the result is divided by. */
int cn_pool_counted (const CnPool *pool, const CnWindow *window, int position, int n);

/* Whether windows are cut at the picture's edge. */
gboolean cn_pool_cuts (const CnPool *pool);

/* |x|^p, and its inverse for sums. */
float cn_pool_power (float x, int p);
float cn_pool_root (float x, int p);

/* The three functions of a CnTiled over a CnPoolPlan. */
CnRect cn_pool_reach (gconstpointer op, const CnRect *out);
gsize cn_pool_scratch (gconstpointer op, const CnRect *out);
void cn_pool_work (gconstpointer op, const CnTile *tile);

/* Whether the planes are so small that cn_pool_run_planes() makes them faster than tiles do; and
   that, of planar tensors. The same bits. */
gboolean cn_pool_has_planes (const CnPoolPlan *plan);
gboolean cn_pool_run_planes (const CnPoolPlan *plan, const CnTensor *input, const CnTensor *output,
                             const CnRun *run, GError **error);

/* The whole of each picture's channels into one sample each. */
gboolean cn_pool_global (const CnPool *pool, const CnTensor *input, const CnTensor *output,
                         gint64 *indices, const CnRun *run, GError **error);
