/* convolve-dialog.c: the dialog of Convolve…: kernels on the left, the kernel in the middle, the
 * preview and the arguments on the right.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/convolve-dialog.h"

#include "ui/canvas-switch.h"
#include "ui/dialog.h"
#include "ui/i18n.h"
#include "ui/kernel-chooser.h"
#include "ui/kernel-editor.h"
#include "ui/kernel-heading.h"
#include "ui/kernel-parameters.h"
#include "ui/preview-pane.h"

/* Room for the preview and the text; the expander takes of it before the dialog has to grow. */
#define HEIGHT 664

static const char *const paddings[] = { "same", "valid", "1", NULL };

/* The mnemonics of what is always in view are all different, and not GIMP's: C, H, L, O, P, R, S.
 */
static const CnField common[] = {
  { "divisor", CN_FIELD_NUMBER, N_ ("_Divisor"), NULL },
  { "bias", CN_FIELD_NUMBER, N_ ("B_ias"), NULL },
  { "channels", CN_FIELD_CHOICE, N_ ("Ch_annels"), NULL },
  { "response", CN_FIELD_CHOICE, N_ ("R_esponse"), NULL },
  { "border", CN_FIELD_CHOICE, N_ ("_Border"), NULL },
  { "output", CN_FIELD_CHOICE, N_ ("O_utput"), NULL },
  { 0 },
};

static const CnField rare[] = {
  { "activation", CN_FIELD_CHOICE, NULL, NULL },
  { "alpha", CN_FIELD_CHOICE, NULL, NULL },
  { "encoding", CN_FIELD_CHOICE, NULL, NULL },
  { "merge-filter", CN_FIELD_CHECK, NULL, NULL },
  { "stride", CN_FIELD_NUMBER, NULL, NULL },
  { "dilation", CN_FIELD_NUMBER, NULL, NULL },
  { "padding", CN_FIELD_TEXT, NULL, paddings },
  { "kernel-file", CN_FIELD_FILE, NULL, NULL },
  { "kernel-layer", CN_FIELD_DRAWABLE, NULL, NULL },
  { "kernel-selection", CN_FIELD_CHECK, N_ ("Only its selected pi_xels"), NULL },
  { "flip", CN_FIELD_CHECK, N_ ("_True convolution (turned by 180°)"), NULL },
  { "kernel-zero-mean", CN_FIELD_CHECK, NULL, NULL },
  { "kernel-unit-norm", CN_FIELD_CHECK, NULL, NULL },
  { 0 },
};

typedef struct
{
  GtkDialog *dialog;
  CnKernelModel *model;
  CnPreviewPane *pane;
} Parts;

/* OK waits for arguments that give a result. */
static void
check (Parts *parts)
{
  gtk_dialog_set_response_sensitive (parts->dialog, GTK_RESPONSE_OK,
                                     !cn_kernel_model_error (parts->model)
                                         && !cn_preview_pane_error (parts->pane));
}

static GtkWidget *
make_column (GtkWidget *first, GtkWidget *second)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);

  gtk_box_pack_start (GTK_BOX (box), first, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), second, TRUE, TRUE, 0);
  return box;
}

gboolean
cn_convolve_dialog_run (GimpProcedure *procedure, GimpProcedureConfig *config,
                        const CnKernelStore *store, const CnPreviewHost *preview)
{
  GtkWidget *dialog = cn_dialog_new (procedure, config, _ ("Convolve"));
  GimpProcedureDialog *frame = GIMP_PROCEDURE_DIALOG (dialog);
  g_autoptr (CnKernelModel) model = cn_kernel_model_new (G_OBJECT (config), store);
  GtkWidget *content = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkWidget *columns = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 14);
  GtkWidget *chooser = cn_kernel_chooser_new (model);
  GtkWidget *heading = cn_kernel_heading_new (model, CN_KERNEL_CHOOSER (chooser));
  GtkWidget *pane = cn_preview_pane_new (frame, config, model, preview);
  GtkWidget *right = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  Parts parts = { GTK_DIALOG (dialog), model, CN_PREVIEW_PANE (pane) };

  gtk_container_set_border_width (GTK_CONTAINER (content), 10);
  gtk_box_pack_start (GTK_BOX (right), pane, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (right), cn_canvas_switch_new (config, preview->canvas), FALSE, FALSE,
                      0);
  gtk_box_pack_start (GTK_BOX (right), cn_dialog_grid (frame, config, common, 6), FALSE, FALSE, 0);
  gtk_box_pack_end (GTK_BOX (chooser), cn_kernel_parameters_new (model), FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (columns), chooser, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (columns), make_column (heading, cn_kernel_editor_new (model)), FALSE,
                      FALSE, 0);
  gtk_box_pack_start (GTK_BOX (columns), right, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (content), columns, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (content), cn_dialog_more (cn_dialog_grid (frame, config, rare, 3)),
                      FALSE, FALSE, 0);
  gtk_widget_show_all (content);
  g_signal_connect_swapped (model, "changed", G_CALLBACK (check), &parts);
  g_signal_connect_swapped (pane, "status", G_CALLBACK (check), &parts);
  check (&parts);
  gtk_window_set_default_size (GTK_WINDOW (dialog), -1, HEIGHT);
  /* GIMP gives the keyboard to OK; here it is for browsing the kernels. */
  g_signal_connect_object (dialog, "map", G_CALLBACK (cn_kernel_chooser_take_focus), chooser,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  return cn_dialog_run (dialog, content);
}
