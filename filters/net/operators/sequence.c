/* sequence.c: sequences of arrays.
 *
 * A sequence is one value, whose arrays lie one after the other (CnArray): how many there are, and
 * what each is, is known when it is planned.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/net/operators/operators.h"

static CnItem
item_of (const CnArray *array)
{
  return (CnItem){ array->type, array->bits, array->shape };
}

static GArray *
items_new (void)
{
  return g_array_new (FALSE, FALSE, sizeof (CnItem));
}

static gboolean
set_sequence (CnStep *step, const GArray *items, GError **error)
{
  return cn_step_output_items (step, (const CnItem *) (gpointer) items->data, items->len, error);
}

/* Bytes of the first `n` arrays. */
static gsize
bytes_before (const CnArray *sequence, gint64 n)
{
  gsize bytes = 0;

  for (gint64 i = 0; i < n; i++)
    bytes += cn_item_bytes (&sequence->items[i]);
  return bytes;
}

/* Copies bytes, of which there may be none. */
static guint8 *
append (guint8 *to, gconstpointer from, gsize bytes)
{
  if (bytes > 0)
    memcpy (to, from, bytes);
  return to + bytes;
}

/* The place that an input names in a list of `n`: counted from the end if it is negative;
   `otherwise` if the input is left out. */
static gboolean
find_place (const CnStep *step, int input, gint64 n, gint64 otherwise, gint64 *place,
            GError **error)
{
  double number = (double) otherwise;

  if (!cn_step_number (step, "position", input, &number, error))
    return FALSE;
  *place = cn_double_to_int64 (number);
  *place += *place < 0 ? step->inputs[0]->shape.dims[0] : 0;
  if (*place < 0 || *place >= n)
    return cn_step_fail (step, error,
                         "the place %.0f is outside of a sequence of %" G_GINT64_FORMAT " arrays",
                         number, step->inputs[0]->shape.dims[0]);
  return TRUE;
}

/* --- SequenceEmpty and SequenceConstruct ---------------------------------------------------------
 */

static gboolean
plan_construct (CnStep *step, GError **error)
{
  g_autoptr (GArray) items = items_new ();

  for (int i = 0; i < step->n_inputs; i++)
    {
      CnItem item = item_of (step->inputs[i]);

      g_array_append_val (items, item);
    }
  return set_sequence (step, items, error);
}

static gboolean
run_construct (const CnStep *step, const CnRun *run, GError **error)
{
  guint8 *to = step->outputs[0]->data;

  (void) run;
  (void) error;
  for (int i = 0; i < step->n_inputs; i++)
    {
      append (to, step->inputs[i]->data, cn_array_bytes (step->inputs[i]));
      to += cn_item_bytes (&step->outputs[0]->items[i]);
    }
  return TRUE;
}

/* --- SequenceInsert and SequenceErase ------------------------------------------------------------
 */

static gboolean
plan_insert (CnStep *step, GError **error)
{
  const CnArray *sequence = step->inputs[0];
  gint64 n = sequence->shape.dims[0], place;
  CnItem item = item_of (step->inputs[1]);
  g_autoptr (GArray) items = items_new ();

  if (!find_place (step, 2, n + 1, n, &place, error))
    return FALSE;
  g_array_append_vals (items, sequence->items, (guint) n);
  g_array_insert_val (items, (guint) place, item);
  return set_sequence (step, items, error);
}

static gboolean
run_insert (const CnStep *step, const CnRun *run, GError **error)
{
  const CnArray *sequence = step->inputs[0], *array = step->inputs[1];
  gint64 n = sequence->shape.dims[0], place;
  gsize before;
  guint8 *to = step->outputs[0]->data;

  (void) run;
  if (!find_place (step, 2, n + 1, n, &place, error))
    return FALSE;
  before = bytes_before (sequence, place);
  to = append (to, sequence->data, before);
  append (to, array->data, cn_array_bytes (array));
  append (to + cn_item_bytes (&step->outputs[0]->items[place]), (guint8 *) sequence->data + before,
          cn_array_bytes (sequence) - before);
  return TRUE;
}

static gboolean
plan_erase (CnStep *step, GError **error)
{
  const CnArray *sequence = step->inputs[0];
  gint64 n = sequence->shape.dims[0], place;
  g_autoptr (GArray) items = items_new ();

  if (!find_place (step, 1, n, n - 1, &place, error))
    return FALSE;
  g_array_append_vals (items, sequence->items, (guint) n);
  g_array_remove_index (items, (guint) place);
  return set_sequence (step, items, error);
}

static gboolean
run_erase (const CnStep *step, const CnRun *run, GError **error)
{
  const CnArray *sequence = step->inputs[0];
  gint64 n = sequence->shape.dims[0], place;
  gsize before, after;

  (void) run;
  if (!find_place (step, 1, n, n - 1, &place, error))
    return FALSE;
  before = bytes_before (sequence, place);
  after = before + cn_item_bytes (&sequence->items[place]);
  append (append (step->outputs[0]->data, sequence->data, before),
          (guint8 *) sequence->data + after, cn_array_bytes (sequence) - after);
  return TRUE;
}

/* --- SequenceAt and SequenceLength ---------------------------------------------------------------
 */

static gboolean
plan_at (CnStep *step, GError **error)
{
  const CnArray *sequence = step->inputs[0];
  gint64 place;
  CnArray item;

  if (!find_place (step, 1, sequence->shape.dims[0], 0, &place, error))
    return FALSE;
  item = cn_array_item (sequence, (gsize) place);
  cn_step_output_like (step, 0, &item);
  return TRUE;
}

static gboolean
run_at (const CnStep *step, const CnRun *run, GError **error)
{
  const CnArray *sequence = step->inputs[0];
  gint64 place;

  (void) run;
  if (!find_place (step, 1, sequence->shape.dims[0], 0, &place, error))
    return FALSE;
  append (step->outputs[0]->data, cn_array_item (sequence, (gsize) place).data,
          cn_array_bytes (step->outputs[0]));
  return TRUE;
}

static gboolean
run_length (const CnStep *step, const CnRun *run, GError **error)
{
  (void) run;
  (void) error;
  step->outputs[0]->int64s[0] = step->inputs[0]->shape.dims[0];
  return TRUE;
}

/* --- SplitToSequence and ConcatFromSequence ------------------------------------------------------
 */

/* Copies between `whole` and the arrays of `sequence`, which are parts of it along an axis: out of
   it, or `back`. `n` of the whole's sizes lie before the axis. */
static void
copy_parts (const CnArray *whole, const CnArray *sequence, int n, gboolean back)
{
  gsize outer = cn_shape_product (&whole->shape, 0, n);
  gsize row = outer == 0 ? 0 : cn_array_bytes (whole) / outer, offset = 0;
  guint8 *part = sequence->data;

  for (gint64 i = 0; i < sequence->shape.dims[0] && row > 0; i++)
    {
      const CnItem *item = &sequence->items[i];
      gsize bytes = cn_shape_elements (&item->shape) * cn_type_size (item->type) / outer;

      for (gsize o = 0; o < outer; o++)
        {
          guint8 *at = (guint8 *) whole->data + o * row + offset;

          append (back ? at : part + o * bytes, back ? part + o * bytes : at, bytes);
        }
      offset += bytes;
      part += cn_item_bytes (item);
    }
}

/* The sizes of the parts; NULL with an error. */
static GArray *
find_parts (const CnStep *step, gint64 size, GError **error)
{
  const CnArray *split = cn_step_input (step, 1);
  g_autoptr (GArray) parts = g_array_new (FALSE, FALSE, sizeof (gint64));
  gint64 each = 1, left = size;

  if (split && !split->data)
    {
      cn_step_depends (step, "split", error);
      return NULL;
    }
  if (split && split->shape.rank > 0)
    for (gsize i = 0; i < cn_array_elements (split) && left >= 0; i++)
      {
        gint64 part = cn_array_get_int (split, i);

        g_array_append_val (parts, part);
        left = part < 0 || part > left ? -1 : left - part;
      }
  else
    {
      each = split ? cn_array_get_int (split, 0) : 1;
      if (each > 0 && left / each < CN_ITEMS_MAX)
        for (; left > 0; left -= each)
          {
            each = MIN (each, left);
            g_array_append_val (parts, each);
          }
    }
  if (left == 0 && parts->len <= CN_ITEMS_MAX)
    return g_steal_pointer (&parts);
  cn_step_fail (step, error, "an axis of %" G_GINT64_FORMAT " cannot be split so", size);
  return NULL;
}

/* Whether the parts keep the axis. ONNX asks that only of splits without sizes; but PyTorch writes
   an unbind as a split into parts of 1 that do not, and onnxruntime takes it so. */
static gboolean
keeps_axis (const CnStep *step)
{
  const CnArray *split = cn_step_input (step, 1);

  return cn_step_int (step, "keepdims", 1)
         || (split && (split->shape.rank > 0 || cn_array_get_int (split, 0) != 1));
}

static gboolean
plan_split (CnStep *step, GError **error)
{
  CnItem item = item_of (step->inputs[0]);
  gboolean keep;
  gint64 axis = cn_step_int (step, "axis", 0);
  g_autoptr (GArray) items = items_new ();
  g_autoptr (GArray) parts = NULL;

  if (!cn_step_axis (step, &axis, item.shape.rank, error))
    return FALSE;
  parts = find_parts (step, item.shape.dims[axis], error);
  if (!parts)
    return FALSE;
  keep = keeps_axis (step);
  for (int i = (int) axis; i + 1 < item.shape.rank && !keep; i++)
    item.shape.dims[i] = item.shape.dims[i + 1];
  item.shape.rank -= !keep;
  for (guint i = 0; i < parts->len; i++)
    {
      if (keep)
        item.shape.dims[axis] = g_array_index (parts, gint64, i);
      g_array_append_val (items, item);
    }
  return set_sequence (step, items, error);
}

static gboolean
run_split (const CnStep *step, const CnRun *run, GError **error)
{
  gint64 axis = cn_step_int (step, "axis", 0);

  (void) run;
  if (!cn_step_axis (step, &axis, step->inputs[0]->shape.rank, error))
    return FALSE;
  copy_parts (step->inputs[0], step->outputs[0], (int) axis, FALSE);
  return TRUE;
}

static gboolean
plan_concat (CnStep *step, GError **error)
{
  const CnArray *sequence = step->inputs[0];
  gint64 n = sequence->shape.dims[0], axis = cn_step_int (step, "axis", 0), sum = 0;
  gboolean stack = cn_step_int (step, "new_axis", 0) != 0;
  CnShape shape;

  if (n == 0)
    return cn_step_fail (step, error, "the sequence is empty");
  shape = sequence->items[0].shape;
  if (shape.rank + stack > CN_RANK_MAX)
    return cn_step_lacks (step, error, "an array of %d axes is not supported", shape.rank + 1);
  if (!cn_step_axis (step, &axis, shape.rank + stack, error))
    return FALSE;
  for (gint64 i = 0; i < n; i++)
    {
      const CnItem *item = &sequence->items[i];
      CnShape like = item->shape;

      if (!stack && like.rank == shape.rank)
        {
          sum += like.dims[axis];
          like.dims[axis] = shape.dims[axis];
        }
      if (item->type != sequence->items[0].type || !cn_shape_equal (&like, &shape))
        return cn_step_fail (step, error, "array %" G_GINT64_FORMAT " does not fit the first",
                             i + 1);
    }
  for (int i = shape.rank; i > axis && stack; i--)
    shape.dims[i] = shape.dims[i - 1];
  shape.rank += stack;
  shape.dims[axis] = stack ? n : sum;
  cn_step_output (step, 0, sequence->items[0].type, &shape);
  step->outputs[0]->bits = sequence->items[0].bits;
  return TRUE;
}

static gboolean
run_concat (const CnStep *step, const CnRun *run, GError **error)
{
  gint64 axis = cn_step_int (step, "axis", 0);

  (void) run;
  if (!cn_step_axis (step, &axis, step->outputs[0]->shape.rank, error))
    return FALSE;
  copy_parts (step->outputs[0], step->inputs[0], (int) axis, TRUE);
  return TRUE;
}

const CnOperator cn_operators_sequence[] = {
  { "SequenceEmpty", 11, "", 1, "dtype:i", plan_construct, NULL, run_construct, 0, NULL },
  { "SequenceConstruct", 11, "a*", 1, "", plan_construct, NULL, run_construct, 0, NULL },
  { "SequenceInsert", 11, "s a i?", 1, "", plan_insert, NULL, run_insert, 0, NULL },
  { "SequenceErase", 11, "s i?", 1, "", plan_erase, NULL, run_erase, 0, NULL },
  { "SequenceAt", 11, "s i", 1, "", plan_at, NULL, run_at, 0, NULL },
  { "SequenceLength", 11, "s", 1, "", cn_plan_count, NULL, run_length, CN_OPERATOR_SHAPES, NULL },
  { "SplitToSequence", 11, "a i?", 1, "axis:i keepdims:i", plan_split, NULL, run_split, 0, NULL },
  { "ConcatFromSequence", 11, "s", 1, "axis:i new_axis:i", plan_concat, NULL, run_concat, 0, NULL },
  { 0 },
};
