/* test-read.c: what is no network, not whole, or hostile is refused, quickly, with a message.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>
#include <time.h>

#include <glib/gstdio.h>

#include "filters/core/error.h"
#include "filters/onnx/onnx.h"
#include "tests/onnx/message.h"
#include "tests/unit/networks.h"

/* Sanitizers make everything slower. */
#if defined(__SANITIZE_ADDRESS__) || defined(__has_feature)
#define SECOND (10 * G_USEC_PER_SEC)
#else
#define SECOND G_USEC_PER_SEC
#endif

/* Microseconds of the processor: a machine that is busy otherwise is not slower by this clock. */
static gint64
used_time (void)
{
  return (gint64) ((double) clock () / CLOCKS_PER_SEC * G_USEC_PER_SEC);
}

/* What is wrong with these bytes; NULL if nothing is. It must be found within a second. */
static char *
fault_of (const GByteArray *bytes)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CnGraph) graph = NULL;
  gint64 start = used_time ();

  graph = cn_onnx_parse (bytes->data, bytes->len, NULL, &error);
  g_assert_cmpint (used_time () - start, <, SECOND);
  g_assert_true ((graph == NULL) == (error != NULL));
  return error ? g_strdup (error->message) : NULL;
}

static void
check_fault (GByteArray *bytes, const char *expected)
{
  g_autofree char *fault = fault_of (bytes);

  g_assert_cmpstr (fault, ==, expected);
  g_byte_array_unref (bytes);
}

/* A graph with one initializer “w” of the type, dims and raw data. */
static GByteArray *
with_initializer (int type, int rank, const gint64 *dims, gsize raw)
{
  GByteArray *graph = message_new (), *tensor = message_new ();
  g_autofree char *zeros = g_malloc0 (raw + 1);

  for (int i = 0; i < rank; i++)
    message_int (tensor, 1, dims[i]);
  message_int (tensor, 2, type);
  message_text (tensor, 8, "w");
  message_bytes (tensor, 9, zeros, raw);
  message_message (graph, 5, tensor);
  return message_model (graph);
}

static GByteArray *
with_node (const char *op, const char *from, const char *to)
{
  GByteArray *graph = message_new (), *node = message_new ();

  message_text (node, 1, from);
  message_text (node, 2, to);
  message_text (node, 4, op);
  message_message (graph, 1, node);
  return message_model (graph);
}

static void
test_dims (void)
{
  const gint64 huge[] = { (gint64) 1 << 60 }, overflow[] = { 1 << 30, 1 << 30, 1 << 30 };
  const gint64 negative[] = { -3 }, small[] = { 2, 3 };
  const gint64 many[] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 };

  check_fault (
      with_initializer (1, 1, huge, 4),
      "“w”: An array of 1152921504606846976 of float32 is impossible, or over the limit of "
      "4 GiB");
  check_fault (
      with_initializer (1, 3, overflow, 4),
      "“w”: An array of 1073741824×1073741824×1073741824 of float32 is impossible, or over "
      "the limit of 4 GiB");
  check_fault (with_initializer (1, 1, negative, 4),
               "“w”: An array of ? of float32 is impossible, or over the limit of 4 GiB");
  check_fault (with_initializer (1, 2, small, 20),
               "The array “w” has 20 bytes of data, and its shape says 24");
  check_fault (with_initializer (1, 10, many, 4), "The array “w” has 10 axes, and may have 8");
  check_fault (with_initializer (8, 2, small, 24),
               "The array “w” is string, which is not supported");
  check_fault (with_initializer (77, 2, small, 24),
               "The array “w” is of an unknown type, which is not supported");
  check_fault (with_initializer (1, 2, small, 24), NULL);
}

/* Arrays without elements, and weights that are not numbers, are read. */
static void
test_odd_arrays (void)
{
  const gint64 empty[] = { 3, 0, 5 };
  GByteArray *graph = message_new (), *tensor = message_new ();
  const float nan[] = { NAN, INFINITY };
  g_autoptr (CnGraph) read = NULL;
  g_autoptr (GByteArray) whole = NULL;

  check_fault (with_initializer (1, 3, empty, 0), NULL);
  message_int (tensor, 1, 2);
  message_int (tensor, 2, 1);
  message_text (tensor, 8, "w");
  message_bytes (tensor, 9, nan, sizeof nan);
  message_message (graph, 5, tensor);
  whole = message_model (graph);
  read = cn_onnx_parse (whole->data, whole->len, NULL, NULL);
  g_assert_true (isnan (cn_graph_value (read, 0)->constant->floats[0]));
}

static void
test_names (void)
{
  check_fault (with_node ("Relu", "x", "y"), NULL);
  check_fault (with_node ("Re\xfflu", "x", "y"), "The name of the operator of node 0 is not UTF-8");
  check_fault (with_node ("Relu", "\xc3", "y"), "The name of a value of node 0 is not UTF-8");
  check_fault (with_node ("", "x", "y"), "Node 0 has no operator");
}

static void
test_many_nodes (void)
{
  GByteArray *graph = message_new ();

  for (int i = 0; i < CN_NODES_MAX + 1; i++)
    {
      GByteArray *node = message_new ();
      g_autofree char *from = g_strdup_printf ("v%d", i), *to = g_strdup_printf ("v%d", i + 1);

      message_text (node, 1, from);
      message_text (node, 2, to);
      message_text (node, 4, "Relu");
      message_message (graph, 1, node);
    }
  check_fault (message_model (graph),
               "The network has 32769 nodes, 0 inputs and 0 outputs, and may have "
               "32768 of each");
}

/* As many nodes as there may be are read and planned within a second. */
static void
test_long_chain (void)
{
  GByteArray *graph = message_new ();
  g_autoptr (GByteArray) whole = NULL;
  g_autoptr (CnGraph) read = NULL;
  g_autoptr (CnPlan) plan = NULL;
  const CnPlanInput input = { .name = "v0", .shape = { 1, { 4 } } };
  gint64 start;

  for (int i = 0; i < CN_NODES_MAX; i++)
    {
      GByteArray *node = message_new ();
      g_autofree char *from = g_strdup_printf ("v%d", i), *to = g_strdup_printf ("v%d", i + 1);

      message_text (node, 1, from);
      message_text (node, 2, to);
      message_text (node, 4, i % 2 ? "Relu" : "Softsign");
      message_message (graph, 1, node);
    }
  whole = message_model (graph);
  start = used_time ();
  read = cn_onnx_parse (whole->data, whole->len, NULL, NULL);
  g_assert_nonnull (read);
  plan = cn_plan_new (read, &(CnPlanOptions){ .inputs = &input, .n_inputs = 1 }, NULL);
  g_assert_nonnull (plan);
  g_assert_cmpint (used_time () - start, <, SECOND);
}

/* Messages within messages: where the format allows it without end, they are bytes to us. */
static void
test_nested (void)
{
  GByteArray *inner = message_new ();

  for (int i = 0; i < 10000; i++)
    {
      GByteArray *outer = message_new ();

      message_bytes (outer, i % 3 == 0 ? 6 : i % 3 == 1 ? 5 : 1, inner->data, inner->len);
      g_byte_array_unref (inner);
      inner = outer;
    }
  g_free (fault_of (inner));
  g_byte_array_unref (inner);
}

/* A graph whose node has a graph, and so on: `depth` of them; the innermost takes “x” from the
   outermost. */
static GByteArray *
graph_in_graphs (int depth)
{
  GByteArray *graph = message_new (), *node = message_new (), *attribute, *inner;

  message_text (node, 1, depth > 0 ? "" : "x");
  message_text (node, 2, "y");
  message_text (node, 4, depth > 0 ? "Nest" : "Relu");
  if (depth > 0)
    {
      attribute = message_new ();
      inner = graph_in_graphs (depth - 1);
      message_text (attribute, 1, "body");
      message_int (attribute, 20, 5);
      message_message (attribute, 6, inner);
      message_message (node, 5, attribute);
    }
  message_message (graph, 1, node);
  return graph;
}

/* Graphs within graphs are read to a depth, and what they capture is known outside. */
static void
test_bodies (void)
{
  g_autoptr (GByteArray) bytes = message_model (graph_in_graphs (8)),
                         more = message_model (graph_in_graphs (9));
  g_autoptr (GError) error = NULL;
  g_autofree char *fault = fault_of (more);
  g_autoptr (CnGraph) graph = cn_onnx_parse (bytes->data, bytes->len, NULL, &error);
  const CnGraph *body = graph;

  g_assert_no_error (error);
  for (int depth = 8; depth > 0; depth--)
    {
      const CnNode *node = cn_graph_node (body, 0);

      g_assert_cmpint (node->n_captured, ==, 1);
      g_assert_cmpint (node->inputs[node->n_inputs - 1], ==, cn_graph_find (body, "x"));
      body = cn_node_get (node, "body")->graph;
      g_assert_cmpint (body->opset, ==, 13);
    }
  g_assert_cmpstr (cn_graph_node (body, 0)->op, ==, "Relu");
  g_assert_true (
      g_str_has_suffix (fault, "Graphs in attributes lie more than 8 deep in one another"));
}

/* Two bytes make a message of hundreds: what they take together is limited. */
static void
test_amplified (void)
{
  GByteArray *graph = message_new (), *node = message_new ();

  for (int i = 0; i < 1 << 22; i++)
    message_bytes (node, 5, "", 0);
  message_message (graph, 1, node);
  check_fault (message_model (graph),
               "The file is not a network in ONNX's format, or it is cut off");
}

/* A network cut off anywhere, or with a byte changed, is read or refused. */
static void
test_damaged (void)
{
  g_autoptr (CnGraph) graph = network_lecture ();
  g_autoptr (GBytes) whole = cn_onnx_serialize (graph, NULL);
  gsize n;
  const guint8 *data = g_bytes_get_data (whole, &n);

  for (int i = 0; i < 300; i++)
    {
      g_autoptr (GByteArray) part = g_byte_array_new ();
      gsize length = i < 100 ? (gsize) i * 7 : (gsize) g_test_rand_int_range (0, (int) n);

      g_byte_array_append (part, data, (guint) length);
      g_free (fault_of (part));
      g_byte_array_set_size (part, 0);
      g_byte_array_append (part, data, (guint) n);
      part->data[i < 200 ? (gsize) i : length] ^= (guint8) g_test_rand_int_range (1, 256);
      g_free (fault_of (part));
    }
}

static void
check_file (const char *folder, const char *contents, gssize n, const char *expected)
{
  g_autofree char *path = g_build_filename (folder, "model.onnx", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (path, contents, n, NULL));
  g_assert_null (cn_onnx_read (path, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_PARSE);
  g_assert_cmpstr (error->message, ==, expected);
  g_unlink (path);
}

static void
test_mistaken (void)
{
  g_autofree char *folder = g_dir_make_tmp ("convnet-XXXXXX", NULL);
  g_autoptr (GError) error = NULL;

  check_file (
      folder, "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", -1,
      "The file is a pointer of Git LFS, and not the network itself: fetch it with “git lfs "
      "pull”");
  check_file (folder, "\n<!DOCTYPE html><html>", -1,
              "The file is a web page, and not a network: the download has failed");
  check_file (
      folder, "PK\3\4xxxx", -1,
      "The file is a ZIP archive, and not a network: PyTorch's own files must be exported to "
      "ONNX");
  check_file (folder, "", 0, "The file is empty");
  check_file (folder, "What is this?", -1,
              "The file is not a network in ONNX's format, or it is cut off");
  g_assert_null (cn_onnx_read (folder, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_PARSE);
  g_clear_error (&error);
  g_assert_null (cn_onnx_read ("/nowhere/model.onnx", &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/read/dims", test_dims);
  g_test_add_func ("/read/odd-arrays", test_odd_arrays);
  g_test_add_func ("/read/names", test_names);
  g_test_add_func ("/read/many-nodes", test_many_nodes);
  g_test_add_func ("/read/long-chain", test_long_chain);
  g_test_add_func ("/read/nested", test_nested);
  g_test_add_func ("/read/bodies", test_bodies);
  g_test_add_func ("/read/amplified", test_amplified);
  g_test_add_func ("/read/damaged", test_damaged);
  g_test_add_func ("/read/mistaken", test_mistaken);
  return g_test_run ();
}
