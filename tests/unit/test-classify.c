/* test-classify.c: classifiers over pictures: probabilities, ranks, names, sizes, and what is none.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "filters/core/error.h"
#include "tests/unit/classifiers.h"

static void
assert_probabilities (const CnGraph *graph, const Picture *picture)
{
  g_autoptr (CnClassifier) classifier = classifier_look_at (graph);
  g_autoptr (GError) error = NULL;
  CnSource source = picture_source (picture);
  double expected[CLASSES];
  float p[CLASSES];

  cn_classifier_run (classifier, &source, p, &(CnRun){ 0 }, &error);
  g_assert_no_error (error);
  classifier_expect (graph, picture, expected);
  for (int c = 0; c < CLASSES; c++)
    g_assert_cmpfloat_with_epsilon (p[c], expected[c], TOLERANCE);
}

/* With Softmax in the network and without, at its own size and at another. */
static void
test_probabilities (void)
{
  g_autoptr (CnGraph) with = classifier_pooled ("gemm", TRUE),
                      without = classifier_pooled ("gemm", FALSE);
  g_autoptr (Picture) usual = picture_random (WINDOW, WINDOW, 3),
                      other = picture_random (19, 13, 3);

  assert_probabilities (with, usual);
  assert_probabilities (with, other);
  assert_probabilities (without, usual);
}

/* Scores that would be infinite as powers. */
static void
test_large_scores (void)
{
  g_autoptr (CnGraph) graph = classifier_begin (WINDOW);
  static const float scores[3] = { 1000, 998, -2000 };
  const CnShape shape = { 2, { 1, 3 } };
  g_autoptr (Picture) picture = picture_random (WINDOW, WINDOW, 3);
  g_autoptr (CnClassifier) classifier = NULL;
  CnSource source = picture_source (picture);
  float p[3];

  cn_graph_add_floats (graph, "s", &shape, scores, NULL);
  network_node (graph, "GlobalAveragePool", "p", "x", "p");
  network_node (graph, "Flatten", "f", "p", "f");
  network_pair (graph, "Add", "a", "f", "s", "y");
  cn_graph_add_output (graph, "y");
  classifier = classifier_look_at (graph);
  g_assert_true (cn_classifier_run (classifier, &source, p, &(CnRun){ 0 }, NULL));
  g_assert_cmpfloat (p[0], >, p[1]);
  g_assert_cmpfloat_with_epsilon (p[0] + p[1], 1, 1e-6);
  g_assert_cmpfloat (p[2], ==, 0);

  picture->data[5] = NAN;
  g_assert_false (cn_classifier_run (classifier, &source, p, &(CnRun){ 0 }, NULL));
}

/* Of what is independent of each other, as Sigmoid has it, nothing is made. */
static void
test_sigmoid (void)
{
  g_autoptr (CnGraph) graph = classifier_begin (WINDOW);
  g_autoptr (Picture) picture = picture_new (WINDOW, WINDOW, 3);
  g_autoptr (CnClassifier) classifier = NULL;
  CnSource source = picture_source (picture);
  float p[3];

  network_node (graph, "GlobalAveragePool", "p", "x", "p");
  network_node (graph, "Sigmoid", "s", "p", "y");
  cn_graph_add_output (graph, "y");
  classifier = classifier_look_at (graph);
  g_assert_true (cn_classifier_run (classifier, &source, p, &(CnRun){ 0 }, NULL));
  for (int i = 0; i < 3; i++)
    g_assert_cmpfloat (p[i], ==, 0.5f);
}

static void
test_rank (void)
{
  static const float p[] = { 0.1f, 0.3f, 0.2f };
  static const float same[] = { 0.5f, 0.5f, 0.5f };
  g_autoptr (CnGraph) graph = classifier_pooled ("gemm", TRUE);
  g_autoptr (CnClassifier) classifier = classifier_look_at (graph);
  int ranks[3];

  cn_classifier_rank (classifier, p, 3, ranks);
  g_assert_cmpmem (ranks, sizeof ranks, ((int[]){ 1, 2, 0 }), sizeof ranks);
  cn_classifier_rank (classifier, p, 2, ranks);
  g_assert_cmpmem (ranks, 2 * sizeof (int), ((int[]){ 1, 2 }), 2 * sizeof (int));
  cn_classifier_rank (classifier, same, 3, ranks);
  g_assert_cmpmem (ranks, sizeof ranks, ((int[]){ 0, 1, 2 }), sizeof ranks);
}

static void
test_names (void)
{
  g_autoptr (CnGraph) graph = classifier_pooled ("gemm", TRUE);
  g_autoptr (CnClassifier) numbers = classifier_look_at (graph), named = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (cn_classifier_name (numbers, 2), ==, "class 2");
  cn_graph_set_metadata (graph, "classes", "a\nb");
  g_clear_pointer (&numbers, cn_classifier_free);
  numbers = classifier_look_at (graph);
  g_assert_cmpstr (cn_classifier_name (numbers, 0), ==, "class 0");
  cn_graph_set_metadata (graph, "classes", "a\nb\nc");
  named = classifier_look_at (graph);
  g_assert_cmpstr (cn_classifier_name (named, 2), ==, "c");
  g_assert_cmpint (cn_classifier_find (named, "b"), ==, 1);
  g_assert_cmpint (cn_classifier_find (named, "d"), ==, -1);
  g_assert_false (cn_classifier_set_labels (named, (char *[]){ "x", "y", NULL }, &error));
  g_assert_cmpstr (error->message, ==, "There are 2 names, and the network has 3 classes");
  g_assert_true (cn_classifier_set_labels (named, (char *[]){ "x", "y", "z", NULL }, NULL));
  g_assert_cmpstr (cn_classifier_name (named, 2), ==, "z");
}

static void
test_sizes (void)
{
  g_autoptr (CnGraph) open = classifier_pooled ("gemm", TRUE), fixed = classifier_dense (),
                      lecture = network_lecture ();
  g_autoptr (CnClassifier) a = classifier_look_at (open), b = classifier_look_at (fixed),
                           c = classifier_look_at (lecture);
  int height, width;

  cn_classifier_size (a, &height, &width);
  g_assert_cmpint (height, ==, WINDOW);
  g_assert_true (cn_classifier_any_size (a));
  g_assert_false (cn_classifier_any_size (b));
  cn_classifier_size (c, &height, &width);
  g_assert_cmpint (width, ==, 32);
  g_assert_cmpint (cn_classifier_classes (c), ==, 10);
}

static void
assert_refused (CnGraph *graph, const char *why)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *message =
      g_strconcat ("This is no network that classifies pictures: ", why, NULL);

  g_assert_null (cn_classifier_new (graph, &(CnClassifierOptions){ 0 }, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_UNSUPPORTED);
  g_assert_cmpstr (error->message, ==, message);
  cn_graph_free (graph);
}

static void
test_refused (void)
{
  CnGraph *image = classifier_begin (-1), *one = classifier_begin (-1),
          *none = classifier_begin (-1);

  network_node (image, "Relu", "r", "x", "y");
  cn_graph_add_output (image, "y");
  network_conv (one, "c", "x", "c", 3, 1, 1, 0);
  network_node (one, "GlobalAveragePool", "p", "c", "y");
  cn_graph_add_output (one, "y");
  assert_refused (image, "its output is 1×3×8×8, and not a number for each class");
  assert_refused (one, "its output is 1×1×1×1, and not a number for each class");
  assert_refused (none, "it has no output");
  assert_refused (cn_graph_new ("nothing", 13), "it has no input");
}

static void
test_sizes_that_do_not_fit (void)
{
  g_autoptr (CnGraph) graph = classifier_pooled ("gemm", TRUE), fixed = classifier_dense ();
  g_autoptr (CnClassifier) classifier = classifier_look_at (graph),
                           of_one_size = classifier_look_at (fixed);
  g_autoptr (Picture) small = picture_random (WINDOW - 1, 20, 3);
  CnSource source = picture_source (small);
  g_autoptr (GError) window = NULL, size = NULL;
  float map[20 * WINDOW];

  g_assert_false (cn_classifier_slide (classifier, &source, 0, map, &(CnRun){ 0 }, &window));
  g_assert_cmpstr (window->message, ==,
                   "The picture has 7×20 pixels, and the network's window has 8×8");
  g_assert_false (cn_classifier_run (of_one_size, &source, map, &(CnRun){ 0 }, &size));
  g_assert_error (size, CN_ERROR, CN_ERROR_SHAPE);
  g_assert_true (strstr (size->message, "which is made for 8×8: scale it to that. ("));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/classify/probabilities", test_probabilities);
  g_test_add_func ("/classify/large-scores", test_large_scores);
  g_test_add_func ("/classify/sigmoid", test_sigmoid);
  g_test_add_func ("/classify/rank", test_rank);
  g_test_add_func ("/classify/names", test_names);
  g_test_add_func ("/classify/sizes", test_sizes);
  g_test_add_func ("/classify/refused", test_refused);
  g_test_add_func ("/classify/sizes-that-do-not-fit", test_sizes_that_do_not_fit);
  return g_test_run ();
}
