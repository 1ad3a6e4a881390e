/* layer.h: layers of a model that is trained: the rows of their table, and what each has in memory.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/core/tile.h"
#include "filters/ops/activation.h"
#include "filters/train/lanes.h"

typedef struct _CnLayer CnModelLayer;

/* What a kind of layer is. `parse` reads the words behind the kind's name; `plan` finds the
   output's shape from `in`, and how many parameters there are; `prepare`, when all memory but the
   layer's own is there, makes that. Running does not allocate, but for pooling.

   `backward` gets ∂loss/∂out in out_gradient, overwrites in_gradient (unless its data are NULL:
   nobody wants it) and `gradients`. A layer that takes the output of a marked one as well has
   `pass_back`, which adds the gradient of that to `to`. */
typedef struct
{
  const char *name;
  const char *arguments; /* as text: "OUTPUTS KERNEL [stride N] [same]" */
  gboolean in_place;     /* `out` may be `in`, and out_gradient in_gradient */
  gboolean needs_output; /* `backward` reads `out` */
  gboolean (*parse) (CnModelLayer *layer, char **words, GError **error);
  gboolean (*plan) (CnModelLayer *layer, GError **error);
  gboolean (*prepare) (CnModelLayer *layer, GError **error);
  gboolean (*forward) (CnModelLayer *layer, gboolean training, const CnRun *run, GError **error);
  gboolean (*backward) (CnModelLayer *layer, const CnRun *run, GError **error);
  void (*pass_back) (const CnModelLayer *layer, const CnLanes *to);
  void (*init) (CnModelLayer *layer, guint64 seed);
  void (*free) (gpointer state);
} CnLayerKind;

struct _CnLayer
{
  const CnLayerKind *kind;
  char *name; /* "conv1" */
  int index;

  /* Arguments; each kind has those that it names. */
  int outs, size, stride, padding, factor;
  gboolean biased;
  CnActivation activation;
  int from; /* what a mark leads to: 0: the model's input, i + 1: the output of layer i; −1: no mark
             */

  CnLanes in, out, in_gradient, out_gradient;
  const CnLanes *other; /* what is at `from` */

  /* Parts of the model's arrays. The first `decayed` parameters are weights, which decay. */
  gsize parameters_n, decayed, statistics_n;
  float *parameters, *gradients, *statistics;

  gpointer state; /* the kind's own */
};

/* The kinds of all files; NULL if there is none of that name. */
const CnLayerKind *cn_layer_kind (const char *name);

extern const CnLayerKind cn_layer_conv, cn_layer_dense, cn_layer_batch_norm, cn_layer_activation,
    cn_layer_prelu, cn_layer_add, cn_layer_concat, cn_layer_max_pool, cn_layer_average_pool,
    cn_layer_global_average_pool, cn_layer_conv_transpose;
