/* compare.c: compares what a drawable holds with what is expected, within its precision.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/gimp/harness.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include <gegl.h>

/* How far babl's conversions between tone curves, which are polynomials in float, are off within
   0 … 1; every result goes through some, since GIMP blends in linear light. */
#define CONVERSION 4e-6

static const char *
type_name (GimpDrawable *drawable)
{
  return babl_get_name (babl_format_get_type (gimp_drawable_get_format (drawable), 0));
}

gboolean
harness_is_integer (GimpDrawable *drawable)
{
  return type_name (drawable)[0] == 'u';
}

gboolean
harness_is_linear (GimpDrawable *drawable)
{
  return strchr (babl_get_name (gimp_drawable_get_format (drawable)), '\'') == NULL
         && strchr (babl_get_name (gimp_drawable_get_format (drawable)), '~') == NULL;
}

/* The tone curve of sRGB, with its straight part going on below zero. */
static double
to_perceptual (double v)
{
  return v <= 0.0031308 ? 12.92 * v : 1.055 * pow (v, 1 / 2.4) - 0.055;
}

static double
to_linear (double v)
{
  return v <= 0.04045 ? v / 12.92 : pow ((v + 0.055) / 1.055, 2.4);
}

/* How far a stored value may be from the one it was rounded from: half a step of integers; floats
   are rounded too, and outside of 0 … 1 babl's polynomials drift: seen were 4·10⁻⁵ of a value
   of 3.9 on the tone curve, and 2·10⁻² of one of 12. */
static double
storage_error (const char *type, gboolean linear, double value)
{
  double curved = linear ? to_perceptual (fabs (value)) : fabs (value);
  double drift = (1 + fabs (value)) * CONVERSION * MAX (1, pow (curved, 4));

  if (strcmp (type, "u8") == 0)
    return 0.5 / 255 + CONVERSION;
  if (strcmp (type, "u16") == 0)
    return 0.5 / 65535 + CONVERSION;
  if (strcmp (type, "half") == 0)
    return (1 + fabs (value)) / 2048 + drift;
  return drift;
}

/* Of integers on the tone curve one sample in so many may lie that close to the middle between two
   steps. */
#define MIDDLE 500

gboolean
harness_same (GimpDrawable *drawable, GimpDrawable *other)
{
  g_autoptr (GBytes) bytes = harness_bytes (drawable), others = harness_bytes (other);
  gboolean linear = harness_is_linear (drawable);
  const char *type = type_name (drawable);
  g_auto (Picture) got = { 0 }, expected = { 0 };
  gsize samples, different = 0;

  if (g_bytes_equal (bytes, others))
    return TRUE;
  if ((!linear && !harness_is_integer (drawable))
      || g_bytes_get_size (bytes) != g_bytes_get_size (others))
    return FALSE;
  got = harness_read (drawable, linear);
  expected = harness_read (other, linear);
  samples = (gsize) got.width * got.height * picture_channels (&got);
  for (gsize i = 0; i < samples; i++)
    {
      if (!(fabs (got.data[i] - expected.data[i]) <= 2 * storage_error (type, linear, got.data[i])))
        return FALSE;
      different += got.data[i] != expected.data[i];
    }
  return linear || different <= samples / MIDDLE;
}

Expected
harness_expect (const Filter *filter, int number, GimpDrawable *drawable, const int part[4])
{
  gboolean linear = g_strcmp0 (filter->encoding, "linear") == 0;
  g_auto (Picture) picture = harness_read (drawable, linear);

  return expect (filter, number, &picture, harness_is_integer (drawable), part);
}

/* What must be stored, and how exactly, for a value in another encoding. */
static void
encode (double (*curve) (double), double *value, double *tolerance)
{
  double v = *value, t = *tolerance;

  *value = curve (v);
  *tolerance = MAX (fabs (curve (v + t) - *value), fabs (curve (v - t) - *value));
}

int
harness_compare (GimpDrawable *drawable, const Expected *expected, const char *encoding, int x,
                 int y, int width, int height, int to_x, int to_y, char **first)
{
  gboolean linear = harness_is_linear (drawable), integer = harness_is_integer (drawable);
  gboolean from_linear = g_strcmp0 (encoding, "linear") == 0;
  double (*curve) (double) = linear ? to_linear : to_perceptual;
  g_auto (Picture) got = harness_read (drawable, linear);
  const char *type = type_name (drawable);
  int channels = picture_channels (&got), mismatches = 0;

  g_assert_cmpint (channels, ==, expected->channels);
  for (int i = 0; i < width * height * channels; i++)
    {
      int c = i % channels, at_x = i / channels % width, at_y = i / channels / width;
      gsize from = ((gsize) (y + at_y) * expected->width + x + at_x) * channels + c;
      gsize to = ((gsize) (to_y + at_y) * got.width + to_x + at_x) * channels + c;
      double value = expected->value[from], tolerance = expected->tolerance[from];

      if (isinf (tolerance))
        continue;
      if (c < got.colours && linear != from_linear)
        encode (curve, &value, &tolerance);
      if (integer)
        value = CLAMP (value, 0, 1);
      tolerance += storage_error (type, linear, value);
      if (got.data[to] != value && !(fabs (got.data[to] - value) <= tolerance) && mismatches++ == 0
          && first)
        *first = g_strdup_printf ("x %d, y %d, channel %d: expected %.9g ± %.3g, got %.9g", at_x,
                                  at_y, c, value, tolerance, got.data[to]);
    }
  return mismatches;
}

void
harness_check (GimpDrawable *drawable, const Expected *expected, const Filter *filter,
               const char *name)
{
  g_autofree char *first = NULL;
  int width = gimp_drawable_get_width (drawable), height = gimp_drawable_get_height (drawable);
  int mismatches;

  if (width != expected->width || height != expected->height)
    {
      harness_fail ("%s: expected %d×%d pixels, got %d×%d", name, expected->width, expected->height,
                    width, height);
      return;
    }
  mismatches =
      harness_compare (drawable, expected, filter->encoding, 0, 0, width, height, 0, 0, &first);
  if (mismatches)
    harness_fail ("%s: %d mismatches, the first at %s", name, mismatches, first);
}
