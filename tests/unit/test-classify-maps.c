/* test-classify-maps.c: where classifiers see a class: activation maps and probability maps.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "filters/core/error.h"
#include "tests/unit/classifiers.h"

/* The positive part of Σ w[k] · A[k]. */
static double *
expect_activation (const CnGraph *graph, const Picture *picture, const double *weights)
{
  gsize pixels = (gsize) picture->height * picture->width;
  g_autofree double *maps = classifier_expect_maps (graph, picture);
  double *heat = g_new0 (double, pixels);

  for (gsize i = 0; i < pixels; i++)
    {
      for (int k = 0; k < CHANNELS; k++)
        heat[i] += weights[k] * maps[k * pixels + i];
      heat[i] = fmax (heat[i], 0);
    }
  return heat;
}

/* How many values are not so, by the largest. What is expected is a sum of some 150 products of a
   magnitude of 1, which float adds up to about 150 · 2⁻²⁴, or 10⁻⁵: 10⁻³ of the least largest
   that is compared; where hardly anything speaks for the class there is nothing to compare. */
static int
compare_activation (const CnGraph *graph, const Picture *picture, int index, const double *expected)
{
  g_autoptr (CnClassifier) classifier = classifier_look_at (graph);
  g_autoptr (GError) error = NULL;
  g_autofree float *heat = NULL;
  CnSource source = picture_source (picture);
  int height, width, wrong = 0;
  double largest = 0;

  heat =
      cn_classifier_activation (classifier, &source, index, &height, &width, &(CnRun){ 0 }, &error);
  g_assert_no_error (error);
  g_assert_cmpint (height, ==, picture->height);
  g_assert_cmpint (width, ==, picture->width);
  for (int i = 0; i < height * width; i++)
    largest = fmax (largest, expected[i]);
  for (int i = 0; i < height * width && largest > 0.01; i++)
    wrong += !(fabs (heat[i] - expected[i] / largest) <= 1e-3);
  return wrong;
}

static void
read_weights (const CnGraph *graph, const char *tail, int index, double *weights)
{
  gboolean by_columns = g_str_equal (tail, "matmul");
  const float *w = classifier_constant (graph, g_str_equal (tail, "maps") ? "c2.w" : "d.w");

  for (int k = 0; k < CHANNELS; k++)
    weights[k] = w[by_columns ? k * CLASSES + index : index * CHANNELS + k];
}

static void
test_activation (void)
{
  static const char *const tails[] = { "gemm", "matmul", "conv" };
  g_autoptr (Picture) picture = picture_random (11, 9, 3);

  for (gsize i = 0; i < G_N_ELEMENTS (tails); i++)
    for (int index = 0; index < CLASSES; index++)
      {
        g_autoptr (CnGraph) graph = classifier_pooled (tails[i], i != 1);
        double weights[CHANNELS];
        g_autofree double *expected = NULL;

        read_weights (graph, tails[i], index, weights);
        expected = expect_activation (graph, picture, weights);
        g_assert_cmpint (compare_activation (graph, picture, index, expected), ==, 0);
      }
}

/* A network whose maps are the classes': their biases belong to them. */
static void
test_activation_of_maps (void)
{
  g_autoptr (CnGraph) graph = classifier_pooled ("maps", TRUE);
  g_autoptr (Picture) picture = picture_random (11, 9, 3);
  g_autofree double *maps = classifier_expect_maps (graph, picture);
  double expected[99];

  for (int i = 0; i < 99; i++)
    {
      expected[i] = classifier_constant (graph, "c2.b")[1];
      for (int k = 0; k < CHANNELS; k++)
        expected[i] += classifier_constant (graph, "c2.w")[CHANNELS + k] * maps[k * 99 + i];
      expected[i] = fmax (expected[i], 0);
    }
  g_assert_cmpint (compare_activation (graph, picture, 1, expected), ==, 0);
}

/* The weights by hand: of a linear network, what a map adds to the score. */
static void
expect_ablation (const CnGraph *graph, const Picture *picture, int index, double *weights)
{
  gsize pixels = (gsize) picture->height * picture->width;
  g_autofree double *maps = classifier_expect_maps (graph, picture);

  for (int k = 0; k < CHANNELS; k++)
    {
      weights[k] = 0;
      for (gsize i = 0; i < pixels; i++)
        weights[k] += classifier_constant (graph, "d.w")[(index * CHANNELS + k) * pixels + i]
                      * maps[k * pixels + i];
    }
}

static void
test_ablation (void)
{
  for (int index = 0; index < CLASSES; index++)
    {
      g_autoptr (CnGraph) graph = classifier_dense ();
      g_autoptr (Picture) picture = picture_random (WINDOW, WINDOW, 3);
      g_autofree double *expected = NULL;
      double weights[CHANNELS];

      expect_ablation (graph, picture, index, weights);
      expected = expect_activation (graph, picture, weights);
      g_assert_cmpint (compare_activation (graph, picture, index, expected), ==, 0);
    }
}

static void
test_other_weights_are_found (void)
{
  g_autoptr (CnGraph) graph = classifier_pooled ("gemm", TRUE);
  g_autoptr (Picture) picture = picture_random (11, 9, 3);
  const double weights[CHANNELS] = { 1, 2, 3, 4, 5 };
  g_autofree double *expected = expect_activation (graph, picture, weights);

  g_assert_cmpint (compare_activation (graph, picture, 0, expected), >, 0);
}

static void
test_no_maps (void)
{
  g_autoptr (CnGraph) graph = classifier_begin (WINDOW);
  g_autoptr (Picture) picture = picture_random (WINDOW, WINDOW, 3);
  g_autoptr (CnClassifier) classifier = NULL;
  g_autoptr (GError) error = NULL;
  CnSource source = picture_source (picture);
  int height, width;

  network_node (graph, "Flatten", "f", "x", "f");
  network_dense (graph, "d", "f", "y", 3 * WINDOW * WINDOW, CLASSES);
  cn_graph_add_output (graph, "y");
  classifier = classifier_look_at (graph);
  g_assert_null (
      cn_classifier_activation (classifier, &source, 0, &height, &width, &(CnRun){ 0 }, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_UNSUPPORTED);
}

/* The mean of the windows that a pixel lies in, each cut out and classified by hand. */
static void
test_slide (void)
{
  g_autoptr (CnGraph) graph = classifier_pooled ("gemm", TRUE);
  g_autoptr (CnClassifier) classifier = classifier_look_at (graph);
  g_autoptr (Picture) picture = picture_random (21, 17, 3);
  g_autofree float *map = g_new (float, 21 * 17);
  CnSource source = picture_host_source (picture);
  double sums[21 * 17] = { 0 };
  int counts[21 * 17] = { 0 };

  g_assert_true (cn_classifier_slide (classifier, &source, 2, map, &(CnRun){ .threads = 1 }, NULL));
  for (int top = 0; top < 17 - WINDOW + 2; top += 2)
    for (int left = 0; left < 21 - WINDOW + 2; left += 2)
      {
        g_autoptr (Picture) window = picture_new (WINDOW, WINDOW, 3);
        int y = MIN (top, 17 - WINDOW), x = MIN (left, 21 - WINDOW);
        double p[CLASSES];

        for (int i = 0; i < WINDOW; i++)
          memcpy (picture_at (window, 0, i), picture_at (picture, x, y + i),
                  3 * WINDOW * sizeof (float));
        classifier_expect (graph, window, p);
        for (int i = 0; i < WINDOW * WINDOW; i++)
          {
            sums[(y + i / WINDOW) * 21 + x + i % WINDOW] += p[2];
            counts[(y + i / WINDOW) * 21 + x + i % WINDOW]++;
          }
      }
  for (int i = 0; i < 21 * 17; i++)
    g_assert_cmpfloat_with_epsilon (map[i], sums[i] / counts[i], TOLERANCE);
}

static void
test_cancel (void)
{
  g_autoptr (CnGraph) graph = classifier_dense ();
  g_autoptr (CnClassifier) classifier = classifier_look_at (graph);
  g_autoptr (Picture) picture = picture_random (WINDOW, WINDOW, 3);
  g_autoptr (GError) error = NULL;
  CnSource source = picture_source (picture);
  gint raised = 1;
  int height, width;

  g_assert_null (cn_classifier_activation (classifier, &source, 0, &height, &width,
                                           &(CnRun){ .cancel = &raised }, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/classify-maps/activation", test_activation);
  g_test_add_func ("/classify-maps/activation-of-maps", test_activation_of_maps);
  g_test_add_func ("/classify-maps/ablation", test_ablation);
  g_test_add_func ("/classify-maps/other-weights-are-found", test_other_weights_are_found);
  g_test_add_func ("/classify-maps/no-maps", test_no_maps);
  g_test_add_func ("/classify-maps/slide", test_slide);
  g_test_add_func ("/classify-maps/cancel", test_cancel);
  return g_test_run ();
}
