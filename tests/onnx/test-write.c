/* test-write.c: what is written is read again as the same network, and computes the same.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include <glib/gstdio.h>

#include "filters/core/error.h"
#include "filters/onnx/onnx.h"
#include "tests/onnx/case.h"
#include "tests/unit/networks.h"

static CnGraph *
again (const CnGraph *graph)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = cn_onnx_serialize (graph, &error);
  CnGraph *read;
  gsize n;
  const guint8 *data;

  g_assert_no_error (error);
  data = g_bytes_get_data (bytes, &n);
  read = cn_onnx_parse (data, n, NULL, &error);
  g_assert_no_error (error);
  return read;
}

static void check_same (const CnGraph *a, const CnGraph *b);

static void
check_attributes (const CnNode *a, const CnNode *b)
{
  g_assert_cmpuint (a->attributes->len, ==, b->attributes->len);
  for (guint i = 0; i < a->attributes->len; i++)
    {
      const CnAttribute *x = g_ptr_array_index (a->attributes, i);
      const CnAttribute *y = cn_node_get (b, x->name);

      g_assert_nonnull (y);
      g_assert_cmpint (x->kind, ==, y->kind);
      g_assert_cmpint (x->n, ==, y->n);
      for (int k = 0; k < x->n; k++)
        {
          if (x->ints)
            g_assert_cmpint (x->ints[k], ==, y->ints[k]);
          if (x->floats)
            g_assert_cmpmem (&x->floats[k], 4, &y->floats[k], 4);
          if (x->strings)
            g_assert_cmpstr (x->strings[k], ==, y->strings[k]);
        }
      if (x->tensor)
        g_assert_cmpmem (x->tensor->data, cn_array_bytes (x->tensor), y->tensor->data,
                         cn_array_bytes (y->tensor));
      if (x->graph)
        check_same (x->graph, y->graph);
    }
}

static void
check_same (const CnGraph *a, const CnGraph *b)
{
  g_assert_cmpint (a->opset, ==, b->opset);
  g_assert_cmpuint (a->nodes->len, ==, b->nodes->len);
  g_assert_cmpuint (a->inputs->len, ==, b->inputs->len);
  g_assert_cmpuint (a->outputs->len, ==, b->outputs->len);
  g_assert_cmpuint (a->keys->len, ==, b->keys->len);
  for (guint i = 0; i < a->nodes->len; i++)
    {
      const CnNode *x = cn_graph_node (a, i), *y = cn_graph_node (b, i);

      g_assert_cmpstr (x->op, ==, y->op);
      g_assert_cmpstr (x->name, ==, y->name);
      g_assert_cmpstr (x->domain, ==, y->domain);
      g_assert_cmpint (x->n_inputs, ==, y->n_inputs);
      g_assert_cmpint (x->n_captured, ==, y->n_captured);
      g_assert_cmpint (x->n_outputs, ==, y->n_outputs);
      check_attributes (x, y);
    }
  for (guint i = 0; i < a->values->len; i++)
    {
      const CnValue *x = cn_graph_value (a, i);
      int index = cn_graph_find (b, x->name);
      const CnArray *array = x->constant;

      if (!array)
        continue;
      g_assert_cmpint (index, >=, 0);
      g_assert_cmpmem (array->data, cn_array_bytes (array),
                       cn_graph_value (b, index)->constant->data, cn_array_bytes (array));
    }
}

/* Everything that a graph holds. */
static void
test_everything (void)
{
  g_autoptr (CnGraph) graph = cn_graph_new ("everything", 17), read = NULL;
  const CnShape shape = cn_shape_nchw (-1, 3, 16, -1);
  const float floats[] = { 1.5f, -0.0f, 3e-41f };
  const gint64 ints[] = { G_MININT64, -1, 0, G_MAXINT64 };
  CnGraph *body = cn_graph_new ("body", 17);
  CnNode *node;

  graph->description = g_strdup ("What it does: „alles“");
  graph->producer = g_strdup ("convnet");
  g_assert_true (cn_graph_add_input (graph, "x", CN_TYPE_FLOAT, &shape, NULL));
  node = network_node (graph, "Anything", "node", "x", "y");
  cn_node_set_int (node, "int", -7);
  cn_node_set_float (node, "float", 0.1f);
  cn_node_set_string (node, "string", "bilinéaire");
  cn_node_set_string (node, "nothing", "");
  cn_node_set_ints (node, "ints", 4, ints);
  cn_node_set_floats (node, "floats", 3, floats);
  cn_node_set_ints (node, "none", 0, ints);
  cn_node_set_tensor (node, "tensor",
                      cn_array_copy (CN_TYPE_INT64, &(CnShape){ 2, { 2, 2 } }, ints, NULL));
  network_conv (body, "conv", "x", "z", 3, 4, 1, 0);
  cn_graph_add_output (body, "z");
  cn_node_set_graph (graph, node, "graph", body);
  g_hash_table_insert (graph->opsets, g_strdup ("com.example"), GINT_TO_POINTER (3));
  cn_graph_add_output (graph, "y");
  cn_graph_set_metadata (graph, "author", "N. N.");
  cn_graph_set_metadata (graph, "author", "A. Nonymous");
  cn_graph_set_metadata (graph, "range", "0..1");
  read = again (graph);
  check_same (graph, read);
  g_assert_cmpstr (read->description, ==, graph->description);
  g_assert_cmpstr (read->producer, ==, "convnet");
  g_assert_cmpstr (cn_graph_metadata (read, "author"), ==, "A. Nonymous");
  g_assert_cmpstr (cn_graph_metadata (read, "range"), ==, "0..1");
  g_assert_null (cn_graph_metadata (read, "licence"));
  g_assert_cmpint (GPOINTER_TO_INT (g_hash_table_lookup (read->opsets, "com.example")), ==, 3);
  g_assert_true (cn_shape_equal (&cn_graph_value (read, cn_graph_find (read, "x"))->shape, &shape));
}

/* Arrays of every type, an empty one and a scalar among them. */
static void
test_arrays (void)
{
  g_autoptr (CnGraph) graph = cn_graph_new ("arrays", 13), read = NULL;
  const CnShape shapes[] = { { 0, { 0 } }, { 2, { 0, 3 } }, { 3, { 2, 3, 2 } } };

  for (CnType type = CN_TYPE_FLOAT; type < CN_TYPE_SEQUENCE; type++)
    for (int s = 0; s < 3; s++)
      {
        CnArray *array = cn_array_new (type, &shapes[s], NULL);
        g_autofree char *name = g_strdup_printf ("%s-%d", cn_type_name (type), s);

        for (gsize i = 0; i < cn_array_elements (array); i++)
          cn_array_set_int (array, i, g_test_rand_int ());
        g_assert_true (cn_graph_add_constant (graph, name, array, NULL));
      }
  read = again (graph);
  check_same (graph, read);
}

static void
test_same_numbers (void)
{
  g_autoptr (CnGraph) graph = network_lecture (), read = again (graph);
  const CnShape shape = cn_shape_nchw (1, 3, 32, 32);
  g_autoptr (CnPlan) before = network_plan (graph, &shape, NULL);
  g_autoptr (CnPlan) after = network_plan (read, &shape, NULL);
  g_autofree float *x = network_random (3 * 32 * 32, 1);
  g_autofree float *a = network_run (before, x, 0), *b = network_run (after, x, 0);

  check_same (graph, read);
  g_assert_cmpmem (a, 40, b, 40);
}

/* What was written is a case of the backend tests; a wrong number in it is found. */
static void
test_files (void)
{
  const CaseTolerance tolerance = { 1e-4, 1e-5 };
  g_autofree char *folder = g_dir_make_tmp ("convnet-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "model.onnx", NULL), *text = NULL;
  g_autoptr (CnGraph) graph = network_lecture (), read = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (cn_onnx_write (graph, path, &error));
  g_assert_no_error (error);
  read = cn_onnx_read (path, &error);
  g_assert_no_error (error);
  check_same (graph, read);
  g_assert_cmpint (case_run (path, &tolerance, &text), ==, CASE_UNSUPPORTED);
  g_assert_cmpstr (text, ==, "there are no test_data_set_* beside it");
  g_assert_false (cn_onnx_write (graph, "/nowhere/model.onnx", NULL));
  g_unlink (path);
  g_rmdir (folder);
}

/* An attribute that was not kept cannot be written. */
static void
test_other (void)
{
  g_autoptr (CnGraph) graph = cn_graph_new ("other", 13);
  g_autoptr (GError) error = NULL;

  cn_node_set (network_node (graph, "Any", "n", "x", "y"), "sparse", CN_ATTRIBUTE_OTHER);
  g_assert_null (cn_onnx_serialize (graph, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_UNSUPPORTED);
  g_assert_cmpstr (error->message, ==,
                   "Any “n”: the attribute “sparse” is of a kind that cannot be written");
}

/* int8, uint8, int16 and uint16 are written in as many bits as they had. */
static void
test_narrow (void)
{
  static const struct
  {
    int bits;
    gint32 numbers[2];
  } cases[] = {
    { 8, { 0, 255 } }, { -8, { -128, 127 } }, { 16, { 256, 65535 } }, { -16, { -32768, 32767 } }
  };
  g_autoptr (CnGraph) graph = cn_graph_new ("narrow", 13), read = NULL;
  const CnShape shape = { 1, { 2 } };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = g_strdup_printf ("c%d", (int) i);
      CnArray *array = cn_array_copy (CN_TYPE_INT32, &shape, cases[i].numbers, NULL);

      array->bits = cases[i].bits;
      g_assert_true (cn_graph_add_constant (graph, name, array, NULL));
    }
  read = again (graph);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = g_strdup_printf ("c%d", (int) i);
      const CnArray *array = cn_graph_value (read, cn_graph_find (read, name))->constant;

      g_assert_cmpint (array->type, ==, CN_TYPE_INT32);
      g_assert_cmpint (array->bits, ==, cases[i].bits);
      g_assert_cmpmem (array->data, cn_array_bytes (array), cases[i].numbers,
                       sizeof cases[i].numbers);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/write/everything", test_everything);
  g_test_add_func ("/write/arrays", test_arrays);
  g_test_add_func ("/write/same-numbers", test_same_numbers);
  g_test_add_func ("/write/files", test_files);
  g_test_add_func ("/write/other", test_other);
  g_test_add_func ("/write/narrow", test_narrow);
  return g_test_run ();
}
