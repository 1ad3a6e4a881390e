/* operators.h: what families of operators share, and what the planner asks of single ones.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/core/shape.h"
#include "filters/core/tensor.h"
#include "filters/net/operator.h"
#include "filters/net/walk.h"

/* The activation that the step is, if the engine's operators can apply it themselves. */
gboolean cn_step_activation (const CnStep *step, CnActivation *activation);

/* Scale and shift of each channel, if the step is a BatchNormalization whose parameters are
   constant: scale = γ / √(variance + ε), shift = β − mean · scale. */
gboolean cn_batch_norm_affine (const CnStep *step, float *scale, float *shift);

/* Sets the shape of output 0, and its type to the one in which the engine computes what ONNX
   numbers so. */
gboolean cn_plan_type (CnStep *step, gint64 number, const CnShape *shape, GError **error);

/* The windows along the axes from the third on. */
typedef struct
{
  int rank; /* how many */
  CnWindow axes[CN_RANK_MAX];
} CnWindows;

/* Reads kernel_shape, strides, dilations, pads or auto_pad, and ceil_mode. `kernel` is the shape of
   the weights or NULL, `input` that of the data. Every number is in the range that operators take.
 */
gboolean cn_step_windows (const CnStep *step, const CnShape *input, const CnShape *kernel,
                          CnWindows *windows, GError **error);

/* Sets the sizes of `output` from the third axis on to how often the windows fit into `input`. */
gboolean cn_step_positions (const CnStep *step, const CnWindows *windows, const CnShape *input,
                            CnShape *output, GError **error);

/* Where a tap of a window lies. */
typedef enum
{
  CN_TAP_BEYOND, /* behind the padding: only the last window in ceil mode reaches there */
  CN_TAP_PADDING,
  CN_TAP_INSIDE,
} CnTap;

/* Finds `place`, in a plane of `input`, of tap number `tap` of the window at number `position` of a
   plane of `output`. For any number of axes; slow. */
CnTap cn_windows_tap (const CnWindows *windows, const CnShape *input, const CnShape *output,
                      gsize position, gsize tap, gsize *place);

/* An array of 3 or 4 axes as the operators of filters/ops take it; 1-D is 2-D with a height of 1.
 */
gboolean cn_step_tensor (const CnStep *step, const CnArray *array, CnTensor *tensor,
                         GError **error);

/* Whether the step is a Conv that can have an addend. */
gboolean cn_conv_can_add (const CnStep *step);
