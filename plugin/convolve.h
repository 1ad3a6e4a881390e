/* convolve.h: the procedure plug-in-convnet-convolve.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "plugin/run.h"

extern const CnFilter cn_filter_convolve;

/* What the arguments ask for, on every drawable. */
typedef struct
{
  CnConvolveOptions options;
  CnKernel *kernel;            /* owned by the caller */
  GimpProcedureConfig *config; /* where all this was read from */
  CnEncoding encoding;
  CnOutput output;
  gboolean merge; /* a replacement changes the pixels, instead of being an effect on the layer */
  gboolean whole; /* the selection does not count */
} CnConvolveWanted;

/* Reads the arguments. FALSE with an error in words; there is no kernel to be freed then. */
gboolean cn_convolve_wanted (GimpImage *image, GimpProcedureConfig *config,
                             CnConvolveWanted *wanted, GError **error);

/* The options with what depends on the drawable. */
CnConvolveOptions cn_convolve_options_for (const CnConvolveWanted *wanted, GimpDrawable *drawable,
                                           const CnPixels *pixels);
