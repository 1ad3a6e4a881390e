/* kernels.h: calls of the procedure with the arguments that choose a kernel, for the tests of
 * those. SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "tests/gimp/harness.h"

/* The arguments; 0 and NULL stand for the defaults. */
typedef struct
{
  const char *kernel;
  int size;
  double angle, sigma;
  const char *file; /* a path, or an address with “://” */
  gpointer layer;   /* a drawable */
  gboolean selection, zero_mean, unit_norm;
  const char *channels, *response, *encoding, *output;
  double bias;
} KernelCall;

/* Calls the procedure on one drawable. */
Outcome kernels_call (gpointer drawable, const KernelCall *call);

/* A layer of floats in an image of its own: height × width × channels of `values`, alpha last. */
GimpLayer *kernels_layer (GimpImageBaseType base, gboolean alpha, int width, int height,
                          const float *values);

/* A new folder; removes one with the files in it; fails unless the folder has so many files. */
char *kernels_folder (void);
void kernels_remove (const char *folder);
void kernels_check_folder (const char *folder, guint files);
