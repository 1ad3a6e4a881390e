/* conv2d-winograd.h: the inside of Winograd's algorithm, shared by its files.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/ops/conv2d-private.h"
#include "filters/primitives/primitives.h"

#define CN_WINOGRAD_EDGE 4  /* results of a tile's side */
#define CN_WINOGRAD_REACH 6 /* pixels */
#define CN_WINOGRAD_POINTS 36

/* The point (1, 1), of which each result takes exactly 1: the bias is added there. */
#define CN_WINOGRAD_BIAS_POINT 7

int cn_winograd_rounded_up (int n, int step);

/* The distance from one point to the next: at least `floats`, and an odd number of cache lines,
   which keeps their streams out of each other's lines. */
gsize cn_winograd_point_distance (gsize floats);

/* The results of all tiles that `out` has a part in. */
CnRect cn_winograd_grid (const CnRect *out);

/* The transformed weights of a panel: of a point, then the next one. */
const float *cn_winograd_weights (const CnConv2d *conv, const CnConv2dPanel *panel);

/* The first cache line in the scratch memory: it has CN_WINOGRAD_LANES floats more for that. */
float *cn_winograd_align (float *scratch);

/* Where the activation cuts results off, which the transform does then; −∞ if it does something
   else. */
float cn_winograd_floor (const CnConv2d *conv);

/* An activation that is more than a floor, over samples of the result. */
void cn_winograd_activate (const CnConv2d *conv, float *samples, gsize n);

/* Lanes are channels, or tiles; the same bits. */
void cn_winograd_by_channels (CnTiled *tiled, const CnConv2d *conv);
void cn_winograd_by_tiles (CnTiled *tiled);

/* Whether a map is so small that threads had better have panels of filters each; runs an operator
   by channels so. */
gboolean cn_winograd_shares_panels (const CnConv2d *conv, const CnTensor *output, int threads);
gboolean cn_winograd_run_panels (const CnTiled *tiled, const CnTensor *input,
                                 const CnTensor *output, const CnRun *run, GError **error);
