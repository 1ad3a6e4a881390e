/* upscale-dialog.c: the dialog of Upscale….
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/upscale-dialog.h"

#include "ui/i18n.h"
#include "ui/resize-dialog.h"

#define ZOOM 1

static const char *const paddings[] = { "same", "valid", "1", NULL };
static const char *const kernels[] = {
  "1 1; 1 1", "1 2 1; 2 4 2; 1 2 1", "gaussian", "binomial", "box", "line", NULL
};

static const char *const preset[] = { N_ ("the preset's") };

static const CnField common[] = {
  { "method", CN_FIELD_CHOICE, NULL, NULL }, { "factor", CN_FIELD_NUMBER, NULL, NULL },
  { "border", CN_FIELD_CHOICE, NULL, NULL }, { "encoding", CN_FIELD_CHOICE, NULL, NULL },
  { "output", CN_FIELD_CHOICE, NULL, NULL }, { 0 },
};
/* The rows of the arguments that not all methods have. */
#define FACTOR_ROW 1
#define BORDER_ROW 2

/* For the method “kernel”. */
static const CnField own[] = {
  { "kernel", CN_FIELD_TEXT, NULL, kernels },
  { "size", CN_FIELD_NUMBER, N_ ("S_ize"), preset },
  { "angle", CN_FIELD_NUMBER, NULL, NULL },
  { "sigma", CN_FIELD_NUMBER, NULL, preset },
  { "stride", CN_FIELD_NUMBER, NULL, NULL },
  { "padding", CN_FIELD_TEXT, NULL, paddings },
  { "output-padding", CN_FIELD_NUMBER, NULL, NULL },
  { "kernel-file", CN_FIELD_FILE, NULL, NULL },
  { "kernel-layer", CN_FIELD_DRAWABLE, NULL, NULL },
  { "kernel-selection", CN_FIELD_CHECK, N_ ("Only its selected pi_xels"), NULL },
  { "kernel-zero-mean", CN_FIELD_CHECK, N_ ("Exclude the mean (flat areas give _0)"), NULL },
  { "kernel-unit-norm", CN_FIELD_CHECK, NULL, NULL },
  { 0 },
};

typedef struct
{
  GtkWidget *common, *own;
} Parts;

static void
show_row (GtkWidget *grid, int row, gboolean visible)
{
  for (int column = 0; column < 2; column++)
    gtk_widget_set_visible (gtk_grid_get_child_at (GTK_GRID (grid), column, row), visible);
}

/* Only what the method takes is shown. */
static void
method_changed (GObject *config, GParamSpec *spec, Parts *parts)
{
  g_autofree char *method = NULL;
  gboolean is_own, is_learned;

  (void) spec;
  g_object_get (config, "method", &method, NULL);
  is_own = g_strcmp0 (method, "kernel") == 0;
  is_learned = g_strcmp0 (method, "learned") == 0;
  gtk_widget_set_visible (parts->own, is_own);
  show_row (parts->common, FACTOR_ROW, !is_own);
  show_row (parts->common, BORDER_ROW, !is_own && !is_learned);
}

gboolean
cn_upscale_dialog_run (GimpProcedure *procedure, GimpProcedureConfig *config,
                       const CnPreviewHost *preview)
{
  GtkWidget *dialog = cn_dialog_new (procedure, config, _ ("Upscale"));
  GimpProcedureDialog *frame = GIMP_PROCEDURE_DIALOG (dialog);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  Parts parts = { cn_dialog_grid (frame, config, common, G_N_ELEMENTS (common)),
                  cn_dialog_grid (frame, config, own, G_N_ELEMENTS (own)) };
  gulong watch;
  gboolean run;

  gtk_box_pack_start (GTK_BOX (box), parts.common, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), parts.own, FALSE, FALSE, 0);
  watch = g_signal_connect (config, "notify::method", G_CALLBACK (method_changed), &parts);
  method_changed (G_OBJECT (config), NULL, &parts);
  run = cn_resize_dialog_run (dialog, config, box, preview, ZOOM, NULL);
  g_signal_handler_disconnect (config, watch);
  return run;
}
