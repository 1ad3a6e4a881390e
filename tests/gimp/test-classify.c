/* test-classify.c: what a layer shows and where, by networks that are made here.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include <gegl.h>

#include "tests/gimp/classify.h"
#include "tests/gimp/suites.h"

#define PARASITE "convnet-classification"
#define SIDE 8

static void
check_type (GimpImageBaseType base, GimpPrecision precision, gboolean alpha)
{
  GimpImage *image = harness_image (base, precision);
  GimpDrawable *layer = GIMP_DRAWABLE (harness_layer (image, alpha, 37, 29, -4, 3));
  g_autoptr (GFile) model = classify_colours (-1, "colours.onnx");
  g_auto (Picture) picture = harness_read (layer, FALSE);
  g_auto (Answer) answer = classify_run (classify_arguments (layer, model));
  double expected[3];

  classify_expect (&picture, 0, 0, 37, 29, expected);
  if (harness_succeeded (&answer.outcome, "type"))
    classify_check (&answer, expected);
  gimp_image_delete (image);
}

static void
test_types (void)
{
  check_type (GIMP_RGB, GIMP_PRECISION_U8_NON_LINEAR, FALSE);
  check_type (GIMP_RGB, GIMP_PRECISION_U16_LINEAR, TRUE);
  check_type (GIMP_RGB, GIMP_PRECISION_FLOAT_LINEAR, TRUE);
  check_type (GIMP_RGB, GIMP_PRECISION_FLOAT_NON_LINEAR, FALSE);
  check_type (GIMP_GRAY, GIMP_PRECISION_U8_NON_LINEAR, TRUE);
  check_type (GIMP_GRAY, GIMP_PRECISION_HALF_NON_LINEAR, FALSE);
}

/* What is selected alone; the image is not touched. */
static void
test_selection (void)
{
  GimpLayer *layer = harness_usual (TRUE);
  GimpImage *image = gimp_item_get_image (GIMP_ITEM (layer));
  g_autoptr (GFile) model = classify_colours (-1, "colours.onnx");
  g_auto (Picture) picture = harness_read (GIMP_DRAWABLE (layer), FALSE);
  g_autoptr (GBytes) before = harness_bytes (GIMP_DRAWABLE (layer)), after = NULL;
  g_auto (Answer) answer = { 0 };
  double expected[3];
  int depth;

  gimp_image_select_rectangle (image, GIMP_CHANNEL_OP_REPLACE, 9, 11, 13, 8);
  depth = harness_undo_depth (image);
  answer = classify_run (classify_arguments (layer, model));
  classify_expect (&picture, 9 - 5, 11 - 9, 13, 8, expected);
  if (harness_succeeded (&answer.outcome, "selection"))
    classify_check (&answer, expected);
  g_assert_cmpint (answer.outcome.count, ==, 0);
  g_assert_true (answer.outcome.image == image);
  g_assert_cmpint (harness_undo_depth (image), ==, depth);
  g_assert_cmpint (harness_count_layers (image), ==, 1);
  after = harness_bytes (GIMP_DRAWABLE (layer));
  g_assert_true (g_bytes_equal (before, after));
  gimp_image_delete (image);
}

/* Scaled to a network of one size; a flat layer, even of one pixel, stays what it is. */
static void
test_scaled (void)
{
  static const int sides[] = { 1, 3, SIDE, 50 };
  g_autoptr (GFile) model = classify_colours (SIDE, "fixed.onnx");

  for (guint i = 0; i < G_N_ELEMENTS (sides); i++)
    {
      GimpImage *image = harness_image (GIMP_RGB, GIMP_PRECISION_U8_NON_LINEAR);
      GimpLayer *layer = harness_layer (image, FALSE, sides[i], sides[i], 0, 0);
      g_autoptr (GeglBuffer) buffer = gimp_drawable_get_buffer (GIMP_DRAWABLE (layer));
      GeglColor *green = gegl_color_new ("#00ff00");
      GimpProcedureConfig *config;
      g_auto (Answer) answer = { 0 };

      gegl_buffer_set_color (buffer, NULL, green);
      gegl_buffer_flush (buffer);
      g_object_unref (green);
      config = classify_arguments (layer, model);
      g_object_set (config, "input", "scaled", "top", 2, NULL);
      answer = classify_run (config);
      if (harness_succeeded (&answer.outcome, "scaled"))
        {
          g_assert_cmpint (answer.n, ==, 2);
          g_assert_cmpstr (answer.names[0], ==, "green");
          g_assert_cmpstr (answer.names[1], ==, "red");
          g_assert_null (answer.names[2]);
          g_assert_cmpfloat_with_epsilon (answer.shares[0],
                                          exp (CLASSIFY_GAIN) / (exp (CLASSIFY_GAIN) + 2), 1e-5);
        }
      gimp_image_delete (image);
    }
}

/* The opacity of a heat map's pixel, and that it lies where it should. */
static double
opacity (GimpDrawable *layer, int x, int y)
{
  g_auto (Picture) picture = harness_read (layer, FALSE);

  g_assert_true (picture.has_alpha);
  return picture
      .data[((gsize) y * picture.width + x) * picture_channels (&picture) + picture.colours];
}

static Answer
heat (GimpLayer *layer, GFile *model, const char *kind, const char *class, int window)
{
  GimpProcedureConfig *config = classify_arguments (layer, model);

  g_object_set (config, "heat-map", kind, "class", class, "window", window, NULL);
  return classify_run (config);
}

static void
check_heat (GimpImageBaseType base, const char *kind)
{
  GimpLayer *layer = classify_halves (base);
  GimpImage *image = gimp_item_get_image (GIMP_ITEM (layer));
  g_autoptr (GFile) model = classify_colours (-1, "colours.onnx");
  int depth = harness_undo_depth (image), x, y;
  g_auto (Answer) answer = heat (layer, model, kind, "red", 10);

  if (harness_succeeded (&answer.outcome, kind))
    {
      GimpDrawable *map = answer.outcome.results[0];
      gboolean colourful = base == GIMP_RGB;

      g_assert_cmpint (answer.outcome.count, ==, 1);
      g_assert_cmpint (harness_undo_depth (image), ==, depth + 1);
      g_assert_cmpint (gimp_image_get_item_position (image, GIMP_ITEM (map)), ==, 0);
      harness_assert_name (map, colourful ? "red 47 %" : "red 33 %");
      gimp_drawable_get_offsets (map, &x, &y);
      g_assert_cmpint (x, ==, 6);
      g_assert_cmpint (y, ==, 7);
      g_assert_cmpint (gimp_drawable_get_width (map), ==, 40);
      if (colourful)
        {
          g_assert_cmpfloat (opacity (map, 3, 10), >, 0.8);
          g_assert_cmpfloat (opacity (map, 37, 10), <, 0.05);
        }
      harness_undo (image);
      g_assert_cmpint (harness_count_layers (image), ==, 1);
    }
  gimp_image_delete (image);
}

static void
test_heat (void)
{
  check_heat (GIMP_RGB, "activation");
  check_heat (GIMP_RGB, "probability");
  check_heat (GIMP_GRAY, "activation");
}

/* The map lies over what is selected. */
static void
test_heat_of_selection (void)
{
  GimpLayer *layer = classify_halves (GIMP_RGB);
  GimpImage *image = gimp_item_get_image (GIMP_ITEM (layer));
  g_autoptr (GFile) model = classify_colours (-1, "colours.onnx");
  g_auto (Answer) answer = { 0 };
  int x, y;

  gimp_image_select_rectangle (image, GIMP_CHANNEL_OP_REPLACE, 30, 10, 200, 8);
  answer = heat (layer, model, "activation", "", 0);
  if (harness_succeeded (&answer.outcome, "selected"))
    {
      GimpDrawable *map = answer.outcome.results[0];

      harness_assert_name (map, "blue 96 %");
      gimp_drawable_get_offsets (map, &x, &y);
      g_assert_cmpint (x, ==, 30);
      g_assert_cmpint (y, ==, 10);
      g_assert_cmpint (gimp_drawable_get_width (map), ==, 16);
      g_assert_cmpint (gimp_drawable_get_height (map), ==, 8);
    }
  gimp_image_delete (image);
}

static void
test_remember (void)
{
  GimpLayer *layer = classify_halves (GIMP_RGB);
  GimpImage *image = gimp_item_get_image (GIMP_ITEM (layer));
  g_autoptr (GFile) model = classify_colours (-1, "colours.onnx");
  GimpProcedureConfig *config = classify_arguments (layer, model);
  int depth = harness_undo_depth (image);
  g_auto (Answer) answer = { 0 };
  GimpParasite *parasite;

  g_object_set (config, "remember", TRUE, "heat-map", "activation", NULL);
  answer = classify_run (config);
  g_assert_true (harness_succeeded (&answer.outcome, "remember"));
  g_assert_cmpint (harness_undo_depth (image), ==, depth + 1);
  parasite = gimp_image_get_parasite (image, PARASITE);
  g_assert_nonnull (parasite);
  g_assert_true (gimp_parasite_is_persistent (parasite));
  g_assert_cmpstr (gimp_parasite_get_data (parasite, NULL), ==,
                   "0.468311\tred\n0.468311\tblue\n0.063379\tgreen\n");
  gimp_parasite_free (parasite);
  harness_undo (image);
  g_assert_null (gimp_image_get_parasite (image, PARASITE));
  g_assert_cmpint (harness_count_layers (image), ==, 1);
  gimp_image_delete (image);
}

static void
test_labels (void)
{
  GimpLayer *layer = classify_halves (GIMP_RGB);
  g_autoptr (GFile) model = classify_colours (-1, "colours.onnx");
  g_autoptr (GFile) labels =
      classify_text ("labels.txt", "n01440764 rouge\nn01443537 vert\nbleu\n");
  GimpProcedureConfig *config = classify_arguments (layer, model);
  g_auto (Answer) answer = { 0 };

  g_object_set (config, "labels", labels, NULL);
  answer = classify_run (config);
  if (harness_succeeded (&answer.outcome, "labels"))
    {
      g_assert_cmpstr (answer.names[0], ==, "rouge");
      g_assert_cmpstr (answer.names[2], ==, "vert");
    }
  gimp_image_delete (gimp_item_get_image (GIMP_ITEM (layer)));
}

/* One of the networks that come along, by its name. */
static void
test_shipped (void)
{
  GimpLayer *layer = harness_usual (FALSE);
  GimpProcedureConfig *config = classify_arguments (layer, NULL);
  g_auto (Answer) answer = { 0 };
  double sum = 0;

  g_object_set (config, "model", "cifar-net", "input", "scaled", "top", 100, NULL);
  answer = classify_run (config);
  if (harness_succeeded (&answer.outcome, "cifar-net"))
    {
      g_assert_cmpint (answer.n, ==, 10);
      for (guint i = 0; i < answer.n; i++)
        sum += answer.shares[i];
      g_assert_cmpfloat_with_epsilon (sum, 1, 1e-5);
      g_assert_true (g_strv_contains ((const char *const *) answer.names, "horse"));
    }
  gimp_image_delete (gimp_item_get_image (GIMP_ITEM (layer)));
}

void
add_classify_tests (void)
{
  g_test_add_func ("/classify/types", test_types);
  g_test_add_func ("/classify/selection", test_selection);
  g_test_add_func ("/classify/scaled", test_scaled);
  g_test_add_func ("/classify/heat", test_heat);
  g_test_add_func ("/classify/heat-of-selection", test_heat_of_selection);
  g_test_add_func ("/classify/remember", test_remember);
  g_test_add_func ("/classify/labels", test_labels);
  g_test_add_func ("/classify/shipped", test_shipped);
}
