/* file.c: files from anywhere: read whole, but not more than a limit, and the memory for messages.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>

#include <glib/gstdio.h>

#include "filters/core/error.h"
#include "filters/core/pages.h"
#include "filters/onnx/private.h"

gpointer
cn_onnx_alloc (void *memory, size_t size)
{
  CnOnnxMemory *m = memory;
  gpointer bytes;

  if (size > m->left)
    return NULL;
  m->left -= size;
  bytes = g_try_malloc (MAX (size, 1));
  cn_pages_prefer_large (bytes, size);
  return bytes;
}

void
cn_onnx_release (void *memory, void *pointer)
{
  (void) memory;
  g_free (pointer);
}

/* What else a file is that was saved under the name of a network; NULL: that cannot be seen. */
static const char *
mistaken_for (const guint8 *bytes, gsize n)
{
  g_autofree char *start = g_ascii_strdown ((const char *) bytes, (gssize) MIN (n, 64));

  g_strchug (start);
  if (g_str_has_prefix (start, "version https://git-lfs"))
    return "a pointer of Git LFS, and not the network itself: fetch it with “git lfs pull”";
  if (g_str_has_prefix (start, "<!doctype") || g_str_has_prefix (start, "<html")
      || g_str_has_prefix (start, "<?xml"))
    return "a web page, and not a network: the download has failed";
  if (n >= 4 && memcmp (bytes, "PK\3\4", 4) == 0)
    return "a ZIP archive, and not a network: PyTorch's own files must be exported to ONNX";
  if (n >= 8 && memcmp (bytes, "\x89HDF\r\n\x1a\n", 8) == 0)
    return "an HDF5 file, and not a network: Keras's own files must be exported to ONNX";
  if (n >= 2 && memcmp (bytes, "\x1f\x8b", 2) == 0)
    return "a compressed file: unpack it first";
  if (n >= 8 && memcmp (bytes + 4, "TFL3", 4) == 0)
    return "a TensorFlow Lite file, and not ONNX";
  if (n == 0)
    return "empty";
  return NULL;
}

static gboolean
read_file (FILE *file, const char *path, gsize n, guint8 *bytes, GError **error)
{
  const char *mistake;
  gsize head = fread (bytes, 1, MIN (n, 64), file);

  mistake = mistaken_for (bytes, head);
  if (mistake)
    {
      cn_set_error (error, CN_ERROR_PARSE, "The file is %s", mistake);
      return FALSE;
    }
  if (fread (bytes + head, 1, n - head, file) != n - head)
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_IO,
                   cn_translated ("The file “%s” could not be read"), path);
      return FALSE;
    }
  return TRUE;
}

guint8 *
cn_onnx_contents (const char *path, gsize max, gsize *n, GError **error)
{
  g_autofree guint8 *bytes = NULL;
  gboolean fine;
  GStatBuf info;
  FILE *file;

  if (g_stat (path, &info) != 0)
    {
      int code = errno;

      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code),
                   cn_translated ("The file “%s” could not be opened: %s"), path,
                   g_strerror (code));
      return NULL;
    }
  if ((info.st_mode & S_IFMT) != S_IFREG || (guint64) info.st_size > max)
    {
      cn_set_error (error, CN_ERROR_PARSE, "“%s” is not a file, or it has more than %zu MiB", path,
                    max >> 20);
      return NULL;
    }
  *n = (gsize) info.st_size;
  bytes = g_try_malloc (*n + 1);
  if (!bytes)
    {
      cn_set_error (error, CN_ERROR_MEMORY, "Not enough memory for a file of %zu MiB", *n >> 20);
      return NULL;
    }
  file = g_fopen (path, "rb");
  if (!file)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno),
                   cn_translated ("The file “%s” could not be opened: %s"), path,
                   g_strerror (errno));
      return NULL;
    }
  fine = read_file (file, path, *n, bytes, error);
  fclose (file);
  return fine ? g_steal_pointer (&bytes) : NULL;
}
