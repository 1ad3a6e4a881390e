/* quantized.c: QLinearConv, QLinearMatMul, ConvInteger and MatMulInteger: each is a small network
 * of the operators by which ONNX defines it, with the product itself in float.
 *
 * Products of 8-bit numbers are whole numbers below 2¹⁶, so their sums are exact up to 2²⁴; of more
 * than some hundred terms they may be rounded, which is far below a step of what QLinear makes.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/net/operators/control.h"

/* ONNX's numbers of types. */
#define UINT8 2
#define INT8 3
#define INT32 6

/* Where an operator has its inputs; −1: nowhere. */
typedef struct
{
  const char *product; /* the operator that works in float */
  int a, a_scale, a_zero, b, b_scale, b_zero, scale, zero, bias;
  gint64 a_axis, b_axis; /* that scales and zero points go along */
} Inputs;

typedef struct
{
  CnGraph *graph;
  CnPlan *plan;
} Network;

static void
network_free (gpointer data)
{
  Network *network = data;

  cn_plan_free (network->plan);
  cn_graph_free (network->graph);
  g_free (network);
}

/* Adds a node, whose inputs end with NULL. */
static CnNode *
add (CnGraph *graph, const char *op, const char *to, const char *a, const char *b, const char *c)
{
  return cn_graph_add_node (graph, op, to, (const char *const[]){ a, b, c, NULL },
                            (const char *const[]){ to, NULL }, NULL);
}

/* The name of input `i` of the step in the network; NULL where it is left out. */
static const char *
name_of (const CnStep *step, int i, char *name, gsize n)
{
  if (i < 0 || !cn_step_input (step, i))
    return NULL;
  g_snprintf (name, n, "i%d", i);
  return name;
}

/* `to` = (input `from` − zero point) · scale; without scales they are ones, as many as there are
   zero points. */
static gboolean
add_dequantize (const CnStep *step, CnGraph *graph, const char *to, int from, int scale, int zero,
                gint64 axis, GError **error)
{
  char names[3][16], ones_name[16];
  const char *x = name_of (step, from, names[0], sizeof names[0]);
  const char *s = name_of (step, scale, names[1], sizeof names[1]);
  const char *z = name_of (step, zero, names[2], sizeof names[2]);

  if (!s)
    {
      const CnShape one = { 0 };
      CnArray *ones = cn_array_new (CN_TYPE_FLOAT, z ? &step->inputs[zero]->shape : &one, error);

      if (!ones)
        return cn_prefix_step (step, error);
      for (gsize i = 0; i < cn_array_elements (ones); i++)
        ones->floats[i] = 1;
      g_snprintf (ones_name, sizeof ones_name, "%s.1", to);
      s = ones_name;
      if (!cn_graph_add_constant (graph, s, ones, error))
        return FALSE;
    }
  cn_node_set_int (add (graph, "DequantizeLinear", to, x, s, z), "axis", axis);
  return TRUE;
}

/* The attributes of a convolution are those of the step. */
static void
copy_attributes (const CnStep *step, CnNode *to)
{
  for (guint i = 0; i < step->node->attributes->len; i++)
    {
      const CnAttribute *a = g_ptr_array_index (step->node->attributes, i);

      if (a->kind == CN_ATTRIBUTE_INT)
        cn_node_set_int (to, a->name, a->ints[0]);
      else if (a->kind == CN_ATTRIBUTE_INTS)
        cn_node_set_ints (to, a->name, a->n, a->ints);
      else if (a->kind == CN_ATTRIBUTE_STRING)
        cn_node_set_string (to, a->name, a->strings[0]);
    }
}

/* The network that the step is. */
static gboolean
build (const CnStep *step, CnGraph *graph, GError **error)
{
  const Inputs *in = step->op->data;
  char names[4][16];
  const char *bias = name_of (step, in->bias, names[0], sizeof names[0]);
  const char *scale = name_of (step, in->scale, names[1], sizeof names[1]);

  if (!add_dequantize (step, graph, "a", in->a, in->a_scale, in->a_zero, in->a_axis, error)
      || !add_dequantize (step, graph, "b", in->b, in->b_scale, in->b_zero, in->b_axis, error))
    return FALSE;
  if (bias)
    {
      add (graph, "Mul", "bias.scale", name_of (step, in->a_scale, names[2], sizeof names[2]),
           name_of (step, in->b_scale, names[3], sizeof names[3]), NULL);
      cn_node_set_int (add (graph, "DequantizeLinear", "bias", bias, "bias.scale", NULL), "axis",
                       0);
      bias = "bias";
    }
  copy_attributes (step, add (graph, in->product, "product", "a", "b", bias));
  if (!scale)
    cn_node_set_int (add (graph, "Cast", "y", "product", NULL, NULL), "to", INT32);
  else
    cn_node_set_int (add (graph, "QuantizeLinear", "y", "product", scale,
                          name_of (step, in->zero, names[2], sizeof names[2])),
                     "output_dtype", step->inputs[in->zero]->bits < 0 ? INT8 : UINT8);
  cn_graph_add_output (graph, "y");
  return TRUE;
}

static gboolean
plan_quantized (CnStep *step, GError **error)
{
  const Inputs *in = step->op->data;
  g_autoptr (GArray) inputs = g_array_new (FALSE, FALSE, sizeof (CnPlanInput));
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  Network *network = g_new0 (Network, 1);
  int bits = in->zero < 0 ? 0 : step->inputs[in->zero]->bits;

  step->state = network;
  step->free_state = network_free;
  network->graph = cn_graph_new (step->op->name, CN_OPSET_MAX);
  if (in->zero >= 0 && ABS (bits) != 8)
    return cn_step_lacks (step, error, "the type of its result is not supported");
  for (int i = 0; i < step->n_inputs; i++)
    if (step->inputs[i])
      {
        const CnArray *array = step->inputs[i];
        char *name = g_strdup_printf ("i%d", i);
        CnPlanInput input = {
          .name = name, .type = array->type, .shape = array->shape, .data = array->data
        };

        g_ptr_array_add (names, name);
        g_array_append_val (inputs, input);
        if (!cn_graph_add_input (network->graph, name, array->type, &array->shape, error))
          return FALSE;
      }
  if (!build (step, network->graph, error))
    return FALSE;
  network->plan = cn_body_plan (step, network->graph, inputs, error);
  if (!network->plan)
    return FALSE;
  cn_step_output (step, 0, CN_TYPE_INT32, &cn_plan_output (network->plan, 0)->shape);
  step->outputs[0]->bits = bits;
  for (guint i = 0; i < network->plan->steps->len; i++)
    {
      const CnStep *inner = network->plan->steps->pdata[i];

      step->multiply_adds += inner->multiply_adds;
      if (inner->window > 1)
        {
          step->window = inner->window;
          step->stride = inner->stride;
        }
    }
  if (step->window == 0 && strcmp (in->product, "Conv") == 0)
    step->window = 1;
  return TRUE;
}

static gboolean
prepare_quantized (CnStep *step, GError **error)
{
  return cn_body_prepare (step, ((Network *) step->state)->plan, error);
}

static gboolean
run_quantized (const CnStep *step, const CnRun *run, GError **error)
{
  CnPlan *plan = ((Network *) step->state)->plan;
  const CnRun quiet = { .threads = run->threads, .cancel = run->cancel };

  for (int i = 0, given = 0; i < step->n_inputs && given < cn_plan_inputs (plan); i++)
    {
      const CnArray *to = cn_plan_input (plan, given);
      g_autofree char *name = g_strdup_printf ("i%d", i);

      if (strcmp (name, cn_plan_input_name (plan, given)) != 0)
        continue;
      memcpy (to->data, step->inputs[i]->data, cn_array_bytes (to));
      given++;
    }
  if (!cn_plan_run (plan, &quiet, error))
    return cn_prefix_step (step, error);
  memcpy (step->outputs[0]->data, cn_plan_output (plan, 0)->data,
          cn_array_bytes (step->outputs[0]));
  return TRUE;
}

#define WINDOW                                                                               \
  "auto_pad:s=NOTSET|SAME_UPPER|SAME_LOWER|VALID dilations:I group:i kernel_shape:I pads:I " \
  "strides:I"

#define ROW(name, inputs, attributes, ...)                                                \
  {                                                                                       \
    name, 10, inputs, 1, attributes, plan_quantized, prepare_quantized, run_quantized, 0, \
        &(const Inputs)                                                                   \
    {                                                                                     \
      __VA_ARGS__                                                                         \
    }                                                                                     \
  }

const CnOperator cn_operators_quantized[] = {
  ROW ("QLinearConv", "i f i i f i f i i?", WINDOW, "Conv", 0, 1, 2, 3, 4, 5, 6, 7, 8, 1, 0),
  ROW ("QLinearMatMul", "i f i i f i f i", "", "MatMul", 0, 1, 2, 3, 4, 5, 6, 7, -1, -2, -1),
  ROW ("ConvInteger", "i i i? i?", WINDOW, "Conv", 0, -1, 2, 1, -1, 3, -1, -1, -1, 1, 0),
  ROW ("MatMulInteger", "i i i? i?", "", "MatMul", 0, -1, 2, 1, -1, 3, -1, -1, -1, -2, -1),
  { 0 },
};
