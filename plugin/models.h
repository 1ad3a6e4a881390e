/* models.h: the networks that a user can name: files in ONNX's format, in the folder convnet/models
 * of the GIMP profile or in the plug-in's own folder “models”.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libgimp/gimp.h>

#include "filters/filters.h"

/* Adds the arguments `model` (a name) and `model-file`. */
void cn_add_model (GimpProcedure *procedure);

/* Reads the network that they ask for; NULL with an error in words. */
CnGraph *cn_read_model (GimpProcedureConfig *config, GError **error);

/* The names, in the order of the user's language, NULL-terminated; to be freed with g_strfreev().
 */
char **cn_models (void);

/* A network in a line or two: what it says of itself. */
char *cn_model_text (const CnGraph *graph);

/* Bytes that a network may take: the argument `memory`, in MiB; 0 for a quarter of the machine's.
 */
void cn_add_memory (GimpProcedure *procedure);
guint64 cn_read_memory (GimpProcedureConfig *config);
