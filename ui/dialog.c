/* dialog.c: the frame of every dialog: arguments in a grid, those that are rarely wanted in an
 * expander, and the run of the dialog.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/dialog.h"

#include <string.h>

#include "ui/accessible.h"
#include "ui/i18n.h"
#include "ui/number.h"

GtkWidget *
cn_dialog_new (GimpProcedure *procedure, GimpProcedureConfig *config, const char *title)
{
  gimp_ui_init ("convnet");
  return gimp_procedure_dialog_new (procedure, config, title);
}

/* An entry with a list of values beside it, bound to the text property. */
static GtkWidget *
make_text (GimpProcedureConfig *config, const CnField *field)
{
  GtkWidget *combo = gtk_combo_box_text_new_with_entry ();
  GtkWidget *entry = gtk_bin_get_child (GTK_BIN (combo));

  for (const char *const *text = field->texts; *text; text++)
    gtk_combo_box_text_append_text (GTK_COMBO_BOX_TEXT (combo), *text);
  gtk_entry_set_activates_default (GTK_ENTRY (entry), TRUE);
  gtk_entry_set_width_chars (GTK_ENTRY (entry), 8);
  g_object_bind_property (config, field->property, entry, "text",
                          G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
  return combo;
}

/* Shows 1 and 0.5, not 1.0000 and 0.5000; and what a 0 stands for. */
static gboolean
show_number (GtkSpinButton *spin, const CnField *field)
{
  double value = gtk_spin_button_get_value (spin);
  g_autofree char *text =
      value == 0 && field->texts ? g_strdup (_ (field->texts[0])) : cn_number_exact (value);

  if (strcmp (text, gtk_entry_get_text (GTK_ENTRY (spin))) != 0)
    gtk_entry_set_text (GTK_ENTRY (spin), text);
  return TRUE;
}

static int
read_number (GtkSpinButton *spin, double *value, const CnField *field)
{
  *value = 0;
  return field->texts && strcmp (_ (field->texts[0]), gtk_entry_get_text (GTK_ENTRY (spin))) == 0;
}

static GtkWidget *
make_number (GimpProcedureConfig *config, const CnField *field, GParamSpec *spec)
{
  GtkWidget *spin = G_IS_PARAM_SPEC_INT (spec)
                        ? gimp_prop_spin_button_new (G_OBJECT (config), field->property, 1, 10, 0)
                        : gimp_prop_spin_button_new (G_OBJECT (config), field->property, 0.1, 1, 6);

  gtk_entry_set_activates_default (GTK_ENTRY (spin), TRUE);
  gtk_entry_set_width_chars (GTK_ENTRY (spin), field->texts ? 13 : 6);
  gtk_spin_button_set_numeric (GTK_SPIN_BUTTON (spin), !field->texts);
  g_signal_connect (spin, "output", G_CALLBACK (show_number), (gpointer) field);
  g_signal_connect (spin, "input", G_CALLBACK (read_number), (gpointer) field);
  show_number (GTK_SPIN_BUTTON (spin), field);
  return spin;
}

static void
forget_file (GtkWidget *widget, gpointer data)
{
  (void) data;
  if (GTK_IS_FILE_CHOOSER (widget))
    gtk_file_chooser_unselect_all (GTK_FILE_CHOOSER (widget));
  else if (GTK_IS_CONTAINER (widget))
    gtk_container_foreach (GTK_CONTAINER (widget), forget_file, NULL);
}

/* GIMP's chooser goes on showing a file that the argument no longer has. */
static void
file_changed (GObject *config, GParamSpec *spec, GtkWidget *chooser)
{
  g_autoptr (GFile) file = NULL;

  g_object_get (config, spec->name, &file, NULL);
  if (!file)
    forget_file (chooser, NULL);
}

/* The property takes any file, so that the filter says what is wrong with one; GIMP makes no widget
   for such. */
static GtkWidget *
make_file (GObject *object, const CnField *field)
{
  GtkWidget *chooser = gimp_file_chooser_new (GIMP_FILE_CHOOSER_ACTION_OPEN, "", NULL, NULL);
  g_autofree char *signal = g_strconcat ("notify::", field->property, NULL);

  g_object_bind_property (object, field->property, chooser, "file",
                          G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
  g_signal_connect_object (object, signal, G_CALLBACK (file_changed), chooser, G_CONNECT_AFTER);
  return chooser;
}

static void
hide_label (GtkWidget *widget, gpointer data)
{
  (void) data;
  if (!GTK_IS_LABEL (widget))
    return;
  gtk_widget_hide (widget);
  gtk_widget_set_no_show_all (widget, TRUE);
}

/* GIMP's chooser, whose class depends on the version, has a label of its own, beside ours. */
static GtkWidget *
make_drawable (GimpProcedureDialog *dialog, const CnField *field)
{
  GtkWidget *chooser = gimp_procedure_dialog_get_widget (dialog, field->property, G_TYPE_NONE);

  gtk_container_foreach (GTK_CONTAINER (chooser), hide_label, NULL);
  return chooser;
}

static GtkWidget *
make_control (GimpProcedureDialog *dialog, GimpProcedureConfig *config, const CnField *field,
              GParamSpec *spec, const char *label)
{
  GObject *object = G_OBJECT (config);

  switch (field->kind)
    {
    case CN_FIELD_CHOICE:
      return gimp_prop_choice_combo_box_new (object, field->property);
    case CN_FIELD_NUMBER:
      return make_number (config, field, spec);
    case CN_FIELD_TEXT:
      return make_text (config, field);
    case CN_FIELD_CHECK:
      return gimp_prop_check_button_new (object, field->property, label);
    case CN_FIELD_FILE:
      return make_file (object, field);
    case CN_FIELD_DRAWABLE:
      return make_drawable (dialog, field);
    }
  g_return_val_if_reached (NULL);
}

/* The part of a control that takes the focus. */
static GtkWidget *
focus_of (GtkWidget *widget)
{
  g_autoptr (GList) children = NULL;

  if (gtk_widget_get_can_focus (widget) || !GTK_IS_CONTAINER (widget))
    return widget;
  children = gtk_container_get_children (GTK_CONTAINER (widget));
  for (GList *child = children; child; child = child->next)
    {
      GtkWidget *focus = focus_of (child->data);

      if (gtk_widget_get_can_focus (focus))
        return focus;
    }
  return widget;
}

/* Gives all controls in `widget` the accessible name `data`. */
static void
name_controls (GtkWidget *widget, gpointer data)
{
  if (GTK_IS_ENTRY (widget) || GTK_IS_COMBO_BOX (widget) || GTK_IS_BUTTON (widget))
    atk_object_set_name (gtk_widget_get_accessible (widget), data);
  if (GTK_IS_CONTAINER (widget))
    gtk_container_forall (GTK_CONTAINER (widget), name_controls, data);
}

static void
add_field (GtkGrid *grid, int column, int row, GimpProcedureDialog *dialog,
           GimpProcedureConfig *config, const CnField *field)
{
  GParamSpec *spec = g_object_class_find_property (G_OBJECT_GET_CLASS (config), field->property);
  const char *label = field->label ? _ (field->label) : g_param_spec_get_nick (spec);
  g_autofree char *name = cn_plain_label (label);
  GtkWidget *control = make_control (dialog, config, field, spec, label);

  gtk_widget_set_tooltip_text (control, g_param_spec_get_blurb (spec));
  gtk_widget_set_hexpand (control, TRUE);
  if (field->kind == CN_FIELD_CHECK)
    {
      cn_accessible (control, name, NULL);
      gtk_grid_attach (grid, control, 2 * column, row, 2, 1);
    }
  else
    {
      GtkWidget *made = cn_label_for (focus_of (control), label, g_param_spec_get_blurb (spec));

      if (column > 0)
        gtk_widget_set_margin_start (made, 12);
      name_controls (control, name);
      gtk_grid_attach (grid, made, 2 * column, row, 1, 1);
      gtk_grid_attach (grid, control, 2 * column + 1, row, 1, 1);
    }
}

GtkWidget *
cn_dialog_grid (GimpProcedureDialog *dialog, GimpProcedureConfig *config, const CnField *fields,
                int rows)
{
  GtkWidget *grid = gtk_grid_new ();

  gtk_grid_set_row_spacing (GTK_GRID (grid), 4);
  gtk_grid_set_column_spacing (GTK_GRID (grid), 6);
  for (int i = 0; fields[i].property; i++)
    add_field (GTK_GRID (grid), i / rows, i % rows, dialog, config, &fields[i]);
  gtk_widget_show_all (grid);
  return grid;
}

GtkWidget *
cn_dialog_pages (GtkWidget *first, const char *title, GtkWidget *network)
{
  GtkWidget *pages = gtk_notebook_new ();

  gtk_container_set_border_width (GTK_CONTAINER (first), 6);
  gtk_container_set_border_width (GTK_CONTAINER (network), 6);
  gtk_notebook_append_page (GTK_NOTEBOOK (pages), first, gtk_label_new (title));
  gtk_notebook_append_page (GTK_NOTEBOOK (pages), network, gtk_label_new (_ ("Network")));
  gtk_widget_show (pages);
  return pages;
}

GtkWidget *
cn_dialog_more (GtkWidget *content)
{
  GtkWidget *expander = gtk_expander_new_with_mnemonic (_ ("_More"));

  cn_accessible (expander, _ ("More"), _ ("Arguments that are rarely wanted"));
  gtk_expander_set_spacing (GTK_EXPANDER (expander), 6);
  gtk_container_add (GTK_CONTAINER (expander), content);
  gtk_widget_show_all (content);
  gtk_widget_set_no_show_all (content, TRUE);
  /* What an expander merely does not show still answers to its mnemonics. */
  g_object_bind_property (expander, "expanded", content, "visible", G_BINDING_SYNC_CREATE);
  gtk_widget_show (expander);
  return expander;
}

gboolean
cn_dialog_run (GtkWidget *dialog, GtkWidget *content)
{
  GtkWidget *area = gtk_dialog_get_content_area (GTK_DIALOG (dialog));
  gboolean run;

  gtk_box_pack_start (GTK_BOX (area), content, TRUE, TRUE, 0);
  gtk_widget_show (content);
  run = gimp_procedure_dialog_run (GIMP_PROCEDURE_DIALOG (dialog));
  gtk_widget_destroy (dialog);
  return run;
}
