/* operator.c: finds operators in the families' tables, and what steps ask of their nodes.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/net/operator.h"

#include <string.h>

#include "filters/core/error.h"

static const CnOperator *const families[] = {
  cn_operators_activation, cn_operators_arithmetic, cn_operators_constant, cn_operators_control,
  cn_operators_conv,       cn_operators_crop,       cn_operators_deform,   cn_operators_diagonal,
  cn_operators_einsum,     cn_operators_find,       cn_operators_gather,   cn_operators_grid,
  cn_operators_loop,       cn_operators_matmul,     cn_operators_move,     cn_operators_norm,
  cn_operators_optional,   cn_operators_pool,       cn_operators_quantize, cn_operators_quantized,
  cn_operators_recurrent,  cn_operators_reduce,     cn_operators_resize,   cn_operators_roi,
  cn_operators_scan,       cn_operators_select,     cn_operators_sequence, cn_operators_shape,
  cn_operators_slice,      cn_operators_softmax,    cn_operators_unique,   cn_operators_unpool,
};

const CnOperator *
cn_operator_find (const char *name, int opset)
{
  const CnOperator *found = NULL;

  for (gsize f = 0; f < G_N_ELEMENTS (families); f++)
    for (const CnOperator *op = families[f]; op->name; op++)
      if (strcmp (op->name, name) == 0 && op->since <= opset
          && (!found || op->since > found->since))
        found = op;
  return found;
}

void
cn_operators_foreach (void (*each) (const CnOperator *op, gpointer data), gpointer data)
{
  for (gsize f = 0; f < G_N_ELEMENTS (families); f++)
    for (const CnOperator *op = families[f]; op->name; op++)
      each (op, data);
}

const CnArray *
cn_step_input (const CnStep *step, int i)
{
  return i < step->n_inputs ? step->inputs[i] : NULL;
}

gint64
cn_step_int (const CnStep *step, const char *name, gint64 otherwise)
{
  const CnAttribute *attribute = cn_node_get (step->node, name);

  return attribute ? attribute->ints[0] : otherwise;
}

float
cn_step_float (const CnStep *step, const char *name, float otherwise)
{
  const CnAttribute *attribute = cn_node_get (step->node, name);

  return attribute ? attribute->floats[0] : otherwise;
}

const char *
cn_step_string (const CnStep *step, const char *name, const char *otherwise)
{
  const CnAttribute *attribute = cn_node_get (step->node, name);

  return attribute ? attribute->strings[0] : otherwise;
}

/* Input `input` if it is given and must be constant: NULL with `error` untouched if it is not
   given, with an error if it is not constant. */
static const CnArray *
constant_input (const CnStep *step, const char *name, int input, GError **error)
{
  const CnArray *array = input < 0 ? NULL : cn_step_input (step, input);

  if (array && !array->data)
    {
      cn_step_depends (step, name, error);
      return NULL;
    }
  return array;
}

gboolean
cn_step_ints (const CnStep *step, const char *name, int input, int *n, gint64 **values,
              GError **error)
{
  const CnAttribute *attribute = cn_node_get (step->node, name);
  GError *fault = NULL;
  const CnArray *array;

  *n = 0;
  *values = NULL;
  if (attribute)
    {
      *n = attribute->n;
      *values = g_new (gint64, MAX (*n, 1));
      for (int i = 0; i < *n; i++)
        (*values)[i] = attribute->ints[i];
      return TRUE;
    }
  array = constant_input (step, name, input, &fault);
  if (fault)
    {
      g_propagate_error (error, fault);
      return FALSE;
    }
  if (!array)
    return TRUE;
  if (array->shape.rank > 1 || cn_array_elements (array) > 2 * CN_RANK_MAX)
    {
      g_autofree char *shape = cn_shape_text (&array->shape);

      return cn_step_fail (step, error, "the input “%s” is %s, and must be a short list", name,
                           shape);
    }
  *n = (int) cn_array_elements (array);
  *values = g_new (gint64, MAX (*n, 1));
  for (int i = 0; i < *n; i++)
    (*values)[i] = cn_array_get_int (array, i);
  return TRUE;
}

gboolean
cn_step_ints_n (const CnStep *step, const char *name, int n, gint64 *values, GError **error)
{
  const CnAttribute *attribute = cn_node_get (step->node, name);

  if (!attribute)
    return TRUE;
  if (attribute->n != n)
    return cn_step_fail (step, error, "“%s” has %d numbers, and must have %d", name, attribute->n,
                         n);
  memcpy (values, attribute->ints, n * sizeof *values);
  return TRUE;
}

gboolean
cn_step_number (const CnStep *step, const char *name, int input, double *value, GError **error)
{
  const CnAttribute *attribute = cn_node_get (step->node, name);
  GError *fault = NULL;
  const CnArray *array;

  if (attribute)
    {
      *value = attribute->floats ? attribute->floats[0] : (double) attribute->ints[0];
      return TRUE;
    }
  array = constant_input (step, name, input, &fault);
  if (fault)
    {
      g_propagate_error (error, fault);
      return FALSE;
    }
  if (array && cn_array_elements (array) != 1)
    {
      g_autofree char *shape = cn_shape_text (&array->shape);

      return cn_step_fail (step, error, "the input “%s” is %s, and must be one number", name,
                           shape);
    }
  if (array)
    *value = cn_array_get (array, 0);
  return TRUE;
}

gboolean
cn_step_axis (const CnStep *step, gint64 *axis, int rank, GError **error)
{
  if (*axis < -rank || *axis >= rank)
    return cn_step_fail (
        step, error, "there is no axis %" G_GINT64_FORMAT " in an array of %d axes", *axis, rank);
  if (*axis < 0)
    *axis += rank;
  return TRUE;
}

void
cn_step_output (CnStep *step, int i, CnType type, const CnShape *shape)
{
  if (i >= step->n_outputs || !step->outputs[i])
    return;
  step->outputs[i]->type = type;
  step->outputs[i]->shape = *shape;
}

static void
set_items (CnStep *step, int i, const CnItem *items, gsize n)
{
  CnItem *copy = cn_items_copy (items, n);

  g_ptr_array_add (step->kept, copy);
  step->outputs[i]->items = copy;
}

void
cn_step_output_like (CnStep *step, int i, const CnArray *array)
{
  if (i >= step->n_outputs || !step->outputs[i])
    return;
  cn_step_output (step, i, array->type, &array->shape);
  step->outputs[i]->bits = array->bits;
  if (array->type == CN_TYPE_SEQUENCE)
    set_items (step, i, array->items, cn_array_elements (array));
}

gboolean
cn_step_output_items (CnStep *step, const CnItem *items, gsize n, GError **error)
{
  const CnShape shape = { 1, { (gint64) n } };
  guint64 bytes = 0;

  if (n > CN_ITEMS_MAX)
    return cn_step_fail (step, error, "a sequence of %zu arrays is over the limit of %d", n,
                         CN_ITEMS_MAX);
  for (gsize i = 0; i < n; i++)
    {
      if (!cn_array_check (items[i].type, &items[i].shape, error))
        return cn_prefix_step (step, error);
      bytes += cn_item_bytes (&items[i]);
    }
  if (bytes > CN_ARRAY_BYTES_MAX)
    return cn_step_fail (step, error, "a sequence of %zu MiB is over the limit of %d GiB",
                         (gsize) (bytes >> 20), (int) (CN_ARRAY_BYTES_MAX >> 30));
  cn_step_output (step, 0, CN_TYPE_SEQUENCE, &shape);
  set_items (step, 0, items, n);
  return TRUE;
}

gboolean
cn_plan_like_input (CnStep *step, GError **error)
{
  (void) error;
  step->window = 1;
  cn_step_output (step, 0, step->inputs[0]->type, &step->inputs[0]->shape);
  return TRUE;
}

gboolean
cn_plan_count (CnStep *step, GError **error)
{
  const CnShape scalar = { 0 };

  (void) error;
  cn_step_output (step, 0, CN_TYPE_INT64, &scalar);
  return TRUE;
}

static void
set_error (const CnStep *step, GError **error, CnError code, const char *format, va_list arguments)
{
  g_autofree char *node = cn_node_text (step->graph, step->node);
  g_autofree char *what = g_strdup_vprintf (format, arguments);

  cn_set_error (error, code, "%s: %s", node, what);
}

gboolean
cn_step_fail (const CnStep *step, GError **error, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  set_error (step, error, CN_ERROR_SHAPE, format, arguments);
  va_end (arguments);
  return FALSE;
}

gboolean
cn_step_lacks (const CnStep *step, GError **error, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  set_error (step, error, CN_ERROR_UNSUPPORTED, format, arguments);
  va_end (arguments);
  return FALSE;
}

gboolean
cn_prefix_step (const CnStep *step, GError **error)
{
  g_autofree char *node = cn_node_text (step->graph, step->node);

  g_prefix_error (error, "%s: ", node);
  return FALSE;
}

gboolean
cn_step_depends (const CnStep *step, const char *name, GError **error)
{
  g_autofree char *node = cn_node_text (step->graph, step->node);

  cn_set_error (error, CN_ERROR_LATE, "%s: the size of the result depends on the elements of “%s”",
                node, name);
  return FALSE;
}
