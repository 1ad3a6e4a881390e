/* test-learned.c: the presets that are said to be the first layers of the shipped networks.
 *
 *     test-learned FOLDER
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "filters/filters.h"

static const char *folder;

/* The kernels of the first convolution. */
static const CnArray *
first_kernels (const CnGraph *graph)
{
  for (guint i = 0; i < graph->nodes->len; i++)
    {
      const CnNode *node = cn_graph_node (graph, (int) i);

      if (strcmp (node->op, "Conv") == 0)
        return cn_graph_value (graph, node->inputs[1])->constant;
    }
  return NULL;
}

/* The sum over the planes, by the sum of its absolute values. */
static void
check_kernel (const CnArray *kernels, int index, const CnKernel *preset)
{
  const gint64 *dims = kernels->shape.dims;
  int taps = (int) (dims[2] * dims[3]);
  g_autofree double *sums = g_new0 (double, taps);
  double all = 0;

  g_assert_cmpint (preset->height, ==, (int) dims[2]);
  g_assert_cmpint (preset->width, ==, (int) dims[3]);
  for (int c = 0; c < dims[1]; c++)
    for (int t = 0; t < taps; t++)
      sums[t] += kernels->floats[(index * dims[1] + c) * taps + t];
  for (int t = 0; t < taps; t++)
    all += fabs (sums[t]);
  for (int t = 0; t < taps; t++)
    g_assert_cmpfloat_with_epsilon (preset->weights[t], sums[t] / all, 0.00051);
}

static void
test_first_layer (gconstpointer data)
{
  g_autofree char *path = g_strdup_printf ("%s/%s.onnx", folder, (const char *) data);
  g_autoptr (GError) error = NULL;
  g_autoptr (CnGraph) graph = cn_onnx_read (path, &error);
  const CnArray *kernels;

  g_assert_no_error (error);
  kernels = first_kernels (graph);
  for (int i = 0; i < kernels->shape.dims[0]; i++)
    {
      g_autofree char *id = g_strdup_printf ("%s-%d", (const char *) data, i + 1);
      const CnPreset *preset = cn_preset (id);
      g_autoptr (CnKernel) kernel = NULL;

      g_assert_nonnull (preset);
      g_assert_cmpstr (preset->group, ==, "Learned");
      kernel = cn_preset_kernel (preset, NULL, NULL);
      check_kernel (kernels, i, kernel);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  folder = argc > 1 ? argv[1] : "filters/data/models";
  g_test_add_data_func ("/learned/lecture-net", "lecture-net", test_first_layer);
  g_test_add_data_func ("/learned/cifar-net", "cifar-net", test_first_layer);
  g_test_add_data_func ("/learned/upscale-2x", "upscale-2x", test_first_layer);
  return g_test_run ();
}
