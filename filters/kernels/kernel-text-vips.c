/* kernel-text-vips.c: reads libvips' matrix files: width, height, scale and offset on the first
 * line, then a row of numbers on each line. Numbers are separated by any mixture of blanks, commas
 * and quotation marks. See libvips.org, vips_matrixload().
 *
 * libvips computes Σ matrix · pixels / scale + offset, where 255 is white and 1 is ours.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "filters/kernels/kernel-text.h"

#define BLANKS " \t\r,\""

/* Passes over the line, and counts its numbers. */
static int
count_numbers (CnKernelReader *reader)
{
  int count = 0;

  for (;;)
    {
      reader->at += strspn (reader->at, BLANKS);
      if (!*reader->at || *reader->at == '\n')
        return count;
      reader->at += strcspn (reader->at, BLANKS "\n");
      count += count < G_MAXINT;
    }
}

/* A text is taken for libvips' if the first line promises just as many rows of just as many numbers
   as follow. Rows of our own could do so by chance: a square of 2×2 or 3×3 numbers, such as
   “3 2 1”, “2 1 0”, “1 0 -1”, is what somebody typed and is no kernel of two rows. */
gboolean
cn_kernel_is_vips (const char *text)
{
  CnKernelReader reader = { text, text, BLANKS "\n" };
  guint64 width, height, rows = 0;
  char *end;
  int first;

  if (text[strcspn (text, ";|()")])
    return FALSE;
  cn_kernel_skip (&reader, BLANKS "\n");
  text = reader.at;
  if (!g_ascii_isdigit (*text))
    return FALSE;
  width = g_ascii_strtoull (text, &end, 10);
  end += strspn (end, BLANKS);
  if (!g_ascii_isdigit (*end))
    return FALSE;
  height = g_ascii_strtoull (end, &end, 10);
  if (*end && !strchr (BLANKS "\n", *end))
    return FALSE;
  first = count_numbers (&reader);
  for (;;)
    {
      cn_kernel_skip (&reader, BLANKS "\n");
      if (!*reader.at)
        break;
      if ((guint64) count_numbers (&reader) != width)
        return FALSE;
      rows++;
    }
  return rows > 0 && rows == height && first >= 2 && first <= 4
         && !(first < 4 && width == (guint64) first && height == width - 1);
}

static gboolean
read_side (CnKernelReader *reader, int *side, GError **error)
{
  const char *start = reader->at;
  char *end;
  guint64 value = g_ascii_strtoull (start, &end, 10);

  if (value < 1 || value > CN_KERNEL_MAX)
    return cn_kernel_fail (reader, start, error, "a kernel has 1 to %d rows and columns",
                           CN_KERNEL_MAX);
  *side = (int) value;
  reader->at = end;
  cn_kernel_skip (reader, BLANKS);
  return TRUE;
}

/* One of the first line's last two numbers, which may be missing. */
static gboolean
read_optional (CnKernelReader *reader, double *value, GError **error)
{
  if (!*reader->at || *reader->at == '\n')
    return TRUE;
  if (!cn_kernel_read_number (reader, value, error))
    return FALSE;
  cn_kernel_skip (reader, BLANKS);
  return TRUE;
}

static gboolean
read_weight (CnKernelReader *reader, double scale, float *weight, GError **error)
{
  const char *start;
  double value;

  cn_kernel_skip (reader, BLANKS "\n");
  start = reader->at;
  if (!cn_kernel_read_number (reader, &value, error))
    return FALSE;
  *weight = (float) (value == 0 ? value : value / scale); /* no −0 by a negative scale */
  if (!isfinite (*weight))
    return cn_kernel_fail (reader, start, error, "the number is too large when it is divided by %g",
                           scale);
  return TRUE;
}

CnKernel *
cn_kernel_read_vips (const char *text, GError **error)
{
  CnKernelReader reader = { text, text, BLANKS "\n" };
  g_autoptr (CnKernel) kernel = NULL;
  const char *at_scale;
  double scale = 1, offset = 0;
  int width = 0, height = 0;

  cn_kernel_skip (&reader, BLANKS "\n");
  if (!read_side (&reader, &width, error) || !read_side (&reader, &height, error))
    return NULL;
  at_scale = reader.at;
  if (!read_optional (&reader, &scale, error) || !read_optional (&reader, &offset, error))
    return NULL;
  if (scale == 0)
    {
      cn_kernel_fail (&reader, at_scale, error, "the scale is zero");
      return NULL;
    }
  kernel = cn_kernel_new (1, 1, height, width);
  kernel->bias = (float) (offset / 255) + 0.0f; /* −0 is no bias */
  for (int i = 0; i < width * height; i++)
    if (!read_weight (&reader, scale, &kernel->weights[i], error))
      return NULL;
  return g_steal_pointer (&kernel);
}
