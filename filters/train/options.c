/* options.c: the command line of convnet-train.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/train/options.h"

#include <string.h>

#include "filters/core/error.h"

static const char summary[] =
    "Trains a network on your own pictures and writes it as ONNX, or judges one that is there.\n"
    "\n"
    "  convnet-train --data pictures/ --model cifar-net.txt --output mine.onnx --epochs 30\n"
    "  convnet-train --data pictures/ --judge mine.onnx\n"
    "\n"
    "Pictures are a folder with a subfolder for each class, or a file that describes sheets of\n"
    "tiles; for a network that makes pictures larger, a folder of photographs. It is judged by "
    "the\n"
    "PSNR of their luminance (Y of ITU-R BT.601 in 16 … 235, 8 bits, without a border of as many\n"
    "pixels as the scale), after they have been made smaller as by MATLAB's imresize.\n"
    "\n"
    "With the same seed the weights have the same bits, for any number of threads.";

/* Reads a word of a list of `n`, the first one if there is none. */
static gboolean
find_word (const char *option, const char *word, const char *const *names, int n, int *found,
           GError **error)
{
  g_autoptr (GString) all = g_string_new (NULL);

  *found = 0;
  if (!word)
    return TRUE;
  for (int i = 0; i < n; i++)
    {
      g_string_append_printf (all, "%s%s", i ? ", " : "", names[i]);
      *found = i;
      if (g_str_equal (names[i], word))
        return TRUE;
    }
  cn_set_error (error, CN_ERROR_ARGUMENT, "“%s” is “%s”, and must be one of: %s", option, word,
                all->str);
  return FALSE;
}

static gboolean
find_words (CnTrainOptions *train, const char *optimiser, const char *schedule, const char *loss,
            GError **error)
{
  const char *optimisers[CN_OPTIMISERS], *schedules[CN_SCHEDULES], *losses[CN_LOSSES];
  int kind;

  /* Of pictures, which are all but the first. */
  for (int i = CN_LOSS_MSE; i < CN_LOSSES; i++)
    losses[i - CN_LOSS_MSE] = cn_loss_name (i);
  if (!find_word ("loss", loss, losses, CN_LOSSES - CN_LOSS_MSE, &kind, error))
    return FALSE;
  train->loss = CN_LOSS_MSE + kind;

  for (int i = 0; i < CN_OPTIMISERS; i++)
    optimisers[i] = cn_optimiser_name (i);
  for (int i = 0; i < CN_SCHEDULES; i++)
    schedules[i] = cn_schedule_name (i);
  if (!find_word ("optimiser", optimiser, optimisers, CN_OPTIMISERS, &kind, error))
    return FALSE;
  train->optimiser.kind = kind;
  if (!find_word ("schedule", schedule, schedules, CN_SCHEDULES, &kind, error))
    return FALSE;
  train->schedule = kind;
  return TRUE;
}

/* The output's path with another ending. */
static char *
beside (const char *output, const char *ending)
{
  gsize length = strlen (output) - (g_str_has_suffix (output, ".onnx") ? strlen (".onnx") : 0);

  return g_strdup_printf ("%.*s%s", (int) length, output, ending);
}

/* "1400,800" */
static gboolean
find_sides (Options *o, const char *text, GError **error)
{
  g_auto (GStrv) words = g_strsplit (text ? text : "", ",", -1);

  for (char **word = words; *word; word++)
    {
      guint64 side;

      if (o->n_sides == OPTIONS_SIDES_MAX
          || !g_ascii_string_to_unsigned (*word, 10, 1, G_MAXUINT16, &side, NULL))
        {
          cn_set_error (error, CN_ERROR_ARGUMENT,
                        "“sides” is “%s”, and must be up to %d numbers of pixels, as in 1400,800",
                        text, OPTIONS_SIDES_MAX);
          return FALSE;
        }
      o->sides[o->n_sides++] = (int) side;
    }
  return TRUE;
}

static gboolean
complete (Options *o, int argc, GError **error)
{
  if (argc > 1 || !o->data || (!o->judge && (!o->model || !o->output)))
    {
      cn_set_error (error, CN_ERROR_ARGUMENT,
                    "--data is needed, and either --model and --output or --judge; see --help-all");
      return FALSE;
    }
  if (o->output && !o->checkpoint)
    o->checkpoint = beside (o->output, ".checkpoint");
  if (o->output && !o->curve)
    o->curve = beside (o->output, ".svg");
  return TRUE;
}

/* The arguments as a line for a shell, without --resume, which changes no result. */
static char *
command_of (int argc, char **argv)
{
  g_autoptr (GString) line = g_string_new ("convnet-train");

  for (int i = 1; i < argc; i++)
    {
      g_autofree char *quoted = g_shell_quote (argv[i]);
      gboolean plain = strspn (argv[i], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                        "0123456789-_=./,")
                       == strlen (argv[i]);

      if (!g_str_equal (argv[i], "--resume"))
        g_string_append_printf (line, " %s", plain ? argv[i] : quoted);
    }
  return g_string_free (g_steal_pointer (&line), FALSE);
}

static void
set_defaults (Options *o)
{
  *o = (Options){ .train = { .epochs = 30,
                             .batch = 128,
                             .seed = 1,
                             .rate = 0.1,
                             .warm_up = 0.2,
                             .average = 0.995,
                             .schedule = CN_SCHEDULE_ONE_CYCLE,
                             .optimiser = { .momentum = 0.9, .beta = 0.999, .decay = 5e-4 } } };
}

gboolean
options_parse (Options *o, int *argc, char ***argv, GError **error)
{
  CnTrainOptions *t = &o->train;
  CnAugmentation *a = &t->augmentation;
  g_autofree char *optimiser = NULL, *schedule = NULL, *loss = NULL, *sides = NULL;
  gint64 seed = 1;
  const GOptionEntry files[] = {
    { "data", 'd', 0, G_OPTION_ARG_FILENAME, &o->data,
      "A folder with a subfolder of pictures for each class, or of photographs, or a file that "
      "describes sheets",
      "PATH" },
    { "sides", 0, 0, G_OPTION_ARG_STRING, &sides,
      "Shrink photographs to a longer side of so many pixels; more than one: each to all of them",
      "PIXELS,…" },
    { "model", 'm', 0, G_OPTION_ARG_FILENAME, &o->model, "The layers, as text", "FILE" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &o->output, "The network to write", "FILE.onnx" },
    { "judge", 'j', 0, G_OPTION_ARG_FILENAME, &o->judge,
      "Instead of training, judge a network by the data: by their test part, if they have one",
      "FILE.onnx" },
    { "start", 0, 0, G_OPTION_ARG_FILENAME, &o->start,
      "Begin with the weights of a network of the same layers, at any scale", "FILE.onnx" },
    { "checkpoint", 0, 0, G_OPTION_ARG_FILENAME, &o->checkpoint,
      "What the training can go on from, written after each epoch", "FILE" },
    { "resume", 0, 0, G_OPTION_ARG_NONE, &o->resume, "Go on from the checkpoint", NULL },
    { "curve", 0, 0, G_OPTION_ARG_FILENAME, &o->curve, "The loss of each epoch as a picture",
      "FILE.svg" },
    { "threads", 0, 0, G_OPTION_ARG_INT, &o->threads, "0: one for each processor", "N" },
    { "about-data", 0, 0, G_OPTION_ARG_STRING, &o->about_data,
      "What the data are, for the network's metadata", "TEXT" },
    { "licence", 0, 0, G_OPTION_ARG_STRING, &o->licence,
      "The licence of the weights, for the network's metadata", "TEXT" },
    G_OPTION_ENTRY_NULL
  };
  const GOptionEntry training[] = {
    { "epochs", 'e', 0, G_OPTION_ARG_INT, &t->epochs, "How often each picture is seen [30]", "N" },
    { "batch", 'b', 0, G_OPTION_ARG_INT, &t->batch, "Pictures in a step, a multiple of 16 [128]",
      "N" },
    { "seed", 0, 0, G_OPTION_ARG_INT64, &seed, "Where everything random comes from [1]", "N" },
    { "held-out", 0, 0, G_OPTION_ARG_INT, &o->held_out,
      "Pictures that are not learned from, but judged by after each epoch: of sheets and "
      "photographs the last ones, and --judge takes these alone; of folders of classes any [0]",
      "N" },
    { "optimiser", 0, 0, G_OPTION_ARG_STRING, &optimiser, "sgd (Nesterov), adam, adamw [sgd]",
      "NAME" },
    { "rate", 'r', 0, G_OPTION_ARG_DOUBLE, &t->rate, "The highest learning rate [0.1]", "R" },
    { "schedule", 0, 0, G_OPTION_ARG_STRING, &schedule, "one-cycle, cosine, constant [one-cycle]",
      "NAME" },
    { "warm-up", 0, 0, G_OPTION_ARG_DOUBLE, &t->warm_up,
      "The part of the training in which the rate goes up [0.2]", "0…1" },
    { "momentum", 0, 0, G_OPTION_ARG_DOUBLE, &t->optimiser.momentum,
      "What stays of the gradients' average with each step [0.9]", "0…1" },
    { "beta", 0, 0, G_OPTION_ARG_DOUBLE, &t->optimiser.beta,
      "The same for the average of their squares, of adam [0.999]", "0…1" },
    { "decay", 0, 0, G_OPTION_ARG_DOUBLE, &t->optimiser.decay, "Weight decay [0.0005]", "D" },
    { "clip", 0, 0, G_OPTION_ARG_DOUBLE, &t->optimiser.clip, "The longest gradient; 0: any [0]",
      "LENGTH" },
    { "average", 0, 0, G_OPTION_ARG_DOUBLE, &t->average,
      "What stays of the weights' moving average with each step; 0: none [0.995]", "0…1" },
    { "loss", 0, 0, G_OPTION_ARG_STRING, &loss, "Of upscaling: mse, l1, charbonnier [mse]",
      "NAME" },
    { "smoothing", 0, 0, G_OPTION_ARG_DOUBLE, &t->smoothing, "Smoothing of labels [0]", "0…1" },
    { "flip", 0, 0, G_OPTION_ARG_NONE, &a->flip, "Mirror pictures at random", NULL },
    { "shift", 0, 0, G_OPTION_ARG_INT, &a->shift, "Shift pictures by up to so much [0]", "PIXELS" },
    { "cutout", 0, 0, G_OPTION_ARG_INT, &a->cutout, "Make a square of that size grey [0]",
      "PIXELS" },
    { "turn", 0, 0, G_OPTION_ARG_NONE, &a->turn,
      "Mirror and turn patches of photographs at random, to any of the eight symmetries", NULL },
    { "colour", 0, 0, G_OPTION_ARG_DOUBLE, &a->colour,
      "Change brightness and contrast by up to so much [0]", "0…1" },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  GOptionGroup *group =
      g_option_group_new ("training", "How it is trained:", "How it is trained", NULL, NULL);

  set_defaults (o);
  o->command = command_of (*argc, *argv);
  g_option_context_set_summary (context, summary);
  g_option_context_add_main_entries (context, files, NULL);
  g_option_group_add_entries (group, training);
  g_option_context_add_group (context, group);
  if (!g_option_context_parse (context, argc, argv, error)
      || !find_words (t, optimiser, schedule, loss, error) || !find_sides (o, sides, error))
    return FALSE;
  t->seed = (guint64) seed;
  return complete (o, *argc, error);
}

void
options_clear (Options *o)
{
  g_free (o->data);
  g_free (o->model);
  g_free (o->output);
  g_free (o->judge);
  g_free (o->start);
  g_free (o->checkpoint);
  g_free (o->curve);
  g_free (o->about_data);
  g_free (o->licence);
  g_free (o->command);
}
