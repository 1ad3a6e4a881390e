/* conv2d.h: two-dimensional convolution, ONNX's Conv.
 *
 * For output channel o of group g = o / (O/G), with I/G input channels i in the group:
 *
 *     z[n, o, y, x] = bias[o] + Σ_i Σ_a Σ_b w[o, i, a, b] · X[n, g·I/G + i, v, u]
 *     v = y·stride_y − top + a·dilation_y, u = x·stride_x − left + b·dilation_x
 *     Y = g (z)
 *
 * which is a cross-correlation, as networks have it; `flip` makes it a true convolution (the kernel
 * turned by 180°). X outside of the picture is what `border` says. Output sizes: shape.h.
 *
 * Sums are made in float, each term with one rounding (FMA) where the CPU has it, in an order that
 * does not depend on threads or tiles: at one CPU level results are the same to the bit. The error
 * of a sum of k terms is below (k + 1) · ε · Σ|w·x|, and below (kh + kw + 8) · ε · Σ|w·x| for
 * kernels of rank 1, which if they are larger than 3×3 run as two passes.
 *
 * 3×3 layers of many channels run by Winograd's algorithm, with a quarter of the multiplications.
 * Its rounding is that of the products of a whole tile of 6×6 pixels: in layers of random numbers
 * some 10⁻⁵ of the layer's largest result at most, where the bound of the worst signs,
 * (I + 20) · ε · |Aᵀ|·[Σ_i (|G|·|g|·|Gᵀ|) ⊙ (|Bᵀ|·|d|·|B|)]·|A|, is some hundred times that; and a
 * NaN or an infinity reaches the tile's 16 results.
 *
 * Large kernels on channels each by itself run by Fourier transforms, with an error of some
 * cn_conv2d_noise() times the largest sample of the block of a few hundred pixels around. Results
 * are the same to the bit for all tiles and threads, and NaN and infinities do what they do
 * otherwise. Gradients are not found so. CN_CONV2D_DENSE keeps to the bound above.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/core/border.h"
#include "filters/core/shape.h"
#include "filters/core/tensor.h"
#include "filters/core/tile.h"
#include "filters/ops/activation.h"

/* The largest stride and dilation. */
#define CN_STRIDE_MAX 4096

typedef enum
{
  CN_CONV2D_AUTO,     /* the fastest one */
  CN_CONV2D_DENSE,    /* every tap of the kernel */
  CN_CONV2D_TWO_PASS, /* row and column of kernels of rank 1; dense where there are none */
  CN_CONV2D_WINOGRAD, /* Winograd's F(4×4, 3×3) for tensors; dense where it cannot be */
  CN_CONV2D_FFT,      /* Fourier transforms for channels each by itself; dense likewise */
} CnConv2dMethod;

/* Zero stands for 1 in groups, strides and dilations. */
typedef struct
{
  int in_channels, out_channels, groups;
  int kernel_height, kernel_width; /* 1 … CN_KERNEL_MAX */
  int stride_y, stride_x;          /* 1 … CN_STRIDE_MAX */
  int dilation_y, dilation_x;      /* 1 … CN_STRIDE_MAX */
  CnPadding padding;
  CnBorder border;
  gboolean flip;
  gboolean
      borrow; /* weights that are not flipped are used where they lie, for the operator's life */
  CnActivation activation;
  gboolean accumulate; /* Y = g (z + what stood in the output): the sum of a residual block; only
                          if cn_conv2d_can_accumulate() */
  CnConv2dMethod method;
  gsize pixels; /* of each of the results that it will make, height × width: small maps of many
                   channels have faster ways, which keep another copy of the weights; 0: many */
  gsize
      memory_max; /* bytes that other copies of the weights may take, for a faster method; 0: any */
} CnConv2dOptions;

/* Whether such an operator may have `accumulate`: kernels of 1×1, with over one input channel or
   over two filters in a group. */
gboolean cn_conv2d_can_accumulate (const CnConv2dOptions *options);

typedef struct _CnConv2d CnConv2d;

/* Makes the operator, which can then run on any number of pictures and threads at once.
   `weights`: out_channels × (in_channels / groups) × kernel_height × kernel_width floats; `bias`:
   out_channels floats, or NULL for zeros; both are copied, but for what `borrow` says. NULL with
   CN_ERROR_ARGUMENT, which names the value that is out of range. */
CnConv2d *cn_conv2d_new (const CnConv2dOptions *options, const float *weights, const float *bias,
                         GError **error);
void cn_conv2d_free (CnConv2d *conv);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnConv2d, cn_conv2d_free)

/* Bytes that the operator keeps: copies of weights, and what was made from them. */
gsize cn_conv2d_memory (const CnConv2d *conv);

/* The windows over rows and columns, for the functions of shape.h. */
void cn_conv2d_windows (const CnConv2d *conv, CnWindow *y, CnWindow *x);

/* Results of such a block are computed together, on a grid from the result's corner on, and what
   they are computed from must be there for all of a block. 1×1 but for Fourier transforms. */
void cn_conv2d_blocks (const CnConv2d *conv, int *height, int *width);

/* What Fourier transforms may add to a result's error for samples up to 1, by the first filter:
   ε · log₂ n · max |F(w)| with n samples in a transform; 0 for an operator that runs without. */
double cn_conv2d_noise (const CnConv2d *conv);

/* The output's size for an input of that size; FALSE with CN_ERROR_SHAPE if there is none. */
gboolean cn_conv2d_output_size (const CnConv2d *conv, int height, int width, int *out_height,
                                int *out_width, GError **error);

/* Runs over a batch. `output` has the input's layout and the size of cn_conv2d_output_size(); it
   must not overlap the input. FALSE with CN_ERROR_SHAPE (the message holds both shapes) before
   anything is written, or with the errors of cn_tiles_run(). */
gboolean cn_conv2d_forward (const CnConv2d *conv, const CnTensor *input, const CnTensor *output,
                            const CnRun *run, GError **error);

/* The gradients of a loss, from `output_gradient`, that with respect to z, before the activation:

       ∂X[n, g·I/G + i, v, u] = Σ_o Σ_a Σ_b w[o, i, a, b] · ∂z[n, o, y, x]
                                wherever v = y·stride_y − top + a·dilation_y, and u likewise
       ∂w[o, i, a, b] = Σ_n Σ_y Σ_x X[n, g·I/G + i, y·stride_y − top + a·dilation_y, …] · ∂z[n, o,
   y, x] ∂bias[o]       = Σ_n Σ_y Σ_x ∂z[n, o, y, x]

   Gradients that are not wanted may be NULL; the others are overwritten, in the layouts of the
   input, the weights and the bias. Results are the same to the bit for any number of threads. Sums
   of weights are made in float over some 2048 terms, and in double over those; where ∂X is a 3×3
   convolution, it runs as the forward one does, by Winograd's algorithm too. FALSE with
   CN_ERROR_SHAPE, CN_ERROR_ARGUMENT for another border than zero, CN_ERROR_MEMORY, or
   CN_ERROR_CANCELLED. */
gboolean cn_conv2d_backward (const CnConv2d *conv, const CnTensor *input,
                             const CnTensor *output_gradient, const CnTensor *input_gradient,
                             float *weight_gradient, float *bias_gradient, const CnRun *run,
                             GError **error);

/* The operator as the tile runner wants it, for results of `pixel` interleaved channels (that is
   out_channels) or, with pixel = 1, of planes. The operator must outlive it. */
CnTiled cn_conv2d_tiled (const CnConv2d *conv, int pixel);
