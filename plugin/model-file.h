/* model-file.h: networks in files in ONNX's format: found by their names in folders, read once.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/filters.h"

/* A network that was read, shared by all who ask for the same file. */
typedef struct
{
  CnGraph *graph;
  char *path, *etag; /* where it comes from, and what changes when the file does */
} CnModel;

void cn_model_unref (CnModel *model); /* on any thread */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnModel, cn_model_unref)

/* The network in the file; NULL with an error of cn_onnx_read(). `*last`, which may be NULL, is the
   one that was read before: it is given again as long as it is the same file's, and else replaced.
   For each `last` on one thread at a time. */
CnModel *cn_model_read (const char *path, CnModel **last, GError **error);

/* The file NAME.onnx in the first of the folders, ended by NULL, that has it. NULL with
   CN_ERROR_ARGUMENT. */
char *cn_model_find (const char *name, const char *const *folders, GError **error);

/* The names of the networks in the folders, in the order of the user's language, NULL-terminated;
   to be freed with g_strfreev(). */
char **cn_model_names (const char *const *folders);
