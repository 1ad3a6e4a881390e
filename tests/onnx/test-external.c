/* test-external.c: weights in other files: only such as lie in the network's folder or below it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <unistd.h>

#include "filters/core/error.h"
#include "filters/onnx/onnx.h"
#include "tests/onnx/message.h"

/* An initializer of two floats in the file `location`. */
static GByteArray *
with_external (const char *location, const char *offset)
{
  GByteArray *graph = message_new (), *tensor = message_new ();
  const char *pairs[][2] = { { "location", location }, { "offset", offset }, { "length", "8" } };

  message_int (tensor, 1, 2);
  message_int (tensor, 2, 1);
  message_text (tensor, 8, "w");
  message_int (tensor, 14, 1);
  for (int i = 0; i < 3; i++)
    {
      GByteArray *pair = message_new ();

      message_text (pair, 1, pairs[i][0]);
      message_text (pair, 2, pairs[i][1]);
      message_message (tensor, 13, pair);
    }
  message_message (graph, 5, tensor);
  return message_model (graph);
}

static void
check_external (const char *folder, const char *location, const char *offset, const char *expected)
{
  g_autoptr (GByteArray) bytes = with_external (location, offset);
  g_autoptr (GError) error = NULL;
  g_autoptr (CnGraph) graph = cn_onnx_parse (bytes->data, bytes->len, folder, &error);

  g_assert_cmpstr (error ? error->message : NULL, ==, expected);
  if (graph)
    g_assert_cmpfloat (cn_graph_value (graph, 0)->constant->floats[1], ==, 2.5f);
}

static void
test_external (void)
{
  const char *outside = "The array “w” lies outside of the network's folder, which is refused";
  g_autofree char *folder = g_dir_make_tmp ("convnet-XXXXXX", NULL);
  g_autofree char *inner = g_build_filename (folder, "in", NULL);
  g_autofree char *path = g_build_filename (inner, "weights.bin", NULL);
  g_autofree char *secret = g_build_filename (folder, "secret.bin", NULL);
  g_autofree char *link = g_build_filename (inner, "link.bin", NULL);
  const float floats[] = { 0, 1.5f, 2.5f };

  g_assert_cmpint (g_mkdir (inner, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, (const char *) floats, sizeof floats, NULL));
  g_assert_true (g_file_set_contents (secret, (const char *) floats, sizeof floats, NULL));
  g_assert_cmpint (symlink ("../secret.bin", link), ==, 0);
  check_external (inner, "weights.bin", "4", NULL);
  check_external (folder, "in/weights.bin", "4", NULL);
  check_external (inner, "weights.bin", "8",
                  "The array “w” lies in “weights.bin”, which is shorter than it should be");
  check_external (inner, "other.bin", "0",
                  "The array “w” lies in the file “other.bin”, which cannot be read");
  check_external (inner, "../secret.bin", "4", outside);
  check_external (inner, "in/../../secret.bin", "4", outside);
  check_external (inner, secret, "4", outside);
  check_external (inner, "link.bin", "4", outside);
  check_external (inner, "", "4", outside);
  check_external (NULL, "weights.bin", "4", outside);
  check_external (inner, "weights.bin", "-4",
                  "The array “w” does not say right where in “weights.bin” it lies");
  g_unlink (link);
  g_unlink (path);
  g_unlink (secret);
  g_rmdir (inner);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/external/places", test_external);
  return g_test_run ();
}
