/* test-resize.c: Resize and Upsample where scales are no whole numbers: sizes are rounded down, and
 * places follow from the scales, not from the sizes.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/single.h"

/* 0, 1, 2, … resized: what comes out are places. */
static void
check (const char *op, int opset, const char *mode, int n, float scale, int expected_n,
       const float *expected)
{
  g_autoptr (CnGraph) graph = single_new (op, opset, 2, 1);
  const float ramp[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };

  single_floats (graph, 0, SHAPE (1, 1, n), ramp);
  single_floats (graph, 1, SHAPE (3), (const float[]){ 1, 1, scale });
  cn_node_set_string (single_node (graph), "mode", mode);
  single_check (graph, 0, SHAPE (1, 1, expected_n), expected, 1e-6);
}

static void
test_grow (void)
{
  check ("Upsample", 9, "nearest", 3, 1.5f, 4, (const float[]){ 0, 0, 1, 2 });
  check ("Upsample", 9, "linear", 3, 1.6f, 4, (const float[]){ 0, 0.625f, 1.25f, 1.875f });
  check ("Resize", 10, "nearest", 2, 2.7f, 5, (const float[]){ 0, 0, 0, 1, 1 });
}

/* An axis that shrinks takes the element after the place in opset 10. */
static void
test_shrink (void)
{
  check ("Resize", 10, "nearest", 5, 0.6f, 3, (const float[]){ 0, 2, 4 });
  check ("Resize", 10, "nearest", 6, 0.5f, 3, (const float[]){ 0, 2, 4 });
  check ("Resize", 10, "linear", 5, 0.6f, 3, (const float[]){ 0, 1 / 0.6f, 2 / 0.6f });
}

/* 27 / 2.7 is 10, though the float next to 2.7 is a little larger. */
static void
test_exact (void)
{
  float expected[29];

  for (int i = 0; i < 29; i++)
    expected[i] = (float) (i * 10 / 27);
  check ("Upsample", 9, "nearest", 11, 2.7f, 29, expected);
}

/* The float32 next to 5 / 3, times 3, is a little less than 5: but not in float32. */
static void
test_quotient (void)
{
  check ("Upsample", 9, "nearest", 3, 5.0f / 3, 5, (const float[]){ 0, 0, 1, 1, 2 });
  check ("Resize", 10, "linear", 6, 5.0f / 6, 5, (const float[]){ 0, 1.2f, 2.4f, 3.6f, 4.8f });
}

/* A detector that finds nothing resizes none of it. */
static void
test_none (void)
{
  g_autoptr (CnGraph) graph = single_new ("Resize", 10, 2, 1);

  single_floats (graph, 0, SHAPE (0, 2, 3), (const float[]){ 0 });
  single_floats (graph, 1, SHAPE (3), (const float[]){ 2, 1, 2 });
  single_check (graph, 0, SHAPE (0, 2, 6), NULL, 0);
}

static void
test_faults (void)
{
  g_autoptr (CnGraph) graph = single_new ("Resize", 10, 2, 1);

  single_floats (graph, 0, SHAPE (1, 1, 3), (const float[]){ 0, 1, 2 });
  single_floats (graph, 1, SHAPE (3), (const float[]){ 1, 1, 0.3f });
  single_fails (graph, "Resize “it”: a size of 3, scaled by 0.3, is impossible along axis 2");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/resize/grow", test_grow);
  g_test_add_func ("/resize/shrink", test_shrink);
  g_test_add_func ("/resize/exact", test_exact);
  g_test_add_func ("/resize/quotient", test_quotient);
  g_test_add_func ("/resize/none", test_none);
  g_test_add_func ("/resize/faults", test_faults);
  return g_test_run ();
}
