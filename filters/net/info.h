/* info.h: a network as a table for people: layers with shapes, sizes, parameters and costs.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/net/plan.h"

/* A layer: a node together with the activations, normalizations and changes of shape that follow
   it, as a lecture draws it. */
typedef struct
{
  char
      *name; /* of its first node or, where that has none, of what it makes; of an input, its own */
  char *op;  /* of its first node; "Input" */
  char *value;            /* the graph's name of its result, before it is flattened or the like */
  CnShape shape;          /* of its result, before it is flattened or the like */
  gsize size;             /* elements of its result, without the batch */
  gsize parameters;       /* constant floats that it is the first to use: weights, biases, … */
  double multiply_adds;   /* multiplications with an addition for one run */
  gint64 receptive_field; /* rows of the input that a row of its result may depend on; 0: all */
  double jump; /* rows of the input from the field of one row of its result to that of the next */
  int n_from, *from; /* the layers whose results it takes: indices below its own, each once */
} CnLayer;

typedef struct
{
  int n;
  CnLayer *layers; /* inputs first, then in the order of running */
  gsize parameters;
  double multiply_adds;
} CnInfo;

/* The table for inputs of the shapes in `options`, which are those of cn_plan_new() and have its
   errors. To be freed with cn_info_free(). */
CnInfo *cn_info_new (const CnGraph *graph, const CnPlanOptions *options, GError **error);
void cn_info_free (CnInfo *info);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnInfo, cn_info_free)

/* Bytes of the graph's constants, as they are in memory. */
gsize cn_graph_constant_bytes (const CnGraph *graph);

/* The shape as people write it, without the batch and channels last: "28×28×8", "120". */
char *cn_info_shape_text (const CnShape *shape);
