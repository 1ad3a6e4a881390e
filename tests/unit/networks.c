/* networks.c: networks that are built in C, with random weights.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/networks.h"

#include <math.h>
#include <string.h>

float *
network_random (gsize n, double range)
{
  float *floats = g_new (float, n);

  for (gsize i = 0; i < n; i++)
    floats[i] = (float) g_test_rand_double_range (-range, range);
  return floats;
}

/* Adds a constant NAME.SUFFIX; returns its name, to be freed. */
static char *
add_random (CnGraph *graph, const char *name, const char *suffix, CnShape shape, double range,
            double offset)
{
  char *full = g_strdup_printf ("%s.%s", name, suffix);
  gsize n = cn_shape_elements (&shape);
  g_autofree float *floats = network_random (n, range);

  for (gsize i = 0; i < n; i++)
    floats[i] += (float) offset;
  g_assert_true (cn_graph_add_floats (graph, full, &shape, floats, NULL));
  return full;
}

static CnNode *
add_node (CnGraph *graph, const char *op, const char *name, const char *const *inputs,
          const char *to)
{
  GError *error = NULL;
  CnNode *node =
      cn_graph_add_node (graph, op, name, inputs, (const char *const[]){ to, NULL }, &error);

  g_assert_no_error (error);
  return node;
}

void
network_conv (CnGraph *graph, const char *name, const char *from, const char *to, int in, int out,
              int kernel, int padding)
{
  double range = 1 / sqrt ((double) in * kernel * kernel);
  g_autofree char *w =
      add_random (graph, name, "w", cn_shape_nchw (out, in, kernel, kernel), range, 0);
  g_autofree char *b = add_random (graph, name, "b", (CnShape){ 1, { out } }, range, 0);
  CnNode *node = add_node (graph, "Conv", name, (const char *const[]){ from, w, b, NULL }, to);
  const gint64 pads[] = { padding, padding, padding, padding };

  cn_node_set_ints (node, "pads", 4, pads);
}

void
network_norm (CnGraph *graph, const char *name, const char *from, const char *to, int channels)
{
  const CnShape shape = { 1, { channels } };
  g_autofree char *scale = add_random (graph, name, "scale", shape, 1, 0);
  g_autofree char *bias = add_random (graph, name, "bias", shape, 1, 0);
  g_autofree char *mean = add_random (graph, name, "mean", shape, 1, 0);
  g_autofree char *variance = add_random (graph, name, "variance", shape, 0.9, 1);

  add_node (graph, "BatchNormalization", name,
            (const char *const[]){ from, scale, bias, mean, variance, NULL }, to);
}

void
network_dense (CnGraph *graph, const char *name, const char *from, const char *to, int in, int out)
{
  double range = 1 / sqrt (in);
  g_autofree char *w = add_random (graph, name, "w", (CnShape){ 2, { out, in } }, range, 0);
  g_autofree char *b = add_random (graph, name, "b", (CnShape){ 1, { out } }, range, 0);
  CnNode *node = add_node (graph, "Gemm", name, (const char *const[]){ from, w, b, NULL }, to);

  cn_node_set_int (node, "transB", 1);
}

CnNode *
network_node (CnGraph *graph, const char *op, const char *name, const char *from, const char *to)
{
  return add_node (graph, op, name, (const char *const[]){ from, NULL }, to);
}

void
network_channels (CnGraph *graph, const char *name, int channels)
{
  g_autofree float *floats = network_random (channels, 1);
  const CnShape shape = { 3, { channels, 1, 1 } };

  for (int c = 0; c < channels; c++)
    floats[c] += floats[c] < 0 ? -0.5f : 0.5f;
  g_assert_true (cn_graph_add_floats (graph, name, &shape, floats, NULL));
}

CnNode *
network_pair (CnGraph *graph, const char *op, const char *name, const char *a, const char *b,
              const char *to)
{
  return add_node (graph, op, name, (const char *const[]){ a, b, NULL }, to);
}

static void
add_pool (CnGraph *graph, const char *name, const char *from, const char *to)
{
  CnNode *node = network_node (graph, "MaxPool", name, from, to);
  const gint64 two[] = { 2, 2 };

  cn_node_set_ints (node, "kernel_shape", 2, two);
  cn_node_set_ints (node, "strides", 2, two);
}

CnGraph *
network_lecture (void)
{
  CnGraph *graph = cn_graph_new ("lecture", 13);
  const CnShape shape = cn_shape_nchw (1, 3, 32, 32);

  g_assert_true (cn_graph_add_input (graph, "x", CN_TYPE_FLOAT, &shape, NULL));
  network_conv (graph, "CONV1", "x", "conv1", 3, 8, 5, 0);
  network_node (graph, "Relu", "relu1", "conv1", "relu1");
  add_pool (graph, "POOL1", "relu1", "pool1");
  network_conv (graph, "CONV2", "pool1", "conv2", 8, 16, 5, 0);
  network_node (graph, "Relu", "relu2", "conv2", "relu2");
  add_pool (graph, "POOL2", "relu2", "pool2");
  network_node (graph, "Flatten", "flatten", "pool2", "flat");
  network_dense (graph, "FC3", "flat", "fc3", 400, 120);
  network_node (graph, "Relu", "relu3", "fc3", "relu3");
  network_dense (graph, "FC4", "relu3", "fc4", 120, 84);
  network_node (graph, "Relu", "relu4", "fc4", "relu4");
  network_dense (graph, "softmax", "relu4", "scores", 84, 10);
  network_node (graph, "Softmax", "probabilities", "scores", "y");
  cn_graph_declare (graph, "y", CN_TYPE_FLOAT, &(CnShape){ 2, { 1, 10 } });
  cn_graph_add_output (graph, "y");
  cn_graph_set_metadata (graph, "classes", "airplane, automobile, bird");
  return graph;
}

CnPlan *
network_plan (const CnGraph *graph, const CnShape *shape, const char *const *outputs)
{
  const CnPlanInput input = { .name = "x", .shape = *shape };
  const CnPlanOptions options = { .inputs = &input, .n_inputs = 1, .outputs = outputs };
  GError *error = NULL;
  CnPlan *plan = cn_plan_new (graph, &options, &error);

  g_assert_no_error (error);
  return plan;
}

float *
network_run (CnPlan *plan, const float *input, int i)
{
  const CnArray *to = cn_plan_input (plan, 0), *output = cn_plan_output (plan, i);
  const CnRun run = { .threads = 2 };
  GError *error = NULL;

  memcpy (to->data, input, cn_array_bytes (to));
  cn_plan_run (plan, &run, &error);
  g_assert_no_error (error);
  return g_memdup2 (output->data, cn_array_bytes (output));
}
