/* test-input.c: pictures as the inputs of networks: ranges, orders, layouts, and what is refused.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/net/input.h"

#include "tests/unit/networks.h"

static CnGraph *
graph_for (CnShape shape)
{
  CnGraph *graph = cn_graph_new ("test", 13);

  g_assert_true (cn_graph_add_input (graph, "x", CN_TYPE_FLOAT, &shape, NULL));
  return graph;
}

/* What a picture of one pixel becomes: red 0.25, green 0.5, blue 1. */
static void
assert_filled (const CnGraph *graph, CnRange range, CnOrder order, double a, double b, double c)
{
  const float pixel[4] = { 0.25f, 0.5f, 1, 7 };
  const double expected[3] = { a, b, c };
  float values[3];
  CnInput input;

  g_assert_null (cn_input_find (graph, range, order, &input));
  cn_input_fill (&input, pixel, 1, 3, 4, values);
  for (int i = 0; i < input.channels; i++)
    g_assert_cmpfloat_with_epsilon (values[i], expected[i], 1e-5);
}

static void
test_ranges (void)
{
  g_autoptr (CnGraph) graph = graph_for (cn_shape_nchw (1, 3, -1, -1));

  assert_filled (graph, CN_RANGE_UNIT, CN_ORDER_RGB, 0.25, 0.5, 1);
  assert_filled (graph, CN_RANGE_BYTE, CN_ORDER_BGR, 255, 127.5, 63.75);
  assert_filled (graph, CN_RANGE_SIGNED, CN_ORDER_RGB, -0.5, 0, 1);
  assert_filled (graph, CN_RANGE_NORMAL, CN_ORDER_RGB, (0.25 - 0.485) / 0.229,
                 (0.5 - 0.456) / 0.224, (1 - 0.406) / 0.225);
}

static void
test_metadata (void)
{
  g_autoptr (CnGraph) graph = graph_for (cn_shape_nchw (1, 3, -1, -1));

  assert_filled (graph, CN_RANGE_MODEL, CN_ORDER_MODEL, 0.25, 0.5, 1);
  cn_graph_set_metadata (graph, "Image.NominalPixelRange", "NominalRange_0_255");
  cn_graph_set_metadata (graph, "Image.BitmapPixelFormat", "Bgr8");
  assert_filled (graph, CN_RANGE_MODEL, CN_ORDER_MODEL, 255, 127.5, 63.75);
  cn_graph_set_metadata (graph, "Image.NominalPixelRange", "Normalized_1_1");
  assert_filled (graph, CN_RANGE_MODEL, CN_ORDER_RGB, -0.5, 0, 1);
  cn_graph_set_metadata (graph, "input-low", "-2");
  cn_graph_set_metadata (graph, "input-high", "2");
  assert_filled (graph, CN_RANGE_MODEL, CN_ORDER_RGB, -1, 0, 2);
}

/* Numbers that are none do not count. */
static void
test_broken_metadata (void)
{
  static const char *const texts[] = { "", "one", "1e999", "nan", "0" };
  g_autoptr (CnGraph) graph = graph_for (cn_shape_nchw (1, 3, -1, -1));

  cn_graph_set_metadata (graph, "input-low", "0");
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      cn_graph_set_metadata (graph, "input-high", texts[i]);
      assert_filled (graph, CN_RANGE_MODEL, CN_ORDER_RGB, 0.25, 0.5, 1);
    }
}

/* Two pixels, whose samples stay together in a network with channels last. */
static void
test_layouts (void)
{
  static const float pixels[6] = { 1, 2, 3, 4, 5, 6 };
  static const float planes[6] = { 1, 4, 2, 5, 3, 6 };
  g_autoptr (CnGraph) first = graph_for (cn_shape_nchw (1, 3, 8, 9));
  g_autoptr (CnGraph) last = graph_for (cn_shape_nchw (-1, 8, 9, 3));
  CnInput input;
  CnShape shape;
  float values[6];

  g_assert_null (cn_input_find (first, CN_RANGE_UNIT, CN_ORDER_RGB, &input));
  cn_input_fill (&input, pixels, 2, 3, 3, values);
  g_assert_cmpmem (values, sizeof values, planes, sizeof planes);
  g_assert_cmpint (input.height, ==, 8);
  g_assert_cmpint (input.width, ==, 9);

  g_assert_null (cn_input_find (last, CN_RANGE_UNIT, CN_ORDER_RGB, &input));
  cn_input_fill (&input, pixels, 2, 3, 3, values);
  g_assert_cmpmem (values, sizeof values, pixels, sizeof pixels);
  g_assert_cmpint (input.height, ==, 8);
  g_assert_cmpint (input.width, ==, 9);
  shape = cn_input_shape (&input, 5, 6);
  g_assert_cmpint (shape.dims[1], ==, 5);
  g_assert_cmpint (shape.dims[3], ==, 3);
}

/* A network for gray gets the luma, and one for colours the gray in each. */
static void
test_gray (void)
{
  const float gray[2] = { 0.5f, 9 };
  g_autoptr (CnGraph) one = graph_for (cn_shape_nchw (1, 1, -1, -1));
  g_autoptr (CnGraph) three = graph_for (cn_shape_nchw (1, 3, -1, -1));
  CnInput input;
  float values[3];

  assert_filled (one, CN_RANGE_UNIT, CN_ORDER_RGB, 0.299 * 0.25 + 0.587 * 0.5 + 0.114, 0, 0);
  g_assert_null (cn_input_find (three, CN_RANGE_UNIT, CN_ORDER_RGB, &input));
  cn_input_fill (&input, gray, 1, 1, 2, values);
  for (int c = 0; c < 3; c++)
    g_assert_cmpfloat (values[c], ==, 0.5f);
}

/* What a network was trained with is no more than a hint. */
static void
test_trained_size (void)
{
  static const char *const texts[] = { "32", "0", "-3", "1e9", "many" };
  static const int sides[] = { 32, 0, 0, 0, 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (CnGraph) graph = graph_for (cn_shape_nchw (1, 3, -1, -1));
      CnInput input;

      cn_graph_set_metadata (graph, "input-height", texts[i]);
      g_assert_null (cn_input_find (graph, CN_RANGE_UNIT, CN_ORDER_RGB, &input));
      g_assert_cmpint (input.trained_height, ==, sides[i]);
      g_assert_cmpint (input.trained_width, ==, 0);
      g_assert_cmpint (input.height, ==, 0);
    }
}

static void
assert_refused (CnGraph *graph, const char *why)
{
  g_autoptr (CnGraph) owned = graph;
  CnInput input;

  g_assert_cmpstr (cn_input_find (owned, CN_RANGE_UNIT, CN_ORDER_RGB, &input), ==, why);
}

static void
test_refused (void)
{
  CnGraph *two = graph_for (cn_shape_nchw (1, 3, -1, -1));
  CnGraph *whole = cn_graph_new ("whole", 13);
  const CnShape shape = cn_shape_nchw (1, 3, 4, 4);

  cn_graph_add_input (two, "y", CN_TYPE_FLOAT, &shape, NULL);
  cn_graph_add_input (whole, "x", CN_TYPE_INT64, &shape, NULL);
  assert_refused (two, "it has more than one input");
  assert_refused (cn_graph_new ("none", 13), "it has no input");
  assert_refused (whole, "its input is no picture with one or three channels");
  assert_refused (graph_for (cn_shape_nchw (1, 7, -1, -1)),
                  "its input is no picture with one or three channels");
  assert_refused (graph_for ((CnShape){ 2, { 1, 784 } }),
                  "its input is no picture with one or three channels");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/input/ranges", test_ranges);
  g_test_add_func ("/input/metadata", test_metadata);
  g_test_add_func ("/input/broken-metadata", test_broken_metadata);
  g_test_add_func ("/input/layouts", test_layouts);
  g_test_add_func ("/input/gray", test_gray);
  g_test_add_func ("/input/trained-size", test_trained_size);
  g_test_add_func ("/input/refused", test_refused);
  return g_test_run ();
}
