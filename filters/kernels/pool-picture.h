/* pool-picture.h: pooling of a picture, with what its alpha needs.
 *
 * Pictures are interleaved floats: gray, gray and alpha, RGB, or RGB and alpha, with straight
 * alpha, in whatever encoding the caller has chosen. Each channel goes by itself, as pool.h has it.
 * With alpha a, over the pixels i of a window:
 *
 *   average   colour  Σ c·a / Σ a           alpha  Σ a / n
 *   lp        colour  (Σ |c|^p·a / Σ a)^(1/p)  alpha  Σ a / n
 *   max, min  colour  that of the largest, or smallest, c of those with a > 0
 *             alpha   the largest a of the pixels that gave a colour
 *
 * The last means: of a gray picture the pixel that wins keeps its alpha; of colours, whose winners
 * may be three pixels, the result is as opaque as the most opaque of them. A transparent pixel wins
 * over none. A window of transparent pixels gives 0 in all channels. An opaque picture stays
 * opaque, and its colours have the bits of the same picture without alpha.
 *
 * Unlike the operator's, this lp is a mean, so that a flat picture stays flat.
 *
 * The border `zero` means black with the alpha of the nearest pixel inside.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/ops/pool.h"

typedef struct _CnPoolPicture CnPoolPicture;

/* Prepares pooling for pictures of `colours` (1 or 3) colours, with alpha or without. A stride of
   zero stands for the window's size. NULL with the errors of cn_pool_new(). */
CnPoolPicture *cn_pool_picture_new (const CnPoolOptions *options, int colours, gboolean has_alpha,
                                    GError **error);
void cn_pool_picture_free (CnPoolPicture *pool);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnPoolPicture, cn_pool_picture_free)

/* The result's size for a picture of that size; FALSE with CN_ERROR_SHAPE if there is none. */
gboolean cn_pool_picture_size (const CnPoolPicture *pool, int height, int width, int *out_height,
                               int *out_width, GError **error);

/* Computes the whole result into `sink`; the errors are those of cn_pool_picture_size() and
   cn_tiles_run(). */
gboolean cn_pool_picture_run (const CnPoolPicture *pool, const CnSource *source, const CnSink *sink,
                              const CnRun *run, GError **error);
