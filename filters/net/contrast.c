/* contrast.c: the range of a feature map's values that is worth showing, by a histogram.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/net/contrast.h"

#include <math.h>
#include <string.h>

void
cn_contrast_init (CnContrast *contrast)
{
  memset (contrast, 0, sizeof *contrast);
}

void
cn_contrast_look (CnContrast *contrast, const float *values, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      if (isnan (values[i]))
        continue;
      contrast->low = contrast->any ? MIN (contrast->low, values[i]) : values[i];
      contrast->high = contrast->any ? MAX (contrast->high, values[i]) : values[i];
      contrast->any = TRUE;
    }
  contrast->n += n;
}

static double
step_of (const CnContrast *contrast)
{
  double step = ((double) contrast->high - contrast->low) / CN_CONTRAST_BINS;

  return step > 0 && isfinite (step) ? step : 0;
}

void
cn_contrast_count (CnContrast *contrast, const float *values, gsize n)
{
  double step = step_of (contrast);

  for (gsize i = 0; i < n && step > 0; i++)
    {
      double place = (values[i] - contrast->low) / step;

      /* NaN is dark. */
      contrast->counts[place > 0 ? (int) MIN (place, CN_CONTRAST_BINS - 1) : 0]++;
    }
}

void
cn_contrast_find (const CnContrast *contrast, float *dark, float *bright)
{
  gsize left = contrast->n / 200, right = left;
  double step = step_of (contrast);
  int first = 0, last = CN_CONTRAST_BINS - 1;

  *dark = contrast->low;
  *bright = contrast->high;
  if (step <= 0)
    return;
  for (; first < last && contrast->counts[first] <= left; first++)
    left -= contrast->counts[first];
  for (; last > first && contrast->counts[last] <= right; last--)
    right -= contrast->counts[last];
  *dark = (float) (contrast->low + first * step);
  *bright = (float) (contrast->low + (last + 1) * step);
}
