/* resize-taps.c: places and weights of resizing along one axis, for every mode that ONNX has.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "filters/net/operators/resize.h"

/* Where element `o` of the result lies in the input. The sizes are those before rounding, `in` ·
   scale, as ONNX's reference has it. */
static double
find_coordinate (const CnResizeStyle *style, double o, double in, double out, double scale)
{
  const char *mode = style->coordinates;
  double length = scale * in;
  double middle = (float) ((o + 0.5) / scale); /* as exact as scales are: 27 / 2.7 is 10 */

  if (strcmp (mode, "asymmetric") == 0)
    return (float) (o / scale);
  if (strcmp (mode, "align_corners") == 0)
    return length == 1 ? 0 : o * (in - 1) / (length - 1);
  if (strcmp (mode, "tf_half_pixel_for_nn") == 0)
    return middle;
  if (strcmp (mode, "tf_crop_and_resize") == 0)
    return out > 1 ? style->roi_start * (in - 1)
                         + o * (style->roi_end - style->roi_start) * (in - 1) / (out - 1)
                   : 0.5 * (style->roi_start + style->roi_end) * (in - 1);
  if (strcmp (mode, "pytorch_half_pixel") == 0 && out <= 1)
    return 0;
  if (strcmp (mode, "half_pixel_symmetric") == 0)
    return in / 2 * (1 - out / length) + middle - 0.5;
  return middle - 0.5;
}

/* Keys' cubic: R. Keys, Cubic convolution interpolation for digital image processing, 1981. */
static double
cubic (double x, double a)
{
  x = fabs (x);
  if (x <= 1)
    return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

/* Up to opset 10 (“”) an axis that shrinks takes the element after, one that grows that before. */
static double
round_place (const char *mode, double x, double scale)
{
  if (!*mode)
    mode = scale < 1 ? "ceil" : "floor";
  if (strcmp (mode, "floor") == 0)
    return floor (x);
  if (strcmp (mode, "ceil") == 0)
    return ceil (x);
  return strcmp (mode, "round_prefer_ceil") == 0 ? floor (x + 0.5) : ceil (x - 0.5);
}

/* Weights of the taps from place `first` on; a kernel that is wider by 1 / `shrink` averages what
   comes to lie on one element (antialias). */
static void
find_weights (const CnResizeStyle *style, CnTaps *taps, gsize o, double x, double first, gsize in,
              double shrink)
{
  float *weights = taps->weights + o * taps->n;
  gboolean linear = style->mode[0] == 'l';
  double sum = 0;

  for (int t = 0; t < taps->n; t++)
    {
      double place = first + t, distance = (place - x) * shrink;
      double weight = linear ? fmax (1 - fabs (distance), 0) : cubic (distance, style->cubic_a);

      if (style->exclude_outside && (place < 0 || place >= (double) in))
        weight = 0;
      sum += weight;
      weights[t] = (float) weight;
      taps->places[o * taps->n + t] = (gint32) CLAMP (place, 0, (double) in - 1);
    }
  for (int t = 0; t < taps->n && (style->antialias || style->exclude_outside) && sum != 0; t++)
    weights[t] = (float) (weights[t] / sum);
}

gboolean
cn_taps_init (CnTaps *taps, const CnResizeStyle *style, gsize in, gsize out, double scale)
{
  gboolean nearest = strcmp (style->mode, "nearest") == 0;
  double shrink = style->antialias ? fmin (scale, 1) : 1;
  double reach = floor (-(style->mode[0] == 'l' ? 1 : 2) / shrink) + 1; /* of the first tap */

  taps->n = nearest ? 1 : (int) fmin (2 - 2 * reach, 2.0 * in + 8);
  taps->places = g_try_new (gint32, out * taps->n);
  taps->weights = g_try_new (float, out * taps->n);
  taps->outside = g_try_new0 (gboolean, out);
  if (!taps->places || !taps->weights || !taps->outside)
    return FALSE;
  for (gsize o = 0; o < out; o++)
    {
      double x = find_coordinate (style, (double) o, (double) in, (double) out, scale);

      /* What is far outside weighs the same as what is just outside. */
      x = x == x ? CLAMP (x, -2.0 * CN_SIZE_MAX, 2.0 * CN_SIZE_MAX) : 0;
      if (strcmp (style->coordinates, "tf_crop_and_resize") == 0 && (x < 0 || x > (double) in - 1))
        taps->any_outside = taps->outside[o] = TRUE;
      if (nearest)
        {
          taps->weights[o] = 1;
          taps->places[o] =
              (gint32) CLAMP (round_place (style->nearest, x, scale), 0, (double) in - 1);
        }
      else
        find_weights (style, taps, o, x, ceil (x) - 1 + reach, in, shrink);
    }
  return TRUE;
}

void
cn_taps_clear (CnTaps *taps)
{
  g_free (taps->places);
  g_free (taps->weights);
  g_free (taps->outside);
}
