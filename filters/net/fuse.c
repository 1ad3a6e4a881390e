/* fuse.c: joins steps: scales, shifts, sums and activations become part of the convolution before
 * them, or of the normalization.
 *
 * BatchNormalization, and Mul, Div, Add or Sub by a constant for each channel, are all
 * y → scale[c]·y + shift[c]. After a convolution that is another convolution; so is an activation
 * after it, for the operator applies one itself, and the sum of a residual block, which is added to
 * where it lies. A BatchNormalization before the convolution takes
 * in what follows likewise.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "filters/net/operators/operators.h"
#include "filters/net/plan-private.h"

/* Whether `constant` has one value, or one for each of the channels, beside an array of `shape`. */
static gboolean
is_per_channel (const CnArray *constant, const CnShape *shape)
{
  gsize elements = cn_array_elements (constant);
  int lacking = shape->rank - constant->shape.rank;

  if (!constant->data || constant->type != CN_TYPE_FLOAT || lacking < 0 || shape->rank < 2)
    return FALSE;
  return elements == 1
         || (lacking <= 1 && constant->shape.dims[1 - lacking] == shape->dims[1]
             && elements == (gsize) shape->dims[1]);
}

static float
channel_value (const CnArray *constant, gsize c)
{
  return constant->floats[cn_array_elements (constant) == 1 ? 0 : c];
}

/* Finds scale and shift of each channel for a step that is nothing else; `input` is what it is
   applied to. */
static gboolean
find_affine (const CnStep *step, const CnArray *input, float *scale, float *shift)
{
  const char *name = step->op->name;
  gsize channels = input->shape.rank < 2 ? 0 : (gsize) input->shape.dims[1];
  const CnArray *other;
  gboolean first = step->inputs[0] == input;

  if (strcmp (name, "BatchNormalization") == 0)
    return first && cn_batch_norm_affine (step, scale, shift);
  if (step->n_inputs != 2 || !cn_shape_equal (&step->outputs[0]->shape, &input->shape))
    return FALSE;
  other = step->inputs[first ? 1 : 0];
  if (!other || !is_per_channel (other, &input->shape))
    return FALSE;
  for (gsize c = 0; c < channels; c++)
    {
      float value = channel_value (other, c);

      scale[c] = 1;
      shift[c] = 0;
      if (strcmp (name, "Add") == 0)
        shift[c] = value;
      else if (strcmp (name, "Sub") == 0)
        {
          scale[c] = first ? 1 : -1;
          shift[c] = first ? -value : value;
        }
      else if (strcmp (name, "Mul") == 0)
        scale[c] = value;
      else if (strcmp (name, "Div") == 0 && first)
        scale[c] = 1 / value;
      else
        return FALSE;
    }
  return TRUE;
}

/* What `next` adds to the step's result and does no more, if it is an array like that. */
static const CnArray *
find_addend (const CnStep *step, const CnStep *next)
{
  const CnArray *result = step->outputs[0], *other;

  if ((strcmp (next->op->name, "Add") != 0 && strcmp (next->op->name, "Sum") != 0)
      || next->n_inputs != 2)
    return NULL;
  other = next->inputs[next->inputs[0] == result ? 1 : 0];
  return !other->data && other->type == CN_TYPE_FLOAT
                 && cn_shape_equal (&other->shape, &result->shape)
             ? other
             : NULL;
}

/* Takes `next` into `step`, if that can be. `made`: for each value, by which step it is, counted
   from 0; −1 if it is given. */
static gboolean
absorb (const CnPlan *plan, CnStep *step, const CnStep *next, const int *made)
{
  const CnArray *addend = find_addend (step, next);
  gsize channels = (gsize) step->outputs[0]->shape.dims[1];
  g_autofree float *scale = NULL, *shift = NULL;
  CnActivation activation;

  if (step->activation.kind != CN_ACTIVATION_IDENTITY)
    return FALSE;
  if (next->inputs[0] == step->outputs[0] && cn_step_activation (next, &activation))
    {
      step->activation = activation;
      return TRUE;
    }
  if (step->addend)
    return FALSE;
  if (addend)
    {
      if (made[addend - plan->arrays] >= made[step->outputs[0] - plan->arrays]
          || !cn_conv_can_add (step))
        return FALSE;
      step->addend = addend;
      return TRUE;
    }
  scale = g_new (float, channels);
  shift = g_new (float, channels);
  if (!find_affine (next, step->outputs[0], scale, shift))
    return FALSE;
  if (!step->scale)
    {
      step->scale = g_steal_pointer (&scale);
      step->shift = g_steal_pointer (&shift);
      return TRUE;
    }
  for (gsize c = 0; c < channels; c++)
    {
      step->scale[c] *= scale[c];
      step->shift[c] = step->shift[c] * scale[c] + shift[c];
    }
  return TRUE;
}

/* Whether weights and bias are constant, so that scales can be multiplied into them. */
static gboolean
can_fuse (const CnStep *step)
{
  if (!(step->op->flags & CN_OPERATOR_FUSES) || step->outputs[0]->shape.rank < 2)
    return FALSE;
  for (int i = 1; i < step->n_inputs; i++)
    if (step->inputs[i] && !step->inputs[i]->data)
      return FALSE;
  return TRUE;
}

/* Outputs that nobody reads, as a Dropout's mask is, need not be made. */
static void
leave_out_unused (const CnPlan *plan, const CnStep *step, const int *uses)
{
  for (int i = 1; i < step->n_outputs; i++)
    {
      int value = step->outputs[i] ? cn_step_output_index (plan, step, i) : -1;

      if (value >= 0 && uses[value] == 0 && !plan->wanted[value])
        step->outputs[i] = NULL;
    }
}

void
cn_plan_fuse (CnPlan *plan)
{
  guint n_values = plan->n_arrays, kept = 0;
  g_autofree int *uses = g_new0 (int, n_values + 1);
  g_autofree int *made = g_new (int, n_values + 1);            /* by which step */
  g_autofree CnStep **maker = g_new0 (CnStep *, n_values + 1); /* a step that fuses what follows */

  for (guint i = 0; i < n_values; i++)
    made[i] = -1;
  for (guint i = 0; i < plan->steps->len; i++)
    {
      CnStep *step = g_ptr_array_index (plan->steps, i);

      for (int k = 0; k < step->n_inputs; k++)
        if (step->inputs[k])
          uses[step->inputs[k] - plan->arrays]++;
    }
  for (guint i = 0; i < plan->steps->len; i++)
    {
      CnStep *step = g_ptr_array_index (plan->steps, i), *before = NULL;

      for (int k = 0; k < step->n_inputs && !before; k++)
        {
          int value = step->inputs[k] ? (int) (step->inputs[k] - plan->arrays) : -1;

          if (value >= 0 && uses[value] == 1 && !plan->wanted[value] && maker[value]
              && absorb (plan, maker[value], step, made))
            before = maker[value];
        }
      if (before)
        {
          int value = cn_step_output_index (plan, step, 0);

          made[value] = made[cn_step_output_index (plan, before, 0)];
          maker[value] = before;
          before->outputs[0] = step->outputs[0];
          cn_step_free (step);
          continue;
        }
      leave_out_unused (plan, step, uses);
      for (int k = 0; k < step->n_outputs; k++)
        if (step->outputs[k])
          made[cn_step_output_index (plan, step, k)] = (int) kept;
      if (can_fuse (step))
        maker[cn_step_output_index (plan, step, 0)] = step;
      plan->steps->pdata[kept++] = step;
    }
  /* What is beyond has moved forward or was freed. */
  while (plan->steps->len > kept)
    g_ptr_array_steal_index (plan->steps, plan->steps->len - 1);
}
