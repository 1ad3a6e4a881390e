/* test-info.c: networks as tables: the lecture's one, and receptive fields.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/net/info.h"

#include "tests/unit/networks.h"

/* The table of worked-examples.md, line by line. */
static void
test_lecture (void)
{
  static const char *const lines[] = {
    "x 32×32×3 3072 0",         "CONV1 28×28×8 6272 608", "POOL1 14×14×8 1568 0",
    "CONV2 10×10×16 1600 3216", "POOL2 5×5×16 400 0",     "FC3 120 120 48120",
    "FC4 84 84 10164",          "softmax 10 10 850",
  };
  g_autoptr (CnGraph) graph = network_lecture ();
  g_autoptr (GError) error = NULL;
  g_autoptr (CnInfo) info = cn_info_new (graph, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (info->n, ==, G_N_ELEMENTS (lines));
  for (int i = 0; i < info->n; i++)
    {
      const CnLayer *layer = &info->layers[i];
      g_autofree char *shape = cn_info_shape_text (&layer->shape);
      g_autofree char *line = g_strdup_printf ("%s %s %" G_GSIZE_FORMAT " %" G_GSIZE_FORMAT,
                                               layer->name, shape, layer->size, layer->parameters);

      g_assert_cmpstr (line, ==, lines[i]);
    }
  g_assert_cmpuint (info->parameters, ==, 608 + 3216 + 48120 + 10164 + 850);
  /* Samples of the result times taps of a filter. */
  g_assert_cmpfloat (info->layers[1].multiply_adds, ==, 6272 * 75);
  g_assert_cmpfloat (info->layers[3].multiply_adds, ==, 1600 * 200);
  g_assert_cmpfloat (info->multiply_adds, ==, 6272 * 75 + 1600 * 200 + 48000 + 10080 + 840);
}

/* 5; with pooling 6; 5×5 at a distance of 2: 6 + 4 · 2 = 14; 16; and then everything. */
static void
test_receptive_field (void)
{
  static const gint64 fields[] = { 1, 5, 6, 14, 16, 0, 0, 0 };
  g_autoptr (CnGraph) graph = network_lecture ();
  g_autoptr (CnInfo) info = cn_info_new (graph, NULL, NULL);

  for (int i = 0; i < info->n; i++)
    g_assert_cmpint (info->layers[i].receptive_field, ==, fields[i]);
}

/* The field by experiment: the rows of the input that change the middle of the result. */
static void
test_field_by_experiment (void)
{
  g_autoptr (CnGraph) graph = network_lecture ();
  const CnShape shape = cn_shape_nchw (1, 3, 32, 32);
  g_autoptr (CnPlan) plan = network_plan (graph, &shape, (const char *const[]){ "conv2", NULL });
  g_autofree float *input = network_random (3 * 32 * 32, 1);
  g_autofree float *before = network_run (plan, input, 0);
  int rows = 0;

  for (int y = 0; y < 32; y++)
    {
      g_autofree float *touched = g_memdup2 (input, 3 * 32 * 32 * sizeof (float)), *after = NULL;
      gboolean changed = FALSE;

      for (int i = 0; i < 32; i++)
        touched[y * 32 + i] += 5;
      after = network_run (plan, touched, 0);
      for (int c = 0; c < 16 && !changed; c++)
        changed = after[c * 100 + 55] != before[c * 100 + 55];
      rows += changed;
    }
  g_assert_cmpint (rows, <=, 14);
  g_assert_cmpint (rows, >, 7); /* a row may lose in every pool */
}

/* Two convolutions of a sum, and their sum with it and with itself: each layer once. */
static void
test_ways (void)
{
  static const char *const ways[] = { "", "0", "1", "1 2", "3" };
  static const float kernel[1] = { 1 };
  const CnShape shape = cn_shape_nchw (1, 1, 8, 8), weights = cn_shape_nchw (1, 1, 1, 1);
  g_autoptr (CnGraph) graph = cn_graph_new ("ways", 13);
  g_autoptr (CnInfo) info = NULL;

  cn_graph_add_input (graph, "x", CN_TYPE_FLOAT, &shape, NULL);
  cn_graph_add_floats (graph, "w", &weights, kernel, NULL);
  network_pair (graph, "Add", "sum", "x", "x", "sum");
  network_pair (graph, "Conv", "a", "sum", "w", "a");
  network_pair (graph, "Add", "b", "sum", "a", "b");
  network_pair (graph, "Mul", "y", "b", "b", "y");
  cn_graph_add_output (graph, "y");
  info = cn_info_new (graph, NULL, NULL);
  g_assert_cmpint (info->n, ==, G_N_ELEMENTS (ways));
  for (int i = 0; i < info->n; i++)
    {
      g_autoptr (GString) from = g_string_new (NULL);

      for (int k = 0; k < info->layers[i].n_from; k++)
        g_string_append_printf (from, "%s%d", k > 0 ? " " : "", info->layers[i].from[k]);
      g_assert_cmpstr (from->str, ==, ways[i]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/info/lecture", test_lecture);
  g_test_add_func ("/info/receptive-field", test_receptive_field);
  g_test_add_func ("/info/field-by-experiment", test_field_by_experiment);
  g_test_add_func ("/info/ways", test_ways);
  return g_test_run ();
}
