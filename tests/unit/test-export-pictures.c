/* test-export-pictures.c: models that make pictures larger, as graphs; and how they are judged.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "filters/core/error.h"
#include "filters/kernels/upscale.h"
#include "filters/net/plan.h"
#include "filters/onnx/onnx.h"
#include "filters/train/export.h"
#include "filters/train/judge.h"

#define WIDTH 11
#define HEIGHT 9

/* A model for pictures of WIDTH×HEIGHT pixels with `margin` more on each side; | ends a line. */
static CnModel *
model_of (const char *layers, int margin)
{
  g_autofree char *text =
      g_strdup_printf ("input 1 %d %d 0 1|%s", HEIGHT + 2 * margin, WIDTH + 2 * margin, layers);
  g_autoptr (GError) error = NULL;
  CnModel *model;

  g_strdelimit (text, "|", '\n');
  model = cn_model_new (text, 1, 1, &error);
  g_assert_no_error (error);
  g_assert_cmpint (cn_model_margin (model), ==, margin);
  return model;
}

/* The graph, by way of a file. */
static CnGraph *
graph_of (const CnModel *model)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CnGraph) made = cn_model_export (model, "made", &error);
  g_autoptr (GBytes) bytes = made ? cn_onnx_serialize (made, &error) : NULL;
  CnGraph *graph;

  g_assert_no_error (error);
  graph = cn_onnx_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), NULL, &error);
  g_assert_no_error (error);
  return graph;
}

/* The result for a picture. */
static CnPlan *
run (const CnGraph *graph, const float *picture)
{
  const CnPlanInput input = { .name = "pixels", .shape = cn_shape_nchw (1, 1, HEIGHT, WIDTH) };
  g_autoptr (GError) error = NULL;
  CnPlan *plan = cn_plan_new (graph, &(CnPlanOptions){ .inputs = &input, .n_inputs = 1 }, &error);

  g_assert_no_error (error);
  memcpy (cn_plan_input (plan, 0)->floats, picture, HEIGHT * WIDTH * sizeof (float));
  g_assert_true (cn_plan_run (plan, &(CnRun){ 0 }, NULL));
  return plan;
}

static void
draw (float *picture)
{
  for (int i = 0; i < HEIGHT * WIDTH; i++)
    picture[i] = (float) g_test_rand_double_range (0, 1);
}

static const struct
{
  const char *layers;
  int scale, margin;
} models[] = {
  { "mark pixels|conv 6 5|prelu|conv 4 3|prelu|concat pixels|conv-transpose 1 9 stride 2", 2, 5 },
  { "mark pixels|conv 6 3|prelu|mark a|conv 6 3 same|add a|concat pixels|"
    "conv-transpose 1 9 stride 3",
    3, 2 },
  { "mark pixels|conv 3 1|prelu|concat pixels|conv-transpose 1 9 stride 4", 4, 1 },
  { "conv-transpose 1 2 stride 2", 2, 0 },
};

/* The graph gives for a picture what the model gives for the picture continued by its nearest
   pixels. Sums have at most 225 terms around 1, in up to four layers: √225 · 4 · ε / 2. */
static void
test_same_numbers (void)
{
  for (gsize m = 0; m < G_N_ELEMENTS (models); m++)
    {
      int margin = models[m].margin, scale = models[m].scale;
      g_autoptr (CnModel) model = model_of (models[m].layers, margin);
      g_autoptr (CnGraph) graph = NULL;
      g_autoptr (CnPlan) plan = NULL;
      const CnLanes *in = &model->input, *out = cn_model_output (model);
      float picture[HEIGHT * WIDTH];

      draw (picture);
      for (gsize i = 0; i < model->parameters_n; i++)
        model->parameters[i] += (float) g_test_rand_double_range (-0.1, 0.1);
      for (int y = 0; y < in->height; y++)
        for (int x = 0; x < in->width; x++)
          in->data[(y * in->width + x) * CN_LANES] =
              picture[CLAMP (y - margin, 0, HEIGHT - 1) * WIDTH + CLAMP (x - margin, 0, WIDTH - 1)];
      g_assert_true (cn_model_forward (model, FALSE, &(CnRun){ 0 }, NULL));
      graph = graph_of (model);
      plan = run (graph, picture);
      g_assert_cmpint (cn_plan_output (plan, 0)->shape.dims[2], ==, HEIGHT * scale);
      g_assert_cmpint (cn_plan_output (plan, 0)->shape.dims[3], ==, WIDTH * scale);
      for (int i = 0; i < HEIGHT * WIDTH * scale * scale; i++)
        g_assert_cmpfloat_with_epsilon ((double) cn_plan_output (plan, 0)->floats[i],
                                        (double) out->data[i * CN_LANES], 1e-5);
      g_assert_cmpint ((int) cn_judge_number (graph, "scale", 0), ==, scale);
    }
}

/* Before it has learned anything a model with a kernel that is large enough upscales as Upscale
   does by bicubic, pixel for pixel, the borders as well. */
static void
test_begins_as_bicubic (void)
{
  g_autoptr (CnModel) model = model_of (models[0].layers, models[0].margin);
  g_autoptr (CnGraph) graph = graph_of (model);
  g_autoptr (CnUpscale) upscale =
      cn_upscale_new (CN_UPSCALE_BICUBIC, 2, CN_BORDER_REPLICATE, 1, FALSE, NULL);
  g_autoptr (CnPlan) plan = NULL;
  float picture[HEIGHT * WIDTH], wanted[4 * HEIGHT * WIDTH];
  CnSource source = { .width = WIDTH, .height = HEIGHT };
  CnSink sink = { 0 };

  draw (picture);
  source.memory = cn_view_packed (picture, 1, 1, HEIGHT, WIDTH);
  sink.memory = cn_view_packed (wanted, 1, 1, 2 * HEIGHT, 2 * WIDTH);
  g_assert_true (cn_upscale_run (upscale, &source, &sink, NULL, &(CnRun){ 0 }, NULL));
  plan = run (graph, picture);
  for (int i = 0; i < 4 * HEIGHT * WIDTH; i++)
    g_assert_cmpfloat_with_epsilon ((double) cn_plan_output (plan, 0)->floats[i],
                                    (double) wanted[i], 2e-6);
}

static CnPhotograph
noise (int width, int height)
{
  CnPhotograph photograph = { g_strdup ("noise.png"), { width, height, NULL } };

  photograph.plane.pixels = g_new (float, width *height);
  for (int i = 0; i < width * height; i++)
    photograph.plane.pixels[i] = (float) g_test_rand_double_range (0, 255);
  return photograph;
}

/* Bicubic is as good as bicubic; but for the few pixels that round otherwise, as good to the
   hundredth. And the ratio is the one of the formula. */
static void
test_judge (void)
{
  g_autoptr (CnModel) model = model_of (models[0].layers, models[0].margin);
  g_autoptr (CnGraph) graph = graph_of (model);
  CnPhotograph photograph = noise (61, 54);
  g_autofree float *small = g_new (float, 30 * 27);
  g_autoptr (GError) error = NULL;
  CnPhotographPair pair;
  CnPlane large;
  double network, cubic, squares = 0;

  g_assert_true (cn_judge_upscaler (graph, &photograph, &network, &cubic, &(CnRun){ 0 }, &error));
  g_assert_no_error (error);
  g_assert_cmpfloat_with_epsilon (network, cubic, 0.01);
  g_assert_true (cn_photograph_pair (&photograph, 2, 219.0 / 255, 16, &pair, NULL));
  for (int i = 0; i < 30 * 27; i++)
    small[i] = pair.small[i];
  large = cn_cubic_resize (&(CnPlane){ 30, 27, small }, 60, 54, NULL);
  for (int y = 2; y < 52; y++)
    for (int x = 2; x < 58; x++)
      {
        double value = (double) large.pixels[y * 60 + x];

        squares += pow (floor (fmin (fmax (value, 0), 255) + 0.5) - pair.large[y * 60 + x], 2);
      }
  g_assert_cmpfloat_with_epsilon (cubic, 10 * log10 (255 * 255 / (squares / (50 * 56))), 1e-9);
  g_free (large.pixels);
  cn_photograph_pair_clear (&pair);
  cn_photograph_clear (&photograph);
}

static void
test_judge_errors (void)
{
  g_autoptr (CnModel) model = model_of (models[0].layers, models[0].margin);
  g_autoptr (CnGraph) graph = graph_of (model);
  CnPhotograph photograph = noise (4, 40), large = noise (40, 40);
  g_autoptr (GError) error = NULL;
  double network, cubic;

  g_assert_false (cn_judge_upscaler (graph, &photograph, &network, &cubic, &(CnRun){ 0 }, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_SHAPE);
  g_assert_nonnull (strstr (error->message, "nothing is left of 4×40"));
  g_clear_error (&error);
  cn_graph_set_metadata (graph, "scale", "3"); /* it is not */
  g_assert_false (cn_judge_upscaler (graph, &large, &network, &cubic, &(CnRun){ 0 }, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_SHAPE);
  g_assert_nonnull (strstr (error->message, "3 times as many"));
  g_clear_error (&error);
  cn_graph_set_metadata (graph, "scale", "0");
  g_assert_false (cn_judge_upscaler (graph, &large, &network, &cubic, &(CnRun){ 0 }, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_ARGUMENT);
  cn_photograph_clear (&photograph);
  cn_photograph_clear (&large);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/export-pictures/same-numbers", test_same_numbers);
  g_test_add_func ("/export-pictures/begins-as-bicubic", test_begins_as_bicubic);
  g_test_add_func ("/export-pictures/judge", test_judge);
  g_test_add_func ("/export-pictures/judge-errors", test_judge_errors);
  return g_test_run ();
}
