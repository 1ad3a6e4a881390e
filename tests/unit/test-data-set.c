/* test-data-set.c: batches: pixels in their lanes, and each change by itself.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/train/data-set.h"

#include <math.h>
#include <string.h>

#include "filters/core/error.h"

#define PICTURES 40
#define HEIGHT 6
#define WIDTH 7
#define BLOCKS 3

static const char *const classes[] = { "a", "b", NULL };

static CnDataSet *
random_pictures (void)
{
  CnDataSet *data = cn_data_set_new (3, HEIGHT, WIDTH, PICTURES, classes, NULL);

  for (gsize i = 0; i < (gsize) PICTURES * HEIGHT * WIDTH * 3; i++)
    data->pixels[i] = (guint8) g_test_rand_int_range (1, 256); /* not what is grey at −1 … 1 */
  for (gsize i = 0; i < PICTURES; i++)
    data->labels[i] = i % 2;
  return data;
}

/* A batch of all pictures, and their lanes. */
typedef struct
{
  CnDataSet *data;
  guint32 order[PICTURES];
  guint16 labels[PICTURES];
  CnBatch batch;
  CnLanes lanes;
} Case;

static void
case_init (Case *c)
{
  *c = (Case){ .data = random_pictures (), .lanes = { BLOCKS, 3, HEIGHT, WIDTH, NULL } };
  for (guint32 i = 0; i < PICTURES; i++)
    c->order[i] = PICTURES - 1 - i;
  c->batch = (CnBatch){
    .data = c->data, .order = c->order, .n = PICTURES, .low = -2, .high = 2, .seed = 1
  };
  g_assert_true (cn_lanes_alloc (&c->lanes, 0, NULL));
}

static void
case_fill (Case *c, int threads)
{
  g_assert_true (
      cn_batch_fill (&c->batch, &c->lanes, c->labels, NULL, &(CnRun){ .threads = threads }, NULL));
}

static void
case_clear (Case *c)
{
  cn_data_set_free (c->data);
  cn_lanes_clear (&c->lanes);
}

static double
lane (const Case *c, int sample, int channel, int y, int x)
{
  return c->lanes.data[((((sample / CN_LANES) * 3 + channel) * HEIGHT + y) * WIDTH + x) * CN_LANES
                       + sample % CN_LANES];
}

/* The sample's picture at (y, x); 0 outside of it. */
static double
pixel (const Case *c, int sample, int channel, int y, int x)
{
  gsize picture = c->order[sample];

  if (y < 0 || y >= HEIGHT || x < 0 || x >= WIDTH)
    return 0;
  return -2 + 4 / 255.0 * c->data->pixels[((picture * HEIGHT + y) * WIDTH + x) * 3 + channel];
}

/* Whether the sample is its picture with this change, but for a square of grey if `cut`. */
static gboolean
is_changed_by (const Case *c, int sample, gboolean flip, int down, int right, gboolean cut)
{
  for (int channel = 0; channel < 3; channel++)
    for (int y = 0; y < HEIGHT; y++)
      for (int x = 0; x < WIDTH; x++)
        {
          double got = lane (c, sample, channel, y, x);
          int from = (flip ? WIDTH - 1 - x : x) + right;

          if (fabs (got - pixel (c, sample, channel, y + down, from)) > 1e-6 && !(cut && got == 0))
            return FALSE;
        }
  return TRUE;
}

static void
test_plain (void)
{
  Case c;

  case_init (&c);
  c.lanes.data[cn_lanes_block (&c.lanes) * BLOCKS - 1] = 3;
  case_fill (&c, 2);
  for (int i = 0; i < PICTURES; i++)
    {
      g_assert_true (is_changed_by (&c, i, FALSE, 0, 0, FALSE));
      g_assert_cmpuint (c.labels[i], ==, c.data->labels[c.order[i]]);
    }
  for (int y = 0; y < HEIGHT; y++) /* samples that no picture is for */
    g_assert_cmpfloat (lane (&c, PICTURES, 0, y, 0), ==, 0);
  g_assert_cmpfloat (lane (&c, BLOCKS * CN_LANES - 1, 2, HEIGHT - 1, WIDTH - 1), ==, 0);
  case_clear (&c);
}

/* Each sample is one of the pictures that the changes allow, and all kinds of change appear. */
static void
test_moves (void)
{
  int flips = 0, shifts[5] = { 0 };
  Case c;

  case_init (&c);
  c.batch.augmentation = (CnAugmentation){ .flip = TRUE, .shift = 2 };
  for (int epoch = 0; epoch < 10; epoch++)
    {
      c.batch.epoch = epoch;
      case_fill (&c, 2);
      for (int i = 0; i < PICTURES; i++)
        {
          gboolean found = FALSE;

          for (int change = 0; change < 50 && !found; change++)
            {
              found = is_changed_by (&c, i, change % 2, change / 10 - 2, change / 2 % 5 - 2, FALSE);
              flips += found && change % 2;
              shifts[change / 10] += found;
            }
          g_assert_true (found);
        }
    }
  g_assert_cmpint (flips, >, 150); /* of 400; the spread of a fair coin is 10 */
  g_assert_cmpint (flips, <, 250);
  for (int i = 0; i < 5; i++)
    g_assert_cmpint (shifts[i], >, 40); /* 80, and a spread of 8 */
  case_clear (&c);
}

static void
test_cutout (void)
{
  int cut = 0;
  Case c;

  case_init (&c);
  c.batch.augmentation.cutout = 3;
  case_fill (&c, 1);
  for (int i = 0; i < PICTURES; i++)
    {
      int grey = 0;

      g_assert_true (is_changed_by (&c, i, FALSE, 0, 0, TRUE));
      for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
          grey += lane (&c, i, 0, y, x) == 0;
      g_assert_cmpint (grey, <=, 9);
      g_assert_cmpint (grey, >=, 4); /* a corner cuts the square off */
      cut += grey == 9;
    }
  g_assert_cmpint (cut, >, 0);
  case_clear (&c);
}

/* A straight line through each picture's pixels, of slope and height within the bounds. */
static void
test_colour (void)
{
  Case c;

  case_init (&c);
  c.batch.augmentation.colour = 0.2;
  case_fill (&c, 1);
  for (int i = 0; i < PICTURES; i++)
    {
      double gain, offset, x0 = pixel (&c, i, 0, 0, 0), x1 = x0;
      int at = 0;

      for (; fabs (x1 - x0) < 0.5; x1 = pixel (&c, i, 0, at / WIDTH, at % WIDTH))
        at++;
      gain = (lane (&c, i, 0, at / WIDTH, at % WIDTH) - lane (&c, i, 0, 0, 0)) / (x1 - x0);
      offset = lane (&c, i, 0, 0, 0) - gain * x0;
      g_assert_cmpfloat (fabs (gain - 1), <=, 0.2001);
      g_assert_cmpfloat (fabs (offset), <=, 0.4001);
      g_assert_cmpfloat_with_epsilon (lane (&c, i, 2, 3, 3), gain * pixel (&c, i, 2, 3, 3) + offset,
                                      1e-5);
    }
  case_clear (&c);
}

/* The same bits for any threads and any place in a batch; others in another epoch. */
static void
test_repeats (void)
{
  g_autofree float *first = NULL;
  gsize bytes;
  Case c;

  case_init (&c);
  bytes = BLOCKS * cn_lanes_block (&c.lanes) * sizeof (float);
  c.batch.augmentation = (CnAugmentation){ .flip = TRUE, .shift = 2, .cutout = 3, .colour = 0.2 };
  case_fill (&c, 1);
  first = g_memdup2 (c.lanes.data, bytes);
  case_fill (&c, 3);
  g_assert_cmpmem (first, bytes, c.lanes.data, bytes);
  c.batch.epoch++;
  case_fill (&c, 3);
  g_assert_cmpint (memcmp (first, c.lanes.data, bytes), !=, 0);
  case_clear (&c);
}

/* A picture and its target are turned alike, each to all eight symmetries in the end. */
static void
test_turns (void)
{
  g_autoptr (CnDataSet) data = cn_data_set_new_pairs (1, 3, 3, 6, 6, CN_LANES, NULL);
  CnLanes lanes = { 1, 1, 3, 3, NULL }, targets = { 1, 1, 6, 6, NULL };
  guint32 order[CN_LANES], seen = 0;

  g_assert_true (cn_lanes_alloc (&lanes, 0, NULL) && cn_lanes_alloc (&targets, 0, NULL));
  for (guint32 i = 0; i < CN_LANES; i++)
    order[i] = i;
  for (gsize i = 0; i < data->n; i++)
    for (int p = 0; p < 36; p++)
      {
        data->targets[i * 36 + p] = (guint8) (p / 12 * 3 + p % 6 / 2); /* each pixel four times */
        data->pixels[i * 9 + p / 12 * 3 + p % 6 / 2] = data->targets[i * 36 + p];
      }
  for (guint64 epoch = 0; epoch < 4; epoch++)
    {
      CnBatch batch = { .data = data, .order = order, .n = CN_LANES, .high = 255, .epoch = epoch };

      batch.augmentation.turn = TRUE;
      g_assert_true (cn_batch_fill (&batch, &lanes, NULL, &targets, &(CnRun){ 0 }, NULL));
      for (int lane = 0; lane < CN_LANES; lane++)
        {
          int corner = (int) lanes.data[lane], right = (int) lanes.data[2 * CN_LANES + lane];
          int across = abs (right - corner) == 2; /* else rows have become columns */

          seen |= 1u << (corner + (across ? 16 : 0));
          for (int p = 0; p < 36; p++)
            g_assert_cmpfloat (targets.data[p * CN_LANES + lane], ==,
                               lanes.data[(p / 12 * 3 + p % 6 / 2) * CN_LANES + lane]);
        }
    }
  g_assert_cmphex (seen, ==, 0x01450145); /* corners 0, 2, 6, 8, either way */
  cn_lanes_clear (&lanes);
  cn_lanes_clear (&targets);
}

static void
test_errors (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (cn_data_set_new (3, 0, 5, 2, classes, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_SHAPE);
  g_clear_error (&error);
  g_assert_null (cn_data_set_new_pairs (1, 4, 4, 1 << 20, 1 << 20, G_MAXSIZE / 20, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_MEMORY);
  g_clear_error (&error);
  g_assert_null (cn_data_set_new (4, 1 << 20, 1 << 20, G_MAXSIZE / 2, classes, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_MEMORY);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/data-set/plain", test_plain);
  g_test_add_func ("/data-set/moves", test_moves);
  g_test_add_func ("/data-set/cutout", test_cutout);
  g_test_add_func ("/data-set/colour", test_colour);
  g_test_add_func ("/data-set/repeats", test_repeats);
  g_test_add_func ("/data-set/turns", test_turns);
  g_test_add_func ("/data-set/errors", test_errors);
  return g_test_run ();
}
