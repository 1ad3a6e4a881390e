/* resize-dialog.c: what the dialogs of filters share whose results have another size.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/resize-dialog.h"

#include "ui/i18n.h"
#include "ui/result-view.h"

/* OK waits for arguments that give a result. */
static void
check (GtkDialog *dialog, CnResultView *view)
{
  gtk_dialog_set_response_sensitive (dialog, GTK_RESPONSE_OK, !cn_result_view_error (view));
}

/* The preview, or a notebook with it and the network. */
static GtkWidget *
make_pages (GtkWidget *view, GtkWidget *network)
{
  GtkWidget *pages;

  if (!network)
    return view;
  pages = gtk_notebook_new ();
  gtk_container_set_border_width (GTK_CONTAINER (view), 6);
  gtk_container_set_border_width (GTK_CONTAINER (network), 6);
  gtk_notebook_append_page (GTK_NOTEBOOK (pages), view, gtk_label_new (_ ("Preview")));
  gtk_notebook_append_page (GTK_NOTEBOOK (pages), network, gtk_label_new (_ ("Network")));
  gtk_widget_show (pages);
  return pages;
}

gboolean
cn_resize_dialog_run (GtkWidget *dialog, GimpProcedureConfig *config, GtkWidget *arguments,
                      const CnPreviewHost *preview, int zoom, GtkWidget *network)
{
  GtkWidget *content = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 14);
  GtkWidget *view = cn_result_view_new (config, preview, zoom);

  gtk_container_set_border_width (GTK_CONTAINER (content), 10);
  gtk_box_pack_start (GTK_BOX (content), make_pages (view, network), TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (content), arguments, FALSE, FALSE, 0);
  gtk_widget_show (arguments);
  g_signal_connect_swapped (view, "status", G_CALLBACK (check), dialog);
  return cn_dialog_run (dialog, content);
}
