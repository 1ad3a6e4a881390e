/* pool-planes.c: the pooling of small planes: each is copied into a margin that changes no result,
 * and is one long row then.
 *
 * The maps at the end of a network are many, and their rows are shorter than a vector. Windows that
 * hang over the edge would be a piece of a row each. In the margin stands what leaves a result as
 * it is: −∞ for a maximum, −0 for a sum.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/ops/pool-private.h"

#include <math.h>
#include <string.h>

#include "filters/core/parallel.h"
#include "filters/primitives/primitives.h"

/* Floats of a plane with its margin: half of a first-level cache. */
#define FLOATS_MAX 4096

/* Planes that share the making of a margin. */
#define PLANES 8

typedef struct
{
  const CnPoolPlan *plan;
  const float *input;
  float *output;
  gsize planes;
  int rows, columns; /* what all windows reach: a plane and its margin, or less */
  float margin;
  const float *counts; /* of each window, for means; else NULL */
} Planes;

static int
reached (const CnWindow *window, int positions)
{
  return (positions - 1) * window->stride + (int) cn_window_extent (window);
}

static Planes
planes_of (const CnPoolPlan *plan)
{
  static const float margins[] = { [CN_POOL_MAX] = -INFINITY,
                                   [CN_POOL_MIN] = INFINITY,
                                   [CN_POOL_AVERAGE] = -0.0F,
                                   [CN_POOL_LP] = -0.0F };

  return (Planes){
    .plan = plan,
    .rows = reached (&plan->y, plan->out_height),
    .columns = reached (&plan->x, plan->out_width),
    .margin = margins[plan->pool->options.kind],
  };
}

gboolean
cn_pool_has_planes (const CnPoolPlan *plan)
{
  Planes planes = planes_of (plan);

  /* Long rows, or ones that have a margin. */
  gboolean pays = (plan->y.stride == 1 && plan->x.stride == 1) || plan->y.before > 0
                  || plan->x.before > 0 || planes.rows > plan->height
                  || planes.columns > plan->width;

  return pays && plan->pixel == 1 && plan->pool->options.kind != CN_POOL_LP
         && cn_pool_cuts (plan->pool) && (gint64) planes.rows * planes.columns <= FLOATS_MAX
         && (gint64) plan->out_height * planes.columns <= FLOATS_MAX;
}

/* The plane's samples that windows reach, to their place within the margin. */
static void
copy_plane (const Planes *p, const float *plane, float *inside)
{
  const CnPoolPlan *plan = p->plan;
  int height = MIN (plan->height, p->rows - plan->y.before);
  int width = MIN (plan->width, p->columns - plan->x.before);

  inside += plan->y.before * p->columns + plan->x.before;
  for (int y = 0; y < height; y++)
    memcpy (inside + y * p->columns, plane + y * plan->width, width * sizeof (float));
}

/* Reduces every window. By steps of 1 all rows are one, and what lies between them is left out
   then. */
static void
reduce (const Planes *p, const float *inside, float *line, float *plane)
{
  const CnPoolPlan *plan = p->plan;
  CnPoolKind kind = plan->pool->options.kind;
  CnReduction r = {
    .kind = kind == CN_POOL_MAX   ? CN_REDUCE_MAX
            : kind == CN_POOL_MIN ? CN_REDUCE_MIN
                                  : CN_REDUCE_SUM,
    .src = inside,
    .row = (gsize) plan->y.dilation * p->columns,
    .rows = plan->y.size,
    .step = plan->x.stride,
    .tap = plan->x.dilation,
    .taps = plan->x.size,
    .dst = plane,
    .pixel = 1,
    .n = plan->out_width,
  };

  if (plan->y.stride == 1 && plan->x.stride == 1)
    {
      r.dst = line;
      r.n += (gsize) (plan->out_height - 1) * p->columns;
      cn_primitives ()->reduce (&r);
      for (int y = 0; y < plan->out_height; y++)
        memcpy (plane + y * plan->out_width, line + y * p->columns,
                plan->out_width * sizeof (float));
      return;
    }
  for (int y = 0; y < plan->out_height; y++)
    {
      cn_primitives ()->reduce (&r);
      r.src += (gsize) plan->y.stride * p->columns;
      r.dst += plan->out_width;
    }
}

/* How many samples each window of a plane counts. */
static float *
count_samples (const CnPoolPlan *plan)
{
  float *counts = g_new (float, (gsize) plan->out_height * plan->out_width), *count = counts;

  for (int y = 0; y < plan->out_height; y++)
    for (int x = 0; x < plan->out_width; x++)
      *count++ = (float) (cn_pool_counted (plan->pool, &plan->y, y, plan->height)
                          * cn_pool_counted (plan->pool, &plan->x, x, plan->width));
  return counts;
}

static void
divide (float *restrict sums, const float *restrict counts, gsize n)
{
  for (gsize i = 0; i < n; i++)
    sums[i] /= counts[i];
}

static void
pool_planes (gpointer data, gsize turn)
{
  const Planes *p = data;
  const CnPoolPlan *plan = p->plan;
  gsize in = (gsize) plan->height * plan->width, out = (gsize) plan->out_height * plan->out_width;
  float inside[FLOATS_MAX], line[FLOATS_MAX];

  for (int i = 0; i < p->rows * p->columns; i++)
    inside[i] = p->margin;
  for (gsize plane = turn * PLANES; plane < MIN ((turn + 1) * PLANES, p->planes); plane++)
    {
      copy_plane (p, p->input + plane * in, inside);
      reduce (p, inside, line, p->output + plane * out);
      if (p->counts)
        divide (p->output + plane * out, p->counts, out);
    }
}

gboolean
cn_pool_run_planes (const CnPoolPlan *plan, const CnTensor *input, const CnTensor *output,
                    const CnRun *run, GError **error)
{
  Planes planes = planes_of (plan);
  gboolean means = plan->pool->options.kind == CN_POOL_AVERAGE;
  g_autofree float *counts = means ? count_samples (plan) : NULL;

  planes.counts = counts;
  planes.input = input->data;
  planes.output = output->data;
  planes.planes = (gsize) input->n * input->channels;
  return cn_parallel ((planes.planes + PLANES - 1) / PLANES, pool_planes, &planes, run, error);
}
