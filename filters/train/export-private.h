/* export-private.h: what the files that make graphs of models share.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/train/export.h"

/* A graph that is being made. */
typedef struct
{
  const CnModel *model;
  CnGraph *graph;
  char **values; /* the name of each layer's output; [0] is the input */
  GError **error;
} Export;

CnNode *export_node (Export *e, const char *op, const char *const *inputs, const char *output);

/* Adds `LAYER.what`, whose name the caller frees. */
char *export_floats (Export *e, const CnModelLayer *layer, const char *what, const CnShape *shape,
                     const float *floats);

/* The layers of upscalers (export-pictures.c). */
gboolean export_prelu (Export *e, const CnModelLayer *layer, const char *input, const char *output);
gboolean export_concat (Export *e, const CnModelLayer *layer, const char *input,
                        const char *output);
gboolean export_transpose (Export *e, const CnModelLayer *layer, const char *input,
                           const char *output);

/* Continues "pixels" on each side by the nearest ones, as far as the model's output does not lie
   over its input. */
gboolean export_border (Export *e, const char *output);
