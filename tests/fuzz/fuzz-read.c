/* fuzz-read.c: any bytes as a network: read, written and read again.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/core/error.h"
#include "filters/onnx/onnx.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput (const guint8 *bytes, gsize n)
{
  g_autoptr (CnGraph) graph = cn_onnx_parse (bytes, n, NULL, NULL);
  g_autoptr (GBytes) written = NULL;
  g_autoptr (CnGraph) again = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;
  const guint8 *data;

  if (!graph)
    return 0;
  written = cn_onnx_serialize (graph, &error);
  if (!written)
    {
      g_assert_error (error, CN_ERROR, CN_ERROR_UNSUPPORTED);
      return 0;
    }
  data = g_bytes_get_data (written, &length);
  again = cn_onnx_parse (data, length, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (again->nodes->len, ==, graph->nodes->len);
  return 0;
}
