/* module.c: the GEGL module: its operations, and where what is installed
 * beside it lies.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* dladdr() */
#include <dlfcn.h>
#include <stdlib.h>

#include "plugin/gegl/filter.h"

G_MODULE_EXPORT const GeglModuleInfo *gegl_module_query (GTypeModule *module);
G_MODULE_EXPORT gboolean gegl_module_register (GTypeModule *module);

static const CnGeglKind *const kinds[] = { &cn_gegl_convolve, &cn_gegl_pool, &cn_gegl_pool_pixelate,
                                           &cn_gegl_network };

static const char *
translate (const char *text)
{
  return _ (text);
}

/* The module lies in the plug-in's folder; where GEGL looks for modules there is a link to it. One
   that was installed into GEGL's own folder knows the plug-in's. */
char *
cn_gegl_folder (const char *folder)
{
  Dl_info here = { 0 };
  const char *name = dladdr (&kinds, &here) ? here.dli_fname : "";
  char *file = realpath (name, NULL);
  g_autofree char *own = g_path_get_dirname (file ? file : name);
  g_autofree char *beside = g_build_filename (own, folder, NULL);

  free (file);
  return g_file_test (beside, G_FILE_TEST_IS_DIR) ? g_steal_pointer (&beside)
                                                  : g_build_filename (CN_FOLDER, folder, NULL);
}

static void
find_translations (void)
{
  g_autofree char *folder = cn_gegl_folder ("locale");

  bindtextdomain (GETTEXT_PACKAGE, folder);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  cn_set_translator (translate);
}

const GeglModuleInfo *
gegl_module_query (GTypeModule *module)
{
  static const GeglModuleInfo info = { GEGL_MODULE_ABI_VERSION };

  (void) module;
  return &info;
}

gboolean
gegl_module_register (GTypeModule *module)
{
  find_translations ();
  cn_gegl_filter_register (module);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    cn_gegl_kind_register (module, kinds[i]);
  return TRUE;
}
