/* number.c: a kernel's numbers as people read them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/number.h"

#include <math.h>
#include <string.h>

/* As many digits as are tried are enough below it. */
#define EXPONENT_FROM 1e9

char *
cn_number_exact (double number)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  for (int digits = 1; digits <= 9; digits++)
    {
      char format[] = { '%', '.', (char) ('0' + digits), 'g', 0 };

      g_ascii_formatd (text, sizeof text, format, number);
      /* 10, not 1e+01, which no one reads and a spin button does not take. */
      if ((float) g_ascii_strtod (text, NULL) == (float) number
          && (fabs (number) >= EXPONENT_FROM || !strstr (text, "e+")))
        break;
    }
  return g_strdup (text);
}

/* Drops the zeros at the end, and in few characters the one before the point: 0.250 is .25. */
static void
tidy (char *text, gboolean few)
{
  char *point = strchr (text, '.'), *end = text + strlen (text);

  if (!point)
    return;
  while (end[-1] == '0')
    *--end = 0;
  if (end[-1] == '.')
    *--end = 0;
  else if (few && point > text && point[-1] == '0' && (point - 1 == text || point[-2] == '-'))
    memmove (point - 1, point, strlen (point) + 1);
}

char *
cn_number_short (double number, gboolean few)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  double size = fabs (number);

  if (few && size != 0 && size < 0.005)
    return g_strdup ("≈0");
  if (size != 0 && (size >= 1e5 || size < 0.0005))
    g_ascii_formatd (text, sizeof text, "%.0e", number);
  else
    {
      g_ascii_formatd (text, sizeof text, size >= 100 ? "%.0f" : few ? "%.2f" : "%.3f", number);
      tidy (text, few);
    }
  return g_strdup (text);
}
