/* operator.h: what an operator is to the planner: a row of a table; and a step: a node being run.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/core/tile.h"
#include "filters/net/graph.h"
#include "filters/ops/activation.h"

/* The opset versions of ONNX that models may declare. */
#define CN_OPSET_MIN 1
#define CN_OPSET_MAX 22

typedef struct _CnOperator CnOperator;

/* A node in a plan. plan() finds the inputs with type and shape, and with data if they are
   constant, and fills in type and shape of the outputs; at run() everything has data. */
typedef struct
{
  const CnOperator *op;
  const CnGraph *graph;
  const CnNode *node;
  int opset;
  int n_inputs, n_outputs; /* as the node has them: captured ones too */
  guint64 memory_max;      /* bytes that a plan within the step may take */
  const CnRun *run;        /* the run during which the step is planned; NULL: before any */
  const CnArray **inputs;  /* NULL: left out */
  CnArray **outputs;       /* NULL: not wanted; the first one is always there */
  GPtrArray *kept;         /* memory of the plan: what outputs are that are sequences */

  /* What plan() and prepare() leave for run(). */
  gpointer state;
  GDestroyNotify free_state;
  guint64 spare_bytes; /* what prepare() may take for the sake of speed: half of what is left, as
                          later steps may have to take some */
  gsize held_bytes;    /* what the step keeps for its runs, after prepare() */
  gsize scratch_bytes; /* of `scratch`, which steps share */
  gpointer scratch;
  double multiply_adds; /* what the step costs */
  /* How far an element of the result reaches into the input, in rows or columns: 1: a point, 0:
     everywhere. And input rows from one row of the result to the next. */
  gint64 window;
  double stride;

  /* What was fused into the step: y → activation (scale[c]·y + shift[c] + addend) for each output
     channel; NULL for none. Only where the operator says CN_OPERATOR_FUSES. */
  float *scale, *shift;
  CnActivation activation;
  /* And what is added before the activation, an array like the output, whose place that may have;
     or NULL. */
  const CnArray *addend;
} CnStep;

typedef enum
{
  CN_OPERATOR_VIEW = 1 << 0,     /* output 0 is input 0 in another shape: nothing to run */
  CN_OPERATOR_IN_PLACE = 1 << 1, /* output 0 may overwrite an input of its size */
  CN_OPERATOR_SHAPES = 1 << 2,   /* reads no data but the inputs' shapes: constant in a plan */
  CN_OPERATOR_FUSES = 1 << 3,    /* takes a following scale, shift and activation in */
  CN_OPERATOR_JOINS = 1 << 4,    /* output 0 is the inputs joined: they may lie in it already */
} CnOperatorFlags;

/* One operator of ONNX. */
struct _CnOperator
{
  const char *name;
  int since; /* the first opset in which it means what is done here */
  /* A letter for each input: the types it may have. f: float32; i: int64 or int32; b: bool; n: a
     number; a: any array; s: a sequence; e: everything. "?" after it: may be left out; "*": any
     number of them. */
  const char *inputs;
  int outputs; /* at most */
  /* The attributes it may have: "NAME:KIND", with a blank between them. KIND is f (float), i
     (int), s (string), F, I, S (lists), t (tensor), g (graph); "=A|B" after it lists the values
     allowed. */
  const char *attributes;
  gboolean (*plan) (CnStep *step, GError **error);
  gboolean (*prepare) (CnStep *step, GError **error); /* after fusing; may be NULL */
  gboolean (*run) (const CnStep *step, const CnRun *run, GError **error);
  CnOperatorFlags flags;
  gconstpointer data; /* in what the rows of a family differ */
};

/* The operator of that name as `opset` has it; NULL if there is none. */
const CnOperator *cn_operator_find (const char *name, int opset);

/* Calls `each` for every row there is. */
void cn_operators_foreach (void (*each) (const CnOperator *op, gpointer data), gpointer data);

/* The tables of the families, each ended by a row without a name. */
extern const CnOperator cn_operators_activation[], cn_operators_arithmetic[],
    cn_operators_constant[], cn_operators_control[], cn_operators_conv[], cn_operators_crop[],
    cn_operators_deform[], cn_operators_diagonal[], cn_operators_einsum[], cn_operators_find[],
    cn_operators_gather[], cn_operators_grid[], cn_operators_loop[], cn_operators_matmul[],
    cn_operators_move[], cn_operators_norm[], cn_operators_optional[], cn_operators_pool[],
    cn_operators_quantize[], cn_operators_quantized[], cn_operators_recurrent[],
    cn_operators_reduce[], cn_operators_resize[], cn_operators_roi[], cn_operators_scan[],
    cn_operators_select[], cn_operators_sequence[], cn_operators_shape[], cn_operators_slice[],
    cn_operators_softmax[], cn_operators_unique[], cn_operators_unpool[];

/* Input `i`, or NULL where it is left out. */
const CnArray *cn_step_input (const CnStep *step, int i);

/* Attributes, or `otherwise` where the node has none. */
gint64 cn_step_int (const CnStep *step, const char *name, gint64 otherwise);
float cn_step_float (const CnStep *step, const char *name, float otherwise);
const char *cn_step_string (const CnStep *step, const char *name, const char *otherwise);

/* The list of ints that is an attribute or, in other opsets, input `input` (−1: never), which must
   then be constant. `*values` is NULL where there is neither; else it is to be freed with g_free().
   FALSE with an error for an input that is not constant. */
gboolean cn_step_ints (const CnStep *step, const char *name, int input, int *n, gint64 **values,
                       GError **error);

/* The same for a list whose length is fixed: `values` comes in with the defaults. */
gboolean cn_step_ints_n (const CnStep *step, const char *name, int n, gint64 *values,
                         GError **error);

/* The number that is an attribute or, in other opsets, input `input`, which must then be constant;
   else `*value` stays. */
gboolean cn_step_number (const CnStep *step, const char *name, int input, double *value,
                         GError **error);

/* An axis, counted from the end if it is negative: brought to 0 … rank − 1. */
gboolean cn_step_axis (const CnStep *step, gint64 *axis, int rank, GError **error);

/* Sets type and shape of output `i`, if it is wanted. */
void cn_step_output (CnStep *step, int i, CnType type, const CnShape *shape);

/* The same: what `array` is, a sequence as well. */
void cn_step_output_like (CnStep *step, int i, const CnArray *array);

/* Output 0 is a sequence of `n` arrays. FALSE with an error for more than CN_ITEMS_MAX, or an array
   that is impossible. */
gboolean cn_step_output_items (CnStep *step, const CnItem *items, gsize n, GError **error);

/* A plan for operators whose output is like input 0. */
gboolean cn_plan_like_input (CnStep *step, GError **error);

/* A plan for operators whose output is a number: an int64 without axes. */
gboolean cn_plan_count (CnStep *step, GError **error);

/* Operations that may be done while planning, together: about a second. What costs more is done in
   each run, where it can be cancelled. */
#define CN_FOLDING_MAX 1e9

/* Sets the error for an input that must be constant and is not: the node is then planned anew once
   its inputs are computed. Always FALSE. */
gboolean cn_step_depends (const CnStep *step, const char *name, GError **error);

/* Puts the node before the message of an error. Always FALSE. */
gboolean cn_prefix_step (const CnStep *step, GError **error);

/* Sets an error that begins with the node's operator and name: CN_ERROR_SHAPE for what is wrong,
   CN_ERROR_UNSUPPORTED for what is lacking. Always FALSE. */
gboolean cn_step_fail (const CnStep *step, GError **error, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
gboolean cn_step_lacks (const CnStep *step, GError **error, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
