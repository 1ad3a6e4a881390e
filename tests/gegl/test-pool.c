/* test-pool.c: convnet:pool and convnet:pool-pixelate give the engine's bits.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/gegl/harness.h"

#include <string.h>

typedef struct
{
  CnPoolKind kind;
  int width, height;
  int border; /* −1: padding does not count */
  gboolean linear;
} Case;

static const Case cases[] = {
  { CN_POOL_MAX, 3, 3, -1, FALSE },
  { CN_POOL_MIN, 4, 1, CN_BORDER_WRAP, FALSE },
  { CN_POOL_AVERAGE, 5, 7, CN_BORDER_REFLECT, TRUE },
  { CN_POOL_AVERAGE, 2, 2, CN_BORDER_ZERO, FALSE },
  { CN_POOL_LP, 8, 3, CN_BORDER_REPLICATE, FALSE },
  { CN_POOL_AVERAGE, 64, 50, -1, FALSE },
  { CN_POOL_MAX, 1, 1, -1, TRUE },
};

static gboolean
run (gconstpointer op, const CnSource *source, const CnSink *sink, const CnRect *area,
     const CnRun *how, GError **error)
{
  return cn_pool_picture_run (op, source, sink, area, how, error);
}

static CnPoolPicture *
engine (const Graph *graph, const CnPoolOptions *options)
{
  g_autoptr (GError) error = NULL;
  CnPoolPicture *pool =
      cn_pool_picture_new (options, graph->format->colours, graph->format->has_alpha, &error);

  g_assert_no_error (error);
  return pool;
}

static float *
expect_pool (const Graph *graph, const Case *test)
{
  CnPoolOptions options = { .kind = test->kind,
                            .height = test->height,
                            .width = test->width,
                            .stride_y = 1,
                            .stride_x = 1,
                            .padding = { .mode = CN_PADDING_SAME },
                            .count_padding = test->border >= 0,
                            .border = MAX (test->border, 0) };
  g_autoptr (CnPoolPicture) pool = engine (graph, &options);

  return harness_engine (graph, run, pool);
}

/* Each window is a picture of its own that is pooled to one pixel: so the windows at the right and
   lower edge, which hang over, need no formula. */
static float *
expect_pixelate (const Graph *graph, const Case *test)
{
  const GeglRectangle *extent = gegl_buffer_get_extent (graph->buffer);
  int channels = harness_channels (graph), columns = extent->width;
  g_autofree float *pixels = harness_pixels (graph);
  float *result = g_new (float, (gsize) extent->width * extent->height * channels);

  for (int top = 0; top < extent->height; top += test->height)
    for (int left = 0; left < columns; left += test->width)
      {
        CnPoolOptions options = { .kind = test->kind,
                                  .height = MIN (test->height, extent->height - top),
                                  .width = MIN (test->width, columns - left) };
        g_autoptr (CnPoolPicture) pool = engine (graph, &options);
        CnView all = cn_view_packed (pixels, 1, channels, extent->height, columns);
        CnSource source = { options.width, options.height, cn_view_at (&all, left, top), NULL,
                            NULL };
        float pixel[4];
        CnSink sink = { .memory = cn_view_packed (pixel, 1, channels, 1, 1) };
        CnRun how = { .threads = 1 };

        g_assert_true (cn_pool_picture_run (pool, &source, &sink, NULL, &how, NULL));
        for (int y = top; y < top + options.height; y++)
          for (int x = left; x < left + options.width; x++)
            memcpy (result + ((gsize) y * columns + x) * channels, pixel,
                    channels * sizeof (float));
      }
  return result;
}

static Graph
graph_of (GeglBuffer *buffer, const Format *format, const Case *test, gboolean pixelate)
{
  Graph graph = harness_graph (
      buffer, format, test->linear, pixelate ? "convnet:pool-pixelate" : "convnet:pool", "kind",
      test->kind, "window-width", test->width, "window-height", test->height, NULL);

  if (!pixelate)
    gegl_node_set (graph.sink, "border", test->border, NULL);
  return graph;
}

static void
test_operation (gconstpointer data)
{
  gboolean pixelate = GPOINTER_TO_INT (data);
  g_autoptr (GRand) random = g_rand_new_with_seed (2);

  for (guint f = 0; f < n_formats; f++)
    {
      g_autoptr (GeglBuffer) buffer = harness_noise (&formats[f], 11, -70, 173, 131);

      for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
        {
          g_auto (Graph) graph = graph_of (buffer, &formats[f], &cases[i], pixelate);
          g_autofree float *whole =
              pixelate ? expect_pixelate (&graph, &cases[i]) : expect_pool (&graph, &cases[i]);
          g_autofree float *found = harness_render (&graph, graph.sink, NULL);

          g_test_message ("%s, case %u", formats[f].name, i);
          g_assert_true (harness_same (&graph, whole, found, NULL));
          harness_assert_regions (&graph, whole, 4, random);
        }
    }
}

int
main (int argc, char *argv[])
{
  int status;

  harness_init (&argc, &argv);
  g_test_add_data_func ("/pool/same-size", GINT_TO_POINTER (FALSE), test_operation);
  g_test_add_data_func ("/pool/pixelate", GINT_TO_POINTER (TRUE), test_operation);
  status = g_test_run ();
  gegl_exit ();
  return status;
}
