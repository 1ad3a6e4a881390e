/* part.h: a part of a network as a network of its own.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/net/graph.h"

/* The nodes that `outputs` need, from `inputs` on, in an order of running, with copies of the
   constants that they need and of the metadata. `inputs` are names of any values, ended by NULL:
   they become the part's inputs, in this order; NULL: the graph's own, as far as they are needed.
   `outputs` likewise; NULL: the graph's own. Type and shape of both are declared as the graph
   declares them, or else as planning finds them, where sizes are fixed that planning for inputs of
   two sizes agrees in. To be freed with cn_graph_free(). NULL with CN_ERROR_ARGUMENT: a name that
   is not there, or is there twice; an output that needs a value that is not given; a cycle; with
   CN_ERROR_MEMORY. */
CnGraph *cn_graph_part (const CnGraph *graph, const char *const *inputs, const char *const *outputs,
                        GError **error);
