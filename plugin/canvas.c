/* canvas.c: the preview on the canvas: while a dialog is open, GIMP itself runs the filter on the
 * layers, as one of our operations.
 *
 * A preview is a filter of GIMP's, which stays on its layer until it is deleted: by us, or by the
 * guard, a process that outlives this one. GIMP makes an undo step of each filter that comes or
 * goes, and takes the image for changed: undo is frozen for that moment, and an image that was
 * saved is clean again. (A process that dies in that moment leaves undo frozen, which the guard
 * mends.) A plug-in cannot keep a filter out of a file that is saved meanwhile: hence its name.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/canvas.h"

#include "plugin/effect.h"
#include "plugin/guard.h"
#include "ui/i18n.h"

/* A drawable and its preview, if it has one. */
typedef struct
{
  GimpDrawable *drawable;
  GimpDrawableFilter *filter;
  const char *operation;
} Preview;

typedef struct
{
  const CnCanvasKind *kind;
  GimpImage *image;
  GArray *previews;
  CnCanvasDialog dialog;
  CnCanvasHost host;
  gpointer data;
} Canvas;

/* By this name the guard knows a preview. */
static const char *
preview_name (void)
{
  return _ ("ConvNet's preview");
}

void
cn_add_canvas (GimpProcedure *procedure)
{
  gimp_procedure_add_boolean_aux_argument (
      procedure, CN_CANVAS_PREVIEW, _ ("Displa_y on canvas"),
      _ ("Show the result on the canvas, in place of the layer, until the dialog is closed"), TRUE,
      G_PARAM_READWRITE);
  gimp_procedure_add_boolean_aux_argument (
      procedure, CN_CANVAS_SPLIT, _ ("S_plit view"),
      _ ("Show the result on the left of the layer only, beside what the right is now"), FALSE,
      G_PARAM_READWRITE);
  /* The middle, as GIMP's own filters begin. */
  gimp_procedure_add_double_aux_argument (
      procedure, CN_CANVAS_POSITION, _ ("Position of the split"),
      _ ("Where the result ends on the canvas, from the layer's left edge to its right"), 0, 1, 0.5,
      G_PARAM_READWRITE);
}

/* Between these two, changes leave no undo step, and an image without changes stays one. */
static gboolean
begin_quiet (GimpImage *image)
{
  gimp_image_undo_freeze (image);
  return gimp_image_is_dirty (image);
}

static void
end_quiet (GimpImage *image, gboolean dirty)
{
  gimp_image_undo_thaw (image);
  if (!dirty)
    gimp_image_clean_all (image);
}

static void
take_off (Preview *preview)
{
  if (preview->filter && gimp_drawable_filter_is_valid (preview->filter))
    gimp_drawable_filter_delete (preview->filter);
  preview->filter = NULL;
}

static void
put_on (const Canvas *canvas, Preview *preview, const char *operation, GimpProcedureConfig *config)
{
  gboolean fresh = !preview->filter;
  GObject *properties;
  gboolean split;
  double position;

  if (fresh)
    preview->filter = cn_effect_new (preview->drawable, operation, preview_name ());
  if (!preview->filter)
    return;
  preview->operation = operation;
  properties = G_OBJECT (gimp_drawable_filter_get_config (preview->filter));
  canvas->kind->set (properties, preview->drawable, config);
  g_object_get (config, CN_CANVAS_SPLIT, &split, CN_CANVAS_POSITION, &position, NULL);
  g_object_set (properties, "split", split ? position : 1.0, NULL);
  if (fresh)
    gimp_drawable_append_filter (preview->drawable, preview->filter);
  else
    gimp_drawable_filter_update (preview->filter);
}

/* What is shown of one drawable is brought up to date; what there is to say of it. */
static const char *
show_one (const Canvas *canvas, Preview *preview, gboolean wanted, GimpProcedureConfig *config)
{
  CnCanvasPlan plan = { 0 };

  if (wanted && !canvas->kind->plan (preview->drawable, config, &plan))
    return NULL;
  if (preview->filter
      && (g_strcmp0 (plan.operation, preview->operation) != 0
          || !gimp_drawable_filter_is_valid (preview->filter)))
    take_off (preview);
  if (plan.operation)
    put_on (canvas, preview, plan.operation, config);
  return plan.note;
}

static const char *
show (gpointer host, GimpProcedureConfig *config)
{
  Canvas *canvas = host;
  const char *note = NULL;
  gboolean wanted, dirty;

  if (!gimp_image_is_valid (canvas->image))
    return NULL;
  g_object_get (config, CN_CANVAS_PREVIEW, &wanted, NULL);
  dirty = begin_quiet (canvas->image);
  for (guint i = 0; i < canvas->previews->len; i++)
    {
      Preview *preview = &g_array_index (canvas->previews, Preview, i);
      const char *of_this = NULL;

      if (gimp_item_is_valid (GIMP_ITEM (preview->drawable)))
        of_this = show_one (canvas, preview, wanted, config);
      if (!note)
        note = of_this;
    }
  end_quiet (canvas->image, dirty);
  gimp_displays_flush ();
  return note;
}

void
cn_canvas_clear (GimpDrawable **drawables)
{
  for (GimpDrawable **drawable = drawables; *drawable; drawable++)
    {
      GimpImage *image;
      g_autofree GimpDrawableFilter **filters = NULL;
      gboolean dirty;

      if (!gimp_item_is_valid (GIMP_ITEM (*drawable)))
        continue;
      image = gimp_item_get_image (GIMP_ITEM (*drawable));
      filters = gimp_drawable_get_filters (*drawable);
      dirty = begin_quiet (image);
      for (GimpDrawableFilter **filter = filters; filter && *filter; filter++)
        {
          g_autofree char *name = gimp_drawable_filter_get_name (*filter);

          if (g_strcmp0 (name, preview_name ()) == 0)
            gimp_drawable_filter_delete (*filter);
        }
      end_quiet (image, dirty);
    }
  gimp_displays_flush ();
}

static gboolean
has_operation (const CnCanvasKind *kind, GimpDrawable *drawable)
{
  GimpDrawableFilter *filter = cn_effect_new (drawable, kind->operation, preview_name ());

  if (!filter)
    return FALSE;
  gimp_drawable_filter_delete (filter);
  return TRUE;
}

static gboolean
run_dialog (gpointer data)
{
  Canvas *canvas = data;
  gboolean dirty, accepted = canvas->dialog (&canvas->host, canvas->data);

  if (!gimp_image_is_valid (canvas->image))
    return accepted;
  dirty = begin_quiet (canvas->image);
  for (guint i = 0; i < canvas->previews->len; i++)
    take_off (&g_array_index (canvas->previews, Preview, i));
  end_quiet (canvas->image, dirty);
  if (!accepted)
    gimp_displays_flush ();
  return accepted;
}

gboolean
cn_canvas_run (const CnCanvasKind *kind, GimpDrawable **drawables, CnCanvasDialog dialog,
               gpointer data)
{
  g_autoptr (GArray) previews = g_array_new (FALSE, FALSE, sizeof (Preview));
  Canvas canvas = { .kind = kind,
                    .image = gimp_item_get_image (GIMP_ITEM (drawables[0])),
                    .previews = previews,
                    .dialog = dialog,
                    .data = data };
  gboolean accepted;

  for (int i = 0; drawables[i]; i++)
    {
      const Preview preview = { .drawable = drawables[i] };

      if (GIMP_IS_LAYER (drawables[i]) && !gimp_item_is_group (GIMP_ITEM (drawables[i])))
        g_array_append_val (previews, preview);
    }
  canvas.host = (CnCanvasHost){ .host = &canvas, .show = show };
  if (previews->len == 0)
    canvas.host.missing = _ ("Only layers with pixels of their own have a preview on the canvas.");
  else if (!has_operation (kind, g_array_index (previews, Preview, 0).drawable))
    canvas.host.missing = _ ("For this, GIMP lacks the module “convnet-gpl3”.");
  else if (cn_guard_is_busy ())
    canvas.host.missing = _ ("Another dialog has its preview on the canvas.");
  else if (cn_guard_run (drawables, run_dialog, &canvas, &accepted))
    return accepted;
  else
    canvas.host.missing = _ ("GIMP has not started what takes care of a preview on the canvas.");
  return dialog (&canvas.host, data);
}
