/* data-set.c: pictures to learn from, and batches of them, changed at random.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/train/data-set.h"

#include <string.h>

#include "filters/core/error.h"
#include "filters/core/parallel.h"
#include "filters/core/random.h"

static gsize
picture_bytes (const CnDataSet *data)
{
  return (gsize) data->channels * data->height * data->width;
}

CnDataSet *
cn_data_set_new (int channels, int height, int width, gsize n, const char *const *classes,
                 GError **error)
{
  g_autoptr (CnDataSet) data = g_new0 (CnDataSet, 1);
  gsize bytes = n;

  data->channels = channels;
  data->height = height;
  data->width = width;
  data->n = n;
  data->classes = g_strdupv ((char **) classes);
  if (channels < 1 || height < 1 || width < 1 || n < 1)
    {
      cn_set_error (error, CN_ERROR_SHAPE, "%zu pictures of %d×%d pixels and %d channels", n, width,
                    height, channels);
      return NULL;
    }
  if (g_size_checked_mul (&bytes, bytes, channels) && g_size_checked_mul (&bytes, bytes, height)
      && g_size_checked_mul (&bytes, bytes, width))
    data->pixels = g_try_malloc0 (bytes);
  data->labels = g_try_new0 (guint16, n);
  if (data->pixels && data->labels)
    return g_steal_pointer (&data);
  cn_set_error (error, CN_ERROR_MEMORY, "There is no memory for %zu pictures of %d×%d pixels", n,
                width, height);
  return NULL;
}

void
cn_data_set_free (CnDataSet *data)
{
  if (!data)
    return;
  g_free (data->pixels);
  g_free (data->labels);
  g_strfreev (data->classes);
  g_free (data);
}

CnDataSet *
cn_data_set_part (const CnDataSet *data, gsize first, gsize n, GError **error)
{
  CnDataSet *part = cn_data_set_new (data->channels, data->height, data->width, n,
                                     (const char *const *) data->classes, error);
  gsize bytes = picture_bytes (data);

  g_assert (first + n <= data->n);
  if (!part)
    return NULL;
  memcpy (part->pixels, data->pixels + first * bytes, n * bytes);
  memcpy (part->labels, data->labels + first, n * sizeof (guint16));
  return part;
}

/* What happens to a picture. */
typedef struct
{
  gboolean flip;
  int shift_y, shift_x;
  int cut_top, cut_bottom, cut_left, cut_right;
  float gain, offset; /* x ← gain·x + offset */
} Change;

static int
between (CnRandom *random, int low, int high)
{
  return low + (int) cn_random_below (random, (guint64) high - low + 1);
}

/* In −size … size. */
static float
spread (CnRandom *random, double size)
{
  return (float) (size * (2 * cn_random_uniform (random) - 1));
}

static Change
change_of (const CnBatch *batch, guint32 picture)
{
  const CnAugmentation *a = &batch->augmentation;
  CnRandom random = cn_random (batch->seed, batch->epoch, picture);
  Change change = { .gain = 1 };
  float range = batch->high - batch->low;
  int y, x;

  change.flip = a->flip && cn_random_below (&random, 2);
  change.shift_y = between (&random, -a->shift, a->shift);
  change.shift_x = between (&random, -a->shift, a->shift);
  y = between (&random, 0, batch->data->height - 1) - a->cutout / 2;
  x = between (&random, 0, batch->data->width - 1) - a->cutout / 2;
  change.cut_top = y;
  change.cut_bottom = y + a->cutout;
  change.cut_left = x;
  change.cut_right = x + a->cutout;
  if (a->colour > 0)
    {
      change.gain += spread (&random, a->colour);
      change.offset = spread (&random, a->colour) * range / 2;
    }
  return change;
}

typedef struct
{
  const CnBatch *batch;
  const CnLanes *lanes;
} Fill;

/* Picture `picture` into the lane that begins at `to`. */
static void
fill_sample (const Fill *fill, guint32 picture, float *to)
{
  const CnBatch *batch = fill->batch;
  const CnDataSet *data = batch->data;
  const guint8 *pixels = data->pixels + picture * picture_bytes (data);
  float step = (batch->high - batch->low) / 255;
  Change change = change_of (batch, picture);

  for (int c = 0; c < data->channels; c++)
    for (int y = 0; y < data->height; y++)
      for (int x = 0; x < data->width; x++, to += CN_LANES)
        {
          int from_y = y + change.shift_y;
          int from_x = (change.flip ? data->width - 1 - x : x) + change.shift_x;
          gboolean cut = y >= change.cut_top && y < change.cut_bottom && x >= change.cut_left
                         && x < change.cut_right;

          if (cut || from_y < 0 || from_y >= data->height || from_x < 0 || from_x >= data->width)
            *to = 0;
          else
            *to = (batch->low
                   + step * pixels[((gsize) from_y * data->width + from_x) * data->channels + c])
                      * change.gain
                  + change.offset;
        }
}

static void
fill_turn (gpointer data, gsize block)
{
  const Fill *fill = data;
  gsize first = block * CN_LANES, samples = cn_lanes_block (fill->lanes) / CN_LANES;
  float *to = fill->lanes->data + block * cn_lanes_block (fill->lanes);

  for (gsize lane = 0; lane < CN_LANES; lane++)
    if (first + lane < fill->batch->n)
      fill_sample (fill, fill->batch->order[first + lane], to + lane);
    else
      for (gsize i = 0; i < samples; i++)
        to[i * CN_LANES + lane] = 0;
}

gboolean
cn_batch_fill (const CnBatch *batch, const CnLanes *lanes, guint16 *labels, const CnRun *run,
               GError **error)
{
  Fill fill = { batch, lanes };

  g_assert (lanes->channels == batch->data->channels && lanes->height == batch->data->height
            && lanes->width == batch->data->width && batch->n <= (gsize) lanes->blocks * CN_LANES);
  for (gsize i = 0; i < batch->n; i++)
    labels[i] = batch->data->labels[batch->order[i]];
  return cn_parallel (lanes->blocks, fill_turn, &fill, run, error);
}
