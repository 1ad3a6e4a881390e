/* convolve.c: the operation convnet:convolve: a kernel over the input.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/gegl/filter.h"

static const CnGeglProperty properties[] = {
  { "kernel", CN_GEGL_TEXT, N_ ("_Kernel"),
    N_ ("The name of a preset (“sobel”), or rows of numbers: “1 0 -1; 2 0 -2; 1 0 -1”; “|” stands "
        "between the planes for several channels"),
    .text = "vertical-edge" },
  { "size", CN_GEGL_COUNT, N_ ("Si_ze"),
    N_ ("Rows and columns of a preset that has a size; 0 for the preset's own"),
    .high = CN_KERNEL_MAX, .usual_high = 31, .unit = "pixel-distance" },
  { "angle", CN_GEGL_NUMBER, N_ ("A_ngle"),
    N_ ("Degrees by which a preset that has a direction is turned, clockwise"), .low = -360,
    .high = 360, .usual_low = -180, .usual_high = 180, .step = 1, .unit = "degree" },
  { "sigma", CN_GEGL_NUMBER, N_ ("_Width (sigma)"),
    N_ ("How wide a preset that has a sigma is, in pixels; 0 for the preset's own"), .high = 64,
    .usual_high = 16, .step = 0.1, .unit = "pixel-distance" },
  { "kernel-zero-mean", CN_GEGL_SWITCH, N_ ("E_xclude the mean (flat areas give 0)"),
    N_ ("Subtract the mean of the kernel's numbers from each: for detectors of patterns"),
    .text = NULL },
  { "kernel-unit-norm", CN_GEGL_SWITCH, N_ ("Scale to e_qual strength (unit norm)"),
    N_ ("Divide the kernel's numbers by the root of the sum of their squares: for detectors of "
        "patterns"),
    .text = NULL },
  { "flip", CN_GEGL_SWITCH, N_ ("_True convolution (kernel turned by 180°)"),
    N_ ("Turn the kernel by 180°, as in signal processing; networks do not"), .text = NULL },
  { "divisor", CN_GEGL_NUMBER, N_ ("_Divisor"),
    N_ ("What the kernel's numbers are divided by; not 0"), .low = -65536, .high = 65536,
    .value = 1, .usual_low = 0.1, .usual_high = 32, .step = 0.1 },
  { "bias", CN_GEGL_NUMBER, N_ ("B_ias"), N_ ("What is added to each result; 1 is white"),
    .low = -16, .high = 16, .usual_low = -1, .usual_high = 1, .step = 0.01 },
  { "activation", CN_GEGL_CHOICE, N_ ("Acti_vation"),
    N_ ("The function that each result goes through"), .choice = "CnGeglActivation",
    .choices = cn_choices_activation },
  { "dilation", CN_GEGL_COUNT, N_ ("Di_lation"),
    N_ ("Pixels from one number of the kernel to the next"), .low = 1, .high = 255, .value = 1,
    .usual_low = 1, .usual_high = 16, .unit = "pixel-distance" },
  { "border", CN_GEGL_CHOICE, N_ ("_Border"),
    N_ ("What is taken for the pixels outside of the layer"), .choice = "CnGeglBorder",
    .choices = cn_choices_border + 1 },
  { "channels", CN_GEGL_CHOICE, N_ ("C_hannels"), N_ ("The channels that are convolved"),
    .choice = "CnGeglChannels", .choices = cn_choices_channels },
  { "alpha", CN_GEGL_CHOICE, N_ ("_Alpha"),
    N_ ("Whether the alpha channel is filtered too: by itself, it is when the kernel's "
        "sum is not zero"),
    .choice = "CnGeglAlpha", .choices = cn_choices_alpha },
  { "response", CN_GEGL_CHOICE, N_ ("Res_ponse"),
    N_ ("How results are mapped to what can be shown; a float layer keeps negative "
        "values and those over 1 unless it is changed"),
    .choice = "CnGeglResponse", .choices = cn_choices_response },
  { "kernel-file", CN_GEGL_LINE, N_ ("Kernel _file"),
    N_ ("A text file with the kernel, in rows or as ImageMagick, G'MIC, ImageJ or libvips write "
        "it; it is taken instead of the kernel"),
    .text = "" },
  { 0 },
};

static CnKernel *
read_kernel (GObject *filter, GError **error)
{
  g_autofree char *name = NULL, *file = NULL;
  g_autoptr (CnKernel) kernel = NULL;
  CnKernelParameters parameters;
  gboolean zero_mean, unit_norm;

  g_object_get (filter, "kernel", &name, "kernel-file", &file, "size", &parameters.size, "angle",
                &parameters.angle, "sigma", &parameters.sigma, "kernel-zero-mean", &zero_mean,
                "kernel-unit-norm", &unit_norm, NULL);
  kernel = file && *file ? cn_kernel_load (file, error)
                         : cn_kernel_lookup (name ? name : "", &parameters, error);
  if (kernel && zero_mean)
    cn_kernel_replace (&kernel, CN_KERNEL_ZERO_MEAN);
  if (kernel && unit_norm)
    cn_kernel_replace (&kernel, CN_KERNEL_UNIT_NORM);
  if (kernel && kernel->filters > 1)
    {
      cn_set_error (error, CN_ERROR_SHAPE, "The kernel has %d filters, and an effect takes one",
                    kernel->filters);
      return NULL;
    }
  return g_steal_pointer (&kernel);
}

static gboolean
make (GObject *filter, CnGeglPlan *plan, GError **error)
{
  g_autoptr (CnKernel) kernel = read_kernel (filter, error);
  CnConvolveOptions options = { .stride = 1,
                                .padding = { .mode = CN_PADDING_SAME },
                                .limit = plan->integers };
  CnActivationKind activation;

  if (!kernel)
    return FALSE;
  g_object_get (filter, "flip", &options.flip, "divisor", &options.divisor, "bias", &options.bias,
                "activation", &activation, "dilation", &options.dilation, "border", &options.border,
                "channels", &options.channels, "alpha", &options.alpha, "response",
                &options.response, NULL);
  options.activation = cn_activation (activation);
  babl_space_get_rgb_luminance (babl_format_get_space (plan->format), &options.luminance[0],
                                &options.luminance[1], &options.luminance[2]);
  plan->op = cn_convolve_new (&options, kernel, 0, plan->colours, plan->has_alpha, error);
  plan->reach = cn_gegl_reach (kernel->height, kernel->width, options.dilation, options.border);
  if (plan->op)
    cn_convolve_blocks (plan->op, &plan->reach.block_height, &plan->reach.block_width);
  plan->whole = options.response == CN_RESPONSE_STRETCH;
  return plan->op != NULL;
}

static void
free_op (gpointer op)
{
  cn_convolve_free (op);
}

static gboolean
run (gconstpointer op, const CnSource *source, const CnSink *sink, const CnRect *area,
     const CnRun *how, GError **error)
{
  return cn_convolve_run (op, source, sink, area, how, error);
}

const CnGeglKind cn_gegl_convolve = {
  .type = "CnGeglConvolve",
  .name = "convnet:convolve",
  .title = N_ ("Convolve"),
  .description = N_ ("Convolve the layer with a kernel: edges, blurs, sharpening, patterns"),
  .categories = "edge-detect:blur:enhance",
  .menu_label = N_ ("Convolve as _Effect…"),
  .hash = "ca486071c44f78561912a22faee3dc44",
  .properties = properties,
  .make = make,
  .free = free_op,
  .run = run,
};
