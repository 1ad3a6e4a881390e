/* test-resize.c: where pooled and upscaled layers go: new layers and images, what is selected, and
 * layers that keep their size.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/gimp/scene.h"
#include "tests/gimp/selection.h"
#include "tests/gimp/suites.h"

/* A selection that marks a kernel does not mark what is upscaled. */
static void
test_kernel_selection (void)
{
  GimpLayer *layer = harness_usual (FALSE);
  GimpImage *image = gimp_item_get_image (GIMP_ITEM (layer));
  GimpLayer *pattern = harness_layer (image, FALSE, 4, 4, 0, 0);
  g_autofree char *arguments =
      g_strdup_printf ("#:method \"kernel\" #:padding \"valid\" #:output \"new-layer\" "
                       "#:kernel-layer %d #:kernel-selection TRUE",
                       gimp_item_get_id (GIMP_ITEM (pattern)));
  g_autofree GimpLayer **layers = NULL;
  g_auto (Outcome) outcome = { 0 };

  gimp_image_select_rectangle (image, GIMP_CHANNEL_OP_REPLACE, 1, 1, 2, 1);
  outcome = harness_script ("upscale", layer, arguments);
  g_assert_true (harness_succeeded (&outcome, "kernel's selection"));
  layers = gimp_image_get_layers (image);
  scene_assert_place (layers[1], 5, 9, 36 * 2 + 2, 28 * 2 + 1);
  gimp_image_delete (image);
}

/* Locked pixels may be read. */
static void
test_new_layer (void)
{
  Scene s = scene_new (GIMP_PRECISION_U16_NON_LINEAR);
  GimpItem *source = GIMP_ITEM (s.layers[SCENE_IN_GROUP]);
  const Resize resizes[] = { { .kind = "min", .output = "new-layer" },
                             { .method = "mitchell", .factor = 3, .output = "new-layer" } };

  gimp_item_set_lock_content (source, TRUE);
  for (int i = 0; i < 2; i++)
    {
      g_auto (Expected) expected = resize_expect (&resizes[i], GIMP_DRAWABLE (source), NULL);
      g_auto (Outcome) outcome = resize_one (source, &resizes[i]);
      GimpDrawable *result = outcome.results ? outcome.results[0] : NULL;

      g_assert_true (harness_succeeded (&outcome, "new layer") && outcome.count == 1);
      g_assert_true (outcome.image == s.image && result != s.layers[SCENE_IN_GROUP]);
      scene_assert_place (result, 30, 20, i ? 63 : 10, i ? 42 : 7);
      harness_assert_name (result, i ? "noise #1, upscaled" : "noise #1, pooled");
      resize_check (result, &expected, &resizes[i], "new layer");
      g_assert_true (gimp_item_get_parent (GIMP_ITEM (result)) == GIMP_ITEM (s.group));
      g_assert_cmpint (gimp_image_get_item_position (s.image, GIMP_ITEM (result)), ==, i);
      g_assert_cmpint (gimp_image_get_item_position (s.image, source), ==, i + 1);
    }
  g_assert_cmpint (harness_count_layers (s.image), ==, 3);
  scene_assert_size (s.image, CANVAS_WIDTH, CANVAS_HEIGHT);
  gimp_image_delete (s.image);
}

/* A group's own pixels are its layers'. */
static void
test_group (void)
{
  const Resize resize = { .kind = "max", .output = "new-layer" };
  Scene s = scene_new (GIMP_PRECISION_U8_NON_LINEAR);
  g_auto (Expected) expected = resize_expect (&resize, GIMP_DRAWABLE (s.group), NULL);
  g_auto (Outcome) outcome = resize_one (s.group, &resize);

  g_assert_true (harness_succeeded (&outcome, "group"));
  resize_check (outcome.results[0], &expected, &resize, "group");
  scene_assert_place (outcome.results[0], 30, 20, 10, 7);
  harness_assert_name (outcome.results[0], "group, pooled");
  gimp_image_delete (s.image);
}

static void
check_new_image (GimpImageBaseType base, GimpPrecision precision, const Resize *resize)
{
  GimpImage *image = harness_image (base, precision);
  GimpColorProfile *profile = base == GIMP_GRAY ? gimp_color_profile_new_d50_gray_lab_trc ()
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
  g_assert_cmpint (harness_count_layers (outcome.image), ==, 2);
  if (resize->method)
    scene_assert_size (outcome.image, 160, 80);
  else
    scene_assert_size (outcome.image, 20, 10);
  for (int i = 0; i < outcome.count; i++)
    {
      g_auto (Expected) expected = resize_expect (resize, layers[i], NULL);

      g_assert_true (gimp_item_get_image (GIMP_ITEM (outcome.results[i])) == outcome.image);
      resize_check (outcome.results[i], &expected, resize, "new image");
      scene_assert_place (outcome.results[i], 0, 0, expected.width, expected.height);
      harness_assert_name (outcome.results[i], resize->method
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
      scene_assert_place (outcome.results[0], apart ? 0 : 10, apart ? 0 : 10, rows[i].width,
                          rows[i].height);
      resize_check (outcome.results[0], &expected, &rows[i].resize, "selection");
      if (apart)
        {
          scene_assert_size (outcome.image, rows[i].width, rows[i].height);
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
  scene_assert_size (image, CANVAS_WIDTH, CANVAS_HEIGHT);
  for (int i = 0; i < 2; i++)
    {
      g_autofree float *selected = selection_read (layers[i]);

      g_assert_true (outcome.results[i] == layers[i]);
      scene_assert_place (layers[i], -11, -6, 37, 29);
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

void
add_resize_tests (void)
{
  g_test_add_func ("/resize/kernel-selection", test_kernel_selection);
  g_test_add_func ("/resize/new-layer", test_new_layer);
  g_test_add_func ("/resize/group", test_group);
  g_test_add_func ("/resize/new-image", test_new_image);
  g_test_add_func ("/resize/selection", test_selection);
  g_test_add_func ("/resize/kept", test_kept);
}
