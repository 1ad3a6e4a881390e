/* models.h: the networks that a user can name: files in ONNX's format, in the folder convnet/models
 * of the GIMP profile or in the plug-in's own folder “models”.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libgimp/gimp.h>

#include "plugin/model-file.h"
#include "ui/host.h"

/* Adds the arguments `model` (a name, at first that one) and `model-file`. */
void cn_add_model (GimpProcedure *procedure, const char *name);

/* Adds the arguments `range` (ids of CnRange) and `order` (of CnOrder). */
void cn_add_input (GimpProcedure *procedure);

/* The network that the arguments ask for; NULL with an error in words. The one that was read last
   is kept. To be called on the main thread. */
CnModel *cn_read_model (GimpProcedureConfig *config, GError **error);

/* The network of that name, which comes with the plug-in or lies in the user's folder. */
CnModel *cn_model_named (const char *name, GError **error);

/* The network as a table, for one picture of that size where it leaves the size open. NULL with an
   error of cn_plan_new(). */
CnInfo *cn_model_info (const CnGraph *graph, int width, int height, GError **error);

/* Bytes that the network and a run in one piece take, for such a picture. FALSE likewise. */
gboolean cn_model_memory (const CnGraph *graph, int width, int height, double *bytes,
                          GError **error);

/* The sides of a picture that tables are made for if nobody gives any. */
#define CN_MODEL_SIDE 224

/* The names, in the order of the user's language, NULL-terminated; to be freed with g_strfreev().
 */
char **cn_models (void);

/* A network in a line or two: what it says of itself. */
char *cn_model_text (const CnGraph *graph);

/* What dialogs are given; the names must outlive it. */
CnNetworkHost cn_model_host (char **names);

/* Bytes that a network may take: the argument `memory`, in MiB; 0 for a quarter of the machine's.
 */
void cn_add_memory (GimpProcedure *procedure);
guint64 cn_read_memory (GimpProcedureConfig *config);
