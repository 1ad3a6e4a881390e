/* plan-private.h: the inside of a plan, shared by the files that make, change and run it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/net/operator.h"
#include "filters/net/plan.h"

struct _CnPlan
{
  const CnGraph *graph;
  /* For each value of the graph, and then for each node one that stands in for a first output which
     nobody wants. Data is set where it is constant, and later for all. */
  CnArray *arrays;
  guint n_arrays;
  gboolean *wanted; /* for each array: whether the caller wants it */
  GPtrArray *steps; /* of CnStep, in the order of running */
  guint done;       /* how many of them have run */
  GArray *inputs;   /* of int: values */
  GArray *outputs;
  GArray *late;       /* of int: nodes that can only be planned when their inputs are computed */
  gboolean *is_late;  /* for each array: whether one of them makes it */
  const CnRun *run;   /* the run during which it is planned; NULL: before any */
  CnPlan *rest;       /* the plan of those, from the last run */
  GPtrArray *folded;  /* data of constants that were computed while planning */
  double folded_cost; /* operations that this has cost */
  guint64 folded_bytes, memory_max;
  gboolean in_turn, no_values;
  gpointer memory; /* of all values that are not constant, and of scratch */
  gsize memory_bytes;
};

/* Places of nodes that the values need, in an order of running: indices of nodes. `given` says for
   each value whether it needs no producer. NULL with CN_ERROR_ARGUMENT: a cycle, or a value that
   nothing makes. */
GArray *cn_order (const CnGraph *graph, const GArray *values, const gboolean *given,
                  GError **error);

/* The same, where the graph's inputs need none either; marks in `needed` what the nodes take. */
GArray *cn_order_needed (const CnGraph *graph, const GArray *values, const gboolean *given,
                         gboolean *needed, GError **error);

/* cn_graph_check() for some of the nodes. */
gboolean cn_check_nodes (const CnGraph *graph, const GArray *nodes, GError **error);

/* Whether an input may have that shape, as the graph declares it. */
gboolean cn_check_input (const CnValue *v, const CnPlanInput *input, GError **error);

/* Whether the types of the step's inputs are those that its operator takes. */
gboolean cn_check_types (const CnStep *step, GError **error);

/* The plan without fusing and memory: each needed node is a step or a folded constant. `run` is the
   run during which it is planned, or NULL. cn_plan_finish() does the rest. */
CnPlan *cn_plan_shapes (const CnGraph *graph, const CnPlanOptions *options, const CnRun *run,
                        GError **error);
gboolean cn_plan_finish (CnPlan *plan, GError **error);

/* Joins steps; frees those that are gone. */
void cn_plan_fuse (CnPlan *plan);

/* Runs the nodes that could not be planned before. */
gboolean cn_plan_run_late (CnPlan *plan, const CnRun *run, GError **error);

/* How many steps there are to run until output `i` is there. */
guint cn_plan_steps_to (const CnPlan *plan, int i);

/* Where every value lies: found, and then in memory, if the plan is to have values. Both set the
   plan's `memory_bytes`. FALSE with CN_ERROR_MEMORY. */
typedef struct _CnPlaces CnPlaces;
CnPlaces *cn_places_new (CnPlan *plan);
void cn_places_free (CnPlaces *places);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnPlaces, cn_places_free)
gboolean cn_places_take_memory (const CnPlaces *places, GError **error);

/* Index of the array that is output `i` of the step. */
int cn_step_output_index (const CnPlan *plan, const CnStep *step, int i);

void cn_step_free (CnStep *step);
