/* contrast.c: the range of a feature map's values that is worth showing, by a histogram.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/net/contrast.h"

#include <math.h>
#include <string.h>

/* Values that are compared side by side. */
#define LANES 16

void
cn_contrast_init (CnContrast *contrast)
{
  memset (contrast, 0, sizeof *contrast);
}

void
cn_contrast_look (CnContrast *contrast, const float *values, gsize n)
{
  float low[LANES], high[LANES];
  gsize i = 0;

  for (int k = 0; k < LANES; k++)
    {
      low[k] = contrast->any ? contrast->low : INFINITY;
      high[k] = contrast->any ? contrast->high : -INFINITY;
    }
  /* A comparison with NaN is false. */
  for (; i + LANES <= n; i += LANES)
    for (int k = 0; k < LANES; k++)
      {
        low[k] = values[i + k] < low[k] ? values[i + k] : low[k];
        high[k] = values[i + k] > high[k] ? values[i + k] : high[k];
      }
  for (; i < n; i++)
    {
      low[0] = MIN (values[i], low[0]);
      high[0] = MAX (values[i], high[0]);
    }
  for (int k = 1; k < LANES; k++)
    {
      low[0] = MIN (low[0], low[k]);
      high[0] = MAX (high[0], high[k]);
    }
  contrast->any = low[0] <= high[0];
  contrast->low = contrast->any ? low[0] : 0;
  contrast->high = contrast->any ? high[0] : 0;
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
