/* kernel-text-rows.c: reads kernels in rows: our own format, ImageJ's (lines of numbers), and
 * G'MIC's (the same in parentheses). SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/kernels/kernel-text.h"

typedef struct
{
  CnKernelReader base;
  gboolean gmic;
  GArray *weights; /* all numbers so far */
  int width;       /* of the first row; 0 before its end */
  int height;      /* of the first plane; 0 before its end */
  int planes;      /* of the first filter; 0 before its end */
  int row, rows, plane,
      filters; /* numbers in this row, rows in this plane, planes in this filter */
  float bias;
} Reader;

static gboolean
add_number (Reader *reader, GError **error)
{
  const char *start = reader->base.at;
  double value;
  float weight;

  if (!cn_kernel_read_number (&reader->base, &value, error))
    return FALSE;
  if (++reader->row > CN_KERNEL_MAX)
    return cn_kernel_fail (&reader->base, start, error, "a row has more than %d numbers",
                           CN_KERNEL_MAX);
  weight = (float) value;
  g_array_append_val (reader->weights, weight);
  return TRUE;
}

static gboolean
end_row (Reader *reader, GError **error)
{
  if (reader->row == 0)
    return TRUE;
  if (reader->width == 0)
    reader->width = reader->row;
  if (reader->row != reader->width)
    return cn_kernel_fail (&reader->base, reader->base.at, error,
                           "this row has %d numbers, and the rows before it %d", reader->row,
                           reader->width);
  if (++reader->rows > CN_KERNEL_MAX)
    return cn_kernel_fail (&reader->base, reader->base.at, error, "a kernel has more than %d rows",
                           CN_KERNEL_MAX);
  reader->row = 0;
  return TRUE;
}

static gboolean
end_plane (Reader *reader, GError **error)
{
  if (!end_row (reader, error))
    return FALSE;
  if (reader->rows == 0)
    return cn_kernel_fail (&reader->base, reader->base.at, error, "a number was expected");
  if (reader->height == 0)
    reader->height = reader->rows;
  if (reader->rows != reader->height)
    return cn_kernel_fail (&reader->base, reader->base.at, error,
                           "this plane has %d rows, and the planes before it %d", reader->rows,
                           reader->height);
  reader->rows = 0;
  if (++reader->plane > CN_KERNEL_MAX)
    return cn_kernel_fail (&reader->base, reader->base.at, error,
                           "a kernel has more than %d planes", CN_KERNEL_MAX);
  return TRUE;
}

static gboolean
end_filter (Reader *reader, GError **error)
{
  if (!end_plane (reader, error))
    return FALSE;
  if (reader->planes == 0)
    reader->planes = reader->plane;
  if (reader->plane != reader->planes)
    return cn_kernel_fail (&reader->base, reader->base.at, error,
                           "this filter has %d planes, and the filters before it %d", reader->plane,
                           reader->planes);
  reader->plane = 0;
  if (++reader->filters > CN_KERNEL_MAX)
    return cn_kernel_fail (&reader->base, reader->base.at, error, "there are more than %d filters",
                           CN_KERNEL_MAX);
  return TRUE;
}

/* The end of the text is all that may follow. */
static gboolean
end_text (Reader *reader, GError **error)
{
  g_autofree char *word = NULL;

  cn_kernel_skip (&reader->base, " \t\r\n;");
  if (!*reader->base.at)
    return TRUE;
  word = cn_kernel_word (&reader->base, reader->base.at);
  if (!*word) /* a separator, which ends words */
    {
      g_free (word);
      word = g_strndup (reader->base.at, 1);
    }
  return cn_kernel_fail (&reader->base, reader->base.at, error,
                         "the end was expected, and not “%s”", word);
}

static gboolean
at_bias (const Reader *reader)
{
  const char *at = reader->base.at;

  return reader->row == 0 && reader->weights->len > 0 && strncmp (at, "bias", 4) == 0 && at[4]
         && strchr (" \t", at[4]);
}

static gboolean
read_bias (Reader *reader, GError **error)
{
  double bias;

  reader->base.at += 4;
  cn_kernel_skip (&reader->base, " \t");
  if (!cn_kernel_read_number (&reader->base, &bias, error))
    return FALSE;
  reader->bias = (float) bias + 0.0f; /* −0 is no bias */
  return end_text (reader, error);
}

/* G'MIC writes “/” before another slice and “^” before another channel. */
static gboolean
read_gmic_mark (Reader *reader, GError **error)
{
  char mark = *reader->base.at;

  if (mark != ')')
    return cn_kernel_fail (&reader->base, reader->base.at, error,
                           "“%c” begins another slice or channel in G'MIC, which a kernel does not "
                           "have",
                           mark);
  if (!end_filter (reader, error))
    return FALSE;
  reader->base.at++;
  return end_text (reader, error);
}

static gboolean
read_end (Reader *reader, GError **error)
{
  if (reader->gmic)
    return cn_kernel_fail (&reader->base, reader->base.at, error, "“)” was expected");
  return end_filter (reader, error);
}

/* Reads what is at hand: a separator, or a number. */
static gboolean
read_next (Reader *reader, gboolean *comma, GError **error)
{
  const char *at = reader->base.at;
  gboolean fine;

  switch (*at)
    {
    case ',':
      if (reader->row == 0)
        return cn_kernel_fail (&reader->base, at, error, "a number was expected before the comma");
      *comma = TRUE;
      reader->base.at++;
      return TRUE;
    case ';':
    case '\n':
      fine = end_row (reader, error);
      reader->base.at++;
      return fine;
    case '|':
      fine = at[1] == '|' ? end_filter (reader, error) : end_plane (reader, error);
      reader->base.at += at[1] == '|' ? 2 : 1;
      return fine;
    default:
      *comma = FALSE;
      return add_number (reader, error);
    }
}

static gboolean
read_all (Reader *reader, GError **error)
{
  gboolean comma = FALSE; /* after a comma another number must come */

  for (;;)
    {
      cn_kernel_skip (&reader->base, comma ? " \t\r\n" : " \t\r");
      if (comma && (*reader->base.at == '\0' || strchr (",;|)", *reader->base.at)))
        return cn_kernel_fail (&reader->base, reader->base.at, error,
                               "a number was expected after the comma");
      if (!*reader->base.at)
        return read_end (reader, error);
      if (reader->gmic && strchr (")/^", *reader->base.at))
        return read_gmic_mark (reader, error);
      if (!comma && at_bias (reader))
        return end_filter (reader, error) && read_bias (reader, error);
      if (!read_next (reader, &comma, error))
        return FALSE;
    }
}

CnKernel *
cn_kernel_read_rows (const char *text, GError **error)
{
  g_autoptr (GArray) weights = g_array_new (FALSE, FALSE, sizeof (float));
  Reader reader = { .base = { text, text, " \t\r\n,;|" }, .weights = weights };
  CnKernel *kernel;

  cn_kernel_skip (&reader.base, " \t\r\n");
  if (*reader.base.at == '(')
    {
      reader.gmic = TRUE;
      reader.base.at++;
      reader.base.stops = " \t\r\n,;|)/^";
    }
  else
    reader.base.at = text;
  if (!read_all (&reader, error))
    return NULL;
  kernel = cn_kernel_new (reader.filters, reader.planes, reader.height, reader.width);
  memcpy (kernel->weights, weights->data, weights->len * sizeof (float));
  kernel->bias = reader.bias;
  return kernel;
}
