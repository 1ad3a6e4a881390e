/* order.c: which nodes the wanted values need, in an order in which they can run.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/core/error.h"
#include "filters/net/plan-private.h"

enum
{
  UNSEEN,
  OPEN, /* what it needs is being looked for: to meet it again is a cycle */
  DONE
};

/* A node whose inputs up to `next` have been dealt with. */
typedef struct
{
  int node, next;
} Visit;

/* The node that must run before `value` is there; −1 if none must. */
static int
producer_of (const CnGraph *graph, int value, const gboolean *given, GError **error)
{
  const CnValue *v = cn_graph_value (graph, value);

  if (given[value] || v->constant)
    return -1;
  if (v->producer < 0)
    cn_set_error (error, CN_ERROR_ARGUMENT, "Nothing makes the value “%s”", v->name);
  return v->producer;
}

/* Adds `node` and what it needs; depth first, without recursion. */
static gboolean
visit (const CnGraph *graph, int node, const gboolean *given, guint8 *state, GArray *order,
       GError **error)
{
  g_autoptr (GArray) stack = g_array_new (FALSE, FALSE, sizeof (Visit));
  Visit first = { node, 0 };

  state[node] = OPEN;
  g_array_append_val (stack, first);
  while (stack->len > 0)
    {
      Visit *top = &g_array_index (stack, Visit, stack->len - 1);
      const CnNode *n = cn_graph_node (graph, top->node);
      GError *fault = NULL;
      Visit next = { -1, 0 };
      int input;

      if (top->next == n->n_inputs)
        {
          state[top->node] = DONE;
          g_array_append_val (order, top->node);
          g_array_set_size (stack, stack->len - 1);
          continue;
        }
      input = n->inputs[top->next++];
      if (input >= 0)
        next.node = producer_of (graph, input, given, &fault);
      if (!fault && next.node >= 0 && state[next.node] == OPEN)
        fault = g_error_new (CN_ERROR, CN_ERROR_ARGUMENT,
                             "The value “%s” depends on itself: the "
                             "network has a cycle",
                             cn_graph_value (graph, input)->name);
      if (fault)
        {
          g_autofree char *text = cn_node_text (graph, n);

          g_propagate_prefixed_error (error, fault, "%s: ", text);
          return FALSE;
        }
      if (next.node >= 0 && state[next.node] == UNSEEN)
        {
          state[next.node] = OPEN;
          g_array_append_val (stack, next);
        }
    }
  return TRUE;
}

GArray *
cn_order (const CnGraph *graph, const GArray *values, const gboolean *given, GError **error)
{
  g_autofree guint8 *state = g_new0 (guint8, graph->nodes->len + 1);
  g_autoptr (GArray) order = g_array_new (FALSE, FALSE, sizeof (int));

  for (guint i = 0; i < values->len; i++)
    {
      GError *fault = NULL;
      int node = producer_of (graph, g_array_index (values, int, i), given, &fault);

      if (fault)
        {
          g_propagate_error (error, fault);
          return NULL;
        }
      if (node >= 0 && state[node] == UNSEEN && !visit (graph, node, given, state, order, error))
        return NULL;
    }
  return g_steal_pointer (&order);
}

GArray *
cn_order_needed (const CnGraph *graph, const GArray *values, const gboolean *given,
                 gboolean *needed, GError **error)
{
  g_autofree gboolean *source = g_memdup2 (given, (graph->values->len + 1) * sizeof *given);
  GArray *order;

  for (guint i = 0; i < graph->inputs->len; i++)
    source[g_array_index (graph->inputs, int, i)] = TRUE;
  order = cn_order (graph, values, source, error);
  for (guint i = 0; order && i < order->len; i++)
    {
      const CnNode *node = cn_graph_node (graph, g_array_index (order, int, i));

      for (int k = 0; k < node->n_inputs; k++)
        if (node->inputs[k] >= 0)
          needed[node->inputs[k]] = TRUE;
    }
  return order;
}
