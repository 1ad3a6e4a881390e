/* bench.h: what is measured, and what an engine that is measured must offer.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/filters.h"

typedef enum
{
  BENCH_FILTER, /* one kernel over each channel of a picture, which is continued at its edges */
  BENCH_GAUSS,  /* the same with a Gaussian kernel, which is separable */
  BENCH_MAX_POOL,
  BENCH_AVERAGE_POOL, /* what lies in the padding does not count */
  BENCH_CONV,         /* the layer: zeros around, no bias */
  BENCH_CONV_TRANSPOSE,
  BENCH_NETWORK, /* a model's file */
} BenchOp;

/* One row of the table. Pictures are interleaved, layers and networks planar. */
typedef struct
{
  char *name;
  BenchOp op;
  CnLayout layout;
  int in, height, width; /* channels and size of the input */
  int out;               /* channels of the result */
  int kernel, stride, padding, output_padding, groups;
  double sigma; /* BENCH_GAUSS, in pixels */
  char *model;  /* BENCH_NETWORK: the file */

  /* From here on: set while the task is open. */
  CnGraph *graph;                       /* BENCH_NETWORK */
  const char *input_name, *output_name; /* of the network, or "x" and "y" */
  CnTensor *input;                      /* random numbers */
  CnArray *weights;                     /* as the operators of filters/ops take them, or NULL */
  CnShape shape;                        /* of the result, N×C×H×W whatever the layout */
  gsize n_results;
} BenchTask;

/* An engine. */
typedef struct
{
  const char *name;
  /* What a user does once: plans, packed weights, memory, the input in the engine's own layout.
     NULL with `error` unset where the engine does not do such tasks. */
  gpointer (*prepare) (const BenchTask *task, int threads, GError **error);
  /* What is timed: one pass from the input to the result. */
  gboolean (*run) (gpointer state, GError **error);
  /* Copies the result out, in the task's layout. */
  void (*fetch) (gpointer state, float *results);
  void (*finish) (gpointer state);
} BenchPeer;

extern const BenchPeer bench_convnet, bench_onednn, bench_onednn_planes, bench_onnxruntime,
    bench_opencv;

/* Adds the tasks of a file of shapes; README.md says what is in one. */
gboolean bench_tasks_read (const char *path, GPtrArray *tasks, GError **error);
void bench_task_free (BenchTask *task);

/* Makes the input and the weights, or reads the network. */
gboolean bench_task_open (BenchTask *task, GError **error);
void bench_task_close (BenchTask *task);

/* Whether it is one kernel for each channel of a picture: its side is odd. */
gboolean bench_is_filter (const BenchTask *task);

/* Size of the result along one axis, of `n` pixels, of everything but networks. */
int bench_task_size (const BenchTask *task, int n);

/* Floats of rows × columns, the rows becoming columns: with rows of pixels and columns of channels,
   from interleaved to planar. */
void bench_transpose (const float *from, float *to, gsize rows, gsize columns);

/* Whether our results are what the definition gives, in double, at corners and places drawn by lot;
   always so for networks, which have no short definition. The error names the first that is not. */
gboolean bench_check_ours (const BenchTask *task, const float *ours, GError **error);

/* Whether a peer's results are ours, but at the edges of filtered pictures, which every library
   continues in its own way. */
gboolean bench_check_peer (const BenchTask *task, const float *ours, const float *theirs,
                           GError **error);

/* The network of an open task, planned. */
CnPlan *bench_plan (const BenchTask *task, GError **error);

typedef gboolean (*BenchWork) (gpointer data);

/* The most bytes that a process takes to do `work`, beyond one that does nothing; −1: it failed. */
double bench_memory (BenchWork work, gpointer data);

/* Prints what the networks among the tasks take: of us as planned, of each peer as measured. FALSE
   if we could not run one. */
gboolean bench_memory_table (const GPtrArray *tasks, const BenchPeer *const *peers, gsize n_peers);

/* Prints what a pixel costs in pictures of 1 megapixel to the `largest`, 400 at most, and writes
   that as a plot. */
gboolean bench_growth (const char *path, int largest, GError **error);
