/* correlate-rows.h: the correlation primitive for kernels whose rows do not lie next to each other.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/primitives/primitives.h"

/* Correlates `rows` rows of the result, whose taps lie in rows y·stride + a·dilation of the input:
   as many at a time as the primitive can take. `c.rows` does not count; the rows of `c` are one
   apart. */
void cn_correlate_rows (CnCorrelation c, int rows, int stride, int dilation);
