/* classify-look.c: what a classifier takes and makes, found out by its nodes and by planning it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/core/error.h"
#include "filters/net/classify-private.h"
#include "filters/net/labels.h"
#include "filters/net/plan-private.h"

static gboolean
refuse_for (GError **error, const char *why)
{
  cn_set_error (error, CN_ERROR_UNSUPPORTED, "This is no network that classifies pictures: %s",
                why);
  return FALSE;
}

const CnNode *
cn_classifier_maker (const CnGraph *graph, int value)
{
  const CnValue *v = cn_graph_value (graph, value);
  const CnNode *node = v->producer < 0 ? NULL : cn_graph_node (graph, v->producer);

  return node && node->outputs[0] == value && node->n_inputs > 0 && node->inputs[0] >= 0 ? node
                                                                                         : NULL;
}

static gboolean
is_made_by (const CnNode *node, const char *const *ops)
{
  return node && g_strv_contains (ops, node->op);
}

int
cn_classifier_behind (const CnGraph *graph, int value)
{
  static const char *const ops[] = { "Flatten",  "Reshape", "Squeeze", "Unsqueeze",
                                     "Identity", "Dropout", NULL };
  const CnNode *node;

  while (is_made_by (node = cn_classifier_maker (graph, value), ops))
    value = node->inputs[0];
  return value;
}

/* Of LogSoftmax the scores are taken for what they are: Softmax of them gives the probabilities. */
static void
look_at_end (CnClassifier *classifier)
{
  static const char *const ends[] = { "Softmax", "Sigmoid", NULL };
  const CnNode *node = cn_classifier_maker (
      classifier->graph, cn_classifier_behind (classifier->graph, classifier->output));

  classifier->probabilities = is_made_by (node, ends);
  classifier->score = classifier->probabilities ? node->inputs[0] : classifier->output;
}

static int
positive (gint64 fixed, int trained)
{
  if (fixed > 0)
    return (int) fixed;
  return trained > 0 ? trained : CN_CLASSIFIER_SIDE;
}

static gboolean
look_at_input (CnClassifier *classifier, GError **error)
{
  const CnGraph *graph = classifier->graph;
  const CnInput *input = &classifier->input;
  const char *why = cn_input_find (graph, classifier->options.range, classifier->options.order,
                                   &classifier->input);

  if (why)
    return refuse_for (error, why);
  if (input->height > CN_SIZE_MAX || input->width > CN_SIZE_MAX)
    return refuse_for (error, cn_translated ("its input is too large"));
  if (graph->outputs->len == 0)
    return refuse_for (error, cn_translated ("it has no output"));
  classifier->output = g_array_index (graph->outputs, int, 0);
  classifier->height = positive (input->height, input->trained_height);
  classifier->width = positive (input->width, input->trained_width);
  return TRUE;
}

/* The output's shape for a picture of that size. */
static gboolean
find_output (const CnClassifier *classifier, gint64 height, gint64 width, CnArray *output,
             GError **error)
{
  const CnGraph *graph = classifier->graph;
  const CnPlanInput input = { .name = classifier->input.name,
                              .shape = cn_input_shape (&classifier->input, height, width) };
  const char *const names[] = { cn_graph_value (graph, classifier->output)->name, NULL };
  const CnPlanOptions options = {
    .inputs = &input, .n_inputs = 1, .outputs = names, .memory_max = classifier->options.memory_max
  };
  g_autoptr (CnPlan) plan = cn_plan_shapes (graph, &options, NULL, error);

  if (!plan)
    return FALSE;
  *output = plan->arrays[classifier->output];
  output->data = NULL;
  return TRUE;
}

/* How many classes an output of one picture has; 0: it is no such output. */
static gint64
count_classes (const CnArray *output)
{
  const CnShape *shape = &output->shape;
  gint64 n = 1;

  if (output->type != CN_TYPE_FLOAT || shape->rank < 2 || shape->dims[0] != 1)
    return 0;
  for (int i = 1; i < shape->rank; i++)
    {
      if (n > 1 && shape->dims[i] != 1)
        return 0;
      n *= shape->dims[i];
    }
  return n > 1 && n <= CN_LABELS_MAX ? n : 0;
}

static gboolean
look_at_output (CnClassifier *classifier, GError **error)
{
  CnArray output;
  g_autofree char *shape = NULL, *why = NULL;

  if (!find_output (classifier, classifier->height, classifier->width, &output, error))
    return FALSE;
  classifier->classes = (int) count_classes (&output);
  if (classifier->classes > 0)
    return TRUE;
  shape = cn_shape_text (&output.shape);
  why =
      g_strdup_printf (cn_translated ("its output is %s, and not a number for each class"), shape);
  return refuse_for (error, why);
}

/* Where its input leaves the size open, twice the size tells whether it means that. */
static void
look_at_sizes (CnClassifier *classifier)
{
  CnArray output;

  classifier->any_size = classifier->input.height == 0 && classifier->input.width == 0
                         && find_output (classifier, 2 * (gint64) classifier->height,
                                         2 * (gint64) classifier->width, &output, NULL)
                         && count_classes (&output) == classifier->classes;
}

/* The names that the network has, or numbers. */
static void
name_classes (CnClassifier *classifier)
{
  const char *text = cn_graph_metadata (classifier->graph, "classes");
  g_auto (GStrv) names = NULL;

  if (text && g_utf8_validate (text, -1, NULL))
    names = cn_labels_parse (text, NULL);
  if (names && cn_classifier_set_labels (classifier, names, NULL))
    return;
  classifier->names = g_new0 (char *, classifier->classes + 1);
  for (int i = 0; i < classifier->classes; i++)
    classifier->names[i] = g_strdup_printf (cn_translated ("class %d"), i);
}

CnClassifier *
cn_classifier_new (const CnGraph *graph, const CnClassifierOptions *options, GError **error)
{
  g_autoptr (CnClassifier) classifier = g_new0 (CnClassifier, 1);

  classifier->graph = graph;
  classifier->options = *options;
  if (!look_at_input (classifier, error) || !look_at_output (classifier, error))
    return NULL;
  look_at_end (classifier);
  look_at_sizes (classifier);
  name_classes (classifier);
  return g_steal_pointer (&classifier);
}

/* The weights of a linear layer, if they are there as they are used. */
static const CnArray *
find_weights (const CnGraph *graph, const CnNode *node)
{
  const CnValue *value =
      node->n_inputs > 1 && node->inputs[1] >= 0 ? cn_graph_value (graph, node->inputs[1]) : NULL;

  return value && value->constant && value->constant->type == CN_TYPE_FLOAT ? value->constant
                                                                            : NULL;
}

static float
attribute (const CnNode *node, const char *name, float otherwise)
{
  const CnAttribute *a = cn_node_get (node, name);

  if (a && a->kind == CN_ATTRIBUTE_FLOAT && a->n > 0)
    return a->floats[0];
  return a && a->kind == CN_ATTRIBUTE_INT && a->n > 0 ? (float) a->ints[0] : otherwise;
}

/* Takes the weights of a Gemm, a MatMul or a convolution of 1×1. */
static gboolean
take_weights (const CnGraph *graph, const CnNode *node, int classes, CnClassifierTail *tail)
{
  const CnArray *weights = find_weights (graph, node);
  gboolean gemm = g_str_equal (node->op, "Gemm"), conv = g_str_equal (node->op, "Conv");
  gboolean by_rows = conv || (gemm && attribute (node, "transB", 0) != 0);
  gsize n = weights ? cn_array_elements (weights) : 0;

  if (n == 0 || weights->shape.rank != (conv ? 4 : 2)
      || weights->shape.dims[by_rows ? 0 : 1] != classes)
    return FALSE;
  if (conv && (attribute (node, "group", 1) != 1 || weights->shape.dims[1] * classes != (gint64) n))
    return FALSE;
  if (gemm && attribute (node, "transA", 0) != 0)
    return FALSE;
  tail->weights = weights->floats;
  tail->by_class = by_rows ? n / classes : 1;
  tail->by_map = by_rows ? 1 : classes;
  tail->factor = gemm ? attribute (node, "alpha", 1) : 1;
  return TRUE;
}

/* A bias that is added by itself is the same everywhere. */
static int
behind_bias (const CnGraph *graph, int value)
{
  const CnNode *node = cn_classifier_maker (graph, value);

  if (!node || !g_str_equal (node->op, "Add") || node->n_inputs != 2 || node->inputs[1] < 0)
    return value;
  if (cn_graph_value (graph, node->inputs[1])->constant)
    return node->inputs[0];
  return cn_graph_value (graph, node->inputs[0])->constant ? node->inputs[1] : value;
}

CnClassifierTail
cn_classifier_tail (const CnClassifier *classifier)
{
  static const char *const linear[] = { "Gemm", "MatMul", "Conv", NULL };
  static const char *const pool[] = { "GlobalAveragePool", NULL };
  const CnGraph *graph = classifier->graph;
  CnClassifierTail tail = { .maps = -1, .factor = 1 };
  int value = cn_classifier_behind (graph, classifier->score);
  const CnNode *node;

  value = cn_classifier_behind (graph, behind_bias (graph, value));
  node = cn_classifier_maker (graph, value);
  if (is_made_by (node, linear) && take_weights (graph, node, classifier->classes, &tail))
    node = cn_classifier_maker (graph, cn_classifier_behind (graph, node->inputs[0]));
  if (is_made_by (node, pool))
    tail.maps = node->inputs[0];
  return tail;
}
