/* judge.c: a network's file judged by pictures, as anyone would run it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/train/judge.h"

#include "filters/core/error.h"
#include "filters/net/plan.h"

/* Pictures in a run. */
#define BATCH 100

static float
number_of (const CnGraph *graph, const char *key, float otherwise)
{
  const char *text = cn_graph_metadata (graph, key);

  return text ? (float) g_ascii_strtod (text, NULL) : otherwise;
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
  float low = number_of (graph, "input-low", 0), high = number_of (graph, "input-high", 1);
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
