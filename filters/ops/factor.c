/* factor.c: kernels of rank 1, taken apart into a column and a row.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/ops/factor.h"

#include <float.h>
#include <math.h>

gboolean
cn_factor (const float *kernel, int height, int width, float *column, float *row)
{
  int peak = 0;

  for (int i = 0; i < height * width; i++)
    {
      if (!isfinite (kernel[i]))
        return FALSE;
      if (fabsf (kernel[i]) > fabsf (kernel[peak]))
        peak = i;
    }
  if (kernel[peak] == 0)
    return FALSE;

  for (int b = 0; b < width; b++)
    row[b] = kernel[peak / width * width + b];
  for (int a = 0; a < height; a++)
    column[a] = kernel[a * width + peak % width] / kernel[peak];

  for (int a = 0; a < height; a++)
    for (int b = 0; b < width; b++)
      {
        double element = kernel[a * width + b], product = (double) column[a] * row[b];

        if (fabs (product - element) > 4 * FLT_EPSILON * fabs (element))
          return FALSE;
      }
  return TRUE;
}
