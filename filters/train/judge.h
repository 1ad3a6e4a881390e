/* judge.h: a network's file judged by pictures, as anyone would run it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/net/graph.h"
#include "filters/train/data-set.h"

/* How many of the pictures get the largest output for their class, of a network with one input of
   pixels N×C×H×W and one output N×classes. What black and white are stands in its metadata
   ("input-low", "input-high"; 0 and 1 where it does not). FALSE with CN_ERROR_SHAPE if the network
   does not fit the pictures or their classes, or the errors of cn_plan_new() and cn_plan_run(). */
gboolean cn_judge_classes (const CnGraph *graph, const CnDataSet *data, gsize *right,
                           const CnRun *run, GError **error);
