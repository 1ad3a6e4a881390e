/* result-view.c: a part of a filter's result at the result's own size, enlarged so that its pixels
 * can be seen.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/result-view.h"

#include <math.h>

#include "ui/accessible.h"
#include "ui/i18n.h"

#define WIDTH 420
#define HEIGHT 320
#define CHECK 8 /* screen pixels of the pattern behind what is transparent */

static const int zooms[] = { 1, 2, 4, 8, 16 };

struct _CnResultView
{
  GtkBox parent_instance;
  GimpProcedureConfig *config;
  const CnPreviewHost *host;
  GtkWidget *area;
  GtkAdjustment *x, *y; /* of the part in view, in pixels of the result */
  GtkLabel *result;
  int zoom;
  char *error;
  cairo_surface_t *picture;
  GdkRectangle part; /* that `picture` shows */
  guint idle;        /* a request that several changes in one go share */
  gboolean centred;  /* the first part that is shown is the middle, and it has been */
  double grip_x, grip_y;
};

G_DEFINE_FINAL_TYPE (CnResultView, cn_result_view, GTK_TYPE_BOX)

static void
cn_result_view_dispose (GObject *object)
{
  CnResultView *view = CN_RESULT_VIEW (object);

  g_clear_handle_id (&view->idle, g_source_remove);
  g_clear_pointer (&view->picture, cairo_surface_destroy);
  G_OBJECT_CLASS (cn_result_view_parent_class)->dispose (object);
}

static void
cn_result_view_finalize (GObject *object)
{
  g_free (CN_RESULT_VIEW (object)->error);
  G_OBJECT_CLASS (cn_result_view_parent_class)->finalize (object);
}

static void
cn_result_view_class_init (CnResultViewClass *class)
{
  G_OBJECT_CLASS (class)->dispose = cn_result_view_dispose;
  G_OBJECT_CLASS (class)->finalize = cn_result_view_finalize;
  g_signal_new ("status", CN_TYPE_RESULT_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                0);
}

static void
cn_result_view_init (CnResultView *view)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (view), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (view), 4);
}

const char *
cn_result_view_error (CnResultView *view)
{
  return view->error;
}

/* RGBA bytes as cairo has them. */
static cairo_surface_t *
make_surface (const guchar *pixels, int width, int height)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width, height);
  guchar *data = cairo_image_surface_get_data (surface);
  int row = cairo_image_surface_get_stride (surface);

  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      {
        const guchar *from = pixels + 4 * ((gsize) y * width + x);
        guint alpha = from[3], value = alpha << 24;

        for (int c = 0; c < 3; c++)
          value |= (from[c] * alpha + 127) / 255 << (16 - 8 * c);
        *(guint32 *) (gpointer) (data + (gsize) y * row + 4 * x) = value;
      }
  cairo_surface_mark_dirty (surface);
  return surface;
}

static void
draw_checks (cairo_t *cr, double width, double height)
{
  cairo_set_source_rgb (cr, 0.6, 0.6, 0.6);
  cairo_rectangle (cr, 0, 0, width, height);
  cairo_fill (cr);
  cairo_set_source_rgb (cr, 0.4, 0.4, 0.4);
  for (int y = 0; y < height; y += CHECK)
    for (int x = y / CHECK % 2 * CHECK; x < width; x += 2 * CHECK)
      cairo_rectangle (cr, x, y, MIN (CHECK, width - x), MIN (CHECK, height - y));
  cairo_fill (cr);
}

/* Where the left or top edge of the result lies: in the middle if all of it fits. */
static double
origin_of (GtkAdjustment *adjustment, int room, int zoom)
{
  double length = gtk_adjustment_get_upper (adjustment) * zoom;

  return length < room ? floor ((room - length) / 2)
                       : -floor (gtk_adjustment_get_value (adjustment)) * zoom;
}

static gboolean
draw (GtkWidget *area, cairo_t *cr, CnResultView *view)
{
  int width = gtk_widget_get_allocated_width (area);
  int height = gtk_widget_get_allocated_height (area);
  double left = origin_of (view->x, width, view->zoom);
  double top = origin_of (view->y, height, view->zoom);

  if (gtk_widget_has_focus (area))
    gtk_render_focus (gtk_widget_get_style_context (area), cr, 0, 0, width, height);
  if (!view->picture)
    return FALSE;
  cairo_rectangle (cr, MAX (left, 0), MAX (top, 0),
                   MIN (gtk_adjustment_get_upper (view->x) * view->zoom, width),
                   MIN (gtk_adjustment_get_upper (view->y) * view->zoom, height));
  cairo_clip (cr);
  draw_checks (cr, width, height);
  cairo_translate (cr, left, top);
  cairo_scale (cr, view->zoom, view->zoom);
  cairo_set_source_surface (cr, view->picture, view->part.x, view->part.y);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_NEAREST);
  cairo_paint (cr);
  return FALSE;
}

static char *
describe (const CnPreviewPicture *picture)
{
  g_autofree char *sizes = g_strdup_printf (_ ("%d × %d → %d × %d"), picture->from_width,
                                            picture->from_height, picture->width, picture->height);

  if (picture->text)
    return g_strdup (picture->text);
  if (picture->replaces)
    return g_strdup_printf (_ ("%s, in place of the layer"), sizes);
  return g_steal_pointer (&sizes);
}

static void
say (CnResultView *view, const char *text, gboolean wrong)
{
  GtkStyleContext *context = gtk_widget_get_style_context (GTK_WIDGET (view->result));

  gtk_label_set_text (view->result, text);
  if (wrong)
    gtk_style_context_add_class (context, GTK_STYLE_CLASS_ERROR);
  else
    gtk_style_context_remove_class (context, GTK_STYLE_CLASS_ERROR);
}

static void
set_range (GtkAdjustment *adjustment, int length, int page, gboolean centre)
{
  double value = centre ? (length - page) / 2 : gtk_adjustment_get_value (adjustment);

  page = MIN (page, length);
  gtk_adjustment_configure (adjustment, CLAMP (value, 0, length - page), 0, length, 1, page * 0.9,
                            page);
}

/* How many pixels of the result are seen, at most. */
static int
page_of (int room, int zoom)
{
  return room / zoom + 1;
}

static void
set_ranges (CnResultView *view, int width, int height)
{
  gboolean centre = !view->centred;

  view->centred = TRUE;
  set_range (view->x, width, gtk_widget_get_allocated_width (view->area) / view->zoom, centre);
  set_range (view->y, height, gtk_widget_get_allocated_height (view->area) / view->zoom, centre);
}

static void
show (const CnPreviewPicture *picture, gpointer data)
{
  CnResultView *view = data;
  g_autofree char *text = picture->error ? NULL : describe (picture);

  g_free (view->error);
  view->error = g_strdup (picture->error);
  say (view, text ? text : picture->error, picture->error != NULL);
  g_clear_pointer (&view->picture, cairo_surface_destroy);
  if (picture->pixels)
    {
      view->part = picture->part;
      view->centred |= picture->page;
      view->picture = make_surface (picture->pixels, view->part.width, view->part.height);
      set_ranges (view, picture->width, picture->height);
    }
  gtk_widget_queue_draw (view->area);
  g_signal_emit_by_name (view, "status");
}

static gboolean
request_at_last (gpointer data)
{
  CnResultView *view = data;
  GdkRectangle part = { .x = (int) floor (gtk_adjustment_get_value (view->x)),
                        .y = (int) floor (gtk_adjustment_get_value (view->y)) };

  view->idle = 0;
  part.width = page_of (gtk_widget_get_allocated_width (view->area), view->zoom);
  part.height = page_of (gtk_widget_get_allocated_height (view->area), view->zoom);
  view->host->request (view->host->host, view->config, &part, show, view);
  return G_SOURCE_REMOVE;
}

static void
request (CnResultView *view)
{
  if (!view->idle)
    view->idle = g_idle_add_full (G_PRIORITY_HIGH_IDLE + 10, request_at_last, view, NULL);
}

static void
move (CnResultView *view, double x, double y)
{
  gtk_adjustment_set_value (view->x, gtk_adjustment_get_value (view->x) + x);
  gtk_adjustment_set_value (view->y, gtk_adjustment_get_value (view->y) + y);
}

static gboolean
key_pressed (CnResultView *view, GdkEventKey *event)
{
  double x = gtk_adjustment_get_page_increment (view->x) / 8;
  double y = gtk_adjustment_get_page_increment (view->y) / 8;

  switch (event->keyval)
    {
    case GDK_KEY_Left:
      move (view, -x, 0);
      return TRUE;
    case GDK_KEY_Right:
      move (view, x, 0);
      return TRUE;
    case GDK_KEY_Up:
      move (view, 0, -y);
      return TRUE;
    case GDK_KEY_Down:
      move (view, 0, y);
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
gripped (CnResultView *view, GdkEventButton *event)
{
  gtk_widget_grab_focus (view->area);
  view->grip_x = event->x;
  view->grip_y = event->y;
  return TRUE;
}

static gboolean
dragged (CnResultView *view, GdkEventMotion *event)
{
  double x = trunc ((view->grip_x - event->x) / view->zoom);
  double y = trunc ((view->grip_y - event->y) / view->zoom);

  move (view, x, y);
  view->grip_x -= x * view->zoom;
  view->grip_y -= y * view->zoom;
  return TRUE;
}

/* The middle stays where it is. */
static void
zoom_chosen (CnResultView *view, GtkComboBox *combo)
{
  double x = gtk_adjustment_get_value (view->x) + gtk_adjustment_get_page_size (view->x) / 2;
  double y = gtk_adjustment_get_value (view->y) + gtk_adjustment_get_page_size (view->y) / 2;

  view->zoom = zooms[MAX (gtk_combo_box_get_active (combo), 0)];
  if (view->centred)
    {
      set_ranges (view, (int) gtk_adjustment_get_upper (view->x),
                  (int) gtk_adjustment_get_upper (view->y));
      gtk_adjustment_set_value (view->x, x - gtk_adjustment_get_page_size (view->x) / 2);
      gtk_adjustment_set_value (view->y, y - gtk_adjustment_get_page_size (view->y) / 2);
    }
  gtk_widget_queue_draw (view->area);
  request (view);
}

static GtkWidget *
make_zoom (CnResultView *view)
{
  GtkWidget *combo = gtk_combo_box_text_new ();
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  for (guint i = 0; i < G_N_ELEMENTS (zooms); i++)
    {
      g_autofree char *text = g_strdup_printf (_ ("%d %%"), 100 * zooms[i]);

      gtk_combo_box_text_append_text (GTK_COMBO_BOX_TEXT (combo), text);
      if (zooms[i] == view->zoom)
        gtk_combo_box_set_active (GTK_COMBO_BOX (combo), (int) i);
    }
  g_signal_connect_object (combo, "changed", G_CALLBACK (zoom_chosen), view, G_CONNECT_SWAPPED);
  gtk_box_pack_start (GTK_BOX (row), GTK_WIDGET (view->result), TRUE, TRUE, 0);
  gtk_box_pack_end (GTK_BOX (row), combo, FALSE, FALSE, 0);
  gtk_box_pack_end (GTK_BOX (row),
                    cn_label_for (combo, _ ("_Zoom"), _ ("How large the pixels are shown")), FALSE,
                    FALSE, 0);
  return row;
}

static GtkWidget *
make_area (CnResultView *view)
{
  GtkWidget *area = gtk_drawing_area_new ();

  gtk_widget_set_size_request (area, WIDTH, HEIGHT);
  gtk_widget_set_hexpand (area, TRUE);
  gtk_widget_set_vexpand (area, TRUE);
  gtk_widget_set_can_focus (area, TRUE);
  gtk_widget_add_events (area, GDK_BUTTON_PRESS_MASK | GDK_BUTTON1_MOTION_MASK | GDK_KEY_PRESS_MASK
                                   | GDK_FOCUS_CHANGE_MASK);
  /* A tooltip would cover what there is to see. */
  cn_accessible (area, _ ("Preview of the result"), NULL);
  atk_object_set_description (gtk_widget_get_accessible (area),
                              _ ("Drag, or use the arrow keys, to see another part"));
  g_signal_connect (area, "draw", G_CALLBACK (draw), view);
  g_signal_connect_swapped (area, "size-allocate", G_CALLBACK (request), view);
  g_signal_connect_swapped (area, "key-press-event", G_CALLBACK (key_pressed), view);
  g_signal_connect_swapped (area, "button-press-event", G_CALLBACK (gripped), view);
  g_signal_connect_swapped (area, "motion-notify-event", G_CALLBACK (dragged), view);
  return area;
}

static GtkAdjustment *
add_scrollbar (CnResultView *view, GtkGrid *grid, GtkOrientation orientation, const char *name)
{
  gboolean across = orientation == GTK_ORIENTATION_HORIZONTAL;
  GtkAdjustment *adjustment = gtk_adjustment_new (0, 0, 1, 1, 1, 1);
  GtkWidget *bar = gtk_scrollbar_new (orientation, adjustment);

  cn_accessible (bar, name, NULL);
  gtk_grid_attach (grid, bar, !across, across, 1, 1);
  g_signal_connect_object (adjustment, "value-changed", G_CALLBACK (request), view,
                           G_CONNECT_SWAPPED);
  return adjustment;
}

GtkWidget *
cn_result_view_new (GimpProcedureConfig *config, const CnPreviewHost *host, int zoom)
{
  CnResultView *view = g_object_new (CN_TYPE_RESULT_VIEW, NULL);
  GtkWidget *grid = gtk_grid_new ();

  view->config = config;
  view->host = host;
  view->zoom = zoom;
  view->area = make_area (view);
  view->result = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (view->result, 0);
  gtk_label_set_line_wrap (view->result, TRUE);
  gtk_label_set_max_width_chars (view->result, 40);
  gtk_grid_attach (GTK_GRID (grid), view->area, 0, 0, 1, 1);
  view->x = add_scrollbar (view, GTK_GRID (grid), GTK_ORIENTATION_HORIZONTAL,
                           _ ("Move the preview left and right"));
  view->y = add_scrollbar (view, GTK_GRID (grid), GTK_ORIENTATION_VERTICAL,
                           _ ("Move the preview up and down"));
  gtk_box_pack_start (GTK_BOX (view), grid, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (view), make_zoom (view), FALSE, FALSE, 0);
  gtk_widget_show_all (GTK_WIDGET (view));
  g_signal_connect_object (config, "notify", G_CALLBACK (request), view, G_CONNECT_SWAPPED);
  return GTK_WIDGET (view);
}
