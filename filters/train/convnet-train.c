/* convnet-train.c: the program that trains a network and writes it as ONNX.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <locale.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "filters/core/error.h"
#include "filters/onnx/onnx.h"
#include "filters/train/curve.h"
#include "filters/train/export.h"
#include "filters/train/judge.h"
#include "filters/train/options.h"
#include "filters/train/pictures.h"

static volatile sig_atomic_t interrupted;

static void
interrupt (int number)
{
  (void) number;
  interrupted = 1;
}

static void
say_skipped (const char *path, const char *why, gpointer data)
{
  ++*(int *) data;
  fprintf (stderr, "%s: skipped: %s\n", path, why);
}

static void
count_skipped (int skipped)
{
  if (skipped)
    fprintf (stderr, "%d files skipped\n", skipped);
}

static CnDataSet *
read_classes (const Options *o, int width, int height, const char *part, GError **error)
{
  CnDataSet *data;
  int skipped = 0;

  if (!g_file_test (o->data, G_FILE_TEST_IS_DIR))
    return cn_pictures_read_sheets (o->data, part, error);
  data =
      cn_pictures_read_folder (o->data, width, height, o->train.seed, say_skipped, &skipped, error);
  count_skipped (skipped);
  return data;
}

/* The photographs, and how many of them, in all their sizes, are held out: the last ones. */
static GArray *
read_photographs (const Options *o, guint *held, GError **error)
{
  g_autoptr (GArray) photographs = NULL;
  int skipped = 0, sizes = MAX (o->n_sides, 1);

  photographs =
      cn_pictures_read_photographs (o->data, o->sides, o->n_sides, say_skipped, &skipped, error);
  count_skipped (skipped);
  *held = o->held_out > 0 ? (guint) o->held_out * sizes : 0;
  if (photographs && (o->held_out < 0 || (guint) o->held_out > photographs->len / sizes))
    {
      cn_set_error (error, CN_ERROR_ARGUMENT, "%d of %u photographs cannot be held out",
                    o->held_out, photographs->len / sizes);
      return NULL;
    }
  return g_steal_pointer (&photographs);
}

/* How good an error is, as people say it: "accuracy 91.20 %", "PSNR 34.21 dB"; to be freed. */
static char *
say_error (const CnTrainer *trainer, double error)
{
  double range = (double) trainer->model->high - trainer->model->low;

  if (trainer->data->targets)
    return g_strdup_printf ("PSNR %.2f dB", 10 * log10 (range * range / error));
  return g_strdup_printf ("accuracy %.2f %%", 100 * (1 - error));
}

/* --- Judging ------------------------------------------------------------------------------- */

static gboolean
judge_classes (const Options *o, const CnGraph *graph, GError **error)
{
  g_autoptr (CnDataSet) data = NULL;
  gsize right;

  data = read_classes (o, (int) cn_judge_number (graph, "input-width", 0),
                       (int) cn_judge_number (graph, "input-height", 0), "test", error);
  if (!data || !cn_judge_classes (graph, data, &right, &(CnRun){ .threads = o->threads }, error))
    return FALSE;
  printf ("%s: %zu of %zu right, %.2f %%\n", o->judge, right, data->n,
          100.0 * (double) right / (double) data->n);
  return TRUE;
}

/* A line for each photograph, and the means of their ratios. */
static gboolean
judge_upscaler (const Options *o, const CnGraph *graph, GError **error)
{
  guint held, first;
  g_autoptr (GArray) photographs = read_photographs (o, &held, error);
  double networks = 0, cubics = 0, n;

  if (!photographs)
    return FALSE;
  first = held ? photographs->len - held : 0;
  n = photographs->len - first;
  for (guint i = first; i < photographs->len; i++)
    {
      const CnPhotograph *photograph = &g_array_index (photographs, CnPhotograph, i);
      double network, cubic;

      if (!cn_judge_upscaler (graph, photograph, &network, &cubic,
                              &(CnRun){ .threads = o->threads }, error))
        return FALSE;
      printf ("%s, %d×%d: %.2f dB, bicubic %.2f dB, %+.2f dB\n", photograph->name,
              photograph->plane.width, photograph->plane.height, network, cubic, network - cubic);
      networks += network / n;
      cubics += cubic / n;
    }
  printf ("%s: %.2f dB, bicubic %.2f dB, %+.2f dB\n", o->judge, networks, cubics,
          networks - cubics);
  return TRUE;
}

static gboolean
judge (const Options *o, GError **error)
{
  g_autoptr (CnGraph) graph = cn_onnx_read (o->judge, error);

  if (!graph)
    return FALSE;
  return cn_graph_metadata (graph, "scale") ? judge_upscaler (o, graph, error)
                                            : judge_classes (o, graph, error);
}

/* --- Training ------------------------------------------------------------------------------ */

typedef struct
{
  gint64 began, told; /* in microseconds */
  int began_at;       /* epochs done before */
} Clock;

static void
print_time (double seconds)
{
  printf ("%d:%02d:%02d", (int) (seconds / 3600), (int) (seconds / 60) % 60, (int) seconds % 60);
}

/* A line once a second, which the next one overwrites. */
static gboolean
show_progress (const CnTrainer *trainer, int step, const CnLossSum *sum, gpointer data)
{
  Clock *clock = data;
  gint64 now = g_get_monotonic_time ();
  int steps = cn_trainer_steps (trainer), epochs = trainer->options.epochs;
  double done = (double) (trainer->epoch - clock->began_at) * steps + step;
  double left = (double) (epochs - clock->began_at) * steps - done;
  double seconds = (double) (now - clock->began) * 1e-6;
  g_autofree char *error = NULL;

  if (interrupted)
    return FALSE;
  if (step < steps && now - clock->told < G_USEC_PER_SEC)
    return TRUE;
  clock->told = now;
  error = say_error (trainer, sum->error / (double) sum->n);
  printf ("\repoch %d/%d  step %d/%d  loss %.4g  %s  %.0f images/s  left ", trainer->epoch + 1,
          epochs, step, steps, sum->loss / (double) sum->n, error,
          done * trainer->options.batch / seconds);
  print_time (left * seconds / done);
  printf ("  ");
  fflush (stdout);
  return TRUE;
}

static void
show_epoch (const CnTrainer *trainer, gboolean held)
{
  const CnEpoch *epoch = &g_array_index (trainer->history, CnEpoch, trainer->history->len - 1);

  g_autofree char *error = say_error (trainer, epoch->held_error);

  if (held)
    printf (" held out: loss %.4g  %s", epoch->held_loss, error);
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
        {
          printf ("\n");
          return FALSE;
        }
      show_epoch (trainer, held != NULL);
      if (!cn_trainer_save (trainer, o->checkpoint, &disk))
        fprintf (stderr, "The checkpoint was not written, the last one stays: %s\n", disk->message);
    }
  return TRUE;
}

/* "accuracy 91.20 % on 1000 pictures held out, after 20 epochs". */
static char *
result_of (const CnTrainer *trainer, const CnDataSet *held)
{
  const CnEpoch *last = &g_array_index (trainer->history, CnEpoch, trainer->history->len - 1);
  g_autofree char *error = say_error (trainer, held ? last->held_error : last->error);
  const char *what = trainer->data->targets ? "patches" : "pictures";

  if (held)
    return g_strdup_printf ("%s on %zu %s held out, after %d epochs", error, held->n, what,
                            trainer->epoch);
  return g_strdup_printf ("%s while training, after %d epochs", error, trainer->epoch);
}

static void
set_metadata (CnGraph *graph, const Options *o, const CnTrainer *trainer, const CnDataSet *held)
{
  const CnLanes *input = &trainer->model->input;
  char **classes = trainer->data->classes;
  g_autofree char *names = classes ? g_strjoinv ("\n", classes) : NULL;
  g_autofree char *result = result_of (trainer, held);
  const struct
  {
    const char *key;
    char *text;
  } numbers[] = {
    { "input-height", g_strdup_printf ("%d", input->height) },
    { "input-width", g_strdup_printf ("%d", input->width) },
    { "seed", g_strdup_printf ("%" G_GUINT64_FORMAT, o->train.seed) },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      cn_graph_set_metadata (graph, numbers[i].key, numbers[i].text);
      g_free (numbers[i].text);
    }
  if (names)
    cn_graph_set_metadata (graph, "classes", names);
  cn_graph_set_metadata (graph, "command", o->command);
  cn_graph_set_metadata (graph, "result", result);
  if (o->about_data)
    cn_graph_set_metadata (graph, "data", o->about_data);
  if (o->licence)
    cn_graph_set_metadata (graph, "licence", o->licence);
}

/* Writes the network with the averages of the weights, and the curve. */
static gboolean
write_result (const Options *o, CnTrainer *trainer, const CnDataSet *held, GError **error)
{
  g_autofree char *name = g_path_get_basename (o->output), *svg = cn_curve_svg (trainer);
  g_autoptr (CnGraph) graph = NULL;
  char *dot = g_strrstr (name, ".onnx");

  if (dot)
    *dot = '\0';
  cn_trainer_swap_averages (trainer);
  graph = cn_model_export (trainer->model, name, error);
  cn_trainer_swap_averages (trainer);
  if (!graph)
    return FALSE;
  set_metadata (graph, o, trainer, held);
  if (!cn_onnx_write (graph, o->output, error) || !g_file_set_contents (o->curve, svg, -1, error))
    return FALSE;
  printf ("%s, of epoch %d, and %s are written\n", o->output, trainer->epoch, o->curve);
  return TRUE;
}

/* What is learned from and, unless nothing is to be held out, judged by. */
static gboolean
read_sets (const Options *o, const CnModel *model, CnDataSet **data, CnDataSet **held,
           GError **error)
{
  g_autoptr (CnDataSet) all =
      read_classes (o, model->input.width, model->input.height, "train", error);

  if (!all)
    return FALSE;
  if (o->held_out < 0 || (gsize) o->held_out >= all->n)
    {
      cn_set_error (error, CN_ERROR_ARGUMENT, "%d of %zu pictures cannot be held out", o->held_out,
                    all->n);
      return FALSE;
    }
  *data = cn_data_set_part (all, 0, all->n - o->held_out, error);
  if (*data && o->held_out)
    *held = cn_data_set_part (all, (*data)->n, o->held_out, error);
  return *data && (!o->held_out || *held);
}

/* The same of photographs, cut into patches. */
static gboolean
read_patches (const Options *o, const CnModel *model, CnDataSet **data, CnDataSet **held,
              GError **error)
{
  guint held_out = 0, n;
  g_autoptr (GArray) photographs = read_photographs (o, &held_out, error);
  const CnPatchSize size = { .scale = cn_model_scale (model),
                             .height = model->input.height,
                             .width = model->input.width,
                             .margin = cn_model_margin (model) };

  if (!photographs)
    return FALSE;
  n = photographs->len - held_out;
  *data = cn_photographs_cut ((CnPhotograph *) photographs->data, n, &size, error);
  if (*data && held_out)
    *held = cn_photographs_cut ((CnPhotograph *) photographs->data + n, held_out, &size, error);
  return *data && (!held_out || *held);
}

static void
describe (const CnTrainer *trainer, const CnDataSet *held)
{
  const CnDataSet *data = trainer->data;

  if (data->targets)
    printf ("%zu patches, %zu held out", data->n, held ? held->n : 0);
  else
    printf ("%zu pictures of %u classes, %zu held out", data->n, g_strv_length (data->classes),
            held ? held->n : 0);
  printf ("; %zu parameters\n", trainer->model->parameters_n);
}

static gboolean
work (const Options *o, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (CnModel) model = NULL;
  g_autoptr (CnDataSet) data = NULL, held = NULL;
  g_autoptr (CnTrainer) trainer = NULL;
  g_autoptr (CnGraph) start = NULL;

  if (!g_file_get_contents (o->model, &text, NULL, error)
      || !(model = cn_model_new (text, 1, 0, error))
      || !(cn_model_scale (model) ? read_patches (o, model, &data, &held, error)
                                  : read_sets (o, model, &data, &held, error)))
    return FALSE;
  trainer = cn_trainer_new (&o->train, text, data, error);
  if (trainer && o->start
      && (!(start = cn_onnx_read (o->start, error)) || !cn_trainer_start (trainer, start, error)))
    return FALSE;
  if (!trainer || (o->resume && !cn_trainer_load (trainer, o->checkpoint, error)))
    return FALSE;
  describe (trainer, held);
  if (train (o, trainer, held, error))
    return write_result (o, trainer, held, error);
  if (!g_error_matches (*error, CN_ERROR, CN_ERROR_CANCELLED) && trainer->epoch > 0
      && cn_trainer_load (trainer, o->checkpoint, NULL))
    write_result (o, trainer, held, NULL); /* the last good weights */
  return FALSE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  Options options;
  gboolean ok;

  setlocale (LC_ALL, "");
  signal (SIGINT, interrupt);
  ok = options_parse (&options, &argc, &argv, &error)
       && (options.judge ? judge (&options, &error) : work (&options, &error));
  options_clear (&options);
  if (ok)
    return 0;
  fprintf (stderr, "convnet-train: %s\n", error->message);
  if (interrupted)
    fprintf (stderr, "--resume goes on from the last epoch.\n");
  return 1;
}
