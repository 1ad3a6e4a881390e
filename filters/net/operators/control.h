/* control.h: what the operators share that run graphs, which lie in their attributes.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/net/operators/operators.h"
#include "filters/net/plan-private.h"

/* Adds what the graph captures to `inputs` (of CnPlanInput), with its data where that is known. */
void cn_body_captured (const CnStep *step, const CnGraph *body, GArray *inputs);

/* Plans the graph for those inputs; cn_plan_finish() is yet to be called. NULL with an error that
   begins with the step. */
CnPlan *cn_body_plan (const CnStep *step, const CnGraph *body, const GArray *inputs,
                      GError **error);

/* Finishes the plan within the step's limit on memory, unless it has nodes that are planned while
   running. */
gboolean cn_body_prepare (CnStep *step, CnPlan *plan, GError **error);

/* Fills those inputs of the plan, from number `first` on, that are captured. */
void cn_body_fill (const CnStep *step, const CnPlan *plan, int first);

/* Whether all inputs have data. */
gboolean cn_step_all_known (const CnStep *step);
