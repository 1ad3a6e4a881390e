/* test-apply.c: networks over layers, and their tables; the models are made here.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>

#include <math.h>
#include <string.h>

#include "filters/filters.h"
#include "tests/gimp/harness.h"
#include "tests/gimp/suites.h"

static char *folder;

static CnGraph *
begin (int channels)
{
  CnGraph *graph = cn_graph_new ("test", 13);
  const CnShape shape = cn_shape_nchw (1, channels, -1, -1);

  g_assert_true (cn_graph_add_input (graph, "x", CN_TYPE_FLOAT, &shape, NULL));
  cn_graph_add_output (graph, "y");
  return graph;
}

static CnNode *
add (CnGraph *graph, const char *op, const char *a, const char *b, const char *to)
{
  return cn_graph_add_node (graph, op, "", (const char *const[]){ a, b, NULL },
                            (const char *const[]){ to, NULL }, NULL);
}

static void
add_number (CnGraph *graph, const char *name, float number)
{
  g_assert_true (cn_graph_add_floats (graph, name, &(CnShape){ 0 }, &number, NULL));
}

/* Writes the model, which it takes over, and gives its file. */
static GFile *
save (CnGraph *graph, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_true (cn_onnx_write (graph, path, NULL));
  cn_graph_free (graph);
  return g_file_new_for_path (path);
}

/* Samples halved. */
static GFile *
halving (int channels)
{
  CnGraph *graph = begin (channels);

  add_number (graph, "half", 0.5f);
  add (graph, "Mul", "x", "half", "y");
  return save (graph, channels == 1 ? "half-gray.onnx" : "half.onnx");
}

/* Each pixel twice in both directions. */
static GFile *
doubling (int channels)
{
  CnGraph *graph = begin (channels);
  const float scales[] = { 1, 1, 2, 2 };

  g_assert_true (cn_graph_add_floats (graph, "scales", &(CnShape){ 1, { 4 } }, scales, NULL));
  cn_graph_add_node (graph, "Resize", "", (const char *const[]){ "x", "", "scales", NULL },
                     (const char *const[]){ "y", NULL }, NULL);
  return save (graph, "double.onnx");
}

/* Three convolutions of 3×3 with many channels in between: what a pixel becomes depends on the 7×7
   around it. */
static GFile *
mixing (void)
{
  static const int channels[] = { 3, 64, 64, 3 };
  CnGraph *graph = begin (3);
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  const char *from = "x";

  for (int i = 0; i < 3; i++)
    {
      const CnShape shape = cn_shape_nchw (channels[i + 1], channels[i], 3, 3);
      gsize n = (gsize) channels[i + 1] * channels[i] * 9;
      g_autofree float *weights = g_new (float, n);
      const char *name = i == 0 ? "w0" : i == 1 ? "w1" : "w2";
      const char *to = i == 0 ? "y0" : i == 1 ? "y1" : "y";
      CnNode *node;

      for (gsize k = 0; k < n; k++)
        weights[k] = (float) (g_rand_double_range (rand, -1, 1.2) / (9 * channels[i]));
      g_assert_true (cn_graph_add_floats (graph, name, &shape, weights, NULL));
      node = add (graph, "Conv", from, name, to);
      cn_node_set_string (node, "auto_pad", "SAME_UPPER");
      from = to;
    }
  return save (graph, "mixing.onnx");
}

static Outcome
apply_within (GimpDrawable *drawable, GFile *model, int mebibytes)
{
  GimpDrawable *drawables[] = { drawable, NULL };
  GimpProcedureConfig *config = harness_config (
      "plug-in-convnet-apply", gimp_item_get_image (GIMP_ITEM (drawable)), drawables);

  g_object_set (config, "model-file", model, "output", "new-layer", "memory", mebibytes, NULL);
  return harness_run (config);
}

static Outcome
apply (GimpDrawable *drawable, GFile *model, const char *output, const char *range)
{
  GimpImage *image = gimp_item_get_image (GIMP_ITEM (drawable));
  GimpDrawable *drawables[] = { drawable, NULL };
  GimpProcedureConfig *config = harness_config ("plug-in-convnet-apply", image, drawables);

  g_object_set (config, "model-file", model, "output", output, "range", range, NULL);
  return harness_run (config);
}

/* A sample's rounding in the drawable's precision. */
static double
rounding (GimpPrecision precision)
{
  switch (precision)
    {
    case GIMP_PRECISION_U8_NON_LINEAR:
      return 1.01 / 255;
    case GIMP_PRECISION_U16_NON_LINEAR:
      return 1.01 / 65535;
    case GIMP_PRECISION_HALF_NON_LINEAR:
      return 2.0 / 2048;
    default:
      return 1e-5;
    }
}

static void
check_halved (GimpImageBaseType base, GimpPrecision precision, gboolean alpha, const char *range)
{
  GimpImage *image = harness_image (base, precision);
  GimpDrawable *layer = GIMP_DRAWABLE (harness_layer (image, alpha, 37, 29, -4, 3));
  g_autoptr (GFile) model = halving (3);
  g_auto (Picture) before = harness_read (layer, FALSE);
  g_auto (Picture) after = { 0 };
  int depth = harness_undo_depth (image), channels = picture_channels (&before);
  g_auto (Outcome) outcome = apply (layer, model, "scale-image", range);
  gboolean offset = g_str_equal (range, "signed");

  if (!harness_succeeded (&outcome, "halved"))
    return;
  g_assert_cmpint (harness_undo_depth (image), ==, depth + 1);
  after = harness_read (outcome.results[0], FALSE);
  for (int i = 0; i < before.width * before.height; i++)
    for (int c = 0; c < channels; c++)
      {
        double value = before.data[i * channels + c], expected = value;

        if (c < before.colours)
          expected = offset ? value / 2 + 0.25 : value / 2;
        if (harness_is_integer (layer))
          expected = CLAMP (expected, 0, 1);
        if (alpha && before.data[i * channels + channels - 1] == 0)
          continue; /* what is hidden may be anything */
        if (!(fabs (after.data[i * channels + c] - expected)
              <= rounding (precision) * MAX (1, fabs (expected))))
          harness_fail ("sample %d of pixel %d is %g instead of %g", c, i,
                        after.data[i * channels + c], expected);
      }
  gimp_image_delete (image);
}

static void
test_types (void)
{
  check_halved (GIMP_RGB, GIMP_PRECISION_U8_NON_LINEAR, FALSE, "auto");
  check_halved (GIMP_RGB, GIMP_PRECISION_U16_NON_LINEAR, TRUE, "byte");
  check_halved (GIMP_RGB, GIMP_PRECISION_FLOAT_NON_LINEAR, TRUE, "auto");
  check_halved (GIMP_RGB, GIMP_PRECISION_FLOAT_NON_LINEAR, FALSE, "signed");
  check_halved (GIMP_GRAY, GIMP_PRECISION_HALF_NON_LINEAR, TRUE, "auto");
  check_halved (GIMP_GRAY, GIMP_PRECISION_U8_NON_LINEAR, FALSE, "auto");
}

/* Only the luminance is halved: differences between the colours stay. */
static void
test_luminance (void)
{
  GimpImage *image = harness_image (GIMP_RGB, GIMP_PRECISION_FLOAT_NON_LINEAR);
  GimpDrawable *layer = GIMP_DRAWABLE (harness_layer (image, FALSE, 20, 20, 0, 0));
  g_autoptr (GFile) model = halving (1);
  g_auto (Picture) before = harness_read (layer, FALSE);
  g_auto (Outcome) outcome = apply (layer, model, "scale-image", "auto");

  if (harness_succeeded (&outcome, "luminance"))
    {
      g_auto (Picture) after = harness_read (layer, FALSE);

      for (int i = 0; i < 400; i++)
        {
          const float *a = before.data + 3 * i, *b = after.data + 3 * i;
          double light = 0.299 * a[0] + 0.587 * a[1] + 0.114 * a[2];

          for (int c = 0; c < 3; c++)
            g_assert_cmpfloat_with_epsilon (b[c], a[c] - light / 2, 1e-5);
        }
    }
  gimp_image_delete (image);
}

/* The layer twice as large, as a new layer of what is selected, and as the scaled image, which undo
   takes back. */
static void
test_scale (void)
{
  GimpImage *image = harness_image (GIMP_RGB, GIMP_PRECISION_U8_NON_LINEAR);
  GimpDrawable *layer = GIMP_DRAWABLE (harness_layer (image, FALSE, 30, 24, 0, 0));
  g_autoptr (GFile) model = doubling (3);
  g_auto (Picture) before = harness_read (layer, FALSE);
  g_auto (Outcome) part = { 0 }, all = { 0 };

  gimp_image_select_rectangle (image, GIMP_CHANNEL_OP_REPLACE, 4, 5, 11, 9);
  part = apply (layer, model, "new-layer", "auto");
  g_assert_true (harness_succeeded (&part, "part"));
  g_assert_cmpint (gimp_drawable_get_width (part.results[0]), ==, 22);
  g_assert_cmpint (gimp_drawable_get_height (part.results[0]), ==, 18);
  gimp_image_remove_layer (image, GIMP_LAYER (part.results[0]));

  all = apply (layer, model, "scale-image", "auto");
  g_assert_true (harness_succeeded (&all, "all"));
  g_assert_cmpint (gimp_image_get_width (image), ==, 2 * CANVAS_WIDTH);
  g_assert_cmpint (gimp_drawable_get_width (layer), ==, 60);
  {
    g_auto (Picture) after = harness_read (layer, FALSE);

    for (int y = 0; y < 48; y++)
      for (int x = 0; x < 60 * 3; x++)
        g_assert_cmpfloat_with_epsilon (after.data[y * 180 + x],
                                        before.data[y / 2 * 90 + x / 6 * 3 + x % 3], 1e-6);
  }
  harness_undo (image);
  g_assert_cmpint (gimp_image_get_width (image), ==, CANVAS_WIDTH);
  g_assert_cmpint (gimp_drawable_get_width (layer), ==, 30);
  gimp_image_delete (image);
}

/* A network of one size, 64×64, that needs all of the picture: it takes smaller ones. */
static void
test_one_size (void)
{
  CnGraph *graph = cn_graph_new ("test", 13);
  const CnShape shape = cn_shape_nchw (1, 3, 64, 64);
  GimpLayer *layer = harness_usual (FALSE);
  g_autoptr (GFile) model = NULL;
  g_auto (Outcome) outcome = { 0 };

  g_assert_true (cn_graph_add_input (graph, "x", CN_TYPE_FLOAT, &shape, NULL));
  cn_graph_add_output (graph, "y");
  add (graph, "GlobalAveragePool", "x", NULL, "mean");
  add (graph, "Sub", "x", "mean", "y");
  model = save (graph, "one-size.onnx");
  outcome = apply (GIMP_DRAWABLE (layer), model, "scale-image", "auto");
  harness_succeeded (&outcome, "one size");
  gimp_image_delete (gimp_item_get_image (GIMP_ITEM (layer)));
}

/* In tiles that fit into 8 MiB: the same as in one tile, for which 58 MiB would be needed. */
static void
test_tiles (void)
{
  GimpImage *image = harness_image (GIMP_RGB, GIMP_PRECISION_FLOAT_NON_LINEAR);
  GimpDrawable *layer = GIMP_DRAWABLE (harness_layer (image, FALSE, 340, 330, 0, 0));
  g_autoptr (GFile) model = mixing ();
  g_auto (Outcome) whole = apply_within (layer, model, 0), tiled = apply_within (layer, model, 8);

  if (harness_succeeded (&whole, "whole") && harness_succeeded (&tiled, "tiled"))
    {
      g_auto (Picture) a = harness_read (whole.results[0], FALSE);
      g_auto (Picture) b = harness_read (tiled.results[0], FALSE);

      for (int i = 0; i < a.width * a.height * 3; i++)
        g_assert_cmpfloat_with_epsilon (a.data[i], b.data[i], 1e-5);
    }
  gimp_image_delete (image);
}

/* What needs all of the picture, and more memory than it may take, does not begin. */
static void
test_memory (void)
{
  CnGraph *graph = begin (3);
  GimpImage *image = harness_image (GIMP_RGB, GIMP_PRECISION_U8_NON_LINEAR);
  GimpDrawable *layer = GIMP_DRAWABLE (harness_layer (image, FALSE, 400, 300, 0, 0));
  g_autoptr (GFile) model = NULL;
  g_auto (Outcome) outcome = { 0 };

  add (graph, "GlobalAveragePool", "x", NULL, "mean");
  add (graph, "Sub", "x", "mean", "y");
  model = save (graph, "whole.onnx");
  outcome = apply_within (layer, model, 1);
  g_assert_cmpint (outcome.status, ==, GIMP_PDB_EXECUTION_ERROR);
  if (!strstr (outcome.message, "The network takes 2 MiB for inputs of this size, and may take 1"))
    harness_fail ("%s", outcome.message);
  gimp_image_delete (image);
}

static void
check_error (GFile *model, const char *message)
{
  GimpLayer *layer = harness_usual (FALSE);
  g_auto (Outcome) outcome = apply (GIMP_DRAWABLE (layer), model, "scale-image", "auto");

  g_assert_cmpint (outcome.status, ==, GIMP_PDB_EXECUTION_ERROR);
  if (!outcome.message || !strstr (outcome.message, message))
    harness_fail ("“%s” instead of “%s”", outcome.message, message);
  gimp_image_delete (gimp_item_get_image (GIMP_ITEM (layer)));
}

static GFile *
save_text (const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return g_file_new_for_path (path);
}

static void
test_errors (void)
{
  CnGraph *graph = begin (3);
  g_autoptr (GFile) page = save_text ("page.onnx", "<!DOCTYPE html><html><body>404</body></html>");
  g_autoptr (GFile) pointer =
      save_text ("lfs.onnx", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n");
  g_autoptr (GFile) nowhere = g_file_new_for_path ("/nowhere/at-all.onnx");
  g_autoptr (GFile) place = g_file_new_for_path (folder);
  g_autoptr (GFile) lacking = NULL, none = NULL;

  add (graph, "Frobnicate", "x", NULL, "1");
  add (graph, "Transmogrify", "1", NULL, "y");
  lacking = save (graph, "lacking.onnx");
  graph = begin (7);
  add (graph, "Relu", "x", NULL, "y");
  none = save (graph, "none.onnx");

  check_error (NULL, "Choose a model.");
  check_error (nowhere, "The model cannot be read. The file “/nowhere/at-all.onnx”");
  check_error (place, "The model cannot be read.");
  check_error (page, "The model cannot be read.");
  check_error (pointer, "The model cannot be read.");
  check_error (lacking, "Transmogrify");
  check_error (lacking, "Frobnicate");
  check_error (none, "its input is no picture with one or three channels");
}

/* The table of the doubling network for an input of 8×4. */
static void
test_info (void)
{
  GimpProcedure *procedure =
      gimp_pdb_lookup_procedure (gimp_get_pdb (), "plug-in-convnet-model-info");
  GimpProcedureConfig *config = gimp_procedure_create_config (procedure);
  g_autoptr (GFile) model = doubling (3);
  GimpValueArray *values;
  double memory;

  g_object_set (config, "model-file", model, "width", 8, "height", 4, NULL);
  values = gimp_procedure_run_config (procedure, config);
  g_assert_cmpint (GIMP_VALUES_GET_ENUM (values, 0), ==, GIMP_PDB_SUCCESS);
  g_assert_true (strstr (GIMP_VALUES_GET_STRING (values, 1), "x\tInput\t4×8×3\t96\t0\t0\t1\n"));
  g_assert_true (strstr (GIMP_VALUES_GET_STRING (values, 1), "Resize\t8×16×3\t384\t"));
  memory = GIMP_VALUES_GET_DOUBLE (values, 5);
  g_assert_cmpfloat (memory, >=, (96 + 384) * sizeof (float));
  g_assert_cmpfloat (memory, <, (96 + 384) * sizeof (float) + 4096);
  gimp_value_array_unref (values);

  /* For more than a plan may take, too. */
  g_object_set (config, "width", 9000, "height", 9000, NULL);
  values = gimp_procedure_run_config (procedure, config);
  g_assert_cmpint (GIMP_VALUES_GET_ENUM (values, 0), ==, GIMP_PDB_SUCCESS);
  g_assert_cmpfloat (GIMP_VALUES_GET_DOUBLE (values, 5), >=, 15.0 * 9000 * 9000 * sizeof (float));
  gimp_value_array_unref (values);
  g_object_unref (config);
}

void
add_apply_tests (void)
{
  folder = g_dir_make_tmp ("convnet-models-XXXXXX", NULL);
  g_test_add_func ("/apply/types", test_types);
  g_test_add_func ("/apply/luminance", test_luminance);
  g_test_add_func ("/apply/scale", test_scale);
  g_test_add_func ("/apply/one-size", test_one_size);
  g_test_add_func ("/apply/tiles", test_tiles);
  g_test_add_func ("/apply/memory", test_memory);
  g_test_add_func ("/apply/errors", test_errors);
  g_test_add_func ("/apply/info", test_info);
}
