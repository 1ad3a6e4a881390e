/* value.c: values in the files of ONNX's backend tests: arrays, sequences of them, optional ones.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/onnx/onnx.h"
#include "tests/onnx/case.h"

/* Fields of SequenceProto and OptionalProto (onnx-data.proto) that are messages. */
enum
{
  TENSOR = 3,
  SEQUENCE = 5
};

/* Moves on by a number of seven bits a byte; FALSE at the end. */
static gboolean
take_varint (const guint8 **at, const guint8 *end, guint64 *value)
{
  *value = 0;
  for (int shift = 0; *at < end && shift < 64; shift += 7)
    {
      guint8 byte = *(*at)++;

      *value |= (guint64) (byte & 127) << shift;
      if (byte < 128)
        return TRUE;
    }
  return FALSE;
}

/* Moves on to the next field that is bytes; 0 if there is none. */
static int
take_field (const guint8 **at, const guint8 *end, const guint8 **bytes, gsize *n)
{
  guint64 key, length;

  while (take_varint (at, end, &key) && take_varint (at, end, &length))
    if ((key & 7) == 2 && length <= (guint64) (end - *at))
      {
        *bytes = *at;
        *n = length;
        *at += length;
        return (int) (key >> 3);
      }
  return 0;
}

/* A sequence from its message; NULL with an error. */
static CnArray *
parse_sequence (const guint8 *bytes, gsize n, GError **error)
{
  g_autoptr (GArray) items = g_array_new (FALSE, TRUE, sizeof (CnItem));
  g_autoptr (GByteArray) data = g_byte_array_new ();
  const guint8 *at = bytes, *part;
  CnArray sequence = { .type = CN_TYPE_SEQUENCE, .shape = { .rank = 1 } };
  gsize length;
  int field;

  while ((field = take_field (&at, bytes + n, &part, &length)))
    {
      g_autoptr (CnArray) array = NULL;
      CnItem item;

      if (field != TENSOR)
        continue;
      array = cn_onnx_parse_array (part, length, NULL, error);
      if (!array)
        return NULL;
      item = (CnItem){ array->type, array->bits, array->shape };
      g_array_append_val (items, item);
      g_byte_array_append (data, array->data, (guint) cn_array_bytes (array));
      while (data->len % 8)
        g_byte_array_append (data, (const guint8 *) "", 1);
    }
  sequence.shape.dims[0] = items->len;
  sequence.items = (const CnItem *) (gpointer) items->data;
  sequence.data = data->data;
  return cn_array_duplicate (&sequence, error);
}

static CnArray *
parse_optional (const guint8 *bytes, gsize n, GError **error)
{
  const CnArray nothing = { .type = CN_TYPE_NOTHING, .shape = { 1, { 0 } } };
  const guint8 *at = bytes, *part;
  gsize length;
  int field;

  while ((field = take_field (&at, bytes + n, &part, &length)))
    if (field == TENSOR)
      return cn_onnx_parse_array (part, length, NULL, error);
    else if (field == SEQUENCE)
      return parse_sequence (part, length, error);
  return cn_array_duplicate (&nothing, error);
}

CnArray *
case_value (const char *path, const CnValue *value, GError **error)
{
  g_autofree char *contents = NULL;
  const guint8 *bytes;
  gsize n;

  if (!g_file_get_contents (path, &contents, &n, error))
    return NULL;
  bytes = (const guint8 *) contents;
  if (value && value->type == CN_TYPE_SEQUENCE)
    return parse_sequence (bytes, n, error);
  if (value && value->type == CN_TYPE_NONE)
    return parse_optional (bytes, n, error);
  return cn_onnx_parse_array (bytes, n, NULL, error);
}
