/* test-deform.c: DeformConv: without offsets a convolution, and by hand where taps are moved.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "tests/unit/networks.h"
#include "tests/unit/single.h"

/* The weights' tap is at pixel 1 of the row 1, 10, 100, 1000; the map of offsets (y, x) moves it.
 */
static CnGraph *
make (float dy, float dx)
{
  CnGraph *graph = single_new ("DeformConv", 19, 5, 1);

  single_floats (graph, 0, SHAPE (1, 1, 1, 4), (const float[]){ 1, 10, 100, 1000 });
  single_floats (graph, 1, SHAPE (1, 1, 1, 1), (const float[]){ 2 });
  single_floats (graph, 2, SHAPE (1, 2, 1, 4), (const float[]){ dy, dy, dy, dy, dx, dx, dx, dx });
  single_leave_out (graph, 3);
  single_leave_out (graph, 4);
  return graph;
}

static void
test_offsets (void)
{
  static const struct
  {
    float dy, dx, expected[4];
  } cases[] = {
    { 0, 0, { 2, 20, 200, 2000 } },     { 0, 1, { 20, 200, 2000, 0 } },
    { 0, -0.5f, { 1, 11, 110, 1100 } }, { 0.25f, 0, { 1.5f, 15, 150, 1500 } },
    { 1, 0, { 0, 0, 0, 0 } },           { 1e30f, 0, { 0, 0, 0, 0 } },
    { NAN, INFINITY, { 0, 0, 0, 0 } },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (CnGraph) graph = make (cases[i].dy, cases[i].dx);

      single_check (graph, 0, SHAPE (1, 1, 1, 4), cases[i].expected, 1e-3);
    }
}

/* A convolution of two groups with padding, a stride and dilation: with offsets of 0, masks of 1/2
   and no bias half of it. Sums of 3·9 products of numbers below 1: an error below 1e-5. */
static void
test_convolution (void)
{
  const CnShape shape = cn_shape_nchw (2, 6, 13, 11), weights = cn_shape_nchw (4, 3, 3, 3);
  const CnShape offsets = cn_shape_nchw (2, 3 * 18, 6, 11), masks = cn_shape_nchw (2, 27, 6, 11);
  g_autofree float *x = network_random (cn_shape_elements (&shape), 1);
  g_autofree float *w = network_random (cn_shape_elements (&weights), 1);
  g_autofree float *half = g_new (float, cn_shape_elements (&masks));
  g_autofree float *zeros = g_new0 (float, cn_shape_elements (&offsets));
  g_autofree float *expected = NULL;
  g_autoptr (CnGraph) conv = single_new ("Conv", 13, 2, 1);
  g_autoptr (CnGraph) deform = single_new ("DeformConv", 22, 5, 1);
  CnGraph *graphs[] = { conv, deform };
  g_autoptr (CnPlan) plan = NULL;
  gsize n;

  for (gsize i = 0; i < cn_shape_elements (&masks); i++)
    half[i] = 0.5f;
  for (int i = 0; i < 2; i++)
    {
      single_floats (graphs[i], 0, &shape, x);
      single_floats (graphs[i], 1, &weights, w);
      cn_node_set_ints (single_node (graphs[i]), "pads", 4, (const gint64[]){ 0, 2, 1, 2 });
      cn_node_set_ints (single_node (graphs[i]), "strides", 2, (const gint64[]){ 2, 1 });
      cn_node_set_ints (single_node (graphs[i]), "dilations", 2, (const gint64[]){ 1, 2 });
      cn_node_set_int (single_node (graphs[i]), "group", 2);
    }
  single_floats (deform, 2, &offsets, zeros);
  single_floats (deform, 4, &masks, half);
  single_leave_out (deform, 3);
  cn_node_set_int (single_node (deform), "offset_group", 3);
  plan = cn_plan_new (conv, NULL, NULL);
  g_assert_nonnull (plan);
  g_assert_true (cn_plan_run (plan, &(CnRun){ 0 }, NULL));
  n = cn_array_elements (cn_plan_output (plan, 0));
  expected = g_memdup2 (cn_plan_output (plan, 0)->floats, n * sizeof (float));
  for (gsize i = 0; i < n; i++)
    expected[i] /= 2;
  single_check (deform, 0, &cn_plan_output (plan, 0)->shape, expected, 1e-5);
}

static void
test_faults (void)
{
  g_autoptr (CnGraph) graph = make (0, 0);

  cn_node_set_int (single_node (graph), "offset_group", 2);
  single_fails (graph, "DeformConv “it”: an input of 1×1×1×4, weights of 1×1×1×1, 1 groups and 2 "
                       "of offsets do not fit together");
  cn_node_set_int (single_node (graph), "offset_group", 1);
  cn_node_set_ints (single_node (graph), "strides", 2, (const gint64[]){ 1, 2 });
  single_fails (graph, "DeformConv “it”: input 3 is 1×2×1×4, and must be 1×2×1×2");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/deform/offsets", test_offsets);
  g_test_add_func ("/deform/convolution", test_convolution);
  g_test_add_func ("/deform/faults", test_faults);
  return g_test_run ();
}
