/* task.c: what is measured: read from files of shapes, and filled with numbers.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "filters/core/error.h"
#include "filters/core/random.h"
#include "tests/bench/bench.h"

#define SEED 9

/* The operators' names in files of shapes. */
static const char *const ops[] = {
  [BENCH_FILTER] = "filter",     [BENCH_GAUSS] = "gauss",
  [BENCH_MAX_POOL] = "max-pool", [BENCH_AVERAGE_POOL] = "average-pool",
  [BENCH_CONV] = "conv",         [BENCH_CONV_TRANSPOSE] = "conv-transpose",
  [BENCH_NETWORK] = "network",
};

void
bench_task_free (BenchTask *task)
{
  bench_task_close (task);
  g_free (task->name);
  g_free (task->model);
  g_free (task);
}

/* --- Files of shapes ----------------------------------------------------------------------- */

static gboolean
find_op (const char *name, BenchOp *op)
{
  for (guint i = 0; i < G_N_ELEMENTS (ops); i++)
    if (g_strcmp0 (name, ops[i]) == 0)
      {
        *op = (BenchOp) i;
        return TRUE;
      }
  return FALSE;
}

/* A number of the group, or `otherwise` where there is no such key. */
static int
number (GKeyFile *file, const char *group, const char *key, int otherwise)
{
  return g_key_file_has_key (file, group, key, NULL)
             ? g_key_file_get_integer (file, group, key, NULL)
             : otherwise;
}

static char *
make_name (const BenchTask *task, const char *group)
{
  g_autoptr (GString) name = g_string_new (group);

  if (task->op != BENCH_NETWORK)
    g_string_append_printf (name, " %d×%d", task->kernel, task->kernel);
  if (task->stride > 1)
    g_string_append_printf (name, "/%d", task->stride);
  g_string_append_printf (name, task->in == task->out ? " %d" : " %d→%d", task->in, task->out);
  g_string_append_printf (name, ", %d×%d", task->width, task->height);
  return g_string_free (g_steal_pointer (&name), FALSE);
}

static BenchTask *
make_task (GKeyFile *file, const char *group, BenchOp op, int in, int kernel)
{
  BenchTask *task = g_new0 (BenchTask, 1);
  gboolean picture = op == BENCH_FILTER || op == BENCH_GAUSS;
  gboolean pool = op == BENCH_MAX_POOL || op == BENCH_AVERAGE_POOL;
  g_autofree char *model = g_key_file_get_string (file, group, "model", NULL);

  task->op = op;
  task->layout =
      number (file, group, "interleaved", picture || pool) ? CN_LAYOUT_NHWC : CN_LAYOUT_NCHW;
  task->in = in;
  task->kernel = kernel;
  task->out = number (file, group, "out", in);
  task->width = number (file, group, "width", 0);
  task->height = number (file, group, "height", 0);
  task->stride = number (file, group, "stride", 1);
  task->padding = number (file, group, "padding", picture ? kernel / 2 : 0);
  task->output_padding = number (file, group, "output-padding", 0);
  task->groups = number (file, group, "groups", task->layout == CN_LAYOUT_NHWC ? in : 1);
  task->sigma = 0.15 * kernel + 0.35; /* OpenCV's choice: 0.3·((k − 1)/2 − 1) + 0.8 */
  if (model)
    task->model = g_canonicalize_filename (model, BENCH_MODELS);
  task->name = make_name (task, group);
  return task;
}

/* A group of the file gives a task for each of its kernels with each of its numbers of channels. */
static gboolean
read_group (GKeyFile *file, const char *group, GPtrArray *tasks, GError **error)
{
  g_autofree char *op_name = g_key_file_get_string (file, group, "op", error);
  g_autofree int *ins = NULL, *kernels = NULL;
  gsize n_ins, n_kernels = 1;
  BenchOp op;

  if (!op_name)
    return FALSE;
  if (!find_op (op_name, &op))
    {
      cn_set_error (error, CN_ERROR_PARSE, "There is no operator “%s”", op_name);
      return FALSE;
    }
  ins = g_key_file_get_integer_list (file, group, "in", &n_ins, error);
  if (ins && op != BENCH_NETWORK)
    kernels = g_key_file_get_integer_list (file, group, "kernel", &n_kernels, error);
  if (!ins || (op != BENCH_NETWORK && !kernels))
    return FALSE;
  if (op == BENCH_NETWORK && !g_key_file_has_key (file, group, "model", NULL))
    {
      cn_set_error (error, CN_ERROR_PARSE, "The network “%s” has no model", group);
      return FALSE;
    }
  for (gsize i = 0; i < n_kernels; i++)
    for (gsize j = 0; j < n_ins; j++)
      g_ptr_array_add (tasks, make_task (file, group, op, ins[j], kernels ? kernels[i] : 1));
  return TRUE;
}

gboolean
bench_tasks_read (const char *path, GPtrArray *tasks, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_auto (GStrv) groups = NULL;
  gboolean good = g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, error);

  groups = g_key_file_get_groups (file, NULL);
  for (int i = 0; good && groups[i]; i++)
    good = read_group (file, groups[i], tasks, error);
  if (!good)
    g_prefix_error (error, "%s: ", path);
  return good;
}

/* --- Numbers ------------------------------------------------------------------------------- */

gboolean
bench_is_filter (const BenchTask *task)
{
  return task->op == BENCH_FILTER || task->op == BENCH_GAUSS;
}

int
bench_task_size (const BenchTask *task, int n)
{
  if (task->op == BENCH_CONV_TRANSPOSE)
    return (n - 1) * task->stride - 2 * task->padding + task->kernel + task->output_padding;
  return (n + 2 * task->padding - task->kernel) / task->stride + 1;
}

void
bench_transpose (const float *from, float *to, gsize rows, gsize columns)
{
  for (gsize y = 0; y < rows; y++)
    for (gsize x = 0; x < columns; x++)
      to[x * rows + y] = from[y * columns + x];
}

static void
fill (float *floats, gsize n, double scale, CnRandom *random)
{
  for (gsize i = 0; i < n; i++)
    floats[i] = (float) ((2 * cn_random_uniform (random) - 1) * scale);
}

/* The kernel of a filter: that of the first channel, again for each. */
static void
fill_filter (const BenchTask *task, float *weights, CnRandom *random)
{
  int k = task->kernel;
  gsize n = (gsize) k * k;
  double sum = 0;

  fill (weights, n, 1.0 / k, random);
  for (int i = 0; i < k; i++)
    sum += exp (-0.5 * pow ((i - k / 2) / task->sigma, 2));
  for (gsize i = 0; i < n && task->op == BENCH_GAUSS; i++)
    {
      double y = (double) (i / k) - k / 2, x = (double) (i % k) - k / 2;

      weights[i] = (float) (exp (-0.5 * (x * x + y * y) / (task->sigma * task->sigma)) / sum / sum);
    }
  for (gsize i = n; i < n * task->in; i++)
    weights[i] = weights[i - n];
}

static gboolean
make_weights (BenchTask *task, CnRandom *random, GError **error)
{
  gboolean transposed = task->op == BENCH_CONV_TRANSPOSE;
  int k = task->kernel, groups = task->groups;
  CnShape shape = cn_shape_nchw (transposed ? task->in : task->out,
                                 (transposed ? task->out : task->in) / groups, k, k);

  task->weights = cn_array_new (CN_TYPE_FLOAT, &shape, error);
  if (!task->weights)
    return FALSE;
  if (bench_is_filter (task))
    fill_filter (task, task->weights->floats, random);
  else
    fill (task->weights->floats, cn_array_elements (task->weights),
          1.0 / (k * sqrt ((double) task->in / groups)), random);
  return TRUE;
}

/* The shape of what the network makes of the input, by a plan. */
static gboolean
read_network (BenchTask *task, GError **error)
{
  g_autoptr (CnPlan) plan = NULL;
  CnPlanInput input = { .any_size = TRUE };

  task->graph = cn_onnx_read (task->model, error);
  if (!task->graph)
    return FALSE;
  for (guint i = 0; i < task->graph->inputs->len && !input.name; i++)
    {
      const CnValue *value =
          cn_graph_value (task->graph, g_array_index (task->graph->inputs, int, i));

      if (!value->constant)
        input.name = value->name;
    }
  input.shape = cn_shape_nchw (1, task->in, task->height, task->width);
  plan = cn_plan_new (task->graph, &(CnPlanOptions){ .inputs = &input, .n_inputs = 1 }, error);
  if (!plan)
    return FALSE;
  task->shape = cn_plan_output (plan, 0)->shape;
  task->input_name = g_intern_string (input.name);
  task->output_name = g_intern_string (
      cn_graph_value (task->graph, g_array_index (task->graph->outputs, int, 0))->name);
  return TRUE;
}

gboolean
bench_task_open (BenchTask *task, GError **error)
{
  CnRandom random = cn_random (SEED, 0, 0);

  if (!cn_in_range (task->kernel, 1, CN_KERNEL_MAX, "kernel", error)
      || !cn_in_range (task->stride, 1, CN_STRIDE_MAX, "stride", error)
      || !cn_in_range (task->padding, 0, CN_SIZE_MAX, "padding", error)
      || !cn_in_range (task->in, 1, CN_SIZE_MAX, "in", error)
      || !cn_in_range (task->out, 1, CN_SIZE_MAX, "out", error)
      || !cn_in_range (task->groups, 1, MIN (task->in, task->out), "groups", error)
      || !cn_in_range (task->width, 1, CN_SIZE_MAX / 4, "width", error)
      || !cn_in_range (task->height, 1, CN_SIZE_MAX / 4, "height", error))
    return FALSE;
  if (bench_is_filter (task) && task->kernel % 2 == 0)
    {
      cn_set_error (error, CN_ERROR_ARGUMENT, "A filter's kernel is odd here, and not %d",
                    task->kernel);
      return FALSE;
    }
  task->input = cn_tensor_new (task->layout, 1, task->in, task->height, task->width, error);
  if (!task->input)
    return FALSE;
  fill (task->input->data, cn_view_floats (1, task->in, task->height, task->width), 1, &random);
  if (task->op == BENCH_NETWORK)
    {
      if (!read_network (task, error))
        return FALSE;
    }
  else
    {
      task->input_name = "x";
      task->output_name = "y";
      task->shape = cn_shape_nchw (1, task->out, bench_task_size (task, task->height),
                                   bench_task_size (task, task->width));
      if (task->op != BENCH_MAX_POOL && task->op != BENCH_AVERAGE_POOL
          && !make_weights (task, &random, error))
        return FALSE;
    }
  if (!cn_array_check (CN_TYPE_FLOAT, &task->shape, error))
    return FALSE;
  task->n_results = cn_shape_elements (&task->shape);
  return TRUE;
}

void
bench_task_close (BenchTask *task)
{
  g_clear_pointer (&task->graph, cn_graph_free);
  g_clear_pointer (&task->input, cn_tensor_free);
  g_clear_pointer (&task->weights, cn_array_free);
}
