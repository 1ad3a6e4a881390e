/* onnx.h: networks in ONNX's file format, in and out.
 *
 * Files may come from anywhere. A file is refused with a message that says what is wrong and where;
 * reading never takes more memory than three times the file and CN_ONNX_MEMORY beside it.
 *
 * The engine computes in float32, int64, int32 and bool. Arrays of other types become the nearest
 * of these when they are read: float16, bfloat16 and double become float32; int8, uint8, int16 and
 * uint16 become int32, and are written as what they were; uint32 and uint64 become int64. So such a
 * network runs, though a sum that would wrap around at 8 or 16 bits does not; what is written
 * afterwards declares the engine's types for the rest.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/net/graph.h"

/* The largest file that is read, 2 GiB, which is what the format itself allows. Arrays in other
   files have the limit of arrays (filters/net/array.h). */
#define CN_ONNX_FILE_MAX ((gsize) 1 << 31)

/* What the messages of a file may take in memory beside twice the file's size: 64 MiB. */
#define CN_ONNX_MEMORY ((gsize) 1 << 26)

/* Reads a network. Weights may lie in other files, in the network's folder or below it. NULL with
   CN_ERROR_PARSE: not ONNX, or broken; CN_ERROR_UNSUPPORTED: sparse or string arrays;
   CN_ERROR_MEMORY; or one of G_FILE_ERROR. */
CnGraph *cn_onnx_read (const char *path, GError **error);

/* The same from memory; `folder` is where external data may lie, or NULL: nowhere. */
CnGraph *cn_onnx_parse (const guint8 *bytes, gsize n, const char *folder, GError **error);

/* Reads one array, a TensorProto, as the tests of ONNX have them. `name` is its name, to be freed;
   NULL if that is not wanted. */
CnArray *cn_onnx_parse_array (const guint8 *bytes, gsize n, char **name, GError **error);

/* Writes a network as one file, with its weights; NULL or FALSE with CN_ERROR_UNSUPPORTED if it has
   an attribute of a kind that was not kept, CN_ERROR_MEMORY, or one of G_FILE_ERROR. A file that is
   there already is replaced when the new one is whole. */
GBytes *cn_onnx_serialize (const CnGraph *graph, GError **error);
gboolean cn_onnx_write (const CnGraph *graph, const char *path, GError **error);
