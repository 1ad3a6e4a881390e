/* classify-private.h: the inside of a classifier, shared by its files.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/net/classify.h"

struct _CnClassifier
{
  const CnGraph *graph;
  CnClassifierOptions options;
  CnInput input;
  int output;             /* the value that is the graph's first output */
  int score;              /* the value that becomes the output by Softmax or Sigmoid; else it */
  gboolean probabilities; /* whether the output is made by one of these */
  int classes;
  int height, width; /* that it takes, or was trained with */
  gboolean any_size;
  char **names; /* as many as classes */
  CnPlan *plan; /* for a picture of plan_height × plan_width; NULL: none yet */
  int plan_height, plan_width;
};

/* The last layer before a global average pool: its maps, and the weights of the classes. */
typedef struct
{
  int maps;             /* the value; −1: the network does not end so */
  const float *weights; /* of class c and map k: [c · by_class + k · by_map]; NULL: the maps are
                           the classes' scores */
  gsize by_class, by_map;
  float factor;
} CnClassifierTail;

/* A plan for a picture of that size, with these outputs (values, ended by −1), of which there are
   three at most. */
CnPlan *cn_classifier_plan (const CnClassifier *classifier, int height, int width,
                            const int *outputs, GError **error);

/* Fills the plan's input from the source, which has the size that it was made for. */
gboolean cn_classifier_fill (const CnClassifier *classifier, CnPlan *plan, const CnSource *source,
                             const CnRect *area, GError **error);

/* The value that `value` is in another shape. */
int cn_classifier_behind (const CnGraph *graph, int value);

/* The node that makes it, if it is one of ONNX's own; NULL if there is none. */
const CnNode *cn_classifier_maker (const CnGraph *graph, int value);

/* Looks for the tail. */
CnClassifierTail cn_classifier_tail (const CnClassifier *classifier);
