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
int cn_onnx_data_type (CnType type);

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
