/* conv-transpose.h: two-dimensional transposed convolution, ONNX's ConvTranspose.
 *
 * Each sample of input channel i, of group g = i / (I/G), adds its multiple of a kernel to every
 * output channel o of the group:
 *
 *     Z[n, o, y·stride_y + a·dilation_y − top, x·stride_x + b·dilation_x − left]
 *         += X[n, i, y, x] · w[i, o − g·O/G, a, b]
 *     Y = g (Z + bias[o])
 *
 * It is the adjoint of conv2d with the same numbers: ⟨conv2d (x), y⟩ = ⟨x, conv-transpose (y)⟩.
 * With another border than zero, X goes on outside of the picture as `border` says. Output size:
 *
 *     (n − 1)·s + d(k − 1) + 1 + output padding − before − after
 *
 * No zeros are multiplied: results whose coordinates have the same remainder by the strides, a
 * phase, are a correlation of the input with every s-th tap of the kernel, at stride 1. Sums are
 * made in float, each term with one rounding where the CPU has it, in an order that does not depend
 * on threads or tiles; the error of k terms is below (k + 1) · ε · Σ|w·x|.
 *
 * Source: Dumoulin and Visin, A guide to convolution arithmetic for deep learning, 2016, chapter 4.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/core/border.h"
#include "filters/core/shape.h"
#include "filters/core/tensor.h"
#include "filters/core/tile.h"
#include "filters/ops/activation.h"
#include "filters/ops/conv2d.h"

/* Zero stands for 1 in groups, strides and dilations. */
typedef struct
{
  int in_channels, out_channels, groups;
  int kernel_height, kernel_width; /* 1 … CN_KERNEL_MAX */
  int stride_y, stride_x;          /* 1 … CN_STRIDE_MAX */
  int dilation_y, dilation_x;      /* 1 … CN_STRIDE_MAX */
  /* Rows and columns taken away from the result. VALID: none. SAME and SAME_UPPER: so that the
     output is input × stride, the odd one at the end; SAME_LOWER: at the beginning. Where the
     kernel is smaller than the stride, nothing is taken away, and rows and columns that no tap
     reaches are added at the end. */
  CnPadding padding;
  int output_padding_y, output_padding_x; /* added at the end, below max (stride, dilation) */
  /* ONNX's output_shape; 0: none. Both or none. What the padding is follows from it; the odd one is
     at the end for SAME and SAME_UPPER, else at the beginning. */
  int output_height, output_width;
  CnBorder border;
  CnActivation activation;
  gsize pixels;     /* of each of the results, as in conv2d; 0: many */
  gsize memory_max; /* bytes that other copies of the weights may take, likewise; 0: any */
} CnConvTransposeOptions;

typedef struct _CnConvTranspose CnConvTranspose;

/* Makes the operator, which can then run on any number of pictures and threads at once.
   `weights`: in_channels × (out_channels / groups) × kernel_height × kernel_width floats; `bias`:
   out_channels floats, or NULL for zeros; both are copied. NULL with CN_ERROR_ARGUMENT, which names
   the value that is out of range. */
CnConvTranspose *cn_conv_transpose_new (const CnConvTransposeOptions *options, const float *weights,
                                        const float *bias, GError **error);
void cn_conv_transpose_free (CnConvTranspose *conv);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnConvTranspose, cn_conv_transpose_free)

/* Bytes that the operator keeps: copies of weights. */
gsize cn_conv_transpose_memory (const CnConvTranspose *conv);

/* A transposed convolution for pictures of one size. It borrows the operator. */
typedef struct
{
  const CnConvTranspose *conv;
  int height, width; /* of the input */
  int out_height, out_width;
  int top, left; /* rows and columns taken away at the beginning */
} CnConvTransposePlan;

/* Works the sizes out. FALSE with CN_ERROR_SHAPE, and all values, if padding leaves nothing or the
   output is over CN_SIZE_MAX. */
gboolean cn_conv_transpose_plan (const CnConvTranspose *conv, int height, int width,
                                 CnConvTransposePlan *plan, GError **error);

/* Runs over a batch. `output` has the input's layout and the size of cn_conv_transpose_plan(); it
   must not overlap the input. FALSE with CN_ERROR_SHAPE (the message holds both shapes) before
   anything is written, or with the errors of cn_tiles_run(). */
gboolean cn_conv_transpose_forward (const CnConvTranspose *conv, const CnTensor *input,
                                    const CnTensor *output, const CnRun *run, GError **error);

/* The gradients of a loss, from `output_gradient`, that with respect to Z + bias, before the
   activation (cn_conv_transpose_forward() without one gives the output that it belongs to):

       ∂X[n, i, y, x]  = Σ_o Σ_a Σ_b w[i, o, a, b] · ∂Z[n, o, y·stride_y + a·dilation_y − top, …]
       ∂w[i, o, a, b]  = Σ_n Σ_y Σ_x X[n, i, y, x] · ∂Z[n, o, y·stride_y + a·dilation_y − top, …]
       ∂bias[o]        = Σ_n Σ_y Σ_x ∂Z[n, o, y, x]

   The first is conv2d. Gradients that are not wanted may be NULL; the others are overwritten, in
   the layouts of the input, the weights and the bias. Sums of weights are made in float along a
   row and in double over rows. FALSE with CN_ERROR_SHAPE, CN_ERROR_ARGUMENT for another border than
   zero, CN_ERROR_MEMORY, or the errors of cn_tiles_run(). */
gboolean cn_conv_transpose_backward (const CnConvTranspose *conv, const CnTensor *input,
                                     const CnTensor *output_gradient,
                                     const CnTensor *input_gradient, float *weight_gradient,
                                     float *bias_gradient, const CnRun *run, GError **error);

/* A plan as the tile runner wants it, for results of `pixel` interleaved channels (that is
   out_channels) or, with pixel = 1, of planes. The plan must outlive it. */
CnTiled cn_conv_transpose_tiled (const CnConvTransposePlan *plan, int pixel);
