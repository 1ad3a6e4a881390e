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

static gsize
target_bytes (const CnDataSet *data)
{
  return (gsize) data->channels * data->target_height * data->target_width;
}

/* n pictures of that size; NULL if there is no memory. */
static guint8 *
new_pixels (int channels, int height, int width, gsize n)
{
  gsize bytes = n;

  if (!g_size_checked_mul (&bytes, bytes, channels) || !g_size_checked_mul (&bytes, bytes, height)
      || !g_size_checked_mul (&bytes, bytes, width))
    return NULL;
  return g_try_malloc0 (bytes);
}

/* With pixels, and neither labels nor targets. */
static CnDataSet *
new_pictures (int channels, int height, int width, gsize n, GError **error)
{
  g_autoptr (CnDataSet) data = g_new0 (CnDataSet, 1);

  data->channels = channels;
  data->height = height;
  data->width = width;
  data->n = n;
  if (channels < 1 || height < 1 || width < 1 || n < 1)
    {
      cn_set_error (error, CN_ERROR_SHAPE, "%zu pictures of %d×%d pixels and %d channels", n, width,
                    height, channels);
      return NULL;
    }
  data->pixels = new_pixels (channels, height, width, n);
  if (data->pixels)
    return g_steal_pointer (&data);
  cn_set_error (error, CN_ERROR_MEMORY, "There is no memory for %zu pictures of %d×%d pixels", n,
                width, height);
  return NULL;
}

CnDataSet *
cn_data_set_new (int channels, int height, int width, gsize n, const char *const *classes,
                 GError **error)
{
  g_autoptr (CnDataSet) data = new_pictures (channels, height, width, n, error);

  if (!data)
    return NULL;
  data->classes = g_strdupv ((char **) classes);
  data->labels = g_try_new0 (guint16, n);
  if (data->labels)
    return g_steal_pointer (&data);
  cn_set_error (error, CN_ERROR_MEMORY, "There is no memory for the classes of %zu pictures", n);
  return NULL;
}

CnDataSet *
cn_data_set_new_pairs (int channels, int height, int width, int target_height, int target_width,
                       gsize n, GError **error)
{
  g_autoptr (CnDataSet) data = new_pictures (channels, height, width, n, error);

  if (!data)
    return NULL;
  data->target_height = target_height;
  data->target_width = target_width;
  data->targets = new_pixels (channels, target_height, target_width, n);
  if (data->targets)
    return g_steal_pointer (&data);
  cn_set_error (error, CN_ERROR_MEMORY, "There is no memory for %zu pictures of %d×%d pixels", n,
                target_width, target_height);
  return NULL;
}

void
cn_data_set_free (CnDataSet *data)
{
  if (!data)
    return;
  g_free (data->pixels);
  g_free (data->labels);
  g_free (data->targets);
  g_strfreev (data->classes);
  g_free (data);
}

CnDataSet *
cn_data_set_part (const CnDataSet *data, gsize first, gsize n, GError **error)
{
  gsize bytes = picture_bytes (data);
  CnDataSet *part = data->targets
                        ? cn_data_set_new_pairs (data->channels, data->height, data->width,
                                                 data->target_height, data->target_width, n, error)
                        : cn_data_set_new (data->channels, data->height, data->width, n,
                                           (const char *const *) data->classes, error);

  g_assert (first + n <= data->n);
  if (!part)
    return NULL;
  memcpy (part->pixels, data->pixels + first * bytes, n * bytes);
  if (data->targets)
    memcpy (part->targets, data->targets + first * target_bytes (data), n * target_bytes (data));
  else
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
  const CnLanes *lanes, *targets;
} Fill;

/* Picture `picture` into the lane that begins at `to`. */
static void
fill_sample (const CnBatch *batch, guint32 picture, float *to)
{
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

/* A picture, or its target, turned: bits 0 and 1 of `turn` mirror, bit 2 swaps rows and columns. */
static void
fill_turned (const CnBatch *batch, const guint8 *pixels, int height, int width, guint32 turn,
             float *to)
{
  int channels = batch->data->channels;
  float step = (batch->high - batch->low) / 255;

  for (int c = 0; c < channels; c++)
    for (int y = 0; y < height; y++)
      for (int x = 0; x < width; x++, to += CN_LANES)
        {
          int row = turn & 4 ? x : y, column = turn & 4 ? y : x;

          row = turn & 1 ? height - 1 - row : row;
          column = turn & 2 ? width - 1 - column : column;
          *to = batch->low + step * pixels[((gsize) row * width + column) * channels + c];
        }
}

/* The picture of a lane and its target. */
static void
fill_pair (const Fill *fill, guint32 picture, gsize block, gsize lane)
{
  const CnBatch *batch = fill->batch;
  const CnDataSet *data = batch->data;
  CnRandom random = cn_random (batch->seed, batch->epoch, picture);
  guint32 turn = batch->augmentation.turn ? cn_random_below (&random, 8) : 0;

  fill_turned (batch, data->pixels + picture * picture_bytes (data), data->height, data->width,
               turn, fill->lanes->data + block * cn_lanes_block (fill->lanes) + lane);
  fill_turned (batch, data->targets + picture * target_bytes (data), data->target_height,
               data->target_width, turn,
               fill->targets->data + block * cn_lanes_block (fill->targets) + lane);
}

static void
clear_lane (const CnLanes *lanes, gsize block, gsize lane)
{
  gsize samples = cn_lanes_block (lanes);

  for (gsize i = lane; i < samples; i += CN_LANES)
    lanes->data[block * samples + i] = 0;
}

/* Turn: a lane of a block. */
static void
fill_turn (gpointer data, gsize turn)
{
  const Fill *fill = data;
  gsize block = turn / CN_LANES, lane = turn % CN_LANES;
  float *to = fill->lanes->data + block * cn_lanes_block (fill->lanes) + lane;

  if (turn < fill->batch->n && fill->targets)
    fill_pair (fill, fill->batch->order[turn], block, lane);
  else if (turn < fill->batch->n)
    fill_sample (fill->batch, fill->batch->order[turn], to);
  else
    {
      clear_lane (fill->lanes, block, lane);
      if (fill->targets)
        clear_lane (fill->targets, block, lane);
    }
}

gboolean
cn_batch_fill (const CnBatch *batch, const CnLanes *lanes, guint16 *labels, const CnLanes *targets,
               const CnRun *run, GError **error)
{
  const CnDataSet *data = batch->data;
  Fill fill = { batch, lanes, data->targets ? targets : NULL };

  g_assert (lanes->channels == data->channels && lanes->height == data->height
            && lanes->width == data->width && batch->n <= (gsize) lanes->blocks * CN_LANES);
  g_assert (!data->targets
            || (targets->channels == data->channels && targets->height == data->target_height
                && targets->width == data->target_width && targets->blocks == lanes->blocks));
  for (gsize i = 0; i < batch->n && !data->targets; i++)
    labels[i] = data->labels[batch->order[i]];
  return cn_parallel ((gsize) lanes->blocks * CN_LANES, fill_turn, &fill, run, error);
}
