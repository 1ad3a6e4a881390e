/* classify-dialog.c: the dialog of Classify…: the likeliest classes beside the arguments.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/classify-dialog.h"

#include "ui/class-bars.h"
#include "ui/dialog.h"
#include "ui/i18n.h"
#include "ui/network-view.h"

static const char *const quarter[] = { N_ ("a quarter"), NULL };
static const char *const half[] = { N_ ("half the side"), NULL };
static const char *const likeliest[] = { NULL };

/* Rows of the grid that only a heat map needs. */
enum
{
  ROW_HEAT = 8,
  ROW_CLASS,
  ROW_WINDOW,
};

static void
set_row_sensitive (GtkGrid *grid, int row, gboolean sensitive)
{
  for (int column = 0; column < 2; column++)
    gtk_widget_set_sensitive (gtk_grid_get_child_at (grid, column, row), sensitive);
}

static void
heat_changed (GObject *config, GParamSpec *spec, GtkGrid *grid)
{
  g_autofree char *heat = NULL;

  (void) spec;
  g_object_get (config, "heat-map", &heat, NULL);
  set_row_sensitive (grid, ROW_CLASS, g_strcmp0 (heat, "none") != 0);
  set_row_sensitive (grid, ROW_WINDOW, g_strcmp0 (heat, "probability") == 0);
}

/* OK waits for arguments that give an answer. */
static void
check (GtkDialog *dialog, CnClassBars *bars)
{
  gtk_dialog_set_response_sensitive (dialog, GTK_RESPONSE_OK, !cn_class_bars_error (bars));
}

gboolean
cn_classify_dialog_run (GimpProcedure *procedure, GimpProcedureConfig *config,
                        const CnPreviewHost *preview, const CnNetworkHost *networks)
{
  const CnField fields[] = {
    { "model", CN_FIELD_TEXT, NULL, networks->names },
    { "model-file", CN_FIELD_FILE, NULL, NULL },
    { "labels", CN_FIELD_FILE, NULL, NULL },
    { "top", CN_FIELD_NUMBER, NULL, NULL },
    { "input", CN_FIELD_CHOICE, NULL, NULL },
    { "range", CN_FIELD_CHOICE, NULL, NULL },
    { "order", CN_FIELD_CHOICE, NULL, NULL },
    { "memory", CN_FIELD_NUMBER, NULL, quarter },
    [ROW_HEAT] = { "heat-map", CN_FIELD_CHOICE, NULL, NULL },
    [ROW_CLASS] = { "class", CN_FIELD_TEXT, NULL, likeliest },
    [ROW_WINDOW] = { "window", CN_FIELD_NUMBER, NULL, half },
    { "remember", CN_FIELD_CHECK, NULL, NULL },
    { 0 },
  };
  GtkWidget *dialog = cn_dialog_new (procedure, config, _ ("Classify"));
  GtkWidget *grid =
      cn_dialog_grid (GIMP_PROCEDURE_DIALOG (dialog), config, fields, G_N_ELEMENTS (fields));
  GtkWidget *content = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 14);
  GtkWidget *bars = cn_class_bars_new (config, preview);

  cn_class_bars_offer (CN_CLASS_BARS (bars),
                       GTK_COMBO_BOX_TEXT (gtk_grid_get_child_at (GTK_GRID (grid), 1, ROW_CLASS)));
  g_signal_connect_object (config, "notify::heat-map", G_CALLBACK (heat_changed), grid, 0);
  heat_changed (G_OBJECT (config), NULL, GTK_GRID (grid));
  gtk_container_set_border_width (GTK_CONTAINER (content), 10);
  gtk_box_pack_start (
      GTK_BOX (content),
      cn_dialog_pages (bars, _ ("Classes"), cn_network_view_new (config, networks, NULL)), TRUE,
      TRUE, 0);
  gtk_box_pack_start (GTK_BOX (content), grid, FALSE, FALSE, 0);
  gtk_widget_show (grid);
  g_signal_connect_swapped (bars, "status", G_CALLBACK (check), dialog);
  return cn_dialog_run (dialog, content);
}
