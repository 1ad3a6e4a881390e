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

/* Corners of a box that comes as two corners (y, x), in any order, or as centre (x, y) and size. */
static void
find_corners (const float *box, gboolean centre, double *corners)
{
  if (centre)
    {
      corners[0] = box[1] - box[3] / 2.0;
      corners[1] = box[0] - box[2] / 2.0;
      corners[2] = box[1] + box[3] / 2.0;
      corners[3] = box[0] + box[2] / 2.0;
      return;
    }
  for (int i = 0; i < 2; i++)
    {
      corners[i] = fmin (box[i], box[i + 2]);
      corners[i + 2] = fmax (box[i], box[i + 2]);
    }
}

/* Area of both over area of either. */
static double
overlap (const float *a, const float *b, gboolean centre)
{
  double p[4], q[4], height, width, both;

  find_corners (a, centre, p);
  find_corners (b, centre, q);
  height = fmax (fmin (p[2], q[2]) - fmax (p[0], q[0]), 0);
  width = fmax (fmin (p[3], q[3]) - fmax (p[1], q[1]), 0);
  both = height * width;
  both = both / ((p[2] - p[0]) * (p[3] - p[1]) + (q[2] - q[0]) * (q[3] - q[1]) - both);
  return isnan (both) ? 0 : both;
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

/* Adds (batch, class, box) for each box that is kept. */
static void
suppress (const CnStep *step, const Suppression *s, gint64 batch, gint64 class, GArray *found)
{
  gint64 n = step->inputs[0]->shape.dims[1];
  const float *boxes = step->inputs[0]->floats + batch * n * 4;
  float *scores = step->inputs[1]->floats + (batch * step->inputs[1]->shape.dims[1] + class) * n;
  g_autoptr (GArray) order = g_array_new (FALSE, FALSE, sizeof (gint64));
  guint begin = found->len / 3;

  for (gint64 i = 0; i < n; i++)
    if (!s->has_score || scores[i] > s->score)
      g_array_append_val (order, i);
  g_array_sort_with_data (order, higher_first, scores);
  for (guint i = 0; i < order->len && found->len / 3 - begin < s->most; i++)
    {
      gint64 box = g_array_index (order, gint64, i);
      gboolean covered = FALSE;

      for (guint k = begin; k < found->len / 3 && !covered; k++)
        covered = overlap (boxes + 4 * g_array_index (found, gint64, 3 * k + 2), boxes + 4 * box,
                           s->centre)
                  > s->overlap;
      if (covered)
        continue;
      g_array_append_val (found, batch);
      g_array_append_val (found, class);
      g_array_append_val (found, box);
    }
}

static gboolean
plan_suppression (CnStep *step, GError **error)
{
  const CnShape *boxes = &step->inputs[0]->shape, *scores = &step->inputs[1]->shape;
  Suppression s = { .has_score = cn_step_input (step, 4) != NULL,
                    .centre = cn_step_int (step, "center_point_box", 0) != 0 };
  CnShape shape = { 2, { 0, 3 } };
  GArray *found;

  if (boxes->rank != 3 || scores->rank != 3 || boxes->dims[2] != 4
      || boxes->dims[0] != scores->dims[0] || boxes->dims[1] != scores->dims[2])
    return cn_step_fail (step, error, "boxes and scores do not fit together");
  if (!step->inputs[0]->data || !step->inputs[1]->data)
    return cn_step_depends (step, "boxes", error);
  if (!cn_step_number (step, "max_output_boxes_per_class", 2, &s.most, error)
      || !cn_step_number (step, "iou_threshold", 3, &s.overlap, error)
      || !cn_step_number (step, "score_threshold", 4, &s.score, error))
    return FALSE;
  found = found_new (step);
  for (gint64 batch = 0; batch < scores->dims[0]; batch++)
    for (gint64 class = 0; class < scores->dims[1]; class ++)
      suppress (step, &s, batch, class, found);
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
