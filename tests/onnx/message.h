/* message.h: protocol buffers' messages made by hand, so that they can be wrong.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

GByteArray *message_new (void);
void message_int (GByteArray *message, int field, gint64 value);
void message_bytes (GByteArray *message, int field, gconstpointer bytes, gsize n);
void message_text (GByteArray *message, int field, const char *text);

/* Adds a message as a field, and frees it. */
void message_message (GByteArray *message, int field, GByteArray *part);

/* A model of opset 13 around a graph's message, which is freed. */
GByteArray *message_model (GByteArray *graph);
