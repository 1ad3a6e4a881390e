/* correlate-rows.c: the correlation primitive for kernels whose rows do not lie next to each other.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/ops/correlate-rows.h"

void
cn_correlate_rows (CnCorrelation c, int rows, int stride, int dilation)
{
  const CnPrimitives *primitives = cn_primitives ();
  const float *src = c.src;
  float *dst = c.dst;
  gsize src_row = c.src_row, dst_row = c.dst_row;
  int step = stride == 1 ? MIN (dilation, rows) : rows; /* rows that no call can take together */

  c.src_row = src_row * dilation;
  c.dst_row = dst_row * step;
  for (int first = 0; first < step; first++)
    {
      c.src = src + first * stride * src_row;
      c.dst = dst + first * dst_row;
      c.rows = (rows - first + step - 1) / step;
      primitives->correlate (&c);
    }
}
