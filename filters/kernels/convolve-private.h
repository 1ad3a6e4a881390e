/* convolve-private.h: the inside of the picture filter, shared by convolve.c and convolve-pixels.c.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/kernels/convolve.h"

struct _CnConvolve
{
  CnConvolveOptions options;
  int colours;        /* of the picture: 1 or 3 */
  gboolean has_alpha; /* of the picture, where it is the pixel's last channel */

  /* What is convolved: `inputs` channels made from the picture's, of which the last is alpha if
     `premultiplied`; and likewise `outputs`. */
  CnConv2d *conv;
  int inputs, outputs;
  gboolean premultiplied;

  gboolean filter_alpha;
  gboolean zero_sum;
  float sum;   /* what the convolution makes of an alpha of 1 */
  float noise; /* a convolved alpha below this is rounding */
};

/* One run: the filter, and the range of its results for the response `stretch`. */
typedef struct
{
  const CnConvolve *convolve;
  int width, height; /* of the picture */
  CnWindow y, x;
  gboolean measure; /* find the range; nothing else is wanted */
  GMutex mutex;
  float min, max;
} CnConvolveRun;

/* The functions of a CnTiled over a CnConvolveRun. */
CnRect cn_convolve_reach (gconstpointer op, const CnRect *out);
void cn_convolve_size (gconstpointer op, const CnRect *area, int *width, int *height);
gsize cn_convolve_scratch (gconstpointer op, const CnRect *out);
void cn_convolve_work (gconstpointer op, const CnTile *tile);
