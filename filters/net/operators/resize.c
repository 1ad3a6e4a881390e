/* resize.c: Resize and Upsample: along each axis by itself, a sum of few elements with weights.
 *
 * Where an element of the result lies in the input is what coordinate_transformation_mode says;
 * resize-taps.c turns that into places and weights once, when planning.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "filters/core/parallel.h"
#include "filters/net/operators/resize.h"

static void
resize_free (gpointer data)
{
  CnResize *resize = data;

  for (int i = 0; i < resize->n; i++)
    cn_taps_clear (&resize->axes[i].taps);
  g_free (resize);
}

/* Numbers that are an input or an attribute, one for each axis that is resized. */
static gboolean
read_numbers (const CnStep *step, const char *name, int input, int n, double *numbers,
              gboolean *given, GError **error)
{
  const CnAttribute *attribute = cn_node_get (step->node, name);
  const CnArray *array = input < 0 ? NULL : cn_step_input (step, input);
  gsize count = attribute ? (gsize) attribute->n : array ? cn_array_elements (array) : 0;

  *given = count > 0;
  if (!*given)
    return TRUE;
  if (array && !attribute && !array->data)
    return cn_step_depends (step, name, error);
  if (count != (gsize) n)
    return cn_step_fail (step, error, "“%s” has %" G_GSIZE_FORMAT " numbers, and must have %d",
                         name, count, n);
  for (int i = 0; i < n; i++)
    numbers[i] = attribute ? (double) attribute->floats[i] : cn_array_get (array, (gsize) i);
  return TRUE;
}

/* The axes that scales and sizes are for. */
static gboolean
read_axes (const CnStep *step, int rank, int *n, gint64 *axes, GError **error)
{
  const CnAttribute *attribute = cn_node_get (step->node, "axes");

  *n = attribute ? attribute->n : rank;
  if (*n > rank)
    return cn_step_fail (step, error, "there are more axes than %d", rank);
  for (int i = 0; i < *n; i++)
    {
      axes[i] = attribute ? attribute->ints[i] : i;
      if (!cn_step_axis (step, &axes[i], rank, error))
        return FALSE;
    }
  return TRUE;
}

/* From sizes to scales, or the other way round: in float32, as ONNX's own inference of shapes does,
   so that a scale that a network computes as 5 / 3 makes 5 of 3. */
static gboolean
fit_sizes (const CnStep *step, int n, const gint64 *axes, double *scales, double *sizes,
           gboolean sized, GError **error)
{
  const char *policy = cn_step_string (step, "keep_aspect_ratio_policy", "stretch");
  const gint64 *dims = step->inputs[0]->shape.dims;
  double common = strcmp (policy, "not_larger") == 0 ? INFINITY : 0;

  for (int i = 0; i < n; i++)
    {
      double in = (double) dims[axes[i]];

      if (sized)
        scales[i] = in > 0 ? sizes[i] / in : 1;
      else
        sizes[i] = floorf ((float) in * (float) scales[i]);
      if (in == 0 && sizes[i] == 0) /* a batch of what was not found */
        {
          scales[i] = 1;
          continue;
        }
      if (!(scales[i] > 0) || isinf (scales[i]) || !(sizes[i] >= 1) || sizes[i] > CN_SIZE_MAX)
        return cn_step_fail (step, error, "a size of %g, scaled by %g, is impossible along axis %d",
                             in, scales[i], (int) axes[i]);
      common =
          strcmp (policy, "not_larger") == 0 ? fmin (common, scales[i]) : fmax (common, scales[i]);
    }
  for (int i = 0; i < n && sized && strcmp (policy, "stretch") != 0; i++)
    {
      scales[i] = common;
      sizes[i] = floor (common * (double) dims[axes[i]] + 0.5);
      if (sizes[i] < 1 || sizes[i] > CN_SIZE_MAX)
        return cn_step_fail (step, error, "a size of %g is impossible", sizes[i]);
    }
  return TRUE;
}

/* What the attributes say; before opset 11 there was one way only. */
static void
read_style (const CnStep *step, CnResizeStyle *style)
{
  gboolean old = step->op->name[0] == 'U' || step->opset < 11;

  *style = (CnResizeStyle){
    .mode = cn_step_string (step, "mode", "nearest"),
    .coordinates =
        old ? "asymmetric" : cn_step_string (step, "coordinate_transformation_mode", "half_pixel"),
    .nearest = old ? "" : cn_step_string (step, "nearest_mode", "round_prefer_floor"),
    .cubic_a = cn_step_float (step, "cubic_coeff_a", -0.75f),
    .exclude_outside = cn_step_int (step, "exclude_outside", 0) != 0,
    .antialias = cn_step_int (step, "antialias", 0) != 0,
  };
}

static gboolean
plan_resize (CnStep *step, GError **error)
{
  const CnShape *input = &step->inputs[0]->shape;
  gboolean old = step->op->name[0] == 'U' || step->opset < 11, sized = FALSE, scaled, roi_given;
  double scales[CN_RANK_MAX], sizes[CN_RANK_MAX], roi[2 * CN_RANK_MAX] = { 0 };
  gint64 axes[CN_RANK_MAX];
  CnShape shape = *input;
  gsize floats = cn_shape_elements (input);
  CnResizeStyle style;
  CnResize *resize = g_new0 (CnResize, 1);
  int n;

  step->state = resize;
  step->free_state = resize_free;
  read_style (step, &style);
  if (!read_axes (step, input->rank, &n, axes, error)
      || !read_numbers (step, "scales", old ? 1 : 2, n, scales, &scaled, error)
      || (!scaled && !old && !read_numbers (step, "sizes", 3, n, sizes, &sized, error))
      || (strcmp (style.coordinates, "tf_crop_and_resize") == 0
          && !read_numbers (step, "roi", 1, 2 * n, roi, &roi_given, error)))
    return FALSE;
  if (!scaled && !sized)
    return cn_step_fail (step, error, "it has neither scales nor sizes");
  if (!fit_sizes (step, n, axes, scales, sizes, sized, error))
    return FALSE;
  for (int i = 0; i < n; i++)
    {
      CnResizeAxis *axis = &resize->axes[resize->n];

      style.roi_start = roi[i];
      style.roi_end = roi[i + n];
      shape.dims[axes[i]] = (gint64) sizes[i];
      if (input->dims[axes[i]] == (gint64) sizes[i] && scales[i] == 1
          && strcmp (style.coordinates, "tf_crop_and_resize") != 0)
        continue;
      if (!cn_array_check (CN_TYPE_FLOAT, &shape, error))
        return FALSE;
      floats = MAX (floats, cn_shape_elements (&shape));
      axis->axis = (int) axes[i];
      axis->in = (gsize) input->dims[axes[i]];
      axis->out = (gsize) sizes[i];
      if (!cn_taps_init (&axis->taps, &style, axis->in, axis->out, scales[i]))
        return cn_step_fail (step, error, "not enough memory to resize axis %d", axis->axis);
      resize->n++;
      step->window = MAX (step->window, axis->taps.n);
      step->stride = 1 / scales[i];
    }
  cn_step_output (step, 0, CN_TYPE_FLOAT, &shape);
  step->scratch_bytes = resize->n > 1 ? 2 * floats * sizeof (float) : 0;
  return TRUE;
}

/* One axis: `inner` elements lie beside each other for each place along it. */
typedef struct
{
  const CnResizeAxis *axis;
  const float *from;
  float *to;
  gsize inner;
} Pass;

static void
resize_outer (gpointer data, gsize outer)
{
  const Pass *pass = data;
  const CnResizeAxis *axis = pass->axis;
  const CnTaps *taps = &axis->taps;
  const float *from = pass->from + outer * axis->in * pass->inner;
  float *to = pass->to + outer * axis->out * pass->inner;

  for (gsize o = 0; o < axis->out; o++, to += pass->inner)
    for (gsize i = 0; i < pass->inner; i++)
      {
        float sum = 0;

        for (int t = 0; t < taps->n; t++)
          sum += taps->weights[o * taps->n + t]
                 * from[(gsize) taps->places[o * taps->n + t] * pass->inner + i];
        to[i] = sum;
      }
}

/* Overwrites what lies outside of the input along the axis. */
static void
extrapolate (const CnStep *step, const CnResizeAxis *axis, float value)
{
  const CnShape *shape = &step->outputs[0]->shape;
  gsize inner = cn_shape_product (shape, axis->axis + 1, shape->rank);

  for (gsize i = 0; i < cn_array_elements (step->outputs[0]); i++)
    if (axis->taps.outside[i / inner % axis->out])
      step->outputs[0]->floats[i] = value;
}

static gboolean
run_resize (const CnStep *step, const CnRun *run, GError **error)
{
  const CnResize *resize = step->state;
  CnShape shape = step->inputs[0]->shape;
  float *scratch = step->scratch;
  Pass pass = { .from = step->inputs[0]->floats };
  gsize half = step->scratch_bytes / (2 * sizeof (float));

  if (resize->n == 0)
    memcpy (step->outputs[0]->data, step->inputs[0]->data, cn_array_bytes (step->outputs[0]));
  for (int i = 0; i < resize->n; i++)
    {
      pass.axis = &resize->axes[i];
      pass.to = i + 1 == resize->n ? step->outputs[0]->floats : scratch + i % 2 * half;
      pass.inner = cn_shape_product (&shape, pass.axis->axis + 1, shape.rank);
      if (!cn_parallel (cn_shape_product (&shape, 0, pass.axis->axis), resize_outer, &pass, run,
                        error))
        return FALSE;
      shape.dims[pass.axis->axis] = (gint64) pass.axis->out;
      pass.from = pass.to;
    }
  for (int i = 0; i < resize->n; i++)
    if (resize->axes[i].taps.any_outside)
      extrapolate (step, &resize->axes[i], cn_step_float (step, "extrapolation_value", 0));
  return TRUE;
}

const CnOperator cn_operators_resize[] = {
  { "Upsample", 7, "f f?", 1, "mode:s=nearest|linear scales:F", plan_resize, NULL, run_resize, 0,
    NULL },
  { "Resize", 10, "f f", 1, "mode:s=nearest|linear", plan_resize, NULL, run_resize, 0, NULL },
  { "Resize", 11, "f f? f? i?", 1,
    "antialias:i axes:I coordinate_transformation_mode:s=half_pixel|half_pixel_symmetric|"
    "pytorch_half_pixel|align_corners|asymmetric|tf_half_pixel_for_nn|tf_crop_and_resize "
    "cubic_coeff_a:f exclude_outside:i extrapolation_value:f "
    "keep_aspect_ratio_policy:s=stretch|not_larger|not_smaller mode:s=nearest|linear|cubic "
    "nearest_mode:s=round_prefer_floor|round_prefer_ceil|floor|ceil",
    plan_resize, NULL, run_resize, 0, NULL },
  { 0 },
};
