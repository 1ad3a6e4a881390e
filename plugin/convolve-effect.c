/* convolve-effect.c: a convolution that GIMP's core runs itself, as the operation convnet:convolve.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/convolve-effect.h"

#include "ui/i18n.h"

/* Arguments that the operation has under the same names. */
static const char *const common[] = { "flip",   "divisor",  "bias",  "activation", "dilation",
                                      "border", "channels", "alpha", "encoding",   "response" };
static const char *const of_preset[] = {
  "kernel", "size", "angle", "sigma", "kernel-zero-mean", "kernel-unit-norm"
};

static void
copy (GObject *from, GObject *to, const char *const *names, gsize count)
{
  for (gsize i = 0; i < count; i++)
    {
      g_auto (GValue) value = G_VALUE_INIT;

      g_object_get_property (from, names[i], &value);
      g_object_set_property (to, names[i], &value);
    }
}

static gboolean
is_preset (GObject *config)
{
  g_autofree char *kernel = NULL;
  g_autoptr (GFile) file = NULL;
  g_autoptr (GimpDrawable) layer = NULL;

  g_object_get (config, "kernel", &kernel, "kernel-file", &file, "kernel-layer", &layer, NULL);
  return !file && !layer && kernel && cn_preset (kernel);
}

/* That GIMP has no such operation is no error: GIMP must not tell the user. */
static GimpDrawableFilter *
new_filter (GimpDrawable *drawable)
{
  GimpPlugIn *plug_in = gimp_get_plug_in ();
  GimpPDBErrorHandler usual = gimp_plug_in_get_pdb_error_handler (plug_in);
  GimpDrawableFilter *filter;

  gimp_plug_in_set_pdb_error_handler (plug_in, GIMP_PDB_ERROR_HANDLER_PLUGIN);
  filter = gimp_drawable_filter_new (drawable, "convnet:convolve", _ ("Convolve"));
  gimp_plug_in_set_pdb_error_handler (plug_in, usual);
  return filter;
}

/* A preset stays one, and can be edited; any other kernel becomes its numbers. */
GimpDrawableFilter *
cn_convolve_effect (GimpDrawable *drawable, const CnConvolveWanted *wanted)
{
  GObject *config = G_OBJECT (wanted->config);
  g_autofree char *text = cn_kernel_format (wanted->kernel, CN_KERNEL_ROWS, "; ", NULL);
  GimpDrawableFilter *filter = text ? new_filter (drawable) : NULL;
  GObject *properties;

  if (!filter)
    return NULL;
  properties = G_OBJECT (gimp_drawable_filter_get_config (filter));
  copy (config, properties, common, G_N_ELEMENTS (common));
  if (is_preset (config))
    copy (config, properties, of_preset, G_N_ELEMENTS (of_preset));
  else
    g_object_set (properties, "kernel", text, NULL);
  return filter;
}
