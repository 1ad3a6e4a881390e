/* alpha.h: straight alpha, as pictures have it, into premultiplied and back.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/core/tile.h"

/* An alpha up to this, made by a kernel, is rounding. */
#define CN_ALPHA_NOISE 2e-6f

/* Writes the pixels of the tile's input, `colours` colours and alpha, to `to`, which has as many
   channels: colours multiplied by alpha, alpha as it is. The colour of a transparent pixel becomes
   0, were it NaN. With `dark`, colours outside of the picture of `width` × `height` become 0 too.
 */
void cn_alpha_premultiply (const CnTile *tile, int colours, gboolean dark, int width, int height,
                           const CnView *to);

/* Divides one pixel's colours by its alpha, and cuts that to 0 … 1. Up to CN_ALPHA_NOISE all
   become 0. */
void cn_alpha_divide (float *pixel, int colours);
