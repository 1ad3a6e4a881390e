/* pool-dialog.c: the dialog of Pool….
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/pool-dialog.h"

#include "ui/i18n.h"
#include "ui/resize-dialog.h"

#define ZOOM 2

static const char *const paddings[] = { "valid", "same", "1", NULL };

static const char *const window[] = { N_ ("the window's") };

static const CnField fields[] = {
  { "kind", CN_FIELD_CHOICE, NULL, NULL },
  { "window-width", CN_FIELD_NUMBER, NULL, NULL },
  { "window-height", CN_FIELD_NUMBER, NULL, NULL },
  { "stride-x", CN_FIELD_NUMBER, NULL, window },
  { "stride-y", CN_FIELD_NUMBER, NULL, window },
  { "padding", CN_FIELD_TEXT, NULL, paddings },
  { "border", CN_FIELD_CHOICE, NULL, NULL },
  { "encoding", CN_FIELD_CHOICE, NULL, NULL },
  { "output", CN_FIELD_CHOICE, NULL, NULL },
  { "merge-filter", CN_FIELD_CHECK, NULL, NULL },
  { 0 },
};

gboolean
cn_pool_dialog_run (GimpProcedure *procedure, GimpProcedureConfig *config,
                    const CnPreviewHost *preview)
{
  GtkWidget *dialog = cn_dialog_new (procedure, config, _ ("Pool"));
  GtkWidget *grid =
      cn_dialog_grid (GIMP_PROCEDURE_DIALOG (dialog), config, fields, G_N_ELEMENTS (fields));

  return cn_resize_dialog_run (dialog, config, grid, preview, ZOOM, NULL);
}
