/* kernel.c: kernels as a user sees them: the matrix itself, and the choice of preset or text.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/kernels/kernel.h"

#include <string.h>

#include "filters/core/error.h"

CnKernel *
cn_kernel_new (int filters, int planes, int height, int width)
{
  CnKernel *kernel = g_new (CnKernel, 1);

  *kernel = (CnKernel){ filters, planes, height, width, NULL };
  kernel->weights = g_new0 (float, (gsize) filters *planes *height *width);
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

static CnKernel *
copy (const CnKernel *kernel)
{
  CnKernel *same = cn_kernel_new (kernel->filters, kernel->planes, kernel->height, kernel->width);

  memcpy (same->weights, kernel->weights,
          (gsize) kernel->filters * kernel->planes * kernel->height * kernel->width
              * sizeof (float));
  return same;
}

CnKernel *
cn_kernel_lookup (const char *name_or_text, GError **error)
{
  g_autofree char *word = g_strstrip (g_strdup (name_or_text));
  g_autofree char *valid = NULL, *shown = NULL;
  const CnPreset *presets;
  guint count;

  /* A preset's name begins with a letter, and no kernel does: “nan” and “inf” are no weights. */
  if (!g_ascii_isalpha (word[0]))
    return cn_kernel_parse (name_or_text, error);

  presets = cn_presets (&count);
  for (guint i = 0; i < count; i++)
    if (strcmp (word, presets[i].id) == 0)
      return copy (presets[i].kernel);
  valid = g_utf8_make_valid (word, -1);
  shown = g_utf8_substring (valid, 0, MIN (40, g_utf8_strlen (valid, -1)));
  g_set_error (error, CN_ERROR, CN_ERROR_ARGUMENT,
               "“%s%s” is neither the name of a preset nor rows of numbers", shown,
               strlen (shown) < strlen (valid) ? "…" : "");
  return NULL;
}
