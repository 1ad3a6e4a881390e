/* test-case.c: cases of conformance: right ones pass, and each kind of wrong one is found.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/onnx/case.h"

#include <math.h>
#include <string.h>

#include <glib/gstdio.h>

#include "filters/onnx/onnx.h"
#include "tests/onnx/message.h"
#include "tests/unit/networks.h"

/* A folder with a model that computes −x for two floats, and one set of data. */
typedef struct
{
  char *folder, *set, *model, *input, *output;
} Files;

static void
write_array (const char *path, int n, const float *floats)
{
  g_autoptr (GByteArray) tensor = message_new ();

  message_int (tensor, 1, n);
  message_int (tensor, 2, 1);
  message_bytes (tensor, 9, floats, n * sizeof *floats);
  g_assert_true (g_file_set_contents (path, (const char *) tensor->data, tensor->len, NULL));
}

static void
set_up (Files *files, gconstpointer data)
{
  g_autoptr (CnGraph) graph = cn_graph_new ("case", 13);
  const char *op = data ? data : "Neg";

  g_assert_true (cn_graph_add_input (graph, "x", CN_TYPE_FLOAT, &(CnShape){ 1, { 2 } }, NULL));
  network_node (graph, op, "", "x", "y");
  cn_graph_add_output (graph, "y");
  files->folder = g_dir_make_tmp ("convnet-XXXXXX", NULL);
  files->set = g_build_filename (files->folder, "test_data_set_0", NULL);
  files->model = g_build_filename (files->folder, "model.onnx", NULL);
  files->input = g_build_filename (files->set, "input_0.pb", NULL);
  files->output = g_build_filename (files->set, "output_0.pb", NULL);
  g_assert_cmpint (g_mkdir (files->set, 0700), ==, 0);
  g_assert_true (cn_onnx_write (graph, files->model, NULL));
  write_array (files->input, 2, (const float[]){ 100, -3 });
}

static void
tear_down (Files *files, gconstpointer data)
{
  (void) data;
  g_unlink (files->input);
  g_unlink (files->output);
  g_unlink (files->model);
  g_rmdir (files->set);
  g_rmdir (files->folder);
  g_free (files->folder);
  g_free (files->set);
  g_free (files->model);
  g_free (files->input);
  g_free (files->output);
}

static void
check (const Files *files, int n, const float *expected, CaseResult result, const char *text)
{
  const CaseTolerance tolerance = { 1e-4, 1e-5 };
  g_autofree char *got = NULL;

  write_array (files->output, n, expected);
  g_assert_cmpint (case_run (files->model, &tolerance, &got), ==, result);
  g_assert_cmpstr (got, ==, text);
}

static void
test_right (Files *files, gconstpointer data)
{
  (void) data;
  check (files, 2, (const float[]){ -100, 3 }, CASE_PASSED, "largest error 0");
  check (files, 2, (const float[]){ -100, 3.0078125f }, CASE_PASSED, "largest error 0.0078");
}

static void
test_wrong (Files *files, gconstpointer data)
{
  (void) data;
  check (files, 2, (const float[]){ -100, 3.015625f }, CASE_FAILED,
         "element 1 is 3 instead of 3.015625, allowed ±0.01");
  check (files, 1, (const float[]){ -100 }, CASE_FAILED, "2 of float32 instead of 1 of float32");
  write_array (files->input, 2, (const float[]){ 100, -NAN });
  check (files, 2, (const float[]){ -100, 3 }, CASE_FAILED,
         "element 1 is nan instead of 3, allowed ±0.01");
}

static void
test_unsupported (Files *files, gconstpointer data)
{
  (void) data;
  check (files, 2, (const float[]){ -100, 3 }, CASE_UNSUPPORTED,
         "The network needs what this program does not have: Enhance → “y”: the operator is not "
         "supported");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/case/right", Files, NULL, set_up, test_right, tear_down);
  g_test_add ("/case/wrong", Files, NULL, set_up, test_wrong, tear_down);
  g_test_add ("/case/unsupported", Files, "Enhance", set_up, test_unsupported, tear_down);
  return g_test_run ();
}
