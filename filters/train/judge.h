/* judge.h: a network's file judged by pictures, as anyone would run it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/net/graph.h"
#include "filters/train/photographs.h"

/* How many of the pictures get the largest output for their class, of a network with one input of
   pixels N×C×H×W and one output N×classes. What black and white are stands in its metadata
   ("input-low", "input-high"; 0 and 1 where it does not). FALSE with CN_ERROR_SHAPE if the network
   does not fit the pictures or their classes, or the errors of cn_plan_new() and cn_plan_run(). */
gboolean cn_judge_classes (const CnGraph *graph, const CnDataSet *data, gsize *right,
                           const CnRun *run, GError **error);

/* How near a network that makes pictures larger comes to a photograph that was made smaller, and
   how near cubic interpolation comes: the ratio of peak signal to noise, 10·log₁₀ (255² / mean d²),
   in dB. Measured as is usual in publications: of the luminance in 16 … 235 (that of MATLAB's
   rgb2ycbcr), made smaller by cn_cubic_resize(), all pictures rounded to 8 bits, as many pixels as
   the scale is left out along the border. The network's input is value / 255. FALSE with
   CN_ERROR_SHAPE if the photograph is too small, or the errors of cn_tiled_net_new() and
   cn_tiled_net_run(). */
gboolean cn_judge_upscaler (const CnGraph *graph, const CnPhotograph *photograph, double *network,
                            double *cubic, const CnRun *run, GError **error);

/* What the metadata say under that key as a number, or `otherwise`. */
double cn_judge_number (const CnGraph *graph, const char *key, double otherwise);
