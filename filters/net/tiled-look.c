/* tiled-look.c: what an image-to-image network wants and makes: its channels, sizes and range,
 * found out by its metadata and by planning it. SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "filters/core/error.h"
#include "filters/core/shape.h"
#include "filters/net/info.h"
#include "filters/net/tiled-private.h"

/* Lengths that are tried until the network takes one. */
static const int lengths[] = { 16, 32, 48, 64, 96, 128, 192, 224, 256, 320, 384, 512, 640 };

/* No strides and scales are larger in all. */
#define ALIGN_MAX 1024

static const double means[3] = { 0.485, 0.456, 0.406 };
static const double deviations[3] = { 0.229, 0.224, 0.225 };

CnRange
cn_tiled_guess_range (const CnGraph *graph)
{
  const char *text = cn_graph_metadata (graph, "Image.NominalPixelRange");

  if (g_strcmp0 (text, "NominalRange_0_255") == 0)
    return CN_RANGE_BYTE;
  return g_strcmp0 (text, "Normalized_1_1") == 0 ? CN_RANGE_SIGNED : CN_RANGE_UNIT;
}

gboolean
cn_tiled_guess_bgr (const CnGraph *graph)
{
  const char *text = cn_graph_metadata (graph, "Image.BitmapPixelFormat");

  return text && g_str_has_prefix (text, "Bgr");
}

/* value = sample · scale + shift, for channel `c` of the network in the order red, green, blue. */
static void
find_scale (CnRange range, int c, double *scale, double *shift)
{
  *scale = 1;
  *shift = 0;
  switch (range)
    {
    case CN_RANGE_UNIT:
      break;
    case CN_RANGE_BYTE:
      *scale = 255;
      break;
    case CN_RANGE_SIGNED:
      *scale = 2;
      *shift = -1;
      break;
    case CN_RANGE_NORMAL:
      *scale = 1 / deviations[c];
      *shift = -means[c] / deviations[c];
      break;
    }
}

/* The colour that the network's channel `plane` is. */
static int
colour_of (const CnTiledNet *net, int channels, int plane)
{
  return channels == 3 && net->options.bgr ? 2 - plane : plane;
}

void
cn_tiled_to_network (const CnTiledNet *net, const float *pixels, gsize count, float *planes)
{
  const CnTiledOptions *o = &net->options;
  int samples = o->colours + o->has_alpha;

  for (int plane = 0; plane < net->in_channels; plane++, planes += count)
    {
      int colour = colour_of (net, net->in_channels, plane);
      double scale, shift;

      find_scale (o->range, colour, &scale, &shift);
      for (gsize i = 0; i < count; i++)
        {
          const float *pixel = pixels + i * samples;
          double value = pixel[o->colours == 3 ? colour : 0];

          if (o->colours == 3 && net->in_channels == 1)
            value = o->luminance[0] * pixel[0] + o->luminance[1] * pixel[1]
                    + o->luminance[2] * pixel[2];
          planes[i] = (float) (value * scale + shift);
        }
    }
}

void
cn_tiled_from_network (const CnTiledNet *net, const CnArray *output, int y, int x, int height,
                       int width, float *pixels)
{
  gsize row = (gsize) output->shape.dims[3], plane = (gsize) output->shape.dims[2] * row;

  for (int p = 0; p < net->out_channels; p++)
    {
      int colour = colour_of (net, net->out_channels, p);
      double scale, shift;

      find_scale (net->options.range, colour, &scale, &shift);
      for (int i = 0; i < height; i++)
        for (int j = 0; j < width; j++)
          pixels[((gsize) i * width + j) * net->out_channels + colour] =
              (float) ((output->floats[p * plane + (gsize) (y + i) * row + x + j] - shift) / scale);
    }
}

static gboolean
refuse (GError **error, const char *why)
{
  cn_set_error (error, CN_ERROR_UNSUPPORTED,
                "This is no network that makes an image of an image: %s", cn_translated (why));
  return FALSE;
}

static gboolean
is_picture (const CnShape *shape, CnType type, int *channels)
{
  if (type != CN_TYPE_FLOAT || shape->rank != 4 || (shape->dims[1] != 1 && shape->dims[1] != 3))
    return FALSE;
  *channels = (int) shape->dims[1];
  return TRUE;
}

static gboolean
look_at_input (CnTiledNet *net, GError **error)
{
  const CnGraph *graph = net->graph;
  const CnValue *input = NULL, *output;

  for (guint i = 0; i < graph->inputs->len; i++)
    {
      const CnValue *value = cn_graph_value (graph, g_array_index (graph->inputs, int, i));

      if (value->constant)
        continue;
      if (input)
        return refuse (error, "it has more than one input");
      input = value;
    }
  if (!input || graph->outputs->len == 0)
    return refuse (error, "it has no input or no output");
  output = cn_graph_value (graph, g_array_index (graph->outputs, int, 0));
  if (!input->has_shape || !is_picture (&input->shape, input->type, &net->in_channels))
    return refuse (error, "its input is no picture with one or three channels");
  net->input = input->name;
  net->output = output->name;
  net->fixed_height = MAX (input->shape.dims[2], 0);
  net->fixed_width = MAX (input->shape.dims[3], 0);
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
  question->input = (CnPlanInput){ .name = net->input,
                                   .shape = cn_shape_nchw (1, net->in_channels, height, width) };
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
  if (!is_picture (&array->shape, array->type, &net->out_channels))
    return refuse (error, "its output is no picture with one or three channels");
  if (height == width && array->shape.dims[2] != array->shape.dims[3])
    return refuse (error, "its output for a square is none");
  *out = array->shape.dims[2];
  return TRUE;
}

static gint64
common_divisor (gint64 a, gint64 b)
{
  while (b != 0)
    {
      gint64 rest = a % b;

      a = b;
      b = rest;
    }
  return a;
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
        align = align / common_divisor (align, jump) * jump;
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
  gint64 growth = second - first, divisor = common_divisor (growth, net->align);

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

  if (net->fixed_height == 0 || net->fixed_width == 0)
    return refuse (error, "one side of its input is fixed, and the other is not");
  if (!find_result (net, net->fixed_height, net->fixed_width, &out, error)
      || !look_at_field (net, net->fixed_height, net->fixed_width, error))
    return FALSE;
  divisor = common_divisor (out, net->fixed_height);
  net->up = (int) (out / divisor);
  net->down = (int) (net->fixed_height / divisor);
  net->least = (int) MIN (net->fixed_height, net->fixed_width);
  return net->up <= ALIGN_MAX || refuse (error, "its output is no multiple of its input");
}

static gboolean
look_at_sizes (CnTiledNet *net, GError **error)
{
  gint64 first, second;

  if (net->fixed_height > 0 || net->fixed_width > 0)
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
  return g_steal_pointer (&net);
}
