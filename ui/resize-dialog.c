/* resize-dialog.c: what the dialogs of filters share whose results have another size.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/resize-dialog.h"

#include "ui/canvas-switch.h"
#include "ui/i18n.h"
#include "ui/result-view.h"

/* OK waits for arguments that give a result. */
static void
check (GtkDialog *dialog, CnResultView *view)
{
  gtk_dialog_set_response_sensitive (dialog, GTK_RESPONSE_OK, !cn_result_view_error (view));
}

gboolean
cn_resize_dialog_run (GtkWidget *dialog, GimpProcedureConfig *config, GtkWidget *arguments,
                      const CnPreviewHost *preview, int zoom, GtkWidget *network)
{
  GtkWidget *content = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 14);
  GtkWidget *right = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkWidget *view = cn_result_view_new (config, preview, zoom);

  gtk_container_set_border_width (GTK_CONTAINER (content), 10);
  gtk_box_pack_start (GTK_BOX (content),
                      network ? cn_dialog_pages (view, _ ("Preview"), network) : view, TRUE, TRUE,
                      0);
  gtk_box_pack_start (GTK_BOX (right), arguments, FALSE, FALSE, 0);
  if (preview->canvas)
    gtk_box_pack_start (GTK_BOX (right), cn_canvas_switch_new (config, preview->canvas), FALSE,
                        FALSE, 0);
  gtk_box_pack_start (GTK_BOX (content), right, FALSE, FALSE, 0);
  gtk_widget_show (arguments);
  gtk_widget_show (right);
  g_signal_connect_swapped (view, "status", G_CALLBACK (check), dialog);
  return cn_dialog_run (dialog, content);
}
