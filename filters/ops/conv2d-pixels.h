/* conv2d-pixels.h: the inside of the product of pixels and filters, shared by its files.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/ops/conv2d-private.h"
#include "filters/primitives/primitives.h"

/* Taps of the largest kernel. */
#define CN_PIXELS_TAPS_MAX 256

/* Filters of a group that stand side by side. */
typedef struct
{
  float *weights; /* `width` of each term */
  int width;
  gsize filter, count;
  gsize channel; /* of the input: the group's first */
} CnPixelsPanel;

/* How many there are, of all groups; and one of them. */
int cn_pixels_panels (const CnConv2dOptions *options);
CnPixelsPanel cn_pixels_panel (const CnConv2d *conv, int index);
