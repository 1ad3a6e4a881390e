/* kernel-source.h: where a procedure's kernel comes from: its arguments, and the kernel that they
 * ask for.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libgimp/gimp.h>

#include "filters/kernels/kernel.h"

/* Adds `kernel` with a default, `size`, `angle`, `sigma`, `kernel-file`, `kernel-layer`,
   `kernel-selection`, `kernel-zero-mean` and `kernel-unit-norm`. */
void cn_add_kernel (GimpProcedure *procedure, const char *kernel);

/* The kernel: of the layer, or if there is none of the file, or if there is none of `kernel`: a
   preset with its parameters, numbers, or one of the user's own by its name. `encoding` is the
   layer's; `planes`: a layer in colour gives three planes. NULL with an error in words. */
CnKernel *cn_read_kernel (GimpProcedureConfig *config, int encoding, gboolean planes,
                          GError **error);

/* Whether the image's selection marks the kernel, and so not what is filtered. */
gboolean cn_selection_is_kernel (GimpProcedureConfig *config, GimpImage *image);

/* What `kernel` asks for: for the dialog, which shows it. */
CnKernel *cn_kernel_named (const char *kernel, const CnKernelParameters *parameters,
                           GError **error);
