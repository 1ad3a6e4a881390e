/* test-feature-maps.c: feature maps as layers and as sheets, of a network whose maps are known.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "filters/filters.h"
#include "tests/gimp/harness.h"
#include "tests/gimp/suites.h"

#define WIDTH 30
#define HEIGHT 20

static GFile *file;

/* “take” makes four channels: red, green, blue, and minus red; “half” their 2×2 maxima. */
static GFile *
model (void)
{
  static const float weights[12] = { 1, 0, 0, 0, 1, 0, 0, 0, 1, -1, 0, 0 };
  const CnShape shape = cn_shape_nchw (1, 3, -1, -1), kernels = cn_shape_nchw (4, 3, 1, 1);
  g_autoptr (CnGraph) graph = cn_graph_new ("known", 13);
  g_autofree char *path = NULL;
  CnNode *node;

  if (file)
    return file;
  path = g_build_filename (g_get_tmp_dir (), "convnet-known.onnx", NULL);
  g_assert_true (cn_graph_add_input (graph, "x", CN_TYPE_FLOAT, &shape, NULL));
  g_assert_true (cn_graph_add_floats (graph, "w", &kernels, weights, NULL));
  cn_graph_add_node (graph, "Conv", "take", (const char *const[]){ "x", "w", NULL },
                     (const char *const[]){ "taken", NULL }, NULL);
  node = cn_graph_add_node (graph, "MaxPool", "half", (const char *const[]){ "taken", NULL },
                            (const char *const[]){ "halved", NULL }, NULL);
  cn_node_set_ints (node, "kernel_shape", 2, (const gint64[]){ 2, 2 });
  cn_node_set_ints (node, "strides", 2, (const gint64[]){ 2, 2 });
  cn_graph_add_output (graph, "halved");
  g_assert_true (cn_onnx_write (graph, path, NULL));
  return file = g_file_new_for_path (path);
}

static GimpProcedureConfig *
config_for (gpointer drawable)
{
  GimpDrawable *drawables[] = { drawable, NULL };
  GimpProcedureConfig *config = harness_config (
      "plug-in-convnet-feature-maps", gimp_item_get_image (GIMP_ITEM (drawable)), drawables);

  g_object_set (config, "model-file", model (), NULL);
  return config;
}

/* An image whose red goes from 0.2 to 0.6, without the noise that has values outside of 0 … 1. */
static GimpDrawable *
ramp (GimpImageBaseType base, GimpPrecision precision, gboolean alpha)
{
  GimpImage *image = harness_image (base, precision);
  GimpDrawable *layer = GIMP_DRAWABLE (harness_layer (image, alpha, WIDTH, HEIGHT, 3, 4));
  g_autoptr (GeglBuffer) buffer = gimp_drawable_get_buffer (layer);
  float pixels[WIDTH * HEIGHT * 4];

  for (int i = 0; i < WIDTH * HEIGHT; i++)
    {
      pixels[4 * i] = 0.2f + 0.4f * (i % WIDTH) / (WIDTH - 1);
      pixels[4 * i + 1] = pixels[4 * i + 2] = base == GIMP_GRAY ? pixels[4 * i] : 0.5f;
      pixels[4 * i + 3] = 1;
    }
  gegl_buffer_set (buffer, GEGL_RECTANGLE (0, 0, WIDTH, HEIGHT), 0, babl_format ("R'G'B'A float"),
                   pixels, GEGL_AUTO_ROWSTRIDE);
  gegl_buffer_flush (buffer);
  return layer;
}

/* Red from its smallest to its largest value, but for half a percent on each side (less than a
   column), in each type of image; as a group above the layer; taken away by one undo. */
static void
check_layers (GimpImageBaseType base, GimpPrecision precision, gboolean alpha)
{
  GimpDrawable *layer = ramp (base, precision, alpha);
  GimpImage *image = gimp_item_get_image (GIMP_ITEM (layer));
  int depth = harness_undo_depth (image), layers = harness_count_layers (image);
  g_auto (Outcome) outcome = harness_run (config_for (layer));
  GimpItem *group;

  if (!harness_succeeded (&outcome, "maps"))
    return;
  g_assert_cmpint (outcome.count, ==, 4);
  g_assert_true (outcome.image == image);
  g_assert_cmpint (harness_undo_depth (image), ==, depth + 1);
  g_assert_cmpint (harness_count_layers (image), ==, layers + 1);
  group = gimp_item_get_parent (GIMP_ITEM (outcome.results[0]));
  g_assert_true (gimp_item_is_group (group) && gimp_item_get_visible (group));
  harness_assert_name (group, "take 20×30×4");
  harness_assert_name (outcome.results[0], "take 0 (0.2 … 0.6)");
  g_assert_cmpint (gimp_image_get_item_position (image, group), ==,
                   gimp_image_get_item_position (image, GIMP_ITEM (layer)) - 1);
  for (int map = 0; map < 4; map++)
    {
      g_auto (Picture) got = harness_read (outcome.results[map], FALSE);
      int channels = picture_channels (&got), x, y;

      gimp_drawable_get_offsets (outcome.results[map], &x, &y);
      g_assert_cmpint (x, ==, 3);
      g_assert_cmpint (y, ==, 4);
      g_assert_cmpint (got.width, ==, WIDTH);
      for (int i = 0; i < WIDTH * HEIGHT * channels; i += channels)
        {
          double t = (double) (i / channels % WIDTH) / (WIDTH - 1);
          gboolean flat = base == GIMP_RGB && (map == 1 || map == 2);

          /* The 102 bytes from 0.2 to 0.6 are read, and a byte is written: 0.5/102 + 0.5/255. */
          g_assert_cmpfloat_with_epsilon (got.data[i], flat ? 0.5 : map == 3 ? 1 - t : t, 0.0069);
        }
    }
  harness_undo (image);
  g_assert_cmpint (harness_count_layers (image), ==, layers);
  gimp_image_delete (image);
}

static void
test_types (void)
{
  check_layers (GIMP_RGB, GIMP_PRECISION_U8_NON_LINEAR, FALSE);
  check_layers (GIMP_RGB, GIMP_PRECISION_U16_NON_LINEAR, TRUE);
  check_layers (GIMP_RGB, GIMP_PRECISION_FLOAT_NON_LINEAR, TRUE);
  check_layers (GIMP_GRAY, GIMP_PRECISION_U8_NON_LINEAR, TRUE);
}

/* Of what is selected, where that is; two layers in two groups; only the channels that are named.
 */
static void
test_chosen (void)
{
  GimpDrawable *layer = ramp (GIMP_RGB, GIMP_PRECISION_U8_NON_LINEAR, FALSE);
  GimpImage *image = gimp_item_get_image (GIMP_ITEM (layer));
  GimpProcedureConfig *config = config_for (layer);
  g_auto (Outcome) outcome = { 0 };
  int x, y;

  gimp_image_select_rectangle (image, GIMP_CHANNEL_OP_REPLACE, 3 + 6, 4 + 2, 12, 8);
  g_object_set (config, "layers", "half, take", "channels", "0 2-3", "size", "own", NULL);
  outcome = harness_run (config);
  if (harness_succeeded (&outcome, "chosen"))
    {
      g_assert_cmpint (outcome.count, ==, 6);
      harness_assert_name (gimp_item_get_parent (GIMP_ITEM (outcome.results[0])), "half 4×6×4");
      harness_assert_name (gimp_item_get_parent (GIMP_ITEM (outcome.results[5])), "take 8×12×4");
      g_assert_cmpint (gimp_drawable_get_width (outcome.results[0]), ==, 6);
      g_assert_cmpint (gimp_drawable_get_width (outcome.results[3]), ==, 12);
      gimp_drawable_get_offsets (outcome.results[3], &x, &y);
      g_assert_cmpint (x, ==, 9);
      g_assert_cmpint (y, ==, 6);
      g_assert_cmpint (gimp_image_get_item_position (
                           image, gimp_item_get_parent (GIMP_ITEM (outcome.results[0]))),
                       ==, 0);
    }
  gimp_image_delete (image);
}

/* The numbers themselves, in a new image of floats. */
static void
test_raw (void)
{
  GimpDrawable *layer = ramp (GIMP_RGB, GIMP_PRECISION_U8_NON_LINEAR, FALSE);
  GimpImage *image = gimp_item_get_image (GIMP_ITEM (layer));
  int depth = harness_undo_depth (image);
  GimpProcedureConfig *config = config_for (layer);
  g_auto (Outcome) outcome = { 0 };

  g_object_set (config, "values", "raw", NULL);
  outcome = harness_run (config);
  if (harness_succeeded (&outcome, "raw"))
    {
      g_auto (Picture) before = harness_read (layer, FALSE);
      g_auto (Picture) got = harness_read (outcome.results[3], FALSE);

      g_assert_true (outcome.image != image);
      g_assert_cmpint (gimp_image_get_precision (outcome.image), ==,
                       GIMP_PRECISION_FLOAT_NON_LINEAR);
      g_assert_cmpint (gimp_image_get_base_type (outcome.image), ==, GIMP_GRAY);
      for (int i = 0; i < WIDTH * HEIGHT; i++)
        g_assert_cmpfloat_with_epsilon (got.data[i], -before.data[3 * i], 1e-6);
      gimp_image_delete (outcome.image);
    }
  g_assert_cmpint (harness_undo_depth (image), ==, depth);
  gimp_image_delete (image);
}

/* White paper with the first map in its colours: the sheet's first block begins below a heading. */
static void
test_sheet (void)
{
  GimpDrawable *layer = ramp (GIMP_GRAY, GIMP_PRECISION_U8_NON_LINEAR, FALSE);
  GimpProcedureConfig *config = config_for (layer);
  g_auto (Outcome) outcome = { 0 };

  g_object_set (config, "output", "contact-sheet", "colours", "viridis", NULL);
  outcome = harness_run (config);
  if (harness_succeeded (&outcome, "sheet"))
    {
      g_auto (Picture) got = harness_read (outcome.results[0], FALSE);
      const float *dark = got.data + 3 * (60 * got.width + 14);
      const float *bright = got.data + 3 * (60 * got.width + 12 + 6 * WIDTH - 3);

      g_assert_cmpint (outcome.count, ==, 1);
      g_assert_cmpint (got.width, ==, 1280);
      g_assert_cmpfloat (got.data[0], ==, 1);
      g_assert_cmpfloat_with_epsilon (dark[2], 84 / 255.0, 0.03);
      g_assert_cmpfloat_with_epsilon (bright[0], 253 / 255.0, 0.03);
      gimp_image_delete (outcome.image);
    }
  gimp_image_delete (gimp_item_get_image (GIMP_ITEM (layer)));
}

/* Whether a part of a column of the sheet is white. */
static gboolean
is_white (const Picture *sheet, int x, int top, int height)
{
  for (int y = top; y < top + height; y++)
    for (int c = 0; c < 3; c++)
      if (sheet->data[3 * ((gsize) y * sheet->width + x) + c] < 1)
        return FALSE;
  return TRUE;
}

/* Maps of 2 × 20 pixels, ten times as large, stand as far apart as their labels are long. */
static void
test_narrow_sheet (void)
{
  GimpDrawable *layer = ramp (GIMP_RGB, GIMP_PRECISION_U8_NON_LINEAR, FALSE);
  GimpImage *image = gimp_item_get_image (GIMP_ITEM (layer));
  GimpProcedureConfig *config = config_for (layer);
  g_auto (Outcome) outcome = { 0 };

  gimp_image_select_rectangle (image, GIMP_CHANNEL_OP_REPLACE, 8, 4, 2, HEIGHT);
  g_object_set (config, "output", "contact-sheet", "channels", "0 3", "values", "raw", NULL);
  outcome = harness_run (config);
  if (harness_succeeded (&outcome, "narrow sheet"))
    {
      g_auto (Picture) got = harness_read (outcome.results[0], FALSE);
      const int left = 12, width = 20, top = 12 + 26, height = 200, gap = 8;
      int second = left + width, end = got.width - 1;

      g_assert_false (is_white (&got, left + width - 1, top, height));
      while (second < end && is_white (&got, second, top, height))
        second++;
      g_assert_cmpint (second, >, left + width + gap);
      while (end > 0 && is_white (&got, end, top + height, got.height - top - height))
        end--;
      g_assert_cmpint (end, >, second + width);
      for (int x = second - gap + 1; x < second; x++)
        g_assert_true (is_white (&got, x, top + height, got.height - top - height));
      gimp_image_delete (outcome.image);
    }
  gimp_image_delete (image);
}

static void
check_error (GimpImageBaseType base, const char *argument, const char *value, const char *message)
{
  GimpDrawable *layer = ramp (base, GIMP_PRECISION_U8_NON_LINEAR, FALSE);
  GimpImage *image = gimp_item_get_image (GIMP_ITEM (layer));
  int depth = harness_undo_depth (image), layers = harness_count_layers (image);
  GimpProcedureConfig *config = config_for (layer);
  g_auto (Outcome) outcome = { 0 };

  g_object_set (config, argument, value, NULL);
  outcome = harness_run (config);
  g_assert_cmpint (outcome.status, ==, GIMP_PDB_EXECUTION_ERROR);
  if (!outcome.message || !strstr (outcome.message, message))
    harness_fail ("“%s” instead of “%s”", outcome.message, message);
  g_assert_cmpint (harness_undo_depth (image), ==, depth);
  g_assert_cmpint (harness_count_layers (image), ==, layers);
  gimp_image_delete (image);
}

static void
test_errors (void)
{
  GimpDrawable *layer = ramp (GIMP_RGB, GIMP_PRECISION_U8_NON_LINEAR, FALSE);
  GimpProcedureConfig *config = config_for (layer);
  g_auto (Outcome) limited = { 0 };

  check_error (GIMP_RGB, "layers", "nobody", "no layer “nobody”; its layers are: x, take, half");
  check_error (GIMP_RGB, "channels", "0 7",
               "There is no channel 7: the layers have the channels 0 to 3");
  check_error (GIMP_RGB, "channels", "red", "as in “0 3 8-15”, and not “red”");
  check_error (GIMP_RGB, "channels", "3-1", "and not “3-1”");
  check_error (GIMP_GRAY, "colours", "viridis", "The image is gray");
  g_object_set (config, "limit", 3, NULL);
  limited = harness_run (config);
  g_assert_true (strstr (limited.message, "4 maps, and the limit is 3"));
  gimp_image_delete (gimp_item_get_image (GIMP_ITEM (layer)));
}

void
add_feature_maps_tests (void)
{
  g_test_add_func ("/feature-maps/types", test_types);
  g_test_add_func ("/feature-maps/chosen", test_chosen);
  g_test_add_func ("/feature-maps/raw", test_raw);
  g_test_add_func ("/feature-maps/sheet", test_sheet);
  g_test_add_func ("/feature-maps/narrow-sheet", test_narrow_sheet);
  g_test_add_func ("/feature-maps/errors", test_errors);
}
