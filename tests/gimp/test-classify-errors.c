/* test-classify-errors.c: what cannot be classified, and that nothing was touched then.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/filters.h"
#include "tests/gimp/classify.h"
#include "tests/gimp/suites.h"

static void
check_error (GFile *model, const char *property, gpointer value, const char *message)
{
  GimpLayer *layer = harness_usual (FALSE);
  GimpImage *image = gimp_item_get_image (GIMP_ITEM (layer));
  GimpProcedureConfig *config = classify_arguments (layer, model);
  int depth = harness_undo_depth (image);
  g_auto (Answer) answer = { 0 };

  g_object_set (config, "heat-map", "activation", "remember", TRUE, NULL);
  if (property)
    g_object_set (config, property, value, NULL);
  answer = classify_run (config);
  g_assert_cmpint (answer.outcome.status, ==, GIMP_PDB_EXECUTION_ERROR);
  if (!answer.outcome.message || !strstr (answer.outcome.message, message))
    harness_fail ("“%s” instead of “%s”", answer.outcome.message, message);
  g_assert_cmpint (harness_undo_depth (image), ==, depth);
  g_assert_cmpint (harness_count_layers (image), ==, 1);
  gimp_image_delete (image);
}

/* A network that makes a picture of a picture. */
static GFile *
negative (void)
{
  g_autoptr (CnGraph) graph = cn_graph_new ("negative", 13);
  const CnShape shape = cn_shape_nchw (1, 3, -1, -1);
  g_autoptr (GFile) file = classify_path ("negative.onnx");

  cn_graph_add_input (graph, "x", CN_TYPE_FLOAT, &shape, NULL);
  cn_graph_add_node (graph, "Neg", "", (const char *const[]){ "x", NULL },
                     (const char *const[]){ "y", NULL }, NULL);
  cn_graph_add_output (graph, "y");
  g_assert_true (cn_onnx_write (graph, g_file_peek_path (file), NULL));
  return g_steal_pointer (&file);
}

static void
test_errors (void)
{
  g_autoptr (GFile) any = classify_colours (-1, "colours.onnx"),
                    fixed = classify_colours (8, "fixed.onnx");
  g_autoptr (GFile) picture = negative (), few = classify_text ("few.txt", "one\ntwo\n");
  g_autoptr (GFile) empty = classify_text ("empty.txt", ""),
                    nowhere = classify_path ("nowhere.txt");
  g_autoptr (GFile) binary = classify_text ("binary.txt", "\xff\xfe");

  check_error (NULL, "model", (gpointer) "", "Choose a model.");
  check_error (picture, NULL, NULL,
               "This is no network that classifies pictures: its output is 1×3×224×224");
  check_error (any, "labels", few, "There are 2 names, and the network has 3 classes");
  check_error (any, "labels", empty, "“empty.txt”: There are no names of classes");
  check_error (any, "labels", binary, "“binary.txt” is not a text file");
  check_error (any, "labels", nowhere, "“nowhere.txt” cannot be read");
  check_error (any, "class", (gpointer) "yellow", "The network knows no class “yellow”.");
  check_error (fixed, NULL, NULL,
               "The network takes pictures of 8 × 8 pixels only, and this one has 37 × 29.");
}

/* A network for pictures of any size that looks through windows of 9 × 9 pixels. */
static GFile *
windows (void)
{
  g_autoptr (CnGraph) graph = cn_graph_new ("windows", 13);
  const CnShape shape = cn_shape_nchw (1, 3, -1, -1);
  const gint64 window[] = { 9, 9 };
  g_autoptr (GFile) file = classify_path ("windows.onnx");
  CnNode *node;

  cn_graph_add_input (graph, "x", CN_TYPE_FLOAT, &shape, NULL);
  node = cn_graph_add_node (graph, "AveragePool", "", (const char *const[]){ "x", NULL },
                            (const char *const[]){ "p", NULL }, NULL);
  cn_node_set_ints (node, "kernel_shape", 2, window);
  cn_graph_add_node (graph, "GlobalAveragePool", "", (const char *const[]){ "p", NULL },
                     (const char *const[]){ "y", NULL }, NULL);
  cn_graph_add_output (graph, "y");
  cn_graph_set_metadata (graph, "input-height", "16");
  cn_graph_set_metadata (graph, "input-width", "16");
  g_assert_true (cn_onnx_write (graph, g_file_peek_path (file), NULL));
  return g_steal_pointer (&file);
}

/* What is selected is smaller than what the network looks through. */
static void
test_too_small (void)
{
  g_autoptr (GFile) model = windows ();
  GimpLayer *layer = harness_usual (FALSE);
  GimpImage *image = gimp_item_get_image (GIMP_ITEM (layer));
  g_auto (Answer) answer = { 0 }, scaled = { 0 };
  GimpProcedureConfig *config;

  gimp_image_select_rectangle (image, GIMP_CHANNEL_OP_REPLACE, 10, 12, 7, 6);
  answer = classify_run (classify_arguments (layer, model));
  g_assert_cmpint (answer.outcome.status, ==, GIMP_PDB_EXECUTION_ERROR);
  if (!strstr (answer.outcome.message, "A picture of 7×6 pixels does not go through this network, "
                                       "which is made for 16×16: scale it to that."))
    harness_fail ("“%s”", answer.outcome.message);
  config = classify_arguments (layer, model);
  g_object_set (config, "input", "scaled", NULL);
  scaled = classify_run (config);
  g_assert_true (harness_succeeded (&scaled.outcome, "scaled"));
  g_assert_cmpint (harness_count_layers (image), ==, 1);
  gimp_image_delete (image);
}

static void
test_several_layers (void)
{
  GimpImage *image = harness_image (GIMP_RGB, GIMP_PRECISION_U8_NON_LINEAR);
  GimpDrawable *drawables[] = { GIMP_DRAWABLE (harness_layer (image, FALSE, 9, 9, 0, 0)),
                                GIMP_DRAWABLE (harness_layer (image, FALSE, 9, 9, 0, 0)), NULL };
  g_auto (Answer) answer = classify_run (harness_config (CLASSIFY, image, drawables));

  g_assert_cmpint (answer.outcome.status, ==, GIMP_PDB_CALLING_ERROR);
  g_assert_cmpstr (answer.outcome.message, ==, "Several layers are selected: choose one.");
  gimp_image_delete (image);
}

void
add_classify_errors_tests (void)
{
  g_test_add_func ("/classify-errors/errors", test_errors);
  g_test_add_func ("/classify-errors/too-small", test_too_small);
  g_test_add_func ("/classify-errors/several-layers", test_several_layers);
}
