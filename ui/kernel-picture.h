/* kernel-picture.h: the colours of a kernel's weights, and pictures of whole kernels.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "filters/kernels/kernel.h"

/* Positive weights are red, negative ones blue, zero is nearly white; the stronger, the larger the
   weight beside `largest`, the largest absolute weight of the kernel. (Red and blue of a pair that
   colour-blind people can tell apart.) */
GdkRGBA cn_weight_colour (double weight, double largest);

/* Black or white: what can be read on that colour. */
GdkRGBA cn_weight_text_colour (const GdkRGBA *colour);

/* The largest absolute weight; 0 if all are 0. */
double cn_kernel_largest (const CnKernel *kernel);

/* A picture of one plane of one filter, in a square of `size` pixels. */
cairo_surface_t *cn_kernel_picture (const CnKernel *kernel, int filter, int plane, int size);
