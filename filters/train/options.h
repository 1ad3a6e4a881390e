/* options.h: the command line of convnet-train.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/train/trainer.h"

#define OPTIONS_SIDES_MAX 8

typedef struct
{
  char *data, *model, *output, *judge, *start;
  char *checkpoint, *curve; /* beside the output, unless they are given */
  char *about_data, *licence;
  char *command; /* as it was given */
  int held_out, threads;
  gboolean resume;
  int sides[OPTIONS_SIDES_MAX], n_sides; /* that photographs are shrunk to */
  CnTrainOptions train;
} Options;

/* Reads the arguments; what is not given has its default. FALSE with G_OPTION_ERROR or
   CN_ERROR_ARGUMENT. */
gboolean options_parse (Options *options, int *argc, char ***argv, GError **error);
void options_clear (Options *options);
