/* test-recurrent.c: RNN, GRU and LSTM of one cell: functions with parameters, clip, coupled gates.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "tests/unit/single.h"

static void
set_activations (CnGraph *graph, int n, char **names)
{
  CnAttribute *attribute = cn_node_set (single_node (graph), "activations", CN_ATTRIBUTE_STRINGS);

  attribute->n = n;
  attribute->strings = g_new0 (char *, n + 1);
  for (int i = 0; i < n; i++)
    attribute->strings[i] = g_strdup (names[i]);
}

/* One step of one cell: x = 1, every W is `w`, no R. */
static CnGraph *
make (const char *op, int inputs, int gates, int directions, const float *w)
{
  CnGraph *graph = single_new (op, 14, inputs, 1);
  const float zeros[8] = { 0 };

  single_floats (graph, 0, SHAPE (1, 1, 1), (const float[]){ 1 });
  single_floats (graph, 1, SHAPE (directions, gates, 1), w);
  single_floats (graph, 2, SHAPE (directions, gates, 1), zeros);
  for (int i = 3; i < inputs; i++)
    single_leave_out (graph, i);
  return graph;
}

/* Every function at 2, which is what comes out of the sum. */
static void
test_functions (void)
{
  static const struct
  {
    char *name;
    float expected;
  } cases[] = {
    { "Sigmoid", 0.880797078f },
    { "Tanh", 0.964027580f },
    { "Relu", 2 },
    { "Affine", 0.5f * 2 + 3 },
    { "LeakyRelu", 2 },
    { "ThresholdedRelu", 2 },
    { "ScaledTanh", 0.5f * 0.999987712f },
    { "HardSigmoid", 1 },
    { "Elu", 2 },
    { "Softsign", 2.f / 3 },
    { "softplus", 2.12692801f },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (CnGraph) graph = make ("RNN", 3, 1, 1, (const float[]){ 2 });

      set_activations (graph, 1, (char *[]){ cases[i].name });
      cn_node_set_floats (single_node (graph), "activation_alpha", 1, (const float[]){ 0.5f });
      cn_node_set_floats (single_node (graph), "activation_beta", 1, (const float[]){ 3 });
      single_check (graph, 0, SHAPE (1, 1, 1, 1), &cases[i].expected, 1e-6);
    }
}

/* Each direction has its own function; parameters go to those that have some, in order. */
static void
test_directions (void)
{
  g_autoptr (CnGraph) graph = make ("RNN", 3, 1, 2, (const float[]){ 2, -2 });

  cn_node_set_string (single_node (graph), "direction", "bidirectional");
  set_activations (graph, 2, (char *[]){ "Relu", "LeakyRelu" });
  single_check (graph, 0, SHAPE (1, 2, 1, 1), (const float[]){ 2, -0.02f }, 1e-8);
  cn_node_set_floats (single_node (graph), "activation_alpha", 1, (const float[]){ 0.5f });
  single_check (graph, 0, SHAPE (1, 2, 1, 1), (const float[]){ 2, -1 }, 0);
  cn_node_set_float (single_node (graph), "clip", 1.5f);
  single_check (graph, 0, SHAPE (1, 2, 1, 1), (const float[]){ 1.5f, -0.75f }, 0);
}

/* c = f·4 + i·tanh (0), h = o·tanh (c): f is σ(9), or 1 − i = 1/2 where the gates are coupled. */
static void
test_input_forget (void)
{
  g_autoptr (CnGraph) graph = make ("LSTM", 7, 4, 1, (const float[]){ 0, 0, 9, 0 });
  float apart = 0.5f * tanhf (4 / (1 + expf (-9))), coupled = 0.5f * tanhf (2);

  single_node (graph)->inputs[6] = cn_graph_find (graph, "i6");
  single_floats (graph, 6, SHAPE (1, 1, 1), (const float[]){ 4 });
  single_check (graph, 0, SHAPE (1, 1, 1, 1), &apart, 1e-6);
  cn_node_set_int (single_node (graph), "input_forget", 1);
  single_check (graph, 0, SHAPE (1, 1, 1, 1), &coupled, 1e-6);
}

static void
test_faults (void)
{
  g_autoptr (CnGraph) graph = make ("GRU", 3, 3, 1, (const float[]){ 1, 1, 1 });

  set_activations (graph, 2, (char *[]){ "Sigmoid", "Sinus" });
  single_fails (graph, "GRU “it”: the activation “Sinus” is not supported");
  set_activations (graph, 3, (char *[]){ "Sigmoid", "Tanh", "Tanh" });
  single_fails (graph, "GRU “it”: there are 3 activations, and must be 2");
  cn_node_set_float (single_node (graph), "clip", -1);
  single_fails (graph, "GRU “it”: “clip” is -1, and must not be negative");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/recurrent/functions", test_functions);
  g_test_add_func ("/recurrent/directions", test_directions);
  g_test_add_func ("/recurrent/input-forget", test_input_forget);
  g_test_add_func ("/recurrent/faults", test_faults);
  return g_test_run ();
}
