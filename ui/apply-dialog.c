/* apply-dialog.c: the dialog of Apply Network….
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/apply-dialog.h"

#include "ui/i18n.h"
#include "ui/network-view.h"
#include "ui/resize-dialog.h"

#define ZOOM 1

static const char *const quarter[] = { N_ ("a quarter") };

gboolean
cn_apply_dialog_run (GimpProcedure *procedure, GimpProcedureConfig *config,
                     const CnPreviewHost *preview, const CnNetworkHost *networks)
{
  const CnField fields[] = {
    { "model", CN_FIELD_TEXT, NULL, networks->names }, { "model-file", CN_FIELD_FILE, NULL, NULL },
    { "range", CN_FIELD_CHOICE, NULL, NULL },          { "order", CN_FIELD_CHOICE, NULL, NULL },
    { "memory", CN_FIELD_NUMBER, NULL, quarter },      { "encoding", CN_FIELD_CHOICE, NULL, NULL },
    { "output", CN_FIELD_CHOICE, NULL, NULL },         { 0 },
  };
  GtkWidget *dialog = cn_dialog_new (procedure, config, _ ("Apply Network"));
  GtkWidget *grid =
      cn_dialog_grid (GIMP_PROCEDURE_DIALOG (dialog), config, fields, G_N_ELEMENTS (fields));

  return cn_resize_dialog_run (dialog, config, grid, preview, ZOOM,
                               cn_network_view_new (config, networks));
}
