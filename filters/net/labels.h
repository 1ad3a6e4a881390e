/* labels.h: the names of a classifier's classes.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

/* The most bytes of a file with names, and the most names. */
#define CN_LABELS_FILE_MAX (4 << 20)
#define CN_LABELS_MAX 100000

/* The names in a text: a line for each, without blanks around it. Empty lines at the end do not
   count, and a line that begins with a WordNet number, as ImageNet's lists do ("n01440764 tench"),
   goes on behind it. NULL-terminated, to be freed with g_strfreev(). NULL with CN_ERROR_PARSE: no
   names, an empty line between them, or too many. */
char **cn_labels_parse (const char *text, GError **error);

/* The same of a file; the errors are those of cn_text_file_read(), too. */
char **cn_labels_read (const char *path, GError **error);
