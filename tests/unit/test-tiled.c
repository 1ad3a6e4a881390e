/* test-tiled.c: image-to-image networks over pictures, tile by tile.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/net/tiled.h"

#include <math.h>
#include <string.h>

#include "filters/core/error.h"
#include "tests/unit/networks.h"

#define CHANNELS 3

static CnGraph *
begin (int channels, gint64 side)
{
  CnGraph *graph = cn_graph_new ("image", 13);
  const CnShape shape = cn_shape_nchw (1, channels, side, side);

  g_assert_true (cn_graph_add_input (graph, "x", CN_TYPE_FLOAT, &shape, NULL));
  cn_graph_add_output (graph, "y");
  return graph;
}

/* Three convolutions that keep the size: a field of 3 + 4 + 2 pixels. */
static CnGraph *
same_size (void)
{
  CnGraph *graph = begin (CHANNELS, -1);

  network_conv (graph, "a", "x", "1", CHANNELS, 6, 3, 1);
  network_node (graph, "Relu", "", "1", "2");
  network_conv (graph, "b", "2", "3", 6, 6, 5, 2);
  network_conv (graph, "c", "3", "y", 6, CHANNELS, 3, 1);
  return graph;
}

/* A convolution of stride 2, one of stride 2 again, and back up by 4. */
static CnGraph *
down_and_up (void)
{
  CnGraph *graph = begin (CHANNELS, -1);
  const gint64 two[] = { 2, 2 };

  network_conv (graph, "a", "x", "1", CHANNELS, 4, 3, 1);
  cn_node_set_ints (graph->nodes->pdata[0], "strides", 2, two);
  network_conv (graph, "b", "1", "2", 4, 4, 3, 1);
  cn_node_set_ints (graph->nodes->pdata[1], "strides", 2, two);
  network_conv (graph, "c", "2", "3", 4, 48, 3, 1);
  cn_node_set_int (network_node (graph, "DepthToSpace", "", "3", "y"), "blocksize", 4);
  return graph;
}

/* Without padding, as waifu2x's networks, and twice the size. */
static CnGraph *
cropping (void)
{
  CnGraph *graph = begin (CHANNELS, -1);

  network_conv (graph, "a", "x", "1", CHANNELS, 6, 3, 0);
  network_conv (graph, "b", "1", "2", 6, 12, 3, 0);
  cn_node_set_int (network_node (graph, "DepthToSpace", "", "2", "y"), "blocksize", 2);
  return graph;
}

/* Half the size. */
static CnGraph *
half (void)
{
  CnGraph *graph = begin (CHANNELS, -1);

  network_conv (graph, "a", "x", "1", CHANNELS, CHANNELS, 3, 1);
  cn_node_set_ints (graph->nodes->pdata[0], "strides", 2, (const gint64[]){ 2, 2 });
  network_conv (graph, "b", "1", "y", CHANNELS, 1, 3, 1);
  return graph;
}

/* One size only. */
static CnGraph *
fixed (void)
{
  CnGraph *graph = begin (CHANNELS, 40);

  network_conv (graph, "a", "x", "y", CHANNELS, CHANNELS, 3, 1);
  return graph;
}

/* Every result depends on the whole picture. */
static CnGraph *
whole (void)
{
  CnGraph *graph = begin (CHANNELS, -1);

  network_conv (graph, "a", "x", "1", CHANNELS, CHANNELS, 3, 1);
  network_node (graph, "GlobalAveragePool", "", "1", "2");
  network_pair (graph, "Sub", "", "1", "2", "y");
  return graph;
}

static const struct
{
  const char *name;
  CnGraph *(*make) (void);
  int up, down, channels;
  int side; /* of a picture that is run in one piece without being continued; 0: none is */
} networks[] = {
  { "same-size", same_size, 1, 1, 3, 61 }, { "down-and-up", down_and_up, 1, 1, 3, 64 },
  { "cropping", cropping, 2, 1, 3, 0 },    { "half", half, 1, 2, 1, 62 },
  { "fixed", fixed, 1, 1, 3, 40 },         { "whole", whole, 1, 1, 3, 61 },
};

static float *
run_tiled (const CnGraph *graph, const CnTiledOptions *options, const float *pixels, int height,
           int width, const CnRect *area, int *out_height, int *out_width)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CnTiledNet) net = cn_tiled_net_new (graph, options, &error);
  int samples = options->colours + options->has_alpha, channels;
  CnSource source = { .width = width, .height = height };
  CnSink sink = { 0 };
  float *result;

  g_assert_no_error (error);
  channels = cn_tiled_net_channels (net);
  g_assert_true (cn_tiled_net_size (net, height, width, out_height, out_width, &error));
  if (area)
    {
      *out_height = area->height;
      *out_width = area->width;
    }
  result = g_new (float, (gsize) *out_height **out_width *channels);
  source.memory = cn_view_packed ((float *) pixels, 1, samples, height, width);
  sink.memory = cn_view_packed (result, 1, channels, *out_height, *out_width);
  cn_tiled_net_run (net, &source, &sink, area, &(CnRun){ 0 }, &error);
  g_assert_no_error (error);
  return result;
}

/* The same sums, which another size of tile may add in another order: a few roundings of values
   whose size is that of the results. */
static void
assert_alike (const float *a, const float *b, gsize n)
{
  float most = 0;

  for (gsize i = 0; i < n; i++)
    most = MAX (most, fabsf (b[i]));
  for (gsize i = 0; i < n; i++)
    if (!(fabsf (a[i] - b[i]) <= 1e-5f * most))
      g_error ("sample %zu is %.9g instead of %.9g", i, a[i], b[i]);
}

static void
test_tiles_are_the_whole (gconstpointer data)
{
  int index = GPOINTER_TO_INT (data);
  g_autoptr (CnGraph) graph = networks[index].make ();
  const int sizes[][2] = { { 61, 150 }, { 100, 64 }, { 7, 5 }, { 130, 131 } };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      int height = sizes[i][0], width = sizes[i][1], h, w, high, wide;
      g_autofree float *pixels = network_random ((gsize) height * width * CHANNELS, 1);
      CnTiledOptions options = { .colours = 3, .tile = 4096 };
      g_autofree float *one = NULL, *many = NULL;

      one = run_tiled (graph, &options, pixels, height, width, NULL, &h, &w);
      g_assert_cmpint (h, ==, MAX (height * networks[index].up / networks[index].down, 1));
      g_assert_cmpint (w, ==, MAX (width * networks[index].up / networks[index].down, 1));
      options.tile = 40;
      many = run_tiled (graph, &options, pixels, height, width, NULL, &high, &wide);
      g_assert_true (high == h && wide == w);
      assert_alike (many, one, (gsize) h * w * networks[index].channels);
    }
}

/* A picture that needs not be continued, against the network as it is. */
static void
test_whole_is_the_plan (gconstpointer data)
{
  int index = GPOINTER_TO_INT (data), side = networks[index].side, h, w;
  g_autoptr (CnGraph) graph = networks[index].make ();
  const CnShape shape = cn_shape_nchw (1, CHANNELS, side, side);
  gsize count = (gsize) side * side;
  g_autofree float *pixels = network_random (count * CHANNELS, 1);
  g_autofree float *planes = g_new (float, count *CHANNELS);
  g_autofree float *expected = NULL, *sorted = NULL, *got = NULL;
  g_autoptr (CnPlan) plan = NULL;
  int channels = networks[index].channels;

  if (side == 0)
    return;
  for (gsize i = 0; i < count; i++)
    for (int c = 0; c < CHANNELS; c++)
      planes[c * count + i] = pixels[i * CHANNELS + c];
  plan = network_plan (graph, &shape, (const char *const[]){ "y", NULL });
  expected = network_run (plan, planes, 0);
  got = run_tiled (graph, &(CnTiledOptions){ .colours = 3, .tile = 40 }, pixels, side, side, NULL,
                   &h, &w);
  sorted = g_new (float, (gsize) h *w *channels);
  for (int i = 0; i < h * w; i++)
    for (int c = 0; c < channels; c++)
      sorted[i * channels + c] = expected[c * h * w + i];
  assert_alike (got, sorted, (gsize) h * w * channels);
}

/* A part of the result has the bits that it has in the whole. */
static void
test_area (void)
{
  g_autoptr (CnGraph) graph = same_size ();
  const CnTiledOptions options = { .colours = 3, .tile = 40 };
  const CnRect area = { 33, 17, 50, 41 };
  g_autofree float *pixels = network_random (120 * 90 * 3, 1);
  int h, w;
  g_autofree float *all = run_tiled (graph, &options, pixels, 90, 120, NULL, &h, &w);
  g_autofree float *part = run_tiled (graph, &options, pixels, 90, 120, &area, &h, &w);

  for (int y = 0; y < area.height; y++)
    for (int i = 0; i < area.width * 3; i++)
      g_assert_cmpfloat (part[y * area.width * 3 + i], ==,
                         all[((y + area.y) * 120 + area.x) * 3 + i]);
}

/* A network that does nothing gives each picture back in every range and order; gray pictures and
   those with alpha too. */
static void
test_ranges (void)
{
  g_autoptr (CnGraph) graph = begin (CHANNELS, -1);
  g_autofree float *pixels = network_random (20 * 20 * 4, 1);

  network_node (graph, "Identity", "", "x", "y");
  for (int range = CN_RANGE_MODEL; range <= CN_RANGE_NORMAL; range++)
    for (int bgr = 0; bgr < 2; bgr++)
      for (int colours = 1; colours <= 3; colours += 2)
        for (int alpha = 0; alpha < 2; alpha++)
          {
            const CnTiledOptions options = { .range = range,
                                             .order = bgr ? CN_ORDER_BGR : CN_ORDER_RGB,
                                             .colours = colours,
                                             .has_alpha = alpha };
            int h, w;
            g_autofree float *got = run_tiled (graph, &options, pixels, 20, 20, NULL, &h, &w);

            for (int i = 0; i < 400; i++)
              for (int c = 0; c < 3; c++)
                g_assert_cmpfloat_with_epsilon (
                    got[i * 3 + c], pixels[i * (colours + alpha) + (colours == 3 ? c : 0)], 4e-7);
          }
}

static void
test_scale (gconstpointer data)
{
  int index = GPOINTER_TO_INT (data), up, down;
  g_autoptr (CnGraph) graph = networks[index].make ();
  g_autoptr (CnTiledNet) net = cn_tiled_net_new (graph, &(CnTiledOptions){ .colours = 3 }, NULL);

  cn_tiled_net_scale (net, &up, &down);
  g_assert_cmpint (up, ==, networks[index].up);
  g_assert_cmpint (down, ==, networks[index].down);
}

static void
test_luminance (void)
{
  g_autoptr (CnGraph) graph = begin (1, -1);
  g_autofree float *pixels = network_random (20 * 20 * 3, 1);
  const CnTiledOptions options = { .colours = 3 };
  g_autofree float *got = NULL;
  int h, w;

  network_node (graph, "Identity", "", "x", "y");
  got = run_tiled (graph, &options, pixels, 20, 20, NULL, &h, &w);
  for (int i = 0; i < 400; i++)
    g_assert_cmpfloat_with_epsilon (
        got[i], 0.299 * pixels[3 * i] + 0.587 * pixels[3 * i + 1] + 0.114 * pixels[3 * i + 2],
        2e-7);
}

static void
assert_refused (CnGraph *graph, const char *why)
{
  g_autoptr (CnGraph) owned = graph;
  g_autoptr (GError) error = NULL;
  g_autoptr (CnTiledNet) net = cn_tiled_net_new (owned, &(CnTiledOptions){ .colours = 3 }, &error);

  g_assert_null (net);
  g_assert_error (error, CN_ERROR, CN_ERROR_UNSUPPORTED);
  if (!strstr (error->message, why))
    g_error ("“%s” is not in “%s”", why, error->message);
}

static void
test_refused (void)
{
  CnGraph *graph = network_lecture ();
  const CnShape shape = cn_shape_nchw (1, 1, -1, -1);

  assert_refused (graph, "its output is no picture");
  graph = begin (4, -1);
  network_node (graph, "Relu", "", "x", "y");
  assert_refused (graph, "its input is no picture");
  graph = begin (3, -1);
  g_assert_true (cn_graph_add_input (graph, "z", CN_TYPE_FLOAT, &shape, NULL));
  network_pair (graph, "Add", "", "x", "z", "y");
  assert_refused (graph, "more than one input");
  graph = begin (3, -1);
  network_node (graph, "NonZero", "", "x", "y");
  assert_refused (graph, "how large its output is depends on what the picture shows");
}

/* A picture that is too large for a network of one size that needs all of it; little memory. */
static void
test_limits (void)
{
  g_autoptr (CnGraph) graph = same_size ();
  CnTiledOptions options = { .colours = 3, .memory_max = 200000 };
  g_autofree float *pixels = network_random (200 * 200 * 3, 1);
  g_autofree float *got = NULL;
  g_autoptr (CnTiledNet) net = NULL;
  g_autoptr (GError) error = NULL;
  CnSource source = { .width = 200,
                      .height = 200,
                      .memory = cn_view_packed (pixels, 1, 3, 200, 200) };
  CnSink sink = { 0 };
  int h, w;

  got = run_tiled (graph, &options, pixels, 200, 200, NULL, &h, &w); /* in small tiles */
  options.memory_max = 30000;
  net = cn_tiled_net_new (graph, &options, &error);
  g_assert_no_error (error);
  g_assert_false (cn_tiled_net_run (net, &source, &sink, NULL, &(CnRun){ 0 }, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_MEMORY);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (networks); i++)
    {
      g_autofree char *tiles = g_strdup_printf ("/tiled/tiles/%s", networks[i].name);
      g_autofree char *plan = g_strdup_printf ("/tiled/plan/%s", networks[i].name);
      g_autofree char *scale = g_strdup_printf ("/tiled/scale/%s", networks[i].name);

      g_test_add_data_func (tiles, GINT_TO_POINTER (i), test_tiles_are_the_whole);
      g_test_add_data_func (plan, GINT_TO_POINTER (i), test_whole_is_the_plan);
      g_test_add_data_func (scale, GINT_TO_POINTER (i), test_scale);
    }
  g_test_add_func ("/tiled/area", test_area);
  g_test_add_func ("/tiled/ranges", test_ranges);
  g_test_add_func ("/tiled/luminance", test_luminance);
  g_test_add_func ("/tiled/refused", test_refused);
  g_test_add_func ("/tiled/limits", test_limits);
  return g_test_run ();
}
