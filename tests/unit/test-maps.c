/* test-maps.c: feature maps: the same numbers as the network's own results, and what is chosen.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/net/maps.h"

#include <string.h>

#include "filters/core/error.h"
#include "tests/unit/networks.h"

static const CnMapsOptions usual = { .range = CN_RANGE_UNIT, .maps_max = 256 };

static CnMaps *
look (const CnGraph *graph, const float *pixels, int height, int width,
      const CnMapsOptions *options, GError **error)
{
  return cn_maps_new (graph, pixels, height, width, 3, 3, options, &(CnRun){ 0 }, error);
}

/* The lecture's network: its second convolution, with ReLU, as the plan gives it. */
static void
test_values (void)
{
  static const char *const layers[] = { "CONV2", "POOL1", NULL };
  g_autoptr (CnGraph) graph = network_lecture ();
  g_autofree float *pixels = network_random (32 * 32 * 3, 1);
  g_autofree float *planes = g_new (float, 32 * 32 * 3), *expected = NULL;
  const CnShape shape = cn_shape_nchw (1, 3, 32, 32);
  g_autoptr (CnPlan) plan = network_plan (graph, &shape, (const char *const[]){ "relu2", NULL });
  CnMapsOptions options = usual;
  g_autoptr (GError) error = NULL;
  g_autoptr (CnMaps) maps = NULL;

  options.layers = layers;
  maps = look (graph, pixels, 32, 32, &options, &error);
  g_assert_no_error (error);
  for (int i = 0; i < 32 * 32 * 3; i++)
    planes[i % 3 * 1024 + i / 3] = pixels[i];
  expected = network_run (plan, planes, 0);
  g_assert_cmpint (maps->n, ==, 16 + 8);
  for (int c = 0; c < 16; c++)
    {
      const CnMap *map = &maps->maps[c];

      g_assert_cmpint (map->layer, ==, 0);
      g_assert_cmpint (map->channel, ==, c);
      g_assert_cmpint (map->height, ==, 10);
      g_assert_cmpint (map->width, ==, 10);
      for (int i = 0; i < 100; i++)
        {
          g_assert_cmpfloat_with_epsilon (map->values[i], expected[c * 100 + i], 1e-5);
          g_assert_true (map->values[i] >= map->low && map->values[i] <= map->high);
        }
      g_assert_true (map->dark >= maps->dark[0] && map->bright <= maps->bright[0]);
      g_assert_true (map->dark >= map->low && map->bright <= map->high * 1.0001f);
    }
  g_assert_cmpstr (maps->layers[1].name, ==, "POOL1");
  g_assert_cmpint (maps->maps[16].layer, ==, 1);
}

static void
note (double fraction, gpointer data)
{
  *(double *) data = fraction;
}

/* Layer by layer: the network runs no further than the layer needs, and the maps are the same. */
static void
test_steps (void)
{
  static const char *const layers[] = { "POOL1", "CONV2", "CONV1", NULL };
  g_autoptr (CnGraph) graph = network_lecture ();
  g_autofree float *pixels = network_random (32 * 32 * 3, 1);
  CnMapsOptions options = usual;
  double gone = 0;
  const CnRun run = { .progress = note, .progress_data = &gone };
  g_autoptr (CnMaps) at_once = NULL, maps = NULL;

  options.layers = layers;
  at_once = look (graph, pixels, 32, 32, &options, NULL);
  maps = cn_maps_begin (graph, pixels, 32, 32, 3, 3, &options, NULL);
  g_assert_cmpint (maps->n, ==, 0);
  g_assert_true (cn_maps_run (maps, 0, &run, NULL));
  g_assert_cmpint (maps->n, ==, 8);
  g_assert_cmpfloat (gone, >, 0);
  g_assert_cmpfloat (gone, <, 1);
  g_assert_true (cn_maps_run (maps, 1, &run, NULL));
  g_assert_cmpfloat (gone, ==, 1);
  g_assert_true (cn_maps_run (maps, 2, &run, NULL));
  g_assert_cmpint (maps->n, ==, at_once->n);
  for (int i = 0; i < maps->n; i++)
    {
      const CnMap *map = &maps->maps[i], *other = &at_once->maps[i];

      g_assert_cmpint (map->layer, ==, other->layer);
      g_assert_cmpmem (map->values, sizeof (float) * map->height * map->width, other->values,
                       sizeof (float) * other->height * other->width);
    }
}

/* A layer's values hold while the next layer's are computed. */
static void
check_in_turn (const char *const *layers)
{
  g_autoptr (CnGraph) graph = network_lecture ();
  g_autofree float *pixels = network_random (32 * 32 * 3, 1);
  CnMapsOptions options = usual;
  g_autoptr (CnMaps) at_once = NULL, maps = NULL;

  options.layers = layers;
  at_once = look (graph, pixels, 32, 32, &options, NULL);
  options.in_turn = TRUE;
  maps = cn_maps_begin (graph, pixels, 32, 32, 3, 3, &options, NULL);
  for (int layer = 0; layer < maps->n_layers; layer++)
    {
      g_assert_true (cn_maps_run (maps, layer, &(CnRun){ 0 }, NULL));
      for (int i = 0; i < maps->n; i++)
        {
          const CnMap *map = &maps->maps[i], *other = &at_once->maps[i];

          if (map->layer >= layer - 1)
            g_assert_cmpmem (map->values, sizeof (float) * map->height * map->width, other->values,
                             sizeof (float) * other->height * other->width);
        }
    }
  g_assert_cmpint (maps->n, ==, at_once->n);
}

static void
test_in_turn (void)
{
  static const char *const values[] = { "relu1", "pool1", "relu2", "pool2", NULL };
  g_autoptr (CnGraph) graph = network_lecture ();
  CnPlanOptions options = { .outputs = values };
  g_autoptr (CnPlan) plan = cn_plan_new (graph, &options, NULL), lean = NULL;

  options.in_turn = TRUE;
  lean = cn_plan_new (graph, &options, NULL);
  g_assert_cmpuint (cn_plan_memory (lean), <, cn_plan_memory (plan));
  check_in_turn ((const char *const[]){ "CONV1", "POOL1", "CONV2", "POOL2", NULL });
  check_in_turn ((const char *const[]){ "CONV1", "POOL2", NULL });
  check_in_turn ((const char *const[]){ "POOL2", "CONV1", "CONV2", NULL });
}

/* Convolutions take a picture of another size than the network is for; dense layers do not. */
static void
test_own_size (void)
{
  static const char *const dense[] = { "FC3", NULL };
  g_autoptr (CnGraph) graph = network_lecture ();
  g_autofree float *pixels = network_random (50 * 41 * 3, 1);
  CnMapsOptions options = usual;
  g_autoptr (GError) error = NULL;
  g_autoptr (CnMaps) maps = look (graph, pixels, 50, 41, &options, &error), none = NULL;

  g_assert_no_error (error);
  g_assert_cmpint (maps->n, ==, 8); /* of the first layer */
  g_assert_cmpint (maps->maps[0].height, ==, 46);
  g_assert_cmpint (maps->maps[0].width, ==, 37);
  options.layers = dense;
  none = look (graph, pixels, 50, 41, &options, &error);
  g_assert_null (none);
  g_assert_error (error, CN_ERROR, CN_ERROR_SHAPE);
  g_assert_true (g_str_has_prefix (error->message,
                                   "A picture of 41×50 pixels does not go through this network, "
                                   "which is made for 32×32: scale it to that. ("));
}

/* A picture that the second convolution finds nothing of. */
static void
test_too_small (void)
{
  static const char *const second[] = { "CONV2", NULL };
  g_autoptr (CnGraph) graph = network_lecture ();
  g_autofree float *pixels = network_random (6 * 9 * 3, 1);
  CnMapsOptions options = usual;
  g_autoptr (GError) error = NULL;

  options.layers = second;
  g_assert_null (look (graph, pixels, 6, 9, &options, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_SHAPE);
  g_assert_true (g_str_has_prefix (error->message,
                                   "A picture of 9×6 pixels does not go through this network, "
                                   "which is made for 32×32: scale it to that. ("));
}

/* A dense layer's result is one row. */
static void
test_dense (void)
{
  static const char *const dense[] = { "FC3", NULL };
  g_autoptr (CnGraph) graph = network_lecture ();
  g_autofree float *pixels = network_random (32 * 32 * 3, 1);
  CnMapsOptions options = usual;
  g_autoptr (CnMaps) maps = NULL;

  options.layers = dense;
  maps = look (graph, pixels, 32, 32, &options, NULL);
  g_assert_cmpint (maps->n, ==, 1);
  g_assert_cmpint (maps->maps[0].height, ==, 1);
  g_assert_cmpint (maps->maps[0].width, ==, 120);
}

static double
strength (const CnMap *map)
{
  double sum = 0;

  for (int i = 0; i < map->width * map->height; i++)
    sum += ABS (map->values[i]);
  return sum / (map->width * map->height);
}

static void
test_chosen (void)
{
  static const int channels[] = { 5, 2 };
  g_autoptr (CnGraph) graph = network_lecture ();
  g_autofree float *pixels = network_random (32 * 32 * 3, 1);
  CnMapsOptions options = usual;
  g_autoptr (CnMaps) all = look (graph, pixels, 32, 32, &options, NULL), some = NULL, few = NULL;
  int stronger = 0;

  options.channels = channels;
  options.n_channels = 2;
  some = look (graph, pixels, 32, 32, &options, NULL);
  g_assert_cmpint (some->n, ==, 2);
  g_assert_cmpint (some->maps[0].channel, ==, 2);
  g_assert_cmpint (some->maps[1].channel, ==, 5);

  options.n_channels = 0;
  options.strongest = 3;
  few = look (graph, pixels, 32, 32, &options, NULL);
  g_assert_cmpint (few->n, ==, 3);
  g_assert_cmpfloat (strength (&few->maps[0]), >=, strength (&few->maps[1]));
  g_assert_cmpfloat (strength (&few->maps[1]), >=, strength (&few->maps[2]));
  for (int c = 0; c < all->n; c++)
    stronger += strength (&all->maps[c]) > strength (&few->maps[2]);
  g_assert_cmpint (stronger, ==, 2);
}

/* One bright pixel of a thousand does not darken the others. */
static void
test_contrast (void)
{
  const CnShape shape = cn_shape_nchw (1, 1, -1, -1);
  g_autoptr (CnGraph) graph = cn_graph_new ("same", 13);
  float pixels[1000];
  g_autoptr (CnMaps) maps = NULL;

  cn_graph_add_input (graph, "x", CN_TYPE_FLOAT, &shape, NULL);
  network_node (graph, "MaxPool", "pool", "x", "y");
  cn_node_set_ints (g_ptr_array_index (graph->nodes, 0), "kernel_shape", 2, (gint64[]){ 1, 1 });
  cn_graph_add_output (graph, "y");
  for (int i = 0; i < 1000; i++)
    pixels[i] = (float) (i % 100) / 100;
  pixels[77] = 1000;
  maps = cn_maps_new (graph, pixels, 10, 100, 1, 1, &usual, &(CnRun){ 0 }, NULL);
  g_assert_cmpfloat (maps->maps[0].high, ==, 1000);
  g_assert_cmpfloat (maps->maps[0].bright, <, 2);
  g_assert_cmpfloat (maps->maps[0].bright, >=, 0.98);
}

static void
assert_refused (const CnMapsOptions *options, CnError code, const char *message)
{
  g_autoptr (CnGraph) graph = network_lecture ();
  g_autofree float *pixels = network_random (32 * 32 * 3, 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (CnMaps) maps = look (graph, pixels, 32, 32, options, &error);

  g_assert_null (maps);
  g_assert_error (error, CN_ERROR, (int) code);
  g_assert_true (strstr (error->message, message));
}

static void
test_refused (void)
{
  static const char *const nobody[] = { "nobody", NULL };
  static const int far[] = { 1, 8 };
  CnMapsOptions options = usual;

  options.layers = nobody;
  assert_refused (&options, CN_ERROR_ARGUMENT, "no layer “nobody”; its layers are: x, CONV1, ");
  options = usual;
  options.maps_max = 7;
  assert_refused (&options, CN_ERROR_ARGUMENT, "8 maps, and the limit is 7");
  options = usual;
  options.channels = far;
  options.n_channels = 2;
  assert_refused (&options, CN_ERROR_ARGUMENT, "no channel 8: the layers have the channels 0 to 7");
  options = usual;
  options.memory_max = 1000;
  assert_refused (&options, CN_ERROR_MEMORY, "may take 0");
}

static void
test_layers (void)
{
  g_autoptr (CnGraph) graph = network_lecture (), other = cn_graph_new ("other", 13);
  g_autoptr (CnInfo) info = cn_maps_layers (graph, NULL), none = NULL;
  g_autoptr (GError) error = NULL;
  int height, width;

  g_assert_cmpint (info->n, ==, 8);
  g_assert_true (cn_maps_size (graph, &height, &width, NULL));
  g_assert_cmpint (height, ==, 32);
  g_assert_cmpint (width, ==, 32);
  none = cn_maps_layers (other, &error);
  g_assert_null (none);
  g_assert_error (error, CN_ERROR, CN_ERROR_UNSUPPORTED);
  g_assert_cmpstr (error->message, ==, "This is no network that takes a picture: it has no input");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/maps/values", test_values);
  g_test_add_func ("/maps/steps", test_steps);
  g_test_add_func ("/maps/in-turn", test_in_turn);
  g_test_add_func ("/maps/own-size", test_own_size);
  g_test_add_func ("/maps/too-small", test_too_small);
  g_test_add_func ("/maps/dense", test_dense);
  g_test_add_func ("/maps/chosen", test_chosen);
  g_test_add_func ("/maps/contrast", test_contrast);
  g_test_add_func ("/maps/refused", test_refused);
  g_test_add_func ("/maps/layers", test_layers);
  return g_test_run ();
}
