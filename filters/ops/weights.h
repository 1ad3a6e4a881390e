/* weights.h: what operators with kernels do alike when they are made.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

/* Options leave out what is 1. */
void cn_one_for_zero (int *value);

/* Room for kernels × taps weights, unless `weights` is NULL, and `biases` zeros. FALSE with
   CN_ERROR_MEMORY; what there is then is the caller's to free as well. */
gboolean cn_weights_allocate (gsize kernels, gsize taps, int biases, float **weights, float **bias,
                              GError **error);

/* Whether all `n` kernels and biases are the same. Compared as bits: NaN = NaN, and −0 is not 0. */
gboolean cn_kernels_alike (const float *weights, const float *bias, int n, gsize taps);
