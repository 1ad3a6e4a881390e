/* test-trainer.c: small trainings: what they reach, that they repeat, and what ends them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/train/trainer.h"

#include <math.h>
#include <string.h>

#include <glib/gstdio.h>

#include "filters/core/error.h"
#include "filters/core/random.h"
#include "filters/train/curve.h"

#define SIZE 8
#define PICTURES 256

static const char text[] = "input 3 8 8 -1 1\nconv 6 3 same\nbatch-norm\nrelu\nmax-pool 2\n"
                           "conv 8 3\nbatch-norm\nrelu\nglobal-average-pool\ndense 3\n";
static const char *const classes[] = { "across", "down", "chequered", NULL };

/* Stripes across, stripes down, and a chequerboard, two pixels wide, anywhere, with noise. */
static CnDataSet *
stripes (void)
{
  CnDataSet *data = cn_data_set_new (3, SIZE, SIZE, PICTURES, classes, NULL);
  CnRandom random = cn_random (1, 0, 0);
  guint8 *to = data->pixels;

  for (gsize i = 0; i < PICTURES; i++)
    {
      guint32 kind = cn_random_below (&random, 3), place = cn_random_below (&random, 4);

      data->labels[i] = (guint16) kind;
      for (guint32 y = 0; y < SIZE; y++)
        for (guint32 x = 0; x < SIZE; x++)
          for (int c = 0; c < 3; c++)
            {
              guint32 line = (y + place) / 2, column = (x + place) / 2;
              gboolean on = (kind == 0 ? line : kind == 1 ? column : line + column) % 2;

              *to++ = (guint8) (60 + on * 80 + cn_random_below (&random, 60));
            }
    }
  return data;
}

static CnTrainOptions
options_for (int epochs)
{
  return (CnTrainOptions){ .epochs = epochs,
                           .batch = 32,
                           .seed = 5,
                           .smoothing = 0.05,
                           .optimiser = { CN_OPTIMISER_SGD, 0.9, 0.999, 5e-4, 5 },
                           .rate = 0.1,
                           .warm_up = 0.2,
                           .average = 0.9,
                           .augmentation = { .flip = TRUE, .shift = 1 } };
}

static CnTrainer *
trainer_for (const CnDataSet *data, int epochs)
{
  CnTrainOptions options = options_for (epochs);
  g_autoptr (GError) error = NULL;
  CnTrainer *trainer = cn_trainer_new (&options, text, data, &error);

  g_assert_no_error (error);
  return trainer;
}

static void
run_epochs (CnTrainer *trainer, const CnDataSet *held, int epochs, int threads)
{
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < epochs; i++)
    cn_trainer_epoch (trainer, held, NULL, NULL, &(CnRun){ .threads = threads }, &error);
  g_assert_no_error (error);
}

static void
assert_same (const CnTrainer *a, const CnTrainer *b)
{
  gsize bytes = a->model->parameters_n * sizeof (float);
  gsize statistics = a->model->statistics_n * sizeof (float);

  g_assert_cmpmem (a->model->parameters, bytes, b->model->parameters, bytes);
  g_assert_cmpmem (a->model->statistics, statistics, b->model->statistics, statistics);
  g_assert_cmpmem (a->parameters, bytes, b->parameters, bytes);
  g_assert_cmpmem (a->statistics, statistics, b->statistics, statistics);
  g_assert_cmpmem (a->history->data, a->history->len * sizeof (CnEpoch), b->history->data,
                   b->history->len * sizeof (CnEpoch));
}

/* Chance has a loss of ln 3 = 1.1 and two errors of three. These pictures are easy. */
static void
test_learns (void)
{
  g_autoptr (CnDataSet) data = stripes ();
  g_autoptr (CnTrainer) trainer = trainer_for (data, 12);
  CnLossSum sum = { 0 };
  const CnEpoch *last;

  run_epochs (trainer, data, 12, 0);
  last = &g_array_index (trainer->history, CnEpoch, 11);
  g_test_message ("loss %g, error %g", last->held_loss, last->held_error);
  g_assert_cmpfloat (last->held_loss, <, 0.2);
  g_assert_cmpfloat (last->held_error, <, 0.02);
  g_assert_true (cn_trainer_evaluate (trainer, data, &sum, &(CnRun){ 0 }, NULL));
  g_assert_cmpfloat (sum.loss / (double) sum.n, ==, last->held_loss);
}

static void
test_threads (void)
{
  g_autoptr (CnDataSet) data = stripes ();
  g_autoptr (CnTrainer) one = trainer_for (data, 3), three = trainer_for (data, 3);

  run_epochs (one, data, 3, 1);
  run_epochs (three, data, 3, 3);
  assert_same (one, three);
}

/* A training in two halves, by a file, is the training in one. */
static void
test_resume (void)
{
  g_autofree char *folder = g_dir_make_tmp ("convnet-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "checkpoint", NULL);
  g_autoptr (CnDataSet) data = stripes ();
  g_autoptr (CnTrainer) whole = trainer_for (data, 4), half = trainer_for (data, 4);
  g_autoptr (CnTrainer) rest = trainer_for (data, 4);
  g_autoptr (GError) error = NULL;

  run_epochs (whole, data, 4, 2);
  run_epochs (half, data, 2, 2);
  cn_trainer_save (half, path, &error);
  g_assert_no_error (error);
  cn_trainer_load (rest, path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (rest->epoch, ==, 2);
  run_epochs (rest, data, 2, 2);
  assert_same (whole, rest);
  g_unlink (path);
  g_rmdir (folder);
}

static void
assert_not_loaded (CnTrainer *trainer, const char *path, CnError code, const char *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (cn_trainer_load (trainer, path, &error));
  g_assert_error (error, CN_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, words));
  g_assert_cmpint (trainer->epoch, ==, 0);
}

/* Another training, one byte changed, cut off, nothing: each is refused. */
static void
test_broken_checkpoints (void)
{
  g_autofree char *folder = g_dir_make_tmp ("convnet-XXXXXX", NULL), *contents = NULL;
  g_autofree char *path = g_build_filename (folder, "checkpoint", NULL);
  g_autoptr (CnDataSet) data = stripes ();
  g_autoptr (CnTrainer) trainer = trainer_for (data, 3), other = trainer_for (data, 2);
  gsize n;

  run_epochs (trainer, NULL, 1, 2);
  g_assert_true (cn_trainer_save (trainer, path, NULL));
  assert_not_loaded (other, path, CN_ERROR_ARGUMENT, "other options");
  g_assert_true (g_file_get_contents (path, &contents, &n, NULL));
  contents[n / 2] ^= 1;
  g_assert_true (g_file_set_contents (path, contents, n, NULL));
  assert_not_loaded (other, path, CN_ERROR_PARSE, "not a checkpoint");
  g_assert_true (g_file_set_contents (path, contents, n / 3, NULL));
  assert_not_loaded (other, path, CN_ERROR_PARSE, "not a whole one");
  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  assert_not_loaded (other, path, CN_ERROR_PARSE, "not a checkpoint");
  g_unlink (path);
  g_rmdir (folder);
}

/* The file that was there stays when the new one cannot be written. */
static void
test_no_room (void)
{
  g_autofree char *folder = g_dir_make_tmp ("convnet-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "missing", "checkpoint", NULL);
  g_autoptr (CnDataSet) data = stripes ();
  g_autoptr (CnTrainer) trainer = trainer_for (data, 2);
  g_autoptr (GError) error = NULL;

  g_assert_false (cn_trainer_save (trainer, path, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_rmdir (folder);
}

static void
test_rate_too_high (void)
{
  g_autoptr (CnDataSet) data = stripes ();
  CnTrainOptions options = options_for (40);
  g_autoptr (CnTrainer) trainer = NULL;
  g_autoptr (GError) error = NULL;

  options.rate = 1e30;
  options.optimiser.clip = 0;
  trainer = cn_trainer_new (&options, text, data, NULL);
  for (int i = 0; i < 40 && !error; i++)
    cn_trainer_epoch (trainer, NULL, NULL, NULL, &(CnRun){ 0 }, &error);
  g_assert_error (error, CN_ERROR, CN_ERROR_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "not finite"));
}

static gboolean
stop_at_three (const CnTrainer *trainer, int step, const CnLossSum *sum, gpointer data)
{
  g_assert_cmpint (trainer->epoch, ==, 0);
  g_assert_cmpuint (sum->n, ==, (gsize) step * 32);
  return ++*(int *) data < 3;
}

static void
test_stops (void)
{
  g_autoptr (CnDataSet) data = stripes ();
  g_autoptr (CnTrainer) trainer = trainer_for (data, 2);
  g_autoptr (GError) error = NULL;
  int steps = 0;

  g_assert_cmpint (cn_trainer_steps (trainer), ==, PICTURES / 32);
  g_assert_false (cn_trainer_epoch (trainer, NULL, stop_at_three, &steps, &(CnRun){ 0 }, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_CANCELLED);
  g_assert_cmpint (steps, ==, 3);
}

static void
assert_refused (const CnTrainOptions *options, const char *model, const CnDataSet *data,
                CnError code, const char *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (cn_trainer_new (options, model, data, &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, CN_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, words));
}

static void
test_errors (void)
{
  g_autoptr (CnDataSet) data = stripes ();
  CnTrainOptions o = options_for (2);

  o.batch = 20;
  assert_refused (&o, text, data, CN_ERROR_ARGUMENT, "is 20, and must be a multiple of 16");
  o.batch = 512;
  assert_refused (&o, text, data, CN_ERROR_ARGUMENT, "256 pictures, fewer than a batch of 512");
  o = options_for (0);
  assert_refused (&o, text, data, CN_ERROR_ARGUMENT, "epochs");
  o = options_for (1);
  o.rate = NAN;
  assert_refused (&o, text, data, CN_ERROR_ARGUMENT, "rate of nan");
  o = options_for (1);
  assert_refused (&o, "input 3 8 8 0 1\ndense 4\n", data, CN_ERROR_SHAPE, "4 outputs for 3");
  assert_refused (&o, "input 3 9 8 0 1\ndense 3\n", data, CN_ERROR_SHAPE, "3×9×8");
  assert_refused (&o, "input 3 9 8 0 1\ndens 3\n", data, CN_ERROR_PARSE, "dens");
}

/* Two lines in each of two fields, and nothing of what is not there. */
static void
test_curve (void)
{
  g_autoptr (CnDataSet) data = stripes ();
  g_autoptr (CnTrainer) trainer = trainer_for (data, 2);
  g_autofree char *with = NULL, *without = NULL;

  run_epochs (trainer, data, 1, 0);
  with = cn_curve_svg (trainer);
  g_assert_true (g_str_has_prefix (with, "<svg ") && g_str_has_suffix (with, "</svg>\n"));
  g_array_index (trainer->history, CnEpoch, 0).held_loss = NAN;
  without = cn_curve_svg (trainer);
  g_assert_nonnull (strstr (without, "class=\"held\" points=\"\""));
  g_assert_null (strstr (with, "points=\"\""));
  g_assert_null (strstr (without, "nan"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/trainer/learns", test_learns);
  g_test_add_func ("/trainer/threads", test_threads);
  g_test_add_func ("/trainer/resume", test_resume);
  g_test_add_func ("/trainer/broken-checkpoints", test_broken_checkpoints);
  g_test_add_func ("/trainer/no-room", test_no_room);
  g_test_add_func ("/trainer/rate-too-high", test_rate_too_high);
  g_test_add_func ("/trainer/stops", test_stops);
  g_test_add_func ("/trainer/errors", test_errors);
  g_test_add_func ("/trainer/curve", test_curve);
  return g_test_run ();
}
