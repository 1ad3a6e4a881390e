/* judge.c: a network's file judged by pictures, as anyone would run it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/train/judge.h"

#include <math.h>

#include "filters/core/error.h"
#include "filters/net/plan.h"
#include "filters/net/tiled.h"

/* Pictures in a run. */
#define BATCH 100

double
cn_judge_number (const CnGraph *graph, const char *key, double otherwise)
{
  const char *text = cn_graph_metadata (graph, key);

  return text ? g_ascii_strtod (text, NULL) : otherwise;
}

/* Pictures from `first` on, planar; those behind the last one stay what they are. */
static void
fill (const CnDataSet *data, gsize first, float low, float high, float *to)
{
  gsize plane = (gsize) data->height * data->width, size = plane * data->channels;
  float step = (high - low) / 255;

  for (gsize n = first; n < MIN (first + BATCH, data->n); n++, to += size)
    for (int c = 0; c < data->channels; c++)
      for (gsize i = 0; i < plane; i++)
        to[c * plane + i] = low + step * data->pixels[n * size + i * data->channels + c];
}

static gsize
largest (const float *numbers, gsize n)
{
  gsize best = 0;

  for (gsize i = 1; i < n; i++)
    if (numbers[i] > numbers[best])
      best = i;
  return best;
}

gboolean
cn_judge_classes (const CnGraph *graph, const CnDataSet *data, gsize *right, const CnRun *run,
                  GError **error)
{
  gsize classes = g_strv_length (data->classes);
  float low = (float) cn_judge_number (graph, "input-low", 0);
  float high = (float) cn_judge_number (graph, "input-high", 1);
  g_autoptr (CnPlan) plan = NULL;
  CnPlanInput input = { .shape = cn_shape_nchw (BATCH, data->channels, data->height, data->width) };
  const CnArray *output;

  *right = 0;
  if (graph->inputs->len != 1 || graph->outputs->len != 1)
    {
      cn_set_error (error, CN_ERROR_SHAPE,
                    "A network with one input and one output is wanted, this one has %u and %u",
                    graph->inputs->len, graph->outputs->len);
      return FALSE;
    }
  input.name = cn_graph_value (graph, g_array_index (graph->inputs, int, 0))->name;
  plan = cn_plan_new (graph, &(CnPlanOptions){ .inputs = &input, .n_inputs = 1 }, error);
  if (!plan)
    return FALSE;
  output = cn_plan_output (plan, 0);
  if (cn_array_elements (output) != BATCH * classes || output->type != CN_TYPE_FLOAT)
    {
      g_autofree char *text = cn_shape_text (&output->shape);

      cn_set_error (error, CN_ERROR_SHAPE,
                    "The network answers with %s for %d pictures of %d classes", text, BATCH,
                    (int) classes);
      return FALSE;
    }
  for (gsize first = 0; first < data->n; first += BATCH)
    {
      fill (data, first, low, high, cn_plan_input (plan, 0)->floats);
      if (!cn_plan_run (plan, run, error))
        return FALSE;
      for (gsize i = 0; i < MIN (BATCH, data->n - first); i++)
        *right += largest (output->floats + i * classes, classes) == data->labels[first + i];
    }
  return TRUE;
}

/* 10·log₁₀ (255² / mean d²) of pixels of 8 bits, without `border` of them on each side. `pixels`
   are rounded. */
static double
ratio (const guint8 *wanted, const float *pixels, double range, int width, int height, int border)
{
  double squares = 0, n = (double) (width - 2 * border) * (height - 2 * border);

  for (int y = border; y < height - border; y++)
    for (int x = border; x < width - border; x++)
      {
        gsize i = (gsize) y * width + x;
        double value = floor (CLAMP (pixels[i] * range, 0, 255) + 0.5) - wanted[i];

        squares += value * value;
      }
  return 10 * log10 (255 * 255 * n / squares);
}

/* The small picture through the network, into 0 … 1. */
static float *
upscale (const CnGraph *graph, const CnPhotographPair *pair, const CnRun *run, GError **error)
{
  const CnTiledOptions options = { .colours = 1 };
  g_autoptr (CnTiledNet) net = cn_tiled_net_new (graph, &options, error);
  gsize n = (gsize) pair->width * pair->height;
  g_autofree float *small = g_new (float, n), *large = NULL;
  CnSource source = { .width = pair->width, .height = pair->height };
  CnSink sink = { 0 };
  int width, height;

  if (!net || !cn_tiled_net_size (net, pair->height, pair->width, &height, &width, error))
    return NULL;
  if (width != pair->width * pair->scale || height != pair->height * pair->scale
      || cn_tiled_net_channels (net) != 1)
    {
      cn_set_error (error, CN_ERROR_SHAPE,
                    "The network makes %d×%d pixels of %d×%d, and is said to make %d times as many",
                    width, height, pair->width, pair->height, pair->scale);
      return NULL;
    }
  for (gsize i = 0; i < n; i++)
    small[i] = (float) pair->small[i] / 255;
  large = g_new (float, (gsize) width *height);
  source.memory = cn_view_packed (small, 1, 1, pair->height, pair->width);
  sink.memory = cn_view_packed (large, 1, 1, height, width);
  return cn_tiled_net_run (net, &source, &sink, NULL, run, error) ? g_steal_pointer (&large) : NULL;
}

/* The same by cubic interpolation, in 0 … 255. */
static float *
interpolate (const CnPhotographPair *pair, GError **error)
{
  gsize n = (gsize) pair->width * pair->height;
  g_autofree float *small = g_new (float, n);

  for (gsize i = 0; i < n; i++)
    small[i] = pair->small[i];
  return cn_cubic_resize (&(CnPlane){ pair->width, pair->height, small }, pair->width * pair->scale,
                          pair->height * pair->scale, error)
      .pixels;
}

gboolean
cn_judge_upscaler (const CnGraph *graph, const CnPhotograph *photograph, double *network,
                   double *cubic, const CnRun *run, GError **error)
{
  int scale = (int) cn_judge_number (graph, "scale", 0), width, height;
  g_autofree float *by_network = NULL, *by_cubic = NULL;
  CnPhotographPair pair;

  if (!cn_in_range (scale, 1, 64, "scale", error)
      || !cn_photograph_pair (photograph, scale, 219.0 / 255, 16, &pair, error))
    return FALSE;
  width = pair.width * scale;
  height = pair.height * scale;
  if (pair.width < 3 || pair.height < 3)
    cn_set_error (error, CN_ERROR_SHAPE, "“%s”: nothing is left of %d×%d pixels without a border",
                  photograph->name, width, height);
  else
    by_network = upscale (graph, &pair, run, error);
  by_cubic = by_network ? interpolate (&pair, error) : NULL;
  if (by_cubic)
    {
      *network = ratio (pair.large, by_network, 255, width, height, scale);
      *cubic = ratio (pair.large, by_cubic, 1, width, height, scale);
    }
  cn_photograph_pair_clear (&pair);
  return by_cubic != NULL;
}
