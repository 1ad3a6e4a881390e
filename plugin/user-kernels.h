/* user-kernels.h: the user's own kernels: text files in the folder convnet/kernels of the GIMP
 * profile, found by name.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/kernels/kernel.h"

/* Characters in a name. A name has no control characters, does not begin or end with a blank, is no
   preset's id and no kernel's text, so that each can be told from the others. */
#define CN_USER_KERNEL_NAME_MAX 100

/* The names, in the order of the user's language, NULL-terminated; to be freed with g_strfreev().
 */
char **cn_user_kernels (void);

/* Whether there is a kernel of that name. */
gboolean cn_user_kernel_exists (const char *name);

/* NULL with an error in words if there is no kernel of that name, or its file cannot be read. */
CnKernel *cn_user_kernel_load (const char *name, GError **error);

/* Saves under a new name, or over what the name had; the folder is made when it is needed. */
gboolean cn_user_kernel_save (const char *name, const CnKernel *kernel, GError **error);

gboolean cn_user_kernel_delete (const char *name, GError **error);
