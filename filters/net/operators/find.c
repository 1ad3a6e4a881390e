/* find.c: operators that find elements, and whose results are as long as there are such.
 *
 * plan() asks for inputs that are constant, finds, and keeps what it found; run() only copies.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "filters/net/operators/operators.h"

static void
found_free (gpointer data)
{
  g_array_unref (data);
}

/* A list of int64 that the step keeps. */
static GArray *
found_new (CnStep *step)
{
  GArray *found = g_array_new (FALSE, FALSE, sizeof (gint64));

  step->state = found;
  step->free_state = found_free;
  return found;
}

static gboolean
run_copy (const CnStep *step, const CnRun *run, GError **error)
{
  const GArray *found = step->state;

  (void) run;
  (void) error;
  memcpy (step->outputs[0]->data, found->data, found->len * sizeof (gint64));
  return TRUE;
}

/* --- NonZero: coordinates of the elements that are not 0, one axis in each row
 * --------------------- */

static gboolean
plan_non_zero (CnStep *step, GError **error)
{
  const CnArray *input = step->inputs[0];
  CnShape shape = { 2, { MAX (input->shape.rank, 1), 0 } };
  GArray *found;

  if (!input->data)
    return cn_step_depends (step, "X", error);
  found = found_new (step);
  for (int axis = 0; axis < shape.dims[0]; axis++)
    {
      gsize stride = cn_shape_product (&input->shape, axis + 1, MAX (input->shape.rank, axis + 1));
      gsize n = input->shape.rank ? (gsize) input->shape.dims[axis] : 1;

      for (gsize i = 0; i < cn_array_elements (input); i++)
        if (cn_array_get (input, i) != 0)
          {
            gint64 at = (gint64) (i / stride % n);

            g_array_append_val (found, at);
          }
    }
  shape.dims[1] = (gint64) found->len / shape.dims[0];
  cn_step_output (step, 0, CN_TYPE_INT64, &shape);
  return TRUE;
}

/* --- Compress: the slices along an axis for which a condition holds
 * ------------------------------- */

static gboolean
plan_compress (CnStep *step, GError **error)
{
  const CnArray *condition = step->inputs[1];
  CnShape shape = step->inputs[0]->shape;
  const CnAttribute *attribute = cn_node_get (step->node, "axis");
  gint64 axis = attribute ? attribute->ints[0] : 0;
  GArray *found;

  if (!attribute)
    shape = (CnShape){ 1, { (gint64) cn_array_elements (step->inputs[0]) } };
  if (!cn_step_axis (step, &axis, shape.rank, error))
    return FALSE;
  if (!condition->data)
    return cn_step_depends (step, "condition", error);
  found = found_new (step);
  for (gint64 i = 0; i < MIN (shape.dims[axis], (gint64) cn_array_elements (condition)); i++)
    if (condition->bools[i])
      g_array_append_val (found, i);
  shape.dims[axis] = found->len;
  cn_step_output (step, 0, step->inputs[0]->type, &shape);
  return TRUE;
}

static gboolean
run_compress (const CnStep *step, const CnRun *run, GError **error)
{
  const CnArray *input = step->inputs[0];
  const GArray *found = step->state;
  const CnAttribute *attribute = cn_node_get (step->node, "axis");
  gint64 axis = attribute ? attribute->ints[0] : 0;
  gsize n = cn_array_elements (input), outer = 1, inner = cn_type_size (input->type);
  guint8 *to = step->outputs[0]->data;

  (void) run;
  (void) error;
  if (attribute)
    {
      cn_step_axis (step, &axis, input->shape.rank, NULL);
      n = (gsize) input->shape.dims[axis];
      outer = cn_shape_product (&input->shape, 0, (int) axis);
      inner *= cn_shape_product (&input->shape, (int) axis + 1, input->shape.rank);
    }
  for (gsize o = 0; o < outer; o++)
    for (guint i = 0; i < found->len; i++, to += inner)
      memcpy (to,
              (guint8 *) input->data + (o * n + (gsize) g_array_index (found, gint64, i)) * inner,
              inner);
  return TRUE;
}

/* --- NonMaxSuppression: boxes by falling score, without those that lie over a better one
 * ------------ */

typedef struct
{
  double top, left, bottom, right, area;
} Box;

/* A box that comes as two corners (y, x), in any order, or as centre (x, y) and size. */
static Box
box_of (const float *box, gboolean centre)
{
  Box b = { fmin (box[0], box[2]), fmin (box[1], box[3]), fmax (box[0], box[2]),
            fmax (box[1], box[3]), 0 };

  if (centre)
    b = (Box){ box[1] - box[3] / 2.0, box[0] - box[2] / 2.0, box[1] + box[3] / 2.0,
               box[0] + box[2] / 2.0, 0 };
  b.area = (b.bottom - b.top) * (b.right - b.left);
  return b;
}

/* Whether the area of both, over that of either, is more than `most`; not if that is NaN. */
static gboolean
covers (const Box *a, const Box *b, double most)
{
  double height = MIN (a->bottom, b->bottom) - MAX (a->top, b->top);
  double width = MIN (a->right, b->right) - MAX (a->left, b->left);
  double both = height > 0 && width > 0 ? height * width : 0;

  return both / (a->area + b->area - both) > most;
}

static int
higher_first (gconstpointer a, gconstpointer b, gpointer data)
{
  const float *scores = data;
  gint64 i = *(const gint64 *) a, k = *(const gint64 *) b;

  if (scores[i] != scores[k])
    return scores[i] > scores[k] ? -1 : 1;
  return i < k ? -1 : 1;
}

typedef struct
{
  double most, overlap, score;
  gboolean has_score, centre;
} Suppression;

/* Adds (batch, class, box) for each box that is kept. FALSE with CN_ERROR_CANCELLED. */
static gboolean
suppress (const CnStep *step, const Suppression *s, gint64 batch, gint64 class, GArray *found,
          GError **error)
{
  gint64 n = step->inputs[0]->shape.dims[1];
  const float *boxes = step->inputs[0]->floats + batch * n * 4;
  float *scores = step->inputs[1]->floats + (batch * step->inputs[1]->shape.dims[1] + class) * n;
  g_autoptr (GArray) order = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GArray) kept = g_array_new (FALSE, FALSE, sizeof (Box));

  for (gint64 i = 0; i < n; i++)
    if (!s->has_score || scores[i] > s->score)
      g_array_append_val (order, i);
  g_array_sort_with_data (order, higher_first, scores);
  for (guint i = 0; i < order->len && kept->len < s->most; i++)
    {
      gint64 at = g_array_index (order, gint64, i);
      Box box = box_of (boxes + 4 * at, s->centre);
      gboolean covered = FALSE;

      if (step->run && cn_run_cancelled (step->run, error))
        return FALSE;
      for (guint k = 0; k < kept->len && !covered; k++)
        covered = covers (&g_array_index (kept, Box, k), &box, s->overlap);
      if (covered)
        continue;
      g_array_append_val (kept, box);
      g_array_append_val (found, batch);
      g_array_append_val (found, class);
      g_array_append_val (found, at);
    }
  return TRUE;
}

static gboolean
plan_suppression (CnStep *step, GError **error)
{
  const CnShape *boxes = &step->inputs[0]->shape, *scores = &step->inputs[1]->shape;
  Suppression s = { .has_score = cn_step_input (step, 4) != NULL,
                    .centre = cn_step_int (step, "center_point_box", 0) != 0 };
  CnShape shape = { 2, { 0, 3 } };
  double cost;
  GArray *found;

  if (boxes->rank != 3 || scores->rank != 3 || boxes->dims[2] != 4
      || boxes->dims[0] != scores->dims[0] || boxes->dims[1] != scores->dims[2])
    return cn_step_fail (step, error, "boxes and scores do not fit together");
  cost = (double) cn_array_elements (step->inputs[1]) * (double) scores->dims[2];
  if (!step->inputs[0]->data || !step->inputs[1]->data || (!step->run && cost > CN_FOLDING_MAX))
    return cn_step_depends (step, "boxes", error);
  if (!cn_step_number (step, "max_output_boxes_per_class", 2, &s.most, error)
      || !cn_step_number (step, "iou_threshold", 3, &s.overlap, error)
      || !cn_step_number (step, "score_threshold", 4, &s.score, error))
    return FALSE;
  found = found_new (step);
  for (gint64 batch = 0; batch < scores->dims[0]; batch++)
    for (gint64 class = 0; class < scores->dims[1]; class ++)
      if (!suppress (step, &s, batch, class, found, error))
        return FALSE;
  shape.dims[0] = found->len / 3;
  cn_step_output (step, 0, CN_TYPE_INT64, &shape);
  return TRUE;
}

const CnOperator cn_operators_find[] = {
  { "NonZero", 9, "a", 1, "", plan_non_zero, NULL, run_copy, 0, NULL },
  { "Compress", 9, "a b", 1, "axis:i", plan_compress, NULL, run_compress, 0, NULL },
  { "NonMaxSuppression", 10, "f f i? f? f?", 1, "center_point_box:i", plan_suppression, NULL,
    run_copy, 0, NULL },
  { 0 },
};
