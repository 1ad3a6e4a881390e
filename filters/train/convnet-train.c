/* convnet-train.c: the program that trains a network and writes it as ONNX.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "filters/core/error.h"
#include "filters/train/pictures.h"
#include "filters/train/trainer.h"

typedef struct
{
  char *data, *model, *output, *checkpoint;
  int held_out, threads;
  gboolean resume, test;
  CnTrainOptions train;
  char *optimiser, *schedule;
  gint64 seed;
} Options;

/* Words of an enumeration; −1 for one that is not among them. */
static int
find_word (const char *(*name) (guint), guint n, const char *word)
{
  for (guint i = 0; i < n; i++)
    if (g_str_equal (name (i), word))
      return (int) i;
  return -1;
}

static const char *
optimiser_name (guint i)
{
  return cn_optimiser_name (i);
}

static const char *
schedule_name (guint i)
{
  return cn_schedule_name (i);
}

static gboolean
parse_options (Options *o, int *argc, char ***argv, GError **error)
{
  CnTrainOptions *t = &o->train;
  CnAugmentation *a = &t->augmentation;
  int kind, schedule;
  const GOptionEntry data[] = {
    { "data", 'd', 0, G_OPTION_ARG_FILENAME, &o->data,
      "A folder with a subfolder of pictures for each class, or a file that describes sheets",
      "PATH" },
    { "model", 'm', 0, G_OPTION_ARG_FILENAME, &o->model, "The layers (filters/train/model.h)",
      "FILE" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &o->output, "The network to write", "FILE.onnx" },
    { "held-out", 0, 0, G_OPTION_ARG_INT, &o->held_out,
      "Pictures at the end that are not learned from, but judged by after each epoch", "N" },
    { "checkpoint", 0, 0, G_OPTION_ARG_FILENAME, &o->checkpoint,
      "What the training can go on from, written after each epoch", "FILE" },
    { "resume", 0, 0, G_OPTION_ARG_NONE, &o->resume, "Go on from the checkpoint", NULL },
    { "test", 0, 0, G_OPTION_ARG_NONE, &o->test,
      "Judge the result by the pictures that the data keep for that, at the end", NULL },
    { "threads", 0, 0, G_OPTION_ARG_INT, &o->threads, "0: one for each processor", "N" },
    { "seed", 0, 0, G_OPTION_ARG_INT64, &o->seed, "Where everything random comes from", "N" },
    G_OPTION_ENTRY_NULL
  };
  const GOptionEntry train[] = {
    { "epochs", 'e', 0, G_OPTION_ARG_INT, &t->epochs, "How often each picture is seen", "N" },
    { "batch", 'b', 0, G_OPTION_ARG_INT, &t->batch, "Pictures for a step, a multiple of 16", "N" },
    { "optimiser", 0, 0, G_OPTION_ARG_STRING, &o->optimiser, "sgd, adam or adamw", "NAME" },
    { "rate", 'r', 0, G_OPTION_ARG_DOUBLE, &t->rate, "The highest learning rate", "R" },
    { "schedule", 0, 0, G_OPTION_ARG_STRING, &o->schedule, "constant, cosine or one-cycle",
      "NAME" },
    { "warm-up", 0, 0, G_OPTION_ARG_DOUBLE, &t->warm_up,
      "The part of the training in which the rate goes up", "0…1" },
    { "momentum", 0, 0, G_OPTION_ARG_DOUBLE, &t->optimiser.momentum, "Momentum", "0…1" },
    { "beta", 0, 0, G_OPTION_ARG_DOUBLE, &t->optimiser.beta, "Adam's second momentum", "0…1" },
    { "decay", 0, 0, G_OPTION_ARG_DOUBLE, &t->optimiser.decay, "Weight decay", "D" },
    { "clip", 0, 0, G_OPTION_ARG_DOUBLE, &t->optimiser.clip, "The longest gradient; 0: any",
      "LENGTH" },
    { "average", 0, 0, G_OPTION_ARG_DOUBLE, &t->average,
      "What stays of the weights' moving average with each step; 0: none", "0…1" },
    { "smoothing", 0, 0, G_OPTION_ARG_DOUBLE, &t->smoothing, "Smoothing of labels", "0…1" },
    { "flip", 0, 0, G_OPTION_ARG_NONE, &a->flip, "Mirror pictures at random", NULL },
    { "shift", 0, 0, G_OPTION_ARG_INT, &a->shift, "Shift pictures by up to so much", "PIXELS" },
    { "cutout", 0, 0, G_OPTION_ARG_INT, &a->cutout, "Make a square of that size grey", "PIXELS" },
    { "colour", 0, 0, G_OPTION_ARG_DOUBLE, &a->colour,
      "Change brightness and contrast by up to so much", "0…1" },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("– train a network");
  GOptionGroup *group =
      g_option_group_new ("training", "Training:", "How it is trained", NULL, NULL);

  g_option_context_add_main_entries (context, data, NULL);
  g_option_group_add_entries (group, train);
  g_option_context_add_group (context, group);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  kind = find_word (optimiser_name, CN_OPTIMISERS, o->optimiser ? o->optimiser : "sgd");
  schedule = find_word (schedule_name, CN_SCHEDULES, o->schedule ? o->schedule : "one-cycle");
  t->optimiser.kind = kind;
  t->schedule = schedule;
  t->seed = (guint64) o->seed;
  if (o->data && o->model && o->output && kind >= 0 && schedule >= 0 && *argc == 1)
    return TRUE;
  cn_set_error (error, CN_ERROR_ARGUMENT,
                "See --help-all: --data, --model and --output are needed");
  return FALSE;
}

static void
say_skipped (const char *path, const char *why, gpointer data)
{
  ++*(int *) data;
  fprintf (stderr, "%s: skipped: %s\n", path, why);
}

static CnDataSet *
read_data (const Options *o, const CnModel *model, const char *part, GError **error)
{
  g_autoptr (CnDataSet) data = NULL;
  int skipped = 0;

  if (!g_file_test (o->data, G_FILE_TEST_IS_DIR))
    return cn_pictures_read_sheets (o->data, part, error);
  data = cn_pictures_read_folder (o->data, model->input.width, model->input.height,
                                  (guint64) o->seed, say_skipped, &skipped, error);
  if (skipped)
    fprintf (stderr, "%d files skipped\n", skipped);
  return g_steal_pointer (&data);
}

typedef struct
{
  gint64 began, told;
  int began_at; /* epochs done before this run */
} Clock;

/* "1:02:03". */
static void
print_time (double seconds)
{
  printf ("%d:%02d:%02d", (int) (seconds / 3600), (int) (seconds / 60) % 60, (int) seconds % 60);
}

static gboolean
show_progress (const CnTrainer *trainer, int step, const CnLossSum *sum, gpointer data)
{
  Clock *clock = data;
  gint64 now = g_get_monotonic_time ();
  int steps = cn_trainer_steps (trainer);
  double done = (double) (trainer->epoch - clock->began_at) * steps + step;
  double left = (double) (trainer->options.epochs - clock->began_at) * steps - done;
  double seconds = (double) (now - clock->began) * 1e-6;

  if (step < steps && now - clock->told < 1000000)
    return TRUE;
  clock->told = now;
  printf ("\repoch %d/%d  %d/%d  loss %.4f  accuracy %.2f %%  %.0f images/s  left ",
          trainer->epoch + 1, trainer->options.epochs, step, steps, sum->loss / (double) sum->n,
          100 - 100 * sum->error / (double) sum->n, done * trainer->options.batch / seconds);
  print_time (left * seconds / done);
  printf ("  ");
  fflush (stdout);
  return TRUE;
}

static void
show_epoch (const CnTrainer *trainer, gboolean held)
{
  const CnEpoch *epoch = &g_array_index (trainer->history, CnEpoch, trainer->history->len - 1);

  if (held)
    printf (" held out: loss %.4f  accuracy %.2f %%", epoch->held_loss,
            100 - 100 * epoch->held_error);
  printf ("\n");
  fflush (stdout);
}

static gboolean
train (const Options *o, CnTrainer *trainer, const CnDataSet *held, GError **error)
{
  CnRun run = { .threads = o->threads };
  Clock clock = { .began = g_get_monotonic_time (), .began_at = trainer->epoch };

  while (trainer->epoch < trainer->options.epochs)
    {
      g_autoptr (GError) disk = NULL;

      if (!cn_trainer_epoch (trainer, held, show_progress, &clock, &run, error))
        return FALSE;
      show_epoch (trainer, held != NULL);
      if (o->checkpoint && !cn_trainer_save (trainer, o->checkpoint, &disk))
        fprintf (stderr, "The checkpoint was not written, the last one stays: %s\n", disk->message);
    }
  return TRUE;
}

static gboolean
work (Options *o, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (CnModel) model = NULL;
  g_autoptr (CnDataSet) all = NULL, data = NULL, held = NULL, test = NULL;
  g_autoptr (CnTrainer) trainer = NULL;

  if (!g_file_get_contents (o->model, &text, NULL, error)
      || !(model = cn_model_new (text, 1, 0, error))
      || !(all = read_data (o, model, "train", error)))
    return FALSE;
  if (o->held_out < 0 || (gsize) o->held_out >= all->n)
    {
      cn_set_error (error, CN_ERROR_ARGUMENT, "%d of %zu pictures cannot be held out", o->held_out,
                    all->n);
      return FALSE;
    }
  data = cn_data_set_part (all, 0, all->n - o->held_out, error);
  if (!data || (o->held_out && !(held = cn_data_set_part (all, data->n, o->held_out, error)))
      || !(trainer = cn_trainer_new (&o->train, text, data, error))
      || (o->resume && !cn_trainer_load (trainer, o->checkpoint, error)))
    return FALSE;
  printf ("%zu pictures of %u classes, %d held out; %zu parameters\n", data->n,
          g_strv_length (data->classes), o->held_out, trainer->model->parameters_n);
  if (!train (o, trainer, held, error))
    return FALSE;
  if (o->test)
    {
      CnLossSum sum = { 0 };

      if (!(test = read_data (o, model, "test", error))
          || !cn_trainer_evaluate (trainer, test, &sum, &(CnRun){ .threads = o->threads }, error))
        return FALSE;
      printf ("test: loss %.4f  accuracy %.2f %%\n", sum.loss / (double) sum.n,
              100 - 100 * sum.error / (double) sum.n);
    }
  return TRUE;
}

int
main (int argc, char **argv)
{
  Options o = { .seed = 1,
                .train = { .epochs = 30,
                           .batch = 128,
                           .rate = 0.1,
                           .warm_up = 0.3,
                           .optimiser = { .momentum = 0.9, .beta = 0.999, .decay = 5e-4 } } };
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  if (parse_options (&o, &argc, &argv, &error) && work (&o, &error))
    return 0;
  fprintf (stderr, "convnet-train: %s\n", error->message);
  return 1;
}
