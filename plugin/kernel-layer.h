/* kernel-layer.h: a kernel from the pixels of a layer.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "plugin/pixels.h"

typedef struct
{
  CnEncoding encoding;
  gboolean selected;  /* only what is selected of the layer, if anything is */
  gboolean planes;    /* of a layer in colour, three planes: red, green, blue; else luminance */
  gboolean zero_mean; /* less the mean of the visible pixels */
} CnKernelLayer;

/* The layer's values times its alpha, and times the selection where that counts: what is
   transparent is 0. The mean is weighted by alpha too, and is taken off before, so that transparent
   pixels stay 0 and the sum is 0. NULL with an error in words if the layer has no visible pixel,
   more than CN_KERNEL_MAX pixels on a side, values that are no numbers, or gives nothing but zeros.
 */
CnKernel *cn_kernel_from_layer (GimpDrawable *layer, const CnKernelLayer *how, GError **error);
