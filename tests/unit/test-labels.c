/* test-labels.c: the names of classes, and texts that are none.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/net/labels.h"

#include <glib/gstdio.h>

#include <string.h>

#include "filters/core/error.h"

static void
assert_names (const char *text, const char *joined)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) names = cn_labels_parse (text, &error);
  g_autofree char *found = names ? g_strjoinv ("|", names) : NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (found, ==, joined);
}

static void
test_names (void)
{
  assert_names ("cat\ndog", "cat|dog");
  assert_names ("cat\r\n dog \r\n\n \n", "cat|dog");
  assert_names ("n01440764 tench, Tinca tinca\nn01443537 goldfish\n",
                "tench, Tinca tinca|goldfish");
  assert_names ("n0144 a\nn014407645 b\nnine", "n0144 a|n014407645 b|nine");
  assert_names ("n01440764 \ncat", "n01440764|cat");
  assert_names ("Schlüssel\n\xe7\x8c\xab", "Schlüssel|\xe7\x8c\xab");
}

static void
assert_refused (const char *text, const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (cn_labels_parse (text, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_PARSE);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_refused (void)
{
  g_autofree char *many = g_malloc (2 * CN_LABELS_MAX + 3);

  for (int i = 0; i <= CN_LABELS_MAX; i++)
    memcpy (many + 2 * i, "a\n", 3);
  assert_refused ("", "There are no names of classes");
  assert_refused (" \n\n", "There are no names of classes");
  assert_refused ("cat\n\ndog", "Line 2 has no name of a class");
  assert_refused (many, "There are more than 100000 names of classes");
}

static void
test_file (void)
{
  g_autofree char *folder = g_dir_make_tmp ("convnet-labels-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "names.txt", NULL);
  g_autoptr (GError) missing = NULL, binary = NULL, place = NULL, broken = NULL;
  g_auto (GStrv) names = NULL;

  g_assert_null (cn_labels_read (path, &missing));
  g_assert_error (missing, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_assert_null (cn_labels_read (folder, &place));
  g_assert_error (place, CN_ERROR, CN_ERROR_PARSE);
  g_assert_true (g_file_set_contents (path, "\x89PNG\r\n", -1, NULL));
  g_assert_null (cn_labels_read (path, &binary));
  g_assert_cmpstr (binary->message, ==, "“names.txt” is not a text file");
  g_assert_true (g_file_set_contents (path, "a\n\nb", -1, NULL));
  g_assert_null (cn_labels_read (path, &broken));
  g_assert_cmpstr (broken->message, ==, "“names.txt”: Line 2 has no name of a class");
  g_assert_true (g_file_set_contents (path,
                                      "\xef\xbb\xbf"
                                      "a\nb\n",
                                      -1, NULL));
  names = cn_labels_read (path, NULL);
  g_assert_cmpuint (g_strv_length (names), ==, 2);
  g_assert_cmpstr (names[0], ==, "a");
  g_remove (path);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/labels/names", test_names);
  g_test_add_func ("/labels/refused", test_refused);
  g_test_add_func ("/labels/file", test_file);
  return g_test_run ();
}
