/* test-unique.c: Unique and Det: small arrays, worked out by hand.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "filters/core/error.h"
#include "tests/unit/networks.h"
#include "tests/unit/single.h"

/* 5 2 5 1 2 2, by value and by first place. */
static void
test_elements (void)
{
  g_autoptr (CnGraph) graph = single_new ("Unique", 11, 1, 4);
  const gint64 places[] = { 3, 1, 0 }, kinds[] = { 2, 1, 2, 0, 1, 1 }, counts[] = { 1, 3, 2 };

  single_ints (graph, 0, SHAPE (2, 3), (const gint64[]){ 5, 2, 5, 1, 2, 2 });
  single_check_ints (graph, 0, SHAPE (3), (const gint64[]){ 1, 2, 5 });
  single_check_ints (graph, 1, SHAPE (3), places);
  single_check_ints (graph, 2, SHAPE (6), kinds);
  single_check_ints (graph, 3, SHAPE (3), counts);
  cn_node_set_int (single_node (graph), "sorted", 0);
  single_check_ints (graph, 0, SHAPE (3), (const gint64[]){ 5, 2, 1 });
  single_check_ints (graph, 1, SHAPE (3), (const gint64[]){ 0, 1, 3 });
  single_check_ints (graph, 2, SHAPE (6), (const gint64[]){ 0, 1, 0, 2, 1, 1 });
  single_check_ints (graph, 3, SHAPE (3), (const gint64[]){ 2, 3, 1 });
}

/* Columns (1 4), (0 9), (1 4), (1 3). */
static void
test_slices (void)
{
  g_autoptr (CnGraph) graph = single_new ("Unique", 11, 1, 4);

  single_floats (graph, 0, SHAPE (2, 4), (const float[]){ 1, 0, 1, 1, 4, 9, 4, 3 });
  cn_node_set_int (single_node (graph), "axis", -1);
  single_check (graph, 0, SHAPE (2, 3), (const float[]){ 0, 1, 1, 9, 3, 4 }, 0);
  single_check_ints (graph, 2, SHAPE (4), (const gint64[]){ 2, 0, 2, 1 });
  cn_node_set_int (single_node (graph), "axis", 2);
  single_fails (graph, "Unique “it”: there is no axis 2 in an array of 2 axes");
}

/* What no number is sorted behind all, and is one kind; the result's size is known in the run. */
static void
test_late (void)
{
  g_autoptr (CnGraph) graph = cn_graph_new ("unique", 13);
  const CnShape shape = { 1, { 5 } };
  const float x[] = { NAN, 3, INFINITY, NAN, -3 };
  g_autoptr (CnPlan) plan = NULL;
  g_autofree float *unused = NULL;
  const CnArray *y;

  g_assert_true (cn_graph_add_input (graph, "x", CN_TYPE_FLOAT, &shape, NULL));
  network_node (graph, "Unique", "", "x", "y");
  cn_graph_add_output (graph, "y");
  plan = network_plan (graph, &shape, NULL);
  unused = network_run (plan, x, 0);
  y = cn_plan_output (plan, 0);
  g_assert_true (cn_shape_equal (&y->shape, SHAPE (4)));
  g_assert_cmpfloat (y->floats[0], ==, -3);
  g_assert_cmpfloat (y->floats[2], ==, INFINITY);
  g_assert_true (isnan (y->floats[3]));
}

/* Determinants: 1·4 − 2·3; one that needs rows to change places; one that is 0. */
static void
test_determinant (void)
{
  g_autoptr (CnGraph) pair = single_new ("Det", 11, 1, 1), one = single_new ("Det", 11, 1, 1);
  g_autoptr (CnGraph) flat = single_new ("Det", 11, 1, 1);

  single_floats (pair, 0, SHAPE (2, 2, 2), (const float[]){ 1, 2, 3, 4, 2, 4, 1, 2 });
  single_check (pair, 0, SHAPE (2), (const float[]){ -2, 0 }, 1e-6);
  single_floats (one, 0, SHAPE (3, 3), (const float[]){ 0, 2, 1, 3, 0, 0, 5, 7, 4 });
  single_check (one, 0, SHAPE (), (const float[]){ -2 * 3 * 4 + 3 * 7 }, 1e-5);
  single_floats (flat, 0, SHAPE (2, 1), (const float[]){ 0, 2 });
  single_fails (flat, "Det “it”: 2×1 is no square matrix");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/unique/elements", test_elements);
  g_test_add_func ("/unique/slices", test_slices);
  g_test_add_func ("/unique/late", test_late);
  g_test_add_func ("/unique/determinant", test_determinant);
  return g_test_run ();
}
