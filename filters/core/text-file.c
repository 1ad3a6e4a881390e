/* text-file.c: small text files, which may come from anywhere.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/core/text-file.h"

#include <glib/gstdio.h>

#include <errno.h>
#include <stdio.h>

#include "filters/core/error.h"

static gboolean
fail (GError **error, const char *name)
{
  int number = errno;

  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (number),
               cn_translated ("“%s” cannot be read: %s"), name, g_strerror (number));
  return FALSE;
}

/* Opening a fifo would wait for ever, and opening a device may do anything. */
static gboolean
check_kind (const char *path, const char *name, gsize max, GError **error)
{
  GStatBuf file;

  if (g_stat (path, &file) != 0)
    return fail (error, name);
  if (S_ISDIR (file.st_mode))
    cn_set_error (error, CN_ERROR_PARSE, "“%s” is a folder, and not a text file", name);
  else if (!S_ISREG (file.st_mode))
    cn_set_error (error, CN_ERROR_PARSE, "“%s” is a device or a pipe, and not a text file", name);
  else if ((guint64) file.st_size > max)
    cn_set_error (error, CN_ERROR_PARSE, "“%s” has %zu bytes, and may have %zu at most", name,
                  (gsize) file.st_size, max);
  else
    return TRUE;
  return FALSE;
}

/* The file's text, which may have grown since it was looked at. */
static char *
read_text (const char *path, const char *name, gsize max, GError **error)
{
  FILE *file = g_fopen (path, "rb");
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  guint8 block[65536];
  gsize got;

  if (!file)
    {
      fail (error, name);
      return NULL;
    }
  while (bytes->len <= max && (got = fread (block, 1, sizeof block, file)) > 0)
    g_byte_array_append (bytes, block, (guint) got);
  if (ferror (file))
    {
      fail (error, name);
      fclose (file);
      return NULL;
    }
  fclose (file);
  if (bytes->len > max)
    {
      cn_set_error (error, CN_ERROR_PARSE, "“%s” has more than %zu bytes", name, max);
      return NULL;
    }
  if (!g_utf8_validate_len ((const char *) bytes->data, bytes->len, NULL))
    {
      cn_set_error (error, CN_ERROR_PARSE, "“%s” is not a text file", name);
      return NULL;
    }
  g_byte_array_append (bytes, (const guint8 *) "", 1);
  return (char *) g_byte_array_free (g_steal_pointer (&bytes), FALSE);
}

char *
cn_text_file_read (const char *path, gsize max, GError **error)
{
  g_autofree char *name = g_filename_display_basename (path);

  return check_kind (path, name, max, error) ? read_text (path, name, max, error) : NULL;
}
