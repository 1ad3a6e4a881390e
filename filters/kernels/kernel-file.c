/* kernel-file.c: kernels in files. A file may come from anywhere: it is looked at before it is
 * opened, and no more of it is read than a kernel can need.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "filters/core/error.h"
#include "filters/kernels/kernel.h"

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
check_kind (const char *path, const char *name, GError **error)
{
  GStatBuf file;

  if (g_stat (path, &file) != 0)
    return fail (error, name);
  if (S_ISDIR (file.st_mode))
    cn_set_error (error, CN_ERROR_PARSE, "“%s” is a folder, and a kernel is a text file", name);
  else if (!S_ISREG (file.st_mode))
    cn_set_error (error, CN_ERROR_PARSE, "“%s” is a device or a pipe, and a kernel is a text file",
                  name);
  else if (file.st_size > CN_KERNEL_FILE_MAX)
    cn_set_error (error, CN_ERROR_PARSE, "“%s” has %zu bytes, and a kernel's text at most %d", name,
                  (gsize) file.st_size, CN_KERNEL_FILE_MAX);
  else
    return TRUE;
  return FALSE;
}

/* The file's text, which may have grown since it was looked at. */
static char *
read_text (const char *path, const char *name, GError **error)
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
  while (bytes->len <= CN_KERNEL_FILE_MAX && (got = fread (block, 1, sizeof block, file)) > 0)
    g_byte_array_append (bytes, block, (guint) got);
  if (ferror (file))
    {
      fail (error, name);
      fclose (file);
      return NULL;
    }
  fclose (file);
  if (bytes->len > CN_KERNEL_FILE_MAX)
    {
      cn_set_error (error, CN_ERROR_PARSE,
                    "“%s” has more than %d bytes, which no kernel's text has", name,
                    CN_KERNEL_FILE_MAX);
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

CnKernel *
cn_kernel_load (const char *path, GError **error)
{
  g_autofree char *name = g_filename_display_basename (path);
  g_autofree char *text = NULL;
  CnKernel *kernel;

  if (!check_kind (path, name, error))
    return NULL;
  text = read_text (path, name, error);
  if (!text)
    return NULL;
  kernel = cn_kernel_parse (text, error);
  if (!kernel)
    g_prefix_error (error, "“%s”: ", name);
  return kernel;
}

gboolean
cn_kernel_save (const CnKernel *kernel, const char *path, GError **error)
{
  g_autofree char *rows = cn_kernel_format (kernel, CN_KERNEL_ROWS, "\n", error);
  g_autofree char *text = rows ? g_strconcat (rows, "\n", NULL) : NULL;

  return text && g_file_set_contents (path, text, -1, error);
}
