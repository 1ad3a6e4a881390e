/* dialog.c: the frame of every dialog.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/dialog.h"

#include "ui/i18n.h"

GtkWidget *
cn_dialog_new (GimpProcedure *procedure, GimpProcedureConfig *config, const char *title)
{
  gimp_ui_init ("convnet");
  return gimp_procedure_dialog_new (procedure, config, title);
}

/* GIMP makes boxes for properties only; the property's automatic widget is taken out again. */
GtkWidget *
cn_dialog_box (GimpProcedureDialog *dialog, const char *id, const char *property)
{
  GtkWidget *box = gimp_procedure_dialog_fill_box (dialog, id, property, NULL);
  g_autoptr (GList) automatic = gtk_container_get_children (GTK_CONTAINER (box));

  for (GList *widget = automatic; widget; widget = widget->next)
    gtk_container_remove (GTK_CONTAINER (box), widget->data);
  return box;
}

/* The id of the box that holds a text field. */
static const char *
text_box_id (const CnField *field)
{
  g_autofree char *id = g_strconcat (field->property, "-box", NULL);

  return g_intern_string (id);
}

/* Gives the controls in `widget` the accessible name `data`. */
static void
name_controls (GtkWidget *widget, gpointer data)
{
  if (GTK_IS_ENTRY (widget) || GTK_IS_COMBO_BOX (widget))
    atk_object_set_name (gtk_widget_get_accessible (widget), data);
  if (GTK_IS_CONTAINER (widget))
    gtk_container_foreach (GTK_CONTAINER (widget), name_controls, data);
}

/* An entry with a list of values beside it, bound to the text property. */
static GtkWidget *
make_text_field (GimpProcedureDialog *dialog, GimpProcedureConfig *config, const CnField *field,
                 GParamSpec *spec)
{
  GtkWidget *box = cn_dialog_box (dialog, text_box_id (field), field->property);
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *label = gtk_label_new_with_mnemonic (g_param_spec_get_nick (spec));
  GtkWidget *combo = gtk_combo_box_text_new_with_entry ();
  GtkWidget *entry = gtk_bin_get_child (GTK_BIN (combo));

  for (const char *const *text = field->texts; *text; text++)
    gtk_combo_box_text_append_text (GTK_COMBO_BOX_TEXT (combo), *text);
  gtk_widget_set_tooltip_text (combo, g_param_spec_get_blurb (spec));
  gtk_label_set_mnemonic_widget (GTK_LABEL (label), entry);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_box_pack_start (GTK_BOX (row), label, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (row), combo, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (box), row, FALSE, FALSE, 0);
  gtk_widget_show_all (row);
  g_object_bind_property (config, field->property, entry, "text",
                          G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
  return row;
}

static void
make_field (GimpProcedureDialog *dialog, GimpProcedureConfig *config, const CnField *field)
{
  GParamSpec *spec = g_object_class_find_property (G_OBJECT_GET_CLASS (config), field->property);
  g_auto (GStrv) parts = g_strsplit (g_param_spec_get_nick (spec), "_", -1);
  g_autofree char *name = g_strjoinv (NULL, parts); /* the label, without its mnemonic */
  GtkWidget *widget = NULL;

  switch (field->kind)
    {
    case CN_FIELD_CHOICE:
      widget =
          gimp_procedure_dialog_get_widget (dialog, field->property, GIMP_TYPE_STRING_COMBO_BOX);
      break;
    case CN_FIELD_NUMBER:
      widget = gimp_procedure_dialog_get_widget (dialog, field->property, GIMP_TYPE_LABEL_SPIN);
      break;
    case CN_FIELD_TEXT:
      widget = make_text_field (dialog, config, field, spec);
      break;
    case CN_FIELD_AUTOMATIC:
      widget = gimp_procedure_dialog_get_widget (dialog, field->property, G_TYPE_NONE);
      break;
    }
  name_controls (widget, name);
}

void
cn_dialog_fill (GimpProcedureDialog *dialog, GimpProcedureConfig *config, const char *first,
                const CnField *fields)
{
  GList *common = NULL, *rare = NULL;

  for (const CnField *field = fields; field->property; field++)
    {
      GList **list = field->rare ? &rare : &common;

      make_field (dialog, config, field);
      *list = g_list_append (
          *list, (gpointer) (field->kind == CN_FIELD_TEXT ? text_box_id (field) : field->property));
    }
  common = g_list_prepend (common, (gpointer) first);
  if (rare)
    {
      gimp_procedure_dialog_get_label (dialog, "rare-label", _ ("_More"), FALSE, TRUE);
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
