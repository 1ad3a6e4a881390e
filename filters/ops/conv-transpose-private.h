/* conv-transpose-private.h: the inside of the transposed convolution, shared by its files.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/ops/conv-transpose.h"

/* Phases of an axis whose results are made of the same input samples: result q·s + phase is a sum
   over taps j of the input at q − back + j·spacing, of other weights for each phase. */
typedef struct
{
  int first, phases;
  int taps, back;
  gboolean begins; /* the sums of these phases; else it is added to them */
  int before;      /* weights of the spans before this one */
} CnSpan;

typedef struct
{
  int size, stride, dilation; /* k, s, d */
  int spacing;                /* d / gcd (s, d) */
  CnSpan *spans;              /* each phase is in one that begins */
  int n_spans;
} CnPhases;

struct _CnConvTranspose
{
  CnConvTransposeOptions options; /* with the zeros replaced by ones */
  CnPhases y, x;
  float *weights; /* see cn_conv_transpose_weights() */
  float *bias;
  float *pixel_weights; /* those of conv-transpose-pixels.c, or NULL */
  float *four;          /* those of conv-transpose-four.c, or NULL */
  CnConv2d **phases;    /* stride_y × stride_x of them, of conv-transpose-phases.c, or NULL */
  gboolean shared;      /* every channel goes through the same kernel and bias, as in conv2d */
};

/* The weights of group `group` for the phases of two spans: a matrix with a row for each phase of
   y, phase of x and output channel, and a column for each input channel, tap of y and tap of x. */
const float *cn_conv_transpose_weights (const CnConvTranspose *conv, int group, const CnSpan *y,
                                        const CnSpan *x);

/* Where weight (a, b) of kernel `kernel`, of (I × O/G), stands among them. */
gsize cn_conv_transpose_place (const CnConvTranspose *conv, gsize kernel, int a, int b);

/* The functions of a CnTiled over a CnConvTransposePlan. */
CnRect cn_conv_transpose_reach (gconstpointer op, const CnRect *out);
gsize cn_conv_transpose_scratch (gconstpointer op, const CnRect *out);
void cn_conv_transpose_work (gconstpointer op, const CnTile *tile);
void cn_conv_transpose_size (gconstpointer op, const CnRect *area, int *width, int *height);

/* Pixels of the tile's input taken apart into planes, which lie in `memory`. */
CnView cn_conv_transpose_take_apart (const CnTile *tile, float *memory);

/* conv-transpose-pixels.c: takes the weights once more if it can do the convolution (and there is
   memory); what they take; and the functions of a CnTiled whose pixels have all channels. */
void cn_conv_transpose_pixels_prepare (CnConvTranspose *conv);
gsize cn_conv_transpose_pixels_memory (const CnConvTranspose *conv);
void cn_conv_transpose_pixels_size (gconstpointer op, const CnRect *area, int *width, int *height);
gsize cn_conv_transpose_pixels_scratch (gconstpointer op, const CnRect *out);
void cn_conv_transpose_pixels_work (gconstpointer op, const CnTile *tile);

/* conv-transpose-four.c: takes the weights once more if that is the faster way (and there is
   memory); what they take; whether it makes results of `pixel` interleaved channels; and the
   functions of a CnTiled, whose scratch is larger where pixels of the input have to be taken
   apart. */
void cn_conv_transpose_four_prepare (CnConvTranspose *conv);
gsize cn_conv_transpose_four_memory (const CnConvTranspose *conv);
gboolean cn_conv_transpose_four_can (const CnConvTranspose *conv, int pixel);
void cn_conv_transpose_four_size (gconstpointer op, const CnRect *area, int *width, int *height);
gsize cn_conv_transpose_four_scratch (gconstpointer op, const CnRect *out);
gsize cn_conv_transpose_four_scratch_apart (gconstpointer op, const CnRect *out);
void cn_conv_transpose_four_work (gconstpointer op, const CnTile *tile);

/* conv-transpose-phases.c: makes the convolutions of the phases, from the operator's weights, if
   that is the faster way for tensors (and there is memory); their bytes; whether results can be
   made so; and makes them. */
void cn_conv_transpose_phases_prepare (CnConvTranspose *conv, const float *weights);
void cn_conv_transpose_phases_free (CnConvTranspose *conv);
gsize cn_conv_transpose_phases_memory (const CnConvTranspose *conv);
gboolean cn_conv_transpose_phases_can (const CnConvTransposePlan *plan, const CnTensor *input);
gboolean cn_conv_transpose_phases_run (const CnConvTransposePlan *plan, const CnTensor *input,
                                       const CnTensor *output, const CnRun *run, GError **error);
