/* transposed.h: random transposed convolutions, run by the engine and compared with the oracle.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/ops/conv-transpose.h"

/* A transposed convolution with its input and weights. */
typedef struct
{
  CnConvTransposeOptions options;
  CnTensor *input;
  float *weights, *bias;
  CnRun run;
} Transposed;

/* Of any options; of many channels with small kernels. */
Transposed *transposed_random (void);
Transposed *transposed_random_maps (void);
void transposed_free (Transposed *c);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Transposed, transposed_free)

/* Its parameters as a line for a message. */
char *transposed_describe (const Transposed *c);

/* Runs the engine; any error fails the test. */
CnTensor *transposed_run (const Transposed *c, const CnRun *run);

/* Samples that are wrong; the first of them in the log if `tell`. */
int transposed_mismatches (const Transposed *c, const CnTensor *output, gboolean tell);
