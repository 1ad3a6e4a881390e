/* kernel-heading.c: what the present kernel is called and does, and buttons to open, save and
 * delete.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/kernel-heading.h"

#include "ui/accessible.h"
#include "ui/i18n.h"

#define CN_TYPE_KERNEL_HEADING (cn_kernel_heading_get_type ())
G_DECLARE_FINAL_TYPE (CnKernelHeading, cn_kernel_heading, CN, KERNEL_HEADING, GtkBox)

struct _CnKernelHeading
{
  GtkBox parent_instance;
  CnKernelModel *model;
  CnKernelChooser *chooser;
  GtkLabel *name, *summary;
  GtkWidget *save, *delete;
};

G_DEFINE_FINAL_TYPE (CnKernelHeading, cn_kernel_heading, GTK_TYPE_BOX)

static void
cn_kernel_heading_class_init (CnKernelHeadingClass *class)
{
  (void) class;
}

static void
cn_kernel_heading_init (CnKernelHeading *heading)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (heading), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (heading), 4);
}

static char *
describe (CnKernelHeading *heading)
{
  const CnKernel *kernel = cn_kernel_model_kernel (heading->model);
  const CnPreset *preset = cn_kernel_model_preset (heading->model);

  if (cn_kernel_model_is_overruled (heading->model))
    return g_strdup (_ ("The kernel comes from the file or the layer that is chosen under More. "
                        "Any change here brings this one back."));
  if (preset)
    return g_strdup (_ (preset->summary));
  if (kernel->filters > 1 || kernel->planes > 1)
    return g_strdup_printf (_ ("%d × %d numbers, filters: %d, planes: %d"), kernel->width,
                            kernel->height, kernel->filters, kernel->planes);
  return g_strdup_printf (_ ("%d × %d numbers"), kernel->width, kernel->height);
}

static void
follow (CnKernelHeading *heading)
{
  const CnPreset *preset = cn_kernel_model_preset (heading->model);
  const char *own = cn_kernel_chooser_own (heading->chooser);
  const char *name = preset ? _ (preset->name) : own ? own : _ ("Kernel of your own");
  g_autofree char *markup = NULL;
  g_autofree char *summary = describe (heading);

  if (cn_kernel_model_is_overruled (heading->model))
    name = _ ("From a file or a layer");
  markup = g_markup_printf_escaped ("<big><b>%s</b></big>", name);
  gtk_label_set_markup (heading->name, markup);
  gtk_label_set_text (heading->summary, summary);
  gtk_widget_set_sensitive (heading->save, !cn_kernel_model_error (heading->model));
  gtk_widget_set_sensitive (heading->delete, own != NULL);
}

static GtkWindow *
window_of (CnKernelHeading *heading)
{
  return GTK_WINDOW (gtk_widget_get_toplevel (GTK_WIDGET (heading)));
}

/* Questions are asked by windows that answer in a signal: a loop of their own, run from a button
   that an accessibility tool has pressed, would leave that tool waiting. */
static void
ask (CnKernelHeading *heading, GtkWidget *dialog, GCallback answered)
{
  gtk_window_set_transient_for (GTK_WINDOW (dialog), window_of (heading));
  gtk_window_set_modal (GTK_WINDOW (dialog), TRUE);
  gtk_window_set_destroy_with_parent (GTK_WINDOW (dialog), TRUE);
  if (answered)
    g_signal_connect_object (dialog, "response", answered, heading, 0);
  g_signal_connect_after (dialog, "response", G_CALLBACK (gtk_widget_destroy), NULL);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
complain (CnKernelHeading *heading, const char *what, const GError *error)
{
  GtkWidget *dialog =
      gtk_message_dialog_new (NULL, 0, GTK_MESSAGE_ERROR, GTK_BUTTONS_CLOSE, "%s", what);

  gtk_message_dialog_format_secondary_text (GTK_MESSAGE_DIALOG (dialog), "%s", error->message);
  ask (heading, dialog, NULL);
}

static char *
name_in (GtkEntry *entry)
{
  return g_strstrip (g_strdup (gtk_entry_get_text (entry)));
}

static void
name_typed (GtkDialog *dialog, GtkEntry *entry)
{
  g_autofree char *name = name_in (entry);

  gtk_dialog_set_response_sensitive (dialog, GTK_RESPONSE_OK, *name != 0);
}

static void
save_answered (GtkDialog *dialog, int response, CnKernelHeading *heading)
{
  const CnKernelStore *store = cn_kernel_model_store (heading->model);
  const CnKernel *kernel = cn_kernel_model_kernel (heading->model);
  g_autofree char *name = name_in (g_object_get_data (G_OBJECT (dialog), "entry"));
  g_autoptr (GError) error = NULL;

  if (response != GTK_RESPONSE_OK)
    return;
  if (!store->save (name, kernel, &error))
    {
      complain (heading, _ ("The kernel was not saved."), error);
      return;
    }
  /* What is shown now is the saved kernel, no longer the preset that it was made from. */
  cn_kernel_model_set_kernel (heading->model, kernel);
  cn_kernel_chooser_refresh (heading->chooser);
  follow (heading);
}

static void
save (CnKernelHeading *heading)
{
  const char *own = cn_kernel_chooser_own (heading->chooser);
  GtkWidget *dialog =
      gtk_dialog_new_with_buttons (_ ("Save Kernel"), NULL, 0, _ ("_Cancel"), GTK_RESPONSE_CANCEL,
                                   _ ("_Save"), GTK_RESPONSE_OK, NULL);
  GtkWidget *content = gtk_dialog_get_content_area (GTK_DIALOG (dialog));
  GtkWidget *entry = gtk_entry_new ();
  GtkWidget *label =
      cn_label_for (entry, _ ("_Name"), _ ("A kernel that has this name already is replaced"));
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  gtk_entry_set_text (GTK_ENTRY (entry), own ? own : "");
  gtk_entry_set_width_chars (GTK_ENTRY (entry), 28);
  gtk_entry_set_activates_default (GTK_ENTRY (entry), TRUE);
  gtk_box_pack_start (GTK_BOX (row), label, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (row), entry, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (content), row, FALSE, FALSE, 0);
  g_object_set (row, "margin", 12, NULL);
  gtk_widget_show_all (row);
  gtk_dialog_set_default_response (GTK_DIALOG (dialog), GTK_RESPONSE_OK);
  g_object_set_data (G_OBJECT (dialog), "entry", entry);
  g_signal_connect_swapped (entry, "changed", G_CALLBACK (name_typed), dialog);
  name_typed (GTK_DIALOG (dialog), GTK_ENTRY (entry));
  ask (heading, dialog, G_CALLBACK (save_answered));
}

static void
delete_answered (GtkDialog *dialog, int response, CnKernelHeading *heading)
{
  const char *name = g_object_get_data (G_OBJECT (dialog), "name");
  g_autoptr (GError) error = NULL;

  if (response != GTK_RESPONSE_OK)
    return;
  if (!cn_kernel_model_store (heading->model)->remove (name, &error))
    complain (heading, _ ("The kernel was not deleted."), error);
  cn_kernel_chooser_refresh (heading->chooser);
  follow (heading);
}

static void delete (CnKernelHeading *heading)
{
  const char *name = cn_kernel_chooser_own (heading->chooser);
  GtkWidget *dialog;

  if (!name)
    return;
  dialog = gtk_message_dialog_new (NULL, 0, GTK_MESSAGE_QUESTION, GTK_BUTTONS_NONE,
                                   _ ("Delete the kernel “%s”?"), name);
  gtk_message_dialog_format_secondary_text (
      GTK_MESSAGE_DIALOG (dialog), "%s",
      _ ("Its numbers stay in the dialog until you change them."));
  gtk_dialog_add_buttons (GTK_DIALOG (dialog), _ ("_Cancel"), GTK_RESPONSE_CANCEL, _ ("_Delete"),
                          GTK_RESPONSE_OK, NULL);
  g_object_set_data_full (G_OBJECT (dialog), "name", g_strdup (name), g_free);
  ask (heading, dialog, G_CALLBACK (delete_answered));
}

static void
file_answered (GtkDialog *dialog, int response, CnKernelHeading *heading)
{
  g_autofree char *path = gtk_file_chooser_get_filename (GTK_FILE_CHOOSER (dialog));
  g_autoptr (GError) error = NULL;
  g_autoptr (CnKernel) kernel = NULL;

  if (response != GTK_RESPONSE_OK || !path)
    return;
  kernel = cn_kernel_load (path, &error);
  if (kernel)
    cn_kernel_model_set_kernel (heading->model, kernel);
  else
    complain (heading, _ ("The file holds no kernel."), error);
}

static void
open_file (CnKernelHeading *heading)
{
  GtkWidget *dialog = gtk_file_chooser_dialog_new (
      _ ("Open a Kernel"), NULL, GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Cancel"), GTK_RESPONSE_CANCEL,
      _ ("_Open"), GTK_RESPONSE_OK, NULL);

  gtk_dialog_set_default_response (GTK_DIALOG (dialog), GTK_RESPONSE_OK);
  ask (heading, dialog, G_CALLBACK (file_answered));
}

static GtkWidget *
add_button (CnKernelHeading *heading, GtkWidget *row, GtkWidget *button, const char *name,
            const char *hint, void (*clicked) (CnKernelHeading *))
{
  cn_accessible (button, name, hint);
  gtk_button_set_use_underline (GTK_BUTTON (button), TRUE);
  gtk_box_pack_start (GTK_BOX (row), button, FALSE, FALSE, 0);
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (clicked), heading);
  return button;
}

GtkWidget *
cn_kernel_heading_new (CnKernelModel *model, CnKernelChooser *chooser)
{
  CnKernelHeading *heading = g_object_new (CN_TYPE_KERNEL_HEADING, NULL);
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *name = gtk_label_new (NULL), *summary = gtk_label_new (NULL);

  heading->model = model;
  heading->chooser = chooser;
  heading->name = GTK_LABEL (name);
  heading->summary = GTK_LABEL (summary);
  gtk_label_set_xalign (heading->name, 0);
  gtk_label_set_ellipsize (heading->name, PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (heading->summary, 0);
  gtk_label_set_yalign (heading->summary, 0);
  gtk_label_set_line_wrap (heading->summary, TRUE);
  gtk_label_set_max_width_chars (heading->summary, 50);
  gtk_label_set_width_chars (heading->summary, 50);
  gtk_box_pack_start (GTK_BOX (row), name, TRUE, TRUE, 0);
  add_button (heading, row, gtk_button_new_with_label (_ ("_File…")), _ ("Open a kernel file"),
              _ ("Read a kernel from a text file: our own, or one of G'MIC, ImageJ, ImageMagick or "
                 "libvips"),
              open_file);
  heading->save =
      add_button (heading, row, gtk_button_new_with_label (_ ("Sa_ve…")), _ ("Save the kernel"),
                  _ ("Save the kernel as one of your own"), save);
  heading->delete = add_button (
      heading, row, gtk_button_new_from_icon_name ("edit-delete-symbolic", GTK_ICON_SIZE_MENU),
      _ ("Delete the kernel"), _ ("Delete this kernel of your own"), delete);
  gtk_box_pack_start (GTK_BOX (heading), row, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (heading), summary, FALSE, FALSE, 0);
  gtk_widget_set_size_request (summary, -1, 38);
  g_signal_connect_object (model, "changed", G_CALLBACK (follow), heading,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  follow (heading);
  return GTK_WIDGET (heading);
}
