/* apply.c: the procedure plug-in-convnet-apply: an image-to-image network over the layers.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/apply.h"

#include "plugin/arguments.h"
#include "plugin/models.h"
#include "plugin/network.h"
#include "plugin/resize-preview.h"
#include "ui/apply-dialog.h"
#include "ui/i18n.h"

static void
add_arguments (GimpProcedure *procedure)
{
  cn_add_model (procedure, "");
  cn_add_input (procedure);
  cn_add_memory (procedure);
  cn_add_encoding (procedure);
  cn_add_resize_output (procedure);
}

typedef struct
{
  CnModel *model;
  CnTiledOptions options;
} Arguments;

static void
free_arguments (gpointer data)
{
  Arguments *arguments = data;

  cn_model_unref (arguments->model);
  g_free (arguments);
}

static gpointer
read_arguments (GimpProcedureConfig *config, GError **error)
{
  Arguments *arguments;
  CnModel *model = cn_read_model (config, error);

  if (!model)
    return NULL;
  arguments = g_new0 (Arguments, 1);
  arguments->model = model;
  arguments->options = (CnTiledOptions){
    .range = cn_read_choice (config, "range"),
    .order = cn_read_choice (config, "order"),
    .memory_max = cn_read_memory (config),
  };
  return arguments;
}

static gboolean
make (gconstpointer data, int colours, gboolean has_alpha, CnResizer *resizer, GError **error)
{
  const Arguments *arguments = data;

  return cn_network_make (arguments->model, &arguments->options, colours, has_alpha, resizer,
                          error);
}

static gboolean
run_dialog (GimpProcedure *procedure, GimpProcedureConfig *config, const CnPreviewHost *preview)
{
  g_auto (GStrv) names = cn_models ();
  const CnNetworkHost networks = cn_model_host (names);

  return cn_apply_dialog_run (procedure, config, preview, &networks);
}

static const CnResize resize = {
  .result = N_ ("%s, by a network"),
  .read = read_arguments,
  .free = free_arguments,
  .make = make,
  .dialog = run_dialog,
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

const CnFilter cn_filter_apply = {
  .name = "plug-in-convnet-apply",
  .menu_label = N_ ("_Apply Network…"),
  .blurb = N_ ("Run an image-to-image network in ONNX's format over the layer"),
  .help = N_ (
      "Takes any network with one input and one output that are pictures with one or three "
      "channels: denoising, super-resolution, style transfer. It runs tile by tile, with as much "
      "overlap as the network can see, so that there are no seams; one that needs the whole "
      "picture at once gets it. The result may be larger or smaller than the layer, as the "
      "network makes it. A network for gray is given the luminance of a picture in colour, and "
      "the colours are brought to its size beside it, as alpha is. What is selected is filtered "
      "as if the layer were cropped to it; scaling the image filters all its layers."),
  .progress = N_ ("Running the network"),
  .add_arguments = add_arguments,
  .dialog = show_dialog,
  .compute = compute,
};
