/* error.c: the engine's one error domain, and its messages in the user's language.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/core/error.h"

G_DEFINE_QUARK (cn - error - quark, cn_error)

static const char *(*translator) (const char *text);

void
cn_set_translator (const char *(*translate) (const char *text))
{
  translator = translate;
}

const char *
cn_translated (const char *text)
{
  return translator ? translator (text) : text;
}

void
cn_set_error (GError **error, CnError code, const char *format, ...)
{
  va_list values;

  va_start (values, format);
  g_propagate_error (error, g_error_new_valist (CN_ERROR, code, cn_translated (format), values));
  va_end (values);
}

gboolean
cn_in_range (int value, int low, int high, const char *name, GError **error)
{
  if (value >= low && value <= high)
    return TRUE;
  cn_set_error (error, CN_ERROR_ARGUMENT, "%s is %d, and must be from %d to %d",
                cn_translated (name), value, low, high);
  return FALSE;
}
