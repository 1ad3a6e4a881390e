/* dialog.h: the frame of every dialog: what stands in view and what in the expander, choices as
 * combo boxes on every version of GIMP, numbers to type, and the run of the dialog.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libgimp/gimpui.h>

/* What a property's widget is, where GIMP's automatic one is not wanted. */
typedef enum
{
  CN_FIELD_AUTOMATIC,
  CN_FIELD_CHOICE, /* a combo box; GIMP 3.2 makes radio buttons of short choices otherwise */
  CN_FIELD_NUMBER, /* a spin button; a slider over a range that nobody goes through is no help */
  CN_FIELD_TEXT,   /* an entry, with some values to choose from */
} CnFieldKind;

typedef struct
{
  const char *property;
  CnFieldKind kind;
  gboolean rare;            /* in the expander */
  const char *const *texts; /* CN_FIELD_TEXT: the values to choose from, NULL-terminated */
} CnField;

/* Makes the empty dialog of a procedure. */
GtkWidget *cn_dialog_new (GimpProcedure *procedure, GimpProcedureConfig *config, const char *title);

/* An empty box with the id `id`, for widgets of our own for `property`. */
GtkWidget *cn_dialog_box (GimpProcedureDialog *dialog, const char *id, const char *property);

/* Fills the dialog with the box `first`, then `fields` (ended by a NULL property) in their order.
 */
void cn_dialog_fill (GimpProcedureDialog *dialog, GimpProcedureConfig *config, const char *first,
                     const CnField *fields);

/* Shows the dialog, and destroys it; TRUE for OK. */
gboolean cn_dialog_run (GtkWidget *dialog);
