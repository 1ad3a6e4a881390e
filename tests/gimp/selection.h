/* selection.h: what a selection leaves of a result.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "tests/gimp/harness.h"

/* How much of each of the drawable's pixels is selected, 0 … 1; outside of the image nothing is. */
float *selection_read (GimpDrawable *drawable);

/* Fails the test if a pixel that is not selected differs from what it was. */
void selection_check_rest (GimpDrawable *drawable, const float *selected, GBytes *before,
                           const char *name);

/* Fails the test unless the drawable is what GIMP itself makes of its copy `twin` when it blends
   the whole result in, through the feathered selection; `name` begins with the precision's. */
void selection_check_blend (GimpDrawable *drawable, GimpDrawable *twin, const Expected *whole,
                            const char *name);
