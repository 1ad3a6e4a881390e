/* reduce.h: the parts of the reduction for AVX2 and AVX-512.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/primitives/primitives.h"

/* Pixels of up to four floats with gaps between them. */
void cn_reduce_pixels_avx2 (const CnReduction *reduction);
