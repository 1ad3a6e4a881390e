/* class-bars.c: the likeliest classes of a picture, with a bar for each.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/class-bars.h"

#include "ui/accessible.h"
#include "ui/i18n.h"

/* A change is followed by others, as letters of a name are: milliseconds. */
#define PATIENCE 150

typedef struct
{
  GtkWidget *name, *bar, *share;
} Row;

struct _CnClassBars
{
  GtkBox parent_instance;
  GimpProcedureConfig *config;
  const CnPreviewHost *host;
  GtkLabel *message;
  GtkWidget *scrolled;
  GtkGrid *grid;
  GArray *rows; /* of Row */
  GtkComboBoxText *combo;
  char *error;
  guint later;
};

G_DEFINE_FINAL_TYPE (CnClassBars, cn_class_bars, GTK_TYPE_BOX)

static void
cn_class_bars_dispose (GObject *object)
{
  CnClassBars *bars = CN_CLASS_BARS (object);

  g_clear_handle_id (&bars->later, g_source_remove);
  G_OBJECT_CLASS (cn_class_bars_parent_class)->dispose (object);
}

static void
cn_class_bars_finalize (GObject *object)
{
  CnClassBars *bars = CN_CLASS_BARS (object);

  g_array_unref (bars->rows);
  g_free (bars->error);
  G_OBJECT_CLASS (cn_class_bars_parent_class)->finalize (object);
}

static void
cn_class_bars_class_init (CnClassBarsClass *class)
{
  G_OBJECT_CLASS (class)->dispose = cn_class_bars_dispose;
  G_OBJECT_CLASS (class)->finalize = cn_class_bars_finalize;
  g_signal_new ("status", CN_TYPE_CLASS_BARS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                0);
}

const char *
cn_class_bars_error (CnClassBars *bars)
{
  return bars->error;
}

void
cn_class_bars_offer (CnClassBars *bars, GtkComboBoxText *combo)
{
  bars->combo = combo;
}

static GtkWidget *
make_label (CnClassBars *bars, int column, int row, float xalign)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), xalign);
  gtk_grid_attach (bars->grid, label, column, row, 1, 1);
  return label;
}

/* A bar has one colour, however long it is. */
static void
add_row (CnClassBars *bars)
{
  int number = (int) bars->rows->len;
  Row row = { .bar = gtk_level_bar_new_for_interval (0, 1) };

  row.name = make_label (bars, 0, number, 0);
  gtk_label_set_ellipsize (GTK_LABEL (row.name), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (GTK_LABEL (row.name), 28);
  gtk_level_bar_remove_offset_value (GTK_LEVEL_BAR (row.bar), GTK_LEVEL_BAR_OFFSET_LOW);
  gtk_level_bar_remove_offset_value (GTK_LEVEL_BAR (row.bar), GTK_LEVEL_BAR_OFFSET_HIGH);
  gtk_level_bar_remove_offset_value (GTK_LEVEL_BAR (row.bar), GTK_LEVEL_BAR_OFFSET_FULL);
  gtk_widget_set_hexpand (row.bar, TRUE);
  gtk_widget_set_valign (row.bar, GTK_ALIGN_CENTER);
  gtk_widget_set_size_request (row.bar, 180, 12);
  gtk_grid_attach (bars->grid, row.bar, 1, number, 1, 1);
  row.share = make_label (bars, 2, number, 1);
  g_array_append_val (bars->rows, row);
}

static void
show_row (const Row *row, const CnClassAnswer *answer)
{
  g_autofree char *share = NULL;

  gtk_widget_set_visible (row->name, answer != NULL);
  gtk_widget_set_visible (row->bar, answer != NULL);
  gtk_widget_set_visible (row->share, answer != NULL);
  if (!answer)
    return;
  share = g_strdup_printf (_ ("%.1f %%"), 100 * answer->probability);
  gtk_label_set_text (GTK_LABEL (row->name), answer->name);
  gtk_widget_set_tooltip_text (row->name, answer->name);
  gtk_level_bar_set_value (GTK_LEVEL_BAR (row->bar), answer->probability);
  cn_accessible (row->bar, answer->name, NULL);
  gtk_label_set_text (GTK_LABEL (row->share), share);
}

/* What has been typed in stays. */
static void
offer (CnClassBars *bars, const CnPreviewPicture *picture)
{
  if (!bars->combo)
    return;
  gtk_combo_box_text_remove_all (bars->combo);
  for (int i = 0; i < picture->answers_n; i++)
    gtk_combo_box_text_append_text (bars->combo, picture->answers[i].name);
}

static void
show (const CnPreviewPicture *picture, gpointer data)
{
  CnClassBars *bars = data;

  g_free (bars->error);
  bars->error = g_strdup (picture->error);
  gtk_label_set_text (bars->message, picture->error ? picture->error : "");
  gtk_widget_set_visible (GTK_WIDGET (bars->message), picture->error != NULL);
  gtk_widget_set_visible (bars->scrolled, picture->error == NULL);
  if (!picture->error)
    {
      while ((int) bars->rows->len < picture->answers_n)
        add_row (bars);
      for (int i = 0; i < (int) bars->rows->len; i++)
        show_row (&g_array_index (bars->rows, Row, i),
                  i < picture->answers_n ? &picture->answers[i] : NULL);
      offer (bars, picture);
    }
  g_signal_emit_by_name (bars, "status");
}

static gboolean
request (gpointer data)
{
  CnClassBars *bars = data;
  const GdkRectangle none = { 0 };

  bars->later = 0;
  bars->host->request (bars->host->host, bars->config, &none, show, bars);
  return G_SOURCE_REMOVE;
}

static void
argument_changed (CnClassBars *bars)
{
  g_clear_handle_id (&bars->later, g_source_remove);
  bars->later = g_timeout_add (PATIENCE, request, bars);
}

static void
cn_class_bars_init (CnClassBars *bars)
{
  GtkWidget *message = gtk_label_new (NULL), *grid = gtk_grid_new ();

  gtk_orientable_set_orientation (GTK_ORIENTABLE (bars), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (bars), 6);
  bars->rows = g_array_new (FALSE, FALSE, sizeof (Row));
  bars->message = GTK_LABEL (message);
  gtk_label_set_xalign (bars->message, 0);
  gtk_label_set_line_wrap (bars->message, TRUE);
  gtk_label_set_max_width_chars (bars->message, 44);
  gtk_style_context_add_class (gtk_widget_get_style_context (message), GTK_STYLE_CLASS_ERROR);
  bars->grid = GTK_GRID (grid);
  gtk_grid_set_row_spacing (bars->grid, 6);
  gtk_grid_set_column_spacing (bars->grid, 10);
  gtk_container_set_border_width (GTK_CONTAINER (grid), 6);
  bars->scrolled = gtk_scrolled_window_new (NULL, NULL);
  gtk_container_add (GTK_CONTAINER (bars->scrolled), grid);
  gtk_scrolled_window_set_min_content_width (GTK_SCROLLED_WINDOW (bars->scrolled), 420);
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (bars->scrolled), 260);
  gtk_box_pack_start (GTK_BOX (bars), message, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (bars), bars->scrolled, TRUE, TRUE, 0);
  gtk_widget_show (grid);
  gtk_widget_show_all (bars->scrolled);
  gtk_widget_show (GTK_WIDGET (bars));
}

GtkWidget *
cn_class_bars_new (GimpProcedureConfig *config, const CnPreviewHost *host)
{
  CnClassBars *bars = g_object_new (CN_TYPE_CLASS_BARS, NULL);

  bars->config = config;
  bars->host = host;
  g_signal_connect_object (config, "notify", G_CALLBACK (argument_changed), bars,
                           G_CONNECT_SWAPPED);
  argument_changed (bars);
  return GTK_WIDGET (bars);
}
