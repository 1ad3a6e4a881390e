/* export.h: a trained model as a network's graph.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/net/graph.h"
#include "filters/train/model.h"

/* The model as a graph of ONNX's operators, with `name`: input "pixels", N×C×H×W, output
   "probabilities", N×classes, the softmax of what the last layer has; or, of a model that makes
   pictures larger, the last layer's output itself, N×C×s·H×s·W: the input is continued by its
   nearest pixels so that no pixel of the result is missing. Maps have the layers' names
   ("conv1", "relu1"). Batch normalisation behind a convolution or dense layer is folded into its
   weights and bias, in double. Height and width are open where no layer depends on them.

   Metadata: "input-low" and "input-high" are what black and white are; "layers" is the model's
   text, "scale" how many times larger a picture becomes. NULL with CN_ERROR_ARGUMENT if a weight is
   not finite, or CN_ERROR_MEMORY. */
CnGraph *cn_model_export (const CnModel *model, const char *name, GError **error);
