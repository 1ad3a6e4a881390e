/* check.c: what a network asks for and the engine lacks, in one list.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/core/error.h"
#include "filters/net/plan-private.h"

/* Lines of a list; what is beyond is counted. */
#define LACKS_MAX 20

typedef struct
{
  GString *text;
  int lines, more;
} Lacks;

/* Adds a line about a node or, if that is NULL, about the network. */
static void G_GNUC_PRINTF (4, 5)
    add_lack (Lacks *lacks, const CnGraph *graph, const CnNode *node, const char *format, ...)
{
  g_autofree char *name = NULL;
  va_list arguments;

  if (lacks->lines == LACKS_MAX)
    {
      lacks->more++;
      return;
    }
  lacks->lines++;
  name = node ? cn_node_text (graph, node) : NULL;
  g_string_append_c (lacks->text, '\n');
  if (name)
    g_string_append_printf (lacks->text, "%s: ", name);
  va_start (arguments, format);
  g_string_append_vprintf (lacks->text, format, arguments);
  va_end (arguments);
}

static char
kind_letter (CnAttributeKind kind)
{
  return "fisFIStg?"[kind];
}

/* Whether `text` is one of the values in "A|B|C", which ends at a blank. */
static gboolean
is_among (const char *values, const char *text)
{
  gsize length = strlen (text);

  for (const char *v = values; *v && *v != ' '; v += strcspn (v, "| "), v += *v == '|')
    if (strcspn (v, "| ") == length && strncmp (v, text, length) == 0)
      return TRUE;
  return FALSE;
}

/* The kind letter in the operator's list of attributes, followed by the values; NULL for none. */
static const char *
find_spec (const CnOperator *op, const char *name)
{
  gsize length = strlen (name);

  for (const char *spec = op->attributes; *spec;
       spec += strcspn (spec, " "), spec += strspn (spec, " "))
    if (strncmp (spec, name, length) == 0 && spec[length] == ':')
      return spec + length + 1;
  return NULL;
}

static void
check_attribute (Lacks *lacks, const CnGraph *graph, const CnNode *node, const CnOperator *op,
                 const CnAttribute *attribute)
{
  const char *spec = find_spec (op, attribute->name);
  g_autofree char *number = NULL;
  const char *value = NULL;

  if (!spec)
    {
      add_lack (lacks, graph, node, "the attribute “%s” is not supported", attribute->name);
      return;
    }
  if (*spec != kind_letter (attribute->kind) || (attribute->n == 0 && g_ascii_islower (*spec)))
    {
      add_lack (lacks, graph, node, "the attribute “%s” is of a wrong kind", attribute->name);
      return;
    }
  if (attribute->kind == CN_ATTRIBUTE_STRING)
    value = attribute->strings[0];
  else if (attribute->kind == CN_ATTRIBUTE_INT)
    value = number = g_strdup_printf ("%" G_GINT64_FORMAT, attribute->ints[0]);
  if (spec[1] == '=' && !is_among (spec + 2, value))
    add_lack (lacks, graph, node, "the attribute “%s” is “%.40s”, which is not supported",
              attribute->name, value);
}

/* The letters of input `i`, or NULL if the operator has fewer. */
static const char *
input_letters (const CnOperator *op, int i)
{
  const char *letters = op->inputs;

  for (; i > 0 && *letters; i--)
    {
      if (letters[1] == '*')
        return letters;
      letters += strcspn (letters, " ");
      letters += strspn (letters, " ");
    }
  return *letters ? letters : NULL;
}

static void
check_arity (Lacks *lacks, const CnGraph *graph, const CnNode *node, const CnOperator *op)
{
  int n = node->n_inputs - node->n_captured;

  for (int i = 0;; i++)
    {
      const char *letters = input_letters (op, i);
      gboolean given = i < n && node->inputs[i] >= 0;

      if (!letters && i >= n)
        break;
      if (!letters)
        {
          add_lack (lacks, graph, node, "%d inputs are more than are supported", n);
          break;
        }
      if (!given && letters[1] != '?' && !(letters[1] == '*' && i > 0 && i >= n))
        {
          add_lack (lacks, graph, node, "input %d is left out", i + 1);
          break;
        }
      if (letters[1] == '*' && i + 1 >= n)
        break;
    }
  for (int i = 0; i < node->n_outputs; i++)
    if (node->outputs[i] >= 0 && i >= op->outputs)
      {
        add_lack (lacks, graph, node, "output %d is not supported", i + 1);
        break;
      }
  if (node->n_outputs == 0)
    add_lack (lacks, graph, node, "it has no output");
}

static void
check_node (Lacks *lacks, const CnGraph *graph, const CnNode *node)
{
  const CnOperator *op;

  if (node->domain[0] && strcmp (node->domain, "ai.onnx") != 0)
    {
      add_lack (lacks, graph, node, "operators of the domain “%s” are not supported", node->domain);
      return;
    }
  op = cn_operator_find (node->op, graph->opset);
  if (!op)
    {
      add_lack (lacks, graph, node, "the operator is not supported");
      return;
    }
  check_arity (lacks, graph, node, op);
  for (guint i = 0; i < node->attributes->len; i++)
    {
      const CnAttribute *attribute = g_ptr_array_index (node->attributes, i);

      check_attribute (lacks, graph, node, op, attribute);
      for (guint k = 0; attribute->graph && k < attribute->graph->nodes->len; k++)
        check_node (lacks, attribute->graph, cn_graph_node (attribute->graph, (int) k));
    }
}

static void
check_values (Lacks *lacks, const CnGraph *graph, const GArray *values)
{
  for (guint i = 0; i < values->len; i++)
    {
      const CnValue *value = cn_graph_value (graph, g_array_index (values, int, i));

      if (value->foreign)
        add_lack (lacks, graph, NULL, "the type of the value “%s” is not supported", value->name);
    }
}

gboolean
cn_check_nodes (const CnGraph *graph, const GArray *nodes, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  Lacks lacks = { text, 0, 0 };

  if (graph->opset < CN_OPSET_MIN || graph->opset > CN_OPSET_MAX)
    {
      cn_set_error (
          error, CN_ERROR_UNSUPPORTED,
          "The network is written in version %d of ONNX's operators, and this program knows "
          "versions %d to %d",
          graph->opset, CN_OPSET_MIN, CN_OPSET_MAX);
      return FALSE;
    }
  check_values (&lacks, graph, graph->inputs);
  check_values (&lacks, graph, graph->outputs);
  for (guint i = 0; i < nodes->len; i++)
    check_node (&lacks, graph, cn_graph_node (graph, g_array_index (nodes, int, i)));
  if (lacks.lines == 0)
    return TRUE;
  if (lacks.more > 0)
    g_string_append_printf (text, "\nand %d more", lacks.more);
  cn_set_error (error, CN_ERROR_UNSUPPORTED, "The network needs what this program does not have:%s",
                text->str);
  return FALSE;
}

gboolean
cn_graph_check (const CnGraph *graph, GError **error)
{
  g_autofree gboolean *given = g_new0 (gboolean, graph->values->len + 1);
  g_autoptr (GArray) order = NULL;

  for (guint i = 0; i < graph->inputs->len; i++)
    given[g_array_index (graph->inputs, int, i)] = TRUE;
  order = cn_order (graph, graph->outputs, given, error);
  return order && cn_check_nodes (graph, order, error);
}

static gboolean
fits (char letter, CnType type)
{
  switch (letter)
    {
    case 'f':
      return type == CN_TYPE_FLOAT;
    case 'i':
      return type == CN_TYPE_INT64 || type == CN_TYPE_INT32;
    case 'b':
      return type == CN_TYPE_BOOL;
    case 'n':
      return type == CN_TYPE_FLOAT || type == CN_TYPE_INT64 || type == CN_TYPE_INT32;
    case 's':
      return type == CN_TYPE_SEQUENCE;
    case 'e':
      return TRUE;
    default:
      return type != CN_TYPE_SEQUENCE && type != CN_TYPE_NOTHING;
    }
}

gboolean
cn_check_types (const CnStep *step, GError **error)
{
  for (int i = 0; i < step->n_inputs - step->node->n_captured; i++)
    if (step->inputs[i] && !fits (*input_letters (step->op, i), step->inputs[i]->type))
      return cn_step_lacks (step, error, "input %d is of the type %s, which is not supported",
                            i + 1, cn_type_name (step->inputs[i]->type));
  return TRUE;
}

gboolean
cn_check_input (const CnValue *v, const CnPlanInput *input, GError **error)
{
  gboolean fits = v->shape.rank == input->shape.rank;
  g_autofree char *declared = NULL, *text = NULL;

  if (!v->has_shape || v->producer >= 0 || input->any_size)
    return TRUE;
  for (int i = 0; i < input->shape.rank && fits; i++)
    fits = v->shape.dims[i] < 0 || v->shape.dims[i] == input->shape.dims[i];
  if (fits)
    return TRUE;
  declared = cn_shape_text (&v->shape);
  text = cn_shape_text (&input->shape);
  cn_set_error (error, CN_ERROR_SHAPE, "The input “%s” is %s, and cannot be %s", v->name, declared,
                text);
  return FALSE;
}
