/* test-errors.c: properties that make no filter leave the picture as it was, and say why.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/gegl/harness.h"

static void
test_passed_through (void)
{
  static const struct
  {
    const char *property, *value, *message;
  } wrong[] = {
    { "kernel", "no such preset", "*convnet:convolve: *no such preset*" },
    { "kernel", "1 2; 3", "*convnet:convolve: *" },
    { "kernel", "", "*convnet:convolve: *" },
    { "kernel", "1 || 2", "*2 filters*" },
    { "kernel", "1 | 2", "*2 planes*" },
    { "kernel-file", "/nowhere/kernel.txt", "*kernel.txt*" },
  };
  g_autoptr (GeglBuffer) buffer = harness_noise (RGBA_U8, 0, 0, 30, 20);

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_auto (Graph) graph = harness_graph (buffer, RGBA_U8, FALSE, "convnet:convolve",
                                            wrong[i].property, wrong[i].value, NULL);
      g_autofree float *whole = harness_pixels (&graph), *found = NULL, *again = NULL;

      harness_expect_message (wrong[i].message);
      found = harness_render (&graph, graph.sink, NULL);
      g_test_assert_expected_messages ();
      g_assert_true (harness_same (&graph, whole, found, NULL));
      again = harness_render (&graph, graph.sink, NULL); /* it is not said again */
      g_assert_true (harness_same (&graph, whole, again, NULL));
    }
}

static void
test_numbers (void)
{
  g_autoptr (GeglBuffer) buffer = harness_noise (RGBA_U8, 0, 0, 30, 20);
  g_auto (Graph) graph =
      harness_graph (buffer, RGBA_U8, FALSE, "convnet:convolve", "divisor", 0.0, NULL);
  g_autofree float *whole = harness_pixels (&graph), *found = NULL, *right = NULL;

  harness_expect_message ("*divisor is zero*");
  found = harness_render (&graph, graph.sink, NULL);
  g_test_assert_expected_messages ();
  g_assert_true (harness_same (&graph, whole, found, NULL));

  gegl_node_set (graph.sink, "divisor", 4.0, NULL); /* and it works again */
  right = harness_render (&graph, graph.sink, NULL);
  g_assert_false (harness_same (&graph, whole, right, NULL));
}

/* A picture without edges has no border. */
static void
test_endless (void)
{
  g_autoptr (GeglNode) graph = gegl_node_new ();
  GeglNode *source = gegl_node_new_child (graph, "operation", "gegl:checkerboard", NULL);
  GeglNode *sink = gegl_node_new_child (graph, "operation", "convnet:pool", NULL);
  float pixels[4 * 8 * 8], expected[4 * 8 * 8];
  const Babl *format = babl_format ("RGBA float");

  gegl_node_link (source, sink);
  gegl_node_blit (source, 1, GEGL_RECTANGLE (0, 0, 8, 8), format, expected, GEGL_AUTO_ROWSTRIDE,
                  GEGL_BLIT_DEFAULT);
  harness_expect_message ("*crop it first*");
  gegl_node_blit (sink, 1, GEGL_RECTANGLE (0, 0, 8, 8), format, pixels, GEGL_AUTO_ROWSTRIDE,
                  GEGL_BLIT_DEFAULT);
  g_test_assert_expected_messages ();
  g_assert_cmpmem (pixels, sizeof pixels, expected, sizeof expected);
}

/* Without an input there is nothing to filter. */
static void
test_no_input (void)
{
  g_autoptr (GeglNode) node = gegl_node_new ();
  GeglNode *sink = gegl_node_new_child (node, "operation", "convnet:convolve", NULL);
  float pixels[4 * 8 * 8] = { 0 };

  gegl_node_blit (sink, 1, GEGL_RECTANGLE (0, 0, 8, 8), babl_format ("RGBA float"), pixels,
                  GEGL_AUTO_ROWSTRIDE, GEGL_BLIT_DEFAULT);
  for (guint i = 0; i < G_N_ELEMENTS (pixels); i++)
    g_assert_true (pixels[i] == 0);
}

int
main (int argc, char *argv[])
{
  int status;

  harness_init (&argc, &argv);
  g_test_add_func ("/errors/passed-through", test_passed_through);
  g_test_add_func ("/errors/numbers", test_numbers);
  g_test_add_func ("/errors/endless", test_endless);
  g_test_add_func ("/errors/no-input", test_no_input);
  status = g_test_run ();
  gegl_exit ();
  return status;
}
