/* harness.h: pictures for the tests, calls of the procedure, and comparison with what is expected.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libgimp/gimp.h>

#include "tests/gimp/expect.h"

/* Every test's image has this size, and layers that stand out of it. */
#define CANVAS_WIDTH 60
#define CANVAS_HEIGHT 50

/* An image without layers, and a layer of noise on top of its stack: with transparent and opaque
   areas where there is alpha, and with values outside of 0 … 1 where they can be held. */
GimpImage *harness_image (GimpImageBaseType base, GimpPrecision precision);
GimpLayer *harness_layer (GimpImage *image, gboolean alpha, int width, int height, int x, int y);
void harness_noise (GimpDrawable *drawable);

/* An image of 8-bit RGB with one layer of 37×29 pixels, and that layer. */
GimpLayer *harness_usual (gboolean alpha);

/* A drawable's pixels as floats of its colour space, on its tone curve or in linear light; and as
   they are stored. */
Picture harness_read (GimpDrawable *drawable, gboolean linear);
GBytes *harness_bytes (GimpDrawable *drawable);

/* How many layers an image has, those in groups left out; and that an item has a name. */
int harness_count_layers (GimpImage *image);
void harness_assert_name (gpointer item, const char *name);

/* Undo, redo, and the number of steps that can be undone; see undo-probe.c. */
void harness_undo (GimpImage *image);
void harness_redo (GimpImage *image);
int harness_undo_depth (GimpImage *image);

/* What a call of the procedure gave. */
typedef struct
{
  GimpPDBStatusType status;
  char *message;
  GimpDrawable **results; /* NULL-terminated */
  int count;
  GimpImage *image;
} Outcome;

void outcome_clear (Outcome *outcome);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Outcome, outcome_clear)

/* A procedure's arguments, as yet the defaults, for drawables of an image; and its call, which
   takes them over. */
GimpProcedureConfig *harness_config (const char *procedure, GimpImage *image,
                                     GimpDrawable **drawables);
Outcome harness_run (GimpProcedureConfig *config);

/* Calls plug-in-convnet-convolve on drawables of an image, or on one drawable of its own image. */
Outcome harness_call (GimpImage *image, GimpDrawable **drawables, const Filter *filter);
Outcome harness_filter (gpointer drawable, const Filter *filter);

/* Calls plug-in-convnet-STEM on a drawable by Script-Fu, with `arguments` after the image and the
   drawable. */
Outcome harness_script (const char *stem, gpointer drawable, const char *arguments);

/* Fails the test with a message; it goes on, and may fail more than once. */
void harness_fail (const char *format, ...) G_GNUC_PRINTF (1, 2);

/* Fails the test, with the message, if the call did. */
gboolean harness_succeeded (const Outcome *outcome, const char *name);

/* Whether a drawable holds integers, and in linear light. */
gboolean harness_is_integer (GimpDrawable *drawable);
gboolean harness_is_linear (GimpDrawable *drawable);

/* Whether two drawables of one image hold the same bits, but for what babl's conversions between
   tone curves are off: each process takes those that it has found to be the fastest. In linear
   light all samples come by one; on the tone curve a few integers are rounded to the next step. */
gboolean harness_same (GimpDrawable *drawable, GimpDrawable *other);

/* What the filter, with its encoding, must make of a drawable; `part`: see expect(). */
Expected harness_expect (const Filter *filter, int number, GimpDrawable *drawable,
                         const int part[4]);

/* Compares the expected pixels with those of a drawable, in the drawable's own tone curve. The
   expected ones are `encoding`'s; those in the rectangle (x, y, width, height) of them are compared
   with those at (to_x, to_y) of the drawable. The number of mismatches; the first is described. */
int harness_compare (GimpDrawable *drawable, const Expected *expected, const char *encoding, int x,
                     int y, int width, int height, int to_x, int to_y, char **first);

/* Fails the test unless the whole drawable is what is expected. */
void harness_check (GimpDrawable *drawable, const Expected *expected, const Filter *filter,
                    const char *name);
