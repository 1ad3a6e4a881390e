/* error.h: the engine's one error domain, and its messages in the user's language.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#define CN_ERROR (cn_error_quark ())

typedef enum
{
  CN_ERROR_ARGUMENT,    /* a value outside of its range; the message holds the value */
  CN_ERROR_SHAPE,       /* sizes that do not fit together; the message holds the sizes */
  CN_ERROR_PARSE,       /* a text or file that cannot be read; the message says what, and where */
  CN_ERROR_MEMORY,      /* not enough memory; the message holds the amount asked for */
  CN_ERROR_UNSUPPORTED, /* a network that needs what the engine lacks; the message lists all of it
                         */
  CN_ERROR_LATE,        /* within filters/net: a size that is known only while a network runs */
  CN_ERROR_CANCELLED,   /* the caller's cancel flag was raised; nothing is half done */
} CnError;

GQuark cn_error_quark (void);

/* Sets `error`, which may be NULL, to the translated format with its values. */
void cn_set_error (GError **error, CnError code, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* The engine knows no gettext. A program that does gives its function here, once and before it
   calls anything else; `translate` returns the text itself where it knows no better. */
void cn_set_translator (const char *(*translate) (const char *text));

/* The text in the user's language. */
const char *cn_translated (const char *text) G_GNUC_FORMAT (1);

/* TRUE if `value` is in low … high; else CN_ERROR_ARGUMENT: “`name` is `value`, and must be …”. */
gboolean cn_in_range (int value, int low, int high, const char *name, GError **error);
