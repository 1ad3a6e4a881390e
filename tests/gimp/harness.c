/* harness.c: pictures for the tests, calls of the procedure, and comparison with what is expected.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/gimp/harness.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include <gegl.h>

#include "tests/gimp/undo-probe.h"

GimpImage *
harness_image (GimpImageBaseType base, GimpPrecision precision)
{
  return gimp_image_new_with_precision (CANVAS_WIDTH, CANVAS_HEIGHT, base, precision);
}

static const Babl *
float_format (GimpDrawable *drawable, gboolean linear)
{
  static const char *const names[2][2][2] = {
    { { "Y' float", "Y'A float" }, { "R'G'B' float", "R'G'B'A float" } },
    { { "Y float", "YA float" }, { "RGB float", "RGBA float" } },
  };

  return babl_format_with_space (
      names[linear][gimp_drawable_is_rgb (drawable)][gimp_drawable_has_alpha (drawable)],
      gimp_drawable_get_format (drawable));
}

void
harness_noise (GimpDrawable *drawable)
{
  g_autoptr (GeglBuffer) buffer = gimp_drawable_get_buffer (drawable);
  const Babl *format = float_format (drawable, FALSE);
  int width = gegl_buffer_get_width (buffer), height = gegl_buffer_get_height (buffer);
  int channels = babl_format_get_n_components (format);
  g_autofree float *data = g_new (float, (gsize) width *height *channels);
  g_autoptr (GRand) noise = g_rand_new_with_seed (width * 7919 + height);
  gboolean wide = !harness_is_integer (drawable);

  for (int i = 0; i < width * height; i++)
    for (int c = 0; c < channels; c++)
      {
        gboolean alpha = c == channels - 1 && babl_format_has_alpha (format);
        int across = i % width / 6 % 3;

        if (alpha)
          data[i * channels + c] =
              (float) (across ? across == 1 : g_rand_double_range (noise, 0.1, 1));
        else
          data[i * channels + c] =
              (float) g_rand_double_range (noise, wide ? -0.25 : 0, wide ? 1.5 : 1);
      }
  gegl_buffer_set (buffer, NULL, 0, format, data, GEGL_AUTO_ROWSTRIDE);
}

GimpLayer *
harness_layer (GimpImage *image, gboolean alpha, int width, int height, int x, int y)
{
  gboolean gray = gimp_image_get_base_type (image) == GIMP_GRAY;
  GimpImageType type = gray ? (alpha ? GIMP_GRAYA_IMAGE : GIMP_GRAY_IMAGE)
                            : (alpha ? GIMP_RGBA_IMAGE : GIMP_RGB_IMAGE);
  GimpLayer *layer =
      gimp_layer_new (image, "noise", width, height, type, 100, GIMP_LAYER_MODE_NORMAL);

  harness_noise (GIMP_DRAWABLE (layer));
  gimp_image_insert_layer (image, layer, NULL, 0);
  gimp_layer_set_offsets (layer, x, y);
  return layer;
}

GimpLayer *
harness_usual (gboolean alpha)
{
  return harness_layer (harness_image (GIMP_RGB, GIMP_PRECISION_U8_NON_LINEAR), alpha, 37, 29, 5,
                        9);
}

Picture
harness_read (GimpDrawable *drawable, gboolean linear)
{
  g_autoptr (GeglBuffer) buffer = gimp_drawable_get_buffer (drawable);
  const Babl *format = float_format (drawable, linear);
  gboolean alpha = babl_format_has_alpha (format);
  Picture picture = {
    .width = gegl_buffer_get_width (buffer),
    .height = gegl_buffer_get_height (buffer),
    .colours = babl_format_get_n_components (format) - alpha,
    .has_alpha = alpha,
  };

  picture.data = g_new (float, (gsize) picture.width *picture.height *picture_channels (&picture));
  gegl_buffer_get (buffer, NULL, 1, format, picture.data, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
  return picture;
}

GBytes *
harness_bytes (GimpDrawable *drawable)
{
  g_autoptr (GeglBuffer) buffer = gimp_drawable_get_buffer (drawable);
  const Babl *format = gimp_drawable_get_format (drawable);
  gsize size = (gsize) gegl_buffer_get_width (buffer) * gegl_buffer_get_height (buffer)
               * babl_format_get_bytes_per_pixel (format);
  gpointer data = g_malloc (size);

  gegl_buffer_get (buffer, NULL, 1, format, data, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
  return g_bytes_new_take (data, size);
}

int
harness_count_layers (GimpImage *image)
{
  g_autofree GimpLayer **layers = gimp_image_get_layers (image);
  int count = 0;

  while (layers && layers[count])
    count++;
  return count;
}

void
harness_assert_name (gpointer item, const char *name)
{
  g_autofree char *found = gimp_item_get_name (item);

  g_assert_cmpstr (found, ==, name);
}

/* Sends a command to the probe; its answer is the number of undo steps. */
static int
probe (GimpImage *image, const char *command)
{
  GimpParasite *parasite = gimp_parasite_new (command, 0, 1, "");
  GimpParasite *answer;
  int depth;

  gimp_image_attach_parasite (image, parasite);
  gimp_parasite_free (parasite);
  gimp_image_detach_parasite (image, command);
  answer = gimp_image_get_parasite (image, UNDO_PROBE_ANSWER);
  if (!answer)
    g_error ("GIMP has not loaded the module undo-probe, or it finds no undo in this GIMP");
  depth = atoi (gimp_parasite_get_data (answer, NULL));
  gimp_parasite_free (answer);
  return depth;
}

void
harness_undo (GimpImage *image)
{
  probe (image, UNDO_PROBE_UNDO);
}

void
harness_redo (GimpImage *image)
{
  probe (image, UNDO_PROBE_REDO);
}

int
harness_undo_depth (GimpImage *image)
{
  return probe (image, UNDO_PROBE_COUNT);
}

void
outcome_clear (Outcome *outcome)
{
  g_clear_pointer (&outcome->message, g_free);
  g_clear_pointer (&outcome->results, g_free);
}

static void
set_choices (GimpProcedureConfig *config, const Filter *f)
{
  const struct
  {
    const char *name, *value;
  } choices[] = {
    { "activation", f->activation }, { "padding", f->padding }, { "border", f->border },
    { "channels", f->channels },     { "alpha", f->alpha },     { "encoding", f->encoding },
    { "response", f->response },     { "output", f->output },
  };

  for (guint i = 0; i < G_N_ELEMENTS (choices); i++)
    if (choices[i].value)
      g_object_set (config, choices[i].name, choices[i].value, NULL);
}

GimpProcedureConfig *
harness_config (const char *procedure, GimpImage *image, GimpDrawable **drawables)
{
  GimpProcedureConfig *config =
      gimp_procedure_create_config (gimp_pdb_lookup_procedure (gimp_get_pdb (), procedure));
  int count = 0;

  while (drawables[count])
    count++;
  g_object_set (config, "run-mode", GIMP_RUN_NONINTERACTIVE, "image", image, NULL);
  if (count) /* libgimp takes no empty array */
    gimp_procedure_config_set_core_object_array (config, "drawables", (GObject **) drawables,
                                                 count);
  return config;
}

Outcome
harness_run (GimpProcedureConfig *config)
{
  GimpProcedure *procedure = gimp_procedure_config_get_procedure (config);
  GimpValueArray *values = gimp_procedure_run_config (procedure, config);
  Outcome outcome = { .status = GIMP_VALUES_GET_ENUM (values, 0) };

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
  g_object_unref (config);
  return outcome;
}

Outcome
harness_call (GimpImage *image, GimpDrawable **drawables, const Filter *f)
{
  GimpProcedureConfig *config = harness_config ("plug-in-convnet-convolve", image, drawables);

  g_object_set (config, "flip", f->flip, "bias", f->bias, NULL);
  if (f->kernel)
    g_object_set (config, "kernel", f->kernel->text, NULL);
  if (f->divisor != 0)
    g_object_set (config, "divisor", f->divisor, NULL);
  if (f->stride)
    g_object_set (config, "stride", f->stride, NULL);
  if (f->effect)
    g_object_set (config, "merge-filter", FALSE, NULL);
  if (f->dilation)
    g_object_set (config, "dilation", f->dilation, NULL);
  set_choices (config, f);
  return harness_run (config);
}

Outcome
harness_filter (gpointer drawable, const Filter *filter)
{
  GimpDrawable *drawables[] = { drawable, NULL };

  return harness_call (gimp_item_get_image (drawable), drawables, filter);
}

Outcome
harness_script (const char *stem, gpointer drawable, const char *arguments)
{
  GimpProcedure *eval = gimp_pdb_lookup_procedure (gimp_get_pdb (), "plug-in-script-fu-eval");
  g_autofree char *script = g_strdup_printf (
      "(plug-in-convnet-%s #:run-mode RUN-NONINTERACTIVE #:image %d #:drawables (vector %d) %s)",
      stem, gimp_image_get_id (gimp_item_get_image (drawable)), gimp_item_get_id (drawable),
      arguments);
  GimpValueArray *values =
      gimp_procedure_run (eval, "run-mode", GIMP_RUN_NONINTERACTIVE, "script", script, NULL);
  Outcome outcome = { .status = GIMP_VALUES_GET_ENUM (values, 0) };

  if (outcome.status != GIMP_PDB_SUCCESS && gimp_value_array_length (values) > 1)
    outcome.message = GIMP_VALUES_DUP_STRING (values, 1);
  gimp_value_array_unref (values);
  return outcome;
}

void
harness_fail (const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_test_message ("%s", g_strdelimit (message, "\n", ';'));
  g_test_fail ();
}

gboolean
harness_succeeded (const Outcome *outcome, const char *name)
{
  if (outcome->status == GIMP_PDB_SUCCESS)
    return TRUE;
  harness_fail ("%s: status %d, %s", name, outcome->status, outcome->message);
  return FALSE;
}
