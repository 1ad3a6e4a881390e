/* convolve-dialog.c: the dialog of Convolve….
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/convolve-dialog.h"

#include "ui/i18n.h"
#include "ui/dialog.h"
#include "ui/kernel-chooser.h"

static const char *const paddings[] = { "same", "valid", "1", NULL };

static const CnField fields[] = {
  { "divisor", CN_FIELD_NUMBER, FALSE, NULL },  { "bias", CN_FIELD_NUMBER, FALSE, NULL },
  { "channels", CN_FIELD_CHOICE, FALSE, NULL }, { "response", CN_FIELD_CHOICE, FALSE, NULL },
  { "border", CN_FIELD_CHOICE, FALSE, NULL },   { "output", CN_FIELD_CHOICE, FALSE, NULL },
  { "flip", CN_FIELD_AUTOMATIC, TRUE, NULL },   { "activation", CN_FIELD_CHOICE, TRUE, NULL },
  { "stride", CN_FIELD_NUMBER, TRUE, NULL },    { "dilation", CN_FIELD_NUMBER, TRUE, NULL },
  { "padding", CN_FIELD_TEXT, TRUE, paddings }, { "alpha", CN_FIELD_CHOICE, TRUE, NULL },
  { "encoding", CN_FIELD_CHOICE, TRUE, NULL },  { 0 },
};

gboolean
cn_convolve_dialog_run (GimpProcedure *procedure, GimpProcedureConfig *config)
{
  GtkWidget *dialog = cn_dialog_new (procedure, config, _ ("Convolve"));
  GimpProcedureDialog *frame = GIMP_PROCEDURE_DIALOG (dialog);
  GtkWidget *kernel = cn_dialog_box (frame, "kernel-box", "kernel");

  cn_kernel_chooser_add (kernel, GTK_DIALOG (dialog), G_OBJECT (config), "kernel");
  cn_dialog_fill (frame, config, "kernel-box", fields);
  return cn_dialog_run (dialog);
}
