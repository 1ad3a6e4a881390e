/* harness.h: runs a version of the correlation of rows between guard zones, and checks it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/primitives/primitives.h"

typedef void (*Correlate) (const CnCorrelation *correlation);

/* What the samples are made of. */
typedef enum
{
  SAMPLES_FINITE,
  SAMPLES_NOT_FINITE, /* a few NaN, infinities and zeros among them */
  SAMPLES_DENORMAL,
  SAMPLES_KINDS
} Samples;

/* A correlation with its memory, drawn with GLib's seeded generator. The source ends with the last
   float that may be read, and all of it that may not be is NaN. */
typedef struct
{
  CnCorrelation c;
  Samples samples;
  int source_shift, result_shift; /* floats from the start of the allocations */
  gsize source_floats, result_floats;
  float *source, *start, *result, *weights; /* `start`: the result's memory before the call */
  gsize *offsets;
} Setup;

Setup *setup_new (int kh, int kw, int rows, int n, Samples samples);
void setup_free (Setup *setup);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Setup, setup_free)

/* Runs the primitive, and counts what is wrong: samples that are off, and floats outside of the
   rows that were written; the first of them, with all parameters, in `message`. Samples must have
   the bits of the sum in the order that primitives.h promises, rounded once a term with `fma` and
   twice without, and be within the bound of conv2d.h from the sum in double. */
int setup_mismatches (const Setup *setup, Correlate correlate, gboolean fma, char **message);
