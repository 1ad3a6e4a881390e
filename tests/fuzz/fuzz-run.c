/* fuzz-run.c: any bytes as a network: read, planned with limits, and run.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/net/info.h"
#include "filters/onnx/onnx.h"
#include "tests/fuzz/fuzz.h"

/* Bytes of a plan, inputs that are given a shape, and multiplications of a run: enough for anything
   small. */
#define MEMORY ((guint64) 1 << 24)
#define INPUTS_MAX 16
#define COST_MAX 1e7

/* Milliseconds that a run may take: a loop may be without end, and is cancelled then. */
#define TIME_MAX 2000

static gint cancel, left; /* left: milliseconds until `cancel`; 0: no run */

static gpointer
watch (gpointer data)
{
  for (;; g_usleep (20 * 1000))
    if (g_atomic_int_get (&left) > 0 && g_atomic_int_add (&left, -20) <= 20)
      g_atomic_int_set (&cancel, TRUE);
  return data;
}

static gpointer
start_watch (gpointer data)
{
  return g_thread_new ("watch", watch, data);
}

static void
run_limited (CnPlan *plan)
{
  static GOnce once = G_ONCE_INIT;
  const CnRun run = { .threads = 1, .cancel = &cancel };

  g_once (&once, start_watch, NULL);
  g_atomic_int_set (&cancel, FALSE);
  g_atomic_int_set (&left, TIME_MAX);
  cn_plan_run (plan, &run, NULL);
  g_atomic_int_set (&left, 0);
}

/* The declared shape, with 8 for what is not fixed. */
static CnPlanInput
choose_input (const CnGraph *graph, guint i)
{
  const CnValue *value = cn_graph_value (graph, g_array_index (graph->inputs, int, i));
  CnPlanInput input = { .name = value->name, .shape = value->shape };

  for (int axis = 0; axis < input.shape.rank; axis++)
    if (input.shape.dims[axis] < 0)
      input.shape.dims[axis] = axis == 0 ? 1 : 8;
  return input;
}

int
LLVMFuzzerTestOneInput (const guint8 *bytes, gsize n)
{
  g_autoptr (CnGraph) graph = cn_onnx_parse (bytes, n, NULL, NULL);
  g_autoptr (CnInfo) info = NULL;
  g_autoptr (CnPlan) plan = NULL;
  CnPlanInput inputs[INPUTS_MAX];
  CnPlanOptions options = { .inputs = inputs, .memory_max = MEMORY };

  if (!graph)
    return 0;
  options.n_inputs = (int) MIN (graph->inputs->len, INPUTS_MAX);
  for (int i = 0; i < options.n_inputs; i++)
    inputs[i] = choose_input (graph, i);
  info = cn_info_new (graph, &options, NULL);
  if (!info || info->multiply_adds > COST_MAX)
    return 0;
  plan = cn_plan_new (graph, &options, NULL);
  if (!plan)
    return 0;
  for (int i = 0; i < cn_plan_inputs (plan); i++)
    memset (cn_plan_input (plan, i)->data, 1, cn_array_bytes (cn_plan_input (plan, i)));
  run_limited (plan);
  return 0;
}
