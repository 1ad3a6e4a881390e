/* test-output.c: where results go: their size and place, their layers, and new images.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/gimp/harness.h"
#include "tests/gimp/suites.h"

static void
assert_offsets (GimpDrawable *drawable, int x, int y)
{
  int found_x, found_y;

  gimp_drawable_get_offsets (drawable, &found_x, &found_y);
  g_assert_cmpint (found_x, ==, x);
  g_assert_cmpint (found_y, ==, y);
}

/* Filters `layer` into new layers of its image, and checks the first of them against the oracle and
   that the source was left alone; the number of new layers. */
static int
check_new_layers (GimpLayer *layer, const Filter *filter, const int part[4], const char *name)
{
  GimpDrawable *drawable = GIMP_DRAWABLE (layer);
  GimpImage *image = gimp_item_get_image (GIMP_ITEM (layer));
  g_autoptr (GBytes) before = harness_bytes (drawable);
  g_autoptr (GBytes) after = NULL;
  int layers = harness_count_layers (image), position, x, y;
  g_auto (Expected) expected = harness_expect (filter, 0, drawable, part);
  g_auto (Outcome) outcome = { 0 };

  position = gimp_image_get_item_position (image, GIMP_ITEM (layer));
  outcome = harness_filter (layer, filter);
  if (!harness_succeeded (&outcome, name))
    return 0;
  after = harness_bytes (drawable);
  gimp_drawable_get_offsets (drawable, &x, &y);
  g_assert_true (g_bytes_equal (before, after));
  g_assert_true (outcome.image == image);
  g_assert_true (outcome.results[0] != drawable);
  harness_check (outcome.results[0], &expected, filter, name);
  assert_offsets (outcome.results[0], x + expected.left, y + expected.top);
  g_assert_true (gimp_item_get_parent (GIMP_ITEM (outcome.results[0]))
                 == gimp_item_get_parent (GIMP_ITEM (layer)));
  /* They lie on the source, the first filter's uppermost. */
  for (int i = 0; i < outcome.count; i++)
    g_assert_cmpint (gimp_image_get_item_position (image, GIMP_ITEM (outcome.results[i])), ==,
                     position + i);
  g_assert_cmpint (gimp_image_get_item_position (image, GIMP_ITEM (layer)), ==,
                   position + outcome.count);
  if (!gimp_item_get_parent (GIMP_ITEM (layer)))
    g_assert_cmpint (harness_count_layers (image), ==, layers + outcome.count);
  return outcome.count;
}

static void
test_new_layer (void)
{
  const Filter filter = { .kernel = &kernel_box, .output = "new-layer" };
  GimpLayer *layer = harness_usual (TRUE);
  GimpImage *image = gimp_item_get_image (GIMP_ITEM (layer));

  harness_layer (image, FALSE, 9, 9, 0, 0);
  g_assert_cmpint (check_new_layers (layer, &filter, NULL, "new layer"), ==, 1);
  harness_assert_name (gimp_image_get_layers (image)[1], "noise, convolved");
  gimp_image_delete (image);
}

/* With a selection, the results whose window has its centre in its bounds. */
static void
test_selection (void)
{
  static const struct
  {
    Filter filter;
    int part[4];
  } rows[] = {
    { { .kernel = &kernel_sharpen, .output = "new-layer" }, { 5, 1, 20, 16 } },
    { { .kernel = &kernel_box, .stride = 2 }, { 5, 1, 20, 16 } },
    { { .kernel = &kernel_uneven, .stride = 3, .padding = "valid" }, { 5, 1, 20, 16 } },
    { { .kernel = &kernel_sobel, .response = "stretch", .output = "new-layer" }, { 5, 1, 20, 16 } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      GimpLayer *layer = harness_usual (FALSE);
      GimpImage *image = gimp_item_get_image (GIMP_ITEM (layer));

      gimp_image_select_rectangle (image, GIMP_CHANNEL_OP_REPLACE, 10, 10, 20, 16);
      check_new_layers (layer, &rows[i].filter, rows[i].part, "selection");
      gimp_image_delete (image);
    }
}

static void
test_group (void)
{
  const Filter filter = { .kernel = &kernel_sobel, .output = "new-layer", .response = "offset" };
  GimpLayer *layer = harness_usual (FALSE);
  GimpImage *image = gimp_item_get_image (GIMP_ITEM (layer));
  GimpLayer *group = GIMP_LAYER (gimp_group_layer_new (image, "group"));

  gimp_image_insert_layer (image, group, NULL, 0);
  gimp_image_reorder_item (image, GIMP_ITEM (layer), GIMP_ITEM (group), 0);
  check_new_layers (layer, &filter, NULL, "a layer in a group");
  g_assert_cmpint (harness_count_layers (image), ==, 1);
  check_new_layers (group, &filter, NULL, "a group");
  gimp_image_delete (image);
}

/* Where stride or padding change the size, “replace” makes a new layer. */
static void
test_other_size (void)
{
  static const Filter filters[] = {
    { .kernel = &kernel_box, .stride = 2, .output = "replace" },
    { .kernel = &kernel_box, .padding = "valid", .output = "replace" },
    { .kernel = &kernel_box, .padding = "3", .output = "replace" },
    { .kernel = &kernel_box, .padding = "0 1 2 1", .output = "replace" }, /* the size, but moved */
  };

  for (guint i = 0; i < G_N_ELEMENTS (filters); i++)
    {
      GimpLayer *layer = harness_usual (TRUE);

      g_assert_cmpint (check_new_layers (layer, &filters[i], NULL, "other size"), ==, 1);
      gimp_image_delete (gimp_item_get_image (GIMP_ITEM (layer)));
    }
}

static void
test_filters (void)
{
  const Filter filter = { .kernel = &kernel_filters, .divisor = 21 };
  GimpLayer *layer = harness_usual (TRUE);
  GimpImage *image = gimp_item_get_image (GIMP_ITEM (layer));
  g_autofree GimpLayer **layers = NULL;

  g_assert_cmpint (check_new_layers (layer, &filter, NULL, "filters"), ==, 3);
  layers = gimp_image_get_layers (image);
  for (int i = 0; i < 3; i++)
    {
      g_autofree char *name = g_strdup_printf ("noise, filter %d", i + 1);
      g_auto (Expected) expected = harness_expect (&filter, i, GIMP_DRAWABLE (layer), NULL);

      harness_assert_name (layers[i], name);
      harness_check (GIMP_DRAWABLE (layers[i]), &expected, &filter, name);
    }
  gimp_image_delete (image);
}

static void
check_new_image (GimpImageBaseType base, GimpPrecision precision, const Filter *filter)
{
  GimpImage *image = harness_image (base, precision);
  GimpDrawable *layers[] = { GIMP_DRAWABLE (harness_layer (image, TRUE, 33, 21, -5, 8)),
                             GIMP_DRAWABLE (harness_layer (image, FALSE, 40, 11, 7, 2)), NULL };
  g_autoptr (GBytes) before = harness_bytes (layers[0]);
  g_autoptr (GBytes) after = NULL;
  g_auto (Outcome) outcome = { 0 };
  int width = 0, height = 0;
  double x, y;

  gimp_image_set_resolution (image, 123, 234);
  outcome = harness_call (image, layers, filter);
  if (!harness_succeeded (&outcome, "new image"))
    return;
  after = harness_bytes (layers[0]);
  g_assert_true (g_bytes_equal (before, after));
  g_assert_cmpint (harness_count_layers (image), ==, 2);
  g_assert_true (outcome.image != image);
  g_assert_cmpint (gimp_image_get_base_type (outcome.image), ==, base);
  g_assert_cmpint (gimp_image_get_precision (outcome.image), ==, precision);
  gimp_image_get_resolution (outcome.image, &x, &y);
  g_assert_true (x == 123 && y == 234);
  g_assert_cmpint (harness_count_layers (outcome.image), ==, 2);
  for (int i = 0; i < outcome.count; i++)
    {
      g_auto (Expected) expected = harness_expect (filter, 0, layers[i], NULL);
      g_autofree char *source = gimp_item_get_name (GIMP_ITEM (layers[i]));
      g_autofree char *name = g_strconcat (source, ", convolved", NULL);

      g_assert_true (gimp_item_get_image (GIMP_ITEM (outcome.results[i])) == outcome.image);
      harness_check (outcome.results[i], &expected, filter, "new image");
      assert_offsets (outcome.results[i], 0, 0);
      harness_assert_name (outcome.results[i], name);
      width = MAX (width, expected.width);
      height = MAX (height, expected.height);
    }
  g_assert_cmpint (gimp_image_get_width (outcome.image), ==, width);
  g_assert_cmpint (gimp_image_get_height (outcome.image), ==, height);
  gimp_image_delete (outcome.image);
  gimp_image_delete (image);
}

static void
test_new_image (void)
{
  check_new_image (GIMP_RGB, GIMP_PRECISION_U8_NON_LINEAR,
                   &(Filter){ .kernel = &kernel_box, .output = "new-image" });
  check_new_image (GIMP_GRAY, GIMP_PRECISION_FLOAT_LINEAR,
                   &(Filter){ .kernel = &kernel_sobel, .stride = 2, .output = "new-image" });
}

/* A layer keeps its profile in a new image. */
static void
test_profile (void)
{
  GimpImage *image = harness_image (GIMP_RGB, GIMP_PRECISION_U8_NON_LINEAR);
  GimpColorProfile *profile = gimp_color_profile_new_rgb_adobe (), *copied;
  const Filter filter = { .kernel = &kernel_box, .output = "new-image" };
  GimpLayer *layer;
  g_auto (Outcome) outcome = { 0 };

  gimp_image_set_color_profile (image, profile);
  layer = harness_layer (image, FALSE, 20, 20, 0, 0);
  outcome = harness_filter (layer, &filter);
  if (harness_succeeded (&outcome, "profile"))
    {
      g_auto (Expected) expected = harness_expect (&filter, 0, GIMP_DRAWABLE (layer), NULL);

      copied = gimp_image_get_color_profile (outcome.image);
      g_assert_true (copied && gimp_color_profile_is_equal (profile, copied));
      g_clear_object (&copied);
      harness_check (outcome.results[0], &expected, &filter, "profile");
      gimp_image_delete (outcome.image);
    }
  g_object_unref (profile);
  gimp_image_delete (image);
}

void
add_output_tests (void)
{
  g_test_add_func ("/output/new-layer", test_new_layer);
  g_test_add_func ("/output/selection", test_selection);
  g_test_add_func ("/output/group", test_group);
  g_test_add_func ("/output/other-size", test_other_size);
  g_test_add_func ("/output/filters", test_filters);
  g_test_add_func ("/output/new-image", test_new_image);
  g_test_add_func ("/output/profile", test_profile);
}
