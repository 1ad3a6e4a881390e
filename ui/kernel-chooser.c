/* kernel-chooser.c: the widget for a kernel: a list of presets above the kernel's text.
 *
 * The property holds a preset's name or a text. The list shows the preset that it names, or “Own
 * kernel”; the text shows the numbers. Typing makes the property a text.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/kernel-chooser.h"

#include <string.h>

#include "filters/kernels/kernel.h"
#include "ui/i18n.h"

typedef struct
{
  GObject *config;
  const char *property;
  GtkDialog *dialog;
  GtkComboBox *presets;
  GtkTextBuffer *text;
  GtkLabel *message;
  gboolean following; /* the widgets are being set from the property */
} Chooser;

#define OWN_KERNEL "own"

/* The preset's rows, one to a line. */
static char *
preset_text (const CnPreset *preset)
{
  const CnKernelParameters typical = { 0 };
  g_autoptr (CnKernel) kernel = cn_preset_kernel (preset, &typical, NULL);

  return cn_kernel_format (kernel, CN_KERNEL_ROWS, "\n", NULL);
}

static void
check (Chooser *chooser, const char *kernel)
{
  g_autoptr (GError) error = NULL;
  const CnKernelParameters typical = { 0 };
  g_autoptr (CnKernel) read = cn_kernel_lookup (kernel, &typical, &error);
  const CnPreset *preset = cn_preset (kernel);

  gtk_label_set_text (chooser->message, error    ? error->message
                                        : preset ? preset->summary
                                                 : _ ("A kernel of your own."));
  gtk_dialog_set_response_sensitive (chooser->dialog, GTK_RESPONSE_OK, read != NULL);
}

static void
follow_property (Chooser *chooser)
{
  g_autofree char *kernel = NULL;
  g_autofree char *shown = NULL;
  const CnPreset *preset;
  GtkTextIter start, end;

  if (chooser->following)
    return;
  g_object_get (chooser->config, chooser->property, &kernel, NULL);
  preset = cn_preset (kernel ? kernel : "");
  chooser->following = TRUE;
  gtk_combo_box_set_active_id (chooser->presets, preset ? preset->id : OWN_KERNEL);
  gtk_text_buffer_get_bounds (chooser->text, &start, &end);
  shown = gtk_text_buffer_get_text (chooser->text, &start, &end, FALSE);
  if (preset)
    {
      g_autofree char *rows = preset_text (preset);

      gtk_text_buffer_set_text (chooser->text, rows, -1);
    }
  else if (g_strcmp0 (shown, kernel) != 0)
    gtk_text_buffer_set_text (chooser->text, kernel ? kernel : "", -1);
  chooser->following = FALSE;
  check (chooser, kernel ? kernel : "");
}

static void
set_property (Chooser *chooser, const char *kernel)
{
  chooser->following = TRUE;
  g_object_set (chooser->config, chooser->property, kernel, NULL);
  chooser->following = FALSE;
}

static void
preset_chosen (Chooser *chooser)
{
  const char *id = gtk_combo_box_get_active_id (chooser->presets);

  if (chooser->following || !id || strcmp (id, OWN_KERNEL) == 0)
    return;
  set_property (chooser, id);
  follow_property (chooser);
}

static void
text_typed (Chooser *chooser)
{
  GtkTextIter start, end;
  g_autofree char *text = NULL;

  if (chooser->following)
    return;
  gtk_text_buffer_get_bounds (chooser->text, &start, &end);
  text = gtk_text_buffer_get_text (chooser->text, &start, &end, FALSE);
  set_property (chooser, text);
  chooser->following = TRUE;
  gtk_combo_box_set_active_id (chooser->presets, OWN_KERNEL);
  chooser->following = FALSE;
  check (chooser, text);
}

static GtkWidget *
make_presets (void)
{
  GtkWidget *combo = gtk_combo_box_text_new ();
  guint count;
  const CnPreset *presets = cn_presets (&count);

  gtk_combo_box_text_append (GTK_COMBO_BOX_TEXT (combo), OWN_KERNEL, _ ("Own kernel"));
  for (guint i = 0; i < count; i++)
    gtk_combo_box_text_append (GTK_COMBO_BOX_TEXT (combo), presets[i].id, presets[i].name);
  return combo;
}

static GtkWidget *
make_text (Chooser *chooser)
{
  GtkWidget *scrolled = gtk_scrolled_window_new (NULL, NULL);
  GtkWidget *view = gtk_text_view_new ();

  chooser->text = gtk_text_view_get_buffer (GTK_TEXT_VIEW (view));
  gtk_text_view_set_monospace (GTK_TEXT_VIEW (view), TRUE);
  gtk_text_view_set_accepts_tab (GTK_TEXT_VIEW (view), FALSE);
  gtk_widget_set_tooltip_text (view, _ ("Rows of numbers, such as 1 or -0.5 or 1/9; rows end with "
                                        "“;” or a line end"));
  atk_object_set_name (gtk_widget_get_accessible (view), _ ("Kernel numbers"));
  gtk_scrolled_window_set_shadow_type (GTK_SCROLLED_WINDOW (scrolled), GTK_SHADOW_IN);
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (scrolled), 110);
  gtk_container_add (GTK_CONTAINER (scrolled), view);
  return scrolled;
}

void
cn_kernel_chooser_add (GtkWidget *box, GtkDialog *dialog, GObject *config, const char *property)
{
  Chooser *chooser = g_new0 (Chooser, 1);
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *label = gtk_label_new_with_mnemonic (_ ("_Kernel"));
  GtkWidget *presets = make_presets ();
  GtkWidget *message = gtk_label_new (NULL);

  chooser->config = config;
  chooser->property = g_intern_string (property);
  chooser->dialog = dialog;
  chooser->presets = GTK_COMBO_BOX (presets);
  chooser->message = GTK_LABEL (message);

  gtk_label_set_mnemonic_widget (GTK_LABEL (label), presets);
  atk_object_set_name (gtk_widget_get_accessible (presets), _ ("Kernel preset"));
  gtk_box_pack_start (GTK_BOX (row), label, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (row), presets, TRUE, TRUE, 0);
  gtk_label_set_line_wrap (GTK_LABEL (message), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (message), 50);
  gtk_label_set_xalign (GTK_LABEL (message), 0);
  gtk_box_pack_start (GTK_BOX (box), row, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), make_text (chooser), TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (box), message, FALSE, FALSE, 0);
  gtk_widget_show_all (box);

  g_signal_connect_swapped (presets, "changed", G_CALLBACK (preset_chosen), chooser);
  g_signal_connect_swapped (chooser->text, "changed", G_CALLBACK (text_typed), chooser);
  g_signal_connect_data (config, g_strdup_printf ("notify::%s", property),
                         G_CALLBACK (follow_property), chooser, NULL, G_CONNECT_SWAPPED);
  follow_property (chooser);
}
