/* maps.c: feature maps: what chosen layers of a network make of a picture, channel by channel.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/net/maps.h"

#include <math.h>
#include <string.h>

#include "filters/core/error.h"
#include "filters/core/parallel.h"
#include "filters/core/shape.h"
#include "filters/net/contrast.h"

/* Names that a message lists at most. */
#define NAMED_MAX 40

typedef struct _CnMapsState
{
  CnInfo *info;
  CnPlan *plan;
  CnMapsOptions options;
} State;

typedef struct
{
  const CnGraph *graph;
  const CnMapsOptions *options;
  CnInput input;
  int height, width; /* of the picture */
  CnMaps *maps;
} Job;

/* A map on its way, with what it is chosen by. */
typedef struct
{
  CnMap map;
  double strength;
} Candidate;

void
cn_maps_free (CnMaps *maps)
{
  if (!maps)
    return;
  cn_info_free (maps->state->info);
  cn_plan_free (maps->state->plan);
  g_free (maps->state);
  g_free (maps->layers);
  g_free (maps->maps);
  g_free (maps->dark);
  g_free (maps->bright);
  g_free (maps);
}

static gboolean
find_input (const CnGraph *graph, CnRange range, CnOrder order, CnInput *input, GError **error)
{
  const char *why = cn_input_find (graph, range, order, input);

  if (why)
    cn_set_error (error, CN_ERROR_UNSUPPORTED, "This is no network that takes a picture: %s", why);
  return !why;
}

/* The network's own size, or the usual one. */
static void
own_size (const CnInput *input, int *height, int *width)
{
  *height = input->height > 0 ? (int) MIN (input->height, CN_SIZE_MAX) : CN_MAPS_SIDE;
  *width = input->width > 0 ? (int) MIN (input->width, CN_SIZE_MAX) : CN_MAPS_SIDE;
}

gboolean
cn_maps_size (const CnGraph *graph, int *height, int *width, GError **error)
{
  CnInput input;

  if (!find_input (graph, CN_RANGE_UNIT, CN_ORDER_RGB, &input, error))
    return FALSE;
  own_size (&input, height, width);
  return TRUE;
}

CnInfo *
cn_maps_layers (const CnGraph *graph, GError **error)
{
  CnPlanInput given = { 0 };
  const CnPlanOptions options = { .inputs = &given, .n_inputs = 1 };
  CnInput input;
  int height, width;

  if (!find_input (graph, CN_RANGE_UNIT, CN_ORDER_RGB, &input, error))
    return NULL;
  own_size (&input, &height, &width);
  given = (CnPlanInput){ .name = input.name, .shape = cn_input_shape (&input, height, width) };
  return cn_info_new (graph, &options, error);
}

static void
refuse_layer (const CnInfo *info, const char *name, GError **error)
{
  g_autoptr (GString) names = g_string_new (NULL);
  g_autofree char *valid = g_utf8_make_valid (name, -1), *listed = NULL;

  for (int i = 0; i < info->n && i < NAMED_MAX; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", info->layers[i].name);
  if (info->n > NAMED_MAX)
    g_string_append (names, ", …");
  listed = g_utf8_make_valid (names->str, -1);
  cn_set_error (error, CN_ERROR_ARGUMENT, "The network has no layer “%s”; its layers are: %s",
                valid, listed);
}

const CnLayer *
cn_maps_layer (const CnInfo *layers, const char *name, GError **error)
{
  for (int i = *name ? 0 : MIN (1, layers->n - 1); i < layers->n; i++)
    if (layers->layers[i].value && (!*name || strcmp (layers->layers[i].name, name) == 0))
      return &layers->layers[i];
  refuse_layer (layers, name, error);
  return NULL;
}

static gboolean
add_layer (CnMaps *maps, const char *name, GError **error)
{
  const CnLayer *layer = cn_maps_layer (maps->state->info, name, error);

  if (!layer)
    return FALSE;
  maps->layers = g_renew (CnLayer, maps->layers, maps->n_layers + 1);
  maps->layers[maps->n_layers++] = *layer;
  return TRUE;
}

static gboolean
find_layers (Job *job, GError **error)
{
  CnMaps *maps = job->maps;

  maps->state->info = cn_maps_layers (job->graph, error);
  if (!maps->state->info)
    return FALSE;
  if (!job->options->layers)
    return add_layer (maps, "", error);
  for (int i = 0; job->options->layers[i]; i++)
    if (!add_layer (maps, job->options->layers[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
make_plan (Job *job, GError **error)
{
  CnMaps *maps = job->maps;
  g_autofree const char **outputs = g_new0 (const char *, maps->n_layers + 1);
  int height, width;
  const CnPlanInput given = { .name = job->input.name,
                              .shape = cn_input_shape (&job->input, job->height, job->width),
                              .any_size = TRUE };
  const CnPlanOptions options = { .inputs = &given,
                                  .n_inputs = 1,
                                  .outputs = outputs,
                                  .in_turn = job->options->in_turn,
                                  .memory_max = job->options->memory_max };

  for (int i = 0; i < maps->n_layers; i++)
    outputs[i] = maps->layers[i].value;
  maps->state->plan = cn_plan_new (job->graph, &options, error);
  if (maps->state->plan)
    return TRUE;
  own_size (&job->input, &height, &width);
  cn_input_blame_size (job->height, job->width, height, width, error);
  return FALSE;
}

static Candidate
candidate_of (const CnArray *array, int layer, int channel)
{
  const gint64 *dims = array->shape.dims;
  gboolean flat = array->shape.rank != 4;
  gsize n = flat ? cn_array_elements (array) : (gsize) (dims[2] * dims[3]);

  return (Candidate){ .map = { .layer = layer,
                               .channel = channel,
                               .height = flat ? 1 : (int) dims[2],
                               .width = flat ? (int) n : (int) dims[3],
                               .values = array->floats + channel * n } };
}

/* What candidate `i` is chosen by, and its range. */
static void
look_at_map (gpointer data, gsize i)
{
  Candidate *candidate = (Candidate *) data + i;
  CnMap *map = &candidate->map;
  gsize n = (gsize) map->height * map->width;
  CnContrast contrast;
  double sum = 0;

  for (gsize k = 0; k < n; k++)
    sum += fabsf (map->values[k]);
  candidate->strength = sum / n;
  cn_contrast_init (&contrast);
  cn_contrast_look (&contrast, map->values, n);
  cn_contrast_count (&contrast, map->values, n);
  cn_contrast_find (&contrast, &map->dark, &map->bright);
  map->low = contrast.low;
  map->high = contrast.high;
}

/* The strongest first; of the same strength, in their order. */
static int
compare (gconstpointer a, gconstpointer b)
{
  const Candidate *x = a, *y = b;

  return x->strength != y->strength ? (x->strength < y->strength ? 1 : -1)
                                    : x->map.channel - y->map.channel;
}

static int
channels_of (const CnArray *array)
{
  return array->shape.rank == 4 ? (int) array->shape.dims[1] : 1;
}

static gboolean
is_wanted (const CnMapsOptions *options, int channel)
{
  for (int i = 0; i < options->n_channels; i++)
    if (options->channels[i] == channel)
      return TRUE;
  return options->n_channels == 0;
}

/* The maps of a layer that are wanted; sets the layer's range. NULL if it was cancelled. */
static GArray *
choose_maps (CnMaps *maps, int layer, const CnRun *run, GError **error)
{
  const CnMapsOptions *options = &maps->state->options;
  const CnArray *array = cn_plan_output (maps->state->plan, layer);
  g_autoptr (GArray) chosen = g_array_new (FALSE, FALSE, sizeof (Candidate));

  for (int c = 0; c < channels_of (array) && cn_array_elements (array) > 0; c++)
    if (is_wanted (options, c))
      {
        Candidate candidate = candidate_of (array, layer, c);

        g_array_append_val (chosen, candidate);
      }
  if (!cn_parallel (chosen->len, look_at_map, chosen->data, run, error))
    return NULL;
  if (options->strongest > 0)
    {
      g_array_sort (chosen, compare);
      g_array_set_size (chosen, MIN (chosen->len, (guint) options->strongest));
    }
  for (guint i = 0; i < chosen->len; i++)
    {
      const CnMap *map = &g_array_index (chosen, Candidate, i).map;

      maps->dark[layer] = i == 0 ? map->dark : MIN (maps->dark[layer], map->dark);
      maps->bright[layer] = i == 0 ? map->bright : MAX (maps->bright[layer], map->bright);
    }
  return g_steal_pointer (&chosen);
}

/* Before anything is computed: whether there are the channels, and room for the maps. */
static gboolean
make_room (const Job *job, GError **error)
{
  const CnMapsOptions *options = job->options;
  const CnPlan *plan = job->maps->state->plan;
  gint64 n = 0;
  int most = 0;

  for (int i = 0; i < job->maps->n_layers; i++)
    {
      const CnArray *array = cn_plan_output (plan, i);
      int wanted = 0;

      if (array->type != CN_TYPE_FLOAT)
        {
          cn_set_error (error, CN_ERROR_ARGUMENT, "The layer “%s” makes no maps: its result is %s",
                        job->maps->layers[i].name, cn_type_name (array->type));
          return FALSE;
        }
      most = MAX (most, channels_of (array));
      for (int c = 0; c < channels_of (array); c++)
        wanted += is_wanted (options, c);
      n += options->strongest > 0 ? MIN (wanted, options->strongest) : wanted;
    }
  for (int i = 0; i < options->n_channels; i++)
    if (options->channels[i] < 0 || options->channels[i] >= most)
      {
        cn_set_error (error, CN_ERROR_ARGUMENT,
                      "There is no channel %d: the layers have the channels 0 to %d",
                      options->channels[i], most - 1);
        return FALSE;
      }
  if (n > options->maps_max)
    {
      cn_set_error (error, CN_ERROR_ARGUMENT,
                    "These would be %d maps, and the limit is %d: choose fewer layers or channels",
                    (int) MIN (n, G_MAXINT), options->maps_max);
      return FALSE;
    }
  job->maps->maps = g_new (CnMap, n);
  job->maps->dark = g_new0 (float, job->maps->n_layers);
  job->maps->bright = g_new0 (float, job->maps->n_layers);
  return TRUE;
}

CnMaps *
cn_maps_begin (const CnGraph *graph, const float *pixels, int height, int width, int colours,
               int samples, const CnMapsOptions *options, GError **error)
{
  g_autoptr (CnMaps) maps = g_new0 (CnMaps, 1);
  Job job = { graph, options, { 0 }, height, width, maps };

  maps->state = g_new0 (State, 1);
  maps->state->options = *options;
  if (!find_input (graph, options->range, options->order, &job.input, error)
      || !find_layers (&job, error) || !make_plan (&job, error) || !make_room (&job, error))
    return NULL;
  cn_input_fill (&job.input, pixels, (gsize) height * width, colours, samples,
                 cn_plan_input (maps->state->plan, 0)->floats);
  return g_steal_pointer (&maps);
}

gboolean
cn_maps_run (CnMaps *maps, int layer, const CnRun *run, GError **error)
{
  const CnRun quiet = { .threads = run->threads, .cancel = run->cancel };
  g_autoptr (GArray) chosen = NULL;

  if (!cn_plan_run_to (maps->state->plan, layer, run, error))
    return FALSE;
  chosen = choose_maps (maps, layer, &quiet, error);
  for (guint i = 0; chosen && i < chosen->len; i++)
    maps->maps[maps->n++] = g_array_index (chosen, Candidate, i).map;
  return chosen != NULL;
}

gboolean
cn_maps_run_all (CnMaps *maps, const CnRun *run, GError **error)
{
  for (int layer = 0; layer < maps->n_layers; layer++)
    if (!cn_maps_run (maps, layer, run, error))
      return FALSE;
  return TRUE;
}

CnMaps *
cn_maps_new (const CnGraph *graph, const float *pixels, int height, int width, int colours,
             int samples, const CnMapsOptions *options, const CnRun *run, GError **error)
{
  g_autoptr (CnMaps) maps =
      cn_maps_begin (graph, pixels, height, width, colours, samples, options, error);

  return maps && cn_maps_run_all (maps, run, error) ? g_steal_pointer (&maps) : NULL;
}
