/* private.h: what reader and writer share: numbers of the format, and arrays in messages.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/net/graph.h"
#include "filters/onnx/onnx.h"
#include "filters/onnx/onnx.pb-c.h"

/* AttributeProto.AttributeType of each CnAttributeKind. */
extern const int cn_onnx_kinds[CN_ATTRIBUTE_OTHER];

/* The engine's type for a TensorProto.DataType; CN_TYPE_NONE if there is none. */
CnType cn_onnx_type (gint64 data_type);

/* TensorProto.DataType of an engine's type. */
int cn_onnx_data_type (CnType type, int bits);

/* The bits of an integer type that is narrower than the engine's (see CnArray), else 0. */
int cn_onnx_bits (gint64 data_type);

/* The array in a message; it may take the message's bytes over instead of copying them. `folder` as
   in cn_onnx_parse(). */
CnArray *cn_onnx_array (CnOnnx__Tensor *tensor, const char *folder, GError **error);

/* Memory for messages: what has been asked for in all is limited. */
typedef struct
{
  gsize left;
} CnOnnxMemory;
gpointer cn_onnx_alloc (void *memory, size_t size);
void cn_onnx_release (void *memory, void *pointer);

/* Contents of a regular file; NULL with an error, also when it is larger than `max`. */
guint8 *cn_onnx_contents (const char *path, gsize max, gsize *n, GError **error);

/* What is being read; graphs in attributes are taken apart as they are met. */
typedef struct
{
  const char *folder; /* of external data; or NULL */
  ProtobufCAllocator *allocator;
  int depth; /* in how many other graphs the graph lies */
} CnOnnxReader;

/* Reads all that a graph's message has into an empty graph, but its opset, which is set before. */
gboolean cn_onnx_read_graph (CnOnnxReader *reader, CnGraph *graph, CnOnnx__Graph *g,
                             GError **error);

/* Adds an attribute to a node of the graph. */
gboolean cn_onnx_read_attribute (CnOnnxReader *reader, CnGraph *graph, CnNode *node,
                                 CnOnnx__Attribute *a, GError **error);

/* Sets CN_ERROR_PARSE. Always FALSE. */
gboolean cn_onnx_fail (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);
