/* test-graph.c: operations in graphs: behind each other, copied, saved, at mipmap levels, and after
 * a change of the picture.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/gegl/harness.h"
#include "tests/gegl/models.h"

#include <string.h>

/* Operations whose regions differ: windows, every border, blocks, tiles, the whole picture. */
static const struct
{
  const char *name, *property, *value, *border;
} kinds[] = {
  { "convnet:convolve", "kernel", "1 2 3 4; 0 -1 -2 5", "replicate" },
  { "convnet:convolve", "kernel", "1 2 3 4 5 6 7", "wrap" },
  { "convnet:convolve", "kernel", "1; 2; 3; -4; 9", "reflect" },
  { "convnet:convolve", "kernel", "1 2 3; 4 5 6", "zero" },
  { "convnet:convolve", "response", "stretch", "wrap" },
  { "convnet:pool", "kind", "average", "reflect" },
  { "convnet:pool", "kind", "max", "none" },
  { "convnet:pool-pixelate", "kind", "l2", NULL },
  { "convnet:network", "values", "raw", NULL },
  { "convnet:network", "values", "map", NULL },
  { "convnet:network", "result", "picture", NULL },
};

/* Sets an enum by its nick, as saved graphs do. */
static void
set_text (GeglNode *node, const char *property, const char *value)
{
  GParamSpec *spec = gegl_node_find_property (node, property);

  if (G_IS_PARAM_SPEC_ENUM (spec))
    gegl_node_set (node, property,
                   g_enum_get_value_by_nick (G_PARAM_SPEC_ENUM (spec)->enum_class, value)->value,
                   NULL);
  else
    gegl_node_set (node, property, value, NULL);
}

static void
set_up (GeglNode *node, guint kind)
{
  if (strcmp (kinds[kind].name, "convnet:network") == 0)
    gegl_node_set (node, "model", strcmp (kinds[kind].property, "result") ? "maps" : "same", NULL);
  set_text (node, kinds[kind].property, kinds[kind].value);
  if (kinds[kind].border)
    set_text (node, "border", kinds[kind].border);
}

static Graph
graph_of (GeglBuffer *buffer, guint kind)
{
  Graph graph = harness_graph (buffer, RGBA_U8, FALSE, kinds[kind].name, NULL);

  set_up (graph.sink, kind);
  return graph;
}

/* An operation behind another gets no pixels but those that it has asked for. */
static void
test_stack (void)
{
  g_autoptr (GeglBuffer) buffer = harness_noise (RGBA_U8, -3, 4, 97, 83);
  g_autoptr (GRand) random = g_rand_new_with_seed (3);

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    for (guint k = 0; k < G_N_ELEMENTS (kinds); k++)
      {
        g_auto (Graph) first = graph_of (buffer, k);
        g_autofree float *between = harness_render (&first, first.sink, NULL);
        g_autoptr (GeglBuffer) kept =
            gegl_buffer_new (gegl_buffer_get_extent (buffer), harness_format (&first));
        g_auto (Graph) second = { 0 };
        g_auto (Graph) stack = graph_of (buffer, i);
        GeglNode *before;
        g_autofree float *whole = NULL;

        gegl_buffer_set (kept, NULL, 0, harness_format (&first), between, GEGL_AUTO_ROWSTRIDE);
        second = graph_of (kept, i);
        whole = harness_render (&second, second.sink, NULL);
        before = gegl_node_get_producer (stack.sink, "input", NULL);
        {
          GeglNode *middle = gegl_node_new_child (stack.graph, "operation", kinds[k].name, NULL);

          set_up (middle, k);
          gegl_node_link_many (before, middle, stack.sink, NULL);
        }
        for (int n = 0; n < 3; n++)
          {
            GeglRectangle roi = harness_region (&stack, random);
            g_autofree float *part = harness_render (&stack, stack.sink, &roi);

            g_test_message ("%s, %s after %s, %s", kinds[i].name, kinds[i].border, kinds[k].name,
                            kinds[k].border);
            g_assert_true (harness_same (&stack, whole, part, &roi));
          }
      }
}

static void
test_saved (void)
{
  g_autoptr (GeglBuffer) buffer = harness_noise (RGBA_U8, 0, 0, 50, 40);

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_auto (Graph) graph = graph_of (buffer, i);
      g_autofree float *whole = harness_render (&graph, graph.sink, NULL);
      g_autofree char *text = gegl_node_to_xml (graph.sink, "/");
      g_autoptr (GeglNode) loaded = gegl_node_new_from_xml (text, "/");
      GSList *children = gegl_node_get_children (loaded);
      GeglNode *copy = NULL;
      g_autofree float *found = NULL;

      for (GSList *child = children; child; child = child->next)
        if (g_strcmp0 (gegl_node_get_operation (child->data), kinds[i].name) == 0)
          copy = child->data;
        else if (g_strcmp0 (gegl_node_get_operation (child->data), "gegl:buffer-source") == 0)
          gegl_node_set (child->data, "buffer", buffer, NULL);
      g_slist_free (children);
      g_assert_nonnull (copy);
      g_test_message ("%s, %s", kinds[i].name, kinds[i].value);
      found = harness_render (&graph, copy, NULL);
      g_assert_true (harness_same (&graph, whole, found, NULL));
    }
}

static void
grow (GeglNode *node, const GeglRectangle *roi, gpointer data)
{
  GeglRectangle *sum = data;

  (void) node;
  gegl_rectangle_bounding_box (sum, sum, roi);
}

/* All that a change of one pixel changes is in the region that the operation says. */
static void
test_change (void)
{
  static const int places[][2] = { { 0, 0 }, { 1, 38 }, { 25, 20 }, { 49, 2 }, { 48, 39 } };
  static const float white[4] = { 1, 1, 1, 1 };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    for (guint p = 0; p < G_N_ELEMENTS (places); p++)
      {
        g_autoptr (GeglBuffer) buffer = harness_noise (RGBA_U8, 0, 0, 50, 40);
        g_auto (Graph) graph = graph_of (buffer, i);
        g_autofree float *before = harness_render (&graph, graph.sink, NULL), *after = NULL;
        GeglRectangle changed = { 0 };
        GeglRectangle place = { places[p][0], places[p][1], 1, 1 };

        g_signal_connect (graph.sink, "invalidated", G_CALLBACK (grow), &changed);
        gegl_buffer_set (buffer, &place, 0, babl_format ("R'G'B'A float"), white,
                         GEGL_AUTO_ROWSTRIDE);
        after = harness_render (&graph, graph.sink, NULL);
        g_assert_cmpint (changed.width, >, 0);
        for (int y = 0; y < 40; y++)
          for (int x = 0; x < 50; x++)
            if (memcmp (before + (y * 50 + x) * 4, after + (y * 50 + x) * 4, 4 * sizeof (float)))
              g_assert_true (gegl_rectangle_contains (&changed, GEGL_RECTANGLE (x, y, 1, 1)));
      }
}

/* A view at half the size, as with GEGL_MIPMAP_RENDERING, is that of the pixels at full size. */
static void
test_levels (void)
{
  g_autoptr (GeglBuffer) buffer = harness_noise (RGBA_U8, 0, 0, 256, 192);

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_auto (Graph) graph = graph_of (buffer, i);
      const Babl *format = harness_format (&graph);
      g_autofree float *whole = harness_render (&graph, graph.sink, NULL);
      g_autoptr (GeglBuffer) kept = gegl_buffer_new (GEGL_RECTANGLE (0, 0, 256, 192), format);
      g_autofree float *expected = g_new0 (float, 128 * 96 * 4);
      g_autofree float *found = g_new0 (float, 128 * 96 * 4);

      gegl_buffer_set (kept, NULL, 0, format, whole, GEGL_AUTO_ROWSTRIDE);
      gegl_buffer_get (kept, GEGL_RECTANGLE (0, 0, 128, 96), 0.5, format, expected,
                       GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
      gegl_node_blit (graph.sink, 0.5, GEGL_RECTANGLE (0, 0, 128, 96), format, found,
                      GEGL_AUTO_ROWSTRIDE, GEGL_BLIT_DEFAULT);
      g_test_message ("%s, %s", kinds[i].name, kinds[i].border);
      g_assert_cmpmem (found, 128 * 96 * 4 * sizeof (float), expected,
                       128 * 96 * 4 * sizeof (float));
    }
}

/* In a split view the left share is the result, which is made of all of the picture, and the rest
   is the input. */
static void
test_split (void)
{
  static const struct
  {
    double share;
    int columns; /* of 97, rounded up */
  } splits[] = { { 0, 0 }, { 0.3, 30 }, { 0.5, 49 }, { 1, 97 } };
  g_autoptr (GeglBuffer) buffer = harness_noise (RGBA_U8, -3, 4, 97, 83);
  g_autoptr (GRand) random = g_rand_new_with_seed (4);

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    for (guint k = 0; k < G_N_ELEMENTS (splits); k++)
      {
        g_auto (Graph) graph = graph_of (buffer, i);
        g_autofree float *whole = harness_render (&graph, graph.sink, NULL);
        g_autofree float *input = harness_pixels (&graph);
        gsize row = (gsize) 97 * harness_channels (&graph);
        gsize left = (gsize) splits[k].columns * harness_channels (&graph);

        for (int y = 0; y < 83; y++)
          memcpy (whole + y * row + left, input + y * row + left, (row - left) * sizeof (float));
        gegl_node_set (graph.sink, "split", splits[k].share, NULL);
        g_test_message ("%s, %s, %g", kinds[i].name, kinds[i].border, splits[k].share);
        for (int n = 0; n < 4; n++)
          {
            GeglRectangle roi =
                n == 0 ? *gegl_buffer_get_extent (buffer) : harness_region (&graph, random);
            g_autofree float *part = harness_render (&graph, graph.sink, &roi);

            g_assert_true (harness_same (&graph, whole, part, &roi));
          }
      }
}

int
main (int argc, char *argv[])
{
  int status;

  models_begin ();
  harness_init (&argc, &argv);
  g_test_add_func ("/graph/stack", test_stack);
  g_test_add_func ("/graph/saved", test_saved);
  g_test_add_func ("/graph/change", test_change);
  g_test_add_func ("/graph/levels", test_levels);
  g_test_add_func ("/graph/split", test_split);
  status = g_test_run ();
  gegl_exit ();
  models_end ();
  return status;
}
