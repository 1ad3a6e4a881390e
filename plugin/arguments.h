/* arguments.h: the arguments that several procedures share, and choices made from tables.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libgimp/gimp.h>

#include "filters/core/shape.h"
#include "plugin/choices.h"

/* Adds a choice; its first row is the default. */
void cn_add_choice (GimpProcedure *procedure, const char *name, const char *label,
                    const char *blurb, const CnChoice *choices);

/* Adds `border`, `encoding`, `output`; the ids are CnBorder (with `none` also, and first,
   CN_BORDER_NONE), CnEncoding, CnOutput. */
void cn_add_border (GimpProcedure *procedure, gboolean none);
void cn_add_encoding (GimpProcedure *procedure);
void cn_add_output (GimpProcedure *procedure);

/* What padding means to a convolution or to pooling. */
#define CN_PADDING_BLURB                                                                                  \
  _ ("Pixels added around the layer: “same” keeps its size, “valid” adds none, a number adds as " \
     "many on each side, four numbers at the top, left, bottom and right")

/* Adds the text `padding` with a default, and reads it: “same”, “valid”, one number for all sides,
   or four for top, left, bottom and right. FALSE with an error in words. */
void cn_add_padding (GimpProcedure *procedure, const char *padding, const char *blurb);
gboolean cn_read_padding (GObject *config, CnPadding *padding, GError **error);

/* The id of a choice's present value. */
int cn_read_choice (GimpProcedureConfig *config, const char *name);
