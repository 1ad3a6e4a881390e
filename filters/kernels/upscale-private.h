/* upscale-private.h: the inside of upscaling, shared by its files.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/kernels/upscale.h"

/* One axis of a named kernel: the transposed convolution of differences, and the tap that they are
   added to: result q·s + phase begins with the input at q − centre[phase]. */
typedef struct
{
  CnConvTranspose *differences; /* NULL: there are none, each result is a sample */
  int stride;
  int centre[CN_UPSCALE_STRIDE_MAX];
} CnUpscaleAxis;

struct _CnUpscale
{
  int colours;        /* 1 or 3 */
  gboolean has_alpha; /* the pixel's last channel */
  CnBorder border;
  int stride_y, stride_x;
  gboolean named;
  CnConvTranspose *conv; /* the whole kernel: sizes and reach, and for one's own the work */
  CnUpscaleAxis y, x;    /* of a named kernel */
  float *flat; /* stride_y × stride_x: what one's own |w| makes of an alpha of 1, phase by phase */
};

/* A picture's size with it. */
typedef struct
{
  const CnUpscale *self;
  CnConvTransposePlan plan;
} CnUpscaleRun;

/* The weights of a named kernel on one axis, `*count` of them, each phase with the sum 1. */
double *cn_upscale_weights (CnUpscaleKernel kernel, int stride, int *count);

/* The functions of a CnTiled over a CnUpscaleRun. */
CnRect cn_upscale_reach (gconstpointer op, const CnRect *out);
gsize cn_upscale_scratch (gconstpointer op, const CnRect *out);
void cn_upscale_work (gconstpointer op, const CnTile *tile);
