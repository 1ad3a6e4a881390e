/* preview-pane.c: the preview beside the arguments of a filter, and what comes out of it in words.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/preview-pane.h"

#include "ui/accessible.h"
#include "ui/i18n.h"

#define RESULT_HEIGHT 36 /* two lines, so that nothing moves when it takes them */
#define WIDTH 380
#define HEIGHT 262 /* from these the proportions come; it may be made smaller */
#define HEIGHT_MIN 196
#define AREA_MIN 130

struct _CnPreviewPane
{
  GtkBox parent_instance;
  GimpProcedureConfig *config;
  CnKernelModel *model;
  const CnPreviewHost *host;
  GimpPreview *preview;
  GtkLabel *result;
  char *error;
  guint idle;       /* a request that several changes in one go share */
  gboolean centred; /* the first part that is shown is the middle */
};

G_DEFINE_FINAL_TYPE (CnPreviewPane, cn_preview_pane, GTK_TYPE_BOX)

static void
cn_preview_pane_dispose (GObject *object)
{
  CnPreviewPane *pane = CN_PREVIEW_PANE (object);

  g_clear_handle_id (&pane->idle, g_source_remove);
  G_OBJECT_CLASS (cn_preview_pane_parent_class)->dispose (object);
}

static void
cn_preview_pane_finalize (GObject *object)
{
  g_free (CN_PREVIEW_PANE (object)->error);
  G_OBJECT_CLASS (cn_preview_pane_parent_class)->finalize (object);
}

static void
cn_preview_pane_class_init (CnPreviewPaneClass *class)
{
  G_OBJECT_CLASS (class)->dispose = cn_preview_pane_dispose;
  G_OBJECT_CLASS (class)->finalize = cn_preview_pane_finalize;
  g_signal_new ("status", CN_TYPE_PREVIEW_PANE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                0);
}

static void
cn_preview_pane_init (CnPreviewPane *pane)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (pane), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (pane), 4);
}

const char *
cn_preview_pane_error (CnPreviewPane *pane)
{
  return pane->error;
}

static char *
describe (CnPreviewPane *pane, const CnPreviewPicture *picture)
{
  int width = picture->width, height = picture->height;
  g_autofree char *output = NULL;

  g_object_get (pane->config, "output", &output, NULL);
  if (picture->results > 1)
    return g_strdup_printf (ngettext ("Result: %d × %d pixels, as %d new layer",
                                      "Result: %d × %d pixels, as %d new layers, of which the "
                                      "preview shows the first",
                                      (gulong) picture->results),
                            width, height, picture->results);
  if (picture->replaces)
    return g_strdup_printf (_ ("Result: %d × %d pixels, in place of the layer"), width, height);
  if (g_strcmp0 (output, "new-image") == 0)
    return g_strdup_printf (_ ("Result: %d × %d pixels, as a new image"), width, height);
  return g_strdup_printf (_ ("Result: %d × %d pixels, as a new layer"), width, height);
}

static void
say (CnPreviewPane *pane, const char *text, gboolean wrong)
{
  GtkStyleContext *context = gtk_widget_get_style_context (GTK_WIDGET (pane->result));

  gtk_label_set_text (pane->result, text);
  if (wrong)
    gtk_style_context_add_class (context, GTK_STYLE_CLASS_ERROR);
  else
    gtk_style_context_remove_class (context, GTK_STYLE_CLASS_ERROR);
}

static void
show (const CnPreviewPicture *picture, gpointer data)
{
  CnPreviewPane *pane = data;
  g_autofree char *text = picture->error ? NULL : describe (pane, picture);
  int x, y, width, height;

  g_free (pane->error);
  pane->error = g_strdup (picture->error);
  say (pane, text ? text : picture->error, picture->error != NULL);
  gimp_preview_get_position (pane->preview, &x, &y);
  gimp_preview_get_size (pane->preview, &width, &height);
  if (picture->pixels && gimp_preview_get_update (pane->preview) && x == picture->part.x
      && y == picture->part.y && width == picture->part.width && height == picture->part.height)
    gimp_preview_area_draw (GIMP_PREVIEW_AREA (gimp_preview_get_area (pane->preview)), 0, 0, width,
                            height, GIMP_RGBA_IMAGE, picture->pixels, width * 4);
  g_signal_emit_by_name (pane, "status");
}

static void
request (CnPreviewPane *pane)
{
  GdkRectangle part;

  if (cn_kernel_model_error (pane->model))
    {
      g_clear_pointer (&pane->error, g_free);
      say (pane, _ ("The kernel's text cannot be read"), FALSE);
      return;
    }
  gimp_preview_get_position (pane->preview, &part.x, &part.y);
  gimp_preview_get_size (pane->preview, &part.width, &part.height);
  pane->host->request (pane->host->host, pane->config, &part, show, pane);
}

static gboolean
request_at_last (gpointer data)
{
  CnPreviewPane *pane = data;

  pane->idle = 0;
  request (pane);
  return G_SOURCE_REMOVE;
}

/* Before the next redraw, so that the picture is there at once. */
static void
argument_changed (CnPreviewPane *pane)
{
  if (!pane->idle)
    pane->idle = g_idle_add_full (G_PRIORITY_HIGH_IDLE + 10, request_at_last, pane, NULL);
}

static void
invalidated (CnPreviewPane *pane)
{
  if (!pane->centred)
    {
      int left, top, right, bottom, width, height;

      pane->centred = TRUE;
      gimp_preview_get_bounds (pane->preview, &left, &top, &right, &bottom);
      gimp_preview_get_size (pane->preview, &width, &height);
      gimp_scrolled_preview_set_position (GIMP_SCROLLED_PREVIEW (pane->preview),
                                          (left + right - width) / 2, (top + bottom - height) / 2);
    }
  argument_changed (pane);
}

/* Names the parts of GIMP's widget that it leaves without. */
static void
name_parts (GtkWidget *widget, gpointer data)
{
  (void) data;
  if (GTK_IS_SCROLLBAR (widget))
    cn_accessible (widget,
                   gtk_orientable_get_orientation (GTK_ORIENTABLE (widget))
                           == GTK_ORIENTATION_HORIZONTAL
                       ? _ ("Move the preview left and right")
                       : _ ("Move the preview up and down"),
                   NULL);
  else if (GTK_IS_CONTAINER (widget))
    gtk_container_forall (GTK_CONTAINER (widget), name_parts, NULL);
}

/* GIMP's preview is a small square. Ours is as wide as its column, but no larger than the picture.
 */
static void
frame_preview (CnPreviewPane *pane)
{
  int left, top, right, bottom, width, height;

  gimp_preview_get_bounds (pane->preview, &left, &top, &right, &bottom);
  width = MIN (right - left, WIDTH);
  height = MIN (bottom - top, HEIGHT);
  gtk_widget_set_size_request (GTK_WIDGET (pane->preview), WIDTH, HEIGHT_MIN);
  gtk_widget_set_size_request (gimp_preview_get_area (pane->preview), MIN (width, 200),
                               MIN (height, AREA_MIN));
  gtk_aspect_frame_set (GTK_ASPECT_FRAME (gimp_preview_get_frame (pane->preview)), 0.5, 0.5,
                        (float) width / (float) height, FALSE);
}

GtkWidget *
cn_preview_pane_new (GimpProcedureDialog *dialog, GimpProcedureConfig *config, CnKernelModel *model,
                     const CnPreviewHost *host)
{
  CnPreviewPane *pane = g_object_new (CN_TYPE_PREVIEW_PANE, NULL);
  GtkWidget *preview =
      gimp_procedure_dialog_get_drawable_preview (dialog, "preview", host->drawable);
  GtkWidget *result = gtk_label_new (NULL);

  pane->config = config;
  pane->model = model;
  pane->host = host;
  pane->preview = GIMP_PREVIEW (preview);
  pane->result = GTK_LABEL (result);
  cn_accessible (gimp_preview_get_area (pane->preview), _ ("Preview of the result"), NULL);
  name_parts (preview, NULL);
  frame_preview (pane);
  /* GIMP's class sets its own size then. */
  g_signal_connect_object (preview, "style-updated", G_CALLBACK (frame_preview), pane,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  gtk_label_set_xalign (pane->result, 0);
  gtk_label_set_line_wrap (pane->result, TRUE);
  gtk_label_set_max_width_chars (pane->result, 32);
  gtk_widget_set_size_request (result, -1, RESULT_HEIGHT);
  gtk_box_pack_start (GTK_BOX (pane), preview, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (gimp_preview_get_controls (pane->preview)), result, TRUE, TRUE, 6);
  gtk_widget_show (preview);
  gtk_widget_show (result);

  g_signal_connect_object (preview, "invalidated", G_CALLBACK (invalidated), pane,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (config, "notify", G_CALLBACK (argument_changed), pane,
                           G_CONNECT_SWAPPED);
  argument_changed (pane);
  return GTK_WIDGET (pane);
}
