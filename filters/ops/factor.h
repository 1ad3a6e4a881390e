/* factor.h: kernels of rank 1, taken apart into a column and a row.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

/* Finds column and row (`height` and `width` floats) with kernel[a][b] = column[a] · row[b].
   TRUE only if every product agrees with its element to 4 units of float rounding (a kernel whose
   elements are rounded products of floats passes; one typed with few digits is not "almost"
   separable, it is another kernel) and zeros are zeros.

   The row is the kernel's row through its largest element, the column the kernel's column through
   it divided by that element: kernels of small whole numbers come apart without rounding. */
gboolean cn_factor (const float *kernel, int height, int width, float *column, float *row);
