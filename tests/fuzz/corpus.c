/* corpus.c: small networks of every family of operators, for fuzzing to begin with.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fuzz/corpus.h"

#include <string.h>

#include "filters/net/graph.h"
#include "filters/onnx/onnx.h"

/* A node of a network: its operator, inputs and outputs with a blank between them, and attributes
   "NAME=NUMBERS" of whole numbers, of floats if they have a point, or "NAME='TEXT'". */
typedef struct
{
  const char *op, *inputs, *outputs, *attributes;
} Node;

/* Constants that networks may use: name, shape, numbers; floats if they have a point. */
static const struct
{
  const char *name, *shape, *numbers;
} constants[] = {
  { "w", "2 2 3 3", "0.5" },
  { "b", "2", "0.25" },
  { "depthwise", "2 1 3 3", "0.1" },
  { "c", "2", "1.5" },
  { "c8", "8", "1.5" },
  { "k", "2 1 1", "2.0" },
  { "m", "8 4", "0.3" },
  { "flat", "2", "1 -1" },
  { "axis", "1", "2" },
  { "one", "1", "1" },
  { "ends", "1", "100" },
  { "pads", "8", "0 0 1 1 0 0 1 1" },
  { "sizes", "4", "1 2 5 11" },
  { "scales", "4", "1.0 1.0 2.0 1.5" },
  { "shape", "4", "1 2 8 8" },
  { "top", "1", "3" },
  { "half", "", "0.5" },
  { "lw", "1 8 4", "0.1" },
  { "lr", "1 8 2", "0.1" },
  { "steps", "1", "-2" },
  { "minus", "", "-1" },
  { "start", "1", "0" },
  { "thirty", "3", "1 32 4" },
  { "offsets", "1 18 6 6", "0.25" },
  { "theta", "1 2 3", "0.5" },
  { "boxes", "1 5", "0.0 1.0 1.0 6.0 4.0" },
  { "picture", "2", "3 3" },
  { "block", "2", "2 2" },
};

typedef struct
{
  const char *name;
  int opset;
  Node nodes[9]; /* from x, 1×2×8×8, to y */
} Network;

static const Network networks[] = {
  { "conv",
    13,
    { { "Conv", "x w b", "a", "pads=1,1,1,1 strides=1,1" }, { "Relu", "a", "y", "" } } },
  { "conv-norm",
    13,
    { { "Conv", "x depthwise", "a", "group=2 dilations=2,1 auto_pad='SAME_UPPER'" },
      { "BatchNormalization", "a c b b c", "n", "epsilon=0.001" },
      { "Mul", "n k", "s", "" },
      { "LeakyRelu", "s", "y", "alpha=0.2" } } },
  { "transpose", 13, { { "ConvTranspose", "x w b", "y", "strides=2,2 output_padding=1,1" } } },
  { "pools",
    13,
    { { "MaxPool", "x", "a places", "kernel_shape=3,3 strides=2,2 ceil_mode=1" },
      { "AveragePool", "a", "c1", "kernel_shape=2,2 pads=1,1,0,0 count_include_pad=1" },
      { "GlobalAveragePool", "c1", "y", "" } } },
  { "dense",
    13,
    { { "MatMul", "x m", "a", "" },
      { "Flatten", "a", "f", "" },
      { "Gemm", "f f", "g", "transB=1 alpha=0.5" },
      { "Softmax", "g", "y", "axis=1" } } },
  { "arithmetic",
    13,
    { { "Add", "x k", "a", "" },
      { "Div", "a c8", "d", "" },
      { "Pow", "a half", "p", "" },
      { "Max", "a x", "m1", "" },
      { "Clip", "m1 half", "y", "" } } },
  { "shapes",
    13,
    { { "Shape", "x", "s", "" },
      { "Slice", "s one ends", "rest", "" },
      { "Reshape", "x flat", "r", "" },
      { "Unsqueeze", "r one", "u", "" },
      { "Squeeze", "u one", "q", "" },
      { "Transpose", "q", "y", "perm=1,0" } } },
  { "moves",
    13,
    { { "Concat", "x x", "c1", "axis=1" },
      { "Split", "c1", "p q", "axis=1" },
      { "DepthToSpace", "c1", "d", "blocksize=2" },
      { "Tile", "x sizes", "t", "" },
      { "Expand", "x shape", "y", "" } } },
  { "pad-slice",
    13,
    { { "Pad", "x pads half", "p", "mode='reflect'" },
      { "Slice", "p ends one axis steps", "y", "" } } },
  { "resize",
    13,
    { { "Resize", "x  scales", "a",
        "mode='linear' coordinate_transformation_mode='align_corners'" },
      { "Resize", "a   sizes", "y", "mode='cubic' exclude_outside=1" } } },
  { "gather",
    13,
    { { "Gather", "x one", "g", "axis=2" },
      { "ArgMax", "x", "a", "axis=3" },
      { "TopK", "x top", "t i", "axis=2" },
      { "GatherElements", "x i", "y", "axis=2" } } },
  { "reduce",
    13,
    { { "ReduceMean", "x", "m1", "axes=2,3" },
      { "ReduceLogSumExp", "x", "l", "axes=1," },
      { "Add", "m1 l", "y", "" } } },
  { "norms",
    17,
    { { "InstanceNormalization", "x c b", "i", "" },
      { "LRN", "i", "l", "size=3" },
      { "LayerNormalization", "l c8", "n", "axis=3" },
      { "LogSoftmax", "l", "y", "axis=1" } } },
  { "lstm",
    13,
    { { "Reshape", "x flat", "r", "" },
      { "Unsqueeze", "m one", "u", "" },
      { "LSTM", "u lw lr", "y h", "hidden_size=2 clip=0.5 input_forget=1" } } },
  { "sequence",
    15,
    { { "SplitToSequence", "x", "s", "axis=1" },
      { "SequenceInsert", "s x minus", "t", "" },
      { "SequenceErase", "t", "u", "" },
      { "SequenceAt", "u minus", "a", "" },
      { "ConcatFromSequence", "u", "c1", "axis=1" },
      { "Optional", "u", "o", "" },
      { "OptionalGetElement", "o", "g", "" },
      { "SequenceLength", "g", "y", "" } } },
  { "suppress",
    11,
    { { "Reshape", "x thirty", "r", "" },
      { "Slice", "r start one axis", "first", "" },
      { "Transpose", "first", "scores", "perm=0,2,1" },
      { "NonMaxSuppression", "r scores one half", "y", "" } } },
  { "older",
    7,
    { { "Crop", "x", "c1", "border=1,0,1,2" },
      { "Affine", "c1", "a", "alpha=0.5 beta=1.0" },
      { "MeanVarianceNormalization", "a", "v", "across_channels=1" },
      { "LpNormalization", "v", "y", "axis=1 p=1" } } },
  { "crop",
    18,
    { { "CenterCropPad", "x block", "p", "axes=2,3" },
      { "ReverseSequence", "x one", "r", "batch_axis=0 time_axis=2" },
      { "Unsqueeze", "m one", "u", "" },
      { "Col2Im", "u picture block", "y", "" } } },
  { "unpool",
    11,
    { { "MaxPool", "x", "a places", "kernel_shape=2,2 strides=2,2" },
      { "MaxUnpool", "a places", "u", "kernel_shape=2,2 strides=2,2" },
      { "MaxRoiPool", "u boxes", "y", "pooled_shape=2,3 spatial_scale=0.5" } } },
  { "grid",
    20,
    { { "AffineGrid", "theta shape", "g", "align_corners=1" },
      { "GridSample", "x g", "s", "mode='cubic' padding_mode='reflection'" },
      { "DeformConv", "s w offsets", "y", "" } } },
  { "unique", 13, { { "Det", "x", "d", "" }, { "Unique", "x", "y where which often", "axis=2" } } },
  { "quantize",
    21,
    { { "QuantizeLinear", "x half", "q", "output_dtype=3" },
      { "MatMulInteger", "q q", "p", "" },
      { "DequantizeLinear", "p half", "f", "" },
      { "DynamicQuantizeLinear", "f", "y scale zero", "" } } },
};

/* Numbers of a text, which are floats if it has a point. */
static gboolean
read_numbers (const char *text, GArray *ints, GArray *floats)
{
  g_auto (GStrv) parts = g_strsplit_set (text, " ,", -1);

  for (int i = 0; parts[i]; i++)
    {
      gint64 whole = g_ascii_strtoll (parts[i], NULL, 10);
      float value = (float) g_ascii_strtod (parts[i], NULL);

      g_array_append_val (ints, whole);
      g_array_append_val (floats, value);
    }
  return strchr (text, '.') != NULL;
}

static void
add_constant (CnGraph *graph, int index)
{
  g_autoptr (GArray) dims = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GArray) ints = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GArray) floats = g_array_new (FALSE, FALSE, sizeof (float));
  gboolean has_point = read_numbers (constants[index].numbers, ints, floats);
  CnShape shape;
  CnArray *array;

  if (constants[index].shape[0])
    {
      g_autoptr (GArray) unused = g_array_new (FALSE, FALSE, sizeof (float));

      read_numbers (constants[index].shape, dims, unused);
    }
  shape = cn_shape ((int) dims->len, (const gint64 *) (gpointer) dims->data);
  array = cn_array_new (has_point ? CN_TYPE_FLOAT : CN_TYPE_INT64, &shape, NULL);
  for (gsize i = 0; i < cn_array_elements (array); i++)
    if (has_point)
      array->floats[i] = g_array_index (floats, float, i % floats->len);
    else
      array->int64s[i] = g_array_index (ints, gint64, i % ints->len);
  g_assert_true (cn_graph_add_constant (graph, constants[index].name, array, NULL));
}

static void
add_attributes (CnNode *node, const char *attributes)
{
  g_auto (GStrv) list = g_strsplit (attributes, " ", -1);

  for (int i = 0; list[i] && list[i][0]; i++)
    {
      g_auto (GStrv) pair = g_strsplit (list[i], "=", 2);
      g_autoptr (GArray) ints = g_array_new (FALSE, FALSE, sizeof (gint64));
      g_autoptr (GArray) floats = g_array_new (FALSE, FALSE, sizeof (float));

      if (pair[1][0] == '\'')
        {
          pair[1][strlen (pair[1]) - 1] = '\0';
          cn_node_set_string (node, pair[0], pair[1] + 1);
        }
      else if (read_numbers (pair[1], ints, floats))
        cn_node_set_float (node, pair[0], g_array_index (floats, float, 0));
      else if (ints->len > 1) /* "1," is a list as well */
        cn_node_set_ints (node, pair[0], (int) ints->len, (const gint64 *) (gpointer) ints->data);
      else
        cn_node_set_int (node, pair[0], g_array_index (ints, gint64, 0));
    }
}

static GBytes *
make (const Network *network)
{
  g_autoptr (CnGraph) graph = cn_graph_new (network->name, network->opset);
  const CnShape shape = cn_shape_nchw (1, 2, 8, -1);

  g_assert_true (cn_graph_add_input (graph, "x", CN_TYPE_FLOAT, &shape, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (constants); i++)
    add_constant (graph, (int) i);
  for (const Node *n = network->nodes; n->op; n++)
    {
      g_auto (GStrv) inputs = g_strsplit (n->inputs, " ", -1);
      g_auto (GStrv) outputs = g_strsplit (n->outputs, " ", -1);
      CnNode *node = cn_graph_add_node (graph, n->op, "", (const char *const *) inputs,
                                        (const char *const *) outputs, NULL);

      g_assert_nonnull (node);
      add_attributes (node, n->attributes);
      /* Every value is wanted, so that every node runs. */
      for (int i = 0; outputs[i]; i++)
        cn_graph_add_output (graph, outputs[i]);
    }
  return cn_onnx_serialize (graph, NULL);
}

/* A graph for an attribute: one node. */
static CnGraph *
make_body (const char *op, const char *const *inputs, const char *output)
{
  CnGraph *body = cn_graph_new ("body", 0);

  g_assert_nonnull (
      cn_graph_add_node (body, op, "", inputs, (const char *const[]){ output, NULL }, NULL));
  cn_graph_add_output (body, output);
  return body;
}

/* x → If, and then Loop, which adds x three times and gathers the sums. */
static GBytes *
make_control (void)
{
  g_autoptr (CnGraph) graph = cn_graph_new ("control", 13);
  const CnShape shape = { 1, { 4 } }, scalar = { 0 };
  const gint64 three = 3;
  CnGraph *body;
  CnNode *node;

  g_assert_true (cn_graph_add_input (graph, "x", CN_TYPE_FLOAT, &shape, NULL));
  g_assert_true (cn_graph_add_input (graph, "c", CN_TYPE_BOOL, &scalar, NULL));
  g_assert_true (cn_graph_add_constant (
      graph, "three", cn_array_copy (CN_TYPE_INT64, &scalar, &three, NULL), NULL));
  node = cn_graph_add_node (graph, "If", "", (const char *const[]){ "c", NULL },
                            (const char *const[]){ "a", NULL }, NULL);
  cn_node_set_graph (graph, node, "then_branch",
                     make_body ("Relu", (const char *const[]){ "x", NULL }, "t"));
  cn_node_set_graph (graph, node, "else_branch",
                     make_body ("NonZero", (const char *const[]){ "x", NULL }, "e"));
  node = cn_graph_add_node (graph, "Loop", "", (const char *const[]){ "three", "", "x", NULL },
                            (const char *const[]){ "sum", "sums", NULL }, NULL);
  body = make_body ("Identity", (const char *const[]){ "more", NULL }, "again");
  g_assert_true (cn_graph_add_input (body, "turn", CN_TYPE_INT64, &scalar, NULL));
  g_assert_true (cn_graph_add_input (body, "more", CN_TYPE_BOOL, &scalar, NULL));
  g_assert_true (cn_graph_add_input (body, "before", CN_TYPE_FLOAT, NULL, NULL));
  cn_graph_add_node (body, "Add", "", (const char *const[]){ "before", "x", NULL },
                     (const char *const[]){ "after", NULL }, NULL);
  cn_graph_add_output (body, "after");
  cn_graph_add_output (body, "after");
  cn_node_set_graph (graph, node, "body", body);
  cn_graph_add_output (graph, "a");
  cn_graph_add_output (graph, "sum");
  cn_graph_add_output (graph, "sums");
  return cn_onnx_serialize (graph, NULL);
}

static void
entry_free (gpointer data)
{
  CorpusEntry *entry = data;

  g_bytes_unref (entry->bytes);
  g_free (entry);
}

GPtrArray *
corpus_new (void)
{
  GPtrArray *corpus = g_ptr_array_new_with_free_func (entry_free);
  CorpusEntry *control = g_new (CorpusEntry, 1);

  *control = (CorpusEntry){ "control", make_control () };
  g_ptr_array_add (corpus, control);
  for (gsize i = 0; i < G_N_ELEMENTS (networks); i++)
    {
      CorpusEntry *entry = g_new (CorpusEntry, 1);

      *entry = (CorpusEntry){ networks[i].name, make (&networks[i]) };
      g_ptr_array_add (corpus, entry);
    }
  return corpus;
}
