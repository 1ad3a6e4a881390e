/* test-undo.c: one undo step takes back all that a call did, to the bit, and redo brings it again.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/gimp/harness.h"
#include "tests/gimp/suites.h"

#define LAYERS 3

/* The bytes of some drawables. */
static void
take (GimpDrawable **drawables, GBytes **bytes)
{
  for (int i = 0; i < LAYERS; i++)
    bytes[i] = harness_bytes (drawables[i]);
}

static void
release (GBytes **bytes)
{
  for (int i = 0; i < LAYERS; i++)
    g_bytes_unref (bytes[i]);
}

static void
assert_holds (GimpDrawable **drawables, GBytes **bytes, gboolean same)
{
  for (int i = 0; i < LAYERS; i++)
    {
      g_autoptr (GBytes) now = harness_bytes (drawables[i]);

      g_assert_true (g_bytes_equal (now, bytes[i]) == same);
    }
}

/* Several layers, replaced: their pixels before, after, after undo and after redo. */
static void
check_replaced (GimpPrecision precision, gboolean select)
{
  GimpImage *image = harness_image (GIMP_RGB, precision);
  GimpDrawable *layers[LAYERS + 1] = { NULL };
  GBytes *before[LAYERS], *after[LAYERS];
  const Filter filter = { .kernel = &kernel_uneven };
  g_auto (Outcome) outcome = { 0 };
  int depth;

  for (int i = 0; i < LAYERS; i++)
    layers[i] = GIMP_DRAWABLE (harness_layer (image, i & 1, 30 + i, 22, i - 4, 3));
  if (select)
    {
      gimp_image_select_ellipse (image, GIMP_CHANNEL_OP_REPLACE, 2, 2, 30, 30);
      gimp_selection_feather (image, 8);
    }
  take (layers, before);
  depth = harness_undo_depth (image);
  outcome = harness_call (image, layers, &filter);
  g_assert_true (harness_succeeded (&outcome, "undo"));
  take (layers, after);
  assert_holds (layers, before, FALSE);
  g_assert_cmpint (harness_undo_depth (image), ==, depth + 1);

  harness_undo (image);
  g_assert_cmpint (harness_undo_depth (image), ==, depth);
  assert_holds (layers, before, TRUE);
  harness_redo (image);
  g_assert_cmpint (harness_undo_depth (image), ==, depth + 1);
  assert_holds (layers, after, TRUE);
  release (before);
  release (after);
  gimp_image_delete (image);
}

static void
test_replaced (void)
{
  check_replaced (GIMP_PRECISION_U8_NON_LINEAR, FALSE);
  check_replaced (GIMP_PRECISION_FLOAT_LINEAR, FALSE);
}

static void
test_selected (void)
{
  check_replaced (GIMP_PRECISION_U16_LINEAR, TRUE);
}

/* Several new layers over several sources are one step. */
static void
test_new_layers (void)
{
  GimpImage *image = harness_image (GIMP_GRAY, GIMP_PRECISION_HALF_LINEAR);
  GimpDrawable *layers[LAYERS + 1] = { NULL };
  GBytes *before[LAYERS];
  const Filter filter = { .kernel = &kernel_filters, .divisor = 21 };
  g_auto (Outcome) outcome = { 0 };
  int depth;

  for (int i = 0; i < LAYERS; i++)
    layers[i] = GIMP_DRAWABLE (harness_layer (image, i & 1, 20, 22 + i, i, -3));
  take (layers, before);
  depth = harness_undo_depth (image);
  outcome = harness_call (image, layers, &filter);
  g_assert_true (harness_succeeded (&outcome, "new layers"));
  g_assert_cmpint (outcome.count, ==, 3 * LAYERS);
  g_assert_cmpint (harness_undo_depth (image), ==, depth + 1);
  assert_holds (layers, before, TRUE);

  harness_undo (image);
  g_assert_cmpint (harness_undo_depth (image), ==, depth);
  for (int i = 0; i < LAYERS; i++)
    g_assert_cmpint (gimp_image_get_item_position (image, GIMP_ITEM (layers[i])), ==,
                     LAYERS - 1 - i);
  assert_holds (layers, before, TRUE);
  harness_redo (image);
  g_assert_cmpint (gimp_image_get_item_position (image, GIMP_ITEM (layers[0])), ==, 4 * LAYERS - 1);
  release (before);
  gimp_image_delete (image);
}

/* A new image leaves no step in the old one, and has none itself. */
static void
test_new_image (void)
{
  GimpLayer *layer = harness_usual (TRUE);
  GimpImage *image = gimp_item_get_image (GIMP_ITEM (layer));
  const Filter filter = { .kernel = &kernel_box, .output = "new-image" };
  int depth = harness_undo_depth (image);
  g_auto (Outcome) outcome = harness_filter (layer, &filter);

  g_assert_true (harness_succeeded (&outcome, "new image"));
  g_assert_cmpint (harness_undo_depth (image), ==, depth);
  if (outcome.image)
    {
      g_assert_cmpint (harness_undo_depth (outcome.image), ==, 0);
      g_assert_true (gimp_image_undo_is_enabled (outcome.image));
      gimp_image_delete (outcome.image);
    }
  gimp_image_delete (image);
}

void
add_undo_tests (void)
{
  g_test_add_func ("/undo/replaced", test_replaced);
  g_test_add_func ("/undo/selected", test_selected);
  g_test_add_func ("/undo/new-layers", test_new_layers);
  g_test_add_func ("/undo/new-image", test_new_image);
}
