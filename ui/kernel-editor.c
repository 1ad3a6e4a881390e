/* kernel-editor.c: the widgets that change a kernel: its parameters, cells, text, size, and
 * buttons to turn and scale it, all over one model.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/kernel-editor.h"

#include <math.h>

#include "ui/accessible.h"
#include "ui/i18n.h"
#include "ui/kernel-buttons.h"
#include "ui/kernel-grid.h"

#define TEXT_HEIGHT 40 /* at least; it takes what the message below leaves */

#define CN_TYPE_KERNEL_EDITOR (cn_kernel_editor_get_type ())
G_DECLARE_FINAL_TYPE (CnKernelEditor, cn_kernel_editor, CN, KERNEL_EDITOR, GtkBox)

struct _CnKernelEditor
{
  GtkBox parent_instance;
  CnKernelModel *model;
  GtkWidget *grid, *planes; /* planes: the row to choose one */
  GtkSpinButton *filter, *plane;
  GtkTextBuffer *text;
  GtkLabel *message, *sum;
  gboolean following; /* widgets are being set from the model */
  gboolean typing;    /* the text is the source of the change */
};

G_DEFINE_FINAL_TYPE (CnKernelEditor, cn_kernel_editor, GTK_TYPE_BOX)

static void
cn_kernel_editor_class_init (CnKernelEditorClass *class)
{
  (void) class;
}

static void
cn_kernel_editor_init (CnKernelEditor *editor)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (editor), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (editor), 6);
}

static void
show_text (CnKernelEditor *editor)
{
  const CnKernel *kernel = cn_kernel_model_kernel (editor->model);
  g_autofree char *text = cn_kernel_model_error (editor->model)
                              ? g_strdup (cn_kernel_model_value (editor->model))
                              : cn_kernel_format (kernel, CN_KERNEL_ROWS, "\n", NULL);

  gtk_text_buffer_set_text (editor->text, text ? text : "", -1);
}

/* The sum of the weights as they are used: one that is rounding, or whose mean is excluded, is 0.
 */
static double
sum_of (CnKernelEditor *editor)
{
  const CnKernel *kernel = cn_kernel_model_kernel (editor->model);
  double sum = cn_kernel_sum (kernel), sizes = 0;
  gboolean zero_mean;

  g_object_get (cn_kernel_model_config (editor->model), "kernel-zero-mean", &zero_mean, NULL);
  for (gsize i = 0; i < cn_kernel_count (kernel); i++)
    sizes += fabs ((double) kernel->weights[i]);
  return zero_mean || fabs (sum) < 1e-6 * sizes ? 0 : sum;
}

/* What the sum means for flat areas: what a person wants to know of it. */
static void
show_sum (CnKernelEditor *editor)
{
  double sum = sum_of (editor), divisor = 1, gain;
  g_autofree char *sum_text = g_strdup_printf ("%.6g", sum), *gain_text = NULL, *text = NULL;

  g_object_get (cn_kernel_model_config (editor->model), "divisor", &divisor, NULL);
  gain = divisor != 0 ? sum / divisor : 0;
  gain_text = g_strdup_printf ("%.4g", gain);
  if (fabs (gain) < 1e-5)
    text = g_strdup_printf (_ ("Sum %s: flat areas become 0"), sum_text);
  else if (fabs (gain - 1) < 1e-5)
    text = g_strdup_printf (_ ("Sum %s: flat areas keep their brightness"), sum_text);
  else
    text = g_strdup_printf (_ ("Sum %s: flat areas are multiplied by %s"), sum_text, gain_text);
  gtk_label_set_text (editor->sum, text);
}

static void
show_message (CnKernelEditor *editor)
{
  const char *error = cn_kernel_model_error (editor->model);
  GtkStyleContext *context = gtk_widget_get_style_context (GTK_WIDGET (editor->message));

  gtk_label_set_text (editor->message, error ? error : "");
  gtk_widget_set_visible (GTK_WIDGET (editor->message), error != NULL);
  gtk_widget_set_visible (GTK_WIDGET (editor->sum), error == NULL);
  gtk_style_context_add_class (context, GTK_STYLE_CLASS_ERROR);
}

static void
follow (CnKernelEditor *editor)
{
  const CnKernel *kernel = cn_kernel_model_kernel (editor->model);

  editor->following = TRUE;
  if (!editor->typing)
    show_text (editor);
  gtk_spin_button_set_range (editor->filter, 1, kernel->filters);
  gtk_spin_button_set_range (editor->plane, 1, kernel->planes);
  gtk_widget_set_visible (editor->planes, kernel->filters > 1 || kernel->planes > 1);
  editor->following = FALSE;
  show_sum (editor);
  show_message (editor);
}

static void
text_typed (CnKernelEditor *editor)
{
  GtkTextIter start, end;
  g_autofree char *text = NULL;

  if (editor->following)
    return;
  gtk_text_buffer_get_bounds (editor->text, &start, &end);
  text = gtk_text_buffer_get_text (editor->text, &start, &end, FALSE);
  editor->typing = TRUE;
  cn_kernel_model_set_text (editor->model, text);
  editor->typing = FALSE;
}

static void
plane_chosen (CnKernelEditor *editor)
{
  if (!editor->following)
    cn_kernel_grid_show (CN_KERNEL_GRID (editor->grid),
                         gtk_spin_button_get_value_as_int (editor->filter) - 1,
                         gtk_spin_button_get_value_as_int (editor->plane) - 1);
}

static GtkSpinButton *
add_plane (CnKernelEditor *editor, const char *label, const char *hint)
{
  GtkWidget *spin = gtk_spin_button_new_with_range (1, 1, 1);
  GtkWidget *name = cn_label_for (spin, label, hint);

  gtk_box_pack_start (GTK_BOX (editor->planes), name, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (editor->planes), spin, FALSE, FALSE, 0);
  gtk_widget_show (spin);
  gtk_widget_show (name);
  g_signal_connect_swapped (spin, "value-changed", G_CALLBACK (plane_chosen), editor);
  return GTK_SPIN_BUTTON (spin);
}

static GtkWidget *
make_text (CnKernelEditor *editor)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *scrolled = gtk_scrolled_window_new (NULL, NULL);
  GtkWidget *view = gtk_text_view_new ();
  GtkWidget *label = cn_label_for (
      view, _ ("As te_xt"),
      _ ("Rows of numbers, such as 1 or -0.5 or 1/9; rows end with “;” or a line end. Kernels of "
         "G'MIC, ImageJ, ImageMagick and libvips are understood."));

  editor->text = gtk_text_view_get_buffer (GTK_TEXT_VIEW (view));
  cn_accessible (view, _ ("Kernel numbers"), NULL);
  gtk_text_view_set_monospace (GTK_TEXT_VIEW (view), TRUE);
  gtk_text_view_set_accepts_tab (GTK_TEXT_VIEW (view), FALSE);
  g_object_set (view, "left-margin", 4, "right-margin", 4, NULL);
  gtk_scrolled_window_set_shadow_type (GTK_SCROLLED_WINDOW (scrolled), GTK_SHADOW_IN);
  gtk_widget_set_size_request (scrolled, -1, TEXT_HEIGHT);
  gtk_container_add (GTK_CONTAINER (scrolled), view);
  gtk_box_pack_start (GTK_BOX (head), label, FALSE, FALSE, 0);
  gtk_box_pack_end (GTK_BOX (head), GTK_WIDGET (editor->sum), FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), head, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), scrolled, TRUE, TRUE, 0);
  g_signal_connect_swapped (editor->text, "changed", G_CALLBACK (text_typed), editor);
  return box;
}

/* A line of text that may be longer than the dialog is wide. */
static GtkLabel *
make_line (void)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_line_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 50);
  return GTK_LABEL (label);
}

GtkWidget *
cn_kernel_editor_new (CnKernelModel *model)
{
  CnKernelEditor *editor = g_object_new (CN_TYPE_KERNEL_EDITOR, NULL);
  GtkBox *box = GTK_BOX (editor);

  editor->model = model;
  editor->grid = cn_kernel_grid_new (model);
  editor->planes = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  editor->filter = add_plane (editor, _ ("_Filter"), _ ("The filter whose numbers the cells show"));
  editor->plane = add_plane (editor, _ ("_Plane"), _ ("The plane whose numbers the cells show"));
  editor->message = make_line ();
  editor->sum = make_line ();
  gtk_box_pack_start (box, editor->planes, FALSE, FALSE, 0);
  gtk_box_pack_start (box, editor->grid, FALSE, FALSE, 0);
  gtk_box_pack_start (box, cn_kernel_buttons_new (model), FALSE, FALSE, 0);
  gtk_box_pack_start (box, make_text (editor), TRUE, TRUE, 0);
  gtk_box_pack_start (box, GTK_WIDGET (editor->message), FALSE, FALSE, 0);
  gtk_widget_show_all (GTK_WIDGET (editor));
  gtk_widget_set_no_show_all (editor->planes, TRUE);
  gtk_widget_set_no_show_all (GTK_WIDGET (editor->sum), TRUE);
  gtk_widget_set_no_show_all (GTK_WIDGET (editor->message), TRUE);

  g_signal_connect_object (model, "changed", G_CALLBACK (follow), editor, G_CONNECT_SWAPPED);
  g_signal_connect_object (cn_kernel_model_config (model), "notify::divisor", G_CALLBACK (show_sum),
                           editor, G_CONNECT_SWAPPED);
  g_signal_connect_object (cn_kernel_model_config (model), "notify::kernel-zero-mean",
                           G_CALLBACK (show_sum), editor, G_CONNECT_SWAPPED);
  follow (editor);
  return GTK_WIDGET (editor);
}
