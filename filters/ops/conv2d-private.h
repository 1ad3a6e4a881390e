/* conv2d-private.h: the inside of the convolution, shared by its files.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/ops/conv2d.h"

typedef struct _CnConv2dFft CnConv2dFft;

struct _CnConv2d
{
  CnConv2dOptions options; /* with the zeros replaced by ones */
  CnWindow y, x;
  const float *weights; /* flipped, if asked for */
  float *own;           /* memory of the weights; NULL: they are borrowed */
  float *bias;
  /* Every channel goes through the same kernel and bias: pictures. Works on any number of
     interleaved channels or planes without taking them apart. */
  gboolean shared;
  /* kernel_height + kernel_width floats for each of the out_channels: column and row; or NULL. */
  float *factors;
  /* 36 matrices of in_channels × cn_conv2d_winograd_lanes (out_channels): G·g·Gᵀ; or NULL. */
  float *winograd;
  float *turned;    /* the weights with filters side by side; or NULL */
  CnConv2dFft *fft; /* or NULL */
};

/* The functions of a CnTiled. */
CnRect cn_conv2d_reach (gconstpointer op, const CnRect *out);
gsize cn_conv2d_scratch (gconstpointer op, const CnRect *out);
void cn_conv2d_work (gconstpointer op, const CnTile *tile);

/* to[i] = from[i·step] for i in 0 … n − 1. */
void cn_conv2d_gather (const float *from, gsize step, float *to, int n);

/* Phases of a row, of `length` samples each: to[q·part + i] = row[i·stride + q], and zeros behind.
 */
void cn_conv2d_split_row (const float *row, int width, int stride, float *to, gsize part,
                          int length);

/* For an operator that fetches: the tile's part of a plane, where it lies, or with its border in
   `memory`, which has room for a plane of tile->in. */
CnView cn_conv2d_fetch_plane (const CnConv2d *conv, const CnTile *tile, int plane, float *memory);

/* Terms of a result's sum: taps of all channels of a group. */
int cn_conv2d_terms (const CnConv2dOptions *options);

/* Whether the activation is none or one that cuts off what is negative: inner loops do that. */
gboolean cn_conv2d_floors_only (const CnConv2d *conv);

/* Many channels: all filters of a group at once. Where rows of results are few pixels, what each
   column of taps sees of the input is copied, if it is not more floats than these. */
#define CN_CONV2D_PACKED_FLOATS (64 * 1024)
gboolean cn_conv2d_is_dense (const CnConv2d *conv);
gsize cn_conv2d_dense_scratch (const CnConv2d *conv, const CnRect *out);
void cn_conv2d_dense_work (const CnConv2d *conv, const CnTile *tile);
void cn_conv2d_dense (CnTiled *tiled);

/* Makes the pixels of planar maps, each of which sees but one, rows of a cache line each, where
   they are not as wide as pictures: threads then have equal parts and share no line. 128→512 1×1 on
   28×28 on two threads, in rows of 28 and so: 0.39 and 0.30 ms (AVX-512, an Emerald Rapids). */
void cn_conv2d_dense_fold (const CnConv2d *conv, CnTensor *input, CnTensor *output);

/* Planes each by itself, of planar tensors. */
gboolean cn_conv2d_is_depthwise (const CnConv2d *conv);
void cn_conv2d_depthwise (CnTiled *tiled);

/* Whether a primitive takes the planes of such a layer where they lie. */
gboolean cn_conv2d_has_plane_primitive (const CnConv2d *conv);

/* Whether they are so small that a thread makes whole ones; runs the operator so. */
gboolean cn_conv2d_has_small_planes (const CnConv2d *conv, const CnTensor *output);
gboolean cn_conv2d_small_planes (const CnConv2d *conv, const CnTensor *input,
                                 const CnTensor *output, const CnRun *run, GError **error);

/* Whether the options let Winograd's algorithm run, and whether it is the faster one. */
gboolean cn_conv2d_winograd_can (const CnConv2dOptions *options);
gboolean cn_conv2d_winograd_pays (const CnConv2dOptions *options);

/* Transforms the weights; FALSE if there is no memory for them. */
gboolean cn_conv2d_winograd_prepare (CnConv2d *conv);

/* Bytes of the transformed weights. */
gsize cn_conv2d_winograd_memory (const CnConv2d *conv);

/* Runs the operator so. */
gboolean cn_conv2d_winograd (const CnConv2d *conv, const CnTensor *input, const CnTensor *output,
                             const CnRun *run, GError **error);

/* Filters of a group whose weights stand side by side. What is read from memory in one go follows
   each other: `width` weights of a term, then the next one's. */
typedef struct
{
  gsize before;        /* lanes of the panels before this one: of each term that they have */
  int width;           /* lanes, */
  gsize filter, count; /* of which so many are filters, from `filter` on */
  gsize channel;       /* of the input: the group's first */
} CnConv2dPanel;

#define CN_CONV2D_PANEL_LANES 16

/* How many there are, of all groups; floats of a term in all of them; and one of them. */
int cn_conv2d_panels (const CnConv2dOptions *options);
gsize cn_conv2d_panel_floats (const CnConv2dOptions *options);
CnConv2dPanel cn_conv2d_panel (const CnConv2dOptions *options, int index);

/* Pixels by filters: whether this is the faster way to results as the options say; turns the
   weights for it, FALSE if there is no memory; their bytes; whether results can be made; makes
   them. */
#define CN_CONV2D_PIXELS_TAPS_MAX 256 /* of a kernel */
gboolean cn_conv2d_pixels_pay (const CnConv2dOptions *options);
gboolean cn_conv2d_pixels_prepare (CnConv2d *conv);
gsize cn_conv2d_pixels_memory (const CnConv2d *conv);
gboolean cn_conv2d_pixels_can (const CnConv2d *conv, const CnTensor *output);
gboolean cn_conv2d_pixels_run (const CnConv2d *conv, const CnTensor *input, const CnTensor *output,
                               const CnRun *run, GError **error);

/* Many channels and one tap that skips pixels: whether it is so, and these are few enough to be put
   side by side; and runs the operator so. */
gboolean cn_conv2d_is_strided_point (const CnConv2d *conv, const CnTensor *input,
                                     const CnTensor *output);
gboolean cn_conv2d_strided_point (const CnConv2d *conv, const CnTensor *input,
                                  const CnTensor *output, const CnRun *run, GError **error);

/* Large kernels of channels each by itself: whether Fourier transforms are the faster way; makes
   them, if the operator can run so and there is memory; and runs the operator so. */
gboolean cn_conv2d_fft_pays (const CnConv2d *conv);
void cn_conv2d_fft_prepare (CnConv2d *conv);
void cn_conv2d_fft (CnTiled *tiled);
gsize cn_conv2d_fft_memory (const CnConv2d *conv);
void cn_conv2d_fft_free (CnConv2dFft *fft);
