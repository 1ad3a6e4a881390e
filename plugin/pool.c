/* pool.c: the procedure plug-in-convnet-pool: max, average, min or L2 pooling of the layers.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/pool.h"

#include "plugin/arguments.h"
#include "plugin/effect.h"
#include "plugin/resize-preview.h"
#include "ui/i18n.h"
#include "ui/pool-dialog.h"

static void
add_arguments (GimpProcedure *procedure)
{
  cn_add_choice (procedure, "kind", _ ("_Kind"),
                 _ ("What each window of pixels becomes, each channel by itself"), cn_choices_pool);
  gimp_procedure_add_int_argument (procedure, "window-width", _ ("_Width of the window"),
                                   _ ("Pixels that are taken together, from left to right"), 1,
                                   CN_KERNEL_MAX, 2, G_PARAM_READWRITE);
  gimp_procedure_add_int_argument (procedure, "window-height", _ ("He_ight of the window"),
                                   _ ("Pixels that are taken together, from top to bottom"), 1,
                                   CN_KERNEL_MAX, 2, G_PARAM_READWRITE);
  gimp_procedure_add_int_argument (
      procedure, "stride-x", _ ("Horizo_ntal stride"),
      _ ("Pixels from one window to the next; 0 for the window's width, 1 to keep the size"), 0,
      CN_KERNEL_MAX, 0, G_PARAM_READWRITE);
  gimp_procedure_add_int_argument (
      procedure, "stride-y", _ ("_Vertical stride"),
      _ ("Pixels from one window to the next; 0 for the window's height, 1 to keep the size"), 0,
      CN_KERNEL_MAX, 0, G_PARAM_READWRITE);
  cn_add_padding (procedure, "valid", CN_PADDING_BLURB);
  cn_add_border (procedure, TRUE);
  cn_add_encoding (procedure);
  cn_add_resize_output (procedure);
  cn_add_merge_filter (procedure);
  cn_add_canvas (procedure);
}

static gpointer
read_arguments (GimpProcedureConfig *config, GError **error)
{
  CnPoolOptions options = { .kind = cn_read_choice (config, "kind") };
  int border = cn_read_choice (config, "border");

  g_object_get (config, "window-width", &options.width, "window-height", &options.height,
                "stride-x", &options.stride_x, "stride-y", &options.stride_y, NULL);
  if (!cn_read_padding (G_OBJECT (config), &options.padding, error))
    return NULL;
  options.count_padding = border != CN_BORDER_NONE;
  options.border = options.count_padding ? border : CN_BORDER_ZERO;
  return g_memdup2 (&options, sizeof options);
}

static gboolean
size (gconstpointer op, int height, int width, int *out_height, int *out_width, GError **error)
{
  return cn_pool_picture_size (op, height, width, out_height, out_width, error);
}

static gboolean
run (gconstpointer op, const CnSource *source, const CnSink *sink, const CnRect *area,
     const CnRun *how, GError **error)
{
  return cn_pool_picture_run (op, source, sink, area, how, error);
}

static void
free_op (gpointer op)
{
  cn_pool_picture_free (op);
}

static gboolean
make (gconstpointer arguments, int colours, gboolean has_alpha, CnResizer *resizer, GError **error)
{
  *resizer = (CnResizer){ .op = cn_pool_picture_new (arguments, colours, has_alpha, error),
                          .size = size,
                          .run = run,
                          .free = free_op };
  return resizer->op != NULL;
}

/* --- In GIMP's core -------------------------------------------------------------------------- */

static const char same_size[] = "convnet:pool";
static const char pixelated[] = "convnet:pool-pixelate";

/* Whether each window lies around its pixel, as those of the operation do. */
static gboolean
keeps_places (gconstpointer arguments)
{
  const CnPoolOptions *options = arguments;
  const CnPadding same = { .mode = CN_PADDING_SAME };
  int stride_x = options->stride_x ? options->stride_x : options->width;
  int stride_y = options->stride_y ? options->stride_y : options->height;
  CnWindow x, y, same_x, same_y;

  cn_windows (options->height, options->width, 1, 1, 1, 1, &options->padding, &y, &x);
  cn_windows (options->height, options->width, 1, 1, 1, 1, &same, &same_y, &same_x);
  return stride_x == 1 && stride_y == 1 && x.before == same_x.before && x.after == same_x.after
         && y.before == same_y.before && y.after == same_y.after;
}

static void
set_properties (GObject *properties, GimpDrawable *drawable, GimpProcedureConfig *config)
{
  static const char *const common[] = { "kind", "window-width", "window-height", "encoding", NULL };
  static const char *const border[] = { "border", NULL };

  (void) drawable;
  cn_effect_copy (G_OBJECT (config), properties, common);
  if (g_object_class_find_property (G_OBJECT_GET_CLASS (properties), border[0]))
    cn_effect_copy (G_OBJECT (config), properties, border);
}

static GimpDrawableFilter *
make_effect (GimpDrawable *drawable, GimpProcedureConfig *config)
{
  GimpDrawableFilter *filter = cn_effect_new (drawable, same_size, _ ("Pool"));

  if (filter)
    set_properties (G_OBJECT (gimp_drawable_filter_get_config (filter)), drawable, config);
  return filter;
}

static gboolean
plan_canvas (GimpDrawable *drawable, GimpProcedureConfig *config, CnCanvasPlan *plan)
{
  g_autofree CnPoolOptions *options = read_arguments (config, NULL);
  gboolean selected = !gimp_selection_is_empty (gimp_item_get_image (GIMP_ITEM (drawable)));
  gboolean merge;

  g_object_get (config, "merge-filter", &merge, NULL);
  if (!options)
    return FALSE;
  if (keeps_places (options))
    {
      if (cn_read_choice (config, "output") != CN_OUTPUT_SCALE_IMAGE)
        plan->note = CN_CANVAS_NOT_IN_PLACE;
      else
        {
          plan->operation = same_size;
          plan->note = selected && merge ? CN_CANVAS_SELECTED : NULL;
        }
    }
  else if ((options->stride_x == 0 || options->stride_x == options->width)
           && (options->stride_y == 0 || options->stride_y == options->height)
           && options->padding.mode == CN_PADDING_VALID)
    {
      plan->operation = pixelated;
      plan->note = _ ("On the canvas each window is a block as large as the window.");
    }
  else
    plan->note = _ ("The canvas shows windows side by side without padding, or the stride 1 with "
                    "the padding “same”.");
  return TRUE;
}

static const CnCanvasKind canvas = {
  .operation = same_size,
  .plan = plan_canvas,
  .set = set_properties,
};

static const CnResize resize = {
  .result = N_ ("%s, pooled"),
  .read = read_arguments,
  .free = g_free,
  .make = make,
  .dialog = cn_pool_dialog_run,
  .canvas = &canvas,
  .keeps_places = keeps_places,
  .effect = make_effect,
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

const CnFilter cn_filter_pool = {
  .name = "plug-in-convnet-pool",
  .menu_label = N_ ("_Pool…"),
  .blurb =
      N_ ("Make the picture smaller by max or average pooling, as a convolutional network does"),
  .help = N_ (
      "Each window of pixels becomes one pixel: the largest, smallest or average value of each "
      "channel, or the root of the mean of their squares. The windows follow each other at the "
      "stride; without one they lie side by side, and the picture becomes smaller by the "
      "window's size. With the stride 1 and the padding “same” the size is kept: that is a "
      "dilation, erosion or box blur of the layer. Averages are premultiplied by alpha; the "
      "pixel that wins as the largest or smallest keeps its alpha, and transparent pixels never "
      "win over visible ones. What is selected is pooled as if the layer were cropped to it; "
      "scaling the image pools all its layers."),
  .progress = N_ ("Pooling"),
  .add_arguments = add_arguments,
  .dialog = show_dialog,
  .compute = compute,
};
