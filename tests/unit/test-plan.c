/* test-plan.c: plans compute what the graph says, whatever is fused, folded, shared or run at once.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/net/plan.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "filters/net/info.h"
#include "filters/net/plan-private.h"
#include "tests/unit/networks.h"
#include "tests/unit/oracle.h"

static const CnArray *
constant (const CnGraph *graph, const char *name)
{
  return cn_graph_value (graph, cn_graph_find (graph, name))->constant;
}

/* A convolution with ReLU and max pooling by two, in double. */
static double *
oracle_layer (const CnGraph *graph, const char *name, const double *x, int size)
{
  g_autofree char *w = g_strdup_printf ("%s.w", name), *b = g_strdup_printf ("%s.b", name);
  const CnArray *weights = constant (graph, w), *bias = constant (graph, b);
  int out = (int) weights->shape.dims[0], in = (int) weights->shape.dims[1], n = size - 4;
  double *y = g_new0 (double, out *n *n / 4);

  for (int o = 0; o < out; o++)
    for (int i = 0; i < n * n; i++)
      {
        double z = bias->floats[o], *to = &y[(o * n / 2 + i / n / 2) * n / 2 + i % n / 2];

        for (int t = 0; t < in * 25; t++)
          z += (double) weights->floats[o * in * 25 + t]
               * x[(t / 25 * size + i / n + t % 25 / 5) * size + i % n + t % 5];
        *to = fmax (*to, z); /* begins at 0, which is ReLU */
      }
  return y;
}

static double *
oracle_dense (const CnGraph *graph, const char *name, const double *x, gboolean relu)
{
  g_autofree char *w = g_strdup_printf ("%s.w", name), *b = g_strdup_printf ("%s.b", name);
  const CnArray *weights = constant (graph, w), *bias = constant (graph, b);
  int out = (int) weights->shape.dims[0], in = (int) weights->shape.dims[1];
  double *y = g_new (double, out);

  for (int o = 0; o < out; o++)
    {
      y[o] = bias->floats[o];
      for (int i = 0; i < in; i++)
        y[o] += (double) weights->floats[o * in + i] * x[i];
      y[o] = relu ? fmax (y[o], 0) : y[o];
    }
  return y;
}

/* The largest error of the lecture's network. */
static double
lecture_error (gboolean fault)
{
  g_autoptr (CnGraph) graph = network_lecture ();
  const CnShape shape = cn_shape_nchw (1, 3, 32, 32);
  g_autoptr (CnPlan) plan = NULL;
  g_autofree float *input = network_random (3 * 32 * 32, 1), *got = NULL;
  g_autofree double *x = g_new (double, 3 * 32 * 32), *pool1 = NULL, *pool2 = NULL, *fc3 = NULL;
  g_autofree double *fc4 = NULL, *y = NULL;
  double sum = 0, worst = 0;

  for (int i = 0; i < 3 * 32 * 32; i++)
    x[i] = input[i];
  pool1 = oracle_layer (graph, "CONV1", x, 32);
  pool2 = oracle_layer (graph, "CONV2", pool1, 14);
  fc3 = oracle_dense (graph, "FC3", pool2, TRUE);
  fc4 = oracle_dense (graph, "FC4", fc3, TRUE);
  y = oracle_dense (graph, "softmax", fc4, FALSE);
  if (fault) /* behind the last ReLU, which might hide it */
    constant (graph, "softmax.b")->floats[7] += 0.5f;
  plan = network_plan (graph, &shape, NULL);
  got = network_run (plan, input, 0);
  for (int i = 0; i < 10; i++)
    sum += exp (y[i]);
  for (int i = 0; i < 10; i++)
    worst = fmax (worst, fabs (got[i] - exp (y[i]) / sum));
  return worst;
}

/* A probability is near 0.1. Each of the five layers has sums of k ≤ 400 terms, whose roundings add
   up to about √k · ε · |z| = 2.4e-6 · |z|, and |z| is below 1: together less than 1e-5 of 0.1. */
static void
test_lecture (void)
{
  for (int i = 0; i < 5; i++)
    g_assert_cmpfloat (lecture_error (FALSE), <=, 1e-6);
}

static void
test_fault_is_found (void)
{
  g_assert_cmpfloat (lecture_error (TRUE), >, 1e-6);
}

/* x → conv, if wanted → bn → mul → add → sub → div → activation → y */
static CnGraph *
fusing_graph (const char *activation, gboolean conv)
{
  CnGraph *graph = cn_graph_new ("fusing", 13);
  CnShape shape = cn_shape_nchw (-1, 6, -1, -1);

  g_assert_true (cn_graph_add_input (graph, "x", CN_TYPE_FLOAT, &shape, NULL));
  if (conv)
    network_conv (graph, "conv", "x", "a", 6, 6, 3, 1);
  network_norm (graph, "norm", conv ? "a" : "x", "b", 6);
  for (int i = 0; i < 4; i++)
    {
      static const char *const ops[] = { "Mul", "Add", "Sub", "Div" };
      static const char *const values[] = { "b", "c", "d", "e", "f" };
      g_autofree char *name = g_strdup_printf ("k%d", i);
      gboolean turned = i < 3 && g_test_rand_bit ();

      network_channels (graph, name, 6);
      network_pair (graph, ops[i], "", turned ? name : values[i], turned ? values[i] : name,
                    values[i + 1]);
    }
  network_node (graph, activation, "", "f", "y");
  cn_graph_add_output (graph, "y");
  return graph;
}

/* The fused convolution, or normalization, is one step, and differs from the steps one by one by
   rounding: each of six steps rounds once, scaled by the factors after it (below 3 each), on values
   below about 50. */
static void
test_fuse (gconstpointer data)
{
  static const char *const all[] = { "y", "a", "b", "c", "d", "e", "f", NULL };
  static const char *const but_conv[] = { "y", "b", "c", "d", "e", "f", NULL };
  const CnShape shape = cn_shape_nchw (2, 6, 9, 7);

  for (int round = 0; round < 40; round++)
    {
      gboolean conv = round % 2;
      g_autoptr (CnGraph) graph = fusing_graph (data, conv);
      g_autoptr (CnPlan) fused = network_plan (graph, &shape, NULL);
      g_autoptr (CnPlan) apart = network_plan (graph, &shape, conv ? all : but_conv);
      g_autofree float *x = network_random (2 * 6 * 9 * 7, 1);
      g_autofree float *y = network_run (fused, x, 0), *z = network_run (apart, x, 0);

      g_assert_cmpint (fused->steps->len, ==, 1);
      g_assert_cmpint (apart->steps->len, ==, conv ? 7 : 6);
      for (int i = 0; i < 2 * 6 * 9 * 7; i++)
        oracle_assert_near (y[i], z[i], 200 * FLT_EPSILON * (fabs (z[i]) + 10));
    }
}

/* A value that is asked for is the graph's own, before what would have been folded into it. */
static void
test_feature_map (void)
{
  static const char *const names[] = { "y", "a", NULL };
  const CnShape shape = cn_shape_nchw (1, 6, 8, 8);
  g_autoptr (CnGraph) graph = fusing_graph ("Relu", TRUE);
  g_autoptr (CnPlan) both = network_plan (graph, &shape, names);
  g_autoptr (CnPlan) only = network_plan (graph, &shape, names + 1);
  g_autofree float *x = network_random (6 * 8 * 8, 1);
  g_autofree float *a = network_run (both, x, 1), *b = network_run (only, x, 0);

  g_assert_cmpmem (a, 6 * 8 * 8 * 4, b, 6 * 8 * 8 * 4);
  g_assert_cmpint (only->steps->len, ==, 1);
}

/* A random network over arrays of one size, every value of which may be used again. */
static CnGraph *
random_graph (int nodes, GPtrArray *names)
{
  static const char *const ones[] = { "Relu", "Neg", "Identity", "Transpose", "Flatten", "Abs" };
  static const char *const twos[] = { "Add", "Mul", "Sub", "Max" };
  CnGraph *graph = cn_graph_new ("random", 13);
  const CnShape shape = { 2, { 12, 12 } };

  g_assert_true (cn_graph_add_input (graph, "x", CN_TYPE_FLOAT, &shape, NULL));
  g_ptr_array_add (names, g_strdup ("x"));
  for (int i = 0; i < nodes; i++)
    {
      const char *a =
          names->pdata[g_test_rand_int_range (MAX (0, (int) names->len - 4), names->len)];
      const char *b = names->pdata[g_test_rand_int_range (0, names->len)];
      char *to = g_strdup_printf ("v%d", i);

      if (g_test_rand_bit ())
        network_node (graph, ones[g_test_rand_int_range (0, 6)], "", a, to);
      else
        network_pair (graph, twos[g_test_rand_int_range (0, 4)], "", a, b, to);
      g_ptr_array_add (names, to);
    }
  cn_graph_add_output (graph, names->pdata[names->len - 1]);
  return graph;
}

/* Sharing memory, and overwriting inputs, changes no bit of any value. */
static void
test_sharing (void)
{
  const CnShape shape = { 2, { 12, 12 } };
  gsize shared = 0, apart = 0;

  for (int round = 0; round < 200; round++)
    {
      g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
      g_autoptr (CnGraph) graph = random_graph (g_test_rand_int_range (1, 25), names);
      g_autofree float *x = network_random (144, 1);
      g_autoptr (CnPlan) all = NULL;

      g_ptr_array_add (names, NULL);
      all = network_plan (graph, &shape, (const char *const *) names->pdata);
      for (guint i = 0; i + 1 < names->len; i++)
        {
          const char *one[] = { names->pdata[i], NULL };
          g_autoptr (CnPlan) single = network_plan (graph, &shape, one);
          g_autofree float *a = network_run (all, x, i), *b = NULL;

          if (cn_plan_inputs (single) == 0)
            continue;
          b = network_run (single, x, 0);
          g_assert_cmpmem (a, 144 * 4, b, 144 * 4);
          shared += cn_plan_memory (single);
        }
      apart += cn_plan_memory (all) * (names->len - 1);
    }
  g_assert_cmpuint (shared * 2, <, apart);
}

/* A chain needs its input, two results in turn, its biases and no more, however long it is. */
static void
test_memory (void)
{
  g_autoptr (CnGraph) graph = cn_graph_new ("chain", 13);
  const CnShape shape = cn_shape_nchw (1, 8, 32, 32);
  g_autoptr (CnPlan) plan = NULL;
  g_autofree char *from = g_strdup ("x");

  g_assert_true (cn_graph_add_input (graph, "x", CN_TYPE_FLOAT, &shape, NULL));
  for (int i = 0; i < 12; i++)
    {
      g_autofree char *name = g_strdup_printf ("conv%d", i), *to = g_strdup_printf ("v%d", i);

      network_conv (graph, name, from, to, 8, 8, 3, 1);
      g_free (from);
      from = g_steal_pointer (&to);
    }
  cn_graph_add_output (graph, from);
  plan = network_plan (graph, &shape, NULL);
  g_assert_cmpuint (cn_plan_memory (plan), ==, (2 * 8 * 32 * 32 + 12 * 8) * sizeof (float));
}

/* What a layer makes of its weights counts: Winograd's 36 matrices, which replace no weights. */
static void
test_kept (void)
{
  g_autoptr (CnGraph) graph = cn_graph_new ("kept", 13);
  const CnShape shape = cn_shape_nchw (1, 16, 8, 8);
  g_autoptr (CnPlan) plan = NULL;

  g_assert_true (cn_graph_add_input (graph, "x", CN_TYPE_FLOAT, &shape, NULL));
  network_conv (graph, "conv", "x", "y", 16, 16, 3, 1);
  cn_graph_add_output (graph, "y");
  plan = network_plan (graph, &shape, NULL);
  g_assert_cmpuint (cn_plan_memory (plan), ==,
                    (2 * 16 * 8 * 8 + 16 + 36 * 16 * 16) * sizeof (float));
  g_assert_cmpuint (cn_graph_constant_bytes (graph), ==, (16 + 9 * 16 * 16) * sizeof (float));
}

/* Shape → Gather → Concat → Reshape, as exporters write “flatten”: nothing of it is left to run. */
static void
test_folding (void)
{
  g_autoptr (CnGraph) graph = cn_graph_new ("folding", 13);
  const CnShape shape = { 4, { 2, 3, 4, 5 } }, one = { 1, { 1 } };
  const gint64 zero[] = { 0 }, rest[] = { -1 };
  g_autoptr (CnPlan) plan = NULL;

  g_assert_true (cn_graph_add_input (graph, "x", CN_TYPE_FLOAT, NULL, NULL));
  g_assert_true (
      cn_graph_add_constant (graph, "zero", cn_array_copy (CN_TYPE_INT64, &one, zero, NULL), NULL));
  g_assert_true (
      cn_graph_add_constant (graph, "rest", cn_array_copy (CN_TYPE_INT64, &one, rest, NULL), NULL));
  network_node (graph, "Shape", "", "x", "shape");
  network_pair (graph, "Gather", "", "shape", "zero", "n");
  cn_node_set_int (network_pair (graph, "Concat", "", "n", "rest", "flat"), "axis", 0);
  network_pair (graph, "Reshape", "", "x", "flat", "y");
  cn_graph_add_output (graph, "y");
  plan = network_plan (graph, &shape, NULL);
  g_assert_cmpint (plan->steps->len, ==, 1);
  g_assert_true (cn_shape_equal (&cn_plan_output (plan, 0)->shape, &(CnShape){ 2, { 2, 60 } }));
}

/* What would take long is left to the run, and is the same then. */
static void
test_expensive_constants (void)
{
  for (int size = 8; size <= 256; size *= 32)
    {
      g_autoptr (CnGraph) graph = cn_graph_new ("constants", 13);
      const CnShape shape = cn_shape_nchw (1, 64, size, size);
      g_autofree float *floats = network_random (cn_shape_elements (&shape), 1);
      g_autoptr (CnPlan) plan = NULL;

      g_assert_true (cn_graph_add_floats (graph, "x", &shape, floats, NULL));
      network_conv (graph, "conv", "x", "y", 64, 64, 3, 1);
      cn_graph_add_output (graph, "y");
      plan = cn_plan_new (graph, NULL, NULL);
      g_assert_nonnull (plan);
      g_assert_cmpint (plan->steps->len, ==, size == 8 ? 0 : 1);
      g_assert_true (cn_plan_run (plan, &(CnRun){ 0 }, NULL));
      g_assert_true (isfinite (cn_plan_output (plan, 0)->floats[777]));
    }
}

/* What is made for the sake of speed takes no memory that the plan needs. */
static void
test_spare_memory (void)
{
  const CnPlanInput input = { .name = "x", .shape = cn_shape_nchw (1, 64, 16, 16) };
  CnPlanOptions options = { .inputs = &input, .n_inputs = 1, .memory_max = 300 << 10 };
  g_autoptr (CnGraph) graph = cn_graph_new ("spare", 13);
  g_autoptr (CnPlan) small = NULL, large = NULL;
  g_autofree float *x = network_random (64 * 16 * 16, 1), *y = NULL, *z = NULL;

  g_assert_true (cn_graph_add_input (graph, "x", CN_TYPE_FLOAT, &input.shape, NULL));
  network_conv (graph, "conv", "x", "y", 64, 64, 3, 1);
  cn_graph_add_output (graph, "y");
  small = cn_plan_new (graph, &options, NULL);
  options.memory_max = 4 << 20;
  large = cn_plan_new (graph, &options, NULL);
  g_assert_nonnull (small);
  g_assert_nonnull (large);
  g_assert_cmpuint (cn_plan_memory (small), <=, 300 << 10);
  g_assert_cmpuint (cn_plan_memory (large), >, 300 << 10);
  y = network_run (small, x, 0);
  z = network_run (large, x, 0);
  for (int i = 0; i < 64 * 16 * 16; i++)
    oracle_assert_near (y[i], z[i], 1e-4 * (fabs (z[i]) + 10));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plan/lecture", test_lecture);
  g_test_add_func ("/plan/fault-is-found", test_fault_is_found);
  g_test_add_data_func ("/plan/fuse/relu", "Relu", test_fuse);
  g_test_add_data_func ("/plan/fuse/leaky-relu", "LeakyRelu", test_fuse);
  g_test_add_data_func ("/plan/fuse/sigmoid", "Sigmoid", test_fuse);
  g_test_add_func ("/plan/feature-map", test_feature_map);
  g_test_add_func ("/plan/sharing", test_sharing);
  g_test_add_func ("/plan/memory", test_memory);
  g_test_add_func ("/plan/kept", test_kept);
  g_test_add_func ("/plan/expensive-constants", test_expensive_constants);
  g_test_add_func ("/plan/folding", test_folding);
  g_test_add_func ("/plan/spare-memory", test_spare_memory);
  return g_test_run ();
}
