/* presets.c: the kernels that come with the engine.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/kernels/kernel.h"

extern const char cn_presets_ini[];

typedef struct
{
  guint count;
  CnPreset *presets;
} Presets;

/* The file is ours, and a test reads every preset: what is wrong with it is a programmer's error.
 */
static Presets *
load (void)
{
  GKeyFile *file = g_key_file_new ();
  Presets *loaded = g_new0 (Presets, 1);
  g_auto (GStrv) groups = NULL;
  gsize count;

  if (!g_key_file_load_from_data (file, cn_presets_ini, (gsize) -1, G_KEY_FILE_NONE, NULL))
    g_assert_not_reached ();
  groups = g_key_file_get_groups (file, &count);
  loaded->presets = g_new0 (CnPreset, count);
  loaded->count = count;
  for (gsize i = 0; i < count; i++)
    {
      g_autofree char *kernel_text = g_key_file_get_string (file, groups[i], "Kernel", NULL);
      g_auto (GStrv) rows = g_strsplit (kernel_text, "; ", -1);
      CnKernel *kernel = cn_kernel_parse (kernel_text, NULL);

      g_assert (kernel != NULL);
      loaded->presets[i] = (CnPreset){
        .id = g_intern_string (groups[i]),
        .name = g_key_file_get_string (file, groups[i], "Name", NULL),
        .summary = g_key_file_get_string (file, groups[i], "Summary", NULL),
        .text = g_strjoinv ("\n", rows),
        .kernel = kernel,
      };
    }
  g_key_file_free (file);
  return loaded;
}

const CnPreset *
cn_presets (guint *count)
{
  static gsize presets = 0;

  if (g_once_init_enter (&presets))
    g_once_init_leave (&presets, (gsize) load ());
  *count = ((const Presets *) presets)->count;
  return ((const Presets *) presets)->presets;
}
