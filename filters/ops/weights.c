/* weights.c: what operators with kernels do alike when they are made.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/ops/weights.h"

#include <string.h>

#include "filters/core/error.h"
#include "filters/core/shape.h"

void
cn_one_for_zero (int *value)
{
  if (*value == 0)
    *value = 1;
}

gboolean
cn_weights_allocate (gsize kernels, gsize taps, int biases, float **weights, float **bias,
                     GError **error)
{
  gsize bytes = cn_float_bytes (kernels, taps, 1, 1);

  if (weights)
    *weights = g_try_malloc (bytes);
  if (!weights || *weights)
    *bias = g_try_malloc0 (cn_float_bytes (biases, 1, 1, 1));
  if (*bias)
    return TRUE;
  cn_set_error (error, CN_ERROR_MEMORY, "Not enough memory for the weights (%zu MiB)", bytes >> 20);
  return FALSE;
}

gboolean
cn_kernels_alike (const float *weights, const float *bias, int n, gsize taps)
{
  for (int i = 1; i < n; i++)
    if (memcmp (weights + i * taps, weights, taps * sizeof (float)) != 0
        || memcmp (bias + i, bias, sizeof (float)) != 0)
      return FALSE;
  return TRUE;
}
