/* test-effect.c: what GIMP's core computes with our operation has the bits of what the plug-in
 * writes through the pipe; effects stay on the layer, are saved with it, and can be merged.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "tests/gimp/resize.h"
#include "tests/gimp/suites.h"

static const Filter filters[] = {
  { .kernel = &kernel_uneven, .border = "wrap" },
  { .kernel = &kernel_sobel, .divisor = 4, .response = "offset", .encoding = "linear" },
  { .kernel = &kernel_binomial,
    .divisor = 7,
    .bias = -0.125,
    .border = "reflect",
    .dilation = 2,
    .flip = TRUE,
    .activation = "tanh" },
  { .kernel = &kernel_laplacian, .response = "stretch", .border = "zero" },
  { .kernel = &kernel_box, .channels = "luminance", .alpha = "filter", .divisor = 9 },
};

/* Calls the procedure; the drawable with the result. */
static gpointer
call (GimpImage *image, GimpLayer *layer, const Filter *filter)
{
  GimpDrawable *drawables[] = { GIMP_DRAWABLE (layer), NULL };
  g_auto (Outcome) outcome = { 0 };

  outcome = harness_call (image, drawables, filter);
  g_assert_true (harness_succeeded (&outcome, "effect"));
  return outcome.results[0];
}

static int
effects (GimpLayer *layer)
{
  g_autofree GimpDrawableFilter **list = gimp_drawable_get_filters (GIMP_DRAWABLE (layer));
  int count = 0;

  while (list && list[count])
    count++;
  return count;
}

static void
assert_same (GimpLayer *layer, GimpLayer *other, const char *name)
{
  if (!harness_same (GIMP_DRAWABLE (layer), GIMP_DRAWABLE (other)))
    harness_fail ("%s: the bits of the layers differ", name);
}

static void
check_precision (GimpPrecision precision, gboolean alpha, guint step)
{
  GimpImage *image = harness_image (alpha ? GIMP_RGB : GIMP_GRAY, precision);

  for (guint i = 0; i < G_N_ELEMENTS (filters); i += step)
    {
      GimpLayer *core = harness_layer (image, alpha, 37, 29, 5, 9);
      GimpLayer *effect = harness_layer (image, alpha, 37, 29, 0, 0);
      g_autoptr (GBytes) before = harness_bytes (GIMP_DRAWABLE (effect)), after = NULL;
      g_autofree char *name = g_strdup_printf ("precision %d, filter %u", precision, i);
      Filter kept = filters[i], piped = filters[i];
      GimpLayer *pipe;
      int depth;

      kept.effect = TRUE;
      piped.output = "new-layer";
      pipe = call (image, core, &piped);
      depth = harness_undo_depth (image);
      call (image, core, &filters[i]);
      g_assert_cmpint (harness_undo_depth (image), ==, depth + 1);
      g_assert_cmpint (effects (core), ==, 0);
      assert_same (core, pipe, name);

      call (image, effect, &kept);
      after = harness_bytes (GIMP_DRAWABLE (effect));
      g_assert_cmpint (effects (effect), ==, 1);
      g_assert_true (g_bytes_equal (before, after));
      gimp_drawable_merge_filters (GIMP_DRAWABLE (effect));
      g_assert_cmpint (effects (effect), ==, 0);
      assert_same (effect, pipe, name);
    }
  gimp_image_delete (image);
}

static void
test_bits (void)
{
  check_precision (GIMP_PRECISION_U8_NON_LINEAR, TRUE, 1);
  check_precision (GIMP_PRECISION_U16_LINEAR, FALSE, 3);
  check_precision (GIMP_PRECISION_FLOAT_NON_LINEAR, TRUE, 3);
  check_precision (GIMP_PRECISION_FLOAT_LINEAR, FALSE, 3);
}

/* Pooling that keeps the size: in the core and as an effect the bits of the pipe. */
static void
test_pool (void)
{
  static const Resize windows[] = {
    { .kind = "max", .padding = "same" },
    { .kind = "average", .padding = "2", .border = "reflect" },
    { .kind = "l2", .padding = "same", .border = "wrap", .encoding = "linear" },
    { .kind = "min", .padding = "2", .border = "zero" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (windows); i++)
    {
      GimpImage *image = harness_image (GIMP_RGB, i % 2 ? GIMP_PRECISION_FLOAT_LINEAR
                                                        : GIMP_PRECISION_U8_NON_LINEAR);
      g_autofree char *name = g_strdup_printf ("pooling %u", i);
      Resize resize = windows[i];
      GimpLayer *results[3];

      resize.width = resize.height = 5;
      resize.stride_x = resize.stride_y = 1;
      for (int way = 0; way < 3; way++)
        {
          GimpLayer *layer = harness_layer (image, TRUE, 37, 29, 5, 9);
          int depth = harness_undo_depth (image);
          g_auto (Outcome) outcome = { 0 };

          resize.output = way == 0 ? "new-layer" : "scale-image";
          resize.effect = way == 2;
          outcome = resize_one (layer, &resize);
          g_assert_true (harness_succeeded (&outcome, name));
          g_assert_cmpint (harness_undo_depth (image), ==, depth + 1);
          results[way] = GIMP_LAYER (outcome.results[0]);
        }
      assert_same (results[1], results[0], name);
      g_assert_cmpint (effects (results[1]), ==, 0);
      g_assert_cmpint (effects (results[2]), ==, 1);
      gimp_drawable_merge_filters (GIMP_DRAWABLE (results[2]));
      assert_same (results[2], results[0], name);
      gimp_image_delete (image);
    }
}

/* An effect comes as one step, and goes with it. */
static void
test_undo (void)
{
  GimpLayer *layer = harness_usual (TRUE);
  GimpImage *image = gimp_item_get_image (GIMP_ITEM (layer));
  const Filter filter = { .kernel = &kernel_box, .divisor = 9, .effect = TRUE };
  int depth = harness_undo_depth (image);

  call (image, layer, &filter);
  g_assert_cmpint (harness_undo_depth (image), ==, depth + 1);
  g_assert_cmpint (effects (layer), ==, 1);
  harness_undo (image);
  g_assert_cmpint (effects (layer), ==, 0);
  harness_redo (image);
  g_assert_cmpint (effects (layer), ==, 1);
  gimp_image_delete (image);
}

/* Where the selection marks the kernel, the operation too filters the whole layer. */
static void
test_kernel_selection (void)
{
  GimpImage *image = harness_image (GIMP_RGB, GIMP_PRECISION_U8_NON_LINEAR);
  GimpLayer *layers[3];
  GimpLayer *pattern = harness_layer (image, FALSE, 37, 29, 0, 0);
  int left, top, right, bottom;
  gboolean selected;

  gimp_image_select_rectangle (image, GIMP_CHANNEL_OP_REPLACE, 7, 11, 3, 3);
  for (int i = 0; i < 3; i++)
    {
      GimpLayer *layer = harness_layer (image, TRUE, 37, 29, 5, 9);
      GimpDrawable *drawables[] = { GIMP_DRAWABLE (layer), NULL };
      GimpProcedureConfig *config = harness_config ("plug-in-convnet-convolve", image, drawables);
      g_auto (Outcome) outcome = { 0 };

      g_object_set (config, "kernel-layer", pattern, "kernel-selection", TRUE, "divisor", 9.0,
                    "output", i == 0 ? "new-layer" : "replace", "merge-filter", i < 2, NULL);
      outcome = harness_run (config);
      g_assert_true (harness_succeeded (&outcome, "kernel of the selection"));
      layers[i] = GIMP_LAYER (outcome.results[0]);
    }
  gimp_selection_bounds (image, &selected, &left, &top, &right, &bottom);
  g_assert_true (selected && left == 7 && top == 11 && right == 10 && bottom == 14);
  assert_same (layers[1], layers[0], "replaced");
  g_assert_cmpint (effects (layers[2]), ==, 1);
  gimp_drawable_merge_filters (GIMP_DRAWABLE (layers[2]));
  assert_same (layers[2], layers[0], "an effect");
  gimp_image_delete (image);
}

/* The image, saved and loaded again. */
static GimpImage *
save_and_load (GimpImage *image)
{
  g_autofree char *path = g_build_filename (g_get_tmp_dir (), "convnet-effect.xcf", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  GimpImage *loaded;

  g_assert_true (gimp_file_save (GIMP_RUN_NONINTERACTIVE, image, file, NULL));
  loaded = gimp_file_load (GIMP_RUN_NONINTERACTIVE, file);
  g_assert_nonnull (loaded);
  g_file_delete (file, NULL, NULL);
  return loaded;
}

/* The layer's effect is in the file, and loaded again makes the same pixels, which are others than
   the layer's own. */
static void
check_saved (GimpLayer *layer)
{
  GimpImage *image = gimp_item_get_image (GIMP_ITEM (layer)), *loaded = save_and_load (image);
  g_autofree GimpLayer **layers = gimp_image_get_layers (loaded);
  g_autoptr (GBytes) before = harness_bytes (GIMP_DRAWABLE (layer)), after = NULL;

  g_assert_cmpint (effects (layers[0]), ==, 1);
  gimp_drawable_merge_filters (GIMP_DRAWABLE (layers[0]));
  gimp_drawable_merge_filters (GIMP_DRAWABLE (layer));
  assert_same (layers[0], layer, "loaded");
  after = harness_bytes (GIMP_DRAWABLE (layer));
  g_assert_false (g_bytes_equal (before, after));
  gimp_image_delete (loaded);
  gimp_image_delete (image);
}

static void
test_saved (void)
{
  GimpLayer *layer = harness_usual (TRUE);
  const Filter filter = { .kernel = &kernel_uneven, .border = "reflect", .effect = TRUE };

  call (gimp_item_get_image (GIMP_ITEM (layer)), layer, &filter);
  check_saved (layer);
}

/* A feature map of a network, with properties of every type. */
static void
test_saved_network (void)
{
  GimpLayer *layer = harness_usual (FALSE);
  GimpDrawableFilter *map =
      gimp_drawable_filter_new (GIMP_DRAWABLE (layer), "convnet:network", "map");

  g_assert_nonnull (map);
  g_object_set (gimp_drawable_filter_get_config (map), "model", "cifar-net", "layer", "add1",
                "channel", 3, "colours", "viridis", NULL);
  gimp_drawable_append_filter (GIMP_DRAWABLE (layer), map);
  g_assert_cmpint (effects (layer), ==, 1);
  check_saved (layer);
}

static void
expect_error (GimpImage *image, gpointer drawable, const Filter *filter)
{
  GimpDrawable *drawables[] = { drawable, NULL };
  int depth = harness_undo_depth (image);
  g_auto (Outcome) outcome = harness_call (image, drawables, filter);

  g_assert_cmpint (outcome.status, ==, GIMP_PDB_EXECUTION_ERROR);
  g_assert_nonnull (strstr (outcome.message, "Only a layer can have an effect"));
  g_assert_cmpint (harness_undo_depth (image), ==, depth);
}

/* Windows side by side make the image smaller, and padding on one side moves it. */
static void
test_pool_errors (void)
{
  static const Resize wrong[] = {
    { .effect = TRUE },
    { .width = 3, .height = 3, .stride_x = 1, .stride_y = 1, .padding = "2 2 0 0", .effect = TRUE },
  };
  GimpLayer *layer = harness_usual (TRUE);
  GimpImage *image = gimp_item_get_image (GIMP_ITEM (layer));
  int depth = harness_undo_depth (image);

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_auto (Outcome) outcome = resize_one (layer, &wrong[i]);

      g_assert_cmpint (outcome.status, ==, GIMP_PDB_EXECUTION_ERROR);
      g_assert_nonnull (strstr (outcome.message, "Only a layer can have an effect"));
    }
  g_assert_cmpint (harness_undo_depth (image), ==, depth);
  g_assert_cmpint (effects (layer), ==, 0);
  gimp_image_delete (image);
}

static void
test_errors (void)
{
  GimpLayer *layer = harness_usual (TRUE);
  GimpImage *image = gimp_item_get_image (GIMP_ITEM (layer));
  GimpLayerMask *mask = gimp_layer_create_mask (layer, GIMP_ADD_MASK_WHITE);
  const Filter smaller = { .kernel = &kernel_box, .padding = "valid", .effect = TRUE };
  const Filter several = { .kernel = &kernel_filters, .effect = TRUE };
  const Filter one = { .kernel = &kernel_box, .effect = TRUE };

  gimp_layer_add_mask (layer, mask);
  expect_error (image, layer, &smaller);
  expect_error (image, layer, &several);
  expect_error (image, mask, &one);
  g_assert_cmpint (effects (layer), ==, 0);
  gimp_image_delete (image);
}

void
add_effect_tests (void)
{
  g_test_add_func ("/effect/bits", test_bits);
  g_test_add_func ("/effect/undo", test_undo);
  g_test_add_func ("/effect/kernel-selection", test_kernel_selection);
  g_test_add_func ("/effect/saved", test_saved);
  g_test_add_func ("/effect/saved-network", test_saved_network);
  g_test_add_func ("/effect/errors", test_errors);
  g_test_add_func ("/effect/pool", test_pool);
  g_test_add_func ("/effect/pool-errors", test_pool_errors);
}
