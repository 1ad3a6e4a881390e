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
  GimpDrawable *drawables[] = { drawable, NULL };
  GimpProcedureConfig *config =
      harness_config ("plug-in-convnet-convolve", gimp_item_get_image (drawable), drawables);

  g_object_set (config, "size", call->size, "angle", call->angle, "sigma", call->sigma,
                "kernel-selection", call->selection, "kernel-zero-mean", call->zero_mean,
                "kernel-unit-norm", call->unit_norm, "bias", call->bias, NULL);
  set_texts (config, call);
  if (call->layer)
    g_object_set (config, "kernel-layer", call->layer, NULL);
  if (call->file)
    {
      g_autoptr (GFile) file = strstr (call->file, "://") ? g_file_new_for_uri (call->file)
                                                          : g_file_new_for_path (call->file);

      g_object_set (config, "kernel-file", file, NULL);
    }
  return harness_run (config);
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
