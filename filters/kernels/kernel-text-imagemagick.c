/* kernel-text-imagemagick.c: reads kernels as ImageMagick's option -morphology takes them:
 *
 *     WxH[+X+Y][@><]: number, number …        “nan” and “-” for cells outside of the kernel
 *     W: number, number …                     the same with H = W
 *
 * See imagemagick.org, AcquireKernelInfo(). Cells outside count as 0, which is what they do in a
 * convolution. (X, Y) is the kernel's middle, by default (W − 1) / 2 and (H − 1) / 2 as with us,
 * and nothing else is read. What turns a kernel into a list of kernels (@ > < ;) is refused in
 * words. SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/kernels/kernel-text.h"

gboolean
cn_kernel_is_imagemagick (const char *text)
{
  CnKernelReader reader = { text, text, "" };

  cn_kernel_skip (&reader, " \t\r\n");
  return g_ascii_isdigit (*reader.at) && reader.at[strspn (reader.at, "0123456789xX+-@<>^")] == ':';
}

static gboolean
read_side (CnKernelReader *reader, int *side, GError **error)
{
  const char *start = reader->at;
  char *end;
  guint64 value;

  if (!g_ascii_isdigit (*start))
    return cn_kernel_fail (reader, start, error, "the kernel's size was expected, such as “3x3:”");
  value = g_ascii_strtoull (start, &end, 10);
  if (value < 1 || value > CN_KERNEL_MAX)
    return cn_kernel_fail (reader, start, error, "a kernel has 1 to %d rows and columns",
                           CN_KERNEL_MAX);
  *side = (int) value;
  reader->at = end;
  return TRUE;
}

static gboolean
read_offset (CnKernelReader *reader, int width, int height, GError **error)
{
  const char *start = reader->at;
  char *end;
  gint64 x, y = G_MININT64;

  x = g_ascii_strtoll (start, &end, 10);
  if (end != start && strchr ("+-", *end))
    y = g_ascii_strtoll (end, &end, 10);
  if (x != (width - 1) / 2 || y != (height - 1) / 2)
    return cn_kernel_fail (reader, start, error,
                           "the kernel's middle is +%d+%d here, and cannot be moved",
                           (width - 1) / 2, (height - 1) / 2);
  reader->at = end;
  return TRUE;
}

static gboolean
read_size (CnKernelReader *reader, int *width, int *height, GError **error)
{
  if (!read_side (reader, width, error))
    return FALSE;
  *height = *width;
  if (g_ascii_tolower (*reader->at) == 'x')
    {
      reader->at++;
      if (!read_side (reader, height, error))
        return FALSE;
    }
  if (strchr ("+-", *reader->at) && !read_offset (reader, *width, *height, error))
    return FALSE;
  if (strchr ("@<>^", *reader->at))
    return cn_kernel_fail (reader, reader->at, error,
                           "“%c” makes a list of turned kernels, and one kernel was expected",
                           *reader->at);
  if (*reader->at != ':')
    return cn_kernel_fail (reader, reader->at, error, "“:” was expected after the kernel's size");
  reader->at++;
  return TRUE;
}

/* The length of a cell that is no part of the kernel, or 0. */
static gsize
hole (const CnKernelReader *reader)
{
  gsize length = g_ascii_strncasecmp (reader->at, "nan", 3) == 0 ? 3 : *reader->at == '-';
  char next = length ? reader->at[length] : 'x';

  return !next || strchr (reader->stops, next) ? length : 0;
}

static gboolean
read_cell (CnKernelReader *reader, float *weight, GError **error)
{
  gsize length = hole (reader);
  double value = 0;

  if (length > 0)
    reader->at += length;
  else if (!cn_kernel_read_number (reader, &value, error))
    return FALSE;
  *weight = (float) value;
  return TRUE;
}

static gboolean
read_end (CnKernelReader *reader, int width, int height, GError **error)
{
  cn_kernel_skip (reader, " \t\r\n,");
  if (*reader->at == ';')
    {
      const char *semicolon = reader->at++;

      cn_kernel_skip (reader, " \t\r\n;");
      if (*reader->at)
        return cn_kernel_fail (reader, semicolon, error,
                               "“;” begins another kernel, and one kernel was expected");
    }
  if (*reader->at)
    return cn_kernel_fail (reader, reader->at, error,
                           "the kernel's %d×%d numbers end here, and more follow", width, height);
  return TRUE;
}

CnKernel *
cn_kernel_read_imagemagick (const char *text, GError **error)
{
  CnKernelReader reader = { text, text, " \t\r\n,;" };
  g_autoptr (CnKernel) kernel = NULL;
  int width = 0, height = 0, count;

  cn_kernel_skip (&reader, " \t\r\n");
  if (!read_size (&reader, &width, &height, error))
    return NULL;
  kernel = cn_kernel_new (1, 1, height, width);
  count = width * height;
  for (int i = 0; i < count; i++)
    {
      cn_kernel_skip (&reader, " \t\r\n,");
      if (!*reader.at || *reader.at == ';')
        {
          cn_kernel_fail (&reader, reader.at, error,
                          "%d×%d numbers were expected, and there are %d", width, height, i);
          return NULL;
        }
      if (!read_cell (&reader, &kernel->weights[i], error))
        return NULL;
    }
  if (!read_end (&reader, width, height, error))
    return NULL;
  return g_steal_pointer (&kernel);
}
