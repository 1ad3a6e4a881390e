/* rescale.c: samples of any size brought to any other size.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/kernels/rescale.h"

#include <math.h>
#include <string.h>

#include "filters/core/border.h"
#include "filters/core/error.h"

/* Rows that are read at once: as high as GEGL's tiles, and no more floats than that. */
#define STRIP_ROWS 128
#define STRIP_FLOATS (1 << 22)

/* The pixels that a result is made of: `n` from `first` on. */
typedef struct
{
  int first, n;
  gsize weights; /* where its own begin */
} Taps;

/* All of them along one side. */
typedef struct
{
  Taps *taps;
  double *weights;
  int longest;
} Axis;

typedef struct
{
  const CnSource *source;
  int samples, width; /* of the result */
  Axis x, y;
  float *strip; /* rows of the source: `strip_rows` from row `strip_first` on, of which there are
                   `strip_n` */
  int strip_rows, strip_first, strip_n;
  float *rows;  /* rows of the source at the result's width: row j at j mod y.longest */
  double *sums; /* one row of the result */
} Job;

static void
job_clear (Job *job)
{
  g_free (job->x.taps);
  g_free (job->x.weights);
  g_free (job->y.taps);
  g_free (job->y.weights);
  g_free (job->strip);
  g_free (job->rows);
  g_free (job->sums);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Job, job_clear)

static gboolean
lacks_memory (int height, int width, GError **error)
{
  cn_set_error (error, CN_ERROR_MEMORY, "Not enough memory to bring a picture to %d×%d pixels",
                width, height);
  return FALSE;
}

static gboolean
plan_axis (int from, int to, Axis *axis)
{
  double scale = (double) from / to, support = MAX (scale, 1);
  gsize most = (gsize) MIN (2 * support + 2, from), n = 0;

  axis->taps = g_try_new (Taps, to);
  axis->weights = g_try_new (double, most *to);
  if (!axis->taps || !axis->weights)
    return FALSE;
  for (int i = 0; i < to; i++)
    {
      Taps *taps = &axis->taps[i];
      double centre = (i + 0.5) * scale, sum = 0;
      int end = (int) MIN (ceil (centre + support + 0.5), from);

      *taps = (Taps){ .weights = n };
      for (int j = (int) MAX (floor (centre - support - 0.5), 0); j < end; j++)
        {
          double weight = 1 - fabs (j + 0.5 - centre) / support;

          if (weight <= 0)
            continue;
          if (taps->n == 0)
            taps->first = j;
          taps->n++;
          sum += axis->weights[n++] = weight;
        }
      for (int k = 0; k < taps->n; k++)
        axis->weights[taps->weights + k] /= sum;
      axis->longest = MAX (axis->longest, taps->n);
    }
  return TRUE;
}

static gboolean
allocate (Job *job)
{
  const CnSource *source = job->source;
  gsize row = (gsize) source->width * job->samples;

  if (!plan_axis (source->width, job->width, &job->x))
    return FALSE;
  job->strip_rows = (int) CLAMP (STRIP_FLOATS / row, 1, (gsize) MIN (STRIP_ROWS, source->height));
  job->strip = g_try_malloc (cn_float_bytes (job->strip_rows, row, 1, 1));
  job->rows = g_try_malloc (cn_float_bytes (job->y.longest, job->width, job->samples, 1));
  job->sums = g_try_new (double, (gsize) job->width * job->samples);
  return job->strip && job->rows && job->sums;
}

/* One row of the source, from the strip, which is moved down if it has to be. */
static const float *
read_row (Job *job, int row, GError **error)
{
  int width = job->source->width;
  gsize floats = (gsize) width * job->samples;

  if (row >= job->strip_first + job->strip_n)
    {
      CnRect area = { 0, row, width, MIN (job->strip_rows, job->source->height - row) };
      CnView view = cn_view_packed (job->strip, 1, job->samples, area.height, width);

      if (!cn_border_fetch (job->source, CN_BORDER_REPLICATE, &area, &view, error))
        return NULL;
      job->strip_first = row;
      job->strip_n = area.height;
    }
  return job->strip + (row - job->strip_first) * floats;
}

static float *
kept_row (const Job *job, int row)
{
  return job->rows + (gsize) (row % job->y.longest) * job->width * job->samples;
}

/* One row of the source at the result's width. */
static void
across (const Job *job, const float *from, float *to)
{
  int samples = job->samples;

  for (int i = 0; i < job->width; i++, to += samples)
    {
      const Taps *taps = &job->x.taps[i];
      const double *weights = job->x.weights + taps->weights;

      for (int c = 0; c < samples; c++)
        {
          const float *sample = from + (gsize) taps->first * samples + c;
          double sum = 0;

          for (int k = 0; k < taps->n; k++)
            sum += weights[k] * sample[(gsize) k * samples];
          to[c] = (float) sum;
        }
    }
}

static void
down (const Job *job, const Taps *taps, float *to)
{
  const double *weights = job->y.weights + taps->weights;
  gsize n = (gsize) job->width * job->samples;

  memset (job->sums, 0, n * sizeof (double));
  for (int k = 0; k < taps->n; k++)
    {
      const float *row = kept_row (job, taps->first + k);

      for (gsize i = 0; i < n; i++)
        job->sums[i] += weights[k] * row[i];
    }
  for (gsize i = 0; i < n; i++)
    to[i] = (float) job->sums[i];
}

gboolean
cn_rescale_source (const CnSource *source, float *to, int height, int width, GError **error)
{
  g_auto (Job) job = { .source = source, .samples = source->memory.pixel, .width = width };
  gsize floats = (gsize) width * job.samples;
  int next = 0; /* the first row of the source that was not read */

  g_return_val_if_fail (source->memory.planes == 1, FALSE);
  if (!cn_in_range (source->height, 1, CN_SIZE_MAX, "The height", error)
      || !cn_in_range (source->width, 1, CN_SIZE_MAX, "The width", error)
      || !cn_in_range (height, 1, CN_SIZE_MAX, "The height", error)
      || !cn_in_range (width, 1, CN_SIZE_MAX, "The width", error))
    return FALSE;
  if (!plan_axis (source->height, height, &job.y) || !allocate (&job))
    return lacks_memory (height, width, error);
  for (int i = 0; i < height; i++)
    {
      const Taps *taps = &job.y.taps[i];

      for (; next < taps->first + taps->n; next++)
        {
          const float *row = read_row (&job, next, error);

          if (!row)
            return FALSE;
          across (&job, row, kept_row (&job, next));
        }
      down (&job, taps, to + i * floats);
    }
  return TRUE;
}

gboolean
cn_rescale (const float *from, int from_height, int from_width, int samples, float *to, int height,
            int width, GError **error)
{
  const CnSource source = { .width = from_width,
                            .height = from_height,
                            .memory = cn_view_packed ((float *) from, 1, samples, from_height,
                                                      from_width) };

  return cn_rescale_source (&source, to, height, width, error);
}
