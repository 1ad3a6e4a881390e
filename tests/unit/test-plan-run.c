/* test-plan-run.c: running plans: threads, progress, cancel, from the middle on, and what is
 * planned late. SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/core/error.h"
#include "tests/unit/networks.h"

/* NonZero finds another number of elements in each run; what is wanted before it is there too. */
static void
test_late (void)
{
  g_autoptr (CnGraph) graph = cn_graph_new ("late", 13);
  const CnShape shape = { 1, { 6 } };
  static const char *const names[] = { "relu", "found", "y", NULL };
  g_autoptr (CnPlan) plan = NULL;
  const float inputs[2][6] = { { -1, 2, 0, 5, -3, 7 }, { -1, -2, -3, 4, 5, -6 } };

  g_assert_true (cn_graph_add_input (graph, "x", CN_TYPE_FLOAT, &shape, NULL));
  network_node (graph, "Relu", "", "x", "relu");
  network_node (graph, "NonZero", "", "relu", "places");
  network_node (graph, "Squeeze", "", "places", "flat");
  network_pair (graph, "Gather", "", "x", "flat", "found");
  cn_node_set_int (network_node (graph, "ReduceSum", "", "found", "y"), "keepdims", 0);
  plan = network_plan (graph, &shape, names);
  g_assert_null (cn_plan_output (plan, 1)->data);
  for (int i = 0; i < 4; i++)
    {
      g_autofree float *relu = network_run (plan, inputs[i % 2], 0);

      g_assert_cmpfloat (relu[1], ==, i % 2 ? 0 : 2);
      g_assert_cmpint (cn_plan_output (plan, 1)->shape.dims[0], ==, i % 2 ? 2 : 3);
      g_assert_cmpfloat (cn_plan_output (plan, 2)->floats[0], ==, i % 2 ? 9 : 14);
    }
}

/* A run from the middle on. */
static void
test_from_the_middle (void)
{
  g_autoptr (CnGraph) graph = network_lecture ();
  const CnShape whole = cn_shape_nchw (1, 3, 32, 32), part = cn_shape_nchw (1, 8, 14, 14);
  const CnPlanInput input = { .name = "pool1", .shape = part };
  const CnPlanOptions options = { .inputs = &input, .n_inputs = 1 };
  static const char *const names[] = { "pool1", "y", NULL };
  g_autoptr (CnPlan) plan = network_plan (graph, &whole, names);
  g_autoptr (CnPlan) rest = cn_plan_new (graph, &options, NULL);
  g_autofree float *x = network_random (3 * 32 * 32, 1);
  g_autofree float *pool1 = network_run (plan, x, 0), *y = network_run (plan, x, 1);
  g_autofree float *z = network_run (rest, pool1, 0);

  g_assert_cmpint (cn_plan_inputs (rest), ==, 1);
  g_assert_cmpmem (y, 40, z, 40);
}

/* x, 1×3×?×? → conv → sigmoid → y */
static CnGraph *
conv_graph (void)
{
  CnGraph *graph = cn_graph_new ("conv", 13);
  CnShape shape = cn_shape_nchw (1, 3, -1, -1);

  g_assert_true (cn_graph_add_input (graph, "x", CN_TYPE_FLOAT, &shape, NULL));
  network_conv (graph, "conv", "x", "a", 3, 6, 3, 1);
  network_node (graph, "Sigmoid", "", "a", "b");
  network_node (graph, "Exp", "", "b", "y");
  cn_graph_add_output (graph, "y");
  return graph;
}

typedef struct
{
  double last;
  int raise_at;
  gint cancel;
} Watch;

static void
watch_progress (double fraction, gpointer data)
{
  Watch *watch = data;

  g_assert_cmpfloat (fraction, >=, watch->last);
  g_assert_cmpfloat (fraction, <=, 1 + 1e-12);
  watch->last = fraction;
  if (watch->raise_at > 0 && --watch->raise_at == 0)
    g_atomic_int_set (&watch->cancel, 1);
}

static void
test_threads_and_progress (void)
{
  g_autoptr (CnGraph) graph = conv_graph ();
  const CnShape shape = cn_shape_nchw (1, 3, 200, 300);
  g_autoptr (CnPlan) plan = network_plan (graph, &shape, NULL);
  g_autofree float *x = network_random (3 * 200 * 300, 1), *first = network_run (plan, x, 0);

  for (int threads = 1; threads < 6; threads++)
    {
      Watch watch = { 0 };
      const CnRun run = { .threads = threads, .progress = watch_progress, .progress_data = &watch };

      memcpy (cn_plan_input (plan, 0)->data, x, 3 * 200 * 300 * 4);
      g_assert_true (cn_plan_run (plan, &run, NULL));
      g_assert_cmpfloat (watch.last, >, 1 - 1e-12);
      g_assert_cmpmem (first, 6 * 200 * 300 * 4, cn_plan_output (plan, 0)->data, 6 * 200 * 300 * 4);
    }
}

static void
test_cancel (void)
{
  g_autoptr (CnGraph) graph = conv_graph ();
  const CnShape shape = cn_shape_nchw (1, 3, 500, 500);
  g_autoptr (CnPlan) plan = network_plan (graph, &shape, NULL);
  g_autoptr (GError) error = NULL;
  Watch watch = { .raise_at = 2 };
  const CnRun run = { .threads = 2,
                      .tile_width = 64,
                      .tile_height = 64,
                      .progress = watch_progress,
                      .progress_data = &watch,
                      .cancel = &watch.cancel };

  memset (cn_plan_input (plan, 0)->data, 0, 3 * 500 * 500 * 4);
  g_assert_false (cn_plan_run (plan, &run, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_CANCELLED);
  g_assert_cmpfloat (watch.last, <, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plan-run/late", test_late);
  g_test_add_func ("/plan-run/from-the-middle", test_from_the_middle);
  g_test_add_func ("/plan-run/threads-and-progress", test_threads_and_progress);
  g_test_add_func ("/plan-run/cancel", test_cancel);
  return g_test_run ();
}
