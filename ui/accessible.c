/* accessible.c: what a person who cannot see or point needs of a widget: a name, a hint, a
 * mnemonic.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/accessible.h"

void
cn_accessible (GtkWidget *widget, const char *name, const char *hint)
{
  atk_object_set_name (gtk_widget_get_accessible (widget), name);
  if (hint)
    gtk_widget_set_tooltip_text (widget, hint);
}

char *
cn_plain_label (const char *label)
{
  g_auto (GStrv) parts = g_strsplit (label, "_", -1);

  return g_strjoinv (NULL, parts);
}

GtkWidget *
cn_label_for (GtkWidget *widget, const char *label, const char *hint)
{
  GtkWidget *made = gtk_label_new_with_mnemonic (label);
  g_autofree char *name = cn_plain_label (label);

  gtk_label_set_mnemonic_widget (GTK_LABEL (made), widget);
  gtk_label_set_xalign (GTK_LABEL (made), 0);
  gtk_widget_set_tooltip_text (made, hint);
  cn_accessible (widget, name, hint);
  return made;
}
