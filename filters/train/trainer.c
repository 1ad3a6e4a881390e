/* trainer.c: a model, its optimiser and its data, taken through epochs.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/train/trainer.h"

#include <math.h>
#include <string.h>

#include "filters/core/error.h"
#include "filters/core/random.h"

/* Keys of random streams. */
#define STREAM_ORDER 2
#define STREAM_AUGMENTATION 3

static gboolean
check (const CnTrainOptions *o, const CnDataSet *data, GError **error)
{
  const CnAugmentation *a = &o->augmentation;

  if (o->batch < CN_LANES || o->batch % CN_LANES)
    cn_set_error (error, CN_ERROR_ARGUMENT, "The batch is %d, and must be a multiple of %d",
                  o->batch, CN_LANES);
  else if (data->n < (gsize) o->batch)
    cn_set_error (error, CN_ERROR_ARGUMENT, "There are %zu pictures, fewer than a batch of %d",
                  data->n, o->batch);
  else if (!(o->rate > 0) || !(o->smoothing >= 0 && o->smoothing < 1)
           || !(o->average >= 0 && o->average < 1) || !(o->warm_up >= 0 && o->warm_up <= 1)
           || !(o->optimiser.momentum >= 0 && o->optimiser.momentum < 1)
           || !(o->optimiser.beta >= 0 && o->optimiser.beta < 1) || !(o->optimiser.decay >= 0)
           || !(o->optimiser.clip >= 0))
    cn_set_error (error, CN_ERROR_ARGUMENT,
                  "A learning rate of %g, smoothing of %g, an average of %g, warm-up of %g, "
                  "momentum of %g, beta of %g, decay of %g, clipping at %g: one is out of range",
                  o->rate, o->smoothing, o->average, o->warm_up, o->optimiser.momentum,
                  o->optimiser.beta, o->optimiser.decay, o->optimiser.clip);
  else if (data->targets && (a->flip || a->shift || a->cutout || a->colour > 0))
    cn_set_error (error, CN_ERROR_ARGUMENT,
                  "Flips, shifts, cutout and colour are not for upscaling, which can “turn”");
  else if (a->turn && (!data->targets || data->height != data->width))
    cn_set_error (error, CN_ERROR_ARGUMENT, "“turn” is for upscaling, of square patches");
  else if (data->targets && o->loss == CN_LOSS_CROSS_ENTROPY)
    cn_set_error (error, CN_ERROR_ARGUMENT, "A loss of pictures is wanted, and not %s",
                  cn_loss_name (o->loss));
  else
    return cn_in_range (o->epochs, 1, 1000000, "epochs", error);
  return FALSE;
}

/* Whether the data are what the model takes and answers. */
static gboolean
fits (const CnModel *model, const CnDataSet *data, GError **error)
{
  const CnLanes *in = &model->input, *out = cn_model_output (model);
  int classes = data->targets ? 0 : (int) g_strv_length (data->classes),
      outputs = out->channels * out->height * out->width;

  if (in->channels != data->channels || in->height != data->height || in->width != data->width)
    cn_set_error (error, CN_ERROR_SHAPE,
                  "The model takes %d×%d×%d (channels, height, width), the pictures have %d×%d×%d",
                  in->channels, in->height, in->width, data->channels, data->height, data->width);
  else if (data->targets
           && (out->channels != data->channels || out->height != data->target_height
               || out->width != data->target_width))
    cn_set_error (error, CN_ERROR_SHAPE,
                  "The model makes %d×%d×%d (channels, height, width), the pictures wanted have "
                  "%d×%d×%d",
                  out->channels, out->height, out->width, data->channels, data->target_height,
                  data->target_width);
  else if (!data->targets && outputs != classes)
    cn_set_error (error, CN_ERROR_SHAPE, "The model has %d outputs for %d classes", outputs,
                  classes);
  else
    return TRUE;
  return FALSE;
}

CnTrainer *
cn_trainer_new (const CnTrainOptions *options, const char *text, const CnDataSet *data,
                GError **error)
{
  g_autoptr (CnTrainer) trainer = g_new0 (CnTrainer, 1);
  const CnModel *model;

  trainer->options = *options;
  trainer->data = data;
  trainer->history = g_array_new (FALSE, FALSE, sizeof (CnEpoch));
  if (!check (options, data, error))
    return NULL;
  trainer->model = cn_model_new (text, options->batch / CN_LANES, options->seed, error);
  if (!trainer->model || !fits (trainer->model, data, error))
    return NULL;
  model = trainer->model;
  trainer->optimiser = cn_optimiser_new (&options->optimiser, model->parameters_n, error);
  if (!trainer->optimiser)
    return NULL;
  trainer->order = g_try_new (guint32, data->n);
  trainer->labels = g_new0 (guint16, options->batch);
  trainer->targets = *cn_model_output (model);
  trainer->targets.data = NULL;
  if (data->targets && !cn_lanes_alloc (&trainer->targets, 0, error))
    return NULL;
  if (!trainer->order)
    {
      cn_set_error (error, CN_ERROR_MEMORY, "There is no memory for %zu pictures", data->n);
      return NULL;
    }
  if (options->average > 0)
    {
      trainer->parameters =
          g_memdup2 (model->parameters, MAX (model->parameters_n, 1) * sizeof (float));
      trainer->statistics =
          g_memdup2 (model->statistics, MAX (model->statistics_n, 1) * sizeof (float));
    }
  return g_steal_pointer (&trainer);
}

void
cn_trainer_free (CnTrainer *trainer)
{
  if (!trainer)
    return;
  cn_model_free (trainer->model);
  cn_optimiser_free (trainer->optimiser);
  g_free (trainer->parameters);
  g_free (trainer->statistics);
  g_free (trainer->order);
  g_free (trainer->labels);
  cn_lanes_clear (&trainer->targets);
  g_array_unref (trainer->history);
  g_free (trainer);
}

int
cn_trainer_steps (const CnTrainer *trainer)
{
  return (int) (trainer->data->n / (gsize) trainer->options.batch);
}

static void
swap (float *a, float *b, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      float value = a[i];

      a[i] = b[i];
      b[i] = value;
    }
}

void
cn_trainer_swap_averages (CnTrainer *trainer)
{
  if (!trainer->parameters)
    return;
  swap (trainer->parameters, trainer->model->parameters, trainer->model->parameters_n);
  swap (trainer->statistics, trainer->model->statistics, trainer->model->statistics_n);
}

/* a ← keep·a + (1 − keep)·b; the first steps keep less, so that the beginning is forgotten. */
static void
move_average (float *a, const float *b, gsize n, double average, guint64 steps)
{
  float keep = (float) MIN (average, (double) steps / (double) (steps + 9));

  for (gsize i = 0; i < n; i++)
    a[i] += (1 - keep) * (b[i] - a[i]);
}

static void
move_averages (CnTrainer *trainer)
{
  const CnModel *model = trainer->model;
  guint64 steps = trainer->optimiser->steps;

  if (!trainer->parameters)
    return;
  move_average (trainer->parameters, model->parameters, model->parameters_n,
                trainer->options.average, steps);
  move_average (trainer->statistics, model->statistics, model->statistics_n,
                trainer->options.average, steps);
}

/* Adds the loss of the batch's output, and finds the gradient unless that is NULL. */
static void
find_loss (const CnTrainer *trainer, gsize n, double smoothing, const CnLanes *gradient,
           CnLossSum *sum)
{
  const CnLanes *output = cn_model_output (trainer->model);

  if (trainer->targets.data)
    cn_loss_pictures (trainer->options.loss, output, &trainer->targets, n, gradient, sum);
  else
    cn_loss_classes (output, trainer->labels, n, smoothing, gradient, sum);
}

static gboolean
step (CnTrainer *trainer, int index, CnLossSum *sum, const CnRun *run, GError **error)
{
  const CnTrainOptions *o = &trainer->options;
  CnModel *model = trainer->model;
  int steps = cn_trainer_steps (trainer);
  double done = (trainer->epoch + (double) index / steps) / o->epochs;
  double rate = o->rate * cn_schedule (o->schedule, o->warm_up, done);
  CnBatch batch = {
    .data = trainer->data,
    .order = trainer->order + (gsize) index * o->batch,
    .n = o->batch,
    .low = model->low,
    .high = model->high,
    .augmentation = o->augmentation,
    .seed = o->seed + STREAM_AUGMENTATION,
    .epoch = trainer->epoch,
  };

  if (!cn_batch_fill (&batch, &model->input, trainer->labels, &trainer->targets, run, error)
      || !cn_model_forward (model, TRUE, run, error))
    return FALSE;
  find_loss (trainer, o->batch, o->smoothing, cn_model_output_gradient (model), sum);
  if (!isfinite (sum->loss))
    {
      cn_set_error (error, CN_ERROR_ARGUMENT,
                    "The loss is not finite: the learning rate %g may be too high", o->rate);
      return FALSE;
    }
  if (!cn_model_backward (model, run, error)
      || !cn_optimiser_step (trainer->optimiser, model, rate, error))
    return FALSE;
  move_averages (trainer);
  return TRUE;
}

gboolean
cn_trainer_evaluate (CnTrainer *trainer, const CnDataSet *data, CnLossSum *sum, const CnRun *run,
                     GError **error)
{
  CnModel *model = trainer->model;
  g_autofree guint32 *order = g_try_new (guint32, data->n);
  gsize size = trainer->options.batch;
  gboolean ok = order && fits (model, data, error);

  if (!order)
    cn_set_error (error, CN_ERROR_MEMORY, "There is no memory for %zu pictures", data->n);
  for (gsize i = 0; i < data->n && order; i++)
    order[i] = (guint32) i;
  cn_trainer_swap_averages (trainer);
  for (gsize first = 0; ok && first < data->n; first += size)
    {
      CnBatch batch = { .data = data,
                        .order = order + first,
                        .n = MIN (size, data->n - first),
                        .low = model->low,
                        .high = model->high };

      ok = cn_batch_fill (&batch, &model->input, trainer->labels, &trainer->targets, run, error)
           && cn_model_forward (model, FALSE, run, error);
      if (ok)
        find_loss (trainer, batch.n, 0, NULL, sum);
    }
  cn_trainer_swap_averages (trainer);
  return ok;
}

gboolean
cn_trainer_epoch (CnTrainer *trainer, const CnDataSet *held, CnTrainProgress progress,
                  gpointer data, const CnRun *run, GError **error)
{
  CnRandom random = cn_random (trainer->options.seed, STREAM_ORDER, trainer->epoch);
  CnLossSum sum = { 0 }, held_sum = { 0 };
  CnEpoch epoch = { .held_loss = NAN, .held_error = NAN };

  cn_random_order (&random, trainer->order, trainer->data->n);
  for (int i = 0; i < cn_trainer_steps (trainer); i++)
    {
      if (!step (trainer, i, &sum, run, error))
        return FALSE;
      if (progress && !progress (trainer, i + 1, &sum, data))
        {
          cn_set_error (error, CN_ERROR_CANCELLED, "Cancelled");
          return FALSE;
        }
    }
  epoch.loss = sum.loss / (double) sum.n;
  epoch.error = sum.error / (double) sum.n;
  if (held)
    {
      if (!cn_trainer_evaluate (trainer, held, &held_sum, run, error))
        return FALSE;
      epoch.held_loss = held_sum.loss / (double) held_sum.n;
      epoch.held_error = held_sum.error / (double) held_sum.n;
    }
  g_array_append_val (trainer->history, epoch);
  trainer->epoch++;
  return TRUE;
}
