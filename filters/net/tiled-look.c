/* tiled-look.c: what an image-to-image network wants and makes: its channels, sizes and range,
 * found out by its metadata and by planning it. SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "filters/core/error.h"
#include "filters/core/shape.h"
#include "filters/net/maps.h"
#include "filters/net/tiled-private.h"

/* Lengths that are tried until the network takes one. */
static const int lengths[] = { 16, 32, 48, 64, 96, 128, 192, 224, 256, 320, 384, 512, 640 };

/* No strides and scales are larger in all. */
#define ALIGN_MAX 1024

void
cn_tiled_net_free (CnTiledNet *net)
{
  if (!net)
    return;
  g_free (net->output);
  g_free (net);
}

int
cn_tiled_net_channels (const CnTiledNet *net)
{
  return net->out_channels;
}

void
cn_tiled_net_scale (const CnTiledNet *net, int *up, int *down)
{
  *up = net->up;
  *down = net->down;
}

/* For a reason in the user's language. */
static gboolean
refuse_for (GError **error, const char *why)
{
  cn_set_error (error, CN_ERROR_UNSUPPORTED,
                "This is no network that makes an image of an image: %s", why);
  return FALSE;
}

static gboolean
refuse (GError **error, const char *why)
{
  return refuse_for (error, cn_translated (why));
}

static gboolean
is_picture (const CnShape *shape, CnType type, int *channels)
{
  if (type != CN_TYPE_FLOAT || shape->rank != 4 || (shape->dims[1] != 1 && shape->dims[1] != 3))
    return FALSE;
  *channels = (int) shape->dims[1];
  return TRUE;
}

/* The layer that a feature map is of; it may take pictures of any size, where all do not. */
static gboolean
find_layer (CnTiledNet *net, GError **error)
{
  g_autoptr (CnInfo) layers = cn_maps_layers (net->graph, error);
  const CnLayer *layer = layers ? cn_maps_layer (layers, net->options.layer, error) : NULL;

  if (!layer)
    return FALSE;
  net->output = g_strdup (layer->value);
  return TRUE;
}

/* What the network makes of a picture, or a layer of it. */
static gboolean
look_at_result (CnTiledNet *net, const CnArray *array, GError **error)
{
  const CnShape *shape = &array->shape;
  g_autofree char *text = NULL;

  if (array->type == CN_TYPE_NONE)
    return refuse (error, "how large its output is depends on what the picture shows");
  if (!net->options.layer)
    return is_picture (shape, array->type, &net->out_channels)
           || refuse (error, "its output is no picture with one or three channels");
  net->out_channels = 1;
  if (array->type != CN_TYPE_FLOAT || shape->rank != 4)
    {
      text = cn_shape_text (shape);
      cn_set_error (error, CN_ERROR_ARGUMENT, "The layer “%s” makes no maps: its result is %s",
                    *net->options.layer ? net->options.layer : net->output, text);
      return FALSE;
    }
  if (net->options.channel >= 0 && net->options.channel < shape->dims[1])
    return TRUE;
  cn_set_error (error, CN_ERROR_ARGUMENT,
                "There is no channel %d: the layers have the channels 0 to %d",
                net->options.channel, (int) shape->dims[1] - 1);
  return FALSE;
}

static gboolean
look_at_input (CnTiledNet *net, GError **error)
{
  const CnGraph *graph = net->graph;
  const char *why = cn_input_find (graph, net->options.range, net->options.order, &net->input);

  if (why)
    return refuse_for (error, why);
  if (net->input.channels_last)
    return refuse (error, "its channels are not the second axis of its input");
  if (net->options.layer)
    {
      net->input.height = net->input.width = 0;
      return find_layer (net, error);
    }
  if (graph->outputs->len == 0)
    return refuse (error, "it has no output");
  net->output = g_strdup (cn_graph_value (graph, g_array_index (graph->outputs, int, 0))->name);
  return TRUE;
}

typedef struct
{
  CnPlanInput input;
  const char *outputs[2];
  CnPlanOptions options;
} Question;

static void
ask (const CnTiledNet *net, gint64 height, gint64 width, Question *question)
{
  question->input = (CnPlanInput){ .name = net->input.name,
                                   .shape = cn_input_shape (&net->input, height, width),
                                   .any_size = net->options.layer != NULL };
  question->outputs[0] = net->output;
  question->outputs[1] = NULL;
  question->options = (CnPlanOptions){ .inputs = &question->input,
                                       .n_inputs = 1,
                                       .outputs = question->outputs,
                                       .memory_max = net->options.memory_max };
}

static gboolean
find_result (CnTiledNet *net, gint64 height, gint64 width, gint64 *out, GError **error)
{
  Question question;
  g_autoptr (CnPlan) plan = NULL;
  const CnArray *array;

  ask (net, height, width, &question);
  plan = cn_plan_new (net->graph, &question.options, error);
  if (!plan)
    return FALSE;
  array = cn_plan_output (plan, 0);
  if (!look_at_result (net, array, error))
    return FALSE;
  if (height == width && array->shape.dims[2] != array->shape.dims[3])
    return refuse (error, "its output for a square is none");
  *out = array->shape.dims[2];
  return TRUE;
}

/* How tiles must lie, from the strides and the receptive field. */
static gboolean
look_at_field (CnTiledNet *net, gint64 height, gint64 width, GError **error)
{
  Question question;
  g_autoptr (CnInfo) info = NULL;
  gint64 align = 1, field;

  ask (net, height, width, &question);
  info = cn_info_new (net->graph, &question.options, error);
  if (!info)
    return FALSE;
  for (int i = 0; i < info->n; i++)
    {
      gint64 jump = (gint64) ceil (info->layers[i].jump);

      if (jump > 1 && info->layers[i].receptive_field > 0)
        align = align / cn_common_divisor (align, jump) * jump;
      if (align > ALIGN_MAX)
        return refuse (error, "its strides do not fit together");
    }
  field = info->layers[info->n - 1].receptive_field;
  net->align = (int) align;
  net->whole = field == 0;
  net->halo = (int) MIN ((field + align - 1) / align * align, CN_SIZE_MAX);
  return TRUE;
}

/* From the results for two lengths. */
static gboolean
look_at_scale (CnTiledNet *net, gint64 first, gint64 second, GError **error)
{
  gint64 growth = second - first, divisor = cn_common_divisor (growth, net->align);

  if (growth <= 0 || first <= 0)
    return refuse (error, "its output does not grow with its input");
  net->up = (int) (growth / divisor);
  net->down = (int) (net->align / divisor);
  if (first * net->down % net->up != 0 || first * net->down / net->up > net->least)
    return refuse (error, "its output is no multiple of its input");
  net->crop = (int) (net->least - first * net->down / net->up);
  return TRUE;
}

/* A network for one size: its result has a fraction of it, or all. */
static gboolean
look_at_fixed (CnTiledNet *net, GError **error)
{
  gint64 out, divisor;

  if (net->input.height == 0 || net->input.width == 0)
    return refuse (error, "one side of its input is fixed, and the other is not");
  if (!find_result (net, net->input.height, net->input.width, &out, error)
      || !look_at_field (net, net->input.height, net->input.width, error))
    return FALSE;
  divisor = cn_common_divisor (out, net->input.height);
  net->up = (int) (out / divisor);
  net->down = (int) (net->input.height / divisor);
  net->least = (int) MIN (net->input.height, net->input.width);
  return net->up <= ALIGN_MAX || refuse (error, "its output is no multiple of its input");
}

static gboolean
look_at_sizes (CnTiledNet *net, GError **error)
{
  gint64 first, second;

  if (net->input.height > 0 || net->input.width > 0)
    return look_at_fixed (net, error);
  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      g_autoptr (GError) problem = NULL;

      net->least = lengths[i];
      if (find_result (net, net->least, net->least, &first, &problem))
        return look_at_field (net, net->least, net->least, error)
               && find_result (net, net->least + net->align, net->least + net->align, &second,
                               error)
               && look_at_scale (net, first, second, error);
      if (!g_error_matches (problem, CN_ERROR, CN_ERROR_SHAPE) || i == G_N_ELEMENTS (lengths) - 1)
        {
          g_propagate_error (error, g_steal_pointer (&problem));
          return FALSE;
        }
    }
  return FALSE;
}

CnTiledNet *
cn_tiled_net_new (const CnGraph *graph, const CnTiledOptions *options, GError **error)
{
  g_autoptr (CnTiledNet) net = g_new0 (CnTiledNet, 1);

  net->graph = graph;
  net->options = *options;
  if (!look_at_input (net, error) || !look_at_sizes (net, error))
    return NULL;
  if (options->layer)
    net->options.layer = net->output;
  return g_steal_pointer (&net);
}
