/* network-view.c: the page of a dialog that shows the chosen network: what it says of itself, its
 * layers as a diagram and a table, and the totals.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/network-view.h"

#include <string.h>

#include "ui/accessible.h"
#include "ui/i18n.h"
#include "ui/network-cell.h"

/* Who types a name is left alone for so many milliseconds. */
#define PATIENCE 200

struct _CnNetworkView
{
  GtkBox parent_instance;
  GimpProcedureConfig *config;
  const CnNetworkHost *host;
  const char *chosen; /* the argument that names chosen layers; NULL: none can be chosen */
  GtkWidget *description, *totals, *list;
  GtkListStore *rows;
  CnNetworkCell *cell;
  CnInfo *info;
  guint later;
  gboolean current; /* what is shown is what the arguments ask for */
};

G_DEFINE_FINAL_TYPE (CnNetworkView, cn_network_view, GTK_TYPE_BOX)

enum
{
  COLUMN_ROW,
  COLUMN_CHOSEN,
  COLUMN_NAME,
  COLUMN_OP,
  COLUMN_SHAPE,
  COLUMN_PARAMETERS,
  COLUMN_MULTIPLY_ADDS,
  COLUMN_FIELD,
  COLUMNS
};

static void
forget (CnNetworkView *view)
{
  gtk_list_store_clear (view->rows);
  cn_network_cell_set (view->cell, NULL);
  g_clear_pointer (&view->info, cn_info_free);
}

static void
cn_network_view_dispose (GObject *object)
{
  CnNetworkView *view = CN_NETWORK_VIEW (object);

  g_clear_handle_id (&view->later, g_source_remove);
  g_clear_object (&view->config);
  g_clear_pointer (&view->info, cn_info_free);
  g_clear_object (&view->rows);
  G_OBJECT_CLASS (cn_network_view_parent_class)->dispose (object);
}

/* Grouped as the user's language does; what is none stays empty. */
static char *
number_text (double number)
{
  return number > 0 ? g_strdup_printf ("%'.0f", number) : g_strdup ("");
}

static void
add_row (CnNetworkView *view, int index)
{
  const CnLayer *layer = &view->info->layers[index];
  g_autofree char *shape = cn_info_shape_text (&layer->shape);
  g_autofree char *parameters = number_text ((double) layer->parameters);
  g_autofree char *multiply_adds = number_text (layer->multiply_adds);
  g_autofree char *field = layer->receptive_field > 0
                               ? number_text ((double) layer->receptive_field)
                               : g_strdup (_ ("all"));

  gtk_list_store_insert_with_values (view->rows, NULL, -1, COLUMN_ROW, index, COLUMN_NAME,
                                     layer->name, COLUMN_OP, layer->op, COLUMN_SHAPE, shape,
                                     COLUMN_PARAMETERS, parameters, COLUMN_MULTIPLY_ADDS,
                                     multiply_adds, COLUMN_FIELD, field, -1);
}

/* Whether one of the names, or the “*” for all, is the layer's. */
static gboolean
is_chosen (char **names, const CnLayer *layer)
{
  for (char **name = names; *name; name++)
    if (strcmp (g_strstrip (*name), layer->name) == 0
        || (strcmp (*name, "*") == 0 && layer->shape.rank == 4 && layer->n_from > 0))
      return TRUE;
  return FALSE;
}

/* Ticks what the argument names. */
static void
show_chosen (CnNetworkView *view)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) names = NULL;
  GtkTreeIter row;
  gboolean valid = gtk_tree_model_get_iter_first (GTK_TREE_MODEL (view->rows), &row);

  if (!view->chosen || !view->info)
    return;
  g_object_get (view->config, view->chosen, &text, NULL);
  names = g_strsplit (text, ",", -1);
  for (int i = 0; valid; i++)
    {
      gtk_list_store_set (view->rows, &row, COLUMN_CHOSEN,
                          is_chosen (names, &view->info->layers[i]), -1);
      valid = gtk_tree_model_iter_next (GTK_TREE_MODEL (view->rows), &row);
    }
}

/* Ticks or unticks a row, and names all that are ticked. */
static void
toggle (CnNetworkView *view, GtkTreePath *path)
{
  g_autoptr (GString) text = g_string_new (NULL);
  int toggled = gtk_tree_path_get_indices (path)[0];
  GtkTreeIter row;
  gboolean valid = gtk_tree_model_get_iter_first (GTK_TREE_MODEL (view->rows), &row), chosen;

  for (int i = 0; valid; i++)
    {
      gtk_tree_model_get (GTK_TREE_MODEL (view->rows), &row, COLUMN_CHOSEN, &chosen, -1);
      if (chosen != (i == toggled))
        g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "",
                                view->info->layers[i].name);
      valid = gtk_tree_model_iter_next (GTK_TREE_MODEL (view->rows), &row);
    }
  g_object_set (view->config, view->chosen, text->str, NULL);
}

static void
show_totals (CnNetworkView *view)
{
  g_autofree char *parameters = number_text ((double) view->info->parameters);
  g_autofree char *multiply_adds = number_text (view->info->multiply_adds);
  g_autofree char *text =
      g_strdup_printf (_ ("In all %s parameters; %s multiply-adds for an input of this size"),
                       *parameters ? parameters : "0", *multiply_adds ? multiply_adds : "0");

  gtk_label_set_text (GTK_LABEL (view->totals), text);
}

static void
refresh (CnNetworkView *view)
{
  g_autofree char *description = NULL;
  g_autoptr (GError) error = NULL;

  view->current = TRUE;
  forget (view);
  view->info = view->host->info (view->config, &description, &error);
  gtk_label_set_text (GTK_LABEL (view->description), view->info ? description : error->message);
  gtk_widget_set_visible (view->totals, view->info != NULL);
  if (!view->info)
    return;
  cn_network_cell_set (view->cell, view->info);
  for (int i = 0; i < view->info->n; i++)
    add_row (view, i);
  show_chosen (view);
  show_totals (view);
}

static gboolean
refresh_now (gpointer data)
{
  CnNetworkView *view = data;

  view->later = 0;
  if (!view->current && gtk_widget_get_mapped (GTK_WIDGET (view)))
    refresh (view);
  return G_SOURCE_REMOVE;
}

static void
refresh_later (CnNetworkView *view)
{
  view->current = FALSE;
  g_clear_handle_id (&view->later, g_source_remove);
  view->later = g_timeout_add (PATIENCE, refresh_now, view);
}

static void
cn_network_view_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (cn_network_view_parent_class)->map (widget);
  refresh_now (widget);
}

static void
add_column (CnNetworkView *view, const char *title, int column, gboolean is_number)
{
  GtkCellRenderer *cell = gtk_cell_renderer_text_new ();
  GtkTreeViewColumn *made =
      gtk_tree_view_column_new_with_attributes (title, cell, "text", column, NULL);

  gtk_cell_renderer_set_alignment (cell, is_number ? 1 : 0, 0.5f);
  gtk_tree_view_column_set_alignment (made, is_number ? 1 : 0);
  gtk_tree_view_column_set_resizable (made, TRUE);
  gtk_tree_view_append_column (GTK_TREE_VIEW (view->list), made);
}

static void
add_choice (CnNetworkView *view)
{
  GtkCellRenderer *cell = gtk_cell_renderer_toggle_new ();
  g_autofree char *signal = g_strconcat ("notify::", view->chosen, NULL);

  gtk_tree_view_insert_column_with_attributes (GTK_TREE_VIEW (view->list), 0, _ ("Show"), cell,
                                               "active", COLUMN_CHOSEN, NULL);
  /* A click, Enter and Space on the row, and what screen readers do: all activate it. */
  g_object_set (cell, "activatable", FALSE, NULL);
  gtk_tree_view_set_activate_on_single_click (GTK_TREE_VIEW (view->list), TRUE);
  g_signal_connect_swapped (view->list, "row-activated", G_CALLBACK (toggle), view);
  g_signal_connect_object (view->config, signal, G_CALLBACK (show_chosen), view, G_CONNECT_SWAPPED);
}

static GtkWidget *
make_list (CnNetworkView *view)
{
  GtkWidget *scrolled = gtk_scrolled_window_new (NULL, NULL);

  view->rows =
      gtk_list_store_new (COLUMNS, G_TYPE_INT, G_TYPE_BOOLEAN, G_TYPE_STRING, G_TYPE_STRING,
                          G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING);
  view->list = gtk_tree_view_new_with_model (GTK_TREE_MODEL (view->rows));
  view->cell = CN_NETWORK_CELL (cn_network_cell_new ());
  gtk_tree_view_append_column (
      GTK_TREE_VIEW (view->list),
      gtk_tree_view_column_new_with_attributes (_ ("Diagram"), GTK_CELL_RENDERER (view->cell),
                                                "row", COLUMN_ROW, NULL));
  add_column (view, _ ("Layer"), COLUMN_NAME, FALSE);
  add_column (view, _ ("Operator"), COLUMN_OP, FALSE);
  add_column (view, _ ("Output"), COLUMN_SHAPE, FALSE);
  add_column (view, _ ("Parameters"), COLUMN_PARAMETERS, TRUE);
  add_column (view, _ ("Multiply-adds"), COLUMN_MULTIPLY_ADDS, TRUE);
  add_column (view, _ ("Field"), COLUMN_FIELD, TRUE);
  gtk_tree_view_set_search_column (GTK_TREE_VIEW (view->list), COLUMN_NAME);
  cn_accessible (view->list, _ ("Layers"), NULL);
  gtk_container_add (GTK_CONTAINER (scrolled), view->list);
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (scrolled), 300);
  gtk_scrolled_window_set_min_content_width (GTK_SCROLLED_WINDOW (scrolled), 620);
  return scrolled;
}

static GtkWidget *
make_label (void)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_line_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 60);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  return label;
}

static void
cn_network_view_class_init (CnNetworkViewClass *class)
{
  G_OBJECT_CLASS (class)->dispose = cn_network_view_dispose;
  GTK_WIDGET_CLASS (class)->map = cn_network_view_map;
}

static void
cn_network_view_init (CnNetworkView *self)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (self), 6);
  self->description = make_label ();
  self->totals = make_label ();
  gtk_box_pack_start (GTK_BOX (self), self->description, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (self), make_list (self), TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (self), self->totals, FALSE, FALSE, 0);
  gtk_widget_show_all (GTK_WIDGET (self));
}

GtkWidget *
cn_network_view_new (GimpProcedureConfig *config, const CnNetworkHost *host, const char *chosen)
{
  CnNetworkView *view = g_object_new (CN_TYPE_NETWORK_VIEW, NULL);

  view->config = g_object_ref (config);
  view->host = host;
  view->chosen = chosen;
  if (chosen)
    add_choice (view);
  g_signal_connect_object (config, "notify::model", G_CALLBACK (refresh_later), view,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (config, "notify::model-file", G_CALLBACK (refresh_later), view,
                           G_CONNECT_SWAPPED);
  return GTK_WIDGET (view);
}
