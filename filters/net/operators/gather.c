/* gather.c: operators that take or put elements at places which other arrays name.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/net/operators/operators.h"

/* An index, counted from the end if it is negative; FALSE with an error outside of the axis. */
static gboolean
find_index (const CnStep *step, gint64 index, gint64 n, gsize *place, GError **error)
{
  *place = 0;
  if (index < -n || index >= n)
    return cn_step_fail (
        step, error, "the index %" G_GINT64_FORMAT " is outside of an axis of %" G_GINT64_FORMAT,
        index, n);
  *place = (gsize) (index < 0 ? index + n : index);
  return TRUE;
}

/* --- Gather: slices along an axis
 * ----------------------------------------------------------------- */

static gboolean
plan_gather (CnStep *step, GError **error)
{
  const CnShape *data = &step->inputs[0]->shape, *indices = &step->inputs[1]->shape;
  gint64 axis = cn_step_int (step, "axis", 0);
  CnShape shape = { 0 };

  if (!cn_step_axis (step, &axis, data->rank, error))
    return FALSE;
  if (data->rank + indices->rank - 1 > CN_RANK_MAX)
    return cn_step_lacks (step, error, "an array of %d axes is not supported",
                          data->rank + indices->rank - 1);
  for (int i = 0; i < axis; i++)
    shape.dims[shape.rank++] = data->dims[i];
  for (int i = 0; i < indices->rank; i++)
    shape.dims[shape.rank++] = indices->dims[i];
  for (int i = (int) axis + 1; i < data->rank; i++)
    shape.dims[shape.rank++] = data->dims[i];
  cn_step_output (step, 0, step->inputs[0]->type, &shape);
  return TRUE;
}

static gboolean
run_gather (const CnStep *step, const CnRun *run, GError **error)
{
  const CnArray *data = step->inputs[0], *indices = step->inputs[1];
  gint64 axis = cn_step_int (step, "axis", 0);
  gsize outer, inner, count = cn_array_elements (indices), n;
  guint8 *to = step->outputs[0]->data;

  (void) run;
  cn_step_axis (step, &axis, data->shape.rank, NULL);
  n = (gsize) data->shape.dims[axis];
  outer = cn_shape_product (&data->shape, 0, (int) axis);
  inner =
      cn_shape_product (&data->shape, (int) axis + 1, data->shape.rank) * cn_type_size (data->type);
  for (gsize o = 0; o < outer; o++)
    for (gsize i = 0; i < count; i++, to += inner)
      {
        gsize place;

        if (!find_index (step, cn_array_get_int (indices, i), (gint64) n, &place, error))
          return FALSE;
        memcpy (to, (guint8 *) data->data + (o * n + place) * inner, inner);
      }
  return TRUE;
}

/* --- GatherElements and ScatterElements: single elements along an axis
 * ----------------------------- */

static gboolean
plan_elements (CnStep *step, GError **error)
{
  const CnShape *data = &step->inputs[0]->shape, *indices = &step->inputs[1]->shape;
  gint64 axis = cn_step_int (step, "axis", 0);

  if (!cn_step_axis (step, &axis, data->rank, error))
    return FALSE;
  for (int i = 0; i < data->rank; i++)
    if (indices->rank != data->rank || (i != axis && indices->dims[i] > data->dims[i]))
      return cn_step_fail (step, error, "the indices do not have the shape of the data");
  if (step->n_inputs < 3)
    cn_step_output (step, 0, step->inputs[0]->type, indices);
  else if (!cn_shape_equal (&step->inputs[2]->shape, indices)
           || step->inputs[2]->type != step->inputs[0]->type)
    return cn_step_fail (step, error, "the updates do not have the shape of the indices");
  else
    cn_step_output (step, 0, step->inputs[0]->type, data);
  return TRUE;
}

/* Where element `i` of the indices points to in the data. */
static gboolean
find_element (const CnStep *step, gint64 axis, gsize i, gsize *place, GError **error)
{
  const CnShape *data = &step->inputs[0]->shape, *shape = &step->inputs[1]->shape;
  gsize stride = 1, rest = i;

  *place = 0;
  for (int k = shape->rank - 1; k >= 0; k--)
    {
      gsize at = rest % (gsize) shape->dims[k];

      rest /= (gsize) shape->dims[k];
      if (k == axis
          && !find_index (step, cn_array_get_int (step->inputs[1], i), data->dims[k], &at, error))
        return FALSE;
      *place += at * stride;
      stride *= (gsize) data->dims[k];
    }
  return TRUE;
}

/* Puts an element where another stands, by the name of what is done with both. */
static void
put (const CnArray *to, gsize place, const CnArray *from, gsize i, const char *reduction)
{
  gsize size = cn_type_size (to->type);
  double x = cn_array_get (to, place), y = cn_array_get (from, i);
  double value = strcmp (reduction, "add") == 0   ? x + y
                 : strcmp (reduction, "mul") == 0 ? x * y
                 : strcmp (reduction, "max") == 0 ? MAX (x, y)
                                                  : MIN (x, y);

  if (strcmp (reduction, "none") == 0)
    memcpy ((guint8 *) to->data + place * size, (guint8 *) from->data + i * size, size);
  else if (to->type == CN_TYPE_FLOAT)
    to->floats[place] = (float) value;
  else
    cn_array_set_int (to, place, cn_double_to_int64 (value));
}

static gboolean
run_elements (const CnStep *step, const CnRun *run, GError **error)
{
  const CnArray *data = step->inputs[0], *output = step->outputs[0];
  gboolean scatter = step->n_inputs == 3;
  const char *reduction = cn_step_string (step, "reduction", "none");
  gint64 axis = cn_step_int (step, "axis", 0);

  (void) run;
  cn_step_axis (step, &axis, data->shape.rank, NULL);
  if (scatter)
    memcpy (output->data, data->data, cn_array_bytes (output));
  for (gsize i = 0; i < cn_array_elements (step->inputs[1]); i++)
    {
      gsize place;

      if (!find_element (step, axis, i, &place, error))
        return FALSE;
      if (scatter)
        put (output, place, step->inputs[2], i, reduction);
      else
        put (output, i, data, place, "none");
    }
  return TRUE;
}

/* --- GatherND and ScatterND: the last axis of the indices is a place
 * ------------------------------- */

/* `inner` elements at each place; a place is `n` numbers. `outer` batches have their own. */
typedef struct
{
  int batch, n;
  gsize places, inner;
} Places;

static gboolean
find_places (const CnStep *step, Places *places, GError **error)
{
  const CnShape *data = &step->inputs[0]->shape, *indices = &step->inputs[1]->shape;
  gint64 batch = cn_step_int (step, "batch_dims", 0);
  gint64 n = indices->rank ? indices->dims[indices->rank - 1] : 0;

  if (batch < 0 || batch >= data->rank || batch >= indices->rank || n < 1 || n > data->rank - batch)
    return cn_step_fail (step, error, "the indices do not fit the data");
  for (int i = 0; i < batch; i++)
    if (data->dims[i] != indices->dims[i])
      return cn_step_fail (step, error, "the batches of indices are not those of the data");
  places->batch = (int) batch;
  places->n = (int) n;
  places->places = cn_shape_product (indices, 0, indices->rank - 1);
  places->inner = cn_shape_product (data, (int) (batch + n), data->rank);
  return TRUE;
}

static gboolean
plan_places (CnStep *step, GError **error)
{
  const CnShape *data = &step->inputs[0]->shape, *indices = &step->inputs[1]->shape;
  CnShape shape = *indices;
  Places places;
  int from;

  if (!find_places (step, &places, error))
    return FALSE;
  from = places.batch + places.n;
  shape.rank--;
  if (shape.rank + data->rank - from > CN_RANK_MAX)
    return cn_step_lacks (step, error, "an array of %d axes is not supported",
                          shape.rank + data->rank - from);
  for (int i = from; i < data->rank; i++)
    shape.dims[shape.rank++] = data->dims[i];
  if (step->n_inputs < 3)
    cn_step_output (step, 0, step->inputs[0]->type, &shape);
  else if (!cn_shape_equal (&step->inputs[2]->shape, &shape)
           || step->inputs[2]->type != step->inputs[0]->type)
    return cn_step_fail (step, error, "the updates do not fit the indices");
  else
    cn_step_output (step, 0, step->inputs[0]->type, data);
  return TRUE;
}

static gboolean
run_places (const CnStep *step, const CnRun *run, GError **error)
{
  const CnArray *data = step->inputs[0], *indices = step->inputs[1], *output = step->outputs[0];
  gboolean scatter = step->n_inputs == 3;
  const char *reduction = cn_step_string (step, "reduction", "none");
  Places places;
  gsize per_batch;

  (void) run;
  if (!find_places (step, &places, error))
    return FALSE;
  per_batch = places.places / MAX (cn_shape_product (&indices->shape, 0, places.batch), 1);
  if (scatter)
    memcpy (output->data, data->data, cn_array_bytes (output));
  for (gsize p = 0; p < places.places; p++)
    {
      gsize place = p / per_batch;

      for (int k = 0; k < places.n; k++)
        {
          gint64 n = data->shape.dims[places.batch + k];
          gsize at;

          if (!find_index (step, cn_array_get_int (indices, p * (gsize) places.n + (gsize) k), n,
                           &at, error))
            return FALSE;
          place = place * (gsize) n + at;
        }
      for (gsize i = 0; i < places.inner; i++)
        if (scatter)
          put (output, place * places.inner + i, step->inputs[2], p * places.inner + i, reduction);
        else
          put (output, p * places.inner + i, data, place * places.inner + i, "none");
    }
  return TRUE;
}

#define REDUCTION "reduction:s=none|add|mul|max|min"

const CnOperator cn_operators_gather[] = {
  { "Gather", 1, "a i", 1, "axis:i", plan_gather, NULL, run_gather, 0, NULL },
  { "GatherElements", 11, "a i", 1, "axis:i", plan_elements, NULL, run_elements, 0, NULL },
  { "ScatterElements", 11, "a i a", 1, "axis:i " REDUCTION, plan_elements, NULL, run_elements, 0,
    NULL },
  { "Scatter", 9, "a i a", 1, "axis:i", plan_elements, NULL, run_elements, 0, NULL },
  { "GatherND", 11, "a i", 1, "batch_dims:i", plan_places, NULL, run_places, 0, NULL },
  { "ScatterND", 11, "a i a", 1, REDUCTION, plan_places, NULL, run_places, 0, NULL },
  { 0 },
};
