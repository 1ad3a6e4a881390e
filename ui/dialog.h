/* dialog.h: the frame of every dialog: arguments in a grid, those that are rarely wanted in an
 * expander, and the run of the dialog.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libgimp/gimpui.h>

/* What stands for an argument in the dialog. */
typedef enum
{
  CN_FIELD_CHOICE, /* a combo box; GIMP 3.2 makes radio buttons of short choices otherwise */
  CN_FIELD_NUMBER, /* a spin button; a slider over a range that nobody goes through is no help */
  CN_FIELD_TEXT,   /* an entry, with some values to choose from */
  CN_FIELD_CHECK,
  CN_FIELD_FILE,
  CN_FIELD_DRAWABLE,
} CnFieldKind;

typedef struct
{
  const char *property;
  CnFieldKind kind;
  const char *label; /* marked with N_(), with a mnemonic; NULL: the argument's own */
  /* CN_FIELD_TEXT: the values to choose from, NULL-terminated. CN_FIELD_NUMBER: what 0 is shown as,
     marked with N_(). */
  const char *const *texts;
} CnField;

/* Makes the empty dialog of a procedure. */
GtkWidget *cn_dialog_new (GimpProcedure *procedure, GimpProcedureConfig *config, const char *title);

/* The fields (ended by a NULL property), bound to the arguments, in a grid that is filled by
   columns of `rows` fields. */
GtkWidget *cn_dialog_grid (GimpProcedureDialog *dialog, GimpProcedureConfig *config,
                           const CnField *fields, int rows);

/* A notebook: `first` under its title, and behind it the page of a network. */
GtkWidget *cn_dialog_pages (GtkWidget *first, const char *title, GtkWidget *network);

/* An expander with “More” for its label. */
GtkWidget *cn_dialog_more (GtkWidget *content);

/* Puts `content` into the dialog, shows it, and destroys it; TRUE for OK. */
gboolean cn_dialog_run (GtkWidget *dialog, GtkWidget *content);
