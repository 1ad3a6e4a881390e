/* effect.c: filters that GIMP's core runs itself, with our operations.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/effect.h"

#include "ui/i18n.h"

/* That GIMP has no such operation is no error: GIMP must not tell the user. */
GimpDrawableFilter *
cn_effect_new (GimpDrawable *drawable, const char *operation, const char *name)
{
  GimpPlugIn *plug_in = gimp_get_plug_in ();
  GimpPDBErrorHandler usual = gimp_plug_in_get_pdb_error_handler (plug_in);
  GimpDrawableFilter *filter;

  gimp_plug_in_set_pdb_error_handler (plug_in, GIMP_PDB_ERROR_HANDLER_PLUGIN);
  filter = gimp_drawable_filter_new (drawable, operation, name);
  gimp_plug_in_set_pdb_error_handler (plug_in, usual);
  return filter;
}

void
cn_effect_copy (GObject *arguments, GObject *properties, const char *const *names)
{
  for (const char *const *name = names; *name; name++)
    {
      g_auto (GValue) value = G_VALUE_INIT;

      g_object_get_property (arguments, *name, &value);
      g_object_set_property (properties, *name, &value);
    }
}

void
cn_add_merge_filter (GimpProcedure *procedure)
{
  gimp_procedure_add_boolean_argument (
      procedure, "merge-filter", _ ("_Merge the filter"),
      _ ("Change the pixels of a layer that is replaced; otherwise the filter becomes an effect on "
         "the layer, which can be edited and taken away"),
      TRUE, G_PARAM_READWRITE);
}

void
cn_effect_refuse (gboolean possible, GError **error)
{
  if (possible)
    g_set_error_literal (error, GIMP_PLUG_IN_ERROR, 0,
                         _ ("GIMP has not loaded the module “convnet-gpl3”, which effects need."));
  else
    g_set_error_literal (
        error, GIMP_PLUG_IN_ERROR, 0,
        _ ("Only a layer can have an effect, of one filter that keeps the layer's size."));
}
