/* test-plan-errors.c: graphs that cannot be built or planned, and what is said about them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/core/error.h"
#include "tests/unit/networks.h"

static CnGraph *
begin (void)
{
  CnGraph *graph = cn_graph_new ("errors", 13);
  const CnShape shape = cn_shape_nchw (1, 3, 8, -1);

  g_assert_true (cn_graph_add_input (graph, "x", CN_TYPE_FLOAT, &shape, NULL));
  return graph;
}

/* Plans for an x of 1×3×8×8; the error's message must be as expected. */
static void
check (const CnGraph *graph, const CnShape *shape, CnError code, const char *message)
{
  const CnPlanInput input = { .name = "x", .shape = shape ? *shape : cn_shape_nchw (1, 3, 8, 8) };
  const CnPlanOptions options = { .inputs = &input, .n_inputs = 1 };
  g_autoptr (GError) error = NULL;

  g_assert_null (cn_plan_new (graph, &options, &error));
  g_assert_error (error, CN_ERROR, (int) code);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_cycle (void)
{
  g_autoptr (CnGraph) graph = begin ();

  network_pair (graph, "Add", "first", "x", "c", "a");
  network_node (graph, "Relu", "second", "a", "b");
  network_node (graph, "Neg", "third", "b", "c");
  cn_graph_add_output (graph, "b");
  check (graph, NULL, CN_ERROR_ARGUMENT,
         "Neg “third”: The value “b” depends on itself: the network has a cycle");
}

static void
test_itself (void)
{
  g_autoptr (CnGraph) graph = begin ();

  network_pair (graph, "Add", "", "x", "a", "a");
  cn_graph_add_output (graph, "a");
  check (graph, NULL, CN_ERROR_ARGUMENT,
         "Add → “a”: The value “a” depends on itself: the network has a cycle");
}

static void
test_missing (void)
{
  g_autoptr (CnGraph) graph = begin ();

  network_pair (graph, "Add", "sum", "x", "nothing", "y");
  cn_graph_add_output (graph, "y");
  check (graph, NULL, CN_ERROR_ARGUMENT, "Add “sum”: Nothing makes the value “nothing”");
}

static void
test_made_twice (void)
{
  g_autoptr (CnGraph) graph = begin ();
  g_autoptr (GError) error = NULL;

  network_node (graph, "Relu", "", "x", "y");
  g_assert_null (cn_graph_add_node (graph, "Neg", "again", (const char *const[]){ "x", NULL },
                                    (const char *const[]){ "y", NULL }, &error));
  g_assert_cmpstr (error->message, ==, "Neg “again” makes “y”, which is made elsewhere already");
}

/* Everything that is lacking, at once; but not what nobody needs. */
static void
test_lacks (void)
{
  g_autoptr (CnGraph) graph = begin ();
  g_autoptr (GString) expected =
      g_string_new ("The network needs what this program does not have:");

  network_node (graph, "Frobnicate", "", "x", "unused");
  network_node (graph, "Enhance", "magic", "x", "a");
  cn_node_set_int (network_node (graph, "Relu", "r", "a", "b"), "strength", 3);
  cn_node_set_string (network_node (graph, "Gelu", "g", "b", "c"), "approximate", "wild");
  cn_node_set_int (network_node (graph, "Elu", "e", "c", "d"), "alpha", 1);
  network_pair (graph, "Neg", "n", "d", "d", "e");
  network_node (graph, "MatMul", "m", "e", "y");
  cn_graph_add_output (graph, "y");
  g_string_append (expected,
                   "\nEnhance “magic”: the operator is not supported"
                   "\nRelu “r”: the attribute “strength” is not supported"
                   "\nGelu “g”: the attribute “approximate” is “wild”, which is not supported"
                   "\nElu “e”: the attribute “alpha” is of a wrong kind"
                   "\nNeg “n”: 2 inputs are more than are supported"
                   "\nMatMul “m”: input 2 is left out");
  check (graph, NULL, CN_ERROR_UNSUPPORTED, expected->str);
}

/* A sum may have any number of terms, but none that is left out before the last. */
static void
test_left_out (void)
{
  g_autoptr (CnGraph) graph = begin ();

  g_assert_nonnull (cn_graph_add_node (graph, "Sum", "s",
                                       (const char *const[]){ "x", "", "x", NULL },
                                       (const char *const[]){ "y", NULL }, NULL));
  cn_graph_add_output (graph, "y");
  check (graph, NULL, CN_ERROR_UNSUPPORTED,
         "The network needs what this program does not have:"
         "\nSum “s”: input 2 is left out");
}

/* The list has an end. */
static void
test_many_lacks (void)
{
  g_autoptr (CnGraph) graph = begin ();
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 1000; i++)
    {
      g_autofree char *from = i ? g_strdup_printf ("v%d", i - 1) : g_strdup ("x");
      g_autofree char *to = g_strdup_printf ("v%d", i);

      network_node (graph, "Enhance", "", from, to);
    }
  cn_graph_add_output (graph, "v999");
  g_assert_false (cn_graph_check (graph, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_UNSUPPORTED);
  g_assert_true (g_str_has_suffix (error->message, "\nand 980 more"));
}

static void
test_shapes (void)
{
  g_autoptr (CnGraph) graph = begin ();
  g_autoptr (CnGraph) open = begin ();
  const CnShape wrong = cn_shape_nchw (1, 4, 8, 8), small = cn_shape_nchw (1, 3, 8, 2);
  g_autoptr (GError) error = NULL;

  network_conv (graph, "conv", "x", "y", 3, 4, 5, 0);
  cn_graph_add_output (graph, "y");
  check (graph, &wrong, CN_ERROR_SHAPE, "The input “x” is 1×3×8×?, and cannot be 1×4×8×8");
  check (
      graph, &small, CN_ERROR_SHAPE,
      "Conv “conv”: The kernel does not fit into the picture: its size is 5 (5 taps, dilation 1), "
      "the picture's 2 with 0 + 0 of padding");
  network_node (open, "Relu", "", "x", "y");
  cn_graph_add_output (open, "y");
  g_assert_null (cn_plan_new (open, NULL, &error));
  g_assert_cmpstr (error->message, ==,
                   "The input “x” needs a shape: its size along axis 3 is not fixed");
}

static void
test_fit (void)
{
  g_autoptr (CnGraph) graph = begin ();

  network_channels (graph, "k", 5);
  network_pair (graph, "Add", "sum", "x", "k", "y");
  cn_graph_add_output (graph, "y");
  check (graph, NULL, CN_ERROR_SHAPE, "Add “sum”: 1×3×8×8 and 5×1×1 do not fit together");
}

/* A size that is only known while running, and then is impossible. */
static void
test_late (void)
{
  g_autoptr (CnGraph) graph = begin ();
  const CnShape shape = cn_shape_nchw (1, 3, 8, 8);
  g_autoptr (CnPlan) plan = NULL;
  g_autoptr (GError) error = NULL;

  network_node (graph, "NonZero", "find", "x", "places");
  network_pair (graph, "Add", "sum", "places", "x", "y");
  cn_graph_add_output (graph, "y");
  plan = network_plan (graph, &shape, NULL);
  memset (cn_plan_input (plan, 0)->data, 0, 3 * 8 * 8 * sizeof (float));
  g_assert_false (cn_plan_run (plan, &(CnRun){ 0 }, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_SHAPE);
  g_assert_cmpstr (error->message, ==,
                   "Add “sum”: the inputs are of different types, int64 and float32");
}

static void
test_memory (void)
{
  g_autoptr (CnGraph) graph = begin ();
  const CnPlanInput input = { .name = "x", .shape = cn_shape_nchw (1, 3, 8, 100000) };
  const CnPlanOptions options = { .inputs = &input, .n_inputs = 1, .memory_max = 1 << 20 };
  g_autoptr (GError) error = NULL;

  network_node (graph, "Relu", "", "x", "y");
  cn_graph_add_output (graph, "y");
  g_assert_null (cn_plan_new (graph, &options, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_MEMORY);
  g_assert_cmpstr (error->message, ==,
                   "The network takes 10 MiB for inputs of this size, and may take 1");
}

/* Constants are limited as well: each doubles the one before it. */
static void
test_constants (void)
{
  g_autoptr (CnGraph) graph = begin ();
  g_autoptr (GError) error = NULL;
  const CnShape shape = { 1, { 2 } };

  g_assert_true (cn_graph_add_floats (graph, "v", &shape, (const float[]){ 1, 2 }, NULL));
  for (int i = 0; i < 40; i++)
    {
      g_autofree char *from = i ? g_strdup_printf ("v%d", i - 1) : g_strdup ("v");
      g_autofree char *to = g_strdup_printf ("v%d", i);

      cn_node_set_int (network_pair (graph, "Concat", "", from, from, to), "axis", 0);
    }
  cn_graph_add_output (graph, "v39");
  g_assert_null (cn_plan_new (graph, &(CnPlanOptions){ .memory_max = 64 << 20 }, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_MEMORY);
  g_assert_cmpstr (error->message, ==, "The network's constants take more than 64 MiB");
}

static void
test_version (void)
{
  g_autoptr (CnGraph) graph = begin ();

  graph->opset = 99;
  network_node (graph, "Relu", "", "x", "y");
  cn_graph_add_output (graph, "y");
  check (
      graph, NULL, CN_ERROR_UNSUPPORTED,
      "The network is written in version 99 of ONNX's operators, and this program knows versions 1 "
      "to 22");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plan-errors/cycle", test_cycle);
  g_test_add_func ("/plan-errors/itself", test_itself);
  g_test_add_func ("/plan-errors/missing", test_missing);
  g_test_add_func ("/plan-errors/made-twice", test_made_twice);
  g_test_add_func ("/plan-errors/lacks", test_lacks);
  g_test_add_func ("/plan-errors/left-out", test_left_out);
  g_test_add_func ("/plan-errors/many-lacks", test_many_lacks);
  g_test_add_func ("/plan-errors/shapes", test_shapes);
  g_test_add_func ("/plan-errors/fit", test_fit);
  g_test_add_func ("/plan-errors/late", test_late);
  g_test_add_func ("/plan-errors/memory", test_memory);
  g_test_add_func ("/plan-errors/constants", test_constants);
  g_test_add_func ("/plan-errors/version", test_version);
  return g_test_run ();
}
