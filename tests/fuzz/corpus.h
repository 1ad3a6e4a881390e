/* corpus.h: small networks of every family of operators, for fuzzing to begin with.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

typedef struct
{
  const char *name;
  GBytes *bytes; /* an ONNX file */
} CorpusEntry;

/* All of them, to be freed. */
GPtrArray *corpus_new (void);
