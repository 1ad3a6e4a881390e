/* norm.c: normalizations, each by its own choice of elements that share mean and variance.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "filters/core/parallel.h"
#include "filters/net/operators/operators.h"

/* --- BatchNormalization: statistics are given ----------------------------------------------------
 */

/* What has its own statistics: a channel, or (up to opset 8, “spatial” = 0) each element of a
   sample. MXNet wrote “spatial” = 0 with statistics of channels, too. */
static gboolean
is_spatial (const CnStep *step)
{
  const CnShape *x = &step->inputs[0]->shape, *scale = &step->inputs[1]->shape;

  return cn_step_int (step, "spatial", 1) != 0
         || (x->rank > 2 && scale->rank == 1 && scale->dims[0] == x->dims[1]);
}

static gboolean
plan_batch (CnStep *step, GError **error)
{
  const CnShape *x = &step->inputs[0]->shape;
  gsize channels = x->rank < 2         ? 1
                   : is_spatial (step) ? (gsize) x->dims[1]
                                       : cn_shape_product (x, 1, x->rank);

  for (int i = 1; i < 5; i++)
    if (cn_array_elements (step->inputs[i]) != channels)
      {
        g_autofree char *shape = cn_shape_text (&step->inputs[i]->shape);

        return cn_step_fail (step, error,
                             "input %d is %s, and there are %" G_GSIZE_FORMAT " channels", i + 1,
                             shape, channels);
      }
  step->scratch_bytes = 2 * channels * sizeof (float);
  cn_plan_like_input (step, error);
  if (!is_spatial (step))
    step->window = 0;
  return TRUE;
}

static void
batch_affine (const CnStep *step, float *scale, float *shift)
{
  float epsilon = cn_step_float (step, "epsilon", 1e-5f);

  for (gsize c = 0; c < cn_array_elements (step->inputs[1]); c++)
    {
      double s = step->inputs[1]->floats[c] / sqrt ((double) step->inputs[4]->floats[c] + epsilon);

      scale[c] = (float) s;
      shift[c] = (float) (step->inputs[2]->floats[c] - step->inputs[3]->floats[c] * s);
    }
}

gboolean
cn_batch_norm_affine (const CnStep *step, float *scale, float *shift)
{
  if (!is_spatial (step))
    return FALSE;
  for (int i = 1; i < 5; i++)
    if (!step->inputs[i]->data)
      return FALSE;
  batch_affine (step, scale, shift);
  return TRUE;
}

/* Scale and shift with those that were fused into the step, which are for channels. */
static void
fused_affine (const CnStep *step, float *scale, float *shift)
{
  gsize n = cn_array_elements (step->inputs[1]);
  gsize channel = step->scale ? n / (gsize) step->inputs[0]->shape.dims[1] : 1;

  batch_affine (step, scale, shift);
  for (gsize i = 0; i < n && step->scale; i++)
    {
      scale[i] *= step->scale[i / channel];
      shift[i] = shift[i] * step->scale[i / channel] + step->shift[i / channel];
    }
}

/* A sample whose elements each have their own scale and shift. */
static void
batch_sample (gpointer data, gsize sample)
{
  const CnStep *step = data;
  gsize n = cn_array_elements (step->inputs[1]);
  const float *scale = step->scratch, *shift = scale + n;
  const float *from = step->inputs[0]->floats + sample * n;
  float *to = step->outputs[0]->floats + sample * n;

  for (gsize i = 0; i < n; i++)
    to[i] = scale[i] * from[i] + shift[i];
  cn_activation_apply (&step->activation, to, n);
}

/* A channel of a picture. */
static void
batch_plane (gpointer data, gsize plane)
{
  const CnStep *step = data;
  const CnShape *x = &step->inputs[0]->shape;
  gsize channels = cn_array_elements (step->inputs[1]), c = plane % channels;
  gsize n = cn_shape_product (x, MIN (2, x->rank), x->rank);
  const float *scale = step->scratch, *shift = scale + channels;
  const float *from = step->inputs[0]->floats + plane * n;
  float *to = step->outputs[0]->floats + plane * n;

  for (gsize i = 0; i < n; i++)
    to[i] = scale[c] * from[i] + shift[c];
  cn_activation_apply (&step->activation, to, n);
}

static gboolean
run_batch (const CnStep *step, const CnRun *run, GError **error)
{
  const CnShape *x = &step->inputs[0]->shape;

  fused_affine (step, step->scratch, (float *) step->scratch + cn_array_elements (step->inputs[1]));
  if (!is_spatial (step))
    return cn_parallel (cn_shape_product (x, 0, MIN (1, x->rank)), batch_sample, (gpointer) step,
                        run, error);
  return cn_parallel (cn_shape_product (x, 0, MIN (2, x->rank)), batch_plane, (gpointer) step, run,
                      error);
}

/* --- ImageScaler: y = scale · x + bias[c], which older exporters wrote before the first layer
 * -------
 */

static gboolean
plan_scaler (CnStep *step, GError **error)
{
  const CnShape *x = &step->inputs[0]->shape;
  const CnAttribute *bias = cn_node_get (step->node, "bias");

  if (x->rank < 2 || (bias && bias->n != x->dims[1]))
    {
      g_autofree char *text = cn_shape_text (x);

      return cn_step_fail (step, error, "%d numbers are not one for each channel of %s",
                           bias ? bias->n : 0, text);
    }
  return cn_plan_like_input (step, error);
}

static void
scale_plane (gpointer data, gsize plane)
{
  const CnStep *step = data;
  const CnShape *x = &step->inputs[0]->shape;
  const CnAttribute *bias = cn_node_get (step->node, "bias");
  gsize n = cn_shape_product (x, 2, x->rank);
  float scale = cn_step_float (step, "scale", 1);
  float shift = bias ? bias->floats[plane % (gsize) x->dims[1]] : 0;
  const float *from = step->inputs[0]->floats + plane * n;
  float *to = step->outputs[0]->floats + plane * n;

  for (gsize i = 0; i < n; i++)
    to[i] = scale * from[i] + shift;
}

static gboolean
run_scaler (const CnStep *step, const CnRun *run, GError **error)
{
  return cn_parallel (cn_shape_product (&step->inputs[0]->shape, 0, 2), scale_plane,
                      (gpointer) step, run, error);
}

/* --- The others: each block of elements that lie together has its own statistics
 * ------------------ */

/* y = (x − mean) / √(variance + ε) · γ + β over blocks of `n` elements. The parameter of element i
   of block b is number (b % blocks · n + i) / repeat, modulo their count. */
typedef struct
{
  gsize n, blocks, period, repeat, count;
} Blocks;

static gboolean
plan_blocks (CnStep *step, gsize blocks, gsize period, gsize repeat, gsize count, GError **error)
{
  Blocks *b = g_new0 (Blocks, 1);
  gsize total = cn_array_elements (step->inputs[0]);

  step->state = b;
  step->free_state = g_free;
  *b = (Blocks){ blocks ? total / blocks : 0, blocks, period, repeat, count };
  for (int i = 1; i < MIN (step->n_inputs, 3); i++)
    if (step->inputs[i] && cn_array_elements (step->inputs[i]) != count)
      {
        g_autofree char *shape = cn_shape_text (&step->inputs[i]->shape);

        return cn_step_fail (step, error,
                             "input %d is %s, and must have %" G_GSIZE_FORMAT " elements", i + 1,
                             shape, count);
      }
  cn_plan_like_input (step, error);
  step->window = 0;
  return TRUE;
}

/* Over each channel of each picture. */
static gboolean
plan_instance (CnStep *step, GError **error)
{
  const CnShape *x = &step->inputs[0]->shape;
  gsize channels;

  if (x->rank < 3)
    return cn_step_fail (step, error, "an input of %d axes is not supported", x->rank);
  channels = (gsize) x->dims[1];
  return plan_blocks (step, cn_shape_product (x, 0, 2), channels, cn_shape_product (x, 2, x->rank),
                      channels, error);
}

/* Over the channels of a group. Up to opset 20 the parameters are for each group, later for each
   channel. */
static gboolean
plan_group (CnStep *step, GError **error)
{
  const CnShape *x = &step->inputs[0]->shape;
  gint64 groups = cn_step_int (step, "num_groups", 0);
  gsize plane;

  if (x->rank < 3 || groups < 1 || x->dims[1] % groups)
    {
      g_autofree char *shape = cn_shape_text (x);

      return cn_step_fail (step, error, "%s does not divide into %" G_GINT64_FORMAT " groups",
                           shape, groups);
    }
  plane = cn_shape_product (x, 2, x->rank);
  return plan_blocks (step, (gsize) x->dims[0] * groups, (gsize) groups,
                      step->opset < 21 ? plane * (gsize) (x->dims[1] / groups) : plane,
                      step->opset < 21 ? (gsize) groups : (gsize) x->dims[1], error);
}

/* Over all axes from one on. */
static gboolean
plan_layer (CnStep *step, GError **error)
{
  const CnShape *x = &step->inputs[0]->shape;
  gint64 axis = cn_step_int (step, "axis", -1);
  CnShape statistics = *x;
  gsize n;

  if (!cn_step_axis (step, &axis, x->rank, error))
    return FALSE;
  n = cn_shape_product (x, (int) axis, x->rank);
  for (int i = (int) axis; i < x->rank; i++)
    statistics.dims[i] = 1;
  cn_step_output (step, 1, CN_TYPE_FLOAT, &statistics);
  cn_step_output (step, 2, CN_TYPE_FLOAT, &statistics);
  return plan_blocks (step, cn_shape_product (x, 0, (int) axis), 1, 1, n, error);
}

static void
normalize_block (gpointer data, gsize block)
{
  const CnStep *step = data;
  const Blocks *b = step->state;
  const CnArray *gamma = step->inputs[1], *beta = cn_step_input (step, 2);
  float epsilon = cn_step_float (step, "epsilon", 1e-5f);
  const float *from = step->inputs[0]->floats + block * b->n;
  float *to = step->outputs[0]->floats + block * b->n;
  double mean = 0, variance = 0, inverse;

  for (gsize i = 0; i < b->n; i++)
    mean += from[i];
  mean /= b->n;
  for (gsize i = 0; i < b->n; i++)
    variance += (from[i] - mean) * (from[i] - mean);
  inverse = 1 / sqrt (variance / b->n + epsilon);
  for (gsize i = 0; i < b->n; i++)
    {
      gsize p = (block % b->period * b->n + i) / b->repeat % b->count;

      to[i] =
          (float) ((from[i] - mean) * inverse * gamma->floats[p] + (beta ? beta->floats[p] : 0));
    }
  if (step->n_outputs > 1 && step->outputs[1])
    step->outputs[1]->floats[block] = (float) mean;
  if (step->n_outputs > 2 && step->outputs[2])
    step->outputs[2]->floats[block] = (float) inverse;
}

static gboolean
run_blocks (const CnStep *step, const CnRun *run, GError **error)
{
  const Blocks *b = step->state;

  return cn_parallel (b->blocks, normalize_block, (gpointer) step, run, error);
}

/* --- LRN: over neighbouring channels
 * -------------------------------------------------------------- */

/* Elements of a channel at a time: their sums stay in the first-level cache. */
#define RESPONSES 1024

/* Divides by powers of the sums. Roots are exact to a rounding each, and made in vectors. */
static void
divide_by_powers (const float *x, const float *sums, double alpha, double bias, double beta,
                  float *result, gsize n)
{
  if (beta == 0.75)
    for (gsize i = 0; i < n; i++)
      {
        float root = sqrtf ((float) bias + (float) alpha * sums[i]);

        result[i] = x[i] / (root * sqrtf (root));
      }
  else
    for (gsize i = 0; i < n; i++)
      result[i] = (float) (x[i] / pow (bias + alpha * sums[i], beta));
}

static void
respond_plane (gpointer data, gsize plane)
{
  const CnStep *step = data;
  const CnShape *x = &step->inputs[0]->shape;
  gint64 size = CLAMP (cn_step_int (step, "size", 1), 1, G_MAXINT), channels = x->dims[1];
  gint64 c = (gint64) plane % channels;
  gint64 from = MAX (c - (size - 1) / 2, 0), to = MIN (c + size / 2, channels - 1);
  gsize n = cn_shape_product (x, 2, x->rank);
  double alpha = cn_step_float (step, "alpha", 1e-4f) / (double) size;
  double beta = cn_step_float (step, "beta", 0.75f), bias = cn_step_float (step, "bias", 1);
  const float *input = step->inputs[0]->floats + (plane - (gsize) c) * n;
  float *output = step->outputs[0]->floats + plane * n;

  for (gsize start = 0, part; start < n; start += part)
    {
      float sums[RESPONSES] = { 0 };

      part = MIN (RESPONSES, n - start);
      for (gint64 k = from; k <= to; k++)
        {
          const float *samples = input + (gsize) k * n + start;

          for (gsize i = 0; i < part; i++)
            sums[i] += samples[i] * samples[i];
        }
      divide_by_powers (input + (gsize) c * n + start, sums, alpha, bias, beta, output + start,
                        part);
    }
}

static gboolean
plan_response (CnStep *step, GError **error)
{
  if (step->inputs[0]->shape.rank < 2)
    return cn_step_fail (step, error, "there are no channels");
  step->multiply_adds =
      (double) cn_array_elements (step->inputs[0])
      * (double) MIN (MAX (cn_step_int (step, "size", 1), 1), step->inputs[0]->shape.dims[1]);
  return cn_plan_like_input (step, error);
}

static gboolean
run_response (const CnStep *step, const CnRun *run, GError **error)
{
  return cn_parallel (cn_shape_product (&step->inputs[0]->shape, 0, 2), respond_plane,
                      (gpointer) step, run, error);
}

const CnOperator cn_operators_norm[] = {
  { "BatchNormalization", 1, "f f f f f", 1,
    "epsilon:f momentum:f spatial:i is_test:i=1 training_mode:i=0 consumed_inputs:I", plan_batch,
    NULL, run_batch, CN_OPERATOR_IN_PLACE | CN_OPERATOR_FUSES, NULL },
  { "ImageScaler", 1, "f", 1, "bias:F scale:f", plan_scaler, NULL, run_scaler, CN_OPERATOR_IN_PLACE,
    NULL },
  { "InstanceNormalization", 1, "f f f", 1, "epsilon:f consumed_inputs:I", plan_instance, NULL,
    run_blocks, CN_OPERATOR_IN_PLACE, NULL },
  { "GroupNormalization", 18, "f f f", 1, "epsilon:f num_groups:i stash_type:i", plan_group, NULL,
    run_blocks, CN_OPERATOR_IN_PLACE, NULL },
  { "LayerNormalization", 17, "f f f?", 3, "axis:i epsilon:f stash_type:i", plan_layer, NULL,
    run_blocks, 0, NULL },
  { "LRN", 1, "f", 1, "alpha:f beta:f bias:f size:i", plan_response, NULL, run_response, 0, NULL },
  { 0 },
};
