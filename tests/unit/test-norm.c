/* test-norm.c: normalizations and functions of elements as single operators, worked out by hand.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "tests/unit/single.h"

/* Up to opset 8 each element of a sample may have its own statistics. */
static void
test_batch (void)
{
  g_autoptr (CnGraph) graph = single_new ("BatchNormalization", 7, 5, 1);

  single_floats (graph, 0, SHAPE (2, 2, 1), (const float[]){ 1, 2, 3, 4 });
  single_floats (graph, 1, SHAPE (2, 1), (const float[]){ 1, 2 });
  single_floats (graph, 2, SHAPE (2, 1), (const float[]){ 0, 10 });
  single_floats (graph, 3, SHAPE (2, 1), (const float[]){ 1, 1 });
  single_floats (graph, 4, SHAPE (2, 1), (const float[]){ 4, 1 });
  cn_node_set_float (single_node (graph), "epsilon", 0);
  cn_node_set_int (single_node (graph), "spatial", 0);
  single_check (graph, 0, SHAPE (2, 2, 1), (const float[]){ 0, 12, 1, 16 }, 1e-6);
}

/* What has as many statistics as a sample has elements is none for its channels. */
static void
test_batch_faults (void)
{
  g_autoptr (CnGraph) graph = single_new ("BatchNormalization", 7, 5, 1);

  single_floats (graph, 0, SHAPE (1, 2, 2), (const float[]){ 1, 2, 3, 4 });
  for (int i = 1; i < 5; i++)
    single_floats (graph, i, SHAPE (3), (const float[]){ 1, 1, 1 });
  cn_node_set_int (single_node (graph), "spatial", 0);
  single_fails (graph, "BatchNormalization “it”: input 2 is 3, and there are 4 channels");
}

/* MXNet says that each element has its own, and gives those of channels. */
static void
test_batch_mxnet (void)
{
  g_autoptr (CnGraph) graph = single_new ("BatchNormalization", 8, 5, 1);

  single_floats (graph, 0, SHAPE (1, 2, 2), (const float[]){ 1, 2, 3, 4 });
  single_floats (graph, 1, SHAPE (2), (const float[]){ 1, 2 });
  single_floats (graph, 2, SHAPE (2), (const float[]){ 0, 10 });
  single_floats (graph, 3, SHAPE (2), (const float[]){ 1, 1 });
  single_floats (graph, 4, SHAPE (2), (const float[]){ 4, 1 });
  cn_node_set_float (single_node (graph), "epsilon", 0);
  cn_node_set_int (single_node (graph), "spatial", 0);
  single_check (graph, 0, SHAPE (1, 2, 2), (const float[]){ 0, 0.5f, 14, 16 }, 1e-6);
}

/* 1, 3 | 5, 7: each channel by itself, all together, and without the division. */
static void
test_mean_variance (void)
{
  g_autoptr (CnGraph) graph = single_new ("MeanVarianceNormalization", 8, 1, 1);
  const float deviation = sqrtf (5);

  single_floats (graph, 0, SHAPE (1, 2, 1, 2), (const float[]){ 1, 3, 5, 7 });
  single_check (graph, 0, SHAPE (1, 2, 1, 2), (const float[]){ -1, 1, -1, 1 }, 1e-6);
  cn_node_set_int (single_node (graph), "across_channels", 1);
  single_check (graph, 0, SHAPE (1, 2, 1, 2),
                (const float[]){ -3 / deviation, -1 / deviation, 1 / deviation, 3 / deviation },
                1e-6);
  cn_node_set_int (single_node (graph), "normalize_variance", 0);
  single_check (graph, 0, SHAPE (1, 2, 1, 2), (const float[]){ -3, -1, 1, 3 }, 0);
}

static void
test_lp (void)
{
  g_autoptr (CnGraph) graph = single_new ("LpNormalization", 1, 1, 1);

  single_floats (graph, 0, SHAPE (2, 2), (const float[]){ 3, 0, -4, 0 });
  cn_node_set_int (single_node (graph), "axis", 0);
  single_check (graph, 0, SHAPE (2, 2), (const float[]){ 0.6f, 0, -0.8f, 0 }, 1e-7);
  cn_node_set_int (single_node (graph), "p", 1);
  single_check (graph, 0, SHAPE (2, 2), (const float[]){ 3.f / 7, 0, -4.f / 7, 0 }, 1e-7);
  cn_node_set_int (single_node (graph), "p", 3);
  single_fails (graph, "The network needs what this program does not have:\n"
                       "LpNormalization “it”: the attribute “p” is “3”, which is not supported");
}

static void
test_scaler (void)
{
  g_autoptr (CnGraph) graph = single_new ("ImageScaler", 7, 1, 1);

  single_floats (graph, 0, SHAPE (1, 2, 1, 2), (const float[]){ 1, 2, 3, 4 });
  cn_node_set_float (single_node (graph), "scale", 0.5f);
  cn_node_set_floats (single_node (graph), "bias", 2, (const float[]){ 10, -1 });
  single_check (graph, 0, SHAPE (1, 2, 1, 2), (const float[]){ 10.5f, 11, 0.5f, 1 }, 0);
  cn_node_set_floats (single_node (graph), "bias", 3, (const float[]){ 10, -1, 0 });
  single_fails (graph, "ImageScaler “it”: 3 numbers are not one for each channel of 1×2×1×2");
}

/* Operators that ONNX no longer has: of −1, 0 and 2, with an alpha of 3 and a beta of 0.5. */
static void
test_old_functions (void)
{
  static const struct
  {
    const char *op;
    float expected[3];
  } cases[] = {
    { "Affine", { -2.5f, 0.5f, 6.5f } },
    { "ScaledTanh", { -1.38635147f, 0, 2.28478247f } },                  /* 3 tanh (x / 2) */
    { "ParametricSoftplus", { 1.42223095f, 2.07944154f, 3.93978506f } }, /* 3 ln (1 + e^(x/2)) */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (CnGraph) graph = single_new (cases[i].op, 7, 1, 1);

      single_floats (graph, 0, SHAPE (3), (const float[]){ -1, 0, 2 });
      cn_node_set_float (single_node (graph), "alpha", 3);
      cn_node_set_float (single_node (graph), "beta", 0.5f);
      single_check (graph, 0, SHAPE (3), cases[i].expected, 1e-6);
    }
}

/* Bounds that are the wrong way round make everything the upper one. */
static void
test_clip (void)
{
  g_autoptr (CnGraph) graph = single_new ("Clip", 13, 3, 1);
  g_autoptr (CnGraph) whole = single_new ("Relu", 14, 1, 1);

  single_floats (graph, 0, SHAPE (3), (const float[]){ -5, 0, 5 });
  single_floats (graph, 1, SHAPE (), (const float[]){ 2 });
  single_floats (graph, 2, SHAPE (), (const float[]){ -1 });
  single_check (graph, 0, SHAPE (3), (const float[]){ -1, -1, -1 }, 0);
  single_ints (whole, 0, SHAPE (3), (const gint64[]){ G_MININT64, 0, G_MAXINT64 });
  single_check_ints (whole, 0, SHAPE (3), (const gint64[]){ 0, 0, G_MAXINT64 });
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/norm/batch", test_batch);
  g_test_add_func ("/norm/batch-faults", test_batch_faults);
  g_test_add_func ("/norm/batch-mxnet", test_batch_mxnet);
  g_test_add_func ("/norm/mean-variance", test_mean_variance);
  g_test_add_func ("/norm/lp", test_lp);
  g_test_add_func ("/norm/scaler", test_scaler);
  g_test_add_func ("/norm/old-functions", test_old_functions);
  g_test_add_func ("/norm/clip", test_clip);
  return g_test_run ();
}
