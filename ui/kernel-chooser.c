/* kernel-chooser.c: the list of kernels to choose from: presets by group and the user's own, each
 * with its picture.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/kernel-chooser.h"

#include <string.h>

#include "ui/accessible.h"
#include "ui/i18n.h"
#include "ui/kernel-picture.h"

#define PICTURE 32
#define LIST_WIDTH 260
#define LIST_HEIGHT 200

/* What a row of the list stands for. */
typedef struct
{
  const CnPreset *preset; /* or NULL */
  char *own;              /* the name of the user's kernel, or NULL */
  char *rows;             /* that kernel as the argument holds it */
  char *search;           /* in which words are looked for */
} Entry;

struct _CnKernelChooser
{
  GtkBox parent_instance;
  CnKernelModel *model;
  GtkListBox *list;
  GtkEntry *search;
  gboolean following; /* the list is being set from the model */
  gboolean revealed;  /* the first selected row has been scrolled into view */
};

G_DEFINE_FINAL_TYPE (CnKernelChooser, cn_kernel_chooser, GTK_TYPE_BOX)

static void
free_entry (gpointer data)
{
  Entry *entry = data;

  g_free (entry->own);
  g_free (entry->rows);
  g_free (entry->search);
  g_free (entry);
}

static Entry *
entry_of (GtkListBoxRow *row)
{
  return g_object_get_data (G_OBJECT (row), "entry");
}

static const char *
group_of (const Entry *entry)
{
  return entry->preset ? _ (entry->preset->group) : _ ("Your own");
}

static gboolean
stands_for (const Entry *entry, CnKernelModel *model)
{
  const char *value = cn_kernel_model_value (model);

  if (cn_kernel_model_is_overruled (model))
    return FALSE;
  if (entry->preset)
    return entry->preset == cn_kernel_model_preset (model);
  return strcmp (value, entry->rows) == 0 || strcmp (value, entry->own) == 0;
}

static void
cn_kernel_chooser_class_init (CnKernelChooserClass *class)
{
  (void) class;
}

static void
cn_kernel_chooser_init (CnKernelChooser *chooser)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (chooser), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (chooser), 6);
}

/* The row that the model's kernel is, or NULL. */
static GtkListBoxRow *
present_row (CnKernelChooser *chooser)
{
  GtkListBoxRow *row;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (chooser->list, i)); i++)
    if (stands_for (entry_of (row), chooser->model))
      return row;
  return NULL;
}

const char *
cn_kernel_chooser_own (CnKernelChooser *chooser)
{
  GtkListBoxRow *row = present_row (chooser);

  return row ? entry_of (row)->own : NULL;
}

/* Scrolls the selected row into view, if it is there yet. */
static void
reveal (CnKernelChooser *chooser)
{
  GtkListBoxRow *row = gtk_list_box_get_selected_row (chooser->list);
  GtkAdjustment *adjustment = gtk_list_box_get_adjustment (chooser->list);
  GtkAllocation place;

  if (!row || !adjustment || !gtk_widget_get_mapped (GTK_WIDGET (row)))
    return;
  gtk_widget_get_allocation (GTK_WIDGET (row), &place);
  gtk_adjustment_clamp_page (adjustment, place.y - place.height, place.y + 2 * place.height);
}

static void
list_placed (CnKernelChooser *chooser)
{
  if (chooser->revealed || !gtk_widget_get_mapped (GTK_WIDGET (chooser->list)))
    return;
  chooser->revealed = TRUE;
  reveal (chooser);
}

static void
follow (CnKernelChooser *chooser)
{
  GtkListBoxRow *row = present_row (chooser);

  if (row == gtk_list_box_get_selected_row (chooser->list))
    return;
  chooser->following = TRUE;
  if (row)
    gtk_list_box_select_row (chooser->list, row);
  else
    gtk_list_box_unselect_all (chooser->list);
  chooser->following = FALSE;
  reveal (chooser);
}

/* A list selects the row that the keyboard comes to, by Tab or a mnemonic. That is no choice: it
   would replace a kernel of which the user has changed a number. */
static gboolean
is_passing_by (void)
{
  GdkEvent *event = gtk_get_current_event ();
  gboolean passing = FALSE;
  guint key;
  GdkModifierType state;

  if (event && gdk_event_get_keyval (event, &key) && gdk_event_get_state (event, &state))
    passing = key == GDK_KEY_Tab || key == GDK_KEY_ISO_Left_Tab || key == GDK_KEY_KP_Tab
              || (state & GDK_MOD1_MASK);
  g_clear_pointer (&event, gdk_event_free);
  return passing;
}

static void
row_selected (CnKernelChooser *chooser)
{
  GtkListBoxRow *row = gtk_list_box_get_selected_row (chooser->list);
  const Entry *entry = row ? entry_of (row) : NULL;

  if (chooser->following || !entry || stands_for (entry, chooser->model))
    return;
  if (is_passing_by ())
    {
      follow (chooser);
      return;
    }
  if (entry->preset)
    cn_kernel_model_set_preset (chooser->model, entry->preset);
  else
    cn_kernel_model_set_text (chooser->model, entry->rows);
  reveal (chooser);
}

static void
add_header (GtkListBoxRow *row, GtkListBoxRow *before, gpointer data)
{
  const char *group = group_of (entry_of (row));
  g_autofree char *markup = NULL;
  GtkWidget *label;

  (void) data;
  if (before && strcmp (group, group_of (entry_of (before))) == 0)
    {
      gtk_list_box_row_set_header (row, NULL);
      return;
    }
  markup = g_markup_printf_escaped ("<b>%s</b>", group);
  label = gtk_label_new (NULL);
  gtk_label_set_markup (GTK_LABEL (label), markup);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  g_object_set (label, "margin-start", 6, "margin-top", before ? 8 : 2, "margin-bottom", 2, NULL);
  gtk_widget_show (label);
  gtk_list_box_row_set_header (row, label);
}

/* Whether every word of the search is in the row's texts. */
static gboolean
is_found (GtkListBoxRow *row, gpointer data)
{
  CnKernelChooser *chooser = data;
  g_autofree char *folded = g_utf8_casefold (gtk_entry_get_text (chooser->search), -1);
  g_auto (GStrv) words = g_strsplit (folded, " ", -1);

  for (char **word = words; *word; word++)
    if (!strstr (entry_of (row)->search, *word))
      return FALSE;
  return TRUE;
}

static void
add_row (CnKernelChooser *chooser, Entry *entry, const char *name, const char *summary,
         const CnKernel *kernel)
{
  GtkWidget *row = gtk_list_box_row_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  cairo_surface_t *surface = cn_kernel_picture (kernel, 0, 0, PICTURE);
  GtkWidget *picture = gtk_image_new_from_surface (surface), *label = gtk_label_new (name);
  g_autofree char *all = g_strjoin (" ", name, group_of (entry), summary, NULL);

  entry->search = g_utf8_casefold (all, -1);
  g_object_set_data_full (G_OBJECT (row), "entry", entry, free_entry);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_box_pack_start (GTK_BOX (box), picture, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), label, TRUE, TRUE, 0);
  g_object_set (box, "margin", 2, "margin-start", 6, NULL);
  gtk_container_add (GTK_CONTAINER (row), box);
  cn_accessible (row, name, summary);
  gtk_widget_show_all (row);
  gtk_container_add (GTK_CONTAINER (chooser->list), row);
  cairo_surface_destroy (surface);
}

static void
add_presets (CnKernelChooser *chooser)
{
  guint count;
  const CnPreset *presets = cn_presets (&count);

  for (guint i = 0; i < count; i++)
    {
      g_autoptr (CnKernel) kernel = cn_preset_kernel (&presets[i], NULL, NULL);
      Entry *entry = g_new0 (Entry, 1);

      entry->preset = &presets[i];
      add_row (chooser, entry, _ (presets[i].name), _ (presets[i].summary), kernel);
    }
}

/* Kernels whose files are broken are left out. */
static void
add_own (CnKernelChooser *chooser)
{
  const CnKernelStore *store = cn_kernel_model_store (chooser->model);
  g_auto (GStrv) names = store->names ();

  for (char **name = names; name && *name; name++)
    {
      g_autoptr (CnKernel) kernel = store->load (*name, NULL);
      g_autofree char *summary = NULL;
      Entry *entry;

      if (!kernel)
        continue;
      entry = g_new0 (Entry, 1);
      entry->own = g_strdup (*name);
      entry->rows = cn_kernel_model_rows (kernel);
      summary =
          g_strdup_printf (_ ("A kernel of your own, %d × %d"), kernel->width, kernel->height);
      add_row (chooser, entry, *name, summary, kernel);
    }
}

void
cn_kernel_chooser_refresh (CnKernelChooser *chooser)
{
  GtkListBoxRow *row;

  chooser->following = TRUE;
  for (int i = 0; (row = gtk_list_box_get_row_at_index (chooser->list, i));)
    if (entry_of (row)->own)
      gtk_widget_destroy (GTK_WIDGET (row));
    else
      i++;
  add_own (chooser);
  chooser->following = FALSE;
  follow (chooser);
}

/* Down goes from the search into the list, and Enter takes the first that was found. */
static gboolean
search_key (CnKernelChooser *chooser, GdkEventKey *event)
{
  GtkListBoxRow *row = NULL;

  if (event->keyval != GDK_KEY_Down && event->keyval != GDK_KEY_Return
      && event->keyval != GDK_KEY_KP_Enter)
    return FALSE;
  for (int i = 0; (row = gtk_list_box_get_row_at_index (chooser->list, i)); i++)
    if (gtk_widget_get_child_visible (GTK_WIDGET (row)))
      break;
  if (!row)
    return TRUE;
  gtk_list_box_select_row (chooser->list, row);
  if (event->keyval == GDK_KEY_Down)
    gtk_widget_grab_focus (GTK_WIDGET (row));
  return TRUE;
}

void
cn_kernel_chooser_take_focus (CnKernelChooser *chooser)
{
  GtkListBoxRow *row = gtk_list_box_get_selected_row (chooser->list);

  gtk_widget_grab_focus (row ? GTK_WIDGET (row) : GTK_WIDGET (chooser->search));
}

/* Letters that are typed in the list go to the search. */
static gboolean
list_key (CnKernelChooser *chooser, GdkEvent *event)
{
  if (!gtk_search_entry_handle_event (GTK_SEARCH_ENTRY (chooser->search), event))
    return FALSE;
  gtk_entry_grab_focus_without_selecting (chooser->search);
  return TRUE;
}

GtkWidget *
cn_kernel_chooser_new (CnKernelModel *model)
{
  CnKernelChooser *chooser = g_object_new (CN_TYPE_KERNEL_CHOOSER, NULL);
  GtkWidget *search = gtk_search_entry_new (), *list = gtk_list_box_new ();
  GtkWidget *scrolled = gtk_scrolled_window_new (NULL, NULL);
  GtkWidget *label = cn_label_for (list, _ ("_Kernels"), NULL);

  chooser->model = model;
  chooser->search = GTK_ENTRY (search);
  chooser->list = GTK_LIST_BOX (list);
  gtk_entry_set_placeholder_text (chooser->search, _ ("Search"));
  cn_accessible (search, _ ("Search kernels"),
                 _ ("Words from the name or the description of a kernel"));
  gtk_list_box_set_header_func (chooser->list, add_header, NULL, NULL);
  gtk_list_box_set_filter_func (chooser->list, is_found, chooser, NULL);
  gtk_scrolled_window_set_shadow_type (GTK_SCROLLED_WINDOW (scrolled), GTK_SHADOW_IN);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_ALWAYS);
  gtk_scrolled_window_set_overlay_scrolling (GTK_SCROLLED_WINDOW (scrolled), FALSE);
  gtk_widget_set_size_request (scrolled, LIST_WIDTH, LIST_HEIGHT);
  gtk_container_add (GTK_CONTAINER (scrolled), list);
  gtk_box_pack_start (GTK_BOX (chooser), label, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (chooser), search, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (chooser), scrolled, TRUE, TRUE, 0);
  add_presets (chooser);
  add_own (chooser);

  g_signal_connect_swapped (list, "row-selected", G_CALLBACK (row_selected), chooser);
  g_signal_connect_object (list, "size-allocate", G_CALLBACK (list_placed), chooser,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  g_signal_connect_swapped (list, "key-press-event", G_CALLBACK (list_key), chooser);
  /* Sliders below the list come and go with the preset. */
  g_signal_connect_object (gtk_list_box_get_adjustment (chooser->list), "notify::page-size",
                           G_CALLBACK (reveal), chooser, G_CONNECT_SWAPPED);
  g_signal_connect_swapped (search, "search-changed", G_CALLBACK (gtk_list_box_invalidate_filter),
                            list);
  g_signal_connect_swapped (search, "key-press-event", G_CALLBACK (search_key), chooser);
  g_signal_connect_object (model, "changed", G_CALLBACK (follow), chooser, G_CONNECT_SWAPPED);
  follow (chooser);
  return GTK_WIDGET (chooser);
}
