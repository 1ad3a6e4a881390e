/* peer-onnxruntime.c: onnxruntime on the processor: networks from their files, and layers as models
 * of one node that our own writer makes.
 *
 * It works on planes; pictures are brought into them, and results back, outside of the time.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <onnxruntime_c_api.h>
#include <string.h>
#include <unistd.h>

#include "filters/core/error.h"
#include "tests/bench/bench.h"

/* Bytes of onnxruntime's own for a filter. */
#define MATRIX_MAX (1 << 30)

typedef struct
{
  const BenchTask *task;
  const OrtApi *api;
  OrtEnv *env;
  OrtSessionOptions *options;
  OrtSession *session;
  OrtMemoryInfo *memory;
  OrtValue *from, *to; /* over the two arrays */
  CnArray *input, *output;
} State;

static gboolean
good (const State *s, OrtStatus *status, GError **error)
{
  if (!status)
    return TRUE;
  cn_set_error (error, CN_ERROR_UNSUPPORTED, "%s", s->api->GetErrorMessage (status));
  s->api->ReleaseStatus (status);
  return FALSE;
}

static void
finish (gpointer data)
{
  State *s = data;

  g_clear_pointer (&s->from, s->api->ReleaseValue);
  g_clear_pointer (&s->to, s->api->ReleaseValue);
  g_clear_pointer (&s->memory, s->api->ReleaseMemoryInfo);
  g_clear_pointer (&s->session, s->api->ReleaseSession);
  g_clear_pointer (&s->options, s->api->ReleaseSessionOptions);
  g_clear_pointer (&s->env, s->api->ReleaseEnv);
  g_clear_pointer (&s->input, cn_array_free);
  g_clear_pointer (&s->output, cn_array_free);
  g_free (s);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (State, finish)

static void
set_attributes (const BenchTask *t, CnNode *node)
{
  gint64 kernel[] = { t->kernel, t->kernel }, strides[] = { t->stride, t->stride };
  gint64 pads[] = { t->padding, t->padding, t->padding, t->padding };
  gint64 more[] = { t->output_padding, t->output_padding };

  cn_node_set_ints (node, "kernel_shape", 2, kernel);
  cn_node_set_ints (node, "strides", 2, strides);
  cn_node_set_ints (node, "pads", 4, pads);
  if (t->weights)
    cn_node_set_int (node, "group", t->groups);
  if (t->op == BENCH_CONV_TRANSPOSE)
    cn_node_set_ints (node, "output_padding", 2, more);
}

/* The task as a model of one node. */
static GBytes *
make_model (const BenchTask *t, GError **error)
{
  static const char *const names[] = {
    [BENCH_FILTER] = "Conv",      [BENCH_GAUSS] = "Conv",
    [BENCH_MAX_POOL] = "MaxPool", [BENCH_AVERAGE_POOL] = "AveragePool",
    [BENCH_CONV] = "Conv",        [BENCH_CONV_TRANSPOSE] = "ConvTranspose",
  };
  g_autoptr (CnGraph) graph = cn_graph_new ("bench", 17);
  CnShape shape = cn_shape_nchw (1, t->in, t->height, t->width);
  const char *const inputs[] = { t->input_name, t->weights ? "w" : NULL, NULL };
  const char *const outputs[] = { t->output_name, NULL };
  CnNode *node;

  if (!cn_graph_add_input (graph, t->input_name, CN_TYPE_FLOAT, &shape, error)
      || (t->weights
          && !cn_graph_add_floats (graph, "w", &t->weights->shape, t->weights->floats, error)))
    return NULL;
  node = cn_graph_add_node (graph, names[t->op], "node", inputs, outputs, error);
  if (!node)
    return NULL;
  set_attributes (t, node);
  cn_graph_declare (graph, t->output_name, CN_TYPE_FLOAT, &t->shape);
  cn_graph_add_output (graph, t->output_name);
  return cn_onnx_serialize (graph, error);
}

/* Debian's onnxruntime complains, on the standard error and at no level of its log, of each schema
   that libonnx has registered before it. Puts another file there; the one that was, to be closed.
 */
static int
replace_stderr (int file)
{
  int before = dup (STDERR_FILENO);

  dup2 (file, STDERR_FILENO);
  close (file);
  return before;
}

/* Threads that are done must not spin into another engine's time. */
static gboolean
make_session (State *s, int threads, GError **error)
{
  const OrtApi *api = s->api;
  g_autoptr (GBytes) model = NULL;
  OrtStatus *status;
  int stderr_before;

  if (s->task->op != BENCH_NETWORK)
    model = make_model (s->task, error);
  if ((s->task->op != BENCH_NETWORK && !model)
      || !good (s, api->CreateEnv (ORT_LOGGING_LEVEL_ERROR, "bench", &s->env), error)
      || !good (s, api->CreateSessionOptions (&s->options), error)
      || !good (s, api->SetIntraOpNumThreads (s->options, threads), error)
      || !good (s, api->SetInterOpNumThreads (s->options, 1), error)
      || !good (s, api->AddSessionConfigEntry (s->options, "session.force_spinning_stop", "1"),
                error))
    return FALSE;
  stderr_before = replace_stderr (open ("/dev/null", O_WRONLY));
  status = model ? api->CreateSessionFromArray (s->env, g_bytes_get_data (model, NULL),
                                                g_bytes_get_size (model), s->options, &s->session)
                 : api->CreateSession (s->env, s->task->model, s->options, &s->session);
  replace_stderr (stderr_before);
  return good (s, status, error);
}

static OrtValue *
over (State *s, const CnArray *array, GError **error)
{
  OrtValue *value = NULL;

  good (s,
        s->api->CreateTensorWithDataAsOrtValue (s->memory, array->data, cn_array_bytes (array),
                                                array->shape.dims, (size_t) array->shape.rank,
                                                ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, &value),
        error);
  return value;
}

/* A convolution of pictures goes by a matrix with a column for each pixel and a row for each tap:
   48 GiB for 31×31 on 12 megapixels. */
static gboolean
is_too_large (const BenchTask *task)
{
  double taps = (double) task->kernel * task->kernel;

  return bench_is_filter (task) && taps * task->width * task->height * sizeof (float) > MATRIX_MAX;
}

static gpointer
prepare (const BenchTask *task, int threads, GError **error)
{
  g_autoptr (State) s = NULL;
  CnShape shape = cn_shape_nchw (1, task->in, task->height, task->width);

  if (is_too_large (task))
    return NULL;
  s = g_new0 (State, 1);
  s->task = task;
  s->api = OrtGetApiBase ()->GetApi (ORT_API_VERSION);
  s->input = cn_array_copy (CN_TYPE_FLOAT, &shape, task->input->data, error);
  s->output = s->input ? cn_array_new (CN_TYPE_FLOAT, &task->shape, error) : NULL;
  if (!s->output || !make_session (s, threads, error)
      || !good (s, s->api->CreateCpuMemoryInfo (OrtArenaAllocator, OrtMemTypeDefault, &s->memory),
                error))
    return NULL;
  if (task->layout == CN_LAYOUT_NHWC)
    bench_transpose (task->input->data, s->input->floats, (gsize) task->height * task->width,
                     task->in);
  s->from = over (s, s->input, error);
  s->to = s->from ? over (s, s->output, error) : NULL;
  return s->to ? g_steal_pointer (&s) : NULL;
}

static gboolean
run (gpointer data, GError **error)
{
  State *s = data;
  const OrtValue *from = s->from;

  return good (s,
               s->api->Run (s->session, NULL, &s->task->input_name, &from, 1, &s->task->output_name,
                            1, &s->to),
               error);
}

static void
fetch (gpointer data, float *results)
{
  State *s = data;
  gsize channels = (gsize) s->task->shape.dims[1];

  if (s->task->layout == CN_LAYOUT_NHWC)
    bench_transpose (s->output->floats, results, channels, s->task->n_results / channels);
  else
    memcpy (results, s->output->floats, cn_array_bytes (s->output));
}

const BenchPeer bench_onnxruntime = { "onnxruntime", prepare, run, fetch, finish };
