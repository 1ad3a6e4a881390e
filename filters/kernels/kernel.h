/* kernel.h: kernels as a user sees them: matrices of weights, read from text or from the presets.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

typedef struct
{
  int filters, planes, height, width;
  float *weights; /* filters × planes × height × width */
} CnKernel;

/* A kernel of zeros; the sizes must be at least 1 and multiply without overflow. */
CnKernel *cn_kernel_new (int filters, int planes, int height, int width);
void cn_kernel_free (CnKernel *kernel);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnKernel, cn_kernel_free)

/* Reads a kernel from text:

     1 0 -1; 2 0 -2; 1 0 -1      rows end with “;” or a line end, numbers with a space or a comma
     1/9, 1/9, 1/9               fractions
     0 0; 0 0 | 1 2; 3 4         “|” between the planes: one for each channel of the picture
     1 -1 || 1; -1               “||” between filters, which must have the same size

   Empty rows are passed over. All rows have the same length, all planes the same size, at most
   CN_KERNEL_MAX on a side. NULL with CN_ERROR_PARSE; the message says line and column (of
   characters, counted from 1) and what was expected, or that the text is not UTF-8. */
CnKernel *cn_kernel_parse (const char *text, GError **error);

/* Reads either the name of a preset or a kernel's text; a word that no preset has for its name is
   CN_ERROR_ARGUMENT. */
CnKernel *cn_kernel_lookup (const char *name_or_text, GError **error);

typedef struct
{
  const char *id;      /* what scripts call it: "vertical-edge" */
  const char *name;    /* what users see, English: "Vertical edge" */
  const char *summary; /* a sentence on what it does, English */
  const char *text;    /* the kernel's, one row to a line */
  const CnKernel *kernel;
} CnPreset;

/* The presets of filters/data/kernels/presets.ini, in its order; they live for ever. */
const CnPreset *cn_presets (guint *count);
