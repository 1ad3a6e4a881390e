/* test-export.c: a model and the graph made of it give the same numbers; networks are judged.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/train/export.h"

#include <math.h>
#include <string.h>

#include "filters/core/error.h"
#include "filters/net/plan.h"
#include "filters/onnx/onnx.h"
#include "filters/train/judge.h"

static const char *const models[] = {
  "conv 4 3 same|relu|max-pool 2|conv 5 3|sigmoid|dense 6|tanh|dense 3",
  ("conv 6 3 same|batch-norm|relu|mark a|conv 6 3 same|batch-norm|add a|relu|conv 4 3 stride 2 "
   "same|"
   "batch-norm|elu|global-average-pool|dense 3"),
  "batch-norm|conv 4 3|leaky-relu|average-pool 3 stride 2|softplus|clip|dense 5|batch-norm|dense 3",
  "max-pool 3 stride 1|batch-norm|identity|dense 3",
};

static CnModel *
model_of (const char *layers)
{
  g_autofree char *text = g_strdup_printf ("input 3 9 8 -1 1|%s", layers);
  g_autoptr (GError) error = NULL;
  CnModel *model;

  g_strdelimit (text, "|", '\n');
  model = cn_model_new (text, 1, 1, &error);
  g_assert_no_error (error);
  for (gsize i = 0; i < model->parameters_n; i++)
    model->parameters[i] += (float) g_test_rand_double_range (-0.2, 0.2);
  for (gsize i = 0; i < model->statistics_n; i++)
    model->statistics[i] += (float) g_test_rand_double_range (0, 0.5);
  return model;
}

/* Through a file and the engine, against the model itself. Probabilities are at most 1; each of up
   to ten layers sums up to 150 terms. */
static void
test_same_numbers (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (models); i++)
    {
      g_autoptr (CnModel) model = model_of (models[i]);
      g_autoptr (GError) error = NULL;
      g_autoptr (CnGraph) made = cn_model_export (model, "made", &error);
      g_autoptr (GBytes) bytes = made ? cn_onnx_serialize (made, &error) : NULL;
      g_autoptr (CnGraph) graph = NULL;
      g_autoptr (CnPlan) plan = NULL;
      CnPlanInput input = { .name = "pixels", .shape = cn_shape_nchw (CN_LANES, 3, 9, 8) };
      gsize samples = cn_lanes_block (&model->input) / CN_LANES;
      const float *z = cn_model_output (model)->data, *p;

      g_assert_no_error (error);
      graph =
          cn_onnx_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), NULL, &error);
      g_assert_no_error (error);
      plan = cn_plan_new (graph, &(CnPlanOptions){ .inputs = &input, .n_inputs = 1 }, &error);
      g_assert_no_error (error);
      for (gsize k = 0; k < samples * CN_LANES; k++)
        {
          float value = (float) g_test_rand_double_range (-1, 1);

          model->input.data[k] = value;
          cn_plan_input (plan, 0)->floats[k % CN_LANES * samples + k / CN_LANES] = value;
        }
      g_assert_true (cn_model_forward (model, FALSE, &(CnRun){ 0 }, NULL));
      g_assert_true (cn_plan_run (plan, &(CnRun){ 0 }, NULL));
      p = cn_plan_output (plan, 0)->floats;
      for (int n = 0; n < CN_LANES; n++)
        {
          double total = 0;

          for (int c = 0; c < 3; c++)
            total += exp (z[c * CN_LANES + n]);
          for (int c = 0; c < 3; c++)
            g_assert_cmpfloat_with_epsilon ((double) p[n * 3 + c],
                                            exp (z[c * CN_LANES + n]) / total, 1e-5);
        }
    }
}

/* No batch normalisation is left behind a convolution, and any size will do where it can. */
static void
test_graph (void)
{
  g_autoptr (CnModel) open = model_of (models[1]), closed = model_of (models[0]);
  g_autoptr (CnGraph) a = cn_model_export (open, "open", NULL);
  g_autoptr (CnGraph) b = cn_model_export (closed, "closed", NULL);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < a->nodes->len; i++)
    g_assert_cmpstr (cn_graph_node (a, i)->op, !=, "BatchNormalization");
  g_assert_cmpint (cn_graph_value (a, cn_graph_find (a, "pixels"))->shape.dims[2], ==, -1);
  g_assert_cmpint (cn_graph_value (b, cn_graph_find (b, "pixels"))->shape.dims[2], ==, 9);
  g_assert_cmpint (cn_graph_find (a, "conv2"), >=, 0);
  g_assert_cmpstr (cn_graph_metadata (a, "input-low"), ==, "-1");
  g_assert_cmpstr (cn_graph_metadata (a, "layers"), ==, open->text);
  open->parameters[3] = NAN;
  g_assert_null (cn_model_export (open, "x", &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_ARGUMENT);
}

/* A network that answers with the colour that there is most of. */
static void
test_judge (void)
{
  const char *const classes[] = { "red", "green", "blue", NULL };
  g_autoptr (CnDataSet) data = cn_data_set_new (3, 5, 4, 250, classes, NULL);
  g_autoptr (CnModel) model =
      cn_model_new ("input 3 5 4 0 1\nglobal-average-pool\nconv 3 1\n", 1, 1, NULL);
  g_autoptr (CnGraph) graph = NULL;
  g_autoptr (GError) error = NULL;
  gsize right;

  memset (model->parameters, 0, model->parameters_n * sizeof (float));
  for (int c = 0; c < 3; c++)
    model->parameters[c * 3 + c] = 1;
  graph = cn_model_export (model, "most", NULL);
  for (gsize i = 0; i < data->n; i++)
    {
      data->labels[i] = i % 3;
      for (gsize p = 0; p < 20; p++)
        data->pixels[(i * 20 + p) * 3 + i % 3] = 9;
    }
  data->labels[249] = 1; /* not what it is */
  cn_judge_classes (graph, data, &right, &(CnRun){ 0 }, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (right, ==, 249);
  g_clear_pointer (&data->classes[2], g_free);
  g_assert_false (cn_judge_classes (graph, data, &right, &(CnRun){ 0 }, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_SHAPE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/export/same-numbers", test_same_numbers);
  g_test_add_func ("/export/graph", test_graph);
  g_test_add_func ("/export/judge", test_judge);
  return g_test_run ();
}
