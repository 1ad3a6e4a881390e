/* reduce.c: maxima, minima and sums of windows, in portable C: the reference for every other
 * version. SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/primitives.h"

/* A NaN, once taken, stays: nothing is larger or smaller than it. */
static inline float
join (CnReduce kind, float so_far, float sample)
{
  switch (kind)
    {
    case CN_REDUCE_MAX:
      return sample > so_far || sample != sample ? sample : so_far;
    case CN_REDUCE_MIN:
      return sample < so_far || sample != sample ? sample : so_far;
    default:
      return so_far + sample;
    }
}

static inline float
column (const CnReduction *r, CnReduce kind, const float *src)
{
  float value = *src;

  for (int k = 1; k < r->rows; k++)
    value = join (kind, value, src[k * r->row]);
  return value;
}

static inline void
reduce_pixels (const CnReduction *r, CnReduce kind)
{
  for (gsize x = 0; x < r->n; x++)
    for (int c = 0; c < r->pixel; c++)
      {
        const float *src = r->src + x * r->step + c;
        float value = column (r, kind, src);

        for (int k = 1; k < r->taps; k++)
          value = join (kind, value, column (r, kind, src + k * r->tap));
        r->dst[x * r->pixel + c] = kind == CN_REDUCE_MEAN ? value / r->divisor : value;
      }
}

static void
reduce (const CnReduction *r)
{
  switch (r->kind)
    {
    case CN_REDUCE_MAX:
      reduce_pixels (r, CN_REDUCE_MAX);
      break;
    case CN_REDUCE_MIN:
      reduce_pixels (r, CN_REDUCE_MIN);
      break;
    case CN_REDUCE_SUM:
      reduce_pixels (r, CN_REDUCE_SUM);
      break;
    case CN_REDUCE_MEAN:
      reduce_pixels (r, CN_REDUCE_MEAN);
      break;
    }
}

void
cn_reduce_init_scalar (CnPrimitives *table)
{
  table->reduce = reduce;
}
