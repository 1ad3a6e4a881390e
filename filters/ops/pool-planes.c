/* pool-planes.c: the pooling of small planes, one after the other.
 *
 * The maps at the end of a network are many, and their rows are shorter than a vector. Windows that
 * hang over the edge would be a piece of a row each, so a plane with such windows is copied into a
 * margin; in it stands what leaves a result as it is: −∞ for a maximum, −0 for a sum. One with
 * steps of 1 is one long row then.
 *
 * A thread has planes, not rows of all of them: where they are not whole cache lines, two threads
 * would meet in a line of each.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/ops/pool-private.h"

#include <math.h>
#include <string.h>

#include "filters/core/parallel.h"
#include "filters/primitives/primitives.h"

/* Floats of a plane with its margin: half of a first-level cache. */
#define FLOATS_MAX 4096

/* Floats of a plane that is reduced where it lies, a quarter of a second-level cache; taps up to
   which a window is reduced at once; and planes, without which threads had better share rows.
   Milliseconds by rows of all planes and by planes, on one thread and on two: 3×3/2 of 256 planes
   of 27×27 0.069 and 0.056, 0.096 and 0.029; of 64 of 112×112 0.123 and 0.107, 0.100 and 0.055;
   means of 2×2 of 64 of 224×224 0.37 and 0.27, 0.145 and 0.105 (AVX-512, a Zen 5). */
#define PLANE_MAX (64 * 1024)
#define TAPS_MAX 16
#define PLANES_LEAST 8

/* Planes of a turn, which share the making of a margin. */
#define PLANES 8

typedef struct
{
  const CnPoolPlan *plan;
  const float *input;
  float *output;
  gsize planes;
  int rows, columns; /* what all windows reach: a plane and its margin, or less */
  gboolean copies;   /* planes are copied into their margin; else they are reduced where they lie */
  float margin;
  const float *counts; /* of each window, for means with a margin; else NULL */
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

  Planes planes = {
    .plan = plan,
    .rows = reached (&plan->y, plan->out_height),
    .columns = reached (&plan->x, plan->out_width),
    .margin = margins[plan->pool->options.kind],
  };

  /* For long rows, or ones that have a margin. */
  planes.copies = (plan->y.stride == 1 && plan->x.stride == 1) || plan->y.before > 0
                  || plan->x.before > 0 || planes.rows > plan->height
                  || planes.columns > plan->width;
  return planes;
}

gboolean
cn_pool_has_planes (const CnPoolPlan *plan)
{
  Planes planes = planes_of (plan);

  return plan->pixel == 1 && plan->pool->options.kind != CN_POOL_LP && cn_pool_cuts (plan->pool)
         && (planes.copies
                 ? (gint64) planes.rows * planes.columns <= FLOATS_MAX
                       && (gint64) plan->out_height * planes.columns <= FLOATS_MAX
                 : plan->planes >= PLANES_LEAST && (gint64) plan->height * plan->width <= PLANE_MAX
                       && plan->y.size * plan->x.size <= TAPS_MAX);
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

/* Reduces every window of rows `row` apart. By steps of 1 all rows are one, and what lies between
   them is left out then. */
static void
reduce (const Planes *p, const float *inside, int row, float *line, float *plane)
{
  const CnPoolPlan *plan = p->plan;
  CnPoolKind kind = plan->pool->options.kind;
  CnReduction r = {
    .kind = kind == CN_POOL_MAX   ? CN_REDUCE_MAX
            : kind == CN_POOL_MIN ? CN_REDUCE_MIN
            : p->counts           ? CN_REDUCE_SUM
                                  : CN_REDUCE_MEAN,
    .divisor = (float) (plan->y.size * plan->x.size),
    .src = inside,
    .row = (gsize) plan->y.dilation * row,
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
      r.src += (gsize) plan->y.stride * row;
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

  for (int i = 0; p->copies && i < p->rows * p->columns; i++)
    inside[i] = p->margin;
  for (gsize plane = turn * PLANES; plane < MIN ((turn + 1) * PLANES, p->planes); plane++)
    {
      if (p->copies)
        copy_plane (p, p->input + plane * in, inside);
      reduce (p, p->copies ? inside : p->input + plane * in, p->copies ? p->columns : plan->width,
              line, p->output + plane * out);
      if (p->counts)
        divide (p->output + plane * out, p->counts, out);
    }
}

gboolean
cn_pool_run_planes (const CnPoolPlan *plan, const CnTensor *input, const CnTensor *output,
                    const CnRun *run, GError **error)
{
  Planes planes = planes_of (plan);
  gboolean means = plan->pool->options.kind == CN_POOL_AVERAGE && planes.copies;
  g_autofree float *counts = means ? count_samples (plan) : NULL;

  planes.counts = counts;
  planes.input = input->data;
  planes.output = output->data;
  planes.planes = (gsize) input->n * input->channels;
  return cn_parallel ((planes.planes + PLANES - 1) / PLANES, pool_planes, &planes, run, error);
}
