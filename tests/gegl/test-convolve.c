/* test-convolve.c: convnet:convolve gives the engine's bits, whatever the input and the arguments.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/gegl/harness.h"

#include <glib/gstdio.h>

/* What a test asks for; zeros are the defaults. */
typedef struct
{
  const char *kernel;
  CnBorder border;
  CnChannels channels;
  CnAlpha alpha;
  CnResponse response;
  CnActivationKind activation;
  double bias, divisor;
  int dilation;
  gboolean flip, linear;
} Case;

#define BLUR "1 2 1; 2 4 2; 1 2 1"
#define LOPSIDED "0.5 -1 0.25 3; 1 0 0.125 -2"

static const Case cases[] = {
  { BLUR, CN_BORDER_REPLICATE, .divisor = 16 },
  { BLUR, CN_BORDER_ZERO, .divisor = 16, .linear = TRUE },
  { LOPSIDED, CN_BORDER_REFLECT, .flip = TRUE, .dilation = 3 },
  { LOPSIDED, CN_BORDER_WRAP, .dilation = 5, .bias = 0.25, .alpha = CN_ALPHA_FILTER },
  { "1 0 -1; 2 0 -2; 1 0 -1", CN_BORDER_REPLICATE, .response = CN_RESPONSE_OFFSET, .divisor = 4 },
  { "1 0 -1; 2 0 -2; 1 0 -1", CN_BORDER_WRAP, .response = CN_RESPONSE_ABSOLUTE,
    .alpha = CN_ALPHA_KEEP },
  { "1 0 -1; 2 0 -2; 1 0 -1; bias 0.5", CN_BORDER_REFLECT, .response = CN_RESPONSE_STRETCH,
    .linear = TRUE },
  { BLUR, CN_BORDER_REPLICATE, CN_CHANNELS_LUMINANCE, .divisor = 3,
    .activation = CN_ACTIVATION_TANH },
  { BLUR, CN_BORDER_REPLICATE, CN_CHANNELS_SUM, .activation = CN_ACTIVATION_RELU, .divisor = 48 },
};

static CnConvolve *
engine (const Case *test, const Graph *graph)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CnKernel) kernel = cn_kernel_parse (test->kernel, &error);
  CnConvolveOptions options = { .flip = test->flip,
                                .divisor = test->divisor != 0 ? test->divisor : 1,
                                .bias = test->bias,
                                .activation = cn_activation (test->activation),
                                .stride = 1,
                                .dilation = MAX (test->dilation, 1),
                                .padding = { .mode = CN_PADDING_SAME },
                                .border = test->border,
                                .channels = test->channels,
                                .alpha = test->alpha,
                                .response = test->response,
                                .limit = graph->format->integers };
  CnConvolve *convolve;

  g_assert_no_error (error);
  babl_space_get_rgb_luminance (babl_format_get_space (harness_format (graph)),
                                &options.luminance[0], &options.luminance[1],
                                &options.luminance[2]);
  convolve = cn_convolve_new (&options, kernel, 0, graph->format->colours, graph->format->has_alpha,
                              &error);
  g_assert_no_error (error);
  return convolve;
}

static Graph
graph_of (const Case *test, GeglBuffer *buffer, const Format *format)
{
  return harness_graph (buffer, format, test->linear, "convnet:convolve", "kernel", test->kernel,
                        "border", test->border, "channels", test->channels, "alpha", test->alpha,
                        "response", test->response, "activation", test->activation, "bias",
                        test->bias, "divisor", test->divisor != 0 ? test->divisor : 1, "dilation",
                        MAX (test->dilation, 1), "flip", test->flip, NULL);
}

static gboolean
run (gconstpointer op, const CnSource *source, const CnSink *sink, const CnRect *area,
     const CnRun *how, GError **error)
{
  return cn_convolve_run (op, source, sink, area, how, error);
}

static float *
expected (const Case *test, const Graph *graph)
{
  g_autoptr (CnConvolve) convolve = engine (test, graph);

  return harness_engine (graph, run, convolve);
}

static void
test_formats (void)
{
  for (guint f = 0; f < n_formats; f++)
    {
      g_autoptr (GeglBuffer) buffer = harness_noise (&formats[f], -13, 7, 61, 47);

      for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
        {
          g_auto (Graph) graph = graph_of (&cases[i], buffer, &formats[f]);
          g_autofree float *whole = expected (&cases[i], &graph);
          g_autofree float *found = harness_render (&graph, graph.sink, NULL);

          g_test_message ("%s, case %u", formats[f].name, i);
          g_assert_true (harness_same (&graph, whole, found, NULL));
        }
    }
}

/* Regions, also of a picture that is smaller than the kernel reaches; and on several threads, which
   GEGL uses from 64×64 pixels on. */
static void
test_regions (void)
{
  static const int sizes[][2] = { { 301, 203 }, { 5, 4 }, { 1, 90 } };
  g_autoptr (GRand) random = g_rand_new_with_seed (1);

  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
    {
      g_autoptr (GeglBuffer) buffer = harness_noise (RGBA_U8, 5, -9, sizes[s][0], sizes[s][1]);

      for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
        {
          g_auto (Graph) graph = graph_of (&cases[i], buffer, RGBA_U8);
          g_autofree float *whole = expected (&cases[i], &graph);

          harness_assert_regions (&graph, whole, 12, random);
        }
    }
}

static void
test_threads (void)
{
  static const int threads[] = { 1, 2, 3, 16 };
  g_autoptr (GeglBuffer) buffer = harness_noise (RGBA_U8, 0, 0, 517, 389);
  int before;

  g_object_get (gegl_config (), "threads", &before, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (guint t = 0; t < G_N_ELEMENTS (threads); t++)
      {
        g_auto (Graph) graph = graph_of (&cases[i], buffer, RGBA_U8);
        g_autofree float *whole = expected (&cases[i], &graph);
        g_autofree float *found = NULL;

        g_object_set (gegl_config (), "threads", threads[t], NULL);
        found = harness_render (&graph, graph.sink, NULL);
        g_assert_true (harness_same (&graph, whole, found, NULL));
      }
  g_object_set (gegl_config (), "threads", before, NULL);
}

/* Presets and their parameters, files, and what is done to kernels. */
static void
test_kernels (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GeglBuffer) buffer = harness_noise (RGBA_U8, 0, 0, 40, 30);
  CnKernelParameters parameters = { .size = 9, .angle = 30, .sigma = 1.5 };
  g_autoptr (CnKernel) preset = cn_kernel_lookup ("motion-blur", &parameters, &error);
  g_autoptr (CnKernel) level = cn_kernel_edit (preset, CN_KERNEL_ZERO_MEAN);
  g_autoptr (CnKernel) unit = cn_kernel_edit (level, CN_KERNEL_UNIT_NORM);
  g_autofree char *text = cn_kernel_format (unit, CN_KERNEL_ROWS, "; ", &error);
  g_autofree char *path = g_build_filename (g_get_tmp_dir (), "convnet-gegl-kernel.txt", NULL);
  Case test = { text, CN_BORDER_REPLICATE, .divisor = 1 };
  g_auto (Graph) graph = harness_graph (buffer, RGBA_U8, FALSE, "convnet:convolve", "kernel",
                                        "motion-blur", "size", 9, "angle", 30.0, "sigma", 1.5,
                                        "kernel-zero-mean", TRUE, "kernel-unit-norm", TRUE, NULL);
  g_autofree float *whole = expected (&test, &graph);
  g_autofree float *found = harness_render (&graph, graph.sink, NULL);
  g_autofree float *again = NULL;

  g_assert_no_error (error);
  g_assert_true (harness_same (&graph, whole, found, NULL));
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  gegl_node_set (graph.sink, "kernel", "no such preset", "kernel-file", path, "kernel-zero-mean",
                 FALSE, "kernel-unit-norm", FALSE, NULL);
  again = harness_render (&graph, graph.sink, NULL);
  g_assert_true (harness_same (&graph, whole, again, NULL));
  g_assert_cmpint (g_unlink (path), ==, 0);
}

static void
test_fault (void)
{
  g_autoptr (GeglBuffer) buffer = harness_noise (RGBA_U8, 0, 0, 40, 30);
  Case fault = cases[0];
  g_auto (Graph) graph = graph_of (&cases[0], buffer, RGBA_U8);
  g_autofree float *whole = expected (&cases[0], &graph), *found = NULL, *other = NULL;

  found = harness_render (&graph, graph.sink, NULL);
  g_assert_true (harness_same (&graph, whole, found, NULL));
  fault.kernel = "1 2 1; 2 4 2; 1 2 1.001";
  other = expected (&fault, &graph);
  g_assert_false (harness_same (&graph, other, found, NULL));
}

int
main (int argc, char *argv[])
{
  int status;

  harness_init (&argc, &argv);
  g_test_add_func ("/convolve/formats", test_formats);
  g_test_add_func ("/convolve/regions", test_regions);
  g_test_add_func ("/convolve/threads", test_threads);
  g_test_add_func ("/convolve/kernels", test_kernels);
  g_test_add_func ("/convolve/fault-is-reported", test_fault);
  status = g_test_run ();
  gegl_exit ();
  return status;
}
