/* operators.h: what families of operators share, and what the planner asks of single ones.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/net/operator.h"
#include "filters/net/walk.h"

/* The activation that the step is, if the engine's operators can apply it themselves. */
gboolean cn_step_activation (const CnStep *step, CnActivation *activation);

/* Scale and shift of each channel, if the step is a BatchNormalization whose parameters are
   constant: scale = γ / √(variance + ε), shift = β − mean · scale. */
gboolean cn_batch_norm_affine (const CnStep *step, float *scale, float *shift);

/* A 1-D or 2-D window as ONNX gives it (kernel_shape, strides, dilations, pads or auto_pad) over the
   axes from the third on. 1-D is 2-D with a height of 1. */
typedef struct
{
  int rank;                   /* number of spatial axes */
  gint64 size[CN_RANK_MAX], stride[CN_RANK_MAX], dilation[CN_RANK_MAX];
  gint64 before[CN_RANK_MAX], after[CN_RANK_MAX];
} CnWindows;

/* Reads the attributes; `kernel` is the shape of the weights or NULL, input the shape of the data.
   Every number is in the range that operators take. */
gboolean cn_step_windows (const CnStep *step, const CnShape *input, const CnShape *kernel,
                          CnWindows *windows, GError **error);

/* Number of positions along spatial axis `i`: floor ((n + before + after − extent) / stride) + 1,
   at least 1. */
gboolean cn_step_positions (const CnStep *step, const CnWindows *windows, int i, gint64 n,
                            gint64 *positions, GError **error);

/* N×C×H×W over an array of 3 or 4 axes, for the operators of filters/ops. */
gboolean cn_step_sizes (const CnStep *step, const CnShape *shape, int sizes[4], GError **error);

