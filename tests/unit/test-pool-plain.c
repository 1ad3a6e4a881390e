/* test-pool-plain.c: pools of networks that the plain loop computes: of integers, and averages that
 * count what lies behind the padding. SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/single.h"

static CnGraph *
begin (const char *op, int opset)
{
  CnGraph *graph = single_new (op, opset, 1, 1);

  cn_node_set_ints (single_node (graph), "kernel_shape", 2, (const gint64[]){ 2, 2 });
  cn_node_set_ints (single_node (graph), "strides", 2, (const gint64[]){ 2, 2 });
  cn_node_set_int (single_node (graph), "ceil_mode", 1);
  return graph;
}

/* Numbers that no float32 has. */
static void
test_integers (void)
{
  const gint64 big = (gint64) 1 << 40;
  const gint64 x[] = { big + 1, 2, 3, 4, big, -6, -7, -8, -9 };
  const gint64 expected[] = { big + 1, 3, -7, -9 };
  g_autoptr (CnGraph) graph = begin ("MaxPool", 12);

  single_ints (graph, 0, SHAPE (1, 1, 3, 3), x);
  single_check_ints (graph, 0, SHAPE (1, 1, 2, 2), expected);
}

static void
test_average_of_integers (void)
{
  g_autoptr (CnGraph) graph = begin ("AveragePool", 12);

  single_ints (graph, 0, SHAPE (1, 1, 2, 2), (const gint64[]){ 1, 2, 3, 4 });
  single_fails (graph, "AveragePool “it”: input 1 is of the type int64, which is not supported");
}

/* The last windows have two samples and one: they are divided by 4, or by how many there are. */
static void
test_behind_padding (void)
{
  const float x[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
  const float all[] = { 3, 2.25f, 3.75f, 2.25f }, there[] = { 3, 4.5f, 7.5f, 9 };

  for (int i = 0; i < 4; i++)
    {
      g_autoptr (CnGraph) graph = begin ("AveragePool", i < 2 ? 11 : 19);

      single_floats (graph, 0, SHAPE (1, 1, 3, 3), x);
      cn_node_set_int (single_node (graph), "count_include_pad", i % 2);
      single_check (graph, 0, SHAPE (1, 1, 2, 2), i == 1 ? all : there, 1e-6);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pool-plain/integers", test_integers);
  g_test_add_func ("/pool-plain/average-of-integers", test_average_of_integers);
  g_test_add_func ("/pool-plain/behind-padding", test_behind_padding);
  return g_test_run ();
}
