/* trainer.h: a model, its optimiser and its data, taken through epochs.
 *
 * With the same options, data and seed every weight has the same bits, whatever the number of
 * threads, and whether or not the training was saved and taken up again in between.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/net/graph.h"
#include "filters/train/data-set.h"
#include "filters/train/loss.h"
#include "filters/train/optimiser.h"

typedef struct
{
  int epochs;
  int batch; /* samples, a multiple of CN_LANES */
  guint64 seed;
  double smoothing; /* of labels, 0 … 1 */
  CnLossKind loss;  /* of pictures; that of classes is cross-entropy */
  CnOptimiserOptions optimiser;
  CnScheduleKind schedule;
  double rate;    /* the highest learning rate */
  double warm_up; /* the part of the training in which the rate goes up, 0 … 1 */
  double average; /* what stays of the moving average of the weights with each step; 0: none */
  CnAugmentation augmentation;
} CnTrainOptions;

/* What an epoch came to. Errors are CnLossSum's: a part of wrong answers, or squares. */
typedef struct
{
  double loss, error;           /* of the training, as a mean over samples */
  double held_loss, held_error; /* of pictures held out; NaN if there are none */
} CnEpoch;

typedef struct
{
  CnTrainOptions options;
  CnModel *model;
  CnOptimiser *optimiser;
  const CnDataSet *data; /* borrowed */
  float *parameters;     /* moving averages of the model's; NULL if not wanted */
  float *statistics;
  guint32 *order;  /* of the pictures in this epoch */
  guint16 *labels; /* of a batch */
  CnLanes targets; /* likewise, where pictures are made */
  int epoch;       /* how many are done */
  GArray *history; /* of CnEpoch: one for each epoch done */
} CnTrainer;

/* A training that has not begun. `text` is the model's (model.h); `data`, at least a batch of the
   model's input size, must outlive the trainer. NULL with CN_ERROR_ARGUMENT, CN_ERROR_SHAPE, or an
   error of cn_model_new(). */
CnTrainer *cn_trainer_new (const CnTrainOptions *options, const char *text, const CnDataSet *data,
                           GError **error);
void cn_trainer_free (CnTrainer *trainer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnTrainer, cn_trainer_free)

/* Before the first epoch: takes the weights of a network that cn_model_export() made of such a
   model. A transposed convolution of another scale stays as it begins. FALSE with CN_ERROR_SHAPE:
   of another model; CN_ERROR_UNSUPPORTED: a model with batch normalisation. */
gboolean cn_trainer_start (CnTrainer *trainer, const CnGraph *graph, GError **error);

/* Batches in an epoch. Pictures that do not fill the last one are left out, others in each epoch.
 */
int cn_trainer_steps (const CnTrainer *trainer);

/* Called after each step with the sums of the epoch so far; FALSE stops, with CN_ERROR_CANCELLED.
 */
typedef gboolean (*CnTrainProgress) (const CnTrainer *trainer, int step, const CnLossSum *sum,
                                     gpointer data);

/* One epoch: all pictures in random order, and then, if there is `held`, its loss and error. After
   an error the weights are of no use; those of the last epoch are in its checkpoint. FALSE with
   CN_ERROR_ARGUMENT if the loss is not finite any more. */
gboolean cn_trainer_epoch (CnTrainer *trainer, const CnDataSet *held, CnTrainProgress progress,
                           gpointer data, const CnRun *run, GError **error);

/* Loss and error over a data set, with the averages of the weights if there are any. Adds to
   `sum`. */
gboolean cn_trainer_evaluate (CnTrainer *trainer, const CnDataSet *data, CnLossSum *sum,
                              const CnRun *run, GError **error);

/* Changes the model's weights and statistics with their averages, if there are any; a second call
   changes them back. */
void cn_trainer_swap_averages (CnTrainer *trainer);

/* All options and the model as text: what a training that is taken up again must have in common
   with the one that was saved. */
char *cn_trainer_describe (const CnTrainer *trainer);

/* Writes everything that the training goes on from, or reads it. A file is replaced when the new
   one is whole, so the last good one stays when the disk fills up. FALSE with one of G_FILE_ERROR;
   CN_ERROR_PARSE: not a checkpoint, broken or cut off; CN_ERROR_ARGUMENT: of another training. */
gboolean cn_trainer_save (const CnTrainer *trainer, const char *path, GError **error);
gboolean cn_trainer_load (CnTrainer *trainer, const char *path, GError **error);
