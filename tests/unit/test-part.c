/* test-part.c: a part of a network computes what the whole does, and needs nothing else.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/net/part.h"

#include <string.h>

#include "filters/core/error.h"
#include "tests/unit/networks.h"

#define NAMES(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* The part, and the test's failure if there is none. */
static CnGraph *
take_part (const CnGraph *graph, const char *const *inputs, const char *const *outputs)
{
  GError *error = NULL;
  CnGraph *part = cn_graph_part (graph, inputs, outputs, &error);

  g_assert_no_error (error);
  return part;
}

static void
check_fault (const CnGraph *graph, const char *const *inputs, const char *const *outputs,
             const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (cn_graph_part (graph, inputs, outputs, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_ARGUMENT);
  g_assert_cmpstr (error->message, ==, message);
}

static const CnValue *
value_of (const CnGraph *graph, const char *name)
{
  int index = cn_graph_find (graph, name);

  g_assert_cmpint (index, >=, 0);
  return cn_graph_value (graph, index);
}

/* Both halves, one after the other, give what the whole gives, to the bit: they are cut where
   nothing is fused. */
static void
test_halves (void)
{
  g_autoptr (CnGraph) graph = network_lecture ();
  g_autoptr (CnGraph) first = take_part (graph, NULL, NAMES ("pool1"));
  g_autoptr (CnGraph) second = take_part (graph, NAMES ("pool1"), NULL);
  g_autoptr (CnPlan) whole = network_plan (graph, &value_of (graph, "x")->shape, NULL);
  g_autoptr (CnPlan) before = network_plan (first, &value_of (graph, "x")->shape, NULL);
  g_autoptr (CnPlan) after = cn_plan_new (second, NULL, NULL);
  g_autofree float *x = network_random (3 * 32 * 32, 1), *y = network_run (whole, x, 0);
  g_autofree float *middle = network_run (before, x, 0), *z = NULL;

  g_assert_nonnull (after);
  z = network_run (after, middle, 0);
  g_assert_cmpmem (y, 40, z, 40);
}

/* Only what is needed is there, and all of that: the graph may be freed. */
static void
test_needed (void)
{
  g_autoptr (CnGraph) graph = network_lecture (), part = NULL;
  const CnShape maps = cn_shape_nchw (1, 8, 28, 28);

  g_hash_table_insert (graph->opsets, g_strdup ("com.example"), GINT_TO_POINTER (3));
  part = take_part (graph, NULL, NAMES ("relu1"));
  g_clear_pointer (&graph, cn_graph_free);
  g_assert_cmpuint (part->nodes->len, ==, 2);
  g_assert_cmpuint (part->values->len, ==, 5); /* x, CONV1.w, CONV1.b, conv1, relu1 */
  g_assert_cmpint (part->opset, ==, 13);
  g_assert_nonnull (value_of (part, "CONV1.w")->constant);
  g_assert_nonnull (cn_node_get (cn_graph_node (part, 0), "pads"));
  g_assert_cmpstr (cn_graph_metadata (part, "classes"), ==, "airplane, automobile, bird");
  g_assert_cmpint (GPOINTER_TO_INT (g_hash_table_lookup (part->opsets, "com.example")), ==, 3);
  g_assert_cmpint (value_of (part, "relu1")->type, ==, CN_TYPE_FLOAT);
  g_assert_true (cn_shape_equal (&value_of (part, "relu1")->shape, &maps));
}

/* x of a size that is not fixed, and two parts of it, p and q → y. */
static CnGraph *
make_split (void)
{
  CnGraph *graph = cn_graph_new ("split", 13);
  const CnShape shape = cn_shape_nchw (1, 4, -1, -1);
  CnNode *split;

  g_assert_true (cn_graph_add_input (graph, "x", CN_TYPE_FLOAT, &shape, NULL));
  split = cn_graph_add_node (graph, "Split", "cut", NAMES ("x"), NAMES ("p", "q"), NULL);
  cn_node_set_int (split, "axis", 1);
  network_pair (graph, "Add", "sum", "p", "q", "s");
  network_channels (graph, "k", 2);
  network_pair (graph, "Mul", "times", "s", "k", "y");
  network_node (graph, "Shape", "", "y", "size");
  cn_graph_add_output (graph, "y");
  return graph;
}

/* A value is given that a node makes which is needed for another. */
static void
test_sibling (void)
{
  g_autoptr (CnGraph) graph = make_split ();
  g_autoptr (CnGraph) part = take_part (graph, NAMES ("p", "x"), NAMES ("y"));
  const CnPlanInput inputs[] = { { .name = "p", .shape = cn_shape_nchw (1, 2, 1, 1) },
                                 { .name = "x", .shape = cn_shape_nchw (1, 4, 1, 1) } };
  const CnPlanOptions options = { .inputs = inputs, .n_inputs = 2 };
  g_autoptr (CnPlan) plan = cn_plan_new (part, &options, NULL);
  const float *k = value_of (graph, "k")->constant->floats;

  g_assert_nonnull (plan);
  g_assert_cmpstr (cn_plan_input_name (plan, 0), ==, "p");
  memcpy (cn_plan_input (plan, 0)->data, (const float[]){ 10, 20 }, 8);
  memcpy (cn_plan_input (plan, 1)->data, (const float[]){ 1, 2, 3, 4 }, 16);
  g_assert_true (cn_plan_run (plan, &(CnRun){ 0 }, NULL));
  for (int c = 0; c < 2; c++)
    g_assert_cmpfloat (cn_plan_output (plan, 0)->floats[c], ==, (float) (13 + 11 * c) * k[c]);
}

/* Weights that become an input; a type that is not declared; all inputs stay, also one that is not
   needed. */
static void
test_declared (void)
{
  g_autoptr (CnGraph) graph = make_split ();
  g_autoptr (CnGraph) part = take_part (graph, NAMES ("k", "s", "p"), NAMES ("y", "size"));
  g_autoptr (CnGraph) sizes = take_part (graph, NAMES ("size"), NAMES ("size"));

  g_assert_cmpuint (part->inputs->len, ==, 3);
  g_assert_null (value_of (part, "k")->constant);
  g_assert_true (cn_shape_equal (&value_of (part, "k")->shape, &(CnShape){ 3, { 2, 1, 1 } }));
  g_assert_cmpint (value_of (part, "s")->type, ==, CN_TYPE_FLOAT);
  g_assert_true (cn_shape_equal (&value_of (part, "s")->shape, &(CnShape){ 4, { 1, 2, -1, -1 } }));
  g_assert_cmpint (value_of (part, "size")->type, ==, CN_TYPE_INT64);
  g_assert_cmpuint (sizes->nodes->len, ==, 0);
  g_assert_cmpint (value_of (sizes, "size")->type, ==, CN_TYPE_INT64);
}

static void
test_faults (void)
{
  g_autoptr (CnGraph) graph = make_split ();

  check_fault (graph, NULL, NAMES ("nothing"), "The network has no value “nothing”");
  check_fault (graph, NAMES ("s", "nothing"), NULL, "The network has no value “nothing”");
  check_fault (graph, NULL, NAMES ("y", "s", "y"), "The value “y” is named twice");
  check_fault (graph, NAMES ("s", "s"), NULL, "The value “s” is named twice");
  check_fault (graph, NAMES ("p"), NAMES ("y"),
               "The outputs need the value “x”, which is not given");
  check_fault (graph, NAMES ("p"), NAMES ("x"),
               "The outputs need the value “x”, which is not given");
}

/* A cycle is an error, but where a value within it is given it is none; and what nothing makes. */
static void
test_cycle (void)
{
  g_autoptr (CnGraph) graph = cn_graph_new ("cycle", 13), part = NULL;

  network_node (graph, "Relu", "first", "c", "a");
  network_node (graph, "Neg", "second", "a", "b");
  network_node (graph, "Abs", "third", "b", "c");
  network_node (graph, "Exp", "fourth", "lost", "d");
  check_fault (graph, NULL, NAMES ("b"),
               "Abs “third”: The value “b” depends on itself: the network has a cycle");
  check_fault (graph, NAMES ("a"), NAMES ("d"), "Exp “fourth”: Nothing makes the value “lost”");
  part = take_part (graph, NAMES ("a"), NAMES ("c"));
  g_assert_cmpuint (part->nodes->len, ==, 2);
}

/* What a graph in an attribute uses is needed as well, and the graph is copied. */
static void
test_captured (void)
{
  g_autoptr (CnGraph) graph = make_split (), part = NULL;
  CnGraph *body = cn_graph_new ("body", 0);
  const CnGraph *copy;
  CnNode *node;

  network_pair (body, "Add", "", "q", "one", "z");
  g_assert_true (cn_graph_add_floats (body, "one", &(CnShape){ 0 }, (const float[]){ 1 }, NULL));
  cn_graph_add_output (body, "z");
  node = network_node (graph, "Anything", "any", "p", "result");
  cn_node_set_graph (graph, node, "body", body);
  g_assert_cmpint (node->n_captured, ==, 1);
  part = take_part (graph, NULL, NAMES ("result"));
  g_clear_pointer (&graph, cn_graph_free);
  g_assert_cmpuint (part->nodes->len, ==, 2);
  g_assert_cmpint (cn_graph_node (part, 1)->n_captured, ==, 1);
  g_assert_cmpint (cn_graph_node (part, 1)->n_inputs, ==, 2);
  copy = cn_node_get (cn_graph_node (part, 1), "body")->graph;
  g_assert_cmpint (copy->opset, ==, 13);
  g_assert_cmpuint (copy->nodes->len, ==, 1);
  g_assert_nonnull (value_of (copy, "one")->constant);
  g_assert_cmpuint (copy->outputs->len, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/part/halves", test_halves);
  g_test_add_func ("/part/needed", test_needed);
  g_test_add_func ("/part/sibling", test_sibling);
  g_test_add_func ("/part/declared", test_declared);
  g_test_add_func ("/part/faults", test_faults);
  g_test_add_func ("/part/cycle", test_cycle);
  g_test_add_func ("/part/captured", test_captured);
  return g_test_run ();
}
