/* test-tiled-plan.c: feature maps tile by tile, and what of a result depends on what of a picture.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <float.h>
#include <math.h>
#include <string.h>

#include "filters/core/error.h"
#include "filters/net/maps.h"
#include "filters/net/tiled.h"
#include "tests/unit/networks.h"

#define HEIGHT 90
#define WIDTH 131

static CnSource
source_of (float *pixels)
{
  return (CnSource){ .width = WIDTH,
                     .height = HEIGHT,
                     .memory = cn_view_packed (pixels, 1, 3, HEIGHT, WIDTH) };
}

/* Layers of the lecture's network (5×5 without padding, 2×2 maxima), and by how much their first
   pixel is further in than that of the map which goes to the picture's edge. */
static const struct
{
  const char *layer;
  int down, inset;
} layers[] = { { "CONV1", 1, 2 }, { "POOL1", 2, 1 }, { "CONV2", 2, 3 } };

/* Where no pixel beyond the picture is needed, the map is that of the picture as a whole. A tile
   may add in another order: some roundings of the largest value. */
static void
test_map (void)
{
  g_autoptr (CnGraph) graph = network_lecture ();
  g_autofree float *pixels = network_random (HEIGHT * WIDTH * 3, 1);
  const CnSource source = source_of (pixels);

  for (guint i = 0; i < G_N_ELEMENTS (layers); i++)
    for (int tile = 64; tile <= 256; tile *= 4)
      {
        const char *const names[] = { layers[i].layer, NULL };
        const CnMapsOptions one = { .range = CN_RANGE_UNIT,
                                    .layers = names,
                                    .channels = (const int[]){ 5 },
                                    .n_channels = 1,
                                    .maps_max = 1 };
        const CnTiledOptions options = {
          .range = CN_RANGE_UNIT, .colours = 3, .tile = tile, .layer = layers[i].layer, .channel = 5
        };
        g_autoptr (GError) error = NULL;
        g_autoptr (CnMaps) maps =
            cn_maps_new (graph, pixels, HEIGHT, WIDTH, 3, 3, &one, &(CnRun){ 0 }, &error);
        g_autoptr (CnTiledNet) net = cn_tiled_net_new (graph, &options, &error);
        int up, down, height, width, inset = layers[i].inset;
        g_autofree float *map = NULL;
        CnSink sink;

        g_assert_no_error (error);
        g_assert_cmpint (cn_tiled_net_channels (net), ==, 1);
        cn_tiled_net_scale (net, &up, &down);
        g_assert_true (up == 1 && down == layers[i].down);
        g_assert_true (cn_tiled_net_size (net, HEIGHT, WIDTH, &height, &width, NULL));
        g_assert_true (height == HEIGHT / down && width == WIDTH / down);
        map = g_new (float, (gsize) height *width);
        sink = (CnSink){ .memory = cn_view_packed (map, 1, 1, height, width) };
        g_assert_true (cn_tiled_net_run (net, &source, &sink, NULL, &(CnRun){ 0 }, NULL));
        g_test_message ("%s, tiles of %d", layers[i].layer, tile);
        for (int y = 0; y < MIN (maps->maps->height, height - inset); y++)
          for (int x = 0; x < MIN (maps->maps->width, width - inset); x++)
            g_assert_cmpfloat_with_epsilon (
                map[(y + inset) * width + x + inset], maps->maps->values[y * maps->maps->width + x],
                1e-5 * MAX (fabsf (maps->maps->low), fabsf (maps->maps->high)) + FLT_MIN);
      }
}

static void
test_refused (void)
{
  static const struct
  {
    const char *layer;
    int channel;
    const char *why;
  } cases[] = {
    { "nothing", 0, "no layer “nothing”" },
    { "CONV1", 8, "no channel 8: the layers have the channels 0 to 7" },
    { "", -1, "no channel -1" },
    { "FC1", 0, "" },
  };
  g_autoptr (CnGraph) graph = network_lecture ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const CnTiledOptions options = { .colours = 3,
                                       .layer = cases[i].layer,
                                       .channel = cases[i].channel };
      g_autoptr (GError) error = NULL;
      g_autoptr (CnTiledNet) net = cn_tiled_net_new (graph, &options, &error);

      g_assert_null (net);
      g_assert_true (error && error->domain == CN_ERROR);
      if (!strstr (error->message, cases[i].why))
        g_error ("“%s” is not in “%s”", cases[i].why, error->message);
    }
}

static CnTiledNet *
net_of (const CnGraph *graph, const char *layer, GError **error)
{
  return cn_tiled_net_new (graph, &(CnTiledOptions){ .colours = 3, .tile = 72, .layer = layer },
                           error);
}

static gboolean
is_within (const CnRect *inner, const CnRect *outer)
{
  return inner->x >= outer->x && inner->y >= outer->y
         && inner->x + inner->width <= outer->x + outer->width
         && inner->y + inner->height <= outer->y + outer->height;
}

static CnRect
random_rect (GRand *random, int height, int width)
{
  CnRect rect = { g_rand_int_range (random, 0, width), g_rand_int_range (random, 0, height), 0, 0 };

  rect.width = g_rand_int_range (random, 1, width - rect.x + 1);
  rect.height = g_rand_int_range (random, 1, height - rect.y + 1);
  return rect;
}

/* A picture that lets nothing be read but a part of it. */
typedef struct
{
  CnSource all;
  CnRect allowed;
} Guarded;

static gboolean
read_guarded (gpointer host, const CnRect *area, float *data, gsize row, GError **error)
{
  const Guarded *guarded = host;
  CnView from = cn_view_at (&guarded->all.memory, area->x, area->y);

  (void) error;
  g_assert_true (is_within (area, &guarded->allowed));
  for (int y = 0; y < area->height; y++)
    memcpy (data + y * row, from.data + y * from.row, (gsize) area->width * 3 * sizeof (float));
  return TRUE;
}

static void
check_needs (CnTiledPlan *plan, float *pixels, const float *whole, int width, const CnRect *area)
{
  CnRect tiles = cn_tiled_plan_tiles (plan, area), again = cn_tiled_plan_tiles (plan, &tiles);
  Guarded guarded = { source_of (pixels), cn_tiled_plan_needs (plan, area) };
  CnSource source = { .width = WIDTH,
                      .height = HEIGHT,
                      .memory = { .planes = 1, .pixel = 3 },
                      .read = read_guarded,
                      .host = &guarded };
  g_autofree float *part = g_new (float, (gsize) tiles.width *tiles.height);
  CnSink sink = { .memory = cn_view_packed (part, 1, 1, tiles.height, tiles.width) };

  g_assert_true (is_within (area, &tiles));
  g_assert_true (is_within (&again, &tiles));
  g_assert_true (cn_tiled_plan_run (plan, &source, &sink, &tiles, &(CnRun){ 0 }, NULL));
  for (int y = 0; y < tiles.height; y++)
    g_assert_cmpmem (part + y * tiles.width, tiles.width * sizeof (float),
                     whole + (y + tiles.y) * width + tiles.x, tiles.width * sizeof (float));
}

static void
check_changes (CnTiledPlan *plan, const float *pixels, const float *whole, int height, int width,
               const CnRect *place)
{
  g_autofree float *other = g_memdup2 (pixels, HEIGHT * WIDTH * 3 * sizeof (float));
  g_autofree float *found = g_new (float, (gsize) height *width);
  CnRect changes = cn_tiled_plan_changes (plan, place);
  CnSource source = source_of (other);
  CnSink sink = { .memory = cn_view_packed (found, 1, 1, height, width) };

  for (int y = place->y; y < place->y + place->height; y++)
    for (int i = place->x * 3; i < (place->x + place->width) * 3; i++)
      other[y * WIDTH * 3 + i] += 9;
  g_assert_true (cn_tiled_plan_run (plan, &source, &sink, NULL, &(CnRun){ 0 }, NULL));
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      if (found[y * width + x] != whole[y * width + x])
        g_assert_true (is_within (&(CnRect){ x, y, 1, 1 }, &changes));
}

static void
test_regions (void)
{
  static const char *const names[] = { "CONV1", "POOL1", "CONV2", "POOL2" };
  g_autoptr (CnGraph) graph = network_lecture ();
  g_autofree float *pixels = network_random (HEIGHT * WIDTH * 3, 1);
  g_autoptr (GRand) random = g_rand_new_with_seed (11);
  const CnSource source = source_of (pixels);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (CnTiledNet) net = net_of (graph, names[i], &error);
      g_autoptr (CnTiledPlan) plan = NULL;
      g_autofree float *whole = NULL;
      int height, width;
      CnSink sink;

      g_assert_no_error (error);
      plan = cn_tiled_plan_new (net, HEIGHT, WIDTH, &error);
      g_assert_no_error (error);
      g_assert_true (cn_tiled_net_size (net, HEIGHT, WIDTH, &height, &width, NULL));
      whole = g_new (float, (gsize) height *width);
      sink = (CnSink){ .memory = cn_view_packed (whole, 1, 1, height, width) };
      g_assert_true (cn_tiled_plan_run (plan, &source, &sink, NULL, &(CnRun){ 0 }, NULL));
      for (int n = 0; n < 12; n++)
        {
          CnRect area = random_rect (random, height, width);
          CnRect place = random_rect (random, HEIGHT, WIDTH);

          place.width = MIN (place.width, 4);
          place.height = MIN (place.height, 4);
          check_needs (plan, pixels, whole, width, &area);
          check_changes (plan, pixels, whole, height, width, &place);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tiled-plan/map", test_map);
  g_test_add_func ("/tiled-plan/refused", test_refused);
  g_test_add_func ("/tiled-plan/regions", test_regions);
  return g_test_run ();
}
