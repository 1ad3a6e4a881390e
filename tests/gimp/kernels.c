/* kernels.c: calls of the procedure with the arguments that choose a kernel, for the tests of
 * those. SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/gimp/kernels.h"

#include <string.h>

#include <gegl.h>
#include <glib/gstdio.h>

static void
set_texts (GimpProcedureConfig *config, const KernelCall *call)
{
  const struct
  {
    const char *name, *value;
  } texts[] = { { "kernel", call->kernel },
                { "channels", call->channels },
                { "response", call->response },
                { "encoding", call->encoding },
                { "output", call->output } };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    if (texts[i].value)
      g_object_set (config, texts[i].name, texts[i].value, NULL);
}

Outcome
kernels_call (gpointer drawable, const KernelCall *call)
{
  GimpProcedure *procedure =
      gimp_pdb_lookup_procedure (gimp_get_pdb (), "plug-in-convnet-convolve");
  g_autoptr (GimpProcedureConfig) config = gimp_procedure_create_config (procedure);
  GObject *drawables[] = { drawable, NULL };
  GimpValueArray *values;
  Outcome outcome = { 0 };

  g_object_set (config, "run-mode", GIMP_RUN_NONINTERACTIVE, "image",
                gimp_item_get_image (drawable), "size", call->size, "angle", call->angle, "sigma",
                call->sigma, "kernel-selection", call->selection, "kernel-zero-mean",
                call->zero_mean, "kernel-unit-norm", call->unit_norm, "bias", call->bias, NULL);
  gimp_procedure_config_set_core_object_array (config, "drawables", drawables, 1);
  set_texts (config, call);
  if (call->layer)
    g_object_set (config, "kernel-layer", call->layer, NULL);
  if (call->file)
    {
      g_autoptr (GFile) file = strstr (call->file, "://") ? g_file_new_for_uri (call->file)
                                                          : g_file_new_for_path (call->file);

      g_object_set (config, "kernel-file", file, NULL);
    }
  values = gimp_procedure_run_config (procedure, config);
  outcome.status = GIMP_VALUES_GET_ENUM (values, 0);
  if (outcome.status == GIMP_PDB_SUCCESS)
    {
      outcome.results = g_value_dup_boxed (gimp_value_array_index (values, 1));
      outcome.image = GIMP_VALUES_GET_IMAGE (values, 2);
      while (outcome.results && outcome.results[outcome.count])
        outcome.count++;
    }
  else if (gimp_value_array_length (values) > 1)
    outcome.message = GIMP_VALUES_DUP_STRING (values, 1);
  gimp_value_array_unref (values);
  return outcome;
}

char *
kernels_script (gpointer drawable, const char *arguments)
{
  GimpProcedure *eval = gimp_pdb_lookup_procedure (gimp_get_pdb (), "plug-in-script-fu-eval");
  g_autofree char *script = g_strdup_printf (
      "(plug-in-convnet-convolve #:run-mode RUN-NONINTERACTIVE #:image %d #:drawables (vector %d) "
      "%s)",
      gimp_image_get_id (gimp_item_get_image (drawable)), gimp_item_get_id (drawable), arguments);
  GimpValueArray *values =
      gimp_procedure_run (eval, "run-mode", GIMP_RUN_NONINTERACTIVE, "script", script, NULL);
  char *message = NULL;

  if (GIMP_VALUES_GET_ENUM (values, 0) != GIMP_PDB_SUCCESS)
    message = gimp_value_array_length (values) > 1 ? GIMP_VALUES_DUP_STRING (values, 1)
                                                   : g_strdup ("no message");
  gimp_value_array_unref (values);
  return message;
}

GimpLayer *
kernels_layer (GimpImageBaseType base, gboolean alpha, int width, int height, const float *values)
{
  GimpImage *image = harness_image (base, GIMP_PRECISION_FLOAT_NON_LINEAR);
  GimpLayer *layer = harness_layer (image, alpha, width, height, 4, 6);
  static const char *const names[2][2] = { { "Y' float", "Y'A float" },
                                           { "R'G'B' float", "R'G'B'A float" } };
  const Babl *format = babl_format_with_space (names[base == GIMP_RGB][alpha],
                                               gimp_drawable_get_format (GIMP_DRAWABLE (layer)));
  g_autoptr (GeglBuffer) buffer = gimp_drawable_get_buffer (GIMP_DRAWABLE (layer));

  gegl_buffer_set (buffer, NULL, 0, format, values, GEGL_AUTO_ROWSTRIDE);
  gegl_buffer_flush (buffer);
  gimp_item_set_name (GIMP_ITEM (layer), "pattern");
  return layer;
}

char *
kernels_folder (void)
{
  char *folder = g_dir_make_tmp ("test-kernels-ä-XXXXXX", NULL);

  g_assert_nonnull (folder);
  return folder;
}

/* The folder's files, each given to `remove` if that is asked for. */
static guint
go_through (const char *folder, gboolean remove_them)
{
  GDir *files = g_dir_open (folder, 0, NULL);
  const char *name;
  guint count = 0;

  while (files && (name = g_dir_read_name (files)))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      count++;
      if (remove_them)
        g_remove (path);
    }
  g_clear_pointer (&files, g_dir_close);
  return count;
}

void
kernels_remove (const char *folder)
{
  go_through (folder, TRUE);
  g_rmdir (folder);
}

void
kernels_check_folder (const char *folder, guint files)
{
  g_assert_cmpint (go_through (folder, FALSE), ==, files);
}
