/* test-fuse.c: random networks whose steps are joined, and whose values share memory, give what the
 * graph says. SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "filters/net/plan-private.h"
#include "tests/unit/between.h"
#include "tests/unit/networks.h"

#define CASES 300
#define NODES 14

/* Values of one size, which nodes take at random. */
typedef struct
{
  CnGraph *graph;
  int height, width;
  int count, channels[NODES + 1]; /* of the values "x", "v1", … */
} Network;

static char *
name_of (int value)
{
  return value == 0 ? g_strdup ("x") : g_strdup_printf ("v%d", value);
}

/* A value of so many channels, or any: −1 if there is none. Late ones are the likelier. */
static int
pick (const Network *n, int channels)
{
  for (int tries = 0; tries < 20; tries++)
    {
      int value = MAX (between (0, n->count - 1), between (0, n->count - 1));

      if (channels == 0 || n->channels[value] == channels)
        return value;
    }
  return -1;
}

static void
add_node (Network *n)
{
  int a = pick (n, 0), b = pick (n, n->channels[a]), channels = n->channels[a];
  g_autofree char *from = name_of (a), *to = name_of (n->count), *other = NULL;
  g_autofree char *name = g_strconcat ("node ", to, NULL);

  switch (between (0, 6))
    {
    case 0:
    case 1:
      channels = between (0, 1) ? channels : between (3, 9);
      network_conv (n->graph, name, from, to, n->channels[a], channels, 1, 0);
      break;
    case 2:
      network_conv (n->graph, name, from, to, channels, channels, 3, 1);
      break;
    case 3:
      network_node (n->graph, between (0, 1) ? "Relu" : "Sigmoid", name, from, to);
      break;
    case 4:
    case 5:
      if (b < 0)
        return;
      other = name_of (b);
      network_pair (n->graph, between (0, 1) ? "Add" : "Sum", name, from, other, to);
      break;
    default:
      b = pick (n, 0);
      other = name_of (b);
      cn_node_set_int (network_pair (n->graph, "Concat", name, from, other, to), "axis", 1);
      channels += n->channels[b];
    }
  n->channels[n->count++] = channels;
}

/* Samples of 64 bytes' multiples, which can be joined in place, or not. */
static void
network_begin (Network *n, const char *name)
{
  gboolean lines = between (0, 2) > 0;
  CnShape shape;

  *n = (Network){ .graph = cn_graph_new (name, 13),
                  .height = lines ? 4 : between (2, 7),
                  .width = lines ? 4 * between (1, 3) : between (2, 7),
                  .count = 1,
                  .channels = { between (3, 9) } };
  shape = cn_shape_nchw (1, n->channels[0], n->height, n->width);
  g_assert_true (cn_graph_add_input (n->graph, "x", CN_TYPE_FLOAT, &shape, NULL));
}

/* What `value` is, in a plan that is asked for it alone, or for it after all others: then nothing
   is joined, and no memory shared. */
static float *
run (const Network *n, const float *input, int value, gboolean alone, int threads)
{
  const CnShape shape = cn_shape_nchw (1, n->channels[0], n->height, n->width);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (CnPlan) plan = NULL;
  gsize floats = cn_view_floats (n->channels[0], 1, n->height, n->width);
  const CnArray *output;

  for (int v = 1; v < value && !alone; v++)
    g_ptr_array_add (names, name_of (v));
  g_ptr_array_add (names, name_of (value));
  g_ptr_array_add (names, NULL);
  plan = network_plan (n->graph, &shape, (const char *const *) names->pdata);
  memcpy (cn_plan_input (plan, 0)->data, input, floats * sizeof (float));
  g_assert_true (cn_plan_run (plan, &(CnRun){ .threads = threads }, NULL));
  output = cn_plan_output (plan, cn_plan_outputs (plan) - 1);
  return g_memdup2 (output->data, cn_array_bytes (output));
}

/* Values further from those of the graph as it is written than roundings take them. */
static int
differences (const float *a, const float *b, gsize n)
{
  double range = 0;
  int wrong = 0;

  for (gsize i = 0; i < n; i++)
    range = MAX (range, fabs ((double) b[i]));
  for (gsize i = 0; i < n; i++)
    wrong += !(fabs ((double) a[i] - b[i]) <= 1e-4 * range);
  return wrong;
}

static void
test_random (void)
{
  int changed = 0;

  for (int i = 0; i < CASES; i++)
    {
      Network n;
      g_autoptr (CnGraph) graph = NULL;
      g_autofree float *input = NULL, *written = NULL, *fused = NULL, *other = NULL;
      gsize floats;
      int last;

      network_begin (&n, "random");
      graph = n.graph;
      while (n.count <= NODES)
        add_node (&n);
      last = n.count - 1;
      input = network_random (cn_view_floats (n.channels[0], 1, n.height, n.width), 1);
      floats = cn_view_floats (n.channels[last], 1, n.height, n.width);
      written = run (&n, input, last, FALSE, 1);
      fused = run (&n, input, last, TRUE, between (1, 3));
      g_assert_cmpint (differences (fused, written, floats), ==, 0);
      input[0] += 1;
      other = run (&n, input, last, TRUE, 1);
      changed += differences (other, written, floats) > 0;
    }
  /* Another input is seen, but where a Relu has left nothing. */
  g_assert_cmpint (changed, >, CASES * 3 / 4);
}

/* A graph whose input "x" has six maps of 8×8, of so many bytes. */
#define MAPS_BYTES (6 * 8 * 8 * sizeof (float))

static CnGraph *
small_graph (const char *name)
{
  CnGraph *graph = cn_graph_new (name, 13);
  const CnShape shape = cn_shape_nchw (1, 6, 8, 8);

  g_assert_true (cn_graph_add_input (graph, "x", CN_TYPE_FLOAT, &shape, NULL));
  return graph;
}

/* The plan for its value "y". */
static CnPlan *
small_plan (const CnGraph *graph)
{
  const CnShape shape = cn_shape_nchw (1, 6, 8, 8);
  static const char *const outputs[] = { "y", NULL };

  return network_plan (graph, &shape, outputs);
}

/* A residual block is two steps, whose second one adds to what the first one was given. */
static void
test_residual (void)
{
  g_autoptr (CnGraph) graph = small_graph ("block");
  g_autoptr (CnPlan) plan = NULL;

  network_conv (graph, "first", "x", "a", 6, 6, 1, 0);
  network_node (graph, "Relu", "relu", "a", "b");
  network_conv (graph, "second", "b", "c", 6, 6, 1, 0);
  network_pair (graph, "Add", "sum", "c", "x", "d");
  network_node (graph, "Relu", "relu 2", "d", "y");
  plan = small_plan (graph);
  g_assert_cmpint (plan->steps->len, ==, 2);
  g_assert_cmpuint (plan->memory_bytes, ==, 2 * MAPS_BYTES);
}

/* What is joined takes no memory but the whole's. */
static void
test_joined (void)
{
  g_autoptr (CnGraph) graph = small_graph ("join");
  g_autoptr (CnPlan) plan = NULL;

  network_node (graph, "Sigmoid", "a", "x", "a");
  network_node (graph, "Tanh", "b", "x", "b");
  cn_node_set_int (network_pair (graph, "Concat", "c", "a", "b", "c"), "axis", 1);
  cn_node_set_int (network_pair (graph, "Concat", "y", "c", "x", "y"), "axis", 1);
  plan = small_plan (graph);
  g_assert_cmpuint (plan->memory_bytes, ==, 4 * MAPS_BYTES);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fuse/random", test_random);
  g_test_add_func ("/fuse/residual", test_residual);
  g_test_add_func ("/fuse/joined", test_joined);
  return g_test_run ();
}
