/* text-file.h: small text files, which may come from anywhere.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

/* The file's text, to be freed with g_free(). It is looked at before it is opened, and no more of
   it is read than `max` bytes. NULL with one of G_FILE_ERROR, or CN_ERROR_PARSE: a folder, a
   device, more than `max` bytes, or what is not UTF-8. */
char *cn_text_file_read (const char *path, gsize max, GError **error);
