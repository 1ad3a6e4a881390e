/* upscale.c: the procedure plug-in-convnet-upscale: a transposed convolution of the layers.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/upscale.h"

#include "plugin/arguments.h"
#include "plugin/kernel-source.h"
#include "plugin/models.h"
#include "plugin/network.h"
#include "plugin/resize-preview.h"
#include "ui/i18n.h"
#include "ui/upscale-dialog.h"

/* Beside the engine's CnUpscaleKernel: the kernel of the arguments, and networks. */
#define METHOD_KERNEL CN_UPSCALE_KERNELS
#define METHOD_LEARNED (CN_UPSCALE_KERNELS + 1)

/* The factors of the networks that come with the plug-in, upscale-2x and so on. */
#define LEARNED_MIN 2
#define LEARNED_MAX 4

static const CnChoice methods[] = {
  { CN_UPSCALE_BICUBIC, "bicubic", N_ ("Bicubic (Catmull-Rom)") },
  { CN_UPSCALE_NEAREST, "nearest", N_ ("Nearest pixel") },
  { CN_UPSCALE_BILINEAR, "bilinear", N_ ("Bilinear") },
  { CN_UPSCALE_MITCHELL, "mitchell", N_ ("Mitchell") },
  { CN_UPSCALE_BSPLINE, "bspline", N_ ("B-spline") },
  { CN_UPSCALE_LANCZOS2, "lanczos2", N_ ("Lanczos 2") },
  { CN_UPSCALE_LANCZOS3, "lanczos3", N_ ("Lanczos 3") },
  { METHOD_LEARNED, "learned", N_ ("Learned from photographs") },
  { METHOD_KERNEL, "kernel", N_ ("A kernel of your choice") },
  { 0 },
};

typedef struct
{
  int method, factor;
  CnBorder border;
  CnKernel *kernel; /* for METHOD_KERNEL */
  CnConvTransposeOptions options;
  CnModel *models[2]; /* for METHOD_LEARNED: one after the other; the second may be missing */
} Arguments;

static void
add_arguments (GimpProcedure *procedure)
{
  cn_add_choice (procedure, "method", _ ("_Method"), _ ("How pixels in between are made"), methods);
  gimp_procedure_add_int_argument (procedure, "factor", _ ("_Factor"),
                                   _ ("How many times larger the picture becomes"), 2,
                                   CN_UPSCALE_STRIDE_MAX, 2, G_PARAM_READWRITE);
  cn_add_border (procedure, FALSE);
  cn_add_encoding (procedure);
  cn_add_resize_output (procedure);
  cn_add_kernel (procedure, "1 1; 1 1");
  gimp_procedure_add_int_argument (procedure, "stride", _ ("S_tride"),
                                   _ ("For a kernel of your choice: pixels of the result from one "
                                      "copy of the kernel to the next"),
                                   1, CN_UPSCALE_USER_STRIDE_MAX, 2, G_PARAM_READWRITE);
  cn_add_padding (
      procedure, "same",
      _ ("For a kernel of your choice: rows and columns taken away around the result: "
         "“same” leaves the layer's size times the stride, “valid” takes none, a number "
         "takes as many on each side, four numbers at the top, left, bottom and right"));
  gimp_procedure_add_int_argument (
      procedure, "output-padding", _ ("Output pa_dding"),
      _ ("For a kernel of your choice: rows and columns added at the bottom and right; less than "
         "the stride"),
      0, CN_UPSCALE_USER_STRIDE_MAX - 1, 0, G_PARAM_READWRITE);
}

static void
free_arguments (gpointer data)
{
  Arguments *arguments = data;

  cn_kernel_free (arguments->kernel);
  for (int i = 0; i < 2; i++)
    g_clear_pointer (&arguments->models[i], cn_model_unref);
  g_free (arguments);
}

static gboolean
read_kernel (GimpProcedureConfig *config, Arguments *arguments, GError **error)
{
  CnConvTransposeOptions *options = &arguments->options;
  int stride, padding;

  g_object_get (config, "stride", &stride, "output-padding", &padding, NULL);
  options->stride_x = options->stride_y = stride;
  options->output_padding_x = options->output_padding_y = padding;
  options->border = CN_BORDER_ZERO;
  if (!cn_read_padding (G_OBJECT (config), &options->padding, error))
    return FALSE;
  arguments->kernel = cn_read_kernel (config, cn_read_choice (config, "encoding"), FALSE, error);
  if (arguments->kernel && arguments->kernel->filters > 1)
    {
      g_set_error (error, GIMP_PLUG_IN_ERROR, 0,
                   _ ("The kernel has %d filters, and one is taken for making a picture larger."),
                   arguments->kernel->filters);
      return FALSE;
    }
  return arguments->kernel != NULL;
}

/* The network for the factor, or two for a product of two of their factors, the smaller first. */
static gboolean
read_networks (Arguments *arguments, GError **error)
{
  int factors[2] = { arguments->factor, 1 };

  for (int i = LEARNED_MIN; factors[0] > LEARNED_MAX && i <= LEARNED_MAX; i++)
    if (arguments->factor % i == 0 && arguments->factor / i <= LEARNED_MAX)
      {
        factors[0] = i;
        factors[1] = arguments->factor / i;
      }
  if (factors[0] > LEARNED_MAX)
    {
      g_set_error (error, GIMP_PLUG_IN_ERROR, 0,
                   _ ("Networks have learned the factors 2, 3 and 4, and two of them one after the "
                      "other make 6 and 8; there is none for %d."),
                   arguments->factor);
      return FALSE;
    }
  for (int i = 0; i < 2 && factors[i] > 1; i++)
    {
      g_autofree char *name = g_strdup_printf ("upscale-%dx", factors[i]);

      arguments->models[i] = cn_model_named (name, error);
      if (!arguments->models[i])
        return FALSE;
    }
  return TRUE;
}

static gpointer
read_arguments (GimpProcedureConfig *config, GError **error)
{
  Arguments *arguments = g_new0 (Arguments, 1);

  arguments->method = cn_read_choice (config, "method");
  arguments->border = cn_read_choice (config, "border");
  g_object_get (config, "factor", &arguments->factor, NULL);
  if ((arguments->method == METHOD_KERNEL && !read_kernel (config, arguments, error))
      || (arguments->method == METHOD_LEARNED && !read_networks (arguments, error)))
    g_clear_pointer (&arguments, free_arguments);
  return arguments;
}

static gboolean
selection_is_kernel (GimpProcedureConfig *config, GimpImage *image)
{
  return cn_read_choice (config, "method") == METHOD_KERNEL
         && cn_selection_is_kernel (config, image);
}

static gboolean
size (gconstpointer op, int height, int width, int *out_height, int *out_width, GError **error)
{
  return cn_upscale_size (op, height, width, out_height, out_width, error);
}

static gboolean
run (gconstpointer op, const CnSource *source, const CnSink *sink, const CnRect *area,
     const CnRun *how, GError **error)
{
  return cn_upscale_run (op, source, sink, area, how, error);
}

static void
free_op (gpointer op)
{
  cn_upscale_free (op);
}

static gboolean
make_learned (const Arguments *arguments, int colours, gboolean has_alpha, CnResizer *resizer,
              GError **error)
{
  const CnTiledOptions options = { .range = CN_RANGE_MODEL };
  CnResizer parts[2] = { 0 };
  gboolean fine =
      cn_network_make (arguments->models[0], &options, colours, has_alpha, &parts[0], error);

  if (!arguments->models[1])
    {
      *resizer = parts[0];
      return fine;
    }
  fine = fine
         && cn_network_make (arguments->models[1], &options, colours, has_alpha, &parts[1], error);
  cn_network_chain (&parts[0], &parts[1], resizer);
  return fine;
}

static gboolean
make (gconstpointer data, int colours, gboolean has_alpha, CnResizer *resizer, GError **error)
{
  const Arguments *arguments = data;

  if (arguments->method == METHOD_LEARNED)
    return make_learned (arguments, colours, has_alpha, resizer, error);

  *resizer = (CnResizer){ .size = size, .run = run, .free = free_op };
  if (arguments->kernel)
    resizer->op =
        cn_upscale_new_kernel (arguments->kernel, &arguments->options, colours, has_alpha, error);
  else
    resizer->op = cn_upscale_new (arguments->method, arguments->factor, arguments->border, colours,
                                  has_alpha, error);
  return resizer->op != NULL;
}

static const CnResize resize = {
  .result = N_ ("%s, upscaled"),
  .read = read_arguments,
  .free = free_arguments,
  .make = make,
  .dialog = cn_upscale_dialog_run,
  .whole = selection_is_kernel,
};

static gboolean
show_dialog (GimpProcedure *procedure, GimpProcedureConfig *config, GimpDrawable **drawables)
{
  return cn_resize_show_dialog (&resize, procedure, config, drawables);
}

static CnResults *
compute (GimpImage *image, GimpDrawable **drawables, GimpProcedureConfig *config, const CnRun *run,
         GError **error)
{
  return cn_resize_compute (&resize, image, drawables, config, run, error);
}

const CnFilter cn_filter_upscale = {
  .name = "plug-in-convnet-upscale",
  .menu_label = N_ ("_Upscale…"),
  .blurb = N_ ("Make the picture larger by a transposed convolution, with a classic or any other "
               "kernel"),
  .help = N_ (
      "Each pixel puts a copy of a kernel, multiplied by it, into the result; the copies lie one "
      "stride apart, and where they overlap they are added up. The named methods are the "
      "kernels of image processing, made for the factor so that flat areas stay flat and "
      "nothing is shifted. “Learned” is a small network that ends in such a layer, with a kernel "
      "that it has learned from photographs: it makes the luminance larger, while colours and "
      "alpha get there by the bicubic kernel beside it. The method “kernel” takes the kernel that "
      "the arguments of Convolve "
      "name, with the stride, padding and output padding as they are: what a network's layer "
      "does, with its checkerboard and overlaps. “same” makes the result the layer's size times "
      "the stride. Colour is premultiplied by alpha. What is selected is made larger as if the "
      "layer were cropped to it; scaling the image does so with all its layers."),
  .progress = N_ ("Upscaling"),
  .add_arguments = add_arguments,
  .dialog = show_dialog,
  .compute = compute,
};
