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

/* x − 10 is 0, 10, 20, and half of it with the scale; w is 2·(3 − 1) and 0. So the sums are 0 and
   20, with a bias of 4·(0.5·2): 4 and 24, which is 1 and 6 steps of 4 above 100. */
static void
test_convolution (void)
{
  g_autoptr (CnGraph) linear = single_new ("QLinearConv", 10, 9, 1);
  g_autoptr (CnGraph) integer = single_new ("ConvInteger", 10, 4, 1);
  g_autoptr (CnGraph) wide = single_new ("QLinearConv", 10, 9, 1);
  CnGraph *graphs[] = { linear, wide };
  const gint32 x[] = { 10, 20, 30 }, w[] = { 3, 1 }, ten = 10, one = 1, four = 4, hundred = 100;

  for (int i = 0; i < 2; i++)
    {
      give_narrow (graphs[i], 0, SHAPE (1, 1, 1, 3), x, 8);
      single_floats (graphs[i], 1, SHAPE (), (const float[]){ 0.5f });
      give_narrow (graphs[i], 2, SHAPE (), &ten, 8);
      give_narrow (graphs[i], 3, SHAPE (1, 1, 1, 2), w, -8);
      single_floats (graphs[i], 4, SHAPE (1), (const float[]){ 2 });
      give_narrow (graphs[i], 5, SHAPE (1), &one, -8);
      single_floats (graphs[i], 6, SHAPE (), (const float[]){ 4 });
      give_narrow (graphs[i], 7, SHAPE (), &hundred, i == 0 ? 8 : 0);
      give_narrow (graphs[i], 8, SHAPE (1), &four, 0);
    }
  check_narrow (linear, (const gint32[]){ 101, 106 }, 2, 8);
  cn_node_set_ints (single_node (linear), "pads", 4, (const gint64[]){ 0, 0, 0, 1 });
  check_narrow (linear, (const gint32[]){ 101, 106, 111 }, 3, 8);
  single_fails (wide, "QLinearConv “it”: the type of its result is not supported");
  give_narrow (integer, 0, SHAPE (1, 1, 1, 3), x, 8);
  give_narrow (integer, 1, SHAPE (1, 1, 1, 2), w, 8);
  give_narrow (integer, 2, SHAPE (), &ten, 8);
  give_narrow (integer, 3, SHAPE (1), &one, 8);
  check_narrow (integer, (const gint32[]){ 0, 20 }, 2, 0);
}

/* 5·200 + 245·7; and of int8 what is too large is 127. */
static void
test_product (void)
{
  g_autoptr (CnGraph) integer = single_new ("MatMulInteger", 10, 4, 1);
  g_autoptr (CnGraph) linear = single_new ("QLinearMatMul", 10, 8, 1);
  const gint32 a[] = { 10, 250 }, b[] = { 200, 7 }, five = 5, zero = 0;

  give_narrow (integer, 0, SHAPE (1, 2), a, 8);
  give_narrow (integer, 1, SHAPE (2, 1), b, 8);
  give_narrow (integer, 2, SHAPE (), &five, 8);
  single_leave_out (integer, 3);
  check_narrow (integer, (const gint32[]){ 2715 }, 1, 0);
  give_narrow (linear, 0, SHAPE (1, 2), a, 8);
  give_narrow (linear, 3, SHAPE (2, 1), b, 8);
  single_floats (linear, 1, SHAPE (), (const float[]){ 1 });
  single_floats (linear, 4, SHAPE (), (const float[]){ 1 });
  single_floats (linear, 6, SHAPE (), (const float[]){ 10 });
  give_narrow (linear, 2, SHAPE (), &five, 8);
  give_narrow (linear, 5, SHAPE (), &zero, 8);
  give_narrow (linear, 7, SHAPE (), &zero, -8);
  check_narrow (linear, (const gint32[]){ 127 }, 1, -8);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/quantize/quantize", test_quantize);
  g_test_add_func ("/quantize/dequantize", test_dequantize);
  g_test_add_func ("/quantize/dynamic", test_dynamic);
  g_test_add_func ("/quantize/convolution", test_convolution);
  g_test_add_func ("/quantize/product", test_product);
  g_test_add_func ("/quantize/faults", test_faults);
  return g_test_run ();
}
