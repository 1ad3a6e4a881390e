/* unique.c: Unique: elements, or slices along an axis, each once; how often, and where they are.
 *
 * plan() asks for an input that is constant, finds, and keeps what it found; run() only copies.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/net/operators/operators.h"

/* Slice `i` of `n` is `outer` pieces of `inner` elements that lie together. */
typedef struct
{
  gsize outer, n, inner;
  gint64 *first;   /* for each kind of slice, in the order of the result: the first one */
  gint64 *counts;  /* and how many there are */
  gint64 *inverse; /* for each slice its kind */
  gsize kinds;
} Unique;

static void
unique_free (gpointer data)
{
  Unique *unique = data;

  g_free (unique->first);
  g_free (unique->counts);
  g_free (unique->inverse);
  g_free (unique);
}

typedef struct
{
  const Unique *unique;
  const CnArray *input;
} Slices;

/* −1, 0 or 1; NaN comes after every number, and equals itself. */
static int
compare_elements (const CnArray *array, gsize i, gsize k)
{
  if (array->type == CN_TYPE_FLOAT)
    {
      float x = array->floats[i], y = array->floats[k];

      if (x != x || y != y)
        return (x != x) - (y != y);
      return (x > y) - (x < y);
    }
  return (cn_array_get_int (array, i) > cn_array_get_int (array, k))
         - (cn_array_get_int (array, i) < cn_array_get_int (array, k));
}

static int
compare_slices (const Slices *slices, gsize i, gsize k)
{
  const Unique *u = slices->unique;

  for (gsize o = 0; o < u->outer; o++)
    for (gsize e = 0; e < u->inner; e++)
      {
        int order = compare_elements (slices->input, (o * u->n + i) * u->inner + e,
                                      (o * u->n + k) * u->inner + e);

        if (order != 0)
          return order;
      }
  return 0;
}

/* By value, and what is equal by place. */
static int
by_value (gconstpointer a, gconstpointer b, gpointer data)
{
  gint64 i = *(const gint64 *) a, k = *(const gint64 *) b;
  int order = compare_slices (data, (gsize) i, (gsize) k);

  return order != 0 ? order : (i > k) - (i < k);
}

static int
by_place (gconstpointer a, gconstpointer b, gpointer data)
{
  const gint64 *first = data;
  gint64 i = first[*(const gint64 *) a], k = first[*(const gint64 *) b];

  return (i > k) - (i < k);
}

/* Puts the kinds into the order of their first slices. */
static gboolean
order_by_place (Unique *unique)
{
  g_autofree gint64 *order = g_try_new (gint64, MAX (unique->kinds, 1));
  g_autofree gint64 *place = g_try_new (gint64, MAX (unique->kinds, 1));
  g_autofree gint64 *first = g_try_new (gint64, MAX (unique->kinds, 1));
  g_autofree gint64 *counts = g_try_new (gint64, MAX (unique->kinds, 1));

  if (!order || !place || !first || !counts)
    return FALSE;
  memcpy (first, unique->first, unique->kinds * sizeof *first);
  memcpy (counts, unique->counts, unique->kinds * sizeof *counts);
  for (gsize i = 0; i < unique->kinds; i++)
    order[i] = (gint64) i;
  g_qsort_with_data (order, (gint) unique->kinds, sizeof *order, by_place, first);
  for (gsize i = 0; i < unique->kinds; i++)
    {
      place[order[i]] = (gint64) i;
      unique->first[i] = first[order[i]];
      unique->counts[i] = counts[order[i]];
    }
  for (gsize i = 0; i < unique->n; i++)
    unique->inverse[i] = place[unique->inverse[i]];
  return TRUE;
}

/* Fills in the lists. FALSE if there is not enough memory. */
static gboolean
find_kinds (Unique *unique, const CnArray *input, gboolean sorted)
{
  Slices slices = { unique, input };
  g_autofree gint64 *order = g_try_new (gint64, MAX (unique->n, 1));

  unique->first = g_try_new (gint64, MAX (unique->n, 1));
  unique->counts = g_try_new0 (gint64, MAX (unique->n, 1));
  unique->inverse = g_try_new (gint64, MAX (unique->n, 1));
  if (!order || !unique->first || !unique->counts || !unique->inverse)
    return FALSE;
  for (gsize i = 0; i < unique->n; i++)
    order[i] = (gint64) i;
  g_qsort_with_data (order, (gint) unique->n, sizeof *order, by_value, &slices);
  for (gsize i = 0; i < unique->n; i++)
    {
      if (i == 0 || compare_slices (&slices, (gsize) order[i - 1], (gsize) order[i]) != 0)
        unique->first[unique->kinds++] = order[i];
      unique->counts[unique->kinds - 1]++;
      unique->inverse[order[i]] = (gint64) unique->kinds - 1;
    }
  return sorted || order_by_place (unique);
}

static gboolean
plan_unique (CnStep *step, GError **error)
{
  const CnArray *input = step->inputs[0];
  const CnAttribute *attribute = cn_node_get (step->node, "axis");
  gint64 axis = attribute ? attribute->ints[0] : 0;
  CnShape shape = input->shape, list = { 1, { 0 } };
  Unique *unique;

  if (!attribute)
    shape = (CnShape){ 1, { (gint64) cn_array_elements (input) } };
  if (!cn_step_axis (step, &axis, shape.rank, error))
    return FALSE;
  if (!input->data)
    return cn_step_depends (step, "X", error);
  step->state = unique = g_new0 (Unique, 1);
  step->free_state = unique_free;
  unique->outer = cn_shape_product (&shape, 0, (int) axis);
  unique->n = (gsize) shape.dims[axis];
  unique->inner = cn_shape_product (&shape, (int) axis + 1, shape.rank);
  if (unique->n > G_MAXINT)
    return cn_step_lacks (step, error, "so many elements are not supported");
  if (!find_kinds (unique, input, cn_step_int (step, "sorted", 1) != 0))
    return cn_step_fail (step, error, "not enough memory to sort its elements");
  shape.dims[axis] = list.dims[0] = (gint64) unique->kinds;
  cn_step_output (step, 0, input->type, &shape);
  cn_step_output (step, 1, CN_TYPE_INT64, &list);
  cn_step_output (step, 3, CN_TYPE_INT64, &list);
  list.dims[0] = (gint64) unique->n;
  cn_step_output (step, 2, CN_TYPE_INT64, &list);
  return TRUE;
}

static gboolean
run_unique (const CnStep *step, const CnRun *run, GError **error)
{
  const Unique *u = step->state;
  const CnArray *input = step->inputs[0];
  gsize bytes = u->inner * cn_type_size (input->type);
  const gint64 *lists[] = { NULL, u->first, u->inverse, u->counts };
  guint8 *to = step->outputs[0]->data;

  (void) run;
  (void) error;
  for (gsize o = 0; o < u->outer; o++)
    for (gsize i = 0; i < u->kinds; i++, to += bytes)
      memcpy (to, (guint8 *) input->data + (o * u->n + (gsize) u->first[i]) * bytes, bytes);
  for (int i = 1; i < step->n_outputs; i++)
    if (step->outputs[i])
      memcpy (step->outputs[i]->data, lists[i], cn_array_bytes (step->outputs[i]));
  return TRUE;
}

const CnOperator cn_operators_unique[] = {
  { "Unique", 11, "a", 4, "axis:i sorted:i", plan_unique, NULL, run_unique, 0, NULL },
  { 0 },
};
