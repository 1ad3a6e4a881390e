/* convolve-effect.h: a convolution that GIMP's core runs itself, as the operation convnet:convolve.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "plugin/canvas.h"
#include "plugin/convolve.h"

/* The filter that does to the drawable what the arguments ask for; not yet applied, and deleted by
   gimp_drawable_filter_delete() if it never is. NULL where GIMP has not loaded our module. */
GimpDrawableFilter *cn_convolve_effect (GimpDrawable *drawable, const CnConvolveWanted *wanted);

/* The same while the dialog is open. */
extern const CnCanvasKind cn_convolve_canvas;
