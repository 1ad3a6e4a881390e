/* test-quantize.c: quantized numbers, worked out by hand: rounding, ranges, axes and blocks.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "filters/core/error.h"
#include "tests/unit/single.h"

/* Gives an input of narrow integers. */
static void
give_narrow (CnGraph *graph, int input, const CnShape *shape, const gint32 *ints, int bits)
{
  g_autofree char *name = g_strdup_printf ("i%d", input);
  CnArray *array = cn_array_copy (CN_TYPE_INT32, shape, ints, NULL);

  array->bits = bits;
  g_assert_true (cn_graph_add_constant (graph, name, array, NULL));
}

/* The result, and what it is narrowed to. */
static void
check_narrow (const CnGraph *graph, const gint32 *expected, int n, int bits)
{
  g_autoptr (CnPlan) plan = cn_plan_new (graph, NULL, NULL);
  const CnArray *y;

  g_assert_nonnull (plan);
  g_assert_true (cn_plan_run (plan, &(CnRun){ 0 }, NULL));
  y = cn_plan_output (plan, 0);
  g_assert_cmpint (y->type, ==, CN_TYPE_INT32);
  g_assert_cmpint (y->bits, ==, bits);
  g_assert_cmpint (cn_array_elements (y), ==, n);
  for (int i = 0; i < n; i++)
    g_assert_cmpint (y->int32s[i], ==, expected[i]);
}

/* x / 2, halves to even, and then + 3: of the type of the zero point; uint8 without one. */
static void
test_quantize (void)
{
  static const struct
  {
    int bits;
    gint32 zero, expected[6];
  } cases[] = {
    { 8, 3, { 0, 3, 5, 5, 255, 0 } },    { -8, 3, { -128, 3, 5, 5, 127, 0 } },
    { 16, 3, { 0, 3, 5, 5, 65535, 0 } }, { -16, 3, { -32768, 3, 5, 5, 32767, 0 } },
    { 0, 0, { 0, 0, 2, 2, 255, 0 } },
  };
  const float x[] = { -1e9f, 1, 3, 5, INFINITY, NAN };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (CnGraph) graph = single_new ("QuantizeLinear", 13, 3, 1);

      single_floats (graph, 0, SHAPE (6), x);
      single_floats (graph, 1, SHAPE (), (const float[]){ 2 });
      if (cases[i].bits)
        give_narrow (graph, 2, SHAPE (), &cases[i].zero, cases[i].bits);
      else
        single_leave_out (graph, 2);
      check_narrow (graph, cases[i].expected, 6, cases[i].bits ? cases[i].bits : 8);
    }
}

/* A scale and a zero point for each column; then a scale for each two of four columns. */
static void
test_dequantize (void)
{
  g_autoptr (CnGraph) axis = single_new ("DequantizeLinear", 13, 3, 1);
  g_autoptr (CnGraph) blocks = single_new ("DequantizeLinear", 21, 3, 1);
  const gint32 q[] = { 1, 2, 3, 4, 5, 6, 7, 8 };

  give_narrow (axis, 0, SHAPE (2, 4), q, 8);
  single_floats (axis, 1, SHAPE (4), (const float[]){ 1, 2, 3, 4 });
  give_narrow (axis, 2, SHAPE (4), (const gint32[]){ 0, 1, 0, 4 }, 8);
  single_check (axis, 0, SHAPE (2, 4), (const float[]){ 1, 2, 9, 0, 5, 10, 21, 16 }, 0);
  give_narrow (blocks, 0, SHAPE (2, 4), q, -8);
  single_floats (blocks, 1, SHAPE (2, 2), (const float[]){ 1, 2, 3, 4 });
  single_leave_out (blocks, 2);
  cn_node_set_int (single_node (blocks), "block_size", 2);
  single_check (blocks, 0, SHAPE (2, 4), (const float[]){ 1, 2, 6, 8, 15, 18, 28, 32 }, 0);
  cn_node_set_int (single_node (blocks), "block_size", 3);
  single_check (blocks, 0, SHAPE (2, 4), (const float[]){ 1, 2, 3, 8, 15, 18, 21, 32 }, 0);
}

/* From −1 to 4: 5/255 = 1/51 a step, and 0 is number 51. */
static void
test_dynamic (void)
{
  g_autoptr (CnGraph) graph = single_new ("DynamicQuantizeLinear", 11, 1, 3);
  const float scale = 1.f / 51;

  single_floats (graph, 0, SHAPE (3), (const float[]){ -1, 0, 4 });
  check_narrow (graph, (const gint32[]){ 0, 51, 255 }, 3, 8);
  single_check (graph, 1, SHAPE (), &scale, 1e-8);
}

static void
test_faults (void)
{
  g_autoptr (CnGraph) wide = single_new ("QuantizeLinear", 13, 3, 1);
  g_autoptr (CnGraph) few = single_new ("DequantizeLinear", 13, 3, 1);

  single_floats (wide, 0, SHAPE (2, 2), (const float[]){ 1, 2, 3, 4 });
  single_floats (wide, 1, SHAPE (), (const float[]){ 1 });
  give_narrow (wide, 2, SHAPE (), (const gint32[]){ 0 }, 0);
  single_fails (wide, "QuantizeLinear “it”: the type of its result is not supported");
  cn_node_set_int (single_node (wide), "output_dtype", G_MININT64);
  single_fails (wide, "QuantizeLinear “it”: the type of its result is not supported");
  give_narrow (few, 0, SHAPE (2, 2), (const gint32[]){ 1, 2, 3, 4 }, 8);
  single_floats (few, 1, SHAPE (3), (const float[]){ 1, 2, 3 });
  give_narrow (few, 2, SHAPE (), (const gint32[]){ 0 }, 8);
  single_fails (few, "DequantizeLinear “it”: there are not as many zero points as scales");
  single_leave_out (few, 2);
  single_fails (few, "DequantizeLinear “it”: scales of 3 do not fit an input of 2×2");
  cn_node_set_int (single_node (few), "axis", -3);
  single_fails (few, "DequantizeLinear “it”: there is no axis -3 in an array of 2 axes");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/quantize/quantize", test_quantize);
  g_test_add_func ("/quantize/dequantize", test_dequantize);
  g_test_add_func ("/quantize/dynamic", test_dynamic);
  g_test_add_func ("/quantize/faults", test_faults);
  return g_test_run ();
}
