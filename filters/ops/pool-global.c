/* pool-global.c: global pooling: each channel of a picture into one sample.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/ops/pool-private.h"

#include <math.h>

#include "filters/core/parallel.h"

/* Sums of every SUMS-th sample: side by side for the compiler, and the same on every CPU. */
#define SUMS 8

typedef struct
{
  const float *data;
  gsize count, step; /* samples, and floats from one to the next */
} Channel;

static double
sum_of (const Channel *c, int p)
{
  double sums[SUMS] = { 0 }, sum = 0;
  gsize i = 0;

  for (; p == 0 && i + SUMS <= c->count; i += SUMS)
    for (int k = 0; k < SUMS; k++)
      sums[k] += (double) c->data[(i + k) * c->step];
  for (; i < c->count; i++)
    {
      double x = c->data[i * c->step];

      sums[i % SUMS] += p == 0 ? x : p == 1 ? fabs (x) : p == 2 ? x * x : pow (fabs (x), p);
    }
  for (int k = 0; k < SUMS; k++)
    sum += sums[k];
  return sum;
}

/* The first of the largest, or of the smallest; or the first NaN. */
static gsize
place_of (const Channel *c, gboolean largest)
{
  gsize place = 0;

  for (gsize i = 0; i < c->count; i++)
    {
      float x = c->data[i * c->step], best = c->data[place * c->step];

      if (isnan (x))
        return i;
      if (largest ? x > best : x < best)
        place = i;
    }
  return place;
}

static float
pool_channel (const CnPool *pool, const Channel *c, gint64 *place)
{
  switch (pool->options.kind)
    {
    case CN_POOL_AVERAGE:
      return (float) (sum_of (c, 0) / c->count);
    case CN_POOL_LP:
      return (float) pow (sum_of (c, pool->options.p), 1.0 / pool->options.p);
    default:
      *place = (gint64) place_of (c, pool->options.kind == CN_POOL_MAX);
      return c->data[*place * c->step];
    }
}

/* Channels of a turn. */
#define CHANNELS 16

typedef struct
{
  const CnPool *pool;
  const CnTensor *input, *output;
  gint64 *indices;
} Job;

static void
pool_channels (gpointer data, gsize turn)
{
  const Job *job = data;
  const CnTensor *input = job->input;
  gsize channels = input->channels, pixels = (gsize) input->height * input->width;
  gboolean planar = input->layout == CN_LAYOUT_NCHW;

  for (gsize at = turn * CHANNELS; at < MIN ((turn + 1) * CHANNELS, input->n * channels); at++)
    {
      gsize first = planar ? at * pixels : at / channels * channels * pixels + at % channels;
      Channel channel = { input->data + first, pixels, planar ? 1 : channels };
      gint64 place = 0;

      job->output->data[at] = pool_channel (job->pool, &channel, &place);
      if (job->indices)
        job->indices[at] = (gint64) (at * pixels) + place;
    }
}

gboolean
cn_pool_global (const CnPool *pool, const CnTensor *input, const CnTensor *output, gint64 *indices,
                const CnRun *run, GError **error)
{
  Job job = { pool, input, output, indices };

  return cn_parallel (((gsize) input->n * input->channels - 1) / CHANNELS + 1, pool_channels, &job,
                      run, error);
}
