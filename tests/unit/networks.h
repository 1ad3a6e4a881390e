/* networks.h: networks that are built in C, with random weights.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/net/plan.h"

/* `n` floats from −range to range, to be freed. */
float *network_random (gsize n, double range);

/* Adds nodes; weights are called NAME.w and NAME.b. Each makes the value `to` from the value
 * `from`. */
void network_conv (CnGraph *graph, const char *name, const char *from, const char *to, int in,
                   int out, int kernel, int padding);
void network_norm (CnGraph *graph, const char *name, const char *from, const char *to,
                   int channels);
void network_dense (CnGraph *graph, const char *name, const char *from, const char *to, int in,
                    int out);
CnNode *network_node (CnGraph *graph, const char *op, const char *name, const char *from,
                      const char *to);

/* A value with a constant for each channel, for nodes of two inputs. */
void network_channels (CnGraph *graph, const char *name, int channels);

/* A node of two inputs. */
CnNode *network_pair (CnGraph *graph, const char *op, const char *name, const char *a,
                      const char *b, const char *to);

/* The lecture's network (worked-examples.md): 1×3×32×32 → 10 probabilities. Values: "x", "conv1",
   "relu1", "pool1", …, "y". */
CnGraph *network_lecture (void);

/* A plan for one input of that shape, and the test's failure if there is none. */
CnPlan *network_plan (const CnGraph *graph, const CnShape *shape, const char *const *outputs);

/* Fills input 0, runs, and gives a copy of output `i`, to be freed. */
float *network_run (CnPlan *plan, const float *input, int i);
