/* feature-maps-dialog.c: the dialog of Feature Maps….
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/feature-maps-dialog.h"

#include "ui/i18n.h"
#include "ui/network-view.h"
#include "ui/resize-dialog.h"

#define ZOOM 1

static const char *const quarter[] = { N_ ("a quarter"), NULL };
static const char *const all[] = { N_ ("all"), NULL };
static const char *const examples[] = { "*", NULL };
static const char *const lists[] = { "0-15", NULL };

/* What is rarely wanted. */
static const CnField more[] = {
  { "range", CN_FIELD_CHOICE, NULL, NULL },
  { "order", CN_FIELD_CHOICE, NULL, NULL },
  { "limit", CN_FIELD_NUMBER, NULL, NULL },
  { "memory", CN_FIELD_NUMBER, NULL, quarter },
  { 0 },
};

gboolean
cn_feature_maps_dialog_run (GimpProcedure *procedure, GimpProcedureConfig *config,
                            const CnPreviewHost *preview, const CnNetworkHost *networks)
{
  const CnField fields[] = {
    { "model", CN_FIELD_TEXT, NULL, networks->names },
    { "model-file", CN_FIELD_FILE, NULL, NULL },
    { "layers", CN_FIELD_TEXT, NULL, examples },
    { "channels", CN_FIELD_TEXT, NULL, lists },
    { "strongest", CN_FIELD_NUMBER, NULL, all },
    { "input", CN_FIELD_CHOICE, NULL, NULL },
    { "values", CN_FIELD_CHOICE, NULL, NULL },
    { "colours", CN_FIELD_CHOICE, NULL, NULL },
    { "output", CN_FIELD_CHOICE, NULL, NULL },
    { "size", CN_FIELD_CHOICE, NULL, NULL },
    { 0 },
  };
  GtkWidget *dialog = cn_dialog_new (procedure, config, _ ("Feature Maps"));
  GimpProcedureDialog *frame = GIMP_PROCEDURE_DIALOG (dialog);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  gtk_box_pack_start (GTK_BOX (box), cn_dialog_grid (frame, config, fields, G_N_ELEMENTS (fields)),
                      FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box),
                      cn_dialog_more (cn_dialog_grid (frame, config, more, G_N_ELEMENTS (more))),
                      FALSE, FALSE, 0);
  return cn_resize_dialog_run (dialog, config, box, preview, ZOOM,
                               cn_network_view_new (config, networks, "layers"));
}
