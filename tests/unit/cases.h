/* cases.h: random convolutions, run by the engine and compared with the oracle.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/ops/conv2d.h"
#include "tests/unit/oracle.h"

/* One convolution with all that it needs. Everything is drawn with GLib's seeded generator: the
   seed is in the test's output, and --seed repeats it. */
typedef struct
{
  CnConv2dOptions options; /* without zeros */
  CnLayout layout;
  CnRun run;
  int n, height, width;
  int out_height, out_width; /* by the oracle's count */
  float *weights, *bias;     /* bias may be NULL */
  CnTensor *input;
} Case;

/* What kind of kernel to draw. */
typedef enum
{
  CASE_ANY,
  CASE_RANK_ONE, /* depthwise, every kernel a product of a column and a row */
  CASE_NETWORK,  /* up to 40 channels on both sides, small kernels, every tap */
} CaseKind;

/* A case of some `terms` multiplications at most. */
Case *case_random (CaseKind kind, int terms);
void case_free (Case *c);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Case, case_free)

/* The case's parameters as a line for a message. */
char *case_describe (const Case *c);

/* Picture `index` of a tensor, as the oracle takes it. */
OracleImage case_picture (const CnTensor *tensor, int index);

/* Runs the engine, with the case's weights or with others; any error fails the test. */
CnTensor *case_run (const Case *c, const float *weights);

/* What the oracle says of picture `index` of the batch, and how far from it the engine may be
   (derived in cases.c): out_channels × out_height × out_width of each. */
void case_expect (const Case *c, int index, double *expected, double *tolerance);

/* Number of samples of `output` that are not so; the first one in `message`, with the case's
 * parameters. */
int case_mismatches (const Case *c, const CnTensor *output, char **message);

/* Number of samples whose bits are not the same. */
int case_differences (const CnTensor *a, const CnTensor *b);

/* Fails the test if another run changes a bit of what one thread makes with tiles of the engine's
   choice. */
void case_assert_same_in (Case *c, const CnRun *run);

/* `n` random floats of [−1, 1). */
float *random_floats (gsize n);
