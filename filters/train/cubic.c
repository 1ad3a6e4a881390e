/* cubic.c: pictures made smaller or larger by cubic interpolation.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/train/cubic.h"

#include <math.h>

#include "filters/core/error.h"
#include "filters/core/shape.h"

static double
cubic (double t)
{
  t = fabs (t);
  if (t < 1)
    return (1.5 * t - 2.5) * t * t + 1;
  return t < 2 ? ((-0.5 * t + 2.5) * t - 4) * t + 2 : 0;
}

double *
cn_cubic_kernel (int size, int stride, int shift)
{
  double *kernel = g_new (double, size);

  for (int a = 0; a < size; a++)
    kernel[a] = cubic ((a - shift - (stride - 1) / 2.0) / stride);
  for (int phase = 0; phase < stride; phase++)
    {
      double sum = 0;

      for (int a = phase; a < size; a += stride)
        sum += kernel[a];
      for (int a = phase; a < size; a += stride)
        kernel[a] /= sum;
    }
  return kernel;
}

/* The pixels that results are made of: `taps` for each, with their weights. */
typedef struct
{
  int taps;
  int *from;
  double *weights;
} Taps;

static void
taps_clear (Taps *taps)
{
  g_free (taps->from);
  g_free (taps->weights);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Taps, taps_clear)

/* Pixel i of n, or of their mirror image. */
static int
mirrored (int i, int n)
{
  int at = ((i % (2 * n)) + 2 * n) % (2 * n);

  return at < n ? at : 2 * n - 1 - at;
}

static gboolean
find_taps (int n, int to, Taps *taps)
{
  double scale = (double) to / n, slope = MIN (scale, 1);

  taps->taps = (int) ceil (4 / slope) + 1;
  taps->from = g_try_new (int, (gsize) to * taps->taps);
  taps->weights = g_try_new (double, (gsize) to * taps->taps);
  for (int i = 0; i < to && taps->from && taps->weights; i++)
    {
      double at = (i + 0.5) / scale - 0.5, sum = 0;
      int first = (int) ceil (at - 2 / slope), *from = taps->from + (gsize) i * taps->taps;
      double *weights = taps->weights + (gsize) i * taps->taps;

      for (int k = 0; k < taps->taps; k++)
        sum += weights[k] = cubic (slope * (first + k - at));
      for (int k = 0; k < taps->taps; k++)
        {
          weights[k] /= sum;
          from[k] = mirrored (first + k, n);
        }
    }
  return taps->from && taps->weights;
}

/* A row of the result before columns are made: all rows of it have been weighted. */
static void
resize_row (const CnPlane *plane, const Taps *rows, int y, double *row)
{
  for (int x = 0; x < plane->width; x++)
    row[x] = 0;
  for (int k = 0; k < rows->taps; k++)
    {
      double weight = rows->weights[(gsize) y * rows->taps + k];
      const float *from =
          plane->pixels + (gsize) rows->from[(gsize) y * rows->taps + k] * plane->width;

      for (int x = 0; x < plane->width; x++)
        row[x] += weight * from[x];
    }
}

CnPlane
cn_cubic_resize (const CnPlane *plane, int width, int height, GError **error)
{
  g_auto (Taps) rows = { 0 }, columns = { 0 };
  g_autofree double *row = g_try_new (double, plane->width);
  CnPlane result = { .width = width, .height = height };

  if (!cn_in_range (width, 1, CN_SIZE_MAX, "width", error)
      || !cn_in_range (height, 1, CN_SIZE_MAX, "height", error))
    return result;
  if (row && find_taps (plane->height, height, &rows) && find_taps (plane->width, width, &columns))
    result.pixels = g_try_new (float, (gsize) width *height);
  if (!result.pixels)
    cn_set_error (error, CN_ERROR_MEMORY, "There is no memory for %d×%d pixels", width, height);
  for (int y = 0; y < height && result.pixels; y++)
    {
      resize_row (plane, &rows, y, row);
      for (int x = 0; x < width; x++)
        {
          double sum = 0;

          for (int k = 0; k < columns.taps; k++)
            sum += columns.weights[(gsize) x * columns.taps + k]
                   * row[columns.from[(gsize) x * columns.taps + k]];
          result.pixels[(gsize) y * width + x] = (float) sum;
        }
    }
  return result;
}
