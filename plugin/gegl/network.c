/* network.c: the operation convnet:network: what a network makes of the input, or what one of its
 * layers sees there.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/network.h"

#include "filters/core/error.h"
#include "plugin/gegl/filter.h"
#include "plugin/gegl/map.h"

enum
{
  RESULT_MAP,
  RESULT_PICTURE,
};

static const CnChoice results[] = {
  { RESULT_MAP, "map", N_ ("A feature map of a layer") },
  { RESULT_PICTURE, "picture", N_ ("What the network makes") },
  { 0 },
};

enum
{
  VALUES_MAP,
  VALUES_RAW,
};

static const CnChoice shown[] = {
  { VALUES_MAP, "map", N_ ("The range of the map") },
  { VALUES_RAW, "raw", N_ ("Raw numbers") },
  { 0 },
};

static const CnGeglProperty properties[] = {
  { "model", CN_GEGL_LINE, N_ ("_Model"),
    N_ ("The name of a network: a file NAME.onnx in the folder "
        "convnet/models of your GIMP profile, or one that comes with "
        "the plug-in"),
    .text = "cifar-net" },
  { "result", CN_GEGL_CHOICE, N_ ("Res_ult"),
    N_ ("A map is enlarged to the size of the picture; a network that makes pictures has to "
        "keep their size"),
    .choice = "CnGeglNetworkResult", .choices = results },
  { "layer", CN_GEGL_LINE, N_ ("_Layer"),
    N_ ("For a map: the name of the network's layer, as model-info lists it; nothing for the "
        "first"),
    .text = "" },
  { "channel", CN_GEGL_COUNT, N_ ("C_hannel"),
    N_ ("For a map: the number of the layer's channel, from 0 on"), .high = G_MAXUINT16,
    .usual_high = 63 },
  { "values", CN_GEGL_CHOICE, N_ ("_Values"),
    N_ ("What black and white stand for: the smallest and the largest value but for the outermost "
        "half percent, or the numbers 0 and 1"),
    .choice = "CnGeglNetworkValues", .choices = shown },
  { "colours", CN_GEGL_CHOICE, N_ ("Colou_rs"), N_ ("What values are painted in"),
    .choice = "CnGeglColourMap", .choices = cn_choices_colour_map },
  { "range", CN_GEGL_CHOICE, N_ ("Ran_ge"), N_ ("What the network takes for black and white"),
    .choice = "CnGeglRange", .choices = cn_choices_range },
  { "order", CN_GEGL_CHOICE, N_ ("Or_der of channels"),
    N_ ("Which colour the network's first channel is"), .choice = "CnGeglOrder",
    .choices = cn_choices_order },
  { "memory", CN_GEGL_COUNT, N_ ("Memor_y limit"),
    N_ ("MiB that the network may take, in smaller tiles if need be"), .low = 1, .high = 1 << 20,
    .value = 1024, .usual_low = 64, .usual_high = 8192 },
  { "model-file", CN_GEGL_LINE, N_ ("Model _file"),
    N_ ("A network in ONNX's format; it is taken instead of the name"), .text = "" },
  { 0 },
};

typedef struct
{
  CnNetwork *network; /* for RESULT_PICTURE; else the map has it */
  CnModel *model;
  CnTiledNet *net;
  CnGeglMap map;      /* but for its tiles */
  CnTiledPlan *tiles; /* of either */
  GMutex lock;        /* of which there is one run at a time */
} Op;

static void
free_op (gpointer data)
{
  Op *op = data;

  cn_tiled_plan_free (op->tiles);
  cn_network_free (op->network);
  cn_tiled_net_free (op->net);
  if (op->model)
    cn_model_unref (op->model);
  g_mutex_clear (&op->lock);
  g_free (op);
}

static void
release (gpointer model)
{
  cn_model_unref (model);
}

/* As the plug-in looks for them: the folder of the running GIMP's profile, or of that for which we
   were built, comes first. */
static char *
find_model (const char *name, GError **error)
{
  const char *profile = g_getenv ("GIMP3_DIRECTORY");
  g_autofree char *own = profile ? g_build_filename (profile, "convnet", "models", NULL)
                                 : g_build_filename (g_get_user_config_dir (), "GIMP", CN_GIMP,
                                                     "convnet", "models", NULL);
  g_autofree char *installed = cn_gegl_folder ("models");

  return cn_model_find (name, (const char *const[]){ own, installed, NULL }, error);
}

static CnModel *
read_model (CnGeglFilter *self, GError **error)
{
  g_autofree char *name = NULL, *file = NULL, *path = NULL;
  CnModel *last = self->kept, *model;

  g_object_get (self, "model", &name, "model-file", &file, NULL);
  path = file && *file ? g_strdup (file) : find_model (name ? name : "", error);
  model = path ? cn_model_read (path, &last, error) : NULL;
  self->kept = last;
  return model;
}

static gboolean
make_picture (Op *op, const CnTiledOptions *options, const CnGeglPlan *plan, GError **error)
{
  int up, down;

  op->network = cn_network_new (op->model, options, plan->integers, error);
  if (!op->network)
    return FALSE;
  cn_tiled_net_scale (cn_network_tiled (op->network), &up, &down);
  if (up == down)
    return TRUE;
  cn_set_error (error, CN_ERROR_UNSUPPORTED,
                "The network makes %d pixels of %d, and an effect keeps the layer's size", up,
                down);
  return FALSE;
}

static gboolean
make_map (Op *op, const CnTiledOptions *options, GError **error)
{
  op->net = cn_tiled_net_new (op->model->graph, options, error);
  op->map.net = op->net;
  return op->net && cn_gegl_map_init (&op->map, error);
}

static gboolean
make_op (Op *op, CnGeglFilter *filter, CnGeglPlan *plan, GError **error)
{
  CnTiledOptions options = { .colours = plan->colours, .has_alpha = plan->has_alpha };
  g_autofree char *layer = NULL;
  int result, numbers, memory;

  g_object_get (filter, "result", &result, "layer", &layer, "channel", &options.channel, "values",
                &numbers, "colours", &op->map.colours, "range", &options.range, "order",
                &options.order, "memory", &memory, NULL);
  options.memory_max = (guint64) memory << 20;
  op->map.raw = numbers == VALUES_RAW;
  op->map.samples = plan->colours + plan->has_alpha;
  op->map.has_alpha = plan->has_alpha;
  op->map.limit = plan->integers;
  op->map.height = plan->height;
  op->map.width = plan->width;
  op->model = read_model (filter, error);
  if (!op->model)
    return FALSE;
  if (result == RESULT_MAP)
    options.layer = layer ? g_strstrip (layer) : "";
  if (result == RESULT_MAP ? !make_map (op, &options, error)
                           : !make_picture (op, &options, plan, error))
    return FALSE;
  op->tiles = cn_tiled_plan_new (result == RESULT_MAP ? op->net : cn_network_tiled (op->network),
                                 plan->height, plan->width, error);
  op->map.tiles = op->tiles;
  plan->whole = result == RESULT_MAP && !op->map.raw;
  return op->tiles != NULL;
}

static gboolean
make (GObject *filter, CnGeglPlan *plan, GError **error)
{
  Op *op;

  if (plan->width < 1 || plan->height < 1) /* there is no input yet */
    return FALSE;
  op = g_new0 (Op, 1);
  g_mutex_init (&op->lock);
  if (make_op (op, CN_GEGL_FILTER (filter), plan, error))
    plan->op = op;
  else
    free_op (op);
  return plan->op != NULL;
}

/* The smallest area that holds both, on the picture. */
static CnRect
join (const Op *op, const CnRect *a, const CnRect *b, int more)
{
  int x = MAX (MIN (a->x, b->x) - more, 0), y = MAX (MIN (a->y, b->y) - more, 0);
  int right = MAX (a->x + a->width, b->x + b->width) + more;
  int bottom = MAX (a->y + a->height, b->y + b->height) + more;

  return (CnRect){ x, y, MIN (right, op->map.width) - x, MIN (bottom, op->map.height) - y };
}

static CnRect
tiles_of (const Op *op, const CnRect *area)
{
  CnRect values, tiles;

  if (op->network)
    return cn_tiled_plan_tiles (op->tiles, area);
  values = cn_gegl_map_values (&op->map, area);
  tiles = cn_tiled_plan_tiles (op->tiles, &values);
  return cn_gegl_map_pixels (&op->map, &tiles);
}

static CnRect
needs_of (const Op *op, const CnRect *area)
{
  CnRect values = op->network ? *area : cn_gegl_map_values (&op->map, area);

  return cn_tiled_plan_needs (op->tiles, &values);
}

static CnRect
changes_of (const Op *op, const CnRect *area)
{
  CnRect changes = cn_tiled_plan_changes (op->tiles, area);

  return op->network ? changes : cn_gegl_map_pixels (&op->map, &changes);
}

/* Pixels that are transparent take their colours from around them. */
static CnRect
region (gconstpointer data, CnGeglRegion which, const CnRect *area)
{
  const Op *op = data;
  int around = op->map.has_alpha ? CN_BLEED_RADIUS : 0;
  CnRect wide = join (op, area, area, around), found = { 0 };

  switch (which)
    {
    case CN_GEGL_NEEDED:
      found = needs_of (op, area);
      return join (op, &found, area, around);
    case CN_GEGL_CHANGED:
      found = changes_of (op, &wide);
      break;
    case CN_GEGL_TOGETHER:
      found = tiles_of (op, area);
      break;
    }
  return join (op, &found, area, 0);
}

static gboolean
run (gconstpointer data, const CnSource *source, const CnSink *sink, const CnRect *area,
     const CnRun *how, GError **error)
{
  Op *op = (Op *) data;
  gboolean fine;

  g_mutex_lock (&op->lock);
  fine = op->network ? cn_network_run (op->network, op->tiles, source, sink, area, how, error)
                     : cn_gegl_map_run (&op->map, source, sink, area, how, error);
  g_mutex_unlock (&op->lock);
  return fine;
}

const CnGeglKind cn_gegl_network = {
  .type = "CnGeglNetwork",
  .name = "convnet:network",
  .title = N_ ("Network"),
  .description = N_ ("Run a network in ONNX's format over the layer, or show what a layer of the "
                     "network sees in it"),
  .categories = "artistic:enhance",
  .menu_label = N_ ("_Network as Effect…"),
  .properties = properties,
  .make = make,
  .free = free_op,
  .run = run,
  .region = region,
  .release = release,
};
