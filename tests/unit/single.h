/* single.h: networks of one node, whose inputs “i0”, “i1”, … are all given.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/net/plan.h"

/* A shape: SHAPE (2, 3) is 2×3, and SHAPE () a scalar. */
#define SHAPE(...)                                                                        \
  (&(const CnShape){ sizeof ((const gint64[]){ 0, ##__VA_ARGS__ }) / sizeof (gint64) - 1, \
                     { __VA_ARGS__ } })

/* A network with a node `op` that has so many inputs, and outputs “o0”, “o1”, … */
CnGraph *single_new (const char *op, int opset, int inputs, int outputs);

/* Its node, to set attributes of. */
CnNode *single_node (CnGraph *graph);

/* Gives an input, or leaves it out. */
void single_floats (CnGraph *graph, int input, const CnShape *shape, const float *floats);
void single_ints (CnGraph *graph, int input, const CnShape *shape, const gint64 *ints);
void single_leave_out (CnGraph *graph, int input);

/* Plans and runs: the output must have that shape, and these numbers within the tolerance. */
void single_check (const CnGraph *graph, int output, const CnShape *shape, const float *expected,
                   double tolerance);
void single_check_ints (const CnGraph *graph, int output, const CnShape *shape,
                        const gint64 *expected);

/* Planning or running must fail with this message. */
void single_fails (const CnGraph *graph, const char *message);
