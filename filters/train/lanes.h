/* lanes.h: batches of samples whose lanes are the samples, and the loops over them.
 *
 * Sixteen samples of a batch, a block, lie side by side: element (block, c, y, x, lane) is at
 * (((block·C + c)·H + y)·W + x)·16 + lane. A loop over lanes fills a vector whatever the size of
 * the pictures, no loop has an edge in the middle of a vector, and no layer mixes lanes; a block's
 * channels are so many interleaved pictures of 16 channels, which the engine's pooling takes as
 * they are, and flattening moves nothing.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#define CN_LANES 16

typedef struct
{
  int blocks, channels, height, width;
  float *data; /* aligned to 64 bytes */
} CnLanes;

/* Floats from one channel to the next, and from one block to the next. */
gsize cn_lanes_plane (const CnLanes *lanes);
gsize cn_lanes_block (const CnLanes *lanes);

/* Zeros, with `slack` more floats behind them, which may be read and mean nothing, to be freed with
   cn_lanes_clear(). FALSE with CN_ERROR_MEMORY. */
gboolean cn_lanes_alloc (CnLanes *lanes, gsize slack, GError **error);
void cn_lanes_clear (CnLanes *lanes);

/* Outputs that are computed at once; weights are packed so. */
#define CN_LANES_OUTS 6

/* Pixels that are computed at once: up to three beyond the last one are read. */
#define CN_LANES_PIXELS 4

/* Outputs and terms of which products are summed at once. */
#define CN_LANES_PRODUCT_OUTS 3
#define CN_LANES_PRODUCT_TERMS 9

/* Weighted sums: for output o in 0 … outs − 1 (at most CN_LANES_OUTS) and pixel x in 0 … n − 1

       dst[o·dst_plane + x·dst_step + lane]
           = bias[o] + Σ_k weights[k·CN_LANES_OUTS + o] · src[offsets[k] + x·src_step + lane]

   with k growing. Offsets and steps are multiples of CN_LANES. */
typedef struct
{
  const float *src, *weights,
      *bias; /* weights and bias of CN_LANES_OUTS outputs, whatever `outs` */
  const gsize *offsets;
  gsize terms, src_step;
  float *dst;
  gsize dst_plane, dst_step;
  int outs;
  gsize n;
} CnLanesSum;

/* Sums of products: for term k in 0 … terms − 1 and output o in 0 … 2

       sums[(k·3 + o)·CN_LANES + lane]
           += Σ_y Σ_x src[offsets[k] + y·src_row + x·src_step + lane]
                      · gradient[o·plane + y·row + x·step + lane]

   over `rows` and n pixels. `terms` is a multiple of CN_LANES_PRODUCT_TERMS. */
typedef struct
{
  const float *src;
  const gsize *offsets;
  gsize terms, src_row, src_step;
  const float *gradient;
  gsize plane, row, step;
  int rows;
  gsize n;
  float *sums;
} CnLanesProduct;

/* The gradient of y = x > 0 ? x : slope·x, for n floats, a multiple of CN_LANES:

       to[i] = x[i] > 0 ? gradient[i] : slope · gradient[i]       (unless `to` is NULL)
       sums[i mod CN_LANES] += x[i] > 0 ? 0 : x[i] · gradient[i] */
typedef struct
{
  const float *x, *gradient;
  float slope;
  float *to, *sums;
  gsize n;
} CnLanesSlope;

typedef struct
{
  void (*sum) (const CnLanesSum *sum);
  void (*product) (const CnLanesProduct *product);
  void (*rectify) (const float *x, float slope, float *y, gsize n); /* that y */
  void (*rectify_back) (const CnLanesSlope *slope);
} CnLanesLoops;

/* The loops of the highest level that the machine has; `CONVNET_CPU` can name a lower one. */
const CnLanesLoops *cn_lanes_loops (void);

extern const CnLanesLoops cn_lanes_loops_scalar, cn_lanes_loops_avx2, cn_lanes_loops_avx512;
