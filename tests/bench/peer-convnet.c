/* peer-convnet.c: our own engine, as the others are measured against it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "tests/bench/bench.h"

/* One of the four is set. */
typedef struct
{
  const BenchTask *task;
  CnConv2d *conv;
  CnPool *pool;
  CnConvTranspose *transpose;
  CnPlan *plan;
  CnTensor *output; /* NULL for networks */
  CnRun run;
} State;

static void
finish (gpointer data)
{
  State *s = data;

  g_clear_pointer (&s->conv, cn_conv2d_free);
  g_clear_pointer (&s->pool, cn_pool_free);
  g_clear_pointer (&s->transpose, cn_conv_transpose_free);
  g_clear_pointer (&s->plan, cn_plan_free);
  g_clear_pointer (&s->output, cn_tensor_free);
  g_free (s);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (State, finish)

static void
make_conv (State *s, const CnPadding *padding, GError **error)
{
  const BenchTask *t = s->task;
  CnConv2dOptions options = {
    .in_channels = t->in,
    .out_channels = t->out,
    .groups = t->groups,
    .kernel_height = t->kernel,
    .kernel_width = t->kernel,
    .stride_y = t->stride,
    .stride_x = t->stride,
    .padding = *padding,
    .border = t->op == BENCH_CONV ? CN_BORDER_ZERO : CN_BORDER_REPLICATE,
    .pixels = (gsize) t->shape.dims[2] * t->shape.dims[3],
  };

  s->conv = cn_conv2d_new (&options, t->weights->floats, NULL, error);
}

static void
make_pool (State *s, const CnPadding *padding, GError **error)
{
  const BenchTask *t = s->task;
  CnPoolOptions options = {
    .kind = t->op == BENCH_MAX_POOL ? CN_POOL_MAX : CN_POOL_AVERAGE,
    .height = t->kernel,
    .width = t->kernel,
    .stride_y = t->stride,
    .stride_x = t->stride,
    .padding = *padding,
  };

  s->pool = cn_pool_new (&options, error);
}

static void
make_transpose (State *s, const CnPadding *padding, GError **error)
{
  const BenchTask *t = s->task;
  CnConvTransposeOptions options = {
    .in_channels = t->in,
    .out_channels = t->out,
    .groups = t->groups,
    .kernel_height = t->kernel,
    .kernel_width = t->kernel,
    .stride_y = t->stride,
    .stride_x = t->stride,
    .padding = *padding,
    .output_padding_y = t->output_padding,
    .output_padding_x = t->output_padding,
    .pixels = (gsize) t->shape.dims[2] * t->shape.dims[3],
  };

  s->transpose = cn_conv_transpose_new (&options, t->weights->floats, NULL, error);
}

CnPlan *
bench_plan (const BenchTask *task, GError **error)
{
  CnPlanInput input = {
    .name = task->input_name,
    .shape = cn_shape_nchw (1, task->in, task->height, task->width),
    .any_size = TRUE,
  };

  return cn_plan_new (task->graph, &(CnPlanOptions){ .inputs = &input, .n_inputs = 1 }, error);
}

static gpointer
prepare (const BenchTask *task, int threads, GError **error)
{
  g_autoptr (State) s = g_new0 (State, 1);
  int p = task->padding;
  CnPadding padding = { CN_PADDING_EXPLICIT, p, p, p, p };

  s->task = task;
  s->run.threads = threads;
  if (task->op == BENCH_NETWORK)
    s->plan = bench_plan (task, error);
  else if (task->op == BENCH_CONV_TRANSPOSE)
    make_transpose (s, &padding, error);
  else if (task->op == BENCH_MAX_POOL || task->op == BENCH_AVERAGE_POOL)
    make_pool (s, &padding, error);
  else
    make_conv (s, &padding, error);
  if (!s->conv && !s->pool && !s->transpose && !s->plan)
    return NULL;
  if (!s->plan)
    s->output = cn_tensor_new (task->layout, 1, task->out, (int) task->shape.dims[2],
                               (int) task->shape.dims[3], error);
  return s->plan || s->output ? g_steal_pointer (&s) : NULL;
}

static gboolean
run (gpointer data, GError **error)
{
  State *s = data;
  const CnTensor *input = s->task->input;

  if (s->conv)
    return cn_conv2d_forward (s->conv, input, s->output, &s->run, error);
  if (s->pool)
    return cn_pool_forward (s->pool, input, s->output, NULL, &s->run, error);
  if (s->transpose)
    return cn_conv_transpose_forward (s->transpose, input, s->output, &s->run, error);
  /* A plan may overwrite its input, so the copy belongs to the run. */
  memcpy (cn_plan_input (s->plan, 0)->data, input->data,
          cn_array_bytes (cn_plan_input (s->plan, 0)));
  return cn_plan_run (s->plan, &s->run, error);
}

static void
fetch (gpointer data, float *results)
{
  State *s = data;

  memcpy (results, s->plan ? cn_plan_output (s->plan, 0)->data : s->output->data,
          s->task->n_results * sizeof *results);
}

const BenchPeer bench_convnet = { "ConvNet", prepare, run, fetch, finish };
