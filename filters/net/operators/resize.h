/* resize.h: what resizing along one axis comes down to: for each element places and weights.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/net/operators/operators.h"

/* Element o of the result is Σ_t weights[o·n + t] · input[places[o·n + t]]. */
typedef struct
{
  int n;
  gint32 *places;
  float *weights;
  gboolean *outside; /* for each element: whether it lies outside of the input */
  gboolean any_outside;
} CnTaps;

typedef struct
{
  int axis;
  gsize in, out;
  CnTaps taps;
} CnResizeAxis;

/* The axes that change, and how. */
typedef struct
{
  int n;
  CnResizeAxis axes[CN_RANK_MAX];
} CnResize;

/* ONNX's attributes of Resize. */
typedef struct
{
  const char *mode, *coordinates, *nearest;
  double cubic_a;
  gboolean exclude_outside, antialias;
  double roi_start, roi_end; /* of tf_crop_and_resize, along the axis */
} CnResizeStyle;

/* Finds places and weights for an axis of `in` elements that becomes one of `out`, scaled by
   `scale`. FALSE if there is not enough memory. */
gboolean cn_taps_init (CnTaps *taps, const CnResizeStyle *style, gsize in, gsize out, double scale);
void cn_taps_clear (CnTaps *taps);
