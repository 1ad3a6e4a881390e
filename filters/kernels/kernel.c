/* kernel.c: kernels as a user sees them: the matrix itself, and the choice of preset or text.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/kernels/kernel.h"

#include <string.h>

#include "filters/core/error.h"

CnKernel *
cn_kernel_new (int filters, int planes, int height, int width)
{
  CnKernel *kernel = g_new (CnKernel, 1);

  *kernel = (CnKernel){ filters, planes, height, width, NULL, 0 };
  kernel->weights = g_new0 (float, cn_kernel_count (kernel));
  return kernel;
}

void
cn_kernel_free (CnKernel *kernel)
{
  if (!kernel)
    return;
  g_free (kernel->weights);
  g_free (kernel);
}

gsize
cn_kernel_count (const CnKernel *kernel)
{
  return (gsize) kernel->filters * kernel->planes * kernel->height * kernel->width;
}

CnKernel *
cn_kernel_copy (const CnKernel *kernel)
{
  CnKernel *same = cn_kernel_new (kernel->filters, kernel->planes, kernel->height, kernel->width);

  memcpy (same->weights, kernel->weights, cn_kernel_count (kernel) * sizeof (float));
  same->bias = kernel->bias;
  return same;
}

double
cn_kernel_sum (const CnKernel *kernel)
{
  gsize count = cn_kernel_count (kernel) / kernel->filters;
  double sum = 0;

  for (gsize i = 0; i < count; i++)
    sum += kernel->weights[i];
  return sum;
}

CnKernel *
cn_kernel_lookup (const char *id_or_text, const CnKernelParameters *parameters, GError **error)
{
  g_autofree char *word = g_strstrip (g_strdup (id_or_text));
  g_autofree char *valid = NULL, *shown = NULL;
  const CnPreset *preset;

  /* A preset's id begins with a letter, and no kernel does: “nan” and “inf” are no weights. What
     has a colon is meant for ImageMagick, and the reader says what is wrong with it. */
  if (!g_ascii_isalpha (word[0]) || strchr (word, ':'))
    return cn_kernel_parse (id_or_text, error);

  preset = cn_preset (word);
  if (preset)
    return cn_preset_kernel (preset, parameters, error);
  valid = g_utf8_make_valid (word, -1);
  shown = g_utf8_substring (valid, 0, MIN (40, g_utf8_strlen (valid, -1)));
  cn_set_error (error, CN_ERROR_ARGUMENT,
                "“%s%s” is neither the name of a kernel nor rows of numbers", shown,
                strlen (shown) < strlen (valid) ? "…" : "");
  return NULL;
}
