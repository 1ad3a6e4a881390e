/* classify-heat.c: the activation map of a class, from the last maps of the network.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "filters/core/error.h"
#include "filters/net/classify-private.h"
#include "filters/net/plan-private.h"

/* The last maps that a network has made of a picture. */
typedef struct
{
  int value; /* that they are */
  CnShape shape;
  float *values;
} Maps;

static void
maps_clear (Maps *maps)
{
  g_free (maps->values);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Maps, maps_clear)

static gsize
pixels_of (const Maps *maps)
{
  return cn_shape_product (&maps->shape, 2, 4);
}

/* The network from the maps on; the plan that only finds shapes, or the one that runs. */
static CnPlan *
plan_rest (const CnClassifier *classifier, int value, const CnShape *shape, gboolean runs,
           GError **error)
{
  const CnPlanInput input = { .name = cn_graph_value (classifier->graph, value)->name,
                              .type = CN_TYPE_FLOAT,
                              .shape = *shape };
  const char *const outputs[] = { cn_graph_value (classifier->graph, classifier->score)->name,
                                  NULL };
  const CnPlanOptions options = { .inputs = &input,
                                  .n_inputs = 1,
                                  .outputs = outputs,
                                  .memory_max = classifier->options.memory_max };

  return runs ? cn_plan_new (classifier->graph, &options, error)
              : cn_plan_shapes (classifier->graph, &options, NULL, error);
}

static gboolean
is_maps (const CnArray *array)
{
  const CnShape *shape = &array->shape;

  return array->type == CN_TYPE_FLOAT && shape->rank == 4 && shape->dims[0] == 1
         && cn_shape_elements (shape) > 0;
}

static gboolean
lacks_maps (GError **error)
{
  cn_set_error (error, CN_ERROR_UNSUPPORTED,
                "The network makes no maps of the picture, from which it could be seen what spoke "
                "for a class");
  return FALSE;
}

/* Whether a step makes maps of a picture, which are all that the network goes on with. */
static gboolean
makes_maps (const CnClassifier *classifier, const CnPlan *plan, const CnStep *step)
{
  const CnArray *output = step->outputs[0];
  int value = cn_step_output_index (plan, step, 0);
  g_autoptr (CnPlan) rest = NULL;

  if (step->op->flags & CN_OPERATOR_VIEW || g_str_equal (step->op->name, "Transpose")
      || value >= (int) classifier->graph->values->len || !is_maps (output)
      || cn_shape_product (&output->shape, 2, 4) == 1)
    return FALSE;
  rest = plan_rest (classifier, value, &output->shape, FALSE, NULL);
  return rest && cn_plan_inputs (rest) == 1;
}

/* The last value that is maps, for a picture of that size; −1: there is none. */
static int
find_maps (const CnClassifier *classifier, int height, int width, GError **error)
{
  const CnPlanInput input = { .name = classifier->input.name,
                              .shape = cn_input_shape (&classifier->input, height, width) };
  const char *const outputs[] = { cn_graph_value (classifier->graph, classifier->score)->name,
                                  NULL };
  const CnPlanOptions options = { .inputs = &input,
                                  .n_inputs = 1,
                                  .outputs = outputs,
                                  .memory_max = classifier->options.memory_max };
  g_autoptr (CnPlan) plan = cn_plan_shapes (classifier->graph, &options, NULL, error);

  if (!plan)
    return -1;
  for (guint i = plan->steps->len; i > 0; i--)
    if (makes_maps (classifier, plan, plan->steps->pdata[i - 1]))
      return cn_step_output_index (plan, plan->steps->pdata[i - 1], 0);
  lacks_maps (error);
  return -1;
}

/* Runs the network up to the maps, and keeps them. */
static gboolean
make_maps (const CnClassifier *classifier, const CnSource *source, Maps *maps, const CnRun *run,
           GError **error)
{
  const CnRect all = { 0, 0, source->width, source->height };
  const int outputs[] = { maps->value, -1 };
  g_autoptr (CnPlan) plan =
      cn_classifier_plan (classifier, source->height, source->width, outputs, error);
  const CnArray *output;

  if (!plan || !cn_classifier_fill (classifier, plan, source, &all, error)
      || !cn_plan_run (plan, run, error))
    return FALSE;
  output = cn_plan_output (plan, 0);
  if (!is_maps (output))
    return lacks_maps (error);
  maps->shape = output->shape;
  maps->values = g_try_malloc (cn_array_bytes (output));
  if (!maps->values)
    {
      cn_set_error (error, CN_ERROR_MEMORY, "Not enough memory for maps of %zu MiB",
                    cn_array_bytes (output) >> 20);
      return FALSE;
    }
  memcpy (maps->values, output->data, cn_array_bytes (output));
  return TRUE;
}

/* The score of the class with map `without` set to 0; −1: with all. */
static gboolean
score_without (CnPlan *plan, const Maps *maps, int without, int index, double *score,
               const CnRun *run, GError **error)
{
  const CnArray *input = cn_plan_input (plan, 0);
  gsize pixels = pixels_of (maps);

  memcpy (input->data, maps->values, cn_array_bytes (input));
  if (without >= 0)
    memset (input->floats + without * pixels, 0, pixels * sizeof (float));
  if (!cn_plan_run (plan, run, error))
    return FALSE;
  *score = cn_plan_output (plan, 0)->floats[index];
  return TRUE;
}

/* What the score loses without each map. */
static gboolean
weigh_by_ablation (const CnClassifier *classifier, const Maps *maps, int index, double *weights,
                   const CnRun *run, GError **error)
{
  g_autoptr (CnPlan) plan = plan_rest (classifier, maps->value, &maps->shape, TRUE, error);
  CnRunPart part = { .whole = run, .n = (int) maps->shape.dims[1] };
  double all;

  if (!plan
      || !score_without (plan, maps, -1, index, &all, &(CnRun){ .cancel = run->cancel }, error))
    return FALSE;
  for (; part.index < part.n; part.index++)
    {
      CnRun one = cn_run_part (&part);
      double score;

      if (!score_without (plan, maps, part.index, index, &score, &one, error))
        return FALSE;
      weights[part.index] = all - score;
    }
  return TRUE;
}

static void
weigh_by_tail (const CnClassifierTail *tail, int channels, int index, double *weights)
{
  for (int k = 0; k < channels; k++)
    weights[k] = tail->weights ? (double) tail->factor
                                     * tail->weights[index * tail->by_class + k * tail->by_map]
                               : k == index;
}

/* Σ weights[k] · A[k] */
static double *
join_maps (const Maps *maps, const double *weights)
{
  gsize pixels = pixels_of (maps);
  double *joined = g_new0 (double, pixels);

  for (gsize i = 0; i < pixels; i++)
    for (int k = 0; k < maps->shape.dims[1]; k++)
      joined[i] += weights[k] * maps->values[k * pixels + i];
  return joined;
}

/* What is positive, by the largest. */
static float *
heat_of (const double *joined, gsize pixels)
{
  float *heat = g_new (float, pixels);
  double largest = 0;

  for (gsize i = 0; i < pixels; i++)
    {
      heat[i] = (float) CLAMP (MAX (joined[i], 0), 0, G_MAXFLOAT); /* NaN is nothing, too */
      largest = MAX (largest, heat[i]);
    }
  for (gsize i = 0; i < pixels && largest > 0; i++)
    heat[i] = (float) (heat[i] / largest);
  return heat;
}

/* Of a large picture, by a network that ends in a global average pool. */
static float *
activation_by_tiles (CnClassifierTiles *tiles, const CnClassifierTail *tail, const CnSource *source,
                     int index, int *height, int *width, const CnRun *run, GError **error)
{
  g_autofree double *weights = NULL, *joined = NULL;
  int channels;

  cn_classifier_tiles_size (tiles, &channels, height, width);
  weights = g_new (double, channels);
  weigh_by_tail (tail, channels, index, weights);
  joined = cn_classifier_tiles_join (tiles, source, weights, run, error);
  return joined ? heat_of (joined, (gsize) *height * *width) : NULL;
}

float *
cn_classifier_activation (CnClassifier *classifier, const CnSource *source, int index, int *height,
                          int *width, const CnRun *run, GError **error)
{
  CnClassifierTail tail = cn_classifier_tail (classifier);
  g_auto (Maps) maps = { .value = tail.maps };
  g_autofree double *weights = NULL, *joined = NULL;
  CnRunPart part = { .whole = run, .n = 2 };
  CnRun one = cn_run_part (&part);
  g_autoptr (CnClassifierTiles) tiles =
      tail.maps >= 0 ? cn_classifier_tiles_new (classifier, source->height, source->width) : NULL;

  if (tiles)
    return activation_by_tiles (tiles, &tail, source, index, height, width, run, error);
  if (maps.value < 0)
    maps.value = find_maps (classifier, source->height, source->width, error);
  if (maps.value < 0 || !make_maps (classifier, source, &maps, &one, error))
    return NULL;
  part.index = 1;
  weights = g_new (double, maps.shape.dims[1]);
  if (tail.maps >= 0)
    weigh_by_tail (&tail, (int) maps.shape.dims[1], index, weights);
  else if (!weigh_by_ablation (classifier, &maps, index, weights, &one, error))
    return NULL;
  *height = (int) maps.shape.dims[2];
  *width = (int) maps.shape.dims[3];
  joined = join_maps (&maps, weights);
  return heat_of (joined, pixels_of (&maps));
}
