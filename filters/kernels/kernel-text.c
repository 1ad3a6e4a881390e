/* kernel-text.c: reads kernels from text.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/kernels/kernel.h"

#include <math.h>
#include <string.h>

#include "filters/core/error.h"
#include "filters/ops/conv2d.h"

typedef struct
{
  const char *text;
  const char *at;
  GArray *weights; /* all numbers so far */
  int width;       /* of the first row; 0 before its end */
  int height;      /* of the first plane; 0 before its end */
  int planes;      /* of the first filter; 0 before its end */
  int row, rows, plane,
      filters; /* numbers in this row, rows in this plane, planes in this filter */
} Reader;

static gboolean G_GNUC_PRINTF (4, 5)
    fail (const Reader *reader, const char *where, GError **error, const char *format, ...)
{
  g_autofree char *what = NULL;
  const char *line = reader->text;
  int number = 1;
  va_list arguments;

  va_start (arguments, format);
  what = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  for (const char *c = reader->text; c < where; c++)
    if (*c == '\n')
      {
        number++;
        line = c + 1;
      }
  g_set_error (error, CN_ERROR, CN_ERROR_PARSE, "Line %d, column %ld: %s", number,
               g_utf8_pointer_to_offset (line, where) + 1, what);
  return FALSE;
}

/* The word at `where`, cut short, for a message. */
static char *
word_at (const char *where)
{
  gsize length = strcspn (where, " \t\r\n,;|");
  const char *end = where;

  for (int i = 0; i < 20 && end < where + length; i++)
    end = g_utf8_next_char (end);
  return g_strndup (where, end - where);
}

static gboolean
read_decimal (Reader *reader, double *value, GError **error)
{
  const char *first = reader->at + strspn (reader->at, "+-");
  char *end;

  if ((!g_ascii_isdigit (*first) && !(*first == '.' && g_ascii_isdigit (first[1])))
      || (*first == '0' && g_ascii_tolower (first[1]) == 'x')) /* strtod takes it for hexadecimal */
    {
      g_autofree char *word = word_at (reader->at);

      if (!*word)
        return fail (reader, reader->at, error, "a number was expected");
      return fail (reader, reader->at, error, "a number was expected, and “%s” is none", word);
    }
  *value = g_ascii_strtod (reader->at, &end);
  if (end == reader->at || !isfinite ((float) *value))
    {
      g_autofree char *word = word_at (reader->at);

      return fail (reader, reader->at, error, "a number was expected, and “%s” is %s", word,
                   end == reader->at ? "none" : "too large");
    }
  reader->at = end;
  return TRUE;
}

static gboolean
read_number (Reader *reader, GError **error)
{
  const char *start = reader->at;
  double value, divisor;
  float weight;

  if (!read_decimal (reader, &value, error))
    return FALSE;
  if (*reader->at == '/')
    {
      reader->at++;
      if (!read_decimal (reader, &divisor, error))
        return FALSE;
      if (divisor == 0)
        return fail (reader, start, error, "the fraction divides by zero");
      value /= divisor;
      if (!isfinite ((float) value))
        {
          g_autofree char *word = word_at (start);

          return fail (reader, start, error, "a number was expected, and “%s” is too large", word);
        }
    }
  if (*reader->at && !strchr (" \t\r\n,;|", *reader->at))
    {
      g_autofree char *word = word_at (start);

      return fail (reader, start, error, "a number was expected, and “%s” is none", word);
    }
  if (++reader->row > CN_KERNEL_MAX)
    return fail (reader, start, error, "a row has more than %d numbers", CN_KERNEL_MAX);
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
    return fail (reader, reader->at, error, "this row has %d numbers, and the rows before it %d",
                 reader->row, reader->width);
  if (++reader->rows > CN_KERNEL_MAX)
    return fail (reader, reader->at, error, "a kernel has more than %d rows", CN_KERNEL_MAX);
  reader->row = 0;
  return TRUE;
}

static gboolean
end_plane (Reader *reader, GError **error)
{
  if (!end_row (reader, error))
    return FALSE;
  if (reader->rows == 0)
    return fail (reader, reader->at, error, "a number was expected");
  if (reader->height == 0)
    reader->height = reader->rows;
  if (reader->rows != reader->height)
    return fail (reader, reader->at, error, "this plane has %d rows, and the planes before it %d",
                 reader->rows, reader->height);
  reader->rows = 0;
  reader->plane++;
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
    return fail (reader, reader->at, error,
                 "this filter has %d planes, and the filters before it %d", reader->plane,
                 reader->planes);
  reader->plane = 0;
  reader->filters++;
  return TRUE;
}

static gboolean
read_all (Reader *reader, GError **error)
{
  gboolean comma = FALSE; /* after a comma another number must come */

  for (;;)
    {
      gboolean fine;

      reader->at += strspn (reader->at, comma ? " \t\r\n" : " \t\r");
      if (comma && (*reader->at == '\0' || strchr (",;|", *reader->at)))
        return fail (reader, reader->at, error, "a number was expected after the comma");
      switch (*reader->at)
        {
        case '\0':
          return end_filter (reader, error);
        case ',':
          if (reader->row == 0)
            return fail (reader, reader->at, error, "a number was expected before the comma");
          comma = TRUE;
          reader->at++;
          continue;
        case ';':
        case '\n':
          fine = end_row (reader, error);
          reader->at++;
          break;
        case '|':
          fine = reader->at[1] == '|' ? end_filter (reader, error) : end_plane (reader, error);
          reader->at += reader->at[1] == '|' ? 2 : 1;
          break;
        default:
          fine = read_number (reader, error);
          comma = FALSE;
          break;
        }
      if (!fine)
        return FALSE;
    }
}

CnKernel *
cn_kernel_parse (const char *text, GError **error)
{
  g_autoptr (GArray) weights = g_array_new (FALSE, FALSE, sizeof (float));
  Reader reader = { .text = text, .at = text, .weights = weights };
  CnKernel *kernel;

  if (!g_utf8_validate (text, -1, &reader.at))
    {
      g_set_error_literal (error, CN_ERROR, CN_ERROR_PARSE, "The kernel is not a text");
      return NULL;
    }
  reader.at = text;
  if (!read_all (&reader, error))
    return NULL;
  kernel = cn_kernel_new (reader.filters, reader.planes, reader.height, reader.width);
  memcpy (kernel->weights, weights->data, weights->len * sizeof (float));
  return kernel;
}
