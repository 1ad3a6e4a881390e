/* write.c: writes networks: a graph as messages, which borrow its arrays, packed into one file.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/core/error.h"
#include "filters/onnx/private.h"

/* The version of the format: at least that of the opset's time; and 4, for before that initializers
   are inputs as well. */
static gint64
format_version (int opset)
{
  return opset < 9 ? 4 : opset < 15 ? 7 : opset < 19 ? 8 : opset < 21 ? 9 : 10;
}

/* Messages are made of memory that is freed all at once. */
typedef struct
{
  GPtrArray *memory;
  gboolean inner; /* within an attribute: there a value may be of no declared type */
} Writer;

static gpointer
take (Writer *writer, gsize n, gsize size)
{
  gpointer memory = g_malloc0_n (MAX (n, 1), size);

  g_ptr_array_add (writer->memory, memory);
  return memory;
}

/* An array of `n` pointers to messages of a type. */
static gpointer
messages (Writer *writer, gsize n, const ProtobufCMessageDescriptor *type)
{
  ProtobufCMessage **list = take (writer, n, sizeof (gpointer));

  for (gsize i = 0; i < n; i++)
    {
      list[i] = take (writer, 1, type->sizeof_message);
      type->message_init (list[i]);
    }
  return list;
}

static void
write_array (Writer *writer, const CnArray *array, const char *name, CnOnnx__Tensor *to)
{
  gsize n = cn_array_bytes (array);

  to->name = (char *) name;
  to->n_dims = array->shape.rank;
  to->dims = take (writer, array->shape.rank, sizeof (gint64));
  memcpy (to->dims, array->shape.dims, array->shape.rank * sizeof (gint64));
  to->has_data_type = TRUE;
  to->data_type = cn_onnx_data_type (array->type, array->bits);
  to->has_raw_data = TRUE;
  to->raw_data.len = n;
  to->raw_data.data = array->data;
  if (array->bits && array->type == CN_TYPE_INT32)
    {
      gsize size = (gsize) ABS (array->bits) / 8;

      to->raw_data.len = cn_array_elements (array) * size;
      to->raw_data.data = take (writer, to->raw_data.len, 1);
      for (gsize i = 0; i < to->raw_data.len; i++)
        to->raw_data.data[i] = (guint8) ((guint32) array->int32s[i / size] >> 8 * (i % size));
    }
  else if (G_BYTE_ORDER == G_BIG_ENDIAN && array->type != CN_TYPE_BOOL)
    {
      gsize size = cn_type_size (array->type);

      to->raw_data.data = take (writer, n, 1);
      for (gsize i = 0; i < n; i++)
        to->raw_data.data[i] = ((guint8 *) array->data)[i / size * size + size - 1 - i % size];
    }
}

static ProtobufCBinaryData
bytes_of (const char *text)
{
  return (ProtobufCBinaryData){ strlen (text), (guint8 *) text };
}

static gboolean write_graph (Writer *writer, const CnGraph *graph, CnOnnx__Graph *to,
                             GError **error);

static gboolean
write_attribute (Writer *writer, const CnAttribute *a, CnOnnx__Attribute *to, GError **error)
{
  gboolean inner = writer->inner;
  CnOnnx__Graph *body;

  to->name = a->name;
  to->has_type = TRUE;
  to->type = cn_onnx_kinds[a->kind];
  switch (a->kind)
    {
    case CN_ATTRIBUTE_FLOAT:
      to->has_f = TRUE;
      to->f = a->floats[0];
      break;
    case CN_ATTRIBUTE_INT:
      to->has_i = TRUE;
      to->i = a->ints[0];
      break;
    case CN_ATTRIBUTE_STRING:
      to->has_s = TRUE;
      to->s = bytes_of (a->strings[0]);
      break;
    case CN_ATTRIBUTE_FLOATS:
      to->n_floats = a->n;
      to->floats = a->floats;
      break;
    case CN_ATTRIBUTE_INTS:
      to->n_ints = a->n;
      to->ints = a->ints;
      break;
    case CN_ATTRIBUTE_STRINGS:
      to->n_strings = a->n;
      to->strings = take (writer, a->n, sizeof (ProtobufCBinaryData));
      for (int i = 0; i < a->n; i++)
        to->strings[i] = bytes_of (a->strings[i]);
      break;
    case CN_ATTRIBUTE_TENSOR:
      to->t = *(CnOnnx__Tensor **) messages (writer, 1, &cn_onnx__tensor__descriptor);
      write_array (writer, a->tensor, NULL, to->t);
      break;
    case CN_ATTRIBUTE_GRAPH:
      body = *(CnOnnx__Graph **) messages (writer, 1, &cn_onnx__graph__descriptor);
      writer->inner = TRUE;
      if (!write_graph (writer, a->graph, body, error))
        return FALSE;
      writer->inner = inner;
      to->has_g = TRUE;
      to->g.len = cn_onnx__graph__get_packed_size (body);
      to->g.data = take (writer, to->g.len, 1);
      cn_onnx__graph__pack (body, to->g.data);
      break;
    case CN_ATTRIBUTE_OTHER:
      g_assert_not_reached ();
    }
  return TRUE;
}

/* Names of values; "" for those that are left out. */
static char **
names_of (Writer *writer, const CnGraph *graph, const int *values, int n)
{
  char **names = take (writer, n, sizeof (char *));

  for (int i = 0; i < n; i++)
    names[i] = values[i] < 0 ? (char *) "" : cn_graph_value (graph, values[i])->name;
  return names;
}

static gboolean
write_node (Writer *writer, const CnGraph *graph, const CnNode *node, CnOnnx__Node *to,
            GError **error)
{
  to->name = node->name;
  to->op_type = node->op;
  to->domain = node->domain;
  to->n_input = node->n_inputs - node->n_captured;
  to->input = names_of (writer, graph, node->inputs, (int) to->n_input);
  to->n_output = node->n_outputs;
  to->output = names_of (writer, graph, node->outputs, node->n_outputs);
  to->n_attribute = node->attributes->len;
  to->attribute = messages (writer, node->attributes->len, &cn_onnx__attribute__descriptor);
  for (guint i = 0; i < node->attributes->len; i++)
    {
      const CnAttribute *attribute = g_ptr_array_index (node->attributes, i);

      if (attribute->kind == CN_ATTRIBUTE_OTHER)
        {
          g_autofree char *text = cn_node_text (graph, node);

          cn_set_error (error, CN_ERROR_UNSUPPORTED,
                        "%s: the attribute “%s” is of a kind that cannot be written", text,
                        attribute->name);
          return FALSE;
        }
      if (!write_attribute (writer, attribute, to->attribute[i], error))
        return FALSE;
    }
  return TRUE;
}

/* The type of a sequence of arrays of type `item`. */
static void
write_sequence_type (Writer *writer, CnType item, CnOnnx__Type *to)
{
  CnOnnx__TensorType tensor = CN_ONNX__TENSOR_TYPE__INIT;
  CnOnnx__Type type = CN_ONNX__TYPE__INIT;
  CnOnnx__SequenceType sequence = CN_ONNX__SEQUENCE_TYPE__INIT;

  tensor.has_elem_type = TRUE;
  tensor.elem_type = cn_onnx_data_type (item, 0);
  type.tensor_type = &tensor;
  sequence.elem_type = &type;
  to->has_sequence_type = TRUE;
  to->sequence_type.len = cn_onnx__sequence_type__get_packed_size (&sequence);
  to->sequence_type.data = take (writer, to->sequence_type.len, 1);
  cn_onnx__sequence_type__pack (&sequence, to->sequence_type.data);
}

static void
write_value (Writer *writer, const CnValue *value, CnOnnx__ValueInfo *to)
{
  CnOnnx__TensorType *tensor;

  to->name = value->name;
  if (writer->inner && value->type == CN_TYPE_NONE)
    return;
  to->type = *(CnOnnx__Type **) messages (writer, 1, &cn_onnx__type__descriptor);
  if (value->type == CN_TYPE_SEQUENCE)
    {
      write_sequence_type (writer, value->item, to->type);
      return;
    }
  tensor = *(CnOnnx__TensorType **) messages (writer, 1, &cn_onnx__tensor_type__descriptor);
  to->type->tensor_type = tensor;
  tensor->has_elem_type = TRUE;
  tensor->elem_type =
      cn_onnx_data_type (value->type == CN_TYPE_NONE ? CN_TYPE_FLOAT : value->type, value->bits);
  if (!value->has_shape)
    return;
  tensor->shape = *(CnOnnx__Shape **) messages (writer, 1, &cn_onnx__shape__descriptor);
  tensor->shape->n_dim = value->shape.rank;
  tensor->shape->dim = messages (writer, value->shape.rank, &cn_onnx__dimension__descriptor);
  for (int i = 0; i < value->shape.rank; i++)
    {
      CnOnnx__Dimension *dim = tensor->shape->dim[i];

      dim->has_dim_value = value->shape.dims[i] >= 0;
      dim->dim_value = value->shape.dims[i];
      dim->dim_param = value->dim_names[i];
    }
}

static CnOnnx__ValueInfo **
write_values (Writer *writer, const CnGraph *graph, const GArray *values)
{
  CnOnnx__ValueInfo **list = messages (writer, values->len, &cn_onnx__value_info__descriptor);

  for (guint i = 0; i < values->len; i++)
    write_value (writer, cn_graph_value (graph, g_array_index (values, int, i)), list[i]);
  return list;
}

static gboolean
write_graph (Writer *writer, const CnGraph *graph, CnOnnx__Graph *to, GError **error)
{
  to->name = graph->name && graph->name[0] ? graph->name : (char *) "network";
  to->n_node = graph->nodes->len;
  to->node = messages (writer, graph->nodes->len, &cn_onnx__node__descriptor);
  for (guint i = 0; i < graph->nodes->len; i++)
    if (!write_node (writer, graph, cn_graph_node (graph, i), to->node[i], error))
      return FALSE;
  to->initializer = messages (writer, graph->values->len, &cn_onnx__tensor__descriptor);
  for (guint i = 0; i < graph->values->len; i++)
    {
      const CnValue *value = cn_graph_value (graph, i);

      if (value->constant)
        write_array (writer, value->constant, value->name, to->initializer[to->n_initializer++]);
    }
  to->n_input = graph->inputs->len;
  to->input = write_values (writer, graph, graph->inputs);
  to->n_output = graph->outputs->len;
  to->output = write_values (writer, graph, graph->outputs);
  return TRUE;
}

static void
write_head (Writer *writer, const CnGraph *graph, CnOnnx__Model *to)
{
  GHashTableIter iter;
  gpointer domain, version;
  int i = 1;

  to->has_ir_version = TRUE;
  to->ir_version = format_version (graph->opset);
  to->producer_name = graph->producer;
  to->doc_string = graph->description && graph->description[0] ? graph->description : NULL;
  to->n_opset_import = 1 + g_hash_table_size (graph->opsets);
  to->opset_import = messages (writer, to->n_opset_import, &cn_onnx__operator_set__descriptor);
  to->opset_import[0]->domain = (char *) "";
  to->opset_import[0]->has_version = TRUE;
  to->opset_import[0]->version = graph->opset;
  g_hash_table_iter_init (&iter, graph->opsets);
  for (; g_hash_table_iter_next (&iter, &domain, &version); i++)
    {
      to->opset_import[i]->domain = domain;
      to->opset_import[i]->has_version = TRUE;
      to->opset_import[i]->version = GPOINTER_TO_INT (version);
    }
  to->n_metadata_props = graph->keys->len;
  to->metadata_props = messages (writer, graph->keys->len, &cn_onnx__pair__descriptor);
  for (guint k = 0; k < graph->keys->len; k++)
    {
      to->metadata_props[k]->key = g_ptr_array_index (graph->keys, k);
      to->metadata_props[k]->value = g_ptr_array_index (graph->texts, k);
    }
}

GBytes *
cn_onnx_serialize (const CnGraph *graph, GError **error)
{
  g_autoptr (GPtrArray) memory = g_ptr_array_new_with_free_func (g_free);
  Writer writer = { memory, FALSE };
  CnOnnx__Model model = CN_ONNX__MODEL__INIT;
  gsize n;
  guint8 *bytes;

  write_head (&writer, graph, &model);
  model.graph = *(CnOnnx__Graph **) messages (&writer, 1, &cn_onnx__graph__descriptor);
  if (!write_graph (&writer, graph, model.graph, error))
    return NULL;
  n = cn_onnx__model__get_packed_size (&model);
  bytes = n > CN_ONNX_FILE_MAX ? NULL : g_try_malloc (n);
  if (!bytes)
    {
      cn_set_error (error, CN_ERROR_MEMORY,
                    "A network of %zu MiB does not fit into one file, or into memory", n >> 20);
      return NULL;
    }
  cn_onnx__model__pack (&model, bytes);
  return g_bytes_new_take (bytes, n);
}

gboolean
cn_onnx_write (const CnGraph *graph, const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = cn_onnx_serialize (graph, error);
  gsize n;
  const char *data;

  if (!bytes)
    return FALSE;
  data = g_bytes_get_data (bytes, &n);
  return g_file_set_contents (path, data, (gssize) n, error);
}
