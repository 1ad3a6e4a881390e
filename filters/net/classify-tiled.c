/* classify-tiled.c: a classifier that ends in a global average pool over a large picture: the maps
 * are made tile by tile, and summed up.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/core/error.h"
#include "filters/net/classify-private.h"
#include "filters/net/maps.h"
#include "filters/net/plan-private.h"
#include "filters/net/tiled-private.h"

/* The least that a tile is moved on by, and by how many halos: 2.25 times the picture is computed,
   if there is memory for that. */
#define STEP 512
#define HALOS 4

struct _CnClassifierTiles
{
  const CnClassifier *classifier;
  CnTiledNet *net;  /* up to the maps: how tiles must lie */
  int maps, pooled; /* values: what goes into the pool, and comes out */
  CnTiledAxis y, x; /* `out`: of the maps */
  int channels;
  CnPlan *plan; /* of a tile of these sides */
  int height, width;
};

void
cn_classifier_tiles_free (CnClassifierTiles *tiles)
{
  if (!tiles)
    return;
  cn_tiled_net_free (tiles->net);
  cn_plan_free (tiles->plan);
  g_free (tiles);
}

/* The network from the pool's results on; NULL if it needs more than these. */
static CnPlan *
plan_rest (const CnClassifierTiles *tiles, GError **error)
{
  const CnGraph *graph = tiles->classifier->graph;
  const CnPlanInput input = { .name = cn_graph_value (graph, tiles->pooled)->name,
                              .type = CN_TYPE_FLOAT,
                              .shape = cn_shape_nchw (1, tiles->channels, 1, 1) };
  const char *const outputs[] = { cn_graph_value (graph, tiles->classifier->output)->name, NULL };
  const CnPlanOptions options = { .inputs = &input,
                                  .n_inputs = 1,
                                  .outputs = outputs,
                                  .memory_max = tiles->classifier->options.memory_max };
  g_autoptr (CnPlan) rest = cn_plan_new (graph, &options, error);

  return rest && cn_plan_inputs (rest) == 1 ? g_steal_pointer (&rest) : NULL;
}

/* The last global average pool, going back from the output. */
static gboolean
find_pool (CnClassifierTiles *tiles)
{
  const CnGraph *graph = tiles->classifier->graph;
  const CnNode *node = cn_classifier_maker (graph, tiles->classifier->output);

  for (guint i = 0; node && i < graph->nodes->len; i++)
    {
      if (g_str_equal (node->op, "GlobalAveragePool"))
        {
          tiles->maps = node->inputs[0];
          tiles->pooled = node->outputs[0];
          return TRUE;
        }
      node = cn_classifier_maker (graph, node->inputs[0]);
    }
  return FALSE;
}

/* How tiles must lie for the maps to be those of the picture as a whole. */
static gboolean
look_at_maps (CnClassifierTiles *tiles)
{
  const CnClassifier *classifier = tiles->classifier;
  const char *value = cn_graph_value (classifier->graph, tiles->maps)->name;
  g_autoptr (CnInfo) layers = cn_maps_layers (classifier->graph, NULL);
  CnTiledOptions options = { .range = classifier->options.range,
                             .order = classifier->options.order };

  for (int i = 1; layers && i < layers->n; i++)
    if (g_strcmp0 (layers->layers[i].value, value) == 0)
      options.layer = layers->layers[i].name;
  if (options.layer)
    tiles->net = cn_tiled_net_new (classifier->graph, &options, NULL);
  return tiles->net && !tiles->net->whole;
}

/* Tiles that begin at multiples of the step; the last one ends with the picture. */
static void
cut_axis (const CnTiledNet *net, int step, CnTiledAxis *axis)
{
  gint64 tile = (gint64) step + 2 * (gint64) net->halo + net->crop;

  axis->step = step;
  axis->tile = (int) MIN (tile, axis->n);
  axis->count = axis->n <= tile ? 1 : (int) ((axis->n - tile + step - 1) / step) + 1;
}

static int
length_of (const CnTiledAxis *axis, int i)
{
  return i < axis->count - 1 ? axis->tile : axis->n - i * axis->step;
}

static gboolean
plan_tile (CnClassifierTiles *tiles, int height, int width, GError **error)
{
  const int outputs[] = { tiles->maps, -1 };

  if (tiles->plan && tiles->height == height && tiles->width == width)
    return TRUE;
  g_clear_pointer (&tiles->plan, cn_plan_free);
  tiles->height = height;
  tiles->width = width;
  tiles->plan = cn_classifier_plan (tiles->classifier, height, width, outputs, error);
  return tiles->plan != NULL;
}

/* The largest tiles that there is memory for. */
static gboolean
cut (CnClassifierTiles *tiles)
{
  const CnTiledNet *net = tiles->net;
  gint64 step = MAX (STEP, HALOS * (gint64) net->halo) / net->align * net->align;

  for (; step >= net->align; step = step / 2 / net->align * net->align)
    {
      g_autoptr (GError) problem = NULL;

      cut_axis (net, (int) MIN (step, CN_SIZE_MAX / net->align * net->align), &tiles->y);
      cut_axis (net, (int) MIN (step, CN_SIZE_MAX / net->align * net->align), &tiles->x);
      if (plan_tile (tiles, tiles->y.tile, tiles->x.tile, &problem))
        return TRUE;
      if (!g_error_matches (problem, CN_ERROR, CN_ERROR_MEMORY))
        return FALSE;
    }
  return FALSE;
}

/* The shape of all the maps. */
static gboolean
measure_maps (CnClassifierTiles *tiles)
{
  const CnClassifier *classifier = tiles->classifier;
  const CnPlanInput input = { .name = classifier->input.name,
                              .shape =
                                  cn_input_shape (&classifier->input, tiles->y.n, tiles->x.n) };
  const char *const outputs[] = { cn_graph_value (classifier->graph, tiles->maps)->name, NULL };
  const CnPlanOptions options = { .inputs = &input, .n_inputs = 1, .outputs = outputs };
  g_autoptr (CnPlan) plan = cn_plan_shapes (classifier->graph, &options, NULL, NULL);
  const CnArray *array = plan ? cn_plan_output (plan, 0) : NULL;

  if (!array || array->type != CN_TYPE_FLOAT || array->shape.rank != 4)
    return FALSE;
  tiles->channels = (int) array->shape.dims[1];
  tiles->y.out = (int) array->shape.dims[2];
  tiles->x.out = (int) array->shape.dims[3];
  return TRUE;
}

CnClassifierTiles *
cn_classifier_tiles_new (const CnClassifier *classifier, int height, int width)
{
  g_autoptr (CnClassifierTiles) tiles = g_new0 (CnClassifierTiles, 1);
  g_autoptr (CnPlan) rest = NULL;

  tiles->classifier = classifier;
  tiles->y.n = height;
  tiles->x.n = width;
  if (!classifier->any_size || MAX (height, width) <= STEP || !find_pool (tiles)
      || !look_at_maps (tiles) || !measure_maps (tiles) || !cut (tiles))
    return NULL;
  if (tiles->y.count == 1 && tiles->x.count == 1)
    return NULL;
  rest = plan_rest (tiles, NULL);
  return rest ? g_steal_pointer (&tiles) : NULL;
}

void
cn_classifier_tiles_size (const CnClassifierTiles *tiles, int *channels, int *height, int *width)
{
  *channels = tiles->channels;
  *height = tiles->y.out;
  *width = tiles->x.out;
}

/* What of all the maps is kept from tile `i` on. */
static int
cut_of (const CnTiledNet *net, const CnTiledAxis *axis, int i)
{
  if (i == 0 || i == axis->count)
    return i == 0 ? 0 : axis->out;
  return (int) (((gint64) i * axis->step + net->halo) * net->up / net->down);
}

static int
first_of (const CnTiledNet *net, const CnTiledAxis *axis, int i)
{
  return (int) ((gint64) i * axis->step * net->up / net->down);
}

static gboolean
add_tile (CnClassifierTiles *tiles, const CnSource *source, int i, int j, double *sums,
          const double *weights, double *joined, const CnRun *run, GError **error)
{
  const CnTiledNet *net = tiles->net;
  const CnRect area = { j * tiles->x.step, i * tiles->y.step, length_of (&tiles->x, j),
                        length_of (&tiles->y, i) };
  int top = first_of (net, &tiles->y, i), left = first_of (net, &tiles->x, j);
  const CnArray *maps;
  gsize row, plane;

  if (!plan_tile (tiles, area.height, area.width, error)
      || !cn_classifier_fill (tiles->classifier, tiles->plan, source, &area, error)
      || !cn_plan_run (tiles->plan, run, error))
    return FALSE;
  maps = cn_plan_output (tiles->plan, 0);
  row = (gsize) maps->shape.dims[3];
  plane = (gsize) maps->shape.dims[2] * row;
  for (int k = 0; k < tiles->channels; k++)
    for (int y = cut_of (net, &tiles->y, i); y < cut_of (net, &tiles->y, i + 1); y++)
      for (int x = cut_of (net, &tiles->x, j); x < cut_of (net, &tiles->x, j + 1); x++)
        {
          double value = maps->floats[k * plane + (y - top) * row + (x - left)];

          sums[k] += value;
          if (joined)
            joined[(gsize) y * tiles->x.out + x] += weights[k] * value;
        }
  return TRUE;
}

/* Sums of each map and, if there are weights, of all maps at each place. */
static gboolean
add_tiles (CnClassifierTiles *tiles, const CnSource *source, double *sums, const double *weights,
           double *joined, const CnRun *run, GError **error)
{
  CnRunPart part = { .whole = run, .n = tiles->y.count * tiles->x.count };

  for (; part.index < part.n; part.index++)
    {
      CnRun one = cn_run_part (&part);

      if (!add_tile (tiles, source, part.index / tiles->x.count, part.index % tiles->x.count, sums,
                     weights, joined, &one, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
cn_classifier_tiles_run (CnClassifierTiles *tiles, const CnSource *source, float *result,
                         const CnRun *run, GError **error)
{
  g_autofree double *sums = g_new0 (double, tiles->channels);
  g_autoptr (CnPlan) rest = plan_rest (tiles, error);
  double count = (double) tiles->y.out * tiles->x.out;

  if (!rest || !add_tiles (tiles, source, sums, NULL, NULL, run, error))
    return FALSE;
  for (int k = 0; k < tiles->channels; k++)
    cn_plan_input (rest, 0)->floats[k] = (float) (sums[k] / count);
  if (!cn_plan_run (rest, &(CnRun){ .threads = run->threads, .cancel = run->cancel }, error))
    return FALSE;
  memcpy (result, cn_plan_output (rest, 0)->floats, tiles->classifier->classes * sizeof (float));
  return TRUE;
}

double *
cn_classifier_tiles_join (CnClassifierTiles *tiles, const CnSource *source, const double *weights,
                          const CnRun *run, GError **error)
{
  g_autofree double *sums = g_new0 (double, tiles->channels);
  g_autofree double *joined = g_try_new0 (double, (gsize) tiles->y.out * tiles->x.out);

  if (!joined)
    {
      cn_set_error (error, CN_ERROR_MEMORY, "Not enough memory for a picture of %d×%d pixels",
                    tiles->x.out, tiles->y.out);
      return NULL;
    }
  return add_tiles (tiles, source, sums, weights, joined, run, error) ? g_steal_pointer (&joined)
                                                                      : NULL;
}
