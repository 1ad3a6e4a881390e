/* test-network.c: convnet:network gives the bits of the engine's tiled networks and feature maps.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/gegl/harness.h"
#include "tests/gegl/models.h"

#include <glib/gstdio.h>
#include <string.h>

typedef struct
{
  const char *model, *layer; /* NULL: what the network makes */
  int channel, down;
  CnColourMap colours;
  CnRange range;
  gboolean raw, linear;
  int memory; /* MiB; 0: 1024 */
} Case;

static const Case cases[] = {
  { .model = "same" },
  { .model = "same", .range = CN_RANGE_BYTE, .linear = TRUE },
  { .model = "same", .memory = 1 }, /* small tiles */
  { .model = "gray" },
  { "maps", "CONV", 3, 1, .raw = TRUE },
  { "maps", "", 0, 1, .raw = TRUE, .linear = TRUE, .colours = CN_COLOUR_MAP_COOLWARM },
  { "maps", "CONV", 7, 1, .range = CN_RANGE_SIGNED },
  { "maps", "POOL", 2, 2, .colours = CN_COLOUR_MAP_VIRIDIS },
  { "maps", "NEXT", 1, 2, .raw = TRUE, .colours = CN_COLOUR_MAP_VIRIDIS },
  { "maps", "NEXT", 2, 2, .colours = CN_COLOUR_MAP_COOLWARM },
};

static Graph
graph_of (const Case *test, GeglBuffer *buffer, const Format *format)
{
  return harness_graph (buffer, format, test->linear, "convnet:network", "model", test->model,
                        "result", test->layer ? 0 : 1, "layer", test->layer ? test->layer : "",
                        "channel", test->channel, "values", test->raw ? 1 : 0, "colours",
                        test->colours, "range", test->range, "memory",
                        test->memory ? test->memory : 1024, NULL);
}

/* What the network makes of the picture, or a map; to be freed. */
static float *
run_engine (const Case *test, const Graph *graph, float *pixels, int *height, int *width,
            int *channels)
{
  const GeglRectangle *extent = gegl_buffer_get_extent (graph->buffer);
  g_autoptr (CnGraph) model = models_read (test->model);
  const CnTiledOptions options = { .range = test->range,
                                   .colours = graph->format->colours,
                                   .has_alpha = graph->format->has_alpha,
                                   .memory_max = (guint64) (test->memory ? test->memory : 1024)
                                                 << 20,
                                   .layer = test->layer,
                                   .channel = test->channel };
  g_autoptr (GError) error = NULL;
  g_autoptr (CnTiledNet) net = cn_tiled_net_new (model, &options, &error);
  CnSource source = {
    extent->width, extent->height,
    cn_view_packed (pixels, 1, harness_channels (graph), extent->height, extent->width), NULL, NULL
  };
  CnBleed bleed;
  CnSink sink;
  float *result;

  g_assert_no_error (error);
  cn_bleed_init (&bleed, &source, options.colours);
  g_assert_true (cn_tiled_net_size (net, extent->height, extent->width, height, width, &error));
  *channels = cn_tiled_net_channels (net);
  result = g_new (float, (gsize) *height **width **channels);
  sink = (CnSink){ .memory = cn_view_packed (result, 1, *channels, *height, *width) };
  cn_tiled_net_run (net, options.has_alpha ? &bleed.source : &source, &sink, NULL,
                    &(CnRun){ .threads = 1 }, &error);
  g_assert_no_error (error);
  return result;
}

static double
luma (const float *rgb)
{
  return cn_luma[0] * rgb[0] + cn_luma[1] * rgb[1] + cn_luma[2] * rgb[2];
}

/* A pixel of a network's result, over the picture's own. */
static void
expect_pixel (const Format *format, int channels, const float *result, float *pixel)
{
  double light = format->colours == 3 && channels == 1 ? result[0] - luma (pixel) : 0;

  for (int c = 0; c < format->colours; c++)
    {
      if (format->colours == channels)
        pixel[c] = result[c];
      else
        pixel[c] = format->colours == 1 ? (float) luma (result) : (float) (pixel[c] + light);
      if (format->integers)
        pixel[c] = CLAMP (pixel[c], 0, 1);
    }
}

static void
expect_colour (const Case *test, const Format *format, double t, float *pixel)
{
  float rgb[3] = { (float) t, (float) t, (float) t };

  if (format->integers || test->colours != CN_COLOUR_MAP_GRAY)
    cn_colour (test->colours, t, rgb);
  if (format->colours == 1 && test->colours != CN_COLOUR_MAP_GRAY)
    rgb[0] = (float) luma (rgb);
  memcpy (pixel, rgb, format->colours * sizeof (float));
}

static void
find_scale (const Case *test, const float *map, gsize n, double *scale, double *shift)
{
  CnContrast contrast;
  float dark, bright;

  *scale = 1;
  *shift = 0;
  if (test->raw)
    return;
  cn_contrast_init (&contrast);
  cn_contrast_look (&contrast, map, n);
  cn_contrast_count (&contrast, map, n);
  cn_contrast_find (&contrast, &dark, &bright);
  cn_colour_scale (test->colours, dark, bright, scale, shift);
}

static float *
expected (const Case *test, const Graph *graph)
{
  const GeglRectangle *extent = gegl_buffer_get_extent (graph->buffer);
  float *pixels = harness_pixels (graph);
  int height, width, channels, samples = harness_channels (graph);
  g_autofree float *result = run_engine (test, graph, pixels, &height, &width, &channels);
  double scale, shift;

  if (test->layer)
    find_scale (test, result, (gsize) height * width, &scale, &shift);
  for (int y = 0; y < extent->height; y++)
    for (int x = 0; x < extent->width; x++)
      {
        float *pixel = pixels + ((gsize) y * extent->width + x) * samples;

        if (!test->layer)
          expect_pixel (graph->format, channels, result + ((gsize) y * width + x) * channels,
                        pixel);
        else
          expect_colour (test, graph->format,
                         result[(gsize) MIN (y / test->down, height - 1) * width
                                + MIN (x / test->down, width - 1)]
                                 * scale
                             + shift,
                         pixel);
      }
  return pixels;
}

static void
test_formats (void)
{
  for (guint f = 0; f < n_formats; f++)
    {
      g_autoptr (GeglBuffer) buffer = harness_noise (&formats[f], -13, 7, 61, 47);

      for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
        {
          g_auto (Graph) graph = graph_of (&cases[i], buffer, &formats[f]);
          g_autofree float *whole = expected (&cases[i], &graph);
          g_autofree float *found = harness_render (&graph, graph.sink, NULL);

          g_test_message ("%s, case %u", formats[f].name, i);
          g_assert_true (harness_same (&graph, whole, found, NULL));
        }
    }
}

/* The picture takes several tiles. */
static void
test_regions (void)
{
  static const int sizes[][2] = { { 1101, 530 }, { 5, 4 }, { 1, 90 } };
  g_autoptr (GRand) random = g_rand_new_with_seed (1);

  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
    {
      g_autoptr (GeglBuffer) buffer = harness_noise (RGBA_U8, 5, -9, sizes[s][0], sizes[s][1]);

      for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
        {
          g_auto (Graph) graph = graph_of (&cases[i], buffer, RGBA_U8);
          g_autofree float *whole = expected (&cases[i], &graph);

          g_test_message ("%d×%d, case %u", sizes[s][0], sizes[s][1], i);
          harness_assert_regions (&graph, whole, 6, random);
        }
    }
}

static void
test_threads (void)
{
  static const int threads[] = { 1, 2, 16 };
  g_autoptr (GeglBuffer) buffer = harness_noise (RGBA_U8, 0, 0, 301, 270);
  int before;

  g_object_get (gegl_config (), "threads", &before, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (guint t = 0; t < G_N_ELEMENTS (threads); t++)
      {
        g_auto (Graph) graph = graph_of (&cases[i], buffer, RGBA_U8);
        g_autofree float *whole = expected (&cases[i], &graph), *found = NULL;

        g_object_set (gegl_config (), "threads", threads[t], NULL);
        found = harness_render (&graph, graph.sink, NULL);
        g_assert_true (harness_same (&graph, whole, found, NULL));
      }
  g_object_set (gegl_config (), "threads", before, NULL);
}

static void
check (const Case *test, const Graph *graph)
{
  g_autofree float *whole = expected (test, graph);
  g_autofree float *found = harness_render (graph, graph->sink, NULL);

  g_assert_true (harness_same (graph, whole, found, NULL));
}

/* A file that is replaced is read again when a property changes; a picture of another size is
   planned anew. */
static void
test_changes (void)
{
  g_autofree char *path = models_path ("same"), *other = models_path ("gray"), *bytes = NULL;
  g_autofree char *kept = NULL;
  g_autoptr (GeglBuffer) buffer = harness_noise (RGBA_U8, 0, 0, 40, 30);
  g_auto (Graph) graph = graph_of (&cases[0], buffer, RGBA_U8);
  const Case again = { .model = "same", .range = CN_RANGE_SIGNED };
  GeglNode *source;
  gsize n, m;

  check (&cases[0], &graph);
  g_assert_true (g_file_get_contents (other, &bytes, &n, NULL));
  g_assert_true (g_file_get_contents (path, &kept, &m, NULL));
  g_assert_true (g_file_set_contents (path, bytes, (gssize) n, NULL));
  gegl_node_set (graph.sink, "range", CN_RANGE_SIGNED, NULL);
  check (&again, &graph);
  g_assert_true (g_file_set_contents (path, kept, (gssize) m, NULL));
  gegl_node_set (graph.sink, "model", "none", "model-file", path, NULL);
  check (&again, &graph);

  source = gegl_node_get_producer (graph.sink, "input", NULL);
  g_clear_object (&buffer);
  buffer = harness_noise (RGBA_U8, 3, 2, 71, 30);
  graph.buffer = buffer;
  gegl_node_set (source, "buffer", buffer, NULL);
  check (&again, &graph);
}

static void
test_fault (void)
{
  g_autoptr (GeglBuffer) buffer = harness_noise (RGBA_U8, 0, 0, 40, 30);
  g_auto (Graph) graph = graph_of (&cases[0], buffer, RGBA_U8);
  Case fault = cases[0];
  g_autofree float *found = harness_render (&graph, graph.sink, NULL), *other = NULL;

  fault.range = CN_RANGE_SIGNED;
  other = expected (&fault, &graph);
  g_assert_false (harness_same (&graph, other, found, NULL));
}

static void
assert_passed_through (const Graph *graph, const char *message)
{
  g_autofree float *whole = harness_pixels (graph), *found = NULL, *again = NULL;

  harness_expect_message (message);
  found = harness_render (graph, graph->sink, NULL);
  g_test_assert_expected_messages ();
  g_assert_true (harness_same (graph, whole, found, NULL));
  again = harness_render (graph, graph->sink, NULL); /* it is not said again */
  g_assert_true (harness_same (graph, whole, again, NULL));
}

static void
test_errors (void)
{
  static const struct
  {
    const char *property, *value, *message;
    int result;
  } wrong[] = {
    { "model", "", "*Choose a model*", 0 },
    { "model", "no such", "*There is no model “no such”*", 0 },
    { "model", "../models/same", "*There is no model*", 0 },
    { "model", "double", "*makes 2 pixels of 1*", 1 },
    { "model", "maps", "*no network that makes an image*", 1 },
    { "layer", "conv", "*no layer “conv”*", 0 },
    { "layer", "SCORES", "*convnet:network: *", 0 },
    { "model-file", "/nowhere/m.onnx", "*cannot be read*", 0 },
    { "model-file", "/proc/self/exe", "*cannot be read*", 1 },
    { "model-file", "/", "*cannot be read*", 1 },
  };
  g_autoptr (GeglBuffer) buffer = harness_noise (RGBA_U8, 0, 0, 30, 20);

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_auto (Graph) graph =
          harness_graph (buffer, RGBA_U8, FALSE, "convnet:network", "model", "maps", "result",
                         wrong[i].result, wrong[i].property, wrong[i].value, NULL);

      g_test_message ("%s = %s", wrong[i].property, wrong[i].value);
      assert_passed_through (&graph, wrong[i].message);
      gegl_node_set (graph.sink, "model", "same", "result", 1, "model-file", "", NULL);
      check (&cases[0], &graph); /* and it works again */
    }
}

/* A number that is out of bounds for this network. */
static void
test_channel (void)
{
  g_autoptr (GeglBuffer) buffer = harness_noise (RGBA_U8, 0, 0, 30, 20);
  g_auto (Graph) graph = harness_graph (buffer, RGBA_U8, FALSE, "convnet:network", "model", "maps",
                                        "channel", 8, NULL);

  assert_passed_through (&graph, "*no channel 8*");
}

int
main (int argc, char *argv[])
{
  int status;

  models_begin ();
  harness_init (&argc, &argv);
  g_test_add_func ("/network/formats", test_formats);
  g_test_add_func ("/network/regions", test_regions);
  g_test_add_func ("/network/threads", test_threads);
  g_test_add_func ("/network/changes", test_changes);
  g_test_add_func ("/network/fault-is-reported", test_fault);
  g_test_add_func ("/network/errors", test_errors);
  g_test_add_func ("/network/channel", test_channel);
  status = g_test_run ();
  gegl_exit ();
  models_end ();
  return status;
}
