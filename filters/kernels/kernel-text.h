/* kernel-text.h: what the readers of the kernel formats share; private to kernel-text*.c.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/kernels/kernel.h"

typedef struct
{
  const char *text;  /* UTF-8 */
  const char *at;    /* where the reader is */
  const char *stops; /* the characters that may follow a number */
} CnKernelReader;

/* Sets CN_ERROR_PARSE with the line and column of `where`, and returns FALSE. */
gboolean cn_kernel_fail (const CnKernelReader *reader, const char *where, GError **error,
                         const char *format, ...) G_GNUC_PRINTF (4, 5);

/* The word at `where`, cut short, for a message. */
char *cn_kernel_word (const CnKernelReader *reader, const char *where);

/* Passes over `blanks` and lines that begin with “#”, up to their ends. */
void cn_kernel_skip (CnKernelReader *reader, const char *blanks);

/* Reads a decimal number or a fraction, that is finite as a float and ends at a stop or the end. */
gboolean cn_kernel_read_number (CnKernelReader *reader, double *value, GError **error);

/* The formats, each over the whole text; the last two say whether a text has the format. */
CnKernel *cn_kernel_read_rows (const char *text, GError **error);
CnKernel *cn_kernel_read_imagemagick (const char *text, GError **error);
CnKernel *cn_kernel_read_vips (const char *text, GError **error);
gboolean cn_kernel_is_imagemagick (const char *text);
gboolean cn_kernel_is_vips (const char *text);
