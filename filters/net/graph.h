/* graph.h: a network as a graph: operators (nodes) that make named values from named values.
 *
 * The words are ONNX's. A graph is plain data: it is built by the functions here or read from a
 * file (filters/onnx), and planned for the shapes of its inputs by filters/net/plan.h. Nothing here
 * says what operators mean; a graph may name any.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/net/array.h"

/* The most nodes that a graph has. */
#define CN_NODES_MAX (1 << 15)

typedef enum
{
  CN_ATTRIBUTE_FLOAT,
  CN_ATTRIBUTE_INT,
  CN_ATTRIBUTE_STRING,
  CN_ATTRIBUTE_FLOATS,
  CN_ATTRIBUTE_INTS,
  CN_ATTRIBUTE_STRINGS,
  CN_ATTRIBUTE_TENSOR,
  CN_ATTRIBUTE_GRAPH,
  CN_ATTRIBUTE_OTHER, /* a kind that is not kept */
} CnAttributeKind;

typedef struct _CnGraph CnGraph;

typedef struct
{
  char *name;
  CnAttributeKind kind;
  int n; /* elements of a list; 1 for a single float, int or string */
  float *floats;
  gint64 *ints;
  char **strings;
  CnArray *tensor;
  CnGraph *graph; /* see cn_node_set_graph() */
} CnAttribute;

/* An operator with its inputs and outputs, which are indices of values; −1: left out. The last
   `n_captured` of the inputs are not the operator's: graphs in its attributes use them. */
typedef struct
{
  char *name; /* may be empty */
  char *op;   /* "Conv" */
  char *domain;
  int n_inputs, n_outputs, n_captured;
  int *inputs, *outputs;
  GPtrArray *attributes; /* of CnAttribute */
} CnNode;

typedef struct
{
  char *name;
  CnType type;        /* CN_TYPE_NONE: not declared */
  int bits;           /* see CnArray */
  gboolean foreign;   /* declared as something else than an array of the engine's types */
  CnType item;        /* declared type of the arrays of a sequence */
  gboolean has_shape; /* whether `shape` is declared, with −1 for sizes that are not fixed */
  CnShape shape;
  char *dim_names[CN_RANK_MAX]; /* what the sizes that are not fixed are called; may be NULL */
  CnArray *constant;            /* an initializer: a weight; NULL for other values */
  int producer;                 /* index of the node that makes the value; −1: none */
} CnValue;

struct _CnGraph
{
  char *name, *producer, *description;
  int opset;         /* version of ONNX's operators that the nodes' meaning is that of */
  GPtrArray *nodes;  /* of CnNode */
  GPtrArray *values; /* of CnValue */
  GArray *inputs;    /* of int: values that the caller gives */
  GArray *outputs;   /* of int: values that the caller wants */
  GPtrArray *keys;   /* metadata: strings, as many as in texts */
  GPtrArray *texts;
  GHashTable *names;  /* name → index of a value + 1 */
  GHashTable *opsets; /* other domains that are declared: name → version */
};

/* An empty graph, to be freed with cn_graph_free(). */
CnGraph *cn_graph_new (const char *name, int opset);
void cn_graph_free (CnGraph *graph);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnGraph, cn_graph_free)

const CnNode *cn_graph_node (const CnGraph *graph, int index);
const CnValue *cn_graph_value (const CnGraph *graph, int index);

/* Index of the value of that name; −1 if there is none. */
int cn_graph_find (const CnGraph *graph, const char *name);

/* The same, and adds one that is not there yet. */
int cn_graph_intern (CnGraph *graph, const char *name);

/* Declares type and shape of a value. `shape` may be NULL. */
void cn_graph_declare (CnGraph *graph, const char *name, CnType type, const CnShape *shape);

/* Declares a value that the caller gives. FALSE with CN_ERROR_ARGUMENT if it is one already. */
gboolean cn_graph_add_input (CnGraph *graph, const char *name, CnType type, const CnShape *shape,
                             GError **error);

/* Adds a value that the caller wants. */
void cn_graph_add_output (CnGraph *graph, const char *name);

/* Gives a value that is constant, and takes `array` over, in any case. FALSE with CN_ERROR_ARGUMENT
   if the name has a constant already. */
gboolean cn_graph_add_constant (CnGraph *graph, const char *name, CnArray *array, GError **error);

/* The same, of floats that are copied. */
gboolean cn_graph_add_floats (CnGraph *graph, const char *name, const CnShape *shape,
                              const float *floats, GError **error);

/* Adds a node of ONNX's own domain. `inputs` and `outputs` are names, ended by NULL; "" leaves one
   out. The node is owned by the graph. NULL with CN_ERROR_ARGUMENT if a value would have two
   producers, or the graph is full. */
CnNode *cn_graph_add_node (CnGraph *graph, const char *op, const char *name,
                           const char *const *inputs, const char *const *outputs, GError **error);

/* Attributes of a node; one that is there already is replaced. Lists are copied, arrays taken. */
void cn_node_set_int (CnNode *node, const char *name, gint64 value);
void cn_node_set_float (CnNode *node, const char *name, float value);
void cn_node_set_string (CnNode *node, const char *name, const char *value);
void cn_node_set_ints (CnNode *node, const char *name, int n, const gint64 *values);
void cn_node_set_floats (CnNode *node, const char *name, int n, const float *values);
void cn_node_set_tensor (CnNode *node, const char *name, CnArray *array);

/* A graph as an attribute, as If has its branches: it is taken, and has the opset of `graph`, which
   the node is in. Its values that nothing in it makes are captured: values of that name in `graph`.
 */
void cn_node_set_graph (CnGraph *graph, CnNode *node, const char *name, CnGraph *body);

/* Values of a graph that it captures, in the order of its values: indices, to be freed. */
GArray *cn_graph_captures (const CnGraph *graph);

/* An empty attribute to be filled in. */
CnAttribute *cn_node_set (CnNode *node, const char *name, CnAttributeKind kind);

/* NULL if the node has none of that name. */
const CnAttribute *cn_node_get (const CnNode *node, const char *name);

/* The node for a message: Conv “conv1”, or, without a name, Conv → “the first output”. */
char *cn_node_text (const CnGraph *graph, const CnNode *node);

/* Metadata: a text under a key ("author"); cn_graph_metadata() gives NULL if there is none. */
void cn_graph_set_metadata (CnGraph *graph, const char *key, const char *text);
const char *cn_graph_metadata (const CnGraph *graph, const char *key);
