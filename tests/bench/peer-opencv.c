/* peer-opencv.c: OpenCV, by its interface for C: filters, and the mean of 2×2 pixels by cvResize().
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <opencv2/imgproc/imgproc_c.h>

#include "tests/bench/bench.h"

typedef struct
{
  const BenchTask *task;
  CnTensor *output;
  CvMat from, to, kernel; /* headers over memory that others own */
} State;

static void
finish (gpointer data)
{
  State *s = data;

  g_clear_pointer (&s->output, cn_tensor_free);
  g_free (s);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (State, finish)

static CvMat
matrix (const CnTensor *tensor)
{
  return cvMat (tensor->height, tensor->width, CV_MAKETYPE (CV_32F, tensor->channels),
                tensor->data);
}

static gpointer
prepare (const BenchTask *task, int threads, GError **error)
{
  g_autoptr (State) s = NULL;
  gboolean filter = bench_is_filter (task);
  gboolean half = task->op == BENCH_AVERAGE_POOL && task->kernel == 2 && task->stride == 2
                  && task->padding == 0 && task->width % 2 == 0 && task->height % 2 == 0;

  if (task->layout != CN_LAYOUT_NHWC || task->in > 4 || !(filter || half))
    return NULL;
  s = g_new0 (State, 1);
  s->task = task;
  s->output = cn_tensor_new (task->layout, 1, task->out, (int) task->shape.dims[2],
                             (int) task->shape.dims[3], error);
  if (!s->output)
    return NULL;
  s->from = matrix (task->input);
  s->to = matrix (s->output);
  if (filter)
    s->kernel = cvMat (task->kernel, task->kernel, CV_32FC1, task->weights->floats);
  cvSetNumThreads (threads);
  return g_steal_pointer (&s);
}

static gboolean
run (gpointer data, GError **error)
{
  State *s = data;
  const BenchTask *task = s->task;

  (void) error;
  if (task->op == BENCH_FILTER)
    cvFilter2D (&s->from, &s->to, &s->kernel, cvPoint (-1, -1));
  else if (task->op == BENCH_GAUSS)
    cvSmooth (&s->from, &s->to, CV_GAUSSIAN, task->kernel, task->kernel, task->sigma, task->sigma);
  else
    cvResize (&s->from, &s->to, CV_INTER_AREA);
  return TRUE;
}

static void
fetch (gpointer data, float *results)
{
  State *s = data;

  memcpy (results, s->output->data, s->task->n_results * sizeof *results);
}

const BenchPeer bench_opencv = { "OpenCV", prepare, run, fetch, finish };
