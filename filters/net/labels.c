/* labels.c: the names of a classifier's classes.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/net/labels.h"

#include <string.h>

#include "filters/core/error.h"
#include "filters/core/text-file.h"

/* "n" and eight digits, then a blank. */
#define WORDNET_LENGTH 10

static const char *
behind_number (const char *line)
{
  if (line[0] != 'n')
    return line;
  for (int i = 1; i < WORDNET_LENGTH - 1; i++)
    if (!g_ascii_isdigit (line[i]))
      return line;
  return g_ascii_isspace (line[WORDNET_LENGTH - 1]) ? line + WORDNET_LENGTH : line;
}

char **
cn_labels_parse (const char *text, GError **error)
{
  g_autofree char *trimmed = g_strchomp (g_strdup (text));
  g_auto (GStrv) lines = *trimmed ? g_strsplit (trimmed, "\n", CN_LABELS_MAX + 1) : NULL;
  guint n = lines ? g_strv_length (lines) : 0;

  if (n == 0)
    {
      cn_set_error (error, CN_ERROR_PARSE, "There are no names of classes");
      return NULL;
    }
  if (n > CN_LABELS_MAX)
    {
      cn_set_error (error, CN_ERROR_PARSE, "There are more than %d names of classes",
                    CN_LABELS_MAX);
      return NULL;
    }
  for (guint i = 0; i < n; i++)
    {
      char *name = g_strdup (behind_number (g_strstrip (lines[i])));

      g_free (lines[i]);
      lines[i] = g_strstrip (name);
      if (*name)
        continue;
      cn_set_error (error, CN_ERROR_PARSE, "Line %d has no name of a class", (int) i + 1);
      return NULL;
    }
  return g_steal_pointer (&lines);
}

char **
cn_labels_read (const char *path, GError **error)
{
  g_autofree char *name = g_filename_display_basename (path);
  g_autofree char *text = cn_text_file_read (path, CN_LABELS_FILE_MAX, error);
  char **labels;

  if (!text)
    return NULL;
  labels = cn_labels_parse (g_str_has_prefix (text, "\xef\xbb\xbf") ? text + 3 : text, error);
  if (!labels)
    g_prefix_error (error, "“%s”: ", name);
  return labels;
}
