/* rescale.h: samples of any size brought to any other size.
 *
 * Result pixel i of n, made of m pixels, lies at c = (i + ½) · m / n of the picture, and is the
 * mean of the pixels j around it, with the weights
 *
 *     max (0, 1 − |j + ½ − c| / s),    s = max (1, m / n)
 *
 * divided by their sum, rows and columns each by themselves. Enlarging, that is bilinear
 * interpolation between the centres of pixels; shrinking, no pixel is left out, so that fine
 * patterns become their mean and not another pattern. At the edges the weights of pixels that are
 * not there are left out, which for enlarging means the nearest pixel. A size that stays, and what
 * is flat, come out to the bit.
 *
 * Sums are in double. Alpha is a sample as any other: colours are to be premultiplied before.
 *
 * Source: the triangle filter of P. Heckbert's zoom (Graphics Gems III, 1992), as in PIL's BILINEAR
 * and in what networks for pictures are mostly trained with.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/core/picture.h"

/* Brings interleaved pixels of `samples` floats to height × width pixels in `to`. Sizes are 1 …
   CN_SIZE_MAX. FALSE with CN_ERROR_ARGUMENT for a size out of range, or CN_ERROR_MEMORY. */
gboolean cn_rescale (const float *from, int from_height, int from_width, int samples, float *to,
                     int height, int width, GError **error);

/* The same of a source of one plane, which is read row by row and each row once: memory does not
   grow with its height alone. The errors are those above and the source's. */
gboolean cn_rescale_source (const CnSource *source, float *to, int height, int width,
                            GError **error);
