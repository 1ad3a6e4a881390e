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

static const CnField common[] = {
  { "method", CN_FIELD_CHOICE, NULL, NULL },
  { "encoding", CN_FIELD_CHOICE, NULL, NULL },
  { "output", CN_FIELD_CHOICE, NULL, NULL },
  { 0 },
};

/* For the named methods. */
static const CnField named[] = {
  { "factor", CN_FIELD_NUMBER, NULL, NULL },
  { "border", CN_FIELD_CHOICE, NULL, NULL },
  { 0 },
};

/* For the method “kernel”. */
static const CnField own[] = {
  { "kernel", CN_FIELD_TEXT, NULL, kernels },
  { "size", CN_FIELD_NUMBER, NULL, NULL },
  { "angle", CN_FIELD_NUMBER, NULL, NULL },
  { "sigma", CN_FIELD_NUMBER, NULL, NULL },
  { "stride", CN_FIELD_NUMBER, NULL, NULL },
  { "padding", CN_FIELD_TEXT, NULL, paddings },
  { "output-padding", CN_FIELD_NUMBER, NULL, NULL },
  { "kernel-file", CN_FIELD_FILE, NULL, NULL },
  { "kernel-layer", CN_FIELD_DRAWABLE, NULL, NULL },
  { "kernel-selection", CN_FIELD_CHECK, N_ ("Only its selected pi_xels"), NULL },
  { "kernel-zero-mean", CN_FIELD_CHECK, NULL, NULL },
  { "kernel-unit-norm", CN_FIELD_CHECK, NULL, NULL },
  { 0 },
};

typedef struct
{
  GtkWidget *named, *own;
} Parts;

/* Only what the method takes is shown. */
static void
method_changed (GObject *config, GParamSpec *spec, Parts *parts)
{
  g_autofree char *method = NULL;
  gboolean is_own;

  (void) spec;
  g_object_get (config, "method", &method, NULL);
  is_own = g_strcmp0 (method, "kernel") == 0;
  gtk_widget_set_visible (parts->own, is_own);
  gtk_widget_set_visible (parts->named, !is_own);
}

gboolean
cn_upscale_dialog_run (GimpProcedure *procedure, GimpProcedureConfig *config,
                       const CnPreviewHost *preview)
{
  GtkWidget *dialog = cn_dialog_new (procedure, config, _ ("Upscale"));
  GimpProcedureDialog *frame = GIMP_PROCEDURE_DIALOG (dialog);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10);
  Parts parts = { cn_dialog_grid (frame, config, named, G_N_ELEMENTS (named)),
                  cn_dialog_grid (frame, config, own, G_N_ELEMENTS (own)) };
  gulong watch;
  gboolean run;

  gtk_box_pack_start (GTK_BOX (box), cn_dialog_grid (frame, config, common, G_N_ELEMENTS (common)),
                      FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), parts.named, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), parts.own, FALSE, FALSE, 0);
  gtk_widget_set_no_show_all (parts.named, TRUE);
  gtk_widget_set_no_show_all (parts.own, TRUE);
  watch = g_signal_connect (config, "notify::method", G_CALLBACK (method_changed), &parts);
  method_changed (G_OBJECT (config), NULL, &parts);
  run = cn_resize_dialog_run (dialog, config, box, preview, ZOOM);
  g_signal_handler_disconnect (config, watch);
  return run;
}
