/* cubic.h: pictures made smaller or larger by cubic interpolation.
 *
 * A result X lies at u = (X + 1/2) / scale − 1/2 of the picture, and is the weighted mean of the
 * pixels x around it, with weights h (x − u), or h (scale · (x − u)) where scale < 1, so that
 * nothing is passed over; h is the cubic of Keys, 1981, with a = −1/2. Beyond the border the
 * picture goes on as its mirror image, the edge repeated. That is what MATLAB's imresize does, by
 * which published results of upscaling are measured. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

/* A picture of one channel. */
typedef struct
{
  int width, height;
  float *pixels; /* rows, without gaps */
} CnPlane;

/* The picture at another size, at least 1×1; its pixels are the caller's to free. Pixels are NULL
   with CN_ERROR_MEMORY or CN_ERROR_SHAPE. */
CnPlane cn_cubic_resize (const CnPlane *plane, int width, int height, GError **error);

/* The weights of a transposed convolution by which a row is made `stride` times as long: `size` of
   them, of which tap a of a pixel goes to stride · x + a − shift. Those of each phase have the sum
   1. To be freed. */
double *cn_cubic_kernel (int size, int stride, int shift);
