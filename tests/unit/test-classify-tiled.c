/* test-classify-tiled.c: large pictures, which classifiers with a global average pool go over tile
 * by tile: as one run of the network says, in less memory.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "filters/core/error.h"
#include "tests/unit/classifiers.h"

/* More than a tile on both sides, and no multiple of the strides. */
#define HEIGHT 757
#define WIDTH 1203

/* Maps of a quarter of the size: a convolution with a stride, one without padding, maximum pooling
   and another convolution; their mean, and a dense layer. */
static CnGraph *
strided (void)
{
  CnGraph *graph = classifier_begin (-1);
  CnNode *node;

  network_conv (graph, "c1", "x", "c1", 3, 4, 3, 1);
  node = g_ptr_array_index (graph->nodes, 0);
  cn_node_set_ints (node, "strides", 2, (const gint64[]){ 2, 2 });
  network_conv (graph, "c2", "c1", "c2", 4, 6, 3, 0);
  node = network_node (graph, "MaxPool", "h", "c2", "h");
  cn_node_set_ints (node, "kernel_shape", 2, (const gint64[]){ 2, 2 });
  cn_node_set_ints (node, "strides", 2, (const gint64[]){ 2, 2 });
  network_conv (graph, "c3", "h", "c3", 6, CHANNELS, 3, 1);
  network_node (graph, "Relu", "a", "c3", "a");
  network_node (graph, "GlobalAveragePool", "p", "a", "p");
  network_node (graph, "Flatten", "f", "p", "f");
  network_dense (graph, "d", "f", "z", CHANNELS, CLASSES);
  cn_node_set_int (network_node (graph, "Softmax", "y", "z", "y"), "axis", 1);
  cn_graph_add_output (graph, "y");
  return graph;
}

/* The whole picture through the network at once. */
static float *
at_once (const CnGraph *graph, const Picture *picture, const char *value, CnShape *shape)
{
  const CnShape whole = cn_shape_nchw (1, 3, picture->height, picture->width);
  gsize pixels = (gsize) picture->height * picture->width;
  g_autofree float *planes = g_new (float, 3 * pixels);
  g_autoptr (CnPlan) plan = network_plan (graph, &whole, (const char *const[]){ value, NULL });

  for (gsize i = 0; i < 3 * pixels; i++)
    planes[i % 3 * pixels + i / 3] = picture->data[i];
  if (shape)
    *shape = cn_plan_output (plan, 0)->shape;
  return network_run (plan, planes, 0);
}

/* Means of 50,000 values, which the network sums in float: their order changes each by 10⁻⁵ at
   most, and the scores are sums of five of them. */
static void
test_probabilities (void)
{
  g_autoptr (CnGraph) graph = strided ();
  g_autoptr (Picture) picture = picture_random (WIDTH, HEIGHT, 3);
  g_autofree float *expected = at_once (graph, picture, "y", NULL);
  CnSource source = picture_source (picture);
  g_autoptr (CnClassifier) classifier = classifier_look_at (graph);
  g_autoptr (GError) error = NULL;
  float p[CLASSES];

  g_assert_true (cn_classifier_run (classifier, &source, p, &(CnRun){ 0 }, &error));
  g_assert_no_error (error);
  for (int c = 0; c < CLASSES; c++)
    g_assert_cmpfloat_with_epsilon (p[c], expected[c], 5e-5);
}

static void
test_activation (void)
{
  g_autoptr (CnGraph) graph = strided ();
  g_autoptr (Picture) picture = picture_random (WIDTH, HEIGHT, 3);
  CnShape shape;
  g_autofree float *maps = at_once (graph, picture, "a", &shape);
  CnSource source = picture_source (picture);
  g_autoptr (CnClassifier) classifier = classifier_look_at (graph);
  const float *weights = classifier_constant (graph, "d.w");
  int height, width, pixels = (int) (shape.dims[2] * shape.dims[3]), wrong = 0;
  g_autofree double *expected = g_new0 (double, pixels);
  g_autofree float *heat = NULL;
  double largest = 0;
  int class = -1;

  while (largest == 0) /* until something speaks for the class */
    {
      g_assert_cmpint (++class, <, CLASSES);
      for (int i = 0; i < pixels; i++)
        {
          expected[i] = 0;
          for (int k = 0; k < CHANNELS; k++)
            expected[i] += (double) weights[class * CHANNELS + k] * maps[k * pixels + i];
          largest = fmax (largest, expected[i]);
        }
    }
  heat =
      cn_classifier_activation (classifier, &source, class, &height, &width, &(CnRun){ 0 }, NULL);
  g_assert_cmpint (height, ==, shape.dims[2]);
  g_assert_cmpint (width, ==, shape.dims[3]);
  for (int i = 0; i < pixels; i++)
    wrong += !(fabs (heat[i] - fmax (expected[i], 0) / largest) <= 1e-4);
  g_assert_cmpint (wrong, ==, 0);
}

/* One run would take 20 MiB; tiles of other sizes give the same. */
static void
test_memory (void)
{
  g_autoptr (CnGraph) graph = strided ();
  g_autoptr (Picture) picture = picture_random (WIDTH, HEIGHT, 3);
  g_autofree float *expected = at_once (graph, picture, "y", NULL);
  CnSource source = picture_source (picture);
  const CnClassifierOptions little = { .memory_max = 1 << 20 };
  g_autoptr (CnClassifier) classifier = NULL;
  g_autoptr (GError) error = NULL;
  const CnShape whole = cn_shape_nchw (1, 3, HEIGHT, WIDTH);
  const CnPlanInput input = { .name = "x", .shape = whole };
  const CnPlanOptions options = { .inputs = &input, .n_inputs = 1, .memory_max = 1 << 20 };
  float p[CLASSES];

  g_assert_null (cn_plan_new (graph, &options, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_MEMORY);
  g_clear_error (&error);
  classifier = cn_classifier_new (graph, &little, &error);
  g_assert_no_error (error);
  g_assert_true (cn_classifier_run (classifier, &source, p, &(CnRun){ 0 }, &error));
  g_assert_no_error (error);
  for (int c = 0; c < CLASSES; c++)
    g_assert_cmpfloat_with_epsilon (p[c], expected[c], 5e-5);
}

static void
test_cancel (void)
{
  g_autoptr (CnGraph) graph = strided ();
  g_autoptr (Picture) picture = picture_random (WIDTH, HEIGHT, 3);
  CnSource source = picture_source (picture);
  g_autoptr (CnClassifier) classifier = classifier_look_at (graph);
  g_autoptr (GError) error = NULL;
  const gint raised = 1;
  float p[CLASSES];

  g_assert_false (
      cn_classifier_run (classifier, &source, p, &(CnRun){ .cancel = &raised }, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/classify-tiled/probabilities", test_probabilities);
  g_test_add_func ("/classify-tiled/activation", test_activation);
  g_test_add_func ("/classify-tiled/memory", test_memory);
  g_test_add_func ("/classify-tiled/cancel", test_cancel);
  return g_test_run ();
}
