/* test-unpool.c: MaxUnpool, Col2Im and the pools' windows as networks write them down, by hand.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/single.h"

static const gint64 two[] = { 2, 2 };

/* 2×2 maxima go back into 4×4; a larger result has zeros at its right and at its bottom. */
static void
test_unpool (void)
{
  g_autoptr (CnGraph) graph = single_new ("MaxUnpool", 11, 3, 1);
  const float small[16] = { [5] = 1, [7] = 2, [8] = 3, [15] = 4 };
  const float large[20] = { [6] = 1, [8] = 2, [10] = 3, [18] = 4 };

  single_floats (graph, 0, SHAPE (1, 1, 2, 2), (const float[]){ 1, 2, 3, 4 });
  single_ints (graph, 1, SHAPE (1, 1, 2, 2), (const gint64[]){ 5, 7, 8, 15 });
  single_ints (graph, 2, SHAPE (4), (const gint64[]){ 1, 1, 4, 5 });
  cn_node_set_ints (single_node (graph), "kernel_shape", 2, two);
  cn_node_set_ints (single_node (graph), "strides", 2, two);
  single_check (graph, 0, SHAPE (1, 1, 4, 5), large, 0);
  single_leave_out (graph, 2);
  single_check (graph, 0, SHAPE (1, 1, 4, 4), small, 0);
  cn_node_set_ints (single_node (graph), "strides", 2, (const gint64[]){ 2, G_MAXINT64 });
  single_fails (graph, "MaxUnpool “it”: a kernel of 2 with stride 9223372036854775807 and 0 of "
                       "padding is impossible along axis 3");
}

static void
test_unpool_faults (void)
{
  g_autoptr (CnGraph) graph = single_new ("MaxUnpool", 11, 3, 1);

  single_floats (graph, 0, SHAPE (1, 1, 1, 2), (const float[]){ 1, 2 });
  single_ints (graph, 1, SHAPE (1, 1, 1, 2), (const gint64[]){ 0, 8 });
  single_ints (graph, 2, SHAPE (4), (const gint64[]){ 1, 1, 2, 3 });
  cn_node_set_ints (single_node (graph), "kernel_shape", 2, two);
  cn_node_set_ints (single_node (graph), "strides", 2, two);
  single_fails (graph, "MaxUnpool “it”: a size of 3 is impossible along axis 3, which needs 4");
  single_leave_out (graph, 2);
  single_fails (graph, "MaxUnpool “it”: there is no element 8 of 8");
  cn_node_set_ints (single_node (graph), "kernel_shape", 1, two);
  single_fails (graph, "MaxUnpool “it”: “kernel_shape” has 1 numbers, and must have 2");
}

/* Windows of 1×2 at stride 1 in a row of three: the middle is in both. */
static void
test_columns (void)
{
  g_autoptr (CnGraph) graph = single_new ("Col2Im", 18, 3, 1);

  single_floats (graph, 0, SHAPE (1, 2, 2), (const float[]){ 1, 2, 3, 4 });
  single_ints (graph, 1, SHAPE (2), (const gint64[]){ 1, 3 });
  single_ints (graph, 2, SHAPE (2), (const gint64[]){ 1, 2 });
  single_check (graph, 0, SHAPE (1, 1, 1, 3), (const float[]){ 1, 2 + 3, 4 }, 0);
  cn_node_set_ints (single_node (graph), "strides", 2, two);
  single_fails (graph, "Col2Im “it”: columns, picture and blocks do not fit together");
}

/* With VALID and “ceil_mode” a last window hangs over the end, as onnxruntime has it. */
static void
test_valid_ceil (void)
{
  g_autoptr (CnGraph) graph = single_new ("MaxPool", 12, 1, 1);

  single_floats (graph, 0, SHAPE (1, 1, 5), (const float[]){ 1, 5, 2, 3, 4 });
  cn_node_set_ints (single_node (graph), "kernel_shape", 1, two);
  cn_node_set_ints (single_node (graph), "strides", 1, two);
  cn_node_set_string (single_node (graph), "auto_pad", "VALID");
  single_check (graph, 0, SHAPE (1, 1, 2), (const float[]){ 5, 3 }, 0);
  cn_node_set_int (single_node (graph), "ceil_mode", 1);
  single_check (graph, 0, SHAPE (1, 1, 3), (const float[]){ 5, 3, 4 }, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/unpool/unpool", test_unpool);
  g_test_add_func ("/unpool/unpool-faults", test_unpool_faults);
  g_test_add_func ("/unpool/columns", test_columns);
  g_test_add_func ("/unpool/valid-ceil", test_valid_ceil);
  return g_test_run ();
}
