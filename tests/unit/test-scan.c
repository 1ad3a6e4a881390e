/* test-scan.c: Scan, and Loop whose turns are all alike: running sums, worked out by hand.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/core/error.h"
#include "tests/unit/networks.h"
#include "tests/unit/single.h"

/* sum, x → sum + x (carried), k·(sum + x) (gathered), where k is captured. */
static CnGraph *
make_body (const CnShape *shape)
{
  CnGraph *body = cn_graph_new ("body", 0);

  g_assert_true (cn_graph_add_input (body, "sum", CN_TYPE_FLOAT, shape, NULL));
  g_assert_true (cn_graph_add_input (body, "x", CN_TYPE_FLOAT, shape, NULL));
  network_pair (body, "Add", "", "sum", "x", "next");
  network_pair (body, "Mul", "", "next", "k", "scaled");
  cn_graph_add_output (body, "next");
  cn_graph_add_output (body, "scaled");
  return body;
}

static CnGraph *
make_scan (int opset)
{
  CnGraph *graph = single_new ("Scan", opset, 2, 2);
  const CnShape shape = { 1, { 2 } };

  single_floats (graph, 0, SHAPE (2), (const float[]){ 100, 200 });
  g_assert_true (cn_graph_add_floats (graph, "k", SHAPE (), (const float[]){ 10 }, NULL));
  cn_node_set_graph (graph, single_node (graph), "body", make_body (&shape));
  cn_node_set_int (single_node (graph), "num_scan_inputs", 1);
  return graph;
}

/* Slices are rows, then columns; what is gathered lies in rows, then backwards in columns. */
static void
test_axes (void)
{
  g_autoptr (CnGraph) rows = make_scan (11), columns = make_scan (9);

  single_floats (rows, 1, SHAPE (3, 2), (const float[]){ 1, 2, 3, 4, 5, 6 });
  single_check (rows, 0, SHAPE (2), (const float[]){ 109, 212 }, 0);
  single_check (rows, 1, SHAPE (3, 2), (const float[]){ 1010, 2020, 1040, 2060, 1090, 2120 }, 0);
  single_floats (columns, 1, SHAPE (2, 3), (const float[]){ 1, 3, 5, 2, 4, 6 });
  cn_node_set_ints (single_node (columns), "scan_input_axes", 1, (const gint64[]){ -1 });
  cn_node_set_ints (single_node (columns), "scan_output_axes", 1, (const gint64[]){ 1 });
  cn_node_set_ints (single_node (columns), "scan_output_directions", 1, (const gint64[]){ 1 });
  single_check (columns, 1, SHAPE (2, 3), (const float[]){ 1090, 1040, 1010, 2120, 2060, 2020 }, 0);
  cn_node_set_ints (single_node (columns), "scan_input_directions", 1, (const gint64[]){ 1 });
  single_check (columns, 1, SHAPE (2, 3), (const float[]){ 1090, 1080, 1050, 2120, 2100, 2060 }, 0);
}

/* Up to opset 8 there is a batch, each element of which may have its own length. */
static void
test_batch (void)
{
  g_autoptr (CnGraph) graph = single_new ("Scan", 8, 3, 2);
  const CnShape shape = { 0 };

  single_ints (graph, 0, SHAPE (2), (const gint64[]){ 3, 2 });
  single_floats (graph, 1, SHAPE (2), (const float[]){ 0, 50 });
  single_floats (graph, 2, SHAPE (2, 3), (const float[]){ 1, 2, 3, 4, 5, 6 });
  g_assert_true (cn_graph_add_floats (graph, "k", SHAPE (), (const float[]){ 10 }, NULL));
  cn_node_set_graph (graph, single_node (graph), "body", make_body (&shape));
  cn_node_set_int (single_node (graph), "num_scan_inputs", 1);
  single_check (graph, 0, SHAPE (2), (const float[]){ 6, 59 }, 0);
  single_check (graph, 1, SHAPE (2, 3), (const float[]){ 10, 30, 60, 540, 590, 0 }, 0);
}

static void
test_faults (void)
{
  g_autoptr (CnGraph) graph = make_scan (11);

  single_floats (graph, 1, SHAPE (2, 3), (const float[]){ 1, 2, 3, 4, 5, 6 });
  single_fails (graph, "Scan “it”: Add → “next”: 2 and 3 do not fit together");
  cn_node_set_ints (single_node (graph), "scan_input_axes", 1, (const gint64[]){ 2 });
  single_fails (graph, "Scan “it”: there is no axis 2 in an array of 2 axes");
  cn_node_set_int (single_node (graph), "num_scan_inputs", G_MAXINT64);
  single_fails (graph, "Scan “it”: its inputs and its graph's do not fit together");
}

/* A Loop of three turns: v → v + k, and each v is gathered. What comes after it is planned, too. */
static void
test_loop (void)
{
  CnGraph *body = cn_graph_new ("body", 0);
  g_autoptr (CnGraph) graph = cn_graph_new ("loop", 13);
  const CnShape shape = { 1, { 2 } };
  const float x[] = { 1, 2 }, expected[] = { -2, -3, -3, -4, -4, -5 };
  g_autoptr (CnPlan) plan = NULL;
  g_autofree float *y = NULL;
  CnNode *node;

  g_assert_true (cn_graph_add_input (graph, "x", CN_TYPE_FLOAT, &shape, NULL));
  g_assert_true (cn_graph_add_floats (graph, "k", SHAPE (), (const float[]){ 1 }, NULL));
  g_assert_true (cn_graph_add_constant (
      graph, "turns", cn_array_copy (CN_TYPE_INT64, SHAPE (), &(gint64){ 3 }, NULL), NULL));
  g_assert_true (cn_graph_add_input (body, "turn", CN_TYPE_INT64, SHAPE (), NULL));
  g_assert_true (cn_graph_add_input (body, "more", CN_TYPE_BOOL, SHAPE (), NULL));
  g_assert_true (cn_graph_add_input (body, "v", CN_TYPE_FLOAT, &shape, NULL));
  network_node (body, "Identity", "", "more", "again");
  network_pair (body, "Add", "", "v", "k", "next");
  cn_graph_add_output (body, "again");
  cn_graph_add_output (body, "next");
  cn_graph_add_output (body, "next");
  node = cn_graph_add_node (graph, "Loop", "loop", (const char *const[]){ "turns", "", "x", NULL },
                            (const char *const[]){ "last", "all", NULL }, NULL);
  cn_node_set_graph (graph, node, "body", body);
  network_node (graph, "Neg", "", "all", "y");
  cn_graph_add_output (graph, "y");
  cn_graph_add_output (graph, "last");
  plan = network_plan (graph, &shape, NULL);
  g_assert_true (cn_shape_equal (&cn_plan_output (plan, 0)->shape, SHAPE (3, 2)));
  for (int run = 0; run < 2; run++)
    {
      g_free (y);
      y = network_run (plan, x, 0);
      for (int i = 0; i < 6; i++)
        g_assert_cmpfloat (y[i], ==, expected[i]);
      g_assert_cmpfloat (cn_plan_output (plan, 1)->floats[1], ==, 5);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scan/axes", test_axes);
  g_test_add_func ("/scan/batch", test_batch);
  g_test_add_func ("/scan/faults", test_faults);
  g_test_add_func ("/scan/loop", test_loop);
  return g_test_run ();
}
