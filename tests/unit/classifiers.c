/* classifiers.c: small networks that classify pictures, and what they must say, in double.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/classifiers.h"

#include <math.h>

#include "tests/unit/oracle.h"

CnGraph *
classifier_begin (int side)
{
  CnGraph *graph = cn_graph_new ("test", 13);
  const CnShape shape = cn_shape_nchw (-1, 3, side, side);

  g_assert_true (cn_graph_add_input (graph, "x", CN_TYPE_FLOAT, &shape, NULL));
  cn_graph_set_metadata (graph, "input-height", "8");
  cn_graph_set_metadata (graph, "input-width", "8");
  return graph;
}

/* 3×3 convolution, ReLU, mean, and what `tail` says: "gemm", "matmul", "conv", or "maps": a
   convolution before the mean. */
CnGraph *
classifier_pooled (const char *tail, gboolean softmax)
{
  CnGraph *graph = classifier_begin (-1);
  const char *last = softmax ? "z" : "y";

  network_conv (graph, "c1", "x", "c1", 3, CHANNELS, 3, 1);
  network_node (graph, "Relu", "a", "c1", "a");
  if (g_str_equal (tail, "maps"))
    network_conv (graph, "c2", "a", "m", CHANNELS, CLASSES, 1, 0);
  network_node (graph, "GlobalAveragePool", "p", g_str_equal (tail, "maps") ? "m" : "a", "p");
  network_node (graph, "Flatten", "f", "p", "f");
  if (g_str_equal (tail, "gemm"))
    network_dense (graph, "d", "f", last, CHANNELS, CLASSES);
  else if (g_str_equal (tail, "matmul"))
    {
      const CnShape shape = { 2, { CHANNELS, CLASSES } };
      g_autofree float *weights = network_random (CHANNELS * CLASSES, 1);

      cn_graph_add_floats (graph, "d.w", &shape, weights, NULL);
      network_channels (graph, "d.b", 1);
      network_pair (graph, "MatMul", "d", "f", "d.w", "d");
      network_pair (graph, "Add", "e", "d", "d.b", "e");
      network_node (graph, "Flatten", "g", "e", last);
    }
  else if (g_str_equal (tail, "conv"))
    network_conv (graph, "d", "p", last, CHANNELS, CLASSES, 1, 0);
  else
    network_node (graph, "Identity", "i", "f", last);
  if (softmax)
    cn_node_set_int (network_node (graph, "Softmax", "y", "z", "y"), "axis", 1);
  cn_graph_add_output (graph, "y");
  return graph;
}

/* Two pooled layers and a dense one: no global average. */
CnGraph *
classifier_dense (void)
{
  CnGraph *graph = classifier_begin (WINDOW);

  network_conv (graph, "c1", "x", "c1", 3, CHANNELS, 3, 1);
  network_node (graph, "Relu", "a", "c1", "a");
  network_node (graph, "Flatten", "f", "a", "f");
  network_dense (graph, "d", "f", "y", CHANNELS * WINDOW * WINDOW, CLASSES);
  cn_graph_add_output (graph, "y");
  return graph;
}

CnClassifier *
classifier_look_at (const CnGraph *graph)
{
  g_autoptr (GError) error = NULL;
  CnClassifier *classifier = cn_classifier_new (graph, &(CnClassifierOptions){ 0 }, &error);

  g_assert_no_error (error);
  return classifier;
}

CnSource
picture_source (const Picture *picture)
{
  return (CnSource){ .width = picture->width,
                     .height = picture->height,
                     .memory = cn_view_packed (picture->data, 1, picture->channels, picture->height,
                                               picture->width) };
}

const float *
classifier_constant (const CnGraph *graph, const char *name)
{
  return cn_graph_value (graph, cn_graph_find (graph, name))->constant->floats;
}

/* What the network has after its ReLU: CHANNELS × height × width. */
double *
classifier_expect_maps (const CnGraph *graph, const Picture *picture)
{
  gsize n = (gsize) CHANNELS * picture->height * picture->width;
  OracleImage image = oracle_interleaved (picture->data, 3, picture->height, picture->width);
  const OracleConv conv = { .filters = CHANNELS,
                            .groups = 1,
                            .kernel_height = 3,
                            .kernel_width = 3,
                            .stride_y = 1,
                            .stride_x = 1,
                            .dilation_y = 1,
                            .dilation_x = 1,
                            .top = 1,
                            .left = 1,
                            .bottom = 1,
                            .right = 1 };
  double *maps = g_new (double, n);
  g_autofree double *size = g_new (double, n);

  oracle_conv2d (&conv, &image, classifier_constant (graph, "c1.w"),
                 classifier_constant (graph, "c1.b"), maps, size);
  for (gsize i = 0; i < n; i++)
    maps[i] = fmax (maps[i], 0);
  return maps;
}

static double
mean_of (const double *map, gsize n)
{
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += map[i];
  return sum / n;
}

/* The probabilities of a network "gemm". */
void
classifier_expect (const CnGraph *graph, const Picture *picture, double *p)
{
  gsize pixels = (gsize) picture->height * picture->width;
  g_autofree double *maps = classifier_expect_maps (graph, picture);
  double sum = 0;

  for (int c = 0; c < CLASSES; c++)
    {
      double z = classifier_constant (graph, "d.b")[c];

      for (int k = 0; k < CHANNELS; k++)
        z += classifier_constant (graph, "d.w")[c * CHANNELS + k]
             * mean_of (maps + k * pixels, pixels);
      sum += p[c] = exp (z);
    }
  for (int c = 0; c < CLASSES; c++)
    p[c] /= sum;
}
