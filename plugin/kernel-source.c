/* kernel-source.c: where a procedure's kernel comes from: its arguments, and the kernel that they
 * ask for.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/kernel-source.h"

#include "plugin/kernel-layer.h"
#include "plugin/user-kernels.h"
#include "ui/i18n.h"

static void
add_parameters (GimpProcedure *procedure)
{
  gimp_procedure_add_int_argument (
      procedure, "size", _ ("Si_ze"),
      _ ("Rows and columns of a preset that has a size; 0 for the preset's own"), 0, CN_KERNEL_MAX,
      0, G_PARAM_READWRITE);
  gimp_procedure_add_double_argument (
      procedure, "angle", _ ("A_ngle"),
      _ ("Degrees by which a preset that has a direction is turned, clockwise"), -360, 360, 0,
      G_PARAM_READWRITE);
  gimp_procedure_add_double_argument (
      procedure, "sigma", _ ("_Width (sigma)"),
      _ ("How wide a preset that has a sigma is, in pixels; 0 for the preset's own"), 0, 64, 0,
      G_PARAM_READWRITE);
}

/* GIMP calls a file that is missing or a folder “out of range”: so the file may be any, and what is
   wrong with it is said when it is read. */
static void
add_sources (GimpProcedure *procedure)
{
  gimp_procedure_add_file_argument (
      procedure, "kernel-file", _ ("Kernel _file"),
      _ ("A text file with the kernel, in rows or as ImageMagick, G'MIC, ImageJ or libvips write "
         "it; it is taken instead of the kernel"),
      GIMP_FILE_CHOOSER_ACTION_ANY, TRUE, NULL, G_PARAM_READWRITE);
  gimp_procedure_add_drawable_argument (
      procedure, "kernel-layer", _ ("Kernel la_yer"),
      _ ("A layer whose pixels are the kernel, of 255×255 at most; it is taken instead of the "
         "kernel and the file. Transparent pixels are 0"),
      TRUE, G_PARAM_READWRITE);
  gimp_procedure_add_boolean_argument (procedure, "kernel-selection",
                                       _ ("_Use only what is selected of the kernel layer"),
                                       _ ("The selection marks the pixels of the kernel layer that "
                                          "are the kernel; layers of the same "
                                          "image are filtered as if nothing were selected"),
                                       FALSE, G_PARAM_READWRITE);
}

void
cn_add_kernel (GimpProcedure *procedure, const char *kernel)
{
  gimp_procedure_add_string_argument (
      procedure, "kernel", _ ("_Kernel"),
      _ ("The name of a preset (“sobel”) or of a kernel of your own, or rows of numbers: “1 0 -1; "
         "2 "
         "0 -2; 1 0 -1”; “|” stands between the planes for several channels, “||” between several "
         "filters"),
      kernel, G_PARAM_READWRITE);
  add_parameters (procedure);
  add_sources (procedure);
  gimp_procedure_add_boolean_argument (
      procedure, "kernel-zero-mean", _ ("E_xclude the mean (flat areas give 0)"),
      _ ("Subtract the mean of the kernel's numbers from each: for detectors of patterns"), FALSE,
      G_PARAM_READWRITE);
  gimp_procedure_add_boolean_argument (
      procedure, "kernel-unit-norm", _ ("Scale to e_qual strength (unit norm)"),
      _ ("Divide the kernel's numbers by the root of the sum of their squares: for detectors of "
         "patterns"),
      FALSE, G_PARAM_READWRITE);
}

static gboolean
has_file (const char *name)
{
  g_autofree char *word = g_strstrip (g_strdup (name));

  return cn_user_kernel_exists (word);
}

CnKernel *
cn_kernel_named (const char *text, const CnKernelParameters *parameters, GError **error)
{
  g_autofree char *word = g_strstrip (g_strdup (text));
  const CnPreset *preset = cn_preset (word);
  g_autoptr (GError) problem = NULL;
  CnKernel *kernel;

  if (preset)
    return cn_preset_kernel (preset, parameters, error);
  kernel = cn_kernel_lookup (text, parameters, &problem);
  if (!kernel && has_file (text))
    {
      g_clear_error (&problem);
      kernel = cn_user_kernel_load (word, &problem);
    }
  if (kernel)
    return kernel;
  g_propagate_prefixed_error (error, g_steal_pointer (&problem), "%s ",
                              _ ("The kernel cannot be read."));
  return NULL;
}

static CnKernel *
read_file (GFile *file, GError **error)
{
  const char *path = g_file_peek_path (file);
  CnKernel *kernel;

  if (!path)
    {
      g_autofree char *name = g_file_get_parse_name (file);

      g_set_error (error, GIMP_PLUG_IN_ERROR, 0, _ ("“%s” is not a file on this computer."), name);
      return NULL;
    }
  kernel = cn_kernel_load (path, error);
  if (!kernel)
    g_prefix_error (error, "%s ", _ ("The kernel cannot be read."));
  return kernel;
}

static CnKernel *
read_named (GimpProcedureConfig *config, GError **error)
{
  g_autofree char *text = NULL;
  CnKernelParameters parameters;

  g_object_get (config, "kernel", &text, "size", &parameters.size, "angle", &parameters.angle,
                "sigma", &parameters.sigma, NULL);
  return cn_kernel_named (text ? text : "", &parameters, error);
}

static gboolean
is_zero (const CnKernel *kernel)
{
  for (gsize i = 0; i < cn_kernel_count (kernel); i++)
    if (kernel->weights[i] != 0)
      return FALSE;
  return TRUE;
}

CnKernel *
cn_read_kernel (GimpProcedureConfig *config, int encoding, gboolean planes, GError **error)
{
  g_autoptr (GFile) file = NULL;
  g_autoptr (CnKernel) kernel = NULL;
  GimpDrawable *layer = NULL;
  CnKernelLayer how = { .encoding = encoding, .planes = planes };
  gboolean unit_norm;

  g_object_get (config, "kernel-file", &file, "kernel-layer", &layer, "kernel-selection",
                &how.selected, "kernel-zero-mean", &how.zero_mean, "kernel-unit-norm", &unit_norm,
                NULL);
  if (layer)
    {
      kernel = cn_kernel_from_layer (layer, &how, error);
      g_object_unref (layer);
    }
  else
    kernel = file ? read_file (file, error) : read_named (config, error);
  if (!kernel)
    return NULL;
  if (how.zero_mean && !layer)
    cn_kernel_replace (&kernel, CN_KERNEL_ZERO_MEAN);
  if (how.zero_mean && is_zero (kernel))
    {
      g_set_error_literal (
          error, GIMP_PLUG_IN_ERROR, 0,
          _ ("All numbers of the kernel are the same: without their mean nothing is "
             "left."));
      return NULL;
    }
  if (unit_norm)
    cn_kernel_replace (&kernel, CN_KERNEL_UNIT_NORM);
  return g_steal_pointer (&kernel);
}

gboolean
cn_selection_is_kernel (GimpProcedureConfig *config, GimpImage *image)
{
  GimpDrawable *layer = NULL;
  gboolean selected, is_kernel;

  g_object_get (config, "kernel-layer", &layer, "kernel-selection", &selected, NULL);
  is_kernel = selected && layer && gimp_item_get_image (GIMP_ITEM (layer)) == image;
  g_clear_object (&layer);
  return is_kernel;
}
