/* arguments.h: the arguments that several procedures share, and choices made from tables.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libgimp/gimp.h>

#include "filters/core/shape.h"

/* One value of a choice; a table ends with an empty nick. */
typedef struct
{
  int id;            /* the engine's enum */
  const char *nick;  /* what scripts write */
  const char *label; /* what users see, marked with N_() */
} CnChoice;

/* Adds a choice; its first row is the default. */
void cn_add_choice (GimpProcedure *procedure, const char *name, const char *label,
                    const char *blurb, const CnChoice *choices);

/* Adds `border`, `encoding`, `output`; the ids are CnBorder, CnEncoding, CnOutput. */
void cn_add_border (GimpProcedure *procedure);
void cn_add_encoding (GimpProcedure *procedure);
void cn_add_output (GimpProcedure *procedure);

/* Adds the text `padding`, and reads it: “same”, “valid”, one number for all sides, or four for
   top, left, bottom and right. FALSE with an error in words. */
void cn_add_padding (GimpProcedure *procedure);
gboolean cn_read_padding (GObject *config, CnPadding *padding, GError **error);

/* The id of a choice's present value. */
int cn_read_choice (GimpProcedureConfig *config, const char *name);
