/* conv2d-private.h: the inside of the convolution, shared by conv2d.c and conv2d-tile.c.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/ops/conv2d.h"

struct _CnConv2d
{
  CnConv2dOptions options; /* with the zeros replaced by ones */
  CnWindow y, x;
  float *weights; /* flipped, if asked for */
  float *bias;
  /* Every channel goes through the same kernel and bias: pictures. Works on any number of
     interleaved channels or planes without taking them apart. */
  gboolean shared;
  /* kernel_height + kernel_width floats for each of the out_channels: column and row; or NULL. */
  float *factors;
};

/* The three functions of a CnTiled. */
CnRect cn_conv2d_reach (gconstpointer op, const CnRect *out);
gsize cn_conv2d_scratch (gconstpointer op, const CnRect *out);
void cn_conv2d_work (gconstpointer op, const CnTile *tile);
