/* pooling.h: random poolings, run by the engine and compared with the oracle.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/ops/pool.h"

/* A pooling with its input. */
typedef struct
{
  CnPoolOptions options;
  CnTensor *input;
  CnRun run;
} Pooling;

Pooling *pooling_random (void);
void pooling_free (Pooling *c);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pooling, pooling_free)

/* Its parameters as a line for a message. */
char *pooling_describe (const Pooling *c);

/* Runs the engine; any error fails the test. `indices` may be NULL. */
CnTensor *pooling_run (const Pooling *c, const CnRun *run, gint64 **indices);

/* Samples and indices (may be NULL) that are wrong; the first of them in the log if `tell`. */
int pooling_mismatches (const Pooling *c, const CnTensor *output, const gint64 *indices,
                        gboolean tell);
