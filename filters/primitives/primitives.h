/* primitives.h: the table of inner loops, which each CPU level fills with its own versions.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/primitives/cpu.h"
#include "filters/primitives/line.h"
#include "filters/primitives/multiply.h"

/* A correlation of rows: for row r in 0 … rows − 1 and sample i in 0 … n − 1,

       dst[r·dst_row + i] = start + Σ_a Σ_b weights[a·kw + b] · src[(r + a)·src_row + offsets[b] +
   i]

   where start is `bias`, or what stood in dst if `accumulate`. Terms are added with a growing and,
   in it, b growing; one rounding a term at levels with FMA, two at the others. The order is the
   same for every sample, so a sample's bits do not depend on where in a row or tile it lies.

   With offsets[b] = b·C this filters interleaved pixels of C channels, each by itself; other
   offsets make dilation, and stride over an input that was split into phases. The lines need no
   alignment; nothing outside of [0, n) is written, nothing outside of the taps read. With `stream`
   whole cache lines of the result may go past the cache: right for what is larger than it. */
typedef struct
{
  const float *src;
  gsize src_row; /* floats */
  float *dst;
  gsize dst_row; /* floats */
  const float *weights;
  const gsize *offsets; /* kw of them, in floats */
  int kh, kw;
  int rows;
  gsize n;
  gboolean accumulate;
  gboolean stream;
  float bias;
} CnCorrelation;

/* Correlations of planes of height × width samples where they lie, with zeros around them, each
   with a kernel of its own: for plane p in 0 … planes − 1, row r in 0 … rows − 1 and sample i in 0
   … n − 1,

       dst[p·dst_plane + r·dst_row + i] =
           max (bias[p] + Σ_a Σ_b weights[(p·size + a)·size + b]
                                  · S (y + r·stride + a, x + i·stride + b), floor)

   with S (v, u) = src[p·src_plane + v·src_row + u] inside of the plane and 0 outside. Terms are
   added as in the other correlation, but for those of rows outside of the plane, which are left
   out. NaN is not raised to the floor. Nothing before a plane's first sample or after its last one
   is read; the memory of some planes more may be fetched into the cache. */
typedef struct
{
  const float *src;
  gsize src_plane, src_row; /* floats */
  int height, width;
  int y, x; /* where the first tap of the first result lies */
  float *dst;
  gsize dst_plane, dst_row; /* floats */
  int planes, rows;
  gsize n;
  const float *weights;
  int size;   /* of the kernel's side: 3, 5 or 7 */
  int stride; /* 1 or 2 */
  const float *bias;
  float floor; /* −∞ for none */
} CnPlaneCorrelation;

/* The same but for the first `count` planes. */
static inline CnPlaneCorrelation
cn_planes_after (const CnPlaneCorrelation *c, int count)
{
  CnPlaneCorrelation rest = *c;

  rest.src += count * c->src_plane;
  rest.dst += count * c->dst_plane;
  rest.planes -= count;
  rest.weights += count * c->size * c->size;
  rest.bias += count;
  return rest;
}

#define CN_PLANE_KERNEL_MAX 7

typedef enum
{
  CN_REDUCE_MAX, /* the first of equal samples; NaN if there is one */
  CN_REDUCE_MIN, /* likewise */
  CN_REDUCE_SUM,
  CN_REDUCE_MEAN, /* the sum divided by `divisor` */
} CnReduce;

/* A reduction of windows: for pixel x in 0 … n − 1 and channel c in 0 … pixel − 1,

       dst[x·pixel + c] = column (x, 0) ∘ column (x, 1) ∘ …              of `taps` columns, where
       column (x, k) = s ∘ s[row] ∘ s[2·row] ∘ …    of `rows` samples, s = src + x·step + k·tap + c

   from left to right, where ∘ is max, min or +. With a row of pixel = step = 1 and one tap this
   reduces rows to a line; with one row, the columns of a line. What lies `ahead` floats after each
   sample may be fetched into the cache meanwhile: where a next call will read, or 0. With `stream`
   the result is written past the cache. Nothing outside of the windows is read, nothing outside of
   n pixels written. */
typedef struct
{
  CnReduce kind;
  const float *src;
  gsize row, step, tap; /* floats */
  int rows, taps;       /* at least 1 */
  float *dst;
  int pixel;
  gsize n;
  gsize ahead;
  float divisor;
  gboolean stream;
} CnReduction;

/* Lines woven into one: for part k in 0 … parts − 1, x in 0 … n − 1 and c in 0 … pixel − 1,

       dst[(x·parts + k)·pixel + c] = src[k·part + x·pixel + c]

   With `stream` the result is written past the cache. */
typedef struct
{
  const float *src;
  gsize part; /* floats from one line to the next */
  float *dst;
  int parts, pixel;
  gsize n;
  gboolean stream;
} CnInterleaving;

/* The inverse, one line taken apart: for part k in 0 … parts − 1 and x in 0 … n − 1,

       dst[k·part + x] = src[x·parts + k] */
typedef struct
{
  const float *src;
  float *dst;
  gsize part; /* floats from one line to the next */
  int parts;
  gsize n;
} CnDeinterleaving;

/* A line whose pixels are repeated: for x in 0 … n − 1, k in 0 … times − 1 and c in 0 … pixel − 1,

       dst[(x·times + k)·pixel + c] = src[x·pixel + c]

   A pixel has at most four floats, and times · pixel is CN_REPETITION_MAX at most. */
typedef struct
{
  const float *src;
  float *dst;
  int pixel, times;
  gsize n;
} CnRepetition;

#define CN_REPETITION_MAX 64

/* dst[x·dst_row + y] = src[y·src_row + x] for y in 0 … rows − 1 and x in 0 … columns − 1.

   What lies `ahead` floats after each sample that is read, and `dst_ahead` after each that is
   written, may be fetched into the cache meanwhile: where a next call will read and write, or 0.
   With `stream` whole cache lines of the result may go past the cache. */
typedef struct
{
  const float *src;
  gsize src_row;
  float *dst;
  gsize dst_row;
  gsize rows, columns; /* of src */
  gsize ahead, dst_ahead;
  gboolean stream;
} CnTransposition;

/* What Winograd's transforms work on side by side: channels or tiles. */
#define CN_WINOGRAD_LANES 16

/* Winograd's F(4×4, 3×3) in CN_WINOGRAD_LANES lanes: 6×6 pixels of input become 36 products'
   factors, and 36 products become 4×4 pixels of result:

       input:  V = Bᵀ·d·B        output:  Y = max (Aᵀ·M·A, floor)

   Each element is CN_WINOGRAD_LANES floats. For the group g in 0 … groups − 1, element (i, j) of d
   or Y is at pixels + i·row + columns[j] + g·pixel_step, and element f = 6i + j of V or M at
   products
   + f·frequency + g·product_step. Groups are taken in order, and may overlap in what is written.
   The same bits at every CPU level.

   Source: Lavin and Gray, Fast algorithms for convolutional neural networks, 2016. */
typedef struct
{
  float *pixels; /* read by input, written by output */
  gsize row, columns[6], pixel_step;
  float *products; /* written by input, read by output */
  gsize frequency, product_step;
  gsize groups;
  float floor; /* −∞ for none; NaN stays what it is */
} CnWinograd;

/* Straight alpha made premultiplied: pixels of 2 or 4 floats, the last of which is alpha a. For
   pixel x in 0 … n − 1 and colour c,

       dst[x·pixel + c] = a · src[x·pixel + c], but 0 where a is 0, were the colour NaN

   and a stays as it is. `dst` may be `src`. The same bits at every CPU level. */
typedef struct
{
  const float *src;
  float *dst;
  int pixel; /* 2 or 4 */
  gsize n;
} CnPremultiplication;

/* The way back for such pixels that were convolved. From a pixel of `src`, with the convolved alpha
   a, and that of the picture at the same place, with the alpha p:

       gone    |a| ≤ noise, or not a / sum > 0
       opaque  |a − sum| ≤ noise
       scale   0 if gone, else 1 if opaque, else sum / a;   with `own`: 1 / p if p > 0, else 0
       alpha   p;   with `filter`: 0 if gone, else 1 if opaque, else a / sum, at most 1
       colours those of `src` · scale + bias, with `absolute` without their signs, + offset;
               with `limit` cut to 0 … 1, where NaN becomes 0

   Where the scale is 0 the colours are the picture's. The same bits at every CPU level. */
typedef struct
{
  const float *src, *picture;
  float *dst;
  int pixel;        /* 2 or 4 */
  gsize n;          /* pixels */
  float sum, noise; /* what an alpha of 1 becomes; how little of one is rounding */
  gboolean own, filter;
  float bias, offset;
  gboolean absolute, limit;
} CnUnpremultiplication;

typedef struct
{
  void (*correlate) (const CnCorrelation *correlation);
  /* correlate (row) and then correlate (column), to the bit, for two passes: a kernel of one row
     makes rows of what a kernel of one tap in a row reads, sample i for sample i. The n of both is
     the same, and only the column streams. */
  void (*correlate_passes) (const CnCorrelation *row, const CnCorrelation *column);
  void (*correlate_planes) (const CnPlaneCorrelation *correlation);
  void (*reduce) (const CnReduction *reduction);
  void (*interleave) (const CnInterleaving *interleaving);
  void (*deinterleave) (const CnDeinterleaving *deinterleaving);
  void (*repeat) (const CnRepetition *repetition);
  void (*multiply) (const CnProduct *product);
  void (*dot) (const CnDots *dots);
  void (*multiply_pixels) (const CnPixelProduct *product);
  void (*multiply_phases) (const CnPhaseProduct *product);
  void (*transpose) (const CnTransposition *transposition);
  void (*winograd_input) (const CnWinograd *winograd);
  void (*winograd_output) (const CnWinograd *winograd);
  void (*premultiply) (const CnPremultiplication *premultiplication);
  void (*unpremultiply) (const CnUnpremultiplication *unpremultiplication);
} CnPrimitives;

/* The primitives of one level, which the machine must have, or of cn_cpu_level(). Constant. */
const CnPrimitives *cn_primitives_for (CnCpuLevel level);
const CnPrimitives *cn_primitives (void);

/* Each level overrides what it has something better for; a function for each primitive's file. */
void cn_correlate_init_scalar (CnPrimitives *table);
void cn_correlate_planes_init_scalar (CnPrimitives *table);
void cn_reduce_init_scalar (CnPrimitives *table);
void cn_interleave_init_scalar (CnPrimitives *table);
void cn_deinterleave_init_scalar (CnPrimitives *table);
void cn_repeat_init_scalar (CnPrimitives *table);
void cn_multiply_init_scalar (CnPrimitives *table);
void cn_dot_init_scalar (CnPrimitives *table);
void cn_multiply_pixels_init_scalar (CnPrimitives *table);
void cn_multiply_phases_init_scalar (CnPrimitives *table);
void cn_transpose_init_scalar (CnPrimitives *table);
void cn_winograd_init_scalar (CnPrimitives *table);
void cn_alpha_init_scalar (CnPrimitives *table);
void cn_correlate_init_avx2 (CnPrimitives *table);
void cn_correlate_three_init_avx2 (CnPrimitives *table);
void cn_correlate_passes_init_avx2 (CnPrimitives *table);
void cn_correlate_planes_init_avx2 (CnPrimitives *table);
void cn_reduce_init_avx2 (CnPrimitives *table);
void cn_interleave_init_avx2 (CnPrimitives *table);
void cn_deinterleave_init_avx2 (CnPrimitives *table);
void cn_repeat_init_avx2 (CnPrimitives *table);
void cn_multiply_init_avx2 (CnPrimitives *table);
void cn_dot_init_avx2 (CnPrimitives *table);
void cn_multiply_pixels_init_avx2 (CnPrimitives *table);
void cn_multiply_phases_init_avx2 (CnPrimitives *table);
void cn_transpose_init_avx2 (CnPrimitives *table);
void cn_winograd_init_avx2 (CnPrimitives *table);
void cn_alpha_init_avx2 (CnPrimitives *table);
void cn_correlate_init_avx512 (CnPrimitives *table);
void cn_correlate_passes_init_avx512 (CnPrimitives *table);
void cn_correlate_planes_init_avx512 (CnPrimitives *table);
void cn_reduce_init_avx512 (CnPrimitives *table);
void cn_interleave_init_avx512 (CnPrimitives *table);
void cn_deinterleave_init_avx512 (CnPrimitives *table);
void cn_repeat_init_avx512 (CnPrimitives *table);
void cn_multiply_init_avx512 (CnPrimitives *table);
void cn_dot_init_avx512 (CnPrimitives *table);
void cn_multiply_pixels_init_avx512 (CnPrimitives *table);
void cn_multiply_phases_init_avx512 (CnPrimitives *table);
void cn_transpose_init_avx512 (CnPrimitives *table);
void cn_winograd_init_avx512 (CnPrimitives *table);
void cn_alpha_init_avx512 (CnPrimitives *table);
