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

/* A picture that is too large to be run through the network at once, cut into tiles: what is made
   of them up to the global average pool is, but for rounding, what is made of the whole. NULL if
   one run will do, if the network does not end in such a pool, or if its maps depend on all of the
   picture. The classifier must outlive it. */
typedef struct _CnClassifierTiles CnClassifierTiles;
CnClassifierTiles *cn_classifier_tiles_new (const CnClassifier *classifier, int height, int width);
void cn_classifier_tiles_free (CnClassifierTiles *tiles);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnClassifierTiles, cn_classifier_tiles_free)

/* The shape of the maps that are pooled. */
void cn_classifier_tiles_size (const CnClassifierTiles *tiles, int *channels, int *height,
                               int *width);

/* The network's output, a number for each class. */
gboolean cn_classifier_tiles_run (CnClassifierTiles *tiles, const CnSource *source, float *result,
                                  const CnRun *run, GError **error);

/* Σ weights[k] · A[k] of the maps A, to be freed with g_free(). */
double *cn_classifier_tiles_join (CnClassifierTiles *tiles, const CnSource *source,
                                  const double *weights, const CnRun *run, GError **error);
