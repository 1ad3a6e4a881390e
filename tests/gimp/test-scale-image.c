/* test-scale-image.c: what becomes of an image that is pooled or upscaled as a whole: its size, all
 * its layers, what locks them; and undo, of this and the other outputs.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/gimp/scene.h"
#include "tests/gimp/suites.h"

static const Resize pool = { .kind = "average" };
static const Resize upscale = { .method = "bicubic" };

/* GIMP interpolates the selection: its edges may be soft, by a pixel on each side. */
static void
assert_selection (GimpImage *image, int x, int y, int width, int height)
{
  gboolean some;
  int left, top, right, bottom;

  gimp_selection_bounds (image, &some, &left, &top, &right, &bottom);
  g_assert_true (some);
  g_assert_cmpint (ABS (left - x), <=, 1);
  g_assert_cmpint (ABS (top - y), <=, 1);
  g_assert_cmpint (ABS (right - x - width), <=, 1);
  g_assert_cmpint (ABS (bottom - y - height), <=, 1);
}

/* All layers are filtered as wholes, though one was chosen and part of it selected. */
static void
check_scaled (const Resize *resize, int up, int down)
{
  Scene s = scene_new (GIMP_PRECISION_U8_NON_LINEAR);
  Expected expected[SCENE_LAYERS];
  g_auto (Outcome) outcome = { 0 };
  GimpDrawable *mask = GIMP_DRAWABLE (gimp_layer_get_mask (GIMP_LAYER (s.layers[SCENE_MASKED])));

  for (int i = 0; i < SCENE_LAYERS; i++)
    expected[i] = resize_expect (resize, s.layers[i], NULL);
  gimp_image_select_rectangle (s.image, GIMP_CHANNEL_OP_REPLACE, 10, 20, 30, 16);
  outcome = resize_one (s.layers[SCENE_BELOW], resize);
  g_assert_true (harness_succeeded (&outcome, "scaled"));
  g_assert_cmpint (outcome.count, ==, SCENE_LAYERS);
  g_assert_true (outcome.image == s.image);
  scene_assert_size (s.image, 60 * up / down, 50 * up / down);
  scene_assert_place (s.layers[SCENE_BELOW], 0, 0, 60 * up / down, 50 * up / down);
  scene_assert_place (s.layers[SCENE_IN_GROUP], 30 * up / down, 20 * up / down, 21 * up / down,
                      14 * up / down);
  scene_assert_place (s.layers[SCENE_MASKED], -12 * up / down, 9 * up / down, 37 * up / down,
                      29 * up / down);
  scene_assert_place (mask, -12 * up / down, 9 * up / down, 37 * up / down, 29 * up / down);
  for (int i = 0; i < SCENE_LAYERS; i++)
    {
      resize_check (s.layers[i], &expected[i], resize, "scaled");
      expected_clear (&expected[i]);
    }
  assert_selection (s.image, 10 * up / down, 20 * up / down, 30 * up / down, 16 * up / down);
  g_assert_cmpint (harness_count_layers (s.image), ==, 3);
  g_assert_true (gimp_item_get_parent (GIMP_ITEM (s.layers[SCENE_IN_GROUP]))
                 == GIMP_ITEM (s.group));
  g_assert_null (gimp_image_get_channels (s.image)[0]);
  harness_assert_name (s.layers[SCENE_MASKED], "noise #2");
  gimp_image_delete (s.image);
}

static void
test_scaled (void)
{
  check_scaled (&pool, 1, 2);
  check_scaled (&upscale, 2, 1);
}

/* Every window's stride, and padding: the image has the size that an image of pixels would get. */
static void
test_scaled_unevenly (void)
{
  const Resize resize = { .width = 4, .height = 3, .stride_x = 3, .stride_y = 2, .padding = "1" };
  GimpImage *image = harness_image (GIMP_GRAY, GIMP_PRECISION_HALF_LINEAR);
  GimpLayer *layer = harness_layer (image, TRUE, 31, 22, 12, -9);
  g_auto (Expected) expected = resize_expect (&resize, GIMP_DRAWABLE (layer), NULL);
  g_auto (Outcome) outcome = resize_one (layer, &resize);

  g_assert_true (harness_succeeded (&outcome, "uneven"));
  scene_assert_size (image, (60 + 2 - 4) / 3 + 1, (50 + 2 - 3) / 2 + 1);
  scene_assert_place (layer, 4, -5, (31 + 2 - 4) / 3 + 1, (22 + 2 - 3) / 2 + 1);
  resize_check (GIMP_DRAWABLE (layer), &expected, &resize, "uneven");
  gimp_image_delete (image);
}

/* What lies one pixel apart on the one side of the corner lies as far apart on the other. */
static void
test_scaled_places (void)
{
  GimpImage *image = harness_image (GIMP_RGB, GIMP_PRECISION_U8_NON_LINEAR);
  GimpLayer *layers[5];
  g_auto (Outcome) outcome = { 0 };

  for (int i = 0; i < 5; i++)
    layers[i] = harness_layer (image, FALSE, 4, 4, i - 2, 2 - i);
  outcome = resize_one (layers[0], &pool);
  g_assert_true (harness_succeeded (&outcome, "places"));
  scene_assert_place (layers[0], -1, 1, 2, 2);
  scene_assert_place (layers[1], -1, 0, 2, 2);
  scene_assert_place (layers[2], 0, 0, 2, 2);
  scene_assert_place (layers[3], 0, -1, 2, 2);
  scene_assert_place (layers[4], 1, -1, 2, 2);
  gimp_image_delete (image);
}

/* The locks and switches that keep a brush off alpha, a colour or the place do not count when all
   of the image is scaled; they stay as they were. */
static void
test_scaled_switches (void)
{
  GimpImage *image = harness_image (GIMP_RGB, GIMP_PRECISION_U8_NON_LINEAR);
  GimpLayer *layer = harness_layer (image, TRUE, 37, 29, 5, 9);
  g_auto (Expected) expected = resize_expect (&pool, GIMP_DRAWABLE (layer), NULL);
  g_auto (Outcome) outcome = { 0 };

  gimp_layer_set_lock_alpha (layer, TRUE);
  gimp_item_set_lock_position (GIMP_ITEM (layer), TRUE);
  gimp_image_set_component_active (image, GIMP_CHANNEL_GREEN, FALSE);
  outcome = resize_one (layer, &pool);
  g_assert_true (harness_succeeded (&outcome, "switches"));
  resize_check (GIMP_DRAWABLE (layer), &expected, &pool, "switches");
  scene_assert_place (layer, 2, 4, 18, 14);
  g_assert_true (gimp_layer_get_lock_alpha (layer));
  g_assert_true (gimp_item_get_lock_position (GIMP_ITEM (layer)));
  g_assert_true (gimp_image_get_component_active (image, GIMP_CHANNEL_RED));
  g_assert_false (gimp_image_get_component_active (image, GIMP_CHANNEL_GREEN));
  gimp_image_delete (image);
}

/* A locked layer, or a group's, stands in the way, were it none of those that were chosen. */
static void
test_locked (void)
{
  Scene s = scene_new (GIMP_PRECISION_U8_NON_LINEAR);
  g_autoptr (GBytes) before = NULL, after = NULL;
  int depth;
  g_auto (Outcome) outcome = { 0 };

  gimp_item_set_lock_content (GIMP_ITEM (s.group), TRUE);
  before = resize_snapshot (s.image);
  depth = harness_undo_depth (s.image);
  outcome = resize_one (s.layers[SCENE_BELOW], &pool);
  g_assert_cmpint (outcome.status, ==, GIMP_PDB_EXECUTION_ERROR);
  g_assert_cmpstr (outcome.message, ==, "The pixels of “noise #1” are locked.");
  after = resize_snapshot (s.image);
  g_assert_true (g_bytes_equal (before, after));
  g_assert_cmpint (harness_undo_depth (s.image), ==, depth);
  gimp_image_delete (s.image);
}

/* One step takes back all that a call did, to the bit, and redo brings it again. */
static void
check_undo (const Resize *resize, gboolean select, const char *name)
{
  Scene s = scene_new (GIMP_PRECISION_FLOAT_NON_LINEAR);
  g_autoptr (GBytes) before = NULL, after = NULL, undone = NULL, redone = NULL;
  g_auto (Outcome) outcome = { 0 };
  int depth;

  if (select)
    {
      gimp_image_select_ellipse (s.image, GIMP_CHANNEL_OP_REPLACE, 4, 2, 40, 40);
      gimp_selection_feather (s.image, 6);
    }
  gimp_layer_set_lock_alpha (GIMP_LAYER (s.layers[SCENE_MASKED]), TRUE);
  gimp_item_set_lock_position (GIMP_ITEM (s.group), TRUE);
  before = resize_snapshot (s.image);
  depth = harness_undo_depth (s.image);
  outcome = resize_call (s.image, s.layers, resize);
  g_assert_true (harness_succeeded (&outcome, name));
  g_assert_cmpint (outcome.count, ==, SCENE_LAYERS);
  after = resize_snapshot (s.image);
  if (outcome.image != s.image)
    {
      g_assert_cmpint (harness_undo_depth (s.image), ==, depth);
      g_assert_true (g_bytes_equal (before, after));
      g_assert_cmpint (harness_undo_depth (outcome.image), ==, 0);
      g_assert_true (gimp_image_undo_is_enabled (outcome.image));
      gimp_image_delete (outcome.image);
      gimp_image_delete (s.image);
      return;
    }
  g_assert_false (g_bytes_equal (before, after));
  g_assert_cmpint (harness_undo_depth (s.image), ==, depth + 1);
  harness_undo (s.image);
  g_assert_cmpint (harness_undo_depth (s.image), ==, depth);
  undone = resize_snapshot (s.image);
  if (!g_bytes_equal (before, undone))
    harness_fail ("%s: undo does not bring the picture back", name);
  harness_redo (s.image);
  g_assert_cmpint (harness_undo_depth (s.image), ==, depth + 1);
  redone = resize_snapshot (s.image);
  if (!g_bytes_equal (after, redone))
    harness_fail ("%s: redo does not bring the result back", name);
  gimp_image_delete (s.image);
}

static void
test_undo (void)
{
  const Resize kept = { .width = 3, .height = 3, .stride_x = 1, .stride_y = 1, .padding = "same" };
  Resize resizes[] = { pool, upscale };

  check_undo (&kept, FALSE, "replaced");
  check_undo (&kept, TRUE, "replaced, selected");
  for (int i = 0; i < 2; i++)
    {
      check_undo (&resizes[i], FALSE, "scaled");
      check_undo (&resizes[i], TRUE, "scaled, with a selection");
      resizes[i].output = "new-layer";
      check_undo (&resizes[i], TRUE, "new layers");
      resizes[i].output = "new-image";
      check_undo (&resizes[i], FALSE, "new image");
    }
}

void
add_scale_image_tests (void)
{
  g_test_add_func ("/scale-image/all", test_scaled);
  g_test_add_func ("/scale-image/unevenly", test_scaled_unevenly);
  g_test_add_func ("/scale-image/places", test_scaled_places);
  g_test_add_func ("/scale-image/switches", test_scaled_switches);
  g_test_add_func ("/scale-image/locked", test_locked);
  g_test_add_func ("/scale-image/undo", test_undo);
}
