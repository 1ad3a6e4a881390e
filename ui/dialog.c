/* dialog.c: the frame of every dialog.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/dialog.h"

#include "plugin/i18n.h"

GtkWidget *
cn_dialog_new (GimpProcedure *procedure, GimpProcedureConfig *config, const char *title)
{
  gimp_ui_init ("convnet");
  return gimp_procedure_dialog_new (procedure, config, title);
}

/* An entry with a list of values beside it, bound to the text property. Put in the place of the
   automatic widget, which is a box that holds the label and the entry. */
static void
make_text_field (GimpProcedureDialog *dialog, GimpProcedureConfig *config, const CnField *field)
{
  GtkWidget *box = gimp_procedure_dialog_fill_box_list (dialog, field->property, NULL);
  GParamSpec *spec = g_object_class_find_property (G_OBJECT_GET_CLASS (config), field->property);
  GtkWidget *label = gtk_label_new_with_mnemonic (g_param_spec_get_nick (spec));
  GtkWidget *combo = gtk_combo_box_text_new_with_entry ();
  GtkWidget *entry = gtk_bin_get_child (GTK_BIN (combo));

  for (const char *const *text = field->texts; *text; text++)
    gtk_combo_box_text_append_text (GTK_COMBO_BOX_TEXT (combo), *text);
  gtk_widget_set_tooltip_text (combo, g_param_spec_get_blurb (spec));
  gtk_label_set_mnemonic_widget (GTK_LABEL (label), entry);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_orientable_set_orientation (GTK_ORIENTABLE (box), GTK_ORIENTATION_HORIZONTAL);
  gtk_box_pack_start (GTK_BOX (box), label, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), combo, TRUE, TRUE, 0);
  gtk_widget_show_all (box);
  g_object_bind_property (config, field->property, entry, "text",
                          G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
}

static void
make_field (GimpProcedureDialog *dialog, GimpProcedureConfig *config, const CnField *field)
{
  switch (field->kind)
    {
    case CN_FIELD_CHOICE:
      gimp_procedure_dialog_get_widget (dialog, field->property, GIMP_TYPE_STRING_COMBO_BOX);
      break;
    case CN_FIELD_NUMBER:
      gimp_procedure_dialog_get_widget (dialog, field->property, GIMP_TYPE_LABEL_SPIN);
      break;
    case CN_FIELD_TEXT:
      make_text_field (dialog, config, field);
      break;
    case CN_FIELD_AUTOMATIC:
      break;
    }
}

void
cn_dialog_fill (GimpProcedureDialog *dialog, GimpProcedureConfig *config, const char *first,
                const CnField *fields)
{
  GList *common = NULL, *rare = NULL;

  for (const CnField *field = fields; field->property; field++)
    {
      make_field (dialog, config, field);
      if (field->rare)
        rare = g_list_append (rare, (gpointer) field->property);
      else
        common = g_list_append (common, (gpointer) field->property);
    }
  common = g_list_prepend (common, (gpointer) first);
  if (rare)
    {
      gimp_procedure_dialog_get_label (dialog, "rare-label", _("_More"), FALSE, TRUE);
      gimp_procedure_dialog_fill_box_list (dialog, "rare-box", rare);
      gimp_procedure_dialog_fill_expander (dialog, "rare", "rare-label", FALSE, "rare-box");
      common = g_list_append (common, (gpointer) "rare");
    }
  gimp_procedure_dialog_fill_list (dialog, common);
  g_list_free (common);
  g_list_free (rare);
}

gboolean
cn_dialog_run (GtkWidget *dialog)
{
  gboolean run = gimp_procedure_dialog_run (GIMP_PROCEDURE_DIALOG (dialog));

  gtk_widget_destroy (dialog);
  return run;
}
