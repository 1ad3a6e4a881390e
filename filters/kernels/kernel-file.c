/* kernel-file.c: kernels in files.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/core/text-file.h"
#include "filters/kernels/kernel.h"

CnKernel *
cn_kernel_load (const char *path, GError **error)
{
  g_autofree char *name = g_filename_display_basename (path);
  g_autofree char *text = cn_text_file_read (path, CN_KERNEL_FILE_MAX, error);
  CnKernel *kernel;

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
