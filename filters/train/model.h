/* model.h: a chain of layers that is trained: read from text, laid out in memory, run both ways.
 *
 * The text has a line for each layer; what is behind a # is a comment:
 *
 *     input CHANNELS HEIGHT WIDTH LOW HIGH     pixels, black is LOW and white HIGH
 *     conv OUTPUTS SIZE [stride N] [same]      no padding, or as much as keeps the size at stride 1
 *     dense OUTPUTS
 *     batch-norm
 *     relu, leaky-relu, elu, sigmoid, tanh, softplus
 *     max-pool SIZE [stride N]                 a stride of SIZE if none is given
 *     average-pool SIZE [stride N]
 *     global-average-pool
 *     prelu                                    a rectifier with a learned slope for each channel
 *     conv-transpose OUTPUTS SIZE [stride N]   makes a map N times as large: layer-conv-transpose.c
 *     mark NAME                                a name for the output of the layer before, or input
 *     add NAME                                 adds that output
 *     concat NAME                              puts the middle of that output beside the one before
 *
 * A convolution or dense layer before a batch-norm has no bias: batch-norm would take it out.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/train/layer.h"

/* The most lines that a text may have. */
#define CN_MODEL_LINES_MAX 1000

typedef struct
{
  char *text;
  CnLanes input;     /* to be filled before cn_model_forward() */
  float low, high;   /* what black and white are */
  GPtrArray *layers; /* of CnModelLayer */
  gsize parameters_n, statistics_n;
  float *parameters, *gradients; /* of all layers, in their order */
  float *statistics;             /* running means and variances, likewise */
  guint8 *decays;                /* whether a parameter is a weight, and decays */
} CnModel;

/* Reads the text and makes a model that takes `blocks` × CN_LANES samples at once. Its parameters
   are random, from `seed`. NULL with CN_ERROR_PARSE (the message holds the line), CN_ERROR_SHAPE,
   CN_ERROR_ARGUMENT or CN_ERROR_MEMORY. */
CnModel *cn_model_new (const char *text, int blocks, guint64 seed, GError **error);
void cn_model_free (CnModel *model);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnModel, cn_model_free)

/* The last layer's output, and the gradient of the loss with respect to it, which
   cn_model_backward() starts from. */
const CnLanes *cn_model_output (const CnModel *model);
const CnLanes *cn_model_output_gradient (const CnModel *model);

/* How many times as large as the input the output is, by the model's conv-transpose layers: it
   makes pictures. 0: it has none, and tells classes. */
int cn_model_scale (const CnModel *model);

/* Pixels of the input on each side that the output, of such a model, does not lie over. */
int cn_model_margin (const CnModel *model);

/* Computes the output; while training from the batch's statistics, whose running ones are moved. */
gboolean cn_model_forward (CnModel *model, gboolean training, const CnRun *run, GError **error);

/* Computes `gradients` after a forward pass with `training`. */
gboolean cn_model_backward (CnModel *model, const CnRun *run, GError **error);
