/* test-roi.c: RoiAlign on pictures whose interpolation is known, and boxes as no detector has them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "filters/core/error.h"
#include "tests/unit/networks.h"

#define WIDTH 12
#define HEIGHT 10

/* Two pictures of two channels, one box: a plan; RoiAlign to 3×4 bins. */
static CnGraph *
make (const float *box, gint64 picture, gint64 samples)
{
  CnGraph *graph = cn_graph_new ("roi", 16);
  const CnShape shape = cn_shape_nchw (2, 2, HEIGHT, WIDTH);
  CnNode *node;

  g_assert_true (cn_graph_add_input (graph, "x", CN_TYPE_FLOAT, &shape, NULL));
  g_assert_true (cn_graph_add_floats (graph, "boxes", &(CnShape){ 2, { 1, 4 } }, box, NULL));
  g_assert_true (cn_graph_add_constant (
      graph, "batch", cn_array_copy (CN_TYPE_INT64, &(CnShape){ 1, { 1 } }, &picture, NULL), NULL));
  node = cn_graph_add_node (graph, "RoiAlign", "roi",
                            (const char *const[]){ "x", "boxes", "batch", NULL },
                            (const char *const[]){ "y", NULL }, NULL);
  cn_node_set_int (node, "output_height", 3);
  cn_node_set_int (node, "output_width", 4);
  cn_node_set_int (node, "sampling_ratio", samples);
  cn_node_set_float (node, "spatial_scale", 0.5f);
  cn_graph_add_output (graph, "y");
  return graph;
}

/* value = 3·row − 2·column + 100·channel + 1000·picture: what is linear has at the middle of a bin
   the mean of its samples. */
static float *
ramp (void)
{
  float *x = g_new (float, 4 * HEIGHT * WIDTH), *to = x;

  for (int plane = 0; plane < 4; plane++)
    for (int row = 0; row < HEIGHT; row++)
      for (int column = 0; column < WIDTH; column++)
        *to++ = (float) (3 * row - 2 * column + 100 * (plane % 2) + 1000 * (plane / 2));
  return x;
}

static void
test_ramp (void)
{
  const float box[4] = { 3, 2.5f, 19, 16 }; /* x₁ y₁ x₂ y₂, at twice the pictures' scale */
  const CnShape shape = cn_shape_nchw (2, 2, HEIGHT, WIDTH);
  g_autofree float *x = ramp ();

  for (gint64 samples = 0; samples < 4; samples++)
    {
      g_autoptr (CnGraph) graph = make (box, 1, samples);
      g_autoptr (CnPlan) plan = network_plan (graph, &shape, NULL);
      g_autofree float *y = network_run (plan, x, 0);

      for (int c = 0; c < 2; c++)
        for (int i = 0; i < 3; i++)
          for (int k = 0; k < 4; k++)
            {
              double row = box[1] / 2 - 0.5 + (box[3] - box[1]) / 2 * (i + 0.5) / 3;
              double column = box[0] / 2 - 0.5 + (box[2] - box[0]) / 2 * (k + 0.5) / 4;
              double expected = 3 * row - 2 * column + 100 * c + 1000;

              /* Sums in double, rounded once: 2⁻²⁴ of about 1100. */
              g_assert_cmpfloat (fabs (y[(c * 3 + i) * 4 + k] - expected), <, 1e-4);
            }
    }
}

/* Boxes that are inside out, far outside, endless or no numbers give finite results, and end. */
static void
test_odd_boxes (void)
{
  static const float boxes[][4] = { { 9, 9, 3, 3 },
                                    { -1e30f, -1e30f, 1e30f, 1e30f },
                                    { 1e6f, 1e6f, 2e6f, 2e6f },
                                    { NAN, 0, NAN, 4 },
                                    { -INFINITY, 0, INFINITY, 4 } };
  const CnShape shape = cn_shape_nchw (2, 2, HEIGHT, WIDTH);
  g_autofree float *x = ramp ();

  for (gsize i = 0; i < G_N_ELEMENTS (boxes); i++)
    {
      g_autoptr (CnGraph) graph = make (boxes[i], 0, i % 2 ? 2 : 0);
      g_autoptr (CnPlan) plan = network_plan (graph, &shape, NULL);
      g_autofree float *y = network_run (plan, x, 0);

      for (int k = 0; k < 24; k++)
        g_assert_true (isfinite (y[k]));
    }
}

static void
test_faults (void)
{
  const float box[4] = { 0 };
  g_autoptr (CnGraph) graph = make (box, 2, 1), many = make (box, 0, 5000);
  const CnShape shape = cn_shape_nchw (2, 2, HEIGHT, WIDTH);
  g_autoptr (CnPlan) plan = network_plan (graph, &shape, NULL);
  g_autoptr (GError) error = NULL, fault = NULL;

  memset (cn_plan_input (plan, 0)->data, 0, cn_array_bytes (cn_plan_input (plan, 0)));
  g_assert_false (cn_plan_run (plan, &(CnRun){ 0 }, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_SHAPE);
  g_assert_cmpstr (error->message, ==, "RoiAlign “roi”: there is no picture 2 of 2");
  g_assert_null (cn_plan_new (many, NULL, &fault));
  g_assert_cmpstr (fault->message, ==, "RoiAlign “roi”: it cannot make 3×4 bins of 5000 samples");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/roi/ramp", test_ramp);
  g_test_add_func ("/roi/odd-boxes", test_odd_boxes);
  g_test_add_func ("/roi/faults", test_faults);
  return g_test_run ();
}
