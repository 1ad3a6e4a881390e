/* test-kernel-file.c: kernels in files: saved and loaded, and files that are no kernels.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>

#include <string.h>

#include "filters/core/error.h"
#include "filters/kernels/kernel.h"

static char *folder;

static char *
path_of (const char *name)
{
  return g_build_filename (folder, name, NULL);
}

static void
check_loads (const char *content, const char *text)
{
  g_autofree char *path = path_of ("kernel.txt"), *is = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (CnKernel) kernel = NULL;

  g_assert_true (g_file_set_contents (path, content, -1, NULL));
  kernel = cn_kernel_load (path, &error);
  g_assert_no_error (error);
  is = cn_kernel_format (kernel, CN_KERNEL_ROWS, "; ", NULL);
  g_assert_cmpstr (is, ==, text);
}

static void
test_load (void)
{
  check_loads ("3x3: 1,0,-1 2,0,-2 1,0,-1", "1 0 -1; 2 0 -2; 1 0 -1");
  check_loads ("1 0 -1\r\n2 0 -2\r\n1 0 -1\r\n", "1 0 -1; 2 0 -2; 1 0 -1");
  check_loads ("3 3 1 0\n1 0 -1\n2 0 -2\n1 0 -1\n", "1 0 -1; 2 0 -2; 1 0 -1");
  check_loads ("(1,0,-1;2,0,-2;1,0,-1)\n", "1 0 -1; 2 0 -2; 1 0 -1");
  check_loads ("\xef\xbb\xbf# müde\n1 2", "1 2");
}

static void
test_save (void)
{
  g_autofree char *path = path_of ("säved.txt"), *content = NULL;
  g_autoptr (CnKernel) kernel = cn_kernel_parse ("2 1; 0.5 1/3 | 1 2; 3 4; bias -1", NULL);
  g_autoptr (CnKernel) again = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (cn_kernel_save (kernel, path, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &content, NULL, NULL));
  g_assert_cmpstr (content, ==, "2 1\n0.5 0.33333334\n|\n1 2\n3 4;\nbias -1\n");
  again = cn_kernel_load (path, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (kernel->weights, 8 * sizeof (float), again->weights, 8 * sizeof (float));
  g_assert_cmpfloat (again->bias, ==, -1);

  g_free (path);
  path = g_build_filename (folder, "nowhere", "kernel.txt", NULL);
  g_assert_false (cn_kernel_save (kernel, path, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

static void
check_refused (const char *path, GQuark domain, int code, const char *message)
{
  g_autoptr (GError) error = NULL;
  gint64 start = g_get_monotonic_time ();

  g_assert_null (cn_kernel_load (path, &error));
  g_assert_error (error, domain, code);
  g_assert_cmpstr (error->message, ==, message);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 2 * G_USEC_PER_SEC);
}

/* A file with that content. */
static void
check_content (const char *content, gssize length, const char *message)
{
  g_autofree char *path = path_of ("bad.txt");

  g_assert_true (g_file_set_contents (path, content, length, NULL));
  check_refused (path, CN_ERROR, CN_ERROR_PARSE, message);
}

static void
test_content (void)
{
  check_content ("1 2\n3 x\n", -1,
                 "“bad.txt”: Line 2, column 3: a number was expected, and “x” is none");
  check_content ("", 0, "“bad.txt”: Line 1, column 1: a number was expected");
  check_content ("1 2\0 3", 6, "“bad.txt” is not a text file");
  check_content ("\x89PNG\r\n\x1a\n\0\0", 10, "“bad.txt” is not a text file");
  check_content ("1 2 \xff", -1, "“bad.txt” is not a text file");
  check_content ("\xff\xfe"
                 "1\0 \0",
                 6, "“bad.txt” is not a text file");
}

static void
test_kinds (void)
{
  g_autofree char *missing = path_of ("missing.txt"), *large = path_of ("large.txt");
  FILE *file = g_fopen (large, "wb");

  check_refused (missing, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                 "“missing.txt” cannot be read: No such file or directory");
  check_refused (folder, CN_ERROR, CN_ERROR_PARSE, "“kernels” is a folder, and not a text file");
  g_assert_cmpint (fseek (file, 100000000 - 1, SEEK_SET), ==, 0);
  g_assert_cmpint (fputc ('1', file), ==, '1');
  g_assert_cmpint (fclose (file), ==, 0);
  check_refused (large, CN_ERROR, CN_ERROR_PARSE,
                 "“large.txt” has 100000000 bytes, and may have 4194304 at most");
  g_remove (large);
#ifdef G_OS_UNIX
  check_refused ("/dev/zero", CN_ERROR, CN_ERROR_PARSE,
                 "“zero” is a device or a pipe, and not a text file");
  {
    g_autofree char *pipe = path_of ("pipe");
    const char *command[] = { "mkfifo", pipe, NULL };

    if (g_spawn_sync (NULL, (char **) command, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL,
                      NULL, NULL))
      check_refused (pipe, CN_ERROR, CN_ERROR_PARSE,
                     "“pipe” is a device or a pipe, and not a text file");
    g_remove (pipe);
  }
#endif
}

int
main (int argc, char **argv)
{
  g_autofree char *root = g_dir_make_tmp ("test-kernel-file-XXXXXX", NULL);
  int status;

  g_test_init (&argc, &argv, NULL);
  g_setenv ("LC_ALL", "C", TRUE);
  folder = g_build_filename (root, "kernels", NULL);
  g_mkdir (folder, 0700);
  g_test_add_func ("/kernel-file/load", test_load);
  g_test_add_func ("/kernel-file/save", test_save);
  g_test_add_func ("/kernel-file/content", test_content);
  g_test_add_func ("/kernel-file/kinds", test_kinds);
  status = g_test_run ();
  for (const char *const *name =
           (const char *const[]){ "kernel.txt", "säved.txt", "bad.txt", NULL };
       *name; name++)
    {
      g_autofree char *path = path_of (*name);

      g_remove (path);
    }
  g_rmdir (folder);
  g_rmdir (root);
  g_free (folder);
  return status;
}
