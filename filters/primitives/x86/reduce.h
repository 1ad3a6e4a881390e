/* reduce.h: the parts of the reduction for AVX2 and AVX-512.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/primitives/primitives.h"

/* Pixels of up to four floats with gaps between them. */
void cn_reduce_pixels_avx2 (const CnReduction *reduction);

static inline gboolean
is_sum (CnReduce kind)
{
  return kind == CN_REDUCE_SUM || kind == CN_REDUCE_MEAN;
}

/* Calls reduce_kind (r, kind) with a kind that the compiler knows. */
#define CN_REDUCE_BY_KIND(r)             \
  switch ((r)->kind)                     \
    {                                    \
    case CN_REDUCE_MAX:                  \
      reduce_kind ((r), CN_REDUCE_MAX);  \
      break;                             \
    case CN_REDUCE_MIN:                  \
      reduce_kind ((r), CN_REDUCE_MIN);  \
      break;                             \
    case CN_REDUCE_SUM:                  \
      reduce_kind ((r), CN_REDUCE_SUM);  \
      break;                             \
    case CN_REDUCE_MEAN:                 \
      reduce_kind ((r), CN_REDUCE_MEAN); \
      break;                             \
    }
