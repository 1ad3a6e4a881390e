/* test-resize.c: what becomes of the image when it is pooled or upscaled: its size, its layers, new
 * layers and images, the selection, undo.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "tests/gimp/resize.h"
#include "tests/gimp/selection.h"
#include "tests/gimp/suites.h"

static const Resize pool = { .kind = "average" };
static const Resize upscale = { .method = "bicubic" };

static void
assert_place (gpointer drawable, int x, int y, int width, int height)
{
  int found_x, found_y;

  gimp_drawable_get_offsets (drawable, &found_x, &found_y);
  g_assert_cmpint (found_x, ==, x);
  g_assert_cmpint (found_y, ==, y);
  g_assert_cmpint (gimp_drawable_get_width (drawable), ==, width);
  g_assert_cmpint (gimp_drawable_get_height (drawable), ==, height);
}

static void
assert_size (GimpImage *image, int width, int height)
{
  g_assert_cmpint (gimp_image_get_width (image), ==, width);
  g_assert_cmpint (gimp_image_get_height (image), ==, height);
}

static void
assert_name (gpointer item, const char *name)
{
  g_autofree char *found = gimp_item_get_name (item);

  g_assert_cmpstr (found, ==, name);
}

static int
count_layers (GimpImage *image)
{
  g_autofree GimpLayer **layers = gimp_image_get_layers (image);
  int count = 0;

  while (layers && layers[count])
    count++;
  return count;
}

/* Three layers: one with a mask that stands out of the canvas; one in a group; one below. */
enum
{
  BELOW,
  IN_GROUP,
  MASKED,
  LAYERS
};

typedef struct
{
  GimpImage *image;
  GimpDrawable *layers[LAYERS + 1];
  GimpLayer *group;
} Scene;

static Scene
make_scene (GimpPrecision precision)
{
  GimpImage *image = harness_image (GIMP_RGB, precision);
  Scene scene = { image,
                  { GIMP_DRAWABLE (harness_layer (image, FALSE, 60, 50, 0, 0)),
                    GIMP_DRAWABLE (harness_layer (image, TRUE, 21, 14, 30, 20)),
                    GIMP_DRAWABLE (harness_layer (image, TRUE, 37, 29, -12, 9)), NULL },
                  GIMP_LAYER (gimp_group_layer_new (image, "group")) };
  GimpLayer *masked = GIMP_LAYER (scene.layers[MASKED]);
  GimpLayerMask *mask = gimp_layer_create_mask (masked, GIMP_ADD_MASK_WHITE);

  gimp_image_insert_layer (image, scene.group, NULL, 1);
  gimp_image_reorder_item (image, GIMP_ITEM (scene.layers[IN_GROUP]), GIMP_ITEM (scene.group), 0);
  gimp_layer_add_mask (masked, mask);
  harness_noise (GIMP_DRAWABLE (mask));
  return scene;
}

static void
assert_selection (GimpImage *image, int x, int y, int width, int height)
{
  gboolean some;
  int left, top, right, bottom;

  gimp_selection_bounds (image, &some, &left, &top, &right, &bottom);
  g_assert_true (some);
  g_assert_cmpint (left, ==, x);
  g_assert_cmpint (top, ==, y);
  g_assert_cmpint (right - left, ==, width);
  g_assert_cmpint (bottom - top, ==, height);
}

/* All layers are filtered as wholes, though one was chosen and part of it selected. */
static void
check_scaled (const Resize *resize, int up, int down)
{
  Scene s = make_scene (GIMP_PRECISION_U8_NON_LINEAR);
  Expected expected[LAYERS];
  g_auto (Outcome) outcome = { 0 };
  GimpDrawable *mask = GIMP_DRAWABLE (gimp_layer_get_mask (GIMP_LAYER (s.layers[MASKED])));

  for (int i = 0; i < LAYERS; i++)
    expected[i] = resize_expect (resize, s.layers[i], NULL);
  gimp_image_select_rectangle (s.image, GIMP_CHANNEL_OP_REPLACE, 10, 20, 30, 16);
  outcome = resize_one (s.layers[BELOW], resize);
  g_assert_true (harness_succeeded (&outcome, "scaled"));
  g_assert_cmpint (outcome.count, ==, LAYERS);
  g_assert_true (outcome.image == s.image);
  assert_size (s.image, 60 * up / down, 50 * up / down);
  assert_place (s.layers[BELOW], 0, 0, 60 * up / down, 50 * up / down);
  assert_place (s.layers[IN_GROUP], 30 * up / down, 20 * up / down, 21 * up / down, 14 * up / down);
  assert_place (s.layers[MASKED], -12 * up / down, 9 * up / down, 37 * up / down, 29 * up / down);
  assert_place (mask, -12 * up / down, 9 * up / down, 37 * up / down, 29 * up / down);
  for (int i = 0; i < LAYERS; i++)
    {
      resize_check (s.layers[i], &expected[i], resize, "scaled");
      expected_clear (&expected[i]);
    }
  assert_selection (s.image, 10 * up / down, 20 * up / down, 30 * up / down, 16 * up / down);
  g_assert_cmpint (count_layers (s.image), ==, 3);
  g_assert_true (gimp_item_get_parent (GIMP_ITEM (s.layers[IN_GROUP])) == GIMP_ITEM (s.group));
  g_assert_null (gimp_image_get_channels (s.image)[0]);
  assert_name (s.layers[MASKED], "noise #2");
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
  assert_size (image, (60 + 2 - 4) / 3 + 1, (50 + 2 - 3) / 2 + 1);
  assert_place (layer, 12 * 20 / 60, -(9 * 25 / 50), (31 + 2 - 4) / 3 + 1, (22 + 2 - 3) / 2 + 1);
  resize_check (GIMP_DRAWABLE (layer), &expected, &resize, "uneven");
  gimp_image_delete (image);
}

/* A locked layer, or a group's, stands in the way, were it none of those that were chosen. */
static void
test_locked (void)
{
  Scene s = make_scene (GIMP_PRECISION_U8_NON_LINEAR);
  g_autoptr (GBytes) before = NULL, after = NULL;
  int depth;
  g_auto (Outcome) outcome = { 0 };

  gimp_item_set_lock_content (GIMP_ITEM (s.group), TRUE);
  before = resize_snapshot (s.image);
  depth = harness_undo_depth (s.image);
  outcome = resize_one (s.layers[BELOW], &pool);
  g_assert_cmpint (outcome.status, ==, GIMP_PDB_EXECUTION_ERROR);
  g_assert_cmpstr (outcome.message, ==, "The pixels of “noise #1” are locked.");
  after = resize_snapshot (s.image);
  g_assert_true (g_bytes_equal (before, after));
  g_assert_cmpint (harness_undo_depth (s.image), ==, depth);
  gimp_image_delete (s.image);
}

/* Locked pixels may be read. */
static void
test_new_layer (void)
{
  Scene s = make_scene (GIMP_PRECISION_U16_NON_LINEAR);
  GimpItem *source = GIMP_ITEM (s.layers[IN_GROUP]);
  const Resize resizes[] = { { .kind = "min", .output = "new-layer" },
                             { .method = "mitchell", .factor = 3, .output = "new-layer" } };

  gimp_item_set_lock_content (source, TRUE);
  for (int i = 0; i < 2; i++)
    {
      g_auto (Expected) expected = resize_expect (&resizes[i], GIMP_DRAWABLE (source), NULL);
      g_auto (Outcome) outcome = resize_one (source, &resizes[i]);
      GimpDrawable *result = outcome.results ? outcome.results[0] : NULL;

      g_assert_true (harness_succeeded (&outcome, "new layer") && outcome.count == 1);
      g_assert_true (outcome.image == s.image && result != s.layers[IN_GROUP]);
      assert_place (result, 30, 20, i ? 63 : 10, i ? 42 : 7);
      assert_name (result, i ? "noise #1, upscaled" : "noise #1, pooled");
      resize_check (result, &expected, &resizes[i], "new layer");
      g_assert_true (gimp_item_get_parent (GIMP_ITEM (result)) == GIMP_ITEM (s.group));
      g_assert_cmpint (gimp_image_get_item_position (s.image, GIMP_ITEM (result)), ==, 0);
      g_assert_cmpint (gimp_image_get_item_position (s.image, source), ==, i + 1);
    }
  g_assert_cmpint (count_layers (s.image), ==, 3);
  assert_size (s.image, CANVAS_WIDTH, CANVAS_HEIGHT);
  gimp_image_delete (s.image);
}

/* A group's own pixels are its layers'. */
static void
test_group (void)
{
  const Resize resize = { .kind = "max", .output = "new-layer" };
  Scene s = make_scene (GIMP_PRECISION_U8_NON_LINEAR);
  g_auto (Expected) expected = resize_expect (&resize, GIMP_DRAWABLE (s.group), NULL);
  g_auto (Outcome) outcome = resize_one (s.group, &resize);

  g_assert_true (harness_succeeded (&outcome, "group"));
  resize_check (outcome.results[0], &expected, &resize, "group");
  assert_place (outcome.results[0], 30, 20, 10, 7);
  assert_name (outcome.results[0], "group, pooled");
  gimp_image_delete (s.image);
}

static void
check_new_image (GimpImageBaseType base, GimpPrecision precision, const Resize *resize)
{
  GimpImage *image = harness_image (base, precision);
  GimpColorProfile *profile = base == GIMP_GRAY ? gimp_color_profile_new_d65_gray_linear ()
                                                : gimp_color_profile_new_rgb_adobe ();
  GimpColorProfile *copied;
  GimpDrawable *layers[3] = { NULL };
  g_autoptr (GBytes) before = NULL, after = NULL;
  g_auto (Outcome) outcome = { 0 };
  double x, y;

  g_assert_true (gimp_image_set_color_profile (image, profile));
  layers[0] = GIMP_DRAWABLE (harness_layer (image, TRUE, 32, 20, -5, 8));
  layers[1] = GIMP_DRAWABLE (harness_layer (image, FALSE, 40, 10, 7, 2));
  gimp_image_set_resolution (image, 123, 234);
  before = resize_snapshot (image);
  outcome = resize_call (image, layers, resize);
  g_assert_true (harness_succeeded (&outcome, "new image"));
  after = resize_snapshot (image);
  g_assert_true (g_bytes_equal (before, after));
  g_assert_true (outcome.image && outcome.image != image);
  g_assert_cmpint (gimp_image_get_base_type (outcome.image), ==, base);
  g_assert_cmpint (gimp_image_get_precision (outcome.image), ==, precision);
  gimp_image_get_resolution (outcome.image, &x, &y);
  g_assert_true (x == 123 && y == 234);
  copied = gimp_image_get_color_profile (outcome.image);
  g_assert_true (copied && gimp_color_profile_is_equal (profile, copied));
  g_object_unref (copied);
  g_object_unref (profile);
  g_assert_cmpint (count_layers (outcome.image), ==, 2);
  if (resize->method)
    assert_size (outcome.image, 160, 80);
  else
    assert_size (outcome.image, 20, 10);
  for (int i = 0; i < outcome.count; i++)
    {
      g_auto (Expected) expected = resize_expect (resize, layers[i], NULL);

      g_assert_true (gimp_item_get_image (GIMP_ITEM (outcome.results[i])) == outcome.image);
      resize_check (outcome.results[i], &expected, resize, "new image");
      assert_place (outcome.results[i], 0, 0, expected.width, expected.height);
      assert_name (outcome.results[i], resize->method
                                           ? (i ? "noise #1, upscaled" : "noise, upscaled")
                                           : (i ? "noise #1, pooled" : "noise, pooled"));
    }
  gimp_image_delete (outcome.image);
  gimp_image_delete (image);
}

static void
test_new_image (void)
{
  check_new_image (GIMP_RGB, GIMP_PRECISION_U8_NON_LINEAR, &(Resize){ .output = "new-image" });
  check_new_image (
      GIMP_GRAY, GIMP_PRECISION_FLOAT_LINEAR,
      &(Resize){ .method = "lanczos2", .factor = 4, .encoding = "linear", .output = "new-image" });
}

/* A new layer or image holds what is selected, as if the layer were cropped to it before; and lies
   where that lay. */
static void
test_selection (void)
{
  static const struct
  {
    Resize resize;
    int width, height;
  } rows[] = {
    { { .kind = "average", .output = "new-layer" }, 10, 8 },
    { { .width = 3, .height = 3, .padding = "1", .border = "reflect", .output = "new-image" },
      7,
      6 },
    { { .method = "bicubic", .output = "new-layer" }, 40, 32 },
    { { .method = "kernel", .kernel = &kernel_uneven, .padding = "valid", .output = "new-image" },
      42,
      32 },
  };
  const int part[] = { 5, 1, 20, 16 };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      GimpLayer *layer = harness_usual (TRUE); /* at (5, 9), 37×29 */
      GimpImage *image = gimp_item_get_image (GIMP_ITEM (layer));
      g_auto (Expected) expected = resize_expect (&rows[i].resize, GIMP_DRAWABLE (layer), part);
      g_auto (Outcome) outcome = { 0 };
      gboolean apart;

      gimp_image_select_rectangle (image, GIMP_CHANNEL_OP_REPLACE, 10, 10, 20, 16);
      outcome = resize_one (layer, &rows[i].resize);
      g_assert_true (harness_succeeded (&outcome, "selection"));
      apart = outcome.image != image;
      assert_place (outcome.results[0], apart ? 0 : 10, apart ? 0 : 10, rows[i].width,
                    rows[i].height);
      resize_check (outcome.results[0], &expected, &rows[i].resize, "selection");
      if (apart)
        {
          assert_size (outcome.image, rows[i].width, rows[i].height);
          gimp_image_delete (outcome.image);
        }
      gimp_image_delete (image);
    }
}

/* A result of the layer's size replaces it, through the selection; other layers and the image stay.
   The rectangle of a selection on one of the layers lies outside of the other. */
static void
check_kept (const Resize *resize, gboolean feather, const char *name)
{
  GimpImage *image = harness_image (GIMP_RGB, GIMP_PRECISION_U8_NON_LINEAR);
  GimpDrawable *layers[] = { GIMP_DRAWABLE (harness_layer (image, FALSE, 37, 29, -11, -6)),
                             GIMP_DRAWABLE (harness_layer (image, TRUE, 37, 29, -11, -6)),
                             GIMP_DRAWABLE (harness_layer (image, TRUE, 37, 29, -11, -6)) };
  GimpDrawable *both[] = { layers[0], layers[1], NULL };
  GBytes *before[3];
  g_autoptr (GBytes) other = NULL;
  Expected expected[2];
  GimpDrawable *twins[2];
  g_auto (Outcome) outcome = { 0 };

  for (int i = 0; i < 3; i++)
    before[i] = harness_bytes (layers[i]);
  for (int i = 0; i < 2; i++)
    {
      expected[i] = resize_expect (resize, layers[i], NULL);
      twins[i] = GIMP_DRAWABLE (gimp_layer_copy (GIMP_LAYER (layers[i])));
      gimp_image_insert_layer (image, GIMP_LAYER (twins[i]), NULL, 0);
    }
  if (feather)
    {
      gimp_image_select_ellipse (image, GIMP_CHANNEL_OP_REPLACE, 4, 2, 26, 22);
      gimp_selection_feather (image, 6);
    }
  outcome = resize_call (image, both, resize);
  g_assert_true (harness_succeeded (&outcome, name));
  g_assert_cmpint (outcome.count, ==, 2);
  assert_size (image, CANVAS_WIDTH, CANVAS_HEIGHT);
  for (int i = 0; i < 2; i++)
    {
      g_autofree float *selected = selection_read (layers[i]);

      g_assert_true (outcome.results[i] == layers[i]);
      assert_place (layers[i], -11, -6, 37, 29);
      if (feather)
        {
          selection_check_rest (layers[i], selected, before[i], name);
          selection_check_blend (layers[i], twins[i], &expected[i], name);
        }
      else
        resize_check (layers[i], &expected[i], resize, name);
      expected_clear (&expected[i]);
    }
  other = harness_bytes (layers[2]);
  g_assert_true (g_bytes_equal (other, before[2]));
  for (int i = 0; i < 3; i++)
    g_bytes_unref (before[i]);
  gimp_image_delete (image);
}

static void
test_kept (void)
{
  const Resize dilation = {
    .width = 3, .height = 5, .stride_x = 1, .stride_y = 1, .padding = "same"
  };
  const Resize blur = { .kind = "average",
                        .width = 4,
                        .height = 3,
                        .stride_x = 1,
                        .stride_y = 1,
                        .padding = "same",
                        .border = "reflect" };
  const Resize kernel = { .method = "kernel", .kernel = &kernel_binomial, .stride = 1 };

  check_kept (&dilation, FALSE, "u8, dilation");
  check_kept (&dilation, TRUE, "u8, feathered dilation");
  check_kept (&blur, TRUE, "u8, feathered blur");
  check_kept (&kernel, TRUE, "u8, feathered kernel");
}

/* One step takes back all that a call did, to the bit, and redo brings it again. */
static void
check_undo (const Resize *resize, gboolean select, const char *name)
{
  Scene s = make_scene (GIMP_PRECISION_FLOAT_NON_LINEAR);
  g_autoptr (GBytes) before = NULL, after = NULL, undone = NULL, redone = NULL;
  g_auto (Outcome) outcome = { 0 };
  int depth;

  if (select)
    {
      gimp_image_select_ellipse (s.image, GIMP_CHANNEL_OP_REPLACE, 4, 2, 40, 40);
      gimp_selection_feather (s.image, 6);
    }
  before = resize_snapshot (s.image);
  depth = harness_undo_depth (s.image);
  outcome = resize_call (s.image, s.layers, resize);
  g_assert_true (harness_succeeded (&outcome, name));
  g_assert_cmpint (outcome.count, ==, LAYERS);
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
add_resize_tests (void)
{
  g_test_add_func ("/resize/scaled", test_scaled);
  g_test_add_func ("/resize/scaled-unevenly", test_scaled_unevenly);
  g_test_add_func ("/resize/locked", test_locked);
  g_test_add_func ("/resize/new-layer", test_new_layer);
  g_test_add_func ("/resize/group", test_group);
  g_test_add_func ("/resize/new-image", test_new_image);
  g_test_add_func ("/resize/selection", test_selection);
  g_test_add_func ("/resize/kept", test_kept);
  g_test_add_func ("/resize/undo", test_undo);
}
