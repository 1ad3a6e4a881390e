/* harness.c: pictures for the tests of the operations, their renderings, and the engine's.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/gegl/harness.h"

#include <stdarg.h>
#include <string.h>

const Format formats[] = {
  { "R'G'B'A u8", "R'G'B'A float", "RGBA float", 3, TRUE, TRUE },
  { "R'G'B' u8", "R'G'B' float", "RGB float", 3, FALSE, TRUE },
  { "Y'A u8", "Y'A float", "YA float", 1, TRUE, TRUE },
  { "Y' u16", "Y' float", "Y float", 1, FALSE, TRUE },
  { "RGBA float", "R'G'B'A float", "RGBA float", 3, TRUE, FALSE },
  { "RGB half", "R'G'B' float", "RGB float", 3, FALSE, FALSE },
  { "RaGaBaA float", "R'G'B'A float", "RGBA float", 3, TRUE, FALSE },
  /* Not "Y double": of doubles, the bits that babl 0.1.128 gives depend on how many it is given. */
  { "Y float", "Y' float", "Y float", 1, FALSE, FALSE },
  { "CMYK float", "R'G'B' float", "RGB float", 3, FALSE, FALSE },
  { "cmykA u8", "R'G'B'A float", "RGBA float", 3, TRUE, TRUE },
  { "CIE Lab alpha float", "R'G'B'A float", "RGBA float", 3, TRUE, FALSE },
};
const guint n_formats = G_N_ELEMENTS (formats);

GeglBuffer *
harness_noise (const Format *format, int x, int y, int width, int height)
{
  GeglRectangle extent = { x, y, width, height };
  GeglBuffer *buffer = gegl_buffer_new (&extent, babl_format (format->name));
  g_autofree float *data = g_new (float, (gsize) width *height * 4);
  g_autoptr (GRand) noise = g_rand_new_with_seed (7919 * width + height);

  for (int i = 0; i < width * height; i++)
    for (int c = 0; c < 4; c++)
      {
        int stripe = i % width / 6 % 3; /* transparent, opaque, between */

        data[i * 4 + c] = (float) g_rand_double_range (noise, 0.05, 1);
        if (c == 3 && stripe < 2)
          data[i * 4 + c] = (float) stripe;
      }
  gegl_buffer_set (buffer, NULL, 0, babl_format ("R'G'B'A float"), data, GEGL_AUTO_ROWSTRIDE);
  return buffer;
}

Graph
harness_graph (GeglBuffer *buffer, const Format *format, gboolean linear, const char *name, ...)
{
  Graph graph = { gegl_node_new (), NULL, buffer, format, linear };
  GeglNode *source =
      gegl_node_new_child (graph.graph, "operation", "gegl:buffer-source", "buffer", buffer, NULL);
  const char *property;
  va_list list;

  graph.sink = gegl_node_new_child (graph.graph, "operation", name, NULL);
  va_start (list, name);
  property = va_arg (list, const char *);
  if (property)
    gegl_node_set_valist (graph.sink, property, list);
  va_end (list);
  if (linear)
    gegl_node_set (graph.sink, "encoding", 1, NULL);
  gegl_node_link (source, graph.sink);
  return graph;
}

void
harness_free (Graph *graph)
{
  g_clear_object (&graph->graph);
}

const Babl *
harness_format (const Graph *graph)
{
  return babl_format_with_space (graph->linear ? graph->format->linear : graph->format->perceptual,
                                 gegl_buffer_get_format (graph->buffer));
}

int
harness_channels (const Graph *graph)
{
  return graph->format->colours + graph->format->has_alpha;
}

float *
harness_render (const Graph *graph, GeglNode *node, const GeglRectangle *roi)
{
  const GeglRectangle *part = roi ? roi : gegl_buffer_get_extent (graph->buffer);
  float *data = g_new0 (float, (gsize) part->width * part->height * harness_channels (graph));

  gegl_node_blit (node, 1, part, harness_format (graph), data, GEGL_AUTO_ROWSTRIDE,
                  GEGL_BLIT_DEFAULT);
  return data;
}

float *
harness_pixels (const Graph *graph)
{
  const GeglRectangle *extent = gegl_buffer_get_extent (graph->buffer);
  float *data = g_new (float, (gsize) extent->width * extent->height * harness_channels (graph));

  gegl_buffer_get (graph->buffer, NULL, 1, harness_format (graph), data, GEGL_AUTO_ROWSTRIDE,
                   GEGL_ABYSS_NONE);
  return data;
}

float *
harness_engine (const Graph *graph, Run run, gconstpointer op)
{
  const GeglRectangle *extent = gegl_buffer_get_extent (graph->buffer);
  int channels = harness_channels (graph);
  CnRect area = { 0, 0, extent->width, extent->height };
  g_autofree float *pixels = harness_pixels (graph);
  float *result = g_new (float, (gsize) extent->width * extent->height * channels);
  CnSource source = { extent->width, extent->height,
                      cn_view_packed (pixels, 1, channels, extent->height, extent->width), NULL,
                      NULL };
  CnSink sink = { .memory = cn_view_packed (result, 1, channels, extent->height, extent->width) };
  CnRun how = { .threads = 1 };
  g_autoptr (GError) error = NULL;

  run (op, &source, &sink, &area, &how, &error);
  g_assert_no_error (error);
  return result;
}

gboolean
harness_same (const Graph *graph, const float *whole, const float *found, const GeglRectangle *roi)
{
  const GeglRectangle *extent = gegl_buffer_get_extent (graph->buffer);
  int channels = harness_channels (graph);
  GeglRectangle part = roi ? *roi : *extent;
  GeglRectangle inside;

  g_assert_true (gegl_rectangle_intersect (&inside, &part, extent));
  for (int y = inside.y; y < inside.y + inside.height; y++)
    for (int x = inside.x; x < inside.x + inside.width; x++)
      {
        const float *a =
            whole + ((gsize) (y - extent->y) * extent->width + (x - extent->x)) * channels;
        const float *b = found + ((gsize) (y - part.y) * part.width + (x - part.x)) * channels;

        if (memcmp (a, b, channels * sizeof (float)) == 0)
          continue;
        g_test_message ("%s at (%d, %d): expected %g %g, found %g %g", graph->format->name, x, y,
                        a[0], a[channels - 1], b[0], b[channels - 1]);
        return FALSE;
      }
  return TRUE;
}

GeglRectangle
harness_region (const Graph *graph, GRand *random)
{
  const GeglRectangle *extent = gegl_buffer_get_extent (graph->buffer);
  int x = g_rand_int_range (random, 0, extent->width);
  int y = g_rand_int_range (random, 0, extent->height);
  int width = g_rand_int_range (random, 0, 4) ? g_rand_int_range (random, 1, 100) : 1;
  int height = g_rand_int_range (random, 0, 4) ? g_rand_int_range (random, 1, 100) : 1;

  return (GeglRectangle){ extent->x + x, extent->y + y, MIN (width, extent->width - x),
                          MIN (height, extent->height - y) };
}

void
harness_assert_regions (const Graph *graph, const float *whole, int count, GRand *random)
{
  for (int n = 0; n < count; n++)
    {
      GeglRectangle roi = harness_region (graph, random);
      g_autofree float *found = harness_render (graph, graph->sink, &roi);

      g_assert_true (harness_same (graph, whole, found, &roi));
    }
}

void
harness_expect_message (const char *pattern)
{
  g_test_expect_message ("convnet", G_LOG_LEVEL_MESSAGE, pattern);
}

void
harness_init (int *argc, char ***argv)
{
  g_test_init (argc, argv, NULL);
  g_object_set (gegl_config (), "application-license", "GPL3", NULL);
  gegl_init (NULL, NULL);
  if (!gegl_has_operation ("convnet:convolve"))
    g_error ("GEGL has not found our module: is its folder in GEGL_PATH?");
}
