/* border.h: what stands outside of a picture, and a rectangle of it filled in with that.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/core/picture.h"
#include "filters/core/shape.h"

typedef enum
{
  CN_BORDER_ZERO,      /* 0 0 | a b c d | 0 0 */
  CN_BORDER_REPLICATE, /* a a | a b c d | d d */
  CN_BORDER_REFLECT,   /* c b | a b c d | c b: the edge is the mirror, and is not repeated */
  CN_BORDER_WRAP,      /* c d | a b c d | a b */
} CnBorder;

/* The coordinate in 0 … n − 1 that stands for `i`, or −1 for a zero. Any `i`: a reflected or
   wrapped picture repeats for ever. */
int cn_border_index (CnBorder border, int i, int n);

/* Copies `area` of `source`, which may lie partly or wholly outside of it, to `view`, with the
   border filled in. Reads each pixel that lies inside once, and pixels far away (wrap) in runs.
   FALSE with `error` from the source's read function. */
gboolean cn_border_fetch (const CnSource *source, CnBorder border, const CnRect *area,
                          const CnView *view, GError **error);
