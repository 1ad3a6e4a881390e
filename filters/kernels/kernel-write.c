/* kernel-write.c: writes kernels as text, in the fewest digits that give the same floats back.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/kernels/kernel.h"

#include <math.h>
#include <string.h>

#include "filters/core/error.h"

/* Nine digits tell any two floats apart, seventeen any two doubles. %g drops zeros at the end:
   where six digits are enough, no more are written than are needed. */
static void
append_weight (GString *text, float weight)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];
  char format[] = "%.6g";

  for (;; format[2]++)
    {
      g_ascii_formatd (buffer, sizeof buffer, format, weight);
      if (format[2] == '9' || (float) g_ascii_strtod (buffer, NULL) == weight)
        break;
    }
  g_string_append (text, buffer);
}

/* libvips' offset, which is read as the bias · 255. */
static void
append_offset (GString *text, float bias)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  for (int digits = 6; digits <= 17; digits++)
    {
      g_autofree char *format = g_strdup_printf ("%%.%dg", digits);

      g_ascii_formatd (buffer, sizeof buffer, format, bias * 255.0);
      if ((float) (g_ascii_strtod (buffer, NULL) / 255) == bias)
        break;
    }
  g_string_append (text, buffer);
}

static void
append_row (GString *text, const float *row, int width, const char *separator)
{
  for (int x = 0; x < width; x++)
    {
      if (x > 0)
        g_string_append (text, separator);
      append_weight (text, row[x]);
    }
}

/* Whether the rows, each on a line, could be libvips' matrix file: width and height at the start.
 */
static gboolean
looks_like_vips (const CnKernel *kernel)
{
  const float *first = kernel->weights;

  return kernel->filters * kernel->planes == 1 && kernel->width >= 2 && kernel->width <= 4
         && first[0] == kernel->width && first[1] == kernel->height - 1;
}

static void
append_rows (GString *text, const CnKernel *kernel, const char *separator)
{
  gsize taps = (gsize) kernel->height * kernel->width;
  gboolean lines = strchr (separator, '\n') != NULL;
  const char *space = lines ? "\n" : " ";

  for (int p = 0; p < kernel->filters * kernel->planes; p++)
    {
      if (p > 0)
        g_string_append_printf (text, "%s%s%s", space, p % kernel->planes ? "|" : "||", space);
      for (int y = 0; y < kernel->height; y++)
        {
          if (y > 0)
            g_string_append (text, y == 1 && lines && looks_like_vips (kernel) ? ";\n" : separator);
          append_row (text, kernel->weights + p * taps + (gsize) y * kernel->width, kernel->width,
                      " ");
        }
    }
  if (kernel->bias != 0)
    {
      g_string_append (text,
                       lines ? ";\nbias " : "; bias "); /* the “;” tells it from libvips too */
      append_weight (text, kernel->bias);
    }
}

static void
append_imagemagick (GString *text, const CnKernel *kernel)
{
  g_string_append_printf (text, "%dx%d:", kernel->width, kernel->height);
  for (int y = 0; y < kernel->height; y++)
    {
      g_string_append_c (text, ' ');
      append_row (text, kernel->weights + (gsize) y * kernel->width, kernel->width, ",");
    }
}

/* All four numbers stand on the first line: with fewer, a row of three could be taken for it. */
static void
append_vips (GString *text, const CnKernel *kernel)
{
  g_string_append_printf (text, "%d %d 1 ", kernel->width, kernel->height);
  append_offset (text, kernel->bias);
  g_string_append_c (text, '\n');
  for (int y = 0; y < kernel->height; y++)
    {
      append_row (text, kernel->weights + (gsize) y * kernel->width, kernel->width, " ");
      g_string_append_c (text, '\n');
    }
}

static gboolean
check (const CnKernel *kernel, CnKernelFormat format, GError **error)
{
  static const char *const names[] = { NULL, "ImageMagick", "libvips" };
  gsize count = cn_kernel_count (kernel);

  if (format != CN_KERNEL_ROWS && kernel->filters * kernel->planes != 1)
    {
      cn_set_error (error, CN_ERROR_ARGUMENT, "%s's kernels have one plane, and this one has %d",
                    names[format], kernel->filters * kernel->planes);
      return FALSE;
    }
  if (format == CN_KERNEL_IMAGEMAGICK && kernel->bias != 0)
    {
      cn_set_error (error, CN_ERROR_ARGUMENT,
                    "ImageMagick's kernels have no bias, and this one has %g", kernel->bias);
      return FALSE;
    }
  for (gsize i = 0; i <= count; i++)
    if (!isfinite (i < count ? kernel->weights[i] : kernel->bias))
      {
        cn_set_error (error, CN_ERROR_ARGUMENT,
                      "The kernel holds a value that is infinite or not a number");
        return FALSE;
      }
  return TRUE;
}

char *
cn_kernel_format (const CnKernel *kernel, CnKernelFormat format, const char *separator,
                  GError **error)
{
  GString *text;

  if (!check (kernel, format, error))
    return NULL;
  text = g_string_new (NULL);
  switch (format)
    {
    case CN_KERNEL_IMAGEMAGICK:
      append_imagemagick (text, kernel);
      break;
    case CN_KERNEL_VIPS:
      append_vips (text, kernel);
      break;
    case CN_KERNEL_ROWS:
      append_rows (text, kernel, separator);
      break;
    }
  return g_string_free (text, FALSE);
}
