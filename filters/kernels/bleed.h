/* bleed.h: colours for what is transparent, taken from around it, for what looks at colours alone.
 *
 * A pixel whose alpha is 0 gets the colour
 *
 *     Σ aᵢ cᵢ / Σ aᵢ
 *
 * over the pixels at most CN_BLEED_RADIUS rows and columns from it, of colours c and alpha a; where
 * all of them are transparent, it keeps its own. All other pixels stay. So a network sees no edge
 * where a picture ends and hidden colours begin, and such do not come to light.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/core/picture.h"

#define CN_BLEED_RADIUS 4

/* A source in front of another one with `colours` colours and alpha, which it borrows. */
typedef struct
{
  const CnSource *from;
  int colours;
  CnSource source; /* whose `host` is this; it gives up with CN_ERROR_MEMORY as well */
} CnBleed;

void cn_bleed_init (CnBleed *bleed, const CnSource *from, int colours);
