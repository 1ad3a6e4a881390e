/* case.c: one case of ONNX's backend tests, run by the engine and compared with what is expected.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/onnx/case.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "filters/core/error.h"
#include "filters/net/plan.h"
#include "filters/onnx/onnx.h"

static int
compare_paths (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

void
case_find (const char *folder, GPtrArray *paths)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir)))
    {
      char *path = g_build_filename (folder, name, NULL);

      if (g_str_has_suffix (name, ".onnx"))
        {
          g_ptr_array_add (paths, path);
          continue;
        }
      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        case_find (path, paths);
      g_free (path);
    }
  g_ptr_array_sort (paths, compare_paths);
}

char *
case_name (const char *path)
{
  g_autofree char *base = g_path_get_basename (path), *folder = NULL;

  if (strcmp (base, "model.onnx") != 0)
    return g_strndup (base, strlen (base) - strlen (".onnx"));
  folder = g_path_get_dirname (path);
  return g_path_get_basename (folder);
}

/* What is in folder/PREFIX0.pb, PREFIX1.pb, …, for these values. */
static GPtrArray *
read_arrays (const char *folder, const char *prefix, const CnGraph *graph, const GArray *values,
             GError **error)
{
  g_autoptr (GPtrArray) arrays = g_ptr_array_new_with_free_func ((GDestroyNotify) cn_array_free);

  for (guint i = 0;; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/%s%u.pb", folder, prefix, i);
      CnArray *array;
      const CnValue *value =
          i < values->len ? cn_graph_value (graph, g_array_index (values, int, i)) : NULL;

      if (!g_file_test (path, G_FILE_TEST_EXISTS))
        return g_steal_pointer (&arrays);
      array = case_value (path, value, error);
      if (!array)
        return NULL;
      g_ptr_array_add (arrays, array);
    }
}

/* Where the arrays differ, or NULL; `worst` is the largest error so far. */
static char *
difference (const CnArray *got, const CnArray *expected, const CaseTolerance *tolerance,
            double *worst)
{
  g_autofree char *got_shape = cn_shape_text (&got->shape);
  g_autofree char *expected_shape = cn_shape_text (&expected->shape);
  double largest = 0, allowed;

  for (gsize i = 0; i < cn_array_elements (expected) && expected->items && got->items
                    && cn_shape_equal (&got->shape, &expected->shape);
       i++)
    {
      const CnArray x = cn_array_item (got, i), y = cn_array_item (expected, i);
      char *wrong = difference (&x, &y, tolerance, worst);

      if (wrong)
        return wrong;
    }
  if (got->type != expected->type || !cn_shape_equal (&got->shape, &expected->shape))
    return g_strdup_printf ("%s of %s instead of %s of %s", got_shape, cn_type_name (got->type),
                            expected_shape, cn_type_name (expected->type));
  if (cn_type_size (expected->type) == 0)
    return NULL;
  for (gsize i = 0; i < cn_array_elements (expected); i++)
    if (isfinite (cn_array_get (expected, i)))
      largest = fmax (largest, fabs (cn_array_get (expected, i)));
  allowed =
      expected->type == CN_TYPE_FLOAT ? tolerance->relative * largest + tolerance->absolute : 0;
  for (gsize i = 0; i < cn_array_elements (expected); i++)
    {
      double x = cn_array_get (got, i), y = cn_array_get (expected, i);
      double error = x == y || (isnan (x) && isnan (y)) ? 0 : fabs (x - y);

      *worst = isnan (error) ? INFINITY : fmax (*worst, error);
      if (!(error <= allowed))
        return g_strdup_printf (
            "element %" G_GSIZE_FORMAT " is %.9g instead of %.9g, allowed ±%.3g", i, x, y, allowed);
    }
  return NULL;
}

/* A plan for these inputs, or for the first that a network has. */
static CnPlan *
make_plan (const CnGraph *graph, GPtrArray *inputs, GError **error)
{
  g_autofree CnPlanInput *given = g_new0 (CnPlanInput, inputs->len + 1);
  const CnPlanOptions options = { .inputs = given, .n_inputs = (int) inputs->len };

  for (guint i = 0; i < inputs->len; i++)
    {
      const CnArray *array = g_ptr_array_index (inputs, i);
      int value = g_array_index (graph->inputs, int, i);

      given[i].name = cn_graph_value (graph, value)->name;
      given[i].shape = array->shape;
      if (cn_type_size (array->type) > 0)
        continue;
      given[i].type = array->type;
      given[i].items = array->items;
      given[i].data = array->data;
    }
  return cn_plan_new (graph, &options, error);
}

/* Fills what the plan wants of the inputs. NULL, or what is wrong. */
static char *
fill_inputs (const CnGraph *graph, const CnPlan *plan, GPtrArray *inputs)
{
  for (int i = 0; i < cn_plan_inputs (plan); i++)
    {
      const CnArray *to = cn_plan_input (plan, i);
      const CnArray *from = NULL;

      for (guint k = 0; k < inputs->len && !from; k++)
        if (cn_graph_find (graph, cn_plan_input_name (plan, i))
            == g_array_index (graph->inputs, int, k))
          from = g_ptr_array_index (inputs, k);
      if (!from || from->type != to->type || cn_array_bytes (from) != cn_array_bytes (to))
        return g_strdup_printf ("the input “%s” is of another type", cn_plan_input_name (plan, i));
      memcpy (to->data, from->data, cn_array_bytes (from));
    }
  return NULL;
}

/* Runs on these inputs, and compares. NULL, or what is wrong. */
static char *
run_once (const CnGraph *graph, GPtrArray *inputs, GPtrArray *expected,
          const CaseTolerance *tolerance, double *worst, GError **error)
{
  const CnRun run = { 0 };
  g_autoptr (CnPlan) plan = NULL;
  char *wrong;

  if (inputs->len > graph->inputs->len)
    return g_strdup_printf ("%u inputs for a network of %u", inputs->len, graph->inputs->len);
  plan = make_plan (graph, inputs, error);
  if (!plan)
    return NULL;
  wrong = fill_inputs (graph, plan, inputs);
  if (wrong || !cn_plan_run (plan, &run, error))
    return wrong;
  if ((guint) cn_plan_outputs (plan) != expected->len)
    return g_strdup_printf ("%d outputs instead of %u", cn_plan_outputs (plan), expected->len);
  for (guint i = 0; i < expected->len && !wrong; i++)
    wrong =
        difference (cn_plan_output (plan, i), g_ptr_array_index (expected, i), tolerance, worst);
  return wrong;
}

/* The input that is not in a file: i / n for element i of n, sizes that are not fixed being 1. */
static GPtrArray *
rising_inputs (const CnGraph *graph, GError **error)
{
  g_autoptr (GPtrArray) inputs = g_ptr_array_new_with_free_func ((GDestroyNotify) cn_array_free);

  for (guint i = 0; i < graph->inputs->len; i++)
    {
      CnShape shape = cn_graph_value (graph, g_array_index (graph->inputs, int, i))->shape;
      CnArray *array;
      gsize n;

      for (int axis = 0; axis < shape.rank; axis++)
        shape.dims[axis] = shape.dims[axis] < 0 ? 1 : shape.dims[axis];
      array = cn_array_new (CN_TYPE_FLOAT, &shape, error);
      if (!array)
        return NULL;
      g_ptr_array_add (inputs, array);
      n = cn_array_elements (array);
      for (gsize k = 0; k < n; k++)
        array->floats[k] = (float) ((double) k / n);
    }
  return g_steal_pointer (&inputs);
}

/* One set of inputs and outputs; FALSE if there is no such set. */
static gboolean
run_set (const char *path, const CnGraph *graph, int set, const CaseTolerance *tolerance,
         double *worst, char **wrong, GError **error)
{
  g_autofree char *base = g_strndup (path, strlen (path) - strlen (".onnx"));
  g_autofree char *model_folder = g_path_get_dirname (path);
  g_autofree char *folder = g_strdup_printf ("%s/test_data_set_%d", model_folder, set);
  g_autofree char *light = g_strdup_printf ("%s_output_0.pb", base);
  g_autoptr (GPtrArray) inputs = NULL, outputs = NULL;

  if (g_file_test (folder, G_FILE_TEST_IS_DIR))
    {
      inputs = read_arrays (folder, "input_", graph, graph->inputs, error);
      if (inputs)
        outputs = read_arrays (folder, "output_", graph, graph->outputs, error);
    }
  else if (set == 0 && g_file_test (light, G_FILE_TEST_EXISTS))
    {
      const CnValue *value = cn_graph_value (graph, g_array_index (graph->outputs, int, 0));
      CnArray *array = case_value (light, value, error);

      outputs = g_ptr_array_new_with_free_func ((GDestroyNotify) cn_array_free);
      if (array)
        {
          g_ptr_array_add (outputs, array);
          inputs = rising_inputs (graph, error);
        }
    }
  else
    return FALSE;
  if (inputs && outputs)
    *wrong = run_once (graph, inputs, outputs, tolerance, worst, error);
  return TRUE;
}

CaseResult
case_run (const char *path, const CaseTolerance *tolerance, char **text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CnGraph) graph = cn_onnx_read (path, &error);
  double worst = 0;
  int sets = 0;

  *text = NULL;
  if (graph)
    cn_graph_check (graph, &error);
  while (!error && !*text && run_set (path, graph, sets, tolerance, &worst, text, &error))
    sets++;
  if (error)
    {
      *text = g_strdup (error->message);
      g_strdelimit (*text, "\n", ' ');
      return g_error_matches (error, CN_ERROR, CN_ERROR_UNSUPPORTED) ? CASE_UNSUPPORTED
                                                                     : CASE_FAILED;
    }
  if (*text)
    return CASE_FAILED;
  if (sets == 0)
    {
      *text = g_strdup ("there are no test_data_set_* beside it");
      return CASE_UNSUPPORTED;
    }
  *text = g_strdup_printf ("largest error %.2g", worst);
  return CASE_PASSED;
}
