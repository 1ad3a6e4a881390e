/* convolve-effect.c: a convolution that GIMP's core runs itself, as the operation convnet:convolve.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/convolve-effect.h"

#include "plugin/effect.h"
#include "ui/i18n.h"

static const char operation[] = "convnet:convolve";

/* Arguments that the operation has under the same names. */
static const char *const common[] = { "flip",     "divisor",  "bias",     "activation",
                                      "dilation", "border",   "channels", "alpha",
                                      "encoding", "response", NULL };
static const char *const of_preset[] = {
  "kernel", "size", "angle", "sigma", "kernel-zero-mean", "kernel-unit-norm", NULL
};

static gboolean
is_preset (GObject *config)
{
  g_autofree char *kernel = NULL;
  g_autoptr (GFile) file = NULL;
  g_autoptr (GimpDrawable) layer = NULL;

  g_object_get (config, "kernel", &kernel, "kernel-file", &file, "kernel-layer", &layer, NULL);
  return !file && !layer && kernel && cn_preset (kernel);
}

/* A preset stays one, and can be edited; any other kernel becomes its numbers. */
static void
set_properties (GObject *properties, const CnConvolveWanted *wanted)
{
  GObject *config = G_OBJECT (wanted->config);

  cn_effect_copy (config, properties, common);
  if (is_preset (config))
    cn_effect_copy (config, properties, of_preset);
  else
    {
      g_autofree char *text = cn_kernel_format (wanted->kernel, CN_KERNEL_ROWS, "; ", NULL);

      g_object_set (properties, "kernel", text, "kernel-zero-mean", FALSE, "kernel-unit-norm",
                    FALSE, NULL);
    }
}

GimpDrawableFilter *
cn_convolve_effect (GimpDrawable *drawable, const CnConvolveWanted *wanted)
{
  GimpDrawableFilter *filter = cn_effect_new (drawable, operation, _ ("Convolve"));

  if (filter)
    set_properties (G_OBJECT (gimp_drawable_filter_get_config (filter)), wanted);
  return filter;
}

static gboolean
keeps_size (GimpDrawable *drawable, const CnConvolveWanted *wanted)
{
  g_auto (CnPixels) pixels = cn_pixels_read (drawable, wanted->encoding);
  CnConvolveOptions options = cn_convolve_options_for (wanted, drawable, &pixels);
  CnConvolve *convolve = cn_convolve_new (&options, wanted->kernel, 0, cn_pixels_colours (&pixels),
                                          cn_pixels_has_alpha (&pixels), NULL);
  gboolean keeps = convolve && cn_convolve_keeps_size (convolve);

  g_clear_pointer (&convolve, cn_convolve_free);
  return keeps;
}

static gboolean
plan_canvas (GimpDrawable *drawable, GimpProcedureConfig *config, CnCanvasPlan *plan)
{
  GimpImage *image = gimp_item_get_image (GIMP_ITEM (drawable));
  g_autoptr (CnKernel) kernel = NULL;
  CnConvolveWanted wanted;

  if (!cn_convolve_wanted (image, config, &wanted, NULL))
    return FALSE;
  kernel = wanted.kernel;
  if (wanted.output != CN_OUTPUT_REPLACE || kernel->filters > 1 || !keeps_size (drawable, &wanted)
      || !cn_results_may_replace (drawable, NULL))
    plan->note = CN_CANVAS_NOT_IN_PLACE;
  else
    {
      plan->operation = operation;
      if (wanted.merge && !wanted.whole && !gimp_selection_is_empty (image))
        plan->note = CN_CANVAS_SELECTED;
    }
  return TRUE;
}

static void
set_canvas (GObject *properties, GimpDrawable *drawable, GimpProcedureConfig *config)
{
  g_autoptr (CnKernel) kernel = NULL;
  CnConvolveWanted wanted;

  if (!cn_convolve_wanted (gimp_item_get_image (GIMP_ITEM (drawable)), config, &wanted, NULL))
    return;
  kernel = wanted.kernel;
  set_properties (properties, &wanted);
}

const CnCanvasKind cn_convolve_canvas = {
  .operation = operation,
  .plan = plan_canvas,
  .set = set_canvas,
};
