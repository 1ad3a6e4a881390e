/* plan.h: a network made ready to run on inputs of given shapes, and run.
 *
 * A plan takes only the nodes that the wanted values need, in an order in which each comes after
 * those that it needs; finds every shape; computes once what depends on constants and shapes only;
 * folds BatchNormalization, scales and shifts for each channel into the convolution before them and
 * fuses activations into it; and lays all values out in one block of memory, where values share
 * bytes if they are not needed at the same time.
 *
 * Running does not allocate arrays, but for nodes whose results are as large as their inputs'
 * elements say (NonZero, NonMaxSuppression, Loop, an If whose condition is computed): these, and
 * those that need them, are planned anew in each run, and then take memory up to the same limit.
 *
 * A value that the caller wants is computed as the graph has it, whatever could have been folded:
 * ask for a feature map by its name.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/core/tile.h"
#include "filters/net/graph.h"

/* Bytes that a plan takes at most if the caller gives no limit: 4 GiB. */
#define CN_PLAN_MEMORY ((guint64) 1 << 32)

/* A value that the caller gives, and its shape. It may be one that a node would make: the nodes
   that only it needs are left out then. */
typedef struct
{
  const char *name;
  CnType type; /* CN_TYPE_NONE: as the graph declares it, or float32 */
  CnShape shape;
  const CnItem *items; /* of a sequence, borrowed by the plan */
  gpointer data; /* its elements, if they are the same in every run: it is a constant in the plan
                    then, and borrowed by it; or NULL */
  gboolean any_size; /* the shape need not be the declared one: operators say what fits */
} CnPlanInput;

typedef struct
{
  const CnPlanInput *inputs; /* inputs of the graph that are not here have their declared shape */
  int n_inputs;
  const char *const *outputs; /* names, ended by NULL; NULL: the graph's outputs */
  guint64 memory_max;         /* of cn_plan_memory(); 0: CN_PLAN_MEMORY */
  gboolean in_turn;   /* cn_plan_run_to() is called for one output after the other: each holds until
                         the   call for the second one after it, and then leaves its memory to others */
  gboolean no_values; /* the plan is asked and never run: its values get no memory */
} CnPlanOptions;

typedef struct _CnPlan CnPlan;

/* Whether there are all operators, attributes and types that the graph's outputs need. FALSE with
   CN_ERROR_UNSUPPORTED, whose message lists everything that is lacking, by node and operator. */
gboolean cn_graph_check (const CnGraph *graph, GError **error);

/* Plans the graph, which must outlive the plan and stay as it is. `options` may be NULL. NULL with
   CN_ERROR_UNSUPPORTED (see above);
   CN_ERROR_ARGUMENT: a value that nothing makes, a cycle, an input without a shape; CN_ERROR_SHAPE:
   shapes that do not fit together, with the node; CN_ERROR_MEMORY. */
CnPlan *cn_plan_new (const CnGraph *graph, const CnPlanOptions *options, GError **error);
void cn_plan_free (CnPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnPlan, cn_plan_free)

/* What the caller gives: first those in the options that have no data, then the other inputs of the
   graph that are needed. Fill its data before each run, for the run may overwrite it. */
int cn_plan_inputs (const CnPlan *plan);
const char *cn_plan_input_name (const CnPlan *plan, int i);
const CnArray *cn_plan_input (const CnPlan *plan, int i);

/* What the caller wants, in the order of the options' or the graph's outputs; its data hold until
   the next run. */
int cn_plan_outputs (const CnPlan *plan);
const char *cn_plan_output_name (const CnPlan *plan, int i);
const CnArray *cn_plan_output (const CnPlan *plan, int i);

/* Bytes that the plan takes beside the graph: values that are computed while running (shared),
   constants that were folded, and weights in the forms that operators want them in. Beside them
   each thread takes a tile's memory, of a few MiB, while running. */
gsize cn_plan_memory (const CnPlan *plan);

/* Runs the plan; one run of a plan at a time. FALSE with CN_ERROR_CANCELLED or CN_ERROR_MEMORY. */
gboolean cn_plan_run (CnPlan *plan, const CnRun *run, GError **error);

/* Runs a plan that has not been run before as far as output `i` needs, on from where the last such
   call has come: outputs can be read while others are still to be computed, by another thread. Not
   for an output whose shape is known only then. The progress is the whole plan's. */
gboolean cn_plan_run_to (CnPlan *plan, int i, const CnRun *run, GError **error);
