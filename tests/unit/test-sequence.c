/* test-sequence.c: sequences of arrays and optional values; in plans, in branches and in loops.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/core/error.h"
#include "tests/unit/networks.h"

#define NAMES(...) ((const char *const[]){ __VA_ARGS__, NULL })

static const CnShape scalar = { 0 };

/* A network of one input x, of floats. */
static CnGraph *
begin (const CnShape *shape)
{
  CnGraph *graph = cn_graph_new ("sequence", 15);

  g_assert_true (cn_graph_add_input (graph, "x", CN_TYPE_FLOAT, shape, NULL));
  return graph;
}

static CnNode *
add (CnGraph *graph, const char *op, const char *const *inputs, const char *output)
{
  CnNode *node = cn_graph_add_node (graph, op, op, inputs, NAMES (output), NULL);

  g_assert_nonnull (node);
  return node;
}

static void
add_int (CnGraph *graph, const char *name, gint64 value)
{
  g_assert_true (cn_graph_add_constant (
      graph, name, cn_array_copy (CN_TYPE_INT64, &scalar, &value, NULL), NULL));
}

/* Output “y” for that x must have `n` elements, as listed. */
static void
check (CnGraph *graph, const CnShape *shape, const float *x, gsize n, const float *expected)
{
  g_autoptr (CnPlan) plan = network_plan (graph, shape, NAMES ("y"));
  g_autofree float *y = network_run (plan, x, 0);

  g_assert_cmpuint (cn_array_elements (cn_plan_output (plan, 0)), ==, n);
  for (gsize i = 0; i < n; i++)
    g_assert_cmpfloat (y[i], ==, expected[i]);
}

/* (x, −x) with x put between and the first taken away: −x after x. Odd sizes, so that arrays do not
   lie close together. */
static void
test_edit (void)
{
  const CnShape shape = { 1, { 3 } };
  g_autoptr (CnGraph) graph = begin (&shape);
  const float x[] = { 1, 2, 3 }, both[] = { 1, 2, 3, -1, -2, -3 }, last[] = { -1, -2, -3 };

  add_int (graph, "one", 1);
  add_int (graph, "first", -3);
  add_int (graph, "last", -1);
  add (graph, "Neg", NAMES ("x"), "n");
  add (graph, "SequenceConstruct", NAMES ("x", "n"), "s");
  add (graph, "SequenceInsert", NAMES ("s", "x", "one"), "t");
  add (graph, "SequenceErase", NAMES ("t", "first"), "u");
  cn_node_set_int (add (graph, "ConcatFromSequence", NAMES ("u"), "y"), "axis", 0);
  add (graph, "SequenceAt", NAMES ("u", "last"), "z");
  add (graph, "SequenceLength", NAMES ("t"), "n3");
  check (graph, &shape, x, 6, both);
  {
    g_autoptr (CnPlan) plan = network_plan (graph, &shape, NAMES ("n3", "z"));
    g_autofree float *z = network_run (plan, x, 1);

    g_assert_cmpint (cn_plan_output (plan, 0)->int64s[0], ==, 3);
    for (int i = 0; i < 3; i++)
      g_assert_cmpfloat (z[i], ==, last[i]);
  }
}

/* Parts of an axis within, put together along a new one and along the old one. */
static void
test_split (void)
{
  const CnShape shape = { 3, { 2, 4, 1 } };
  const float x[] = { 0, 1, 2, 3, 4, 5, 6, 7 }, stacked[] = { 0, 4, 1, 5, 2, 6, 3, 7 };

  for (int way = 0; way < 3; way++)
    {
      g_autoptr (CnGraph) graph = begin (&shape);
      gboolean stack = way > 0;
      CnNode *node;

      add_int (graph, "size", stack ? 1 : 3);
      node = way == 1 ? add (graph, "SplitToSequence", NAMES ("x"), "s")
                      : add (graph, "SplitToSequence", NAMES ("x", "size"), "s");
      cn_node_set_int (node, "axis", -2);
      cn_node_set_int (node, "keepdims", !stack);
      node = add (graph, "ConcatFromSequence", NAMES ("s"), "y");
      cn_node_set_int (node, "axis", stack ? 0 : 1);
      cn_node_set_int (node, "new_axis", stack);
      check (graph, &shape, x, 8, stack ? stacked : x);
    }
}

/* A loop whose sequence grows by arrays that do: (), (x), (x, xx) … as old exports of detectors
   have it; then they are put together. */
static void
test_grow (void)
{
  const CnShape shape = { 1, { 1 } };
  g_autoptr (CnGraph) graph = begin (&shape);
  CnGraph *body = cn_graph_new ("body", 0);
  const float x[] = { 5 }, expected[] = { 5, 5, 5, 5, 5, 5 };
  CnNode *node;

  add_int (graph, "three", 3);
  add (graph, "SequenceEmpty", (const char *const[]){ NULL }, "none");
  g_assert_true (cn_graph_add_input (body, "turn", CN_TYPE_INT64, &scalar, NULL));
  g_assert_true (cn_graph_add_input (body, "more", CN_TYPE_BOOL, &scalar, NULL));
  g_assert_true (cn_graph_add_input (body, "v", CN_TYPE_FLOAT, NULL, NULL));
  g_assert_true (cn_graph_add_input (body, "before", CN_TYPE_SEQUENCE, NULL, NULL));
  add (body, "Identity", NAMES ("more"), "again");
  cn_node_set_int (add (body, "Concat", NAMES ("v", "x"), "longer"), "axis", 0);
  add (body, "SequenceInsert", NAMES ("before", "v"), "after");
  cn_graph_add_output (body, "again");
  cn_graph_add_output (body, "longer");
  cn_graph_add_output (body, "after");
  node = cn_graph_add_node (graph, "Loop", "", NAMES ("three", "", "x", "none"), NAMES ("v3", "s"),
                            NULL);
  cn_node_set_graph (graph, node, "body", body);
  cn_node_set_int (add (graph, "ConcatFromSequence", NAMES ("s"), "y"), "axis", 0);
  check (graph, &shape, x, 6, expected);
}

/* A branch of an If that is an optional value: there, or not. */
static void
test_optional (void)
{
  const CnShape shape = { 1, { 1 } };
  const float inputs[] = { 3, -3 };
  g_autoptr (CnGraph) graph = begin (&shape);
  CnGraph *then_branch = cn_graph_new ("then", 0), *else_branch = cn_graph_new ("else", 0);
  g_autoptr (CnPlan) plan = NULL;
  CnNode *node;

  g_assert_true (cn_graph_add_floats (graph, "zero", &shape, (const float[]){ 0 }, NULL));
  add (graph, "Greater", NAMES ("x", "zero"), "c");
  add (then_branch, "Optional", NAMES ("x"), "t");
  cn_graph_add_output (then_branch, "t");
  add (else_branch, "Optional", (const char *const[]){ NULL }, "e");
  cn_graph_add_output (else_branch, "e");
  node = add (graph, "If", NAMES ("c"), "o");
  cn_node_set_graph (graph, node, "then_branch", then_branch);
  cn_node_set_graph (graph, node, "else_branch", else_branch);
  add (graph, "OptionalHasElement", NAMES ("o"), "has");
  add (graph, "OptionalGetElement", NAMES ("o"), "y");
  check (graph, &shape, inputs, 1, inputs);
  plan = network_plan (graph, &shape, NAMES ("has"));
  for (int i = 0; i < 2; i++)
    {
      ((float *) cn_plan_input (plan, 0)->data)[0] = inputs[i];
      g_assert_true (cn_plan_run (plan, &(CnRun){ 0 }, NULL));
      g_assert_cmpint (cn_plan_output (plan, 0)->bools[0], ==, i == 0);
    }
}

static void
check_fault (const CnGraph *graph, const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (cn_plan_new (graph, NULL, &error));
  g_assert_nonnull (error);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_faults (void)
{
  static const struct
  {
    const char *op, *inputs[3], *message;
  } cases[] = {
    { "SequenceAt",
      { "s", "two" },
      "SequenceAt “SequenceAt”: the place 2 is outside of a sequence of 2 arrays" },
    { "SequenceErase",
      { "s", "low" },
      "SequenceErase “SequenceErase”: the place -3 is outside of a sequence of 2 arrays" },
    { "SequenceAt",
      { "x", "two" },
      "SequenceAt “SequenceAt”: input 1 is of the type float32, which is not supported" },
    { "Relu", { "s" }, "Relu “Relu”: input 1 is of the type sequence, which is not supported" },
    { "ConcatFromSequence",
      { "s" },
      "ConcatFromSequence “ConcatFromSequence”: array 2 does not fit the first" },
    { "ConcatFromSequence",
      { "none" },
      "ConcatFromSequence “ConcatFromSequence”: the sequence is empty" },
    { "SplitToSequence",
      { "x", "low" },
      "SplitToSequence “SplitToSequence”: an axis of 3 cannot be split so" },
    { "SplitToSequence",
      { "two" },
      "SplitToSequence “SplitToSequence”: there is no axis 0 in an array of 0 axes" },
    { "OptionalGetElement",
      { "nothing" },
      "OptionalGetElement “OptionalGetElement”: there is no value" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const CnShape shape = { 1, { 3 } };
      g_autoptr (CnGraph) graph = begin (&shape);

      add_int (graph, "two", 2);
      add_int (graph, "low", -3);
      add (graph, "SequenceConstruct", NAMES ("x", "two"), "s");
      add (graph, "SequenceEmpty", (const char *const[]){ NULL }, "none");
      add (graph, "Optional", (const char *const[]){ NULL }, "nothing");
      add (graph, cases[i].op, cases[i].inputs, "y");
      if (strcmp (cases[i].op, "ConcatFromSequence") == 0)
        cn_node_set_int ((CnNode *) cn_graph_node (graph, 3), "axis", 0);
      cn_graph_add_output (graph, "y");
      check_fault (graph, cases[i].message);
    }
}

/* Sequences that each hold the one before it twice would grow without end; memory is bounded. */
static void
test_memory (void)
{
  const CnShape shape = { 1, { 1 << 20 } };
  g_autoptr (CnGraph) graph = begin (&shape);
  g_autoptr (GError) error = NULL;

  add (graph, "SequenceConstruct", NAMES ("x", "x"), "s0");
  for (int i = 0; i < 20; i++)
    {
      g_autofree char *from = g_strdup_printf ("s%d", i), *to = g_strdup_printf ("s%d", i + 1);

      add (graph, "SequenceInsert", NAMES (from, "x"), to);
    }
  cn_graph_add_output (graph, "s20");
  g_assert_null (cn_plan_new (graph, &(CnPlanOptions){ .memory_max = 64 << 20 }, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_MEMORY);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sequence/edit", test_edit);
  g_test_add_func ("/sequence/split", test_split);
  g_test_add_func ("/sequence/grow", test_grow);
  g_test_add_func ("/sequence/optional", test_optional);
  g_test_add_func ("/sequence/faults", test_faults);
  g_test_add_func ("/sequence/memory", test_memory);
  return g_test_run ();
}
