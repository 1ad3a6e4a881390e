/* pool.h: pooling: each channel by itself, one sample for each window: ONNX's MaxPool, AveragePool,
 * LpPool, and their global kin.
 *
 *     max      Y[n, c, y, x] = max X[n, c, y·stride_y − top + a·dilation_y, x·stride_x − left + …]
 *     min      likewise
 *     average  Σ X / number of samples
 *     lp       (Σ |X|^p)^(1/p)
 *
 * over the taps a, b of the window that lie in the picture; with `count_padding` over those in the
 * padding as well, where X is what `border` says. Taps behind the padding, which a last window has
 * in ceil mode, never count: so ONNX (opset 22), onnxruntime and PyTorch.
 *
 * Max and min give the bits of a sample; NaN if there is one. Sums are made in float, columns of
 * the window first, in an order that does not depend on threads or tiles: an average is off by at
 * most (kh + kw) · ε · mean |X|. Global sums are made in double.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/core/border.h"
#include "filters/core/shape.h"
#include "filters/core/tensor.h"
#include "filters/core/tile.h"

typedef enum
{
  CN_POOL_MAX,
  CN_POOL_MIN,
  CN_POOL_AVERAGE,
  CN_POOL_LP,
} CnPoolKind;

/* Zero stands for 1 in strides and dilations, and for 2 in p. */
typedef struct
{
  CnPoolKind kind;
  gboolean global;            /* the window is the whole picture; nothing below but p counts then */
  int height, width;          /* of the window, 1 … CN_KERNEL_MAX */
  int stride_y, stride_x;     /* 1 … CN_STRIDE_MAX */
  int dilation_y, dilation_x; /* 1 … CN_STRIDE_MAX */
  CnPadding padding;          /* smaller than the window, so that none has but padding */
  gboolean ceil;          /* sizes are rounded up; counts for explicit padding only, as in ONNX */
  gboolean count_padding; /* ONNX's count_include_pad, for every kind; MaxPool has it not */
  CnBorder border;        /* what is in the padding, if it counts */
  int p;                  /* 1 … 16 */
} CnPoolOptions;

typedef struct _CnPool CnPool;

/* Makes the operator, which can then run on any number of pictures and threads at once. NULL with
   CN_ERROR_ARGUMENT, which names the value that is out of range. */
CnPool *cn_pool_new (const CnPoolOptions *options, GError **error);
void cn_pool_free (CnPool *pool);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnPool, cn_pool_free)

/* Pooling for pictures of one shape. It borrows the operator. */
typedef struct
{
  const CnPool *pool;
  int planes, pixel; /* of the input and of the output, as in a CnView */
  int height, width; /* of the input */
  int out_height, out_width;
  CnWindow y, x;   /* with the padding for this size */
  gint64 *indices; /* of the picture that runs, if they are wanted; see cn_pool_forward() */
} CnPoolPlan;

/* Works the sizes out. FALSE with CN_ERROR_SHAPE if no window fits, or one has nothing in it. */
gboolean cn_pool_plan (const CnPool *pool, int planes, int pixel, int height, int width,
                       CnPoolPlan *plan, GError **error);

/* Runs over a batch. `output` has the input's layout and the size of cn_pool_plan(); it must not
   overlap the input. `indices`, for max and min, gets the place of each result in the input, or is
   NULL: as many as `output` has samples, in the order N×C×H×W whatever the layout, each
   ((n·C + c)·H + y)·W + x, as ONNX counts them; of equal samples the first in the window's rows,
   −1 for a sample in the padding. FALSE with CN_ERROR_SHAPE (the message holds both shapes) before
   anything is written, CN_ERROR_ARGUMENT for indices of a mean, or the errors of cn_tiles_run(). */
gboolean cn_pool_forward (const CnPool *pool, const CnTensor *input, const CnTensor *output,
                          gint64 *indices, const CnRun *run, GError **error);

/* The gradient of a loss with respect to the input, from that with respect to the output:

       max, min  ∂X at the place of each result += ∂Y
       average   ∂X of each sample of a window += ∂Y / number of samples
       lp        ∂X of each sample of a window += ∂Y · sign (X) · (|X| / Y)^(p − 1), 0 where Y is 0

   Of the forward pass max and min need the `indices`, lp the `input` and the `output`, and average
   nothing; what is not needed may be NULL. `input_gradient` has the input's shape and is
   overwritten; it must not overlap anything. Each of its samples adds up in the order of windows,
   so that no bit depends on threads or tiles. FALSE with the errors of cn_pool_forward(), and with
   CN_ERROR_ARGUMENT for something that is needed and missing, or for padding that counts and is not
   zero. */
gboolean cn_pool_backward (const CnPool *pool, const CnTensor *input, const CnTensor *output,
                           const gint64 *indices, const CnTensor *output_gradient,
                           const CnTensor *input_gradient, const CnRun *run, GError **error);

/* A plan as the tile runner wants it. Not for global pooling. The plan must outlive it. */
CnTiled cn_pool_tiled (const CnPoolPlan *plan);

/* The taps that are read of the window at `position` on one axis, plan->y or plan->x, of the
   input's height or width `n`: how many, and the coordinate of the first of them. */
int cn_pool_span (const CnPool *pool, const CnWindow *window, int position, int n, int *at);
