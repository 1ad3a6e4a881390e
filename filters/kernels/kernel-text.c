/* kernel-text.c: finds out which format a kernel's text has; and what its readers share: numbers,
 * blanks, and messages with line and column. Each reader takes time and memory in proportion to the
 * text, whatever is in it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/kernels/kernel-text.h"

#include <math.h>
#include <string.h>

#include "filters/core/error.h"

gboolean
cn_kernel_fail (const CnKernelReader *reader, const char *where, GError **error, const char *format,
                ...)
{
  g_autofree char *what = NULL;
  const char *line = reader->text;
  int number = 1;
  va_list arguments;

  va_start (arguments, format);
  what = g_strdup_vprintf (cn_translated (format), arguments);
  va_end (arguments);
  for (const char *c = reader->text; c < where; c++)
    if (*c == '\n')
      {
        number++;
        line = c + 1;
      }
  cn_set_error (error, CN_ERROR_PARSE, "Line %d, column %ld: %s", number,
                g_utf8_pointer_to_offset (line, where) + 1, what);
  return FALSE;
}

char *
cn_kernel_word (const CnKernelReader *reader, const char *where)
{
  const char *end = where;

  for (int i = 0; i < 20 && *end && !strchr (reader->stops, *end); i++)
    end = g_utf8_next_char (end);
  return g_strndup (where, end - where);
}

/* Whether nothing but blanks stands before `at` on its line. */
static gboolean
begins_line (const CnKernelReader *reader)
{
  const char *before = reader->at;

  while (before > reader->text && strchr (" \t\r", before[-1]))
    before--;
  return before == reader->text || before[-1] == '\n';
}

void
cn_kernel_skip (CnKernelReader *reader, const char *blanks)
{
  for (;;)
    {
      reader->at += strspn (reader->at, blanks);
      if (*reader->at != '#' || !begins_line (reader))
        return;
      reader->at += strcspn (reader->at, "\n");
    }
}

static gboolean
fail_number (CnKernelReader *reader, const char *where, gboolean too_large, GError **error)
{
  g_autofree char *word = cn_kernel_word (reader, where);

  if (!*word)
    return cn_kernel_fail (reader, where, error, "a number was expected");
  if (too_large)
    return cn_kernel_fail (reader, where, error, "the number “%s” is too large", word);
  return cn_kernel_fail (reader, where, error, "a number was expected, and “%s” is none", word);
}

static gboolean
read_decimal (CnKernelReader *reader, double *value, GError **error)
{
  const char *first = reader->at + strspn (reader->at, "+-");
  char *end;

  if ((!g_ascii_isdigit (*first) && !(*first == '.' && g_ascii_isdigit (first[1])))
      || (*first == '0' && g_ascii_tolower (first[1]) == 'x')) /* strtod takes it for hexadecimal */
    return fail_number (reader, reader->at, FALSE, error);
  *value = g_ascii_strtod (reader->at, &end);
  if (end == reader->at)
    return fail_number (reader, reader->at, FALSE, error);
  if (!isfinite ((float) *value))
    return fail_number (reader, reader->at, TRUE, error);
  reader->at = end;
  return TRUE;
}

gboolean
cn_kernel_read_number (CnKernelReader *reader, double *value, GError **error)
{
  const char *start = reader->at;
  double divisor = 1;

  if (!read_decimal (reader, value, error))
    return FALSE;
  if (*reader->at == '/' && !strchr (reader->stops, '/'))
    {
      reader->at++;
      if (!read_decimal (reader, &divisor, error))
        return FALSE;
      if (divisor == 0)
        return cn_kernel_fail (reader, start, error, "the fraction divides by zero");
      *value /= divisor;
      if (!isfinite ((float) *value))
        return fail_number (reader, start, TRUE, error);
    }
  if (*reader->at && !strchr (reader->stops, *reader->at))
    return fail_number (reader, start, FALSE, error);
  return TRUE;
}

/* ImageMagick has kernels of its own, “Sobel:90” or “Gaussian:0x1”. */
static gboolean
fail_if_named (const char *text, GError **error)
{
  CnKernelReader reader = { text, text, " \t\r\n;," };
  g_autofree char *word = NULL;

  cn_kernel_skip (&reader, " \t\r\n");
  word = cn_kernel_word (&reader, reader.at);
  if (!g_ascii_isalpha (*word) || !strchr (word, ':'))
    return TRUE;
  return cn_kernel_fail (&reader, reader.at, error,
                         "“%s” is a kernel that ImageMagick makes, and numbers were expected",
                         word);
}

CnKernel *
cn_kernel_parse (const char *text, GError **error)
{
  if (!g_utf8_validate (text, -1, NULL))
    {
      cn_set_error (error, CN_ERROR_PARSE, "The kernel is not a text");
      return NULL;
    }
  if (g_str_has_prefix (text, "\xef\xbb\xbf")) /* the mark that some editors begin files with */
    text += 3;
  if (!fail_if_named (text, error))
    return NULL;
  if (cn_kernel_is_imagemagick (text))
    return cn_kernel_read_imagemagick (text, error);
  if (cn_kernel_is_vips (text))
    return cn_kernel_read_vips (text, error);
  return cn_kernel_read_rows (text, error);
}
