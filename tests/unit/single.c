/* single.c: networks of one node, whose inputs are all given.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/single.h"

#include <math.h>
#include <string.h>

CnGraph *
single_new (const char *op, int opset, int inputs, int outputs)
{
  CnGraph *graph = cn_graph_new ("single", opset);
  g_autoptr (GPtrArray) in = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) out = g_ptr_array_new_with_free_func (g_free);

  for (int i = 0; i < inputs; i++)
    g_ptr_array_add (in, g_strdup_printf ("i%d", i));
  for (int i = 0; i < outputs; i++)
    g_ptr_array_add (out, g_strdup_printf ("o%d", i));
  g_ptr_array_add (in, NULL);
  g_ptr_array_add (out, NULL);
  g_assert_nonnull (cn_graph_add_node (graph, op, "it", (const char *const *) in->pdata,
                                       (const char *const *) out->pdata, NULL));
  for (int i = 0; i < outputs; i++)
    cn_graph_add_output (graph, out->pdata[i]);
  return graph;
}

CnNode *
single_node (CnGraph *graph)
{
  return g_ptr_array_index (graph->nodes, 0);
}

static void
give (CnGraph *graph, int input, CnType type, const CnShape *shape, gconstpointer data)
{
  g_autofree char *name = g_strdup_printf ("i%d", input);

  g_assert_true (
      cn_graph_add_constant (graph, name, cn_array_copy (type, shape, data, NULL), NULL));
}

void
single_floats (CnGraph *graph, int input, const CnShape *shape, const float *floats)
{
  give (graph, input, CN_TYPE_FLOAT, shape, floats);
}

void
single_ints (CnGraph *graph, int input, const CnShape *shape, const gint64 *ints)
{
  give (graph, input, CN_TYPE_INT64, shape, ints);
}

void
single_leave_out (CnGraph *graph, int input)
{
  single_node (graph)->inputs[input] = -1;
}

/* The plan, which has been run, and its output, whose shape is as expected. */
static CnPlan *
run (const CnGraph *graph, int output, CnType type, const CnShape *shape)
{
  g_autofree char *expected = cn_shape_text (shape), *text = NULL;
  GError *error = NULL;
  CnPlan *plan = cn_plan_new (graph, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (cn_plan_run (plan, &(CnRun){ 0 }, &error));
  g_assert_no_error (error);
  text = cn_shape_text (&cn_plan_output (plan, output)->shape);
  g_assert_cmpstr (text, ==, expected);
  g_assert_cmpint (cn_plan_output (plan, output)->type, ==, type);
  return plan;
}

void
single_check (const CnGraph *graph, int output, const CnShape *shape, const float *expected,
              double tolerance)
{
  g_autoptr (CnPlan) plan = run (graph, output, CN_TYPE_FLOAT, shape);
  const float *floats = cn_plan_output (plan, output)->floats;

  for (gsize i = 0; i < cn_shape_elements (shape); i++)
    if (!(fabs ((double) floats[i] - expected[i]) <= tolerance))
      g_error ("element %d is %g instead of %g", (int) i, (double) floats[i], (double) expected[i]);
}

void
single_check_ints (const CnGraph *graph, int output, const CnShape *shape, const gint64 *expected)
{
  g_autoptr (CnPlan) plan = run (graph, output, CN_TYPE_INT64, shape);
  const gint64 *ints = cn_plan_output (plan, output)->int64s;

  for (gsize i = 0; i < cn_shape_elements (shape); i++)
    g_assert_cmpint (ints[i], ==, expected[i]);
}

void
single_fails (const CnGraph *graph, const char *message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CnPlan) plan = cn_plan_new (graph, NULL, &error);

  if (plan)
    g_assert_false (cn_plan_run (plan, &(CnRun){ 0 }, &error));
  g_assert_nonnull (error);
  g_assert_cmpstr (error->message, ==, message);
}
