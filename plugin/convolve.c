/* convolve.c: the procedure plug-in-convnet-convolve: one or more kernels over the layers.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/convolve.h"

#include "plugin/arguments.h"
#include "plugin/canvas.h"
#include "plugin/convolve-effect.h"
#include "plugin/convolve-preview.h"
#include "plugin/effect.h"
#include "plugin/kernel-source.h"
#include "plugin/user-kernels.h"
#include "ui/i18n.h"
#include "ui/convolve-dialog.h"

static void
add_arguments (GimpProcedure *procedure)
{
  cn_add_kernel (procedure, "vertical-edge");
  gimp_procedure_add_boolean_argument (
      procedure, "flip", _ ("_True convolution (kernel turned by 180°)"),
      _ ("Turn the kernel by 180°, as in signal processing; networks do not"), FALSE,
      G_PARAM_READWRITE);
  gimp_procedure_add_double_argument (procedure, "divisor", _ ("_Divisor"),
                                      _ ("What the kernel's numbers are divided by; not 0"), -65536,
                                      65536, 1, G_PARAM_READWRITE);
  gimp_procedure_add_double_argument (procedure, "bias", _ ("B_ias"),
                                      _ ("What is added to each result; 1 is white"), -16, 16, 0,
                                      G_PARAM_READWRITE);
  cn_add_choice (procedure, "activation", _ ("Acti_vation"),
                 _ ("The function that each result goes through"), cn_choices_activation);
  gimp_procedure_add_int_argument (procedure, "stride", _ ("St_ride"),
                                   _ ("Pixels from one position of the kernel to the next"), 1, 255,
                                   1, G_PARAM_READWRITE);
  gimp_procedure_add_int_argument (procedure, "dilation", _ ("Di_lation"),
                                   _ ("Pixels from one number of the kernel to the next"), 1, 255,
                                   1, G_PARAM_READWRITE);
  cn_add_padding (procedure, "same", CN_PADDING_BLURB);
  cn_add_border (procedure, FALSE);
  cn_add_choice (procedure, "channels", _ ("C_hannels"), _ ("The channels that are convolved"),
                 cn_choices_channels);
  cn_add_choice (procedure, "alpha", _ ("_Alpha"),
                 _ ("Whether the alpha channel is filtered too: by itself, it is when the kernel's "
                    "sum is not zero"),
                 cn_choices_alpha);
  cn_add_encoding (procedure);
  cn_add_choice (procedure, "response", _ ("Res_ponse"),
                 _ ("How results are mapped to what can be shown; a float layer keeps negative "
                    "values and those over 1 unless it is changed"),
                 cn_choices_response);
  cn_add_output (procedure);
  cn_add_merge_filter (procedure);
  cn_add_canvas (procedure);
}

/* A kernel over a drawable: what is to be computed, and where it goes. */
typedef struct
{
  GimpDrawable *drawable;
  int filter;
  CnConvolve *convolve;
  CnRect area;  /* of the result */
  CnRect place; /* on the drawable */
  gboolean replace;
  GimpDrawableFilter *effect; /* that GIMP itself runs; else NULL */
} Job;

static void
clear_job (gpointer data)
{
  Job *job = data;

  g_clear_pointer (&job->convolve, cn_convolve_free);
  if (job->effect)
    gimp_drawable_filter_delete (job->effect);
}

static gboolean
read_options (GimpProcedureConfig *config, CnConvolveOptions *options, GError **error)
{
  *options = (CnConvolveOptions){
    .activation = cn_activation (cn_read_choice (config, "activation")),
    .border = cn_read_choice (config, "border"),
    .channels = cn_read_choice (config, "channels"),
    .alpha = cn_read_choice (config, "alpha"),
    .response = cn_read_choice (config, "response"),
  };
  g_object_get (config, "flip", &options->flip, "divisor", &options->divisor, "bias",
                &options->bias, "stride", &options->stride, "dilation", &options->dilation, NULL);
  return cn_read_padding (G_OBJECT (config), &options->padding, error);
}

CnConvolveOptions
cn_convolve_options_for (const CnConvolveWanted *wanted, GimpDrawable *drawable,
                         const CnPixels *pixels)
{
  CnConvolveOptions options = wanted->options;

  cn_pixels_luminance (pixels, options.luminance);
  options.limit = cn_pixels_limited (gimp_drawable_get_format (drawable));
  return options;
}

/* Whether GIMP itself can run the filter with the same result. With a selection it would have the
   border at the selection's bounds, which an effect has to bear. */
static gboolean
find_effect (Job *job, const CnConvolveWanted *wanted, gboolean all, GError **error)
{
  if (job->replace && GIMP_IS_LAYER (job->drawable) && (all || !wanted->merge))
    job->effect = cn_convolve_effect (job->drawable, wanted);
  if (job->effect || wanted->merge || wanted->output != CN_OUTPUT_REPLACE)
    return TRUE;
  cn_effect_refuse (job->replace && GIMP_IS_LAYER (job->drawable), error);
  return FALSE;
}

static gboolean
plan (GimpDrawable *drawable, const CnConvolveWanted *wanted, GArray *jobs, GError **error)
{
  g_autofree char *name = gimp_item_get_name (GIMP_ITEM (drawable));
  g_auto (CnPixels) pixels = cn_pixels_read (drawable, wanted->encoding);
  CnSource source = cn_pixels_source (&pixels);
  CnConvolveOptions options = cn_convolve_options_for (wanted, drawable, &pixels);
  const CnKernel *kernel = wanted->kernel;
  gboolean all =
      wanted->whole || gimp_selection_is_empty (gimp_item_get_image (GIMP_ITEM (drawable)));
  CnRect part;

  if (!all && !gimp_drawable_mask_intersect (drawable, &part.x, &part.y, &part.width, &part.height))
    {
      g_set_error (error, GIMP_PLUG_IN_ERROR, 0, _ ("The selection does not touch the layer “%s”."),
                   name);
      return FALSE;
    }
  for (int filter = 0; filter < kernel->filters; filter++)
    {
      Job job = { .drawable = drawable, .filter = filter };

      job.convolve = cn_convolve_new (&options, kernel, filter, cn_pixels_colours (&pixels),
                                      cn_pixels_has_alpha (&pixels), error);
      if (!job.convolve
          || !cn_convolve_area (job.convolve, source.width, source.height, all ? NULL : &part,
                                &job.area, &job.place.x, &job.place.y, error))
        {
          clear_job (&job);
          g_prefix_error (error, _ ("Layer “%s”: "), name);
          return FALSE;
        }
      job.place.width = job.area.width;
      job.place.height = job.area.height;
      job.replace = wanted->output == CN_OUTPUT_REPLACE && kernel->filters == 1
                    && cn_convolve_keeps_size (job.convolve);
      if ((job.replace && !cn_results_may_replace (drawable, error))
          || !find_effect (&job, wanted, all, error))
        {
          clear_job (&job);
          return FALSE;
        }
      g_array_append_val (jobs, job);
    }
  return TRUE;
}

static gboolean
compute_job (Job *job, CnEncoding encoding, int filters, gboolean merge, CnResults *results,
             const CnRun *run, GError **error)
{
  g_auto (CnPixels) from = cn_pixels_read (job->drawable, encoding);
  g_auto (CnPixels) to = { 0 };
  CnSource source = cn_pixels_source (&from);
  CnSink sink;
  gboolean fine;

  if (job->effect)
    {
      cn_results_effect (results, job->drawable, g_steal_pointer (&job->effect), merge);
      return TRUE;
    }
  if (job->replace)
    {
      to = cn_results_replace (results, job->drawable, encoding);
      sink = cn_pixels_sink (&to, job->place.x, job->place.y);
    }
  else
    {
      g_autofree char *layer = gimp_item_get_name (GIMP_ITEM (job->drawable));
      g_autofree char *name = filters > 1
                                  ? g_strdup_printf (_ ("%s, filter %d"), layer, job->filter + 1)
                                  : g_strdup_printf (_ ("%s, convolved"), layer);

      to = cn_results_add (results, job->drawable, &from, name, &job->place);
      sink = cn_pixels_sink (&to, 0, 0);
    }
  fine = cn_convolve_run (job->convolve, &source, &sink, &job->area, run, error);
  gegl_buffer_flush (to.buffer);
  return fine;
}

gboolean
cn_convolve_wanted (GimpImage *image, GimpProcedureConfig *config, CnConvolveWanted *wanted,
                    GError **error)
{
  gboolean planes;

  wanted->config = config;
  g_object_get (config, "merge-filter", &wanted->merge, NULL);
  wanted->encoding = cn_read_choice (config, "encoding");
  wanted->output = cn_read_choice (config, "output");
  wanted->whole = cn_selection_is_kernel (config, image);
  if (!read_options (config, &wanted->options, error))
    return FALSE;
  planes =
      wanted->options.channels == CN_CHANNELS_SUM && gimp_image_get_base_type (image) == GIMP_RGB;
  wanted->kernel = cn_read_kernel (config, wanted->encoding, planes, error);
  return wanted->kernel != NULL;
}

static CnResults *
compute (GimpImage *image, GimpDrawable **drawables, GimpProcedureConfig *config, const CnRun *run,
         GError **error)
{
  g_autoptr (GArray) jobs = g_array_new (FALSE, FALSE, sizeof (Job));
  g_autoptr (CnKernel) kernel = NULL;
  g_autoptr (CnResults) results = NULL;
  CnConvolveWanted wanted;
  CnRunPart part = { .whole = run };

  g_array_set_clear_func (jobs, clear_job);
  if (!cn_convolve_wanted (image, config, &wanted, error))
    return NULL;
  kernel = wanted.kernel;
  results = cn_results_new (image, wanted.output, wanted.whole);
  for (int i = 0; drawables[i]; i++)
    if (!plan (drawables[i], &wanted, jobs, error))
      return NULL;

  for (part.n = (int) jobs->len; part.index < part.n; part.index++)
    {
      CnRun one = cn_run_part (&part);

      if (!compute_job (&g_array_index (jobs, Job, part.index), wanted.encoding, kernel->filters,
                        wanted.merge, results, &one, error))
        return NULL;
    }
  return g_steal_pointer (&results);
}

typedef struct
{
  GimpProcedure *procedure;
  GimpProcedureConfig *config;
  GimpDrawable *drawable;
} Dialog;

static gboolean
run_dialog (const CnCanvasHost *canvas, gpointer data)
{
  const CnKernelStore store = {
    .find = cn_kernel_named,
    .names = cn_user_kernels,
    .load = cn_user_kernel_load,
    .save = cn_user_kernel_save,
    .remove = cn_user_kernel_delete,
  };
  const Dialog *dialog = data;
  g_autoptr (CnPreview) preview = cn_preview_new (&cn_convolve_preview, dialog->drawable);
  CnPreviewHost host = cn_preview_host (preview);

  host.canvas = canvas;
  return cn_convolve_dialog_run (dialog->procedure, dialog->config, &store, &host);
}

static gboolean
show_dialog (GimpProcedure *procedure, GimpProcedureConfig *config, GimpDrawable **drawables)
{
  Dialog dialog = { procedure, config, drawables[0] };

  return cn_canvas_run (&cn_convolve_canvas, drawables, run_dialog, &dialog);
}

const CnFilter cn_filter_convolve = {
  .name = "plug-in-convnet-convolve",
  .menu_label = N_ ("_Convolve…"),
  .blurb = N_ ("Convolve the layer with a kernel: edges, blurs, sharpening, patterns"),
  .help =
      N_ ("Slides a kernel of up to 255×255 numbers over the layer. At each position the pixels "
          "under the kernel are multiplied by its numbers and summed, as a convolutional "
          "network does it: the kernel is not flipped unless “flip” is set. The kernel is a "
          "preset, numbers, a file, or the pixels of a layer, luminance or, for the sum over "
          "channels, all three colours; what is transparent there is 0. Colour is "
          "convolved premultiplied by alpha. Where stride or padding change the size, or the "
          "kernel text holds several filters, the results become new layers even if “output” is "
          "“replace”. With a selection, new layers hold the results whose kernel has its centre "
          "within the selection's bounds."),
  .progress = N_ ("Convolving"),
  .add_arguments = add_arguments,
  .dialog = show_dialog,
  .compute = compute,
};
