/* input.c: how a picture becomes the input of a network: channels, their order, and what black and
 * white are.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/net/input.h"

#include <math.h>

#include "filters/core/error.h"
#include "filters/core/shape.h"

/* Of ImageNet's pictures, from 0 to 1. */
static const double means[3] = { 0.485, 0.456, 0.406 };
static const double deviations[3] = { 0.229, 0.224, 0.225 };

const double cn_luma[3] = { 0.299, 0.587, 0.114 };

static gboolean
read_number (const CnGraph *graph, const char *key, double *number)
{
  const char *text = cn_graph_metadata (graph, key);
  char *end;

  if (!text || !*text)
    return FALSE;
  *number = g_ascii_strtod (text, &end);
  return *end == '\0' && isfinite (*number) && fabs (*number) <= G_MAXFLOAT;
}

/* What 0 and 1 become. */
static void
set_range (CnInput *input, double low, double high)
{
  for (int c = 0; c < 3; c++)
    {
      input->scale[c] = high - low;
      input->shift[c] = low;
    }
}

static void
set_model_range (CnInput *input, const CnGraph *graph)
{
  const char *text = cn_graph_metadata (graph, "Image.NominalPixelRange");
  double low, high;

  if (read_number (graph, "input-low", &low) && read_number (graph, "input-high", &high)
      && low != high)
    set_range (input, low, high);
  else if (g_strcmp0 (text, "NominalRange_0_255") == 0)
    set_range (input, 0, 255);
  else if (g_strcmp0 (text, "Normalized_1_1") == 0)
    set_range (input, -1, 1);
  else
    set_range (input, 0, 1);
}

static void
choose_range (CnInput *input, const CnGraph *graph, CnRange range)
{
  switch (range)
    {
    case CN_RANGE_MODEL:
      set_model_range (input, graph);
      break;
    case CN_RANGE_UNIT:
      set_range (input, 0, 1);
      break;
    case CN_RANGE_BYTE:
      set_range (input, 0, 255);
      break;
    case CN_RANGE_SIGNED:
      set_range (input, -1, 1);
      break;
    case CN_RANGE_NORMAL:
      for (int c = 0; c < 3; c++)
        {
          input->scale[c] = 1 / deviations[c];
          input->shift[c] = -means[c] / deviations[c];
        }
      break;
    }
}

static void
choose_order (CnInput *input, const CnGraph *graph, CnOrder order)
{
  const char *text = cn_graph_metadata (graph, "Image.BitmapPixelFormat");

  input->bgr =
      order == CN_ORDER_MODEL ? text && g_str_has_prefix (text, "Bgr") : order == CN_ORDER_BGR;
}

static int
read_side (const CnGraph *graph, const char *key)
{
  double number;

  return read_number (graph, key, &number) && number >= 1 && number <= CN_SIZE_MAX ? (int) number
                                                                                   : 0;
}

static gboolean
set_shape (CnInput *input, const CnValue *value)
{
  const gint64 *dims = value->shape.dims;
  int channels;

  if (!value->has_shape || value->type != CN_TYPE_FLOAT || value->shape.rank != 4)
    return FALSE;
  input->channels_last = dims[1] != 1 && dims[1] != 3;
  channels = input->channels_last ? 3 : 1;
  if (dims[channels] != 1 && dims[channels] != 3)
    return FALSE;
  input->channels = (int) dims[channels];
  input->height = MAX (dims[input->channels_last ? 1 : 2], 0);
  input->width = MAX (dims[input->channels_last ? 2 : 3], 0);
  return TRUE;
}

const char *
cn_input_find (const CnGraph *graph, CnRange range, CnOrder order, CnInput *input)
{
  const CnValue *found = NULL;

  for (guint i = 0; i < graph->inputs->len; i++)
    {
      const CnValue *value = cn_graph_value (graph, g_array_index (graph->inputs, int, i));

      if (value->constant)
        continue;
      if (found)
        return cn_translated ("it has more than one input");
      found = value;
    }
  if (!found)
    return cn_translated ("it has no input");
  *input = (CnInput){ .name = found->name };
  if (!set_shape (input, found))
    return cn_translated ("its input is no picture with one or three channels");
  input->trained_height = read_side (graph, "input-height");
  input->trained_width = read_side (graph, "input-width");
  choose_range (input, graph, range);
  choose_order (input, graph, order);
  return NULL;
}

CnShape
cn_input_shape (const CnInput *input, gint64 height, gint64 width)
{
  if (input->channels_last)
    return (CnShape){ .rank = 4, .dims = { 1, height, width, input->channels } };
  return cn_shape_nchw (1, input->channels, height, width);
}

int
cn_input_colour (const CnInput *input, int channels, int plane)
{
  return channels == 3 && input->bgr ? 2 - plane : plane;
}

void
cn_input_fill (const CnInput *input, const float *pixels, gsize count, int colours, int samples,
               float *values)
{
  gsize step = input->channels_last ? (gsize) input->channels : 1;
  gboolean mixes = colours == 3 && input->channels == 1;

  for (int plane = 0; plane < input->channels; plane++)
    {
      int colour = cn_input_colour (input, input->channels, plane);
      double scale = input->scale[colour], shift = input->shift[colour];
      float *to = values + (input->channels_last ? (gsize) plane : plane * count);

      for (gsize i = 0; i < count; i++)
        {
          const float *pixel = pixels + i * samples;
          double value = pixel[colours == 3 ? colour : 0];

          if (mixes)
            value = cn_luma[0] * pixel[0] + cn_luma[1] * pixel[1] + cn_luma[2] * pixel[2];
          to[i * step] = (float) (value * scale + shift);
        }
    }
}

void
cn_input_blame_size (gint64 height, gint64 width, gint64 usual_height, gint64 usual_width,
                     GError **error)
{
  g_autofree char *why = NULL;

  if (!error || !g_error_matches (*error, CN_ERROR, CN_ERROR_SHAPE)
      || (height == usual_height && width == usual_width))
    return;
  why = g_strdup ((*error)->message);
  g_clear_error (error);
  cn_set_error (error, CN_ERROR_SHAPE,
                "A picture of %d×%d pixels does not go through this network, which is made for "
                "%d×%d: scale it to that. (%s)",
                (int) width, (int) height, (int) usual_width, (int) usual_height, why);
}
