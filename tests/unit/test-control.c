/* test-control.c: If and Loop: conditions known before and in a run, sizes that grow, cancel.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/core/error.h"
#include "tests/unit/networks.h"

#define NAMES(...) ((const char *const[]){ __VA_ARGS__, NULL })

static const CnShape scalar = { 0 };

/* x of four floats, and its node If: relu(x) or the places of what is not 0. `condition` is the
   name of its condition. */
static CnGraph *
make_if (const char *condition)
{
  CnGraph *graph = cn_graph_new ("if", 13);
  const CnShape shape = { 1, { 4 } };
  CnGraph *then_branch = cn_graph_new ("then", 0), *else_branch = cn_graph_new ("else", 0);
  CnNode *node;

  g_assert_true (cn_graph_add_input (graph, "x", CN_TYPE_FLOAT, &shape, NULL));
  network_node (then_branch, "Relu", "", "x", "t");
  cn_graph_add_output (then_branch, "t");
  network_node (else_branch, "NonZero", "", "x", "e");
  cn_graph_add_output (else_branch, "e");
  node = network_node (graph, "If", "choice", condition, "y");
  cn_node_set_graph (graph, node, "then_branch", then_branch);
  cn_node_set_graph (graph, node, "else_branch", else_branch);
  network_node (graph, "Neg", "", "y", "z");
  cn_graph_add_output (graph, "z");
  return graph;
}

/* A condition that depends on shapes only: the branch is chosen while planning. */
static void
test_constant (void)
{
  g_autoptr (CnGraph) graph = make_if ("c");
  const CnShape shape = { 1, { 4 } };
  const float x[] = { -1, 2, 0, 5 }, expected[] = { 0, -2, 0, -5 };
  g_autoptr (CnPlan) plan = NULL;
  g_autofree float *z = NULL;

  network_node (graph, "Size", "", "x", "size");
  g_assert_true (cn_graph_add_constant (
      graph, "three", cn_array_copy (CN_TYPE_INT64, &scalar, &(gint64){ 3 }, NULL), NULL));
  network_pair (graph, "Greater", "", "size", "three", "c");
  plan = network_plan (graph, &shape, NULL);
  g_assert_cmpint (cn_plan_output (plan, 0)->type, ==, CN_TYPE_FLOAT);
  g_assert_cmpint (cn_plan_inputs (plan), ==, 1);
  for (int i = 0; i < 2; i++)
    {
      g_free (z);
      z = network_run (plan, x, 0);
      for (int k = 0; k < 4; k++)
        g_assert_cmpfloat (z[k], ==, expected[k]);
    }
}

/* A condition that depends on the numbers: another one in each run, and another shape and type. */
static void
test_late (void)
{
  g_autoptr (CnGraph) graph = make_if ("c");
  const CnShape shape = { 1, { 4 } };
  const float inputs[2][4] = { { -1, 2, 0, 5 }, { -1, -2, 0, -5 } };
  g_autoptr (CnPlan) plan = NULL;

  cn_node_set_int (network_node (graph, "ReduceSum", "", "x", "sum"), "keepdims", 0);
  g_assert_true (cn_graph_add_floats (graph, "zero", &scalar, (const float[]){ 0 }, NULL));
  network_pair (graph, "Greater", "", "sum", "zero", "c");
  plan = network_plan (graph, &shape, NULL);
  for (int i = 0; i < 4; i++)
    {
      g_autofree float *unused = network_run (plan, inputs[i % 2], 0);
      const CnArray *z = cn_plan_output (plan, 0);

      (void) unused;
      if (i % 2)
        {
          g_assert_true (cn_shape_equal (&z->shape, &(CnShape){ 2, { 1, 3 } }));
          g_assert_cmpint (z->int64s[2], ==, -3);
        }
      else
        {
          g_assert_true (cn_shape_equal (&z->shape, &shape));
          g_assert_cmpfloat (z->floats[3], ==, -5);
        }
    }
}

/* A branch whose size is found by running it, where all that it needs is known. */
static void
test_known (void)
{
  g_autoptr (CnGraph) graph = make_if ("c");
  const CnPlanInput input = { .name = "x", .shape = { 1, { 4 } }, .data = (float[]){ 0, 3, 4, 0 } };
  const CnPlanOptions options = { .inputs = &input, .n_inputs = 1 };
  const guint8 no = FALSE;
  g_autoptr (CnPlan) plan = NULL;

  g_assert_true (
      cn_graph_add_constant (graph, "c", cn_array_copy (CN_TYPE_BOOL, &scalar, &no, NULL), NULL));
  plan = cn_plan_new (graph, &options, NULL);
  g_assert_nonnull (plan);
  g_assert_cmpint (cn_plan_output (plan, 0)->shape.dims[1], ==, 2);
  g_assert_true (cn_plan_run (plan, &(CnRun){ 0 }, NULL));
  g_assert_cmpint (cn_plan_output (plan, 0)->int64s[1], ==, -2);
}

/* Loop: `turns` times v → [v, x]; it gathers the turn's number plus the captured `k`, and goes on
   while the turn is less than `last`. */
static CnGraph *
make_loop (gint64 turns, gint64 last)
{
  CnGraph *graph = cn_graph_new ("loop", 13), *body = cn_graph_new ("body", 0);
  const CnShape shape = { 1, { 2 } }, open = { 1, { -1 } };
  CnNode *node;

  g_assert_true (cn_graph_add_input (graph, "x", CN_TYPE_FLOAT, &shape, NULL));
  g_assert_true (cn_graph_add_constant (
      graph, "turns", cn_array_copy (CN_TYPE_INT64, &scalar, &turns, NULL), NULL));
  g_assert_true (cn_graph_add_constant (
      graph, "k", cn_array_copy (CN_TYPE_INT64, &scalar, &(gint64){ 100 }, NULL), NULL));
  g_assert_true (cn_graph_add_input (body, "turn", CN_TYPE_INT64, &scalar, NULL));
  g_assert_true (cn_graph_add_input (body, "more", CN_TYPE_BOOL, &scalar, NULL));
  g_assert_true (cn_graph_add_input (body, "v", CN_TYPE_FLOAT, &open, NULL));
  g_assert_true (cn_graph_add_constant (body, "last",
                                        cn_array_copy (CN_TYPE_INT64, &scalar, &last, NULL), NULL));
  network_pair (body, "Less", "", "turn", "last", "again");
  cn_node_set_int (network_pair (body, "Concat", "", "v", "x", "longer"), "axis", 0);
  network_pair (body, "Add", "", "turn", "k", "number");
  cn_graph_declare (body, "number", CN_TYPE_INT64, &scalar);
  cn_graph_add_output (body, "again");
  cn_graph_add_output (body, "longer");
  cn_graph_add_output (body, "number");
  node = cn_graph_add_node (graph, "Loop", "loop", NAMES ("turns", "", "x"),
                            NAMES ("long", "numbers"), NULL);
  g_assert_nonnull (node);
  cn_node_set_graph (graph, node, "body", body);
  cn_graph_add_output (graph, "long");
  cn_graph_add_output (graph, "numbers");
  return graph;
}

static void
test_loop (void)
{
  static const struct
  {
    gint64 turns, last, expected;
  } cases[] = { { 3, 100, 3 }, { 100, 4, 5 }, { 0, 100, 0 }, { -1, 100, 0 } };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (CnGraph) graph = make_loop (cases[i].turns, cases[i].last);
      const CnShape shape = { 1, { 2 } };
      g_autoptr (CnPlan) plan = network_plan (graph, &shape, NULL);
      g_autofree float *values = network_run (plan, (const float[]){ 7, 8 }, 0);
      const CnArray *numbers = cn_plan_output (plan, 1);

      g_assert_cmpint (cn_plan_output (plan, 0)->shape.dims[0], ==, 2 + 2 * cases[i].expected);
      for (gint64 k = 0; k < 2 + 2 * cases[i].expected; k++)
        g_assert_cmpfloat (values[k], ==, k % 2 ? 8 : 7);
      g_assert_cmpint (numbers->shape.rank, ==, 1);
      g_assert_cmpint (numbers->shape.dims[0], ==, cases[i].expected);
      for (gint64 k = 0; k < cases[i].expected; k++)
        g_assert_cmpint (numbers->int64s[k], ==, 100 + k);
    }
}

/* A loop without end is cancelled. */
static gpointer
cancel_soon (gpointer cancel)
{
  g_usleep (G_USEC_PER_SEC / 50);
  g_atomic_int_set ((gint *) cancel, TRUE);
  return NULL;
}

static void
test_endless (void)
{
  g_autoptr (CnGraph) graph = make_if ("c");
  CnGraph *body = cn_graph_new ("body", 0);
  gint cancel = FALSE;
  const CnRun run = { .cancel = &cancel };
  const CnShape shape = { 1, { 4 } };
  g_autoptr (CnPlan) plan = NULL;
  g_autoptr (GError) error = NULL;
  CnNode *node;
  GThread *thread;

  g_assert_true (cn_graph_add_input (body, "turn", CN_TYPE_INT64, &scalar, NULL));
  g_assert_true (cn_graph_add_input (body, "more", CN_TYPE_BOOL, &scalar, NULL));
  network_node (body, "Identity", "", "more", "again");
  cn_graph_add_output (body, "again");
  cn_graph_add_output (body, "more");
  node = cn_graph_add_node (graph, "Loop", "", NAMES (""), NAMES ("c"), NULL);
  cn_node_set_graph (graph, node, "body", body);
  plan = network_plan (graph, &shape, NULL);
  thread = g_thread_new ("cancel", cancel_soon, &cancel);
  g_assert_false (cn_plan_run (plan, &run, &error));
  g_thread_join (thread);
  g_assert_error (error, CN_ERROR, CN_ERROR_CANCELLED);
}

/* What is lacking in a branch is in the list; what does not fit is said. */
static void
test_faults (void)
{
  g_autoptr (CnGraph) graph = make_if ("c"), loop = make_loop (1, 1);
  const CnShape shape = { 1, { 4 } };
  const CnPlanInput input = { .name = "x", .shape = shape };
  const CnPlanOptions options = { .inputs = &input, .n_inputs = 1 };
  CnNode *node = g_ptr_array_index (graph->nodes, 0);
  CnGraph *other = cn_graph_new ("other", 0);
  g_autoptr (GError) error = NULL, fault = NULL;

  g_assert_true (cn_graph_add_input (graph, "c", CN_TYPE_BOOL, &scalar, NULL));
  network_node (other, "Enhance", "magic", "x", "t");
  cn_node_set_graph (graph, node, "then_branch", other);
  g_assert_null (cn_plan_new (graph, &options, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_UNSUPPORTED);
  g_assert_true (
      g_str_has_suffix (error->message, "\nEnhance “magic”: the operator is not supported"));
  node = g_ptr_array_index (loop->nodes, 0);
  cn_node_set_graph (loop, node, "body", cn_graph_new ("empty", 0));
  g_assert_null (cn_plan_new (loop, NULL, &fault));
  g_assert_error (fault, CN_ERROR, CN_ERROR_SHAPE);
  g_assert_cmpstr (fault->message, ==,
                   "Loop “loop”: its inputs and its graph's do not fit together");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/control/constant", test_constant);
  g_test_add_func ("/control/late", test_late);
  g_test_add_func ("/control/known", test_known);
  g_test_add_func ("/control/loop", test_loop);
  g_test_add_func ("/control/endless", test_endless);
  g_test_add_func ("/control/faults", test_faults);
  return g_test_run ();
}
