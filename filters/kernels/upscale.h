/* upscale.h: a picture made larger by a transposed convolution, with what its alpha needs.
 *
 * Pictures are interleaved floats: gray, gray and alpha, RGB, or RGB and alpha, with straight
 * alpha, in whatever encoding the caller has chosen.
 *
 * A named kernel is a function h of the distance, in pixels of the picture, sampled for a stride s
 * at the centres of the result's pixels: weight a of k is h ((a − (k − 1) / 2) / s). k − s is even,
 * and (k − s) / 2 rows and columns are taken away on each side, so that the result is s times the
 * picture and no detail is shifted. Of each phase, the weights that meet in one result, the sum is
 * made 1. It runs as two passes, over rows and then columns, each as
 *
 *     y = x[c] + Σ v[j] · (x[j] − x[j − 1]),    v[j] = sums of the weights beyond j
 *
 * where c is the tap with the largest weight. That equals Σ w·x, and gives a flat picture back to
 * the bit, at every stride, and at the border, where the picture goes on as `border` says.
 *
 * A kernel of one's own is applied as it is: that its weights add up unevenly where they overlap
 * (the checkerboard) is seen. Of an alpha a, where ⊛ is the transposed convolution:
 *
 *     alpha  |w| ⊛ a / |w| ⊛ 1, or where no tap reaches, that of the pixel before
 *     colour  w ⊛ (c·a) / alpha
 *
 * For a named kernel both have the weights w. In either case an opaque picture stays opaque, and
 * has the colours of the same picture without alpha. The border `zero` means black with the alpha
 * of the nearest pixel inside.
 *
 * Sources: Keys 1981 (Catmull-Rom), Mitchell and Netravali 1988, Duchon 1979 (Lanczos).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/kernels/kernel.h"
#include "filters/ops/conv-transpose.h"

typedef enum
{
  CN_UPSCALE_NEAREST,
  CN_UPSCALE_BILINEAR,
  CN_UPSCALE_BICUBIC,  /* Catmull-Rom: B = 0, C = 1/2 */
  CN_UPSCALE_MITCHELL, /* B = C = 1/3: blurs a little, and hardly rings */
  CN_UPSCALE_BSPLINE,  /* B = 1, C = 0: blurs, and never rings */
  CN_UPSCALE_LANCZOS2,
  CN_UPSCALE_LANCZOS3,
  CN_UPSCALE_KERNELS
} CnUpscaleKernel;

#define CN_UPSCALE_STRIDE_MAX 8       /* of a named kernel; the least is 1 */
#define CN_UPSCALE_USER_STRIDE_MAX 64 /* of a kernel of one's own */

/* The name that users and scripts know it by: "nearest", "bilinear", … */
const char *cn_upscale_name (CnUpscaleKernel kernel);

/* The kernel as a matrix of k × k weights, normalised for each phase. The caller's, to free. NULL
   with CN_ERROR_ARGUMENT for a stride out of range. */
CnKernel *cn_upscale_kernel (CnUpscaleKernel kernel, int stride, GError **error);

typedef struct _CnUpscale CnUpscale;

/* Prepares a named kernel for pictures of `colours` (1 or 3) colours, with alpha or without. NULL
   with CN_ERROR_ARGUMENT for a stride out of range. */
CnUpscale *cn_upscale_new (CnUpscaleKernel kernel, int stride, CnBorder border, int colours,
                           gboolean has_alpha, GError **error);

/* Prepares filter 0 of a kernel of one's own, of one plane. Of the options, channels, groups and
   kernel size do not count. NULL with the errors of cn_conv_transpose_new(), or CN_ERROR_SHAPE for
   a kernel with more planes. */
CnUpscale *cn_upscale_new_kernel (const CnKernel *kernel, const CnConvTransposeOptions *options,
                                  int colours, gboolean has_alpha, GError **error);
void cn_upscale_free (CnUpscale *upscale);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnUpscale, cn_upscale_free)

/* The result's size for a picture of that size; FALSE with CN_ERROR_SHAPE if there is none. */
gboolean cn_upscale_size (const CnUpscale *upscale, int height, int width, int *out_height,
                          int *out_width, GError **error);

/* Computes the whole result into `sink`; the errors are those of cn_upscale_size() and
   cn_tiles_run(). */
gboolean cn_upscale_run (const CnUpscale *upscale, const CnSource *source, const CnSink *sink,
                         const CnRun *run, GError **error);
