/* test-trainer-pictures.c: a small upscaler learns, repeats, and is learned on.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include <glib/gstdio.h>

#include "filters/core/error.h"
#include "filters/core/random.h"
#include "filters/train/curve.h"
#include "filters/train/export.h"
#include "filters/train/photographs.h"
#include "filters/train/trainer.h"

static const char text[] = "input 1 14 14 0 1\nmark pixels\nconv 6 3\nprelu\nconv 6 3\nprelu\n"
                           "concat pixels\nconv-transpose 1 9 stride 2\n";

/* Patches of a picture of discs, whose edges bicubic blurs. */
static CnDataSet *
discs (void)
{
  const CnPatchSize size = { .scale = 2, .height = 14, .width = 14, .margin = 4 };
  CnPhotograph photograph = { (char *) "discs", { 200, 160, g_new0 (float, 200 * 160) } };
  CnRandom random = cn_random (1, 0, 0);
  CnDataSet *data;

  for (int i = 0; i < 120; i++)
    {
      int at_x = (int) cn_random_below (&random, 200), at_y = (int) cn_random_below (&random, 160);
      double radius = 4 + 12 * cn_random_uniform (&random);
      float level = (float) cn_random_below (&random, 256);

      for (int y = 0; y < 160; y++)
        for (int x = 0; x < 200; x++)
          {
            double inside = CLAMP (radius + 0.5 - hypot (x - at_x, y - at_y), 0, 1);
            float *pixel = &photograph.plane.pixels[y * 200 + x];

            *pixel += (float) inside * (level - *pixel);
          }
    }
  data = cn_photographs_cut (&photograph, 1, &size, NULL);
  g_free (photograph.plane.pixels);
  return data;
}

static CnTrainOptions
options_for (int epochs)
{
  return (CnTrainOptions){ .epochs = epochs,
                           .batch = 16,
                           .seed = 3,
                           .loss = CN_LOSS_CHARBONNIER,
                           .optimiser = { CN_OPTIMISER_ADAM, 0.9, 0.999, 0, 0 },
                           .schedule = CN_SCHEDULE_COSINE,
                           .rate = 0.01,
                           .average = 0.9,
                           .augmentation = { .turn = TRUE } };
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
run_epochs (CnTrainer *trainer, int epochs, int threads)
{
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < epochs; i++)
    cn_trainer_epoch (trainer, NULL, NULL, NULL, &(CnRun){ .threads = threads }, &error);
  g_assert_no_error (error);
}

/* In dB. */
static double
ratio_of (CnTrainer *trainer, const CnDataSet *data)
{
  CnLossSum sum = { 0 };

  g_assert_true (cn_trainer_evaluate (trainer, data, &sum, &(CnRun){ 0 }, NULL));
  return -10 * log10 (sum.error / (double) sum.n);
}

/* It begins as bicubic, and comes nearer by more than 1.5 dB. */
static void
test_learns (void)
{
  g_autoptr (CnDataSet) data = discs ();
  g_autoptr (CnTrainer) trainer = trainer_for (data, 60);
  double before = ratio_of (trainer, data), after;

  run_epochs (trainer, 60, 0);
  after = ratio_of (trainer, data);
  g_test_message ("%zu patches, %.2f dB, then %.2f dB", data->n, before, after);
  g_assert_cmpfloat (after, >, before + 1.5);
}

static void
assert_same (const CnTrainer *a, const CnTrainer *b)
{
  gsize bytes = a->model->parameters_n * sizeof (float);

  g_assert_cmpmem (a->model->parameters, bytes, b->model->parameters, bytes);
  g_assert_cmpmem (a->parameters, bytes, b->parameters, bytes);
}

/* The same bits with any number of threads, and when it was interrupted. */
static void
test_repeats (void)
{
  g_autofree char *folder = g_dir_make_tmp ("convnet-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "checkpoint", NULL);
  g_autoptr (CnDataSet) data = discs ();
  g_autoptr (CnTrainer) one = trainer_for (data, 2), three = trainer_for (data, 2);
  g_autoptr (CnTrainer) half = trainer_for (data, 2), rest = trainer_for (data, 2);

  run_epochs (one, 2, 1);
  run_epochs (three, 2, 3);
  assert_same (one, three);
  run_epochs (half, 1, 2);
  g_assert_true (cn_trainer_save (half, path, NULL));
  g_assert_true (cn_trainer_load (rest, path, NULL));
  run_epochs (rest, 1, 2);
  assert_same (one, rest);
  g_unlink (path);
  g_rmdir (folder);
}

/* A training of other targets, another loss or without turns is another one. */
static void
test_other_trainings (void)
{
  g_autoptr (CnDataSet) data = discs ();
  g_autoptr (CnTrainer) trainer = trainer_for (data, 2);
  g_autofree char *first = cn_trainer_describe (trainer), *loss = NULL, *turn = NULL, *other = NULL;

  trainer->options.loss = CN_LOSS_MSE;
  loss = cn_trainer_describe (trainer);
  trainer->options.augmentation.turn = FALSE;
  turn = cn_trainer_describe (trainer);
  data->targets[99] ^= 1;
  other = cn_trainer_describe (trainer);
  g_assert_cmpstr (first, !=, loss);
  g_assert_cmpstr (loss, !=, turn);
  g_assert_cmpstr (turn, !=, other);
}

/* What has been learned is where the next training begins; at another scale, the kernel of the last
   layer is not. */
static void
test_start (void)
{
  g_autoptr (CnDataSet) data = discs ();
  g_autoptr (CnTrainer) first = trainer_for (data, 2), next = trainer_for (data, 2);
  g_autoptr (CnTrainer) triple = NULL;
  g_autoptr (CnGraph) graph = NULL;
  g_autoptr (GError) error = NULL;
  gsize kernel = first->model->parameters_n - 7 * 81 - 1; /* where it begins */

  run_epochs (first, 1, 0);
  graph = cn_model_export (first->model, "first", NULL);
  cn_trainer_start (next, graph, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (next->model->parameters, kernel * sizeof (float), first->model->parameters,
                   kernel * sizeof (float));
  g_assert_cmpmem (next->parameters, next->model->parameters_n * sizeof (float),
                   first->model->parameters, first->model->parameters_n * sizeof (float));
  cn_graph_set_metadata (graph, "scale", "3");
  triple = trainer_for (data, 2);
  g_assert_true (cn_trainer_start (triple, graph, NULL));
  g_assert_cmpmem (triple->model->parameters, kernel * sizeof (float), first->model->parameters,
                   kernel * sizeof (float));
  g_assert_cmpfloat (triple->model->parameters[kernel], ==, 0);
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
  static const char *const classes[] = { "a", "b", NULL };
  g_autoptr (CnDataSet) data = discs (), labelled = cn_data_set_new (3, 4, 4, 16, classes, NULL);
  CnTrainOptions o = options_for (2);
  g_autoptr (CnTrainer) trainer = trainer_for (data, 2);
  g_autoptr (CnModel) other = cn_model_new ("input 1 14 14 0 1\nconv 5 3\n", 1, 1, NULL);
  g_autoptr (CnGraph) graph = cn_model_export (other, "other", NULL);
  g_autoptr (GError) error = NULL;

  assert_refused (&o, "input 1 14 14 0 1\nconv-transpose 1 9 stride 2\n", data, CN_ERROR_SHAPE,
                  "makes 1×20×20");
  assert_refused (&o, "input 3 4 4 0 1\ndense 2\n", labelled, CN_ERROR_ARGUMENT,
                  "is for upscaling");
  o.augmentation.flip = TRUE;
  assert_refused (&o, text, data, CN_ERROR_ARGUMENT, "not for upscaling");
  o = options_for (2);
  o.loss = CN_LOSS_CROSS_ENTROPY;
  assert_refused (&o, text, data, CN_ERROR_ARGUMENT, "not cross-entropy");
  g_assert_false (cn_trainer_start (trainer, graph, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_SHAPE);
  g_assert_nonnull (strstr (error->message, "“conv1.weight” of 54 numbers"));
}

static void
test_curve (void)
{
  g_autoptr (CnDataSet) data = discs ();
  g_autoptr (CnTrainer) trainer = trainer_for (data, 2);
  g_autofree char *svg = NULL;

  run_epochs (trainer, 1, 0);
  svg = cn_curve_svg (trainer);
  g_assert_nonnull (strstr (svg, "root of the mean square"));
  g_assert_null (strstr (svg, "nan"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/trainer-pictures/learns", test_learns);
  g_test_add_func ("/trainer-pictures/repeats", test_repeats);
  g_test_add_func ("/trainer-pictures/other-trainings", test_other_trainings);
  g_test_add_func ("/trainer-pictures/start", test_start);
  g_test_add_func ("/trainer-pictures/errors", test_errors);
  g_test_add_func ("/trainer-pictures/curve", test_curve);
  return g_test_run ();
}
