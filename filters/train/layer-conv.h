/* layer-conv.h: what convolutions and fully connected layers have in memory.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/train/layer-private.h"

typedef struct
{
  CnLanes padded;            /* the input with zeros around */
  CnLanes spread;            /* P */
  gsize terms, terms_padded; /* terms of an output's sum; of the groups that products go in */
  gsize *offsets, *spread_offsets;
  float *weights, *bias, *turned, *zeros; /* packed for CnLanesSum */
  CnLanes sums;                           /* of products, for CnLanesProduct */
} CnConvLayer;

/* How many groups of `size` hold n. */
static inline gsize
cn_groups_of (gsize n, gsize size)
{
  return (n + size - 1) / size;
}

gboolean cn_conv_forward (CnModelLayer *layer, gboolean training, const CnRun *run, GError **error);
gboolean cn_conv_backward (CnModelLayer *layer, const CnRun *run, GError **error);
