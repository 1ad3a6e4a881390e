/* filter.c: the kernels that the tests filter with, as text and as numbers.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/gimp/filter.h"

#define KERNEL(text, filters, planes, height, width, ...)  \
  {                                                        \
    text, filters, planes, height, width, (const double[]) \
    {                                                      \
      __VA_ARGS__                                          \
    }                                                      \
  }

const Kernel kernel_sobel = KERNEL ("sobel", 1, 1, 3, 3, 1, 0, -1, 2, 0, -2, 1, 0, -1);
const Kernel kernel_laplacian = KERNEL ("laplacian", 1, 1, 3, 3, 0, 1, 0, 1, -4, 1, 0, 1, 0);
const Kernel kernel_box = KERNEL ("1/9 1/9 1/9; 1/9 1/9 1/9; 1/9 1/9 1/9", 1, 1, 3, 3, 1 / 9.,
                                  1 / 9., 1 / 9., 1 / 9., 1 / 9., 1 / 9., 1 / 9., 1 / 9., 1 / 9.);
const Kernel kernel_binomial = KERNEL ("binomial", 1, 1, 3, 3, 1 / 16., 2 / 16., 1 / 16., 2 / 16.,
                                       4 / 16., 2 / 16., 1 / 16., 2 / 16., 1 / 16.);
const Kernel kernel_sharpen = KERNEL ("sharpen", 1, 1, 3, 3, 0, -1, 0, -1, 5, -1, 0, -1, 0);
const Kernel kernel_ones = KERNEL ("1 1; 1 1", 1, 1, 2, 2, 1, 1, 1, 1);
const Kernel kernel_uneven = KERNEL ("1/4, -1/8 0.5 1e-1\n.25 1/2, 1/40 -1", 1, 1, 2, 4, 0.25,
                                     -0.125, 0.5, 0.1, 0.25, 0.5, 0.025, -1);
const Kernel kernel_planes =
    KERNEL ("1 2 1; 0 0 0; 0 1 0 | 0 0 1; 0 -1 0; 1/2 0 0 | 0 0 0; 0 3 -1; 0 0 -2", 1, 3, 3, 3, 1,
            2, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, -1, 0, 0.5, 0, 0, 0, 0, 0, 0, 3, -1, 0, 0, -2);
const Kernel kernel_filters = KERNEL ("1 2; 3 4; 5 6 || 1 0; 0 -1; 0 0 || 0 0; 0 1/2; 0 0", 3, 1, 3,
                                      2, 1, 2, 3, 4, 5, 6, 1, 0, 0, -1, 0, 0, 0, 0, 0, 0.5, 0, 0);
