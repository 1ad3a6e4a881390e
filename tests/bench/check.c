/* check.c: results against the definition, and a peer's against ours, before anything is timed.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "filters/core/error.h"
#include "filters/core/random.h"
#include "tests/bench/bench.h"

/* The largest difference, relative to the largest result: what Winograd's algorithm and Fourier
   transforms are allowed. Direct sums of k terms stay below k·ε, a hundredth of it for 3×3×64. */
#define TOLERANCE 1e-4

/* Results that are compared with the definition. */
#define SAMPLES 200

/* --- The definition ------------------------------------------------------------------------ */

/* The input's sample; outside of it the nearest one for filters, else zero. */
static double
sample (const BenchTask *task, int c, int y, int x)
{
  const CnView view = cn_tensor_view (task->input, 0);
  gboolean planar = task->layout == CN_LAYOUT_NCHW;

  if (bench_is_filter (task))
    {
      y = CLAMP (y, 0, task->height - 1);
      x = CLAMP (x, 0, task->width - 1);
    }
  if (y < 0 || y >= task->height || x < 0 || x >= task->width)
    return 0;
  return view.data[(planar ? c * view.plane : 0) + y * view.row + (gsize) x * view.pixel
                   + (planar ? 0 : c)];
}

static double
convolved (const BenchTask *task, int o, int y, int x)
{
  int k = task->kernel, ins = task->in / task->groups, outs = task->out / task->groups;
  const float *w = task->weights->floats + (gsize) o * ins * k * k;
  double sum = 0;

  for (int i = 0; i < ins; i++)
    for (int a = 0; a < k; a++)
      for (int b = 0; b < k; b++)
        sum += (double) *w++
               * sample (task, o / outs * ins + i, y * task->stride + a - task->padding,
                         x * task->stride + b - task->padding);
  return sum;
}

static double
transposed (const BenchTask *task, int o, int y, int x)
{
  int k = task->kernel, s = task->stride, ins = task->in / task->groups;
  int outs = task->out / task->groups, first = o / outs * ins;
  double sum = 0;

  for (int a = 0; a < k; a++)
    for (int b = 0; b < k; b++)
      {
        int v = y + task->padding - a, u = x + task->padding - b;

        if (v < 0 || u < 0 || v % s || u % s)
          continue;
        for (int i = first; i < first + ins; i++)
          sum += sample (task, i, v / s, u / s)
                 * (double) task->weights->floats[(((gsize) i * outs + o % outs) * k + a) * k + b];
      }
  return sum;
}

static double
pooled (const BenchTask *task, int c, int y, int x)
{
  int top = y * task->stride - task->padding, left = x * task->stride - task->padding, n = 0;
  double sum = 0, largest = -INFINITY;

  for (int v = MAX (top, 0); v < MIN (top + task->kernel, task->height); v++)
    for (int u = MAX (left, 0); u < MIN (left + task->kernel, task->width); u++, n++)
      {
        sum += sample (task, c, v, u);
        largest = MAX (largest, sample (task, c, v, u));
      }
  return task->op == BENCH_MAX_POOL ? largest : sum / n;
}

static double
expected (const BenchTask *task, int c, int y, int x)
{
  switch (task->op)
    {
    case BENCH_MAX_POOL:
    case BENCH_AVERAGE_POOL:
      return pooled (task, c, y, x);
    case BENCH_CONV_TRANSPOSE:
      return transposed (task, c, y, x);
    default:
      return convolved (task, c, y, x);
    }
}

/* --- Comparing ----------------------------------------------------------------------------- */

static gboolean
alike (double a, double b, double tolerance, gsize index, GError **error)
{
  if (fabs (a - b) <= tolerance) /* so NaN is like nothing */
    return TRUE;
  cn_set_error (error, CN_ERROR_ARGUMENT, "result %zu is %.9g, and should be %.9g", index, a, b);
  return FALSE;
}

static double
tolerance_of (const BenchTask *task, const float *ours)
{
  double largest = 0;

  for (gsize i = 0; i < task->n_results; i++)
    largest = MAX (largest, fabs ((double) ours[i]));
  return TOLERANCE * largest;
}

/* One coordinate of a sample: the first and the last ones come first. */
static int
place (int turn, int bit, gint64 n, CnRandom *random)
{
  int drawn = (int) cn_random_below (random, (guint64) n);

  return turn >= 4 ? drawn : turn & bit ? (int) n - 1 : 0;
}

gboolean
bench_check_ours (const BenchTask *task, const float *ours, GError **error)
{
  CnRandom random = cn_random (1, 0, 0);
  double tolerance;
  const gint64 *dims = task->shape.dims;
  gsize channels = (gsize) dims[1], height = (gsize) dims[2], width = (gsize) dims[3];

  if (task->op == BENCH_NETWORK)
    return TRUE;
  tolerance = tolerance_of (task, ours);
  for (int i = 0; i < SAMPLES; i++)
    {
      int y = place (i, 1, dims[2], &random), x = place (i, 2, dims[3], &random);
      int c = (int) cn_random_below (&random, channels);
      gsize index = task->layout == CN_LAYOUT_NCHW ? (c * height + y) * width + x
                                                   : (y * width + x) * channels + c;

      if (!alike ((double) ours[index], expected (task, c, y, x), tolerance, index, error))
        return FALSE;
    }
  return TRUE;
}

/* Whether the window of result `index` of a filtered picture lies within the picture. */
static gboolean
is_inside (const BenchTask *task, gsize index)
{
  int x = (int) (index / task->out % task->width), y = (int) (index / task->out / task->width);

  return y >= task->padding && y < task->height - task->padding && x >= task->padding
         && x < task->width - task->padding;
}

gboolean
bench_check_peer (const BenchTask *task, const float *ours, const float *theirs, GError **error)
{
  gboolean filter = bench_is_filter (task);
  double tolerance = tolerance_of (task, ours);

  for (gsize i = 0; i < task->n_results; i++)
    if ((!filter || is_inside (task, i))
        && !alike ((double) theirs[i], (double) ours[i], tolerance, i, error))
      return FALSE;
  return TRUE;
}
