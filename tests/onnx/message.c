/* message.c: protocol buffers' messages made by hand, so that they can be wrong.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/onnx/message.h"

#include <string.h>

GByteArray *
message_new (void)
{
  return g_byte_array_new ();
}

/* Seven bits a byte, the lowest first; the eighth says that more follow. */
static void
add_varint (GByteArray *message, guint64 value)
{
  do
    {
      guint8 byte = (guint8) ((value & 127) | (value > 127 ? 128 : 0));

      g_byte_array_append (message, &byte, 1);
      value >>= 7;
    }
  while (value > 0);
}

void
message_int (GByteArray *message, int field, gint64 value)
{
  add_varint (message, (guint64) field << 3);
  add_varint (message, (guint64) value);
}

void
message_bytes (GByteArray *message, int field, gconstpointer bytes, gsize n)
{
  add_varint (message, (guint64) field << 3 | 2);
  add_varint (message, n);
  g_byte_array_append (message, bytes, (guint) n);
}

void
message_text (GByteArray *message, int field, const char *text)
{
  message_bytes (message, field, text, strlen (text));
}

void
message_message (GByteArray *message, int field, GByteArray *part)
{
  message_bytes (message, field, part->data, part->len);
  g_byte_array_unref (part);
}

GByteArray *
message_model (GByteArray *graph)
{
  GByteArray *m = message_new (), *set = message_new ();

  message_int (set, 2, 13);
  message_int (m, 1, 7);
  message_message (m, 8, set);
  message_message (m, 7, graph);
  return m;
}
