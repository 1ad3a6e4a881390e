/* test-kernel-errors.c: what the user is told of a kernel that cannot be had, from wherever it was
 * to come; and that the picture stayed as it was. SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include <glib/gstdio.h>

#include "tests/gimp/kernels.h"
#include "tests/gimp/suites.h"

static void
check (const KernelCall *call, const char *text)
{
  GimpLayer *layer = harness_usual (TRUE);
  GimpImage *image = gimp_item_get_image (GIMP_ITEM (layer));
  int depth = harness_undo_depth (image);
  g_autoptr (GBytes) before = harness_bytes (GIMP_DRAWABLE (layer)), after = NULL;
  gint64 start = g_get_monotonic_time ();
  g_auto (Outcome) outcome = kernels_call (layer, call);

  if (outcome.status == GIMP_PDB_SUCCESS)
    harness_fail ("%s: succeeded, and should not have", text);
  else if (!outcome.message || strcmp (g_strchomp (outcome.message), text) != 0)
    harness_fail ("expected “%s”, got “%s”", text, outcome.message);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 5 * G_USEC_PER_SEC);
  after = harness_bytes (GIMP_DRAWABLE (layer));
  g_assert_true (g_bytes_equal (before, after));
  g_assert_cmpint (harness_undo_depth (image), ==, depth);
  gimp_image_delete (image);
}

#define CANNOT "The kernel cannot be read. "

static void
test_names (void)
{
  check (&(KernelCall){ .kernel = "sobbel" },
         CANNOT "“sobbel” is neither the name of a kernel nor rows of numbers");
  check (&(KernelCall){ .kernel = "Gaussian:0x1" },
         CANNOT "Line 1, column 1: “Gaussian:0x1” is a kernel that ImageMagick makes, and numbers "
                "were expected");
  check (&(KernelCall){ .kernel = "edge", .size = 1 }, "The size of “edge” is 2 to 255, and not 1");
  check (&(KernelCall){ .kernel = "cross", .size = 2 },
         "The size of “cross” is 3 to 255, and not 2");
  check (&(KernelCall){ .kernel = "3 3 3; 3 3 3", .zero_mean = TRUE },
         "All numbers of the kernel are the same: without their mean nothing is left.");
}

static void
test_large (void)
{
  g_autoptr (GString) row = g_string_new ("1");

  for (int i = 1; i < 256; i++)
    g_string_append (row, " 1");
  check (&(KernelCall){ .kernel = row->str },
         CANNOT "Line 1, column 511: a row has more than 255 numbers");
  check (&(KernelCall){ .kernel = "300x1: 1" },
         CANNOT "Line 1, column 1: a kernel has 1 to 255 rows and columns");
}

static void
write_sparse (const char *path, long bytes)
{
  FILE *file = g_fopen (path, "wb");

  g_assert_nonnull (file);
  g_assert_cmpint (fseek (file, bytes - 1, SEEK_SET), ==, 0);
  g_assert_cmpint (fputc ('1', file), ==, '1');
  g_assert_cmpint (fclose (file), ==, 0);
}

static void
test_files (void)
{
  g_autofree char *folder = kernels_folder ();
  g_autofree char *path = g_build_filename (folder, "kernel.txt", NULL);
  g_autofree char *base = g_path_get_basename (folder);
  g_autofree char *message = NULL;

  check (&(KernelCall){ .file = path },
         CANNOT "“kernel.txt” cannot be read: No such file or directory");
  message = g_strdup_printf (CANNOT "“%s” is a folder, and not a text file", base);
  check (&(KernelCall){ .file = folder }, message);
  check (&(KernelCall){ .file = "/dev/zero" },
         CANNOT "“zero” is a device or a pipe, and not a text file");
  check (&(KernelCall){ .file = "http://localhost/kernel.txt" },
         "“http://localhost/kernel.txt” is not a file on this computer.");
  g_assert_true (g_file_set_contents (path, "1 2\n3 x\n", -1, NULL));
  check (&(KernelCall){ .file = path },
         CANNOT "“kernel.txt”: Line 2, column 3: a number was expected, and “x” is none");
  g_assert_true (g_file_set_contents (path, "\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16, NULL));
  check (&(KernelCall){ .file = path }, CANNOT "“kernel.txt” is not a text file");
  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  check (&(KernelCall){ .file = path },
         CANNOT "“kernel.txt”: Line 1, column 1: a number was expected");
  write_sparse (path, 100000000);
  check (&(KernelCall){ .file = path },
         CANNOT "“kernel.txt” has 100000000 bytes, and may have 4194304 at most");
  kernels_remove (folder);
}

/* A file of the user's own kernels that somebody has spoilt. */
static void
test_own (void)
{
  g_autofree char *folder = g_build_filename (gimp_directory (), "convnet", "kernels", NULL);
  g_autofree char *path = g_build_filename (folder, "My edge.txt", NULL);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  g_assert_true (g_file_set_contents (path, "1 2; 3", -1, NULL));
  check (&(KernelCall){ .kernel = "My edge" }, CANNOT
         "“My edge.txt”: Line 1, column 7: this row has 1 numbers, and the rows before it 2");
  kernels_remove (folder);
  check (&(KernelCall){ .kernel = "My edge" },
         CANNOT "“My edge” is neither the name of a kernel nor rows of numbers");
}

static void
check_layer (GimpImageBaseType base, gboolean alpha, int width, int height, const float *values,
             KernelCall call, const char *text)
{
  g_autofree float *zeros = g_new0 (float, (gsize) width *height * 4);
  GimpLayer *layer = kernels_layer (base, alpha, width, height, values ? values : zeros);

  if (call.selection)
    gimp_image_select_rectangle (gimp_item_get_image (GIMP_ITEM (layer)), GIMP_CHANNEL_OP_REPLACE,
                                 30, 30, 30, 20);
  call.layer = layer;
  check (&call, text);
  gimp_image_delete (gimp_item_get_image (GIMP_ITEM (layer)));
}

static void
test_layers (void)
{
  check_layer (GIMP_RGB, TRUE, 5, 4, NULL, (KernelCall){ 0 },
               "The kernel layer “pattern” is empty: none of its pixels can be seen.");
  check_layer (GIMP_RGB, FALSE, 5, 4, NULL, (KernelCall){ 0 },
               "The kernel layer “pattern” is black, which makes a kernel of zeros.");
  check_layer (GIMP_GRAY, TRUE, 2, 1, (float[]){ 0.3f, 1, 0.3f, 0.5f },
               (KernelCall){ .zero_mean = TRUE },
               "The kernel layer “pattern” is of one colour: without its mean nothing is left.");
  check_layer (GIMP_GRAY, FALSE, 256, 1, NULL, (KernelCall){ 0 },
               "The kernel layer “pattern” has 256×1 pixels, and a kernel has at most 255×255.");
  check_layer (GIMP_GRAY, FALSE, 1, 300, NULL, (KernelCall){ 0 },
               "The kernel layer “pattern” has 1×300 pixels, and a kernel has at most 255×255.");
  check_layer (GIMP_GRAY, FALSE, 5, 4, NULL, (KernelCall){ .selection = TRUE },
               "The selection does not touch the kernel layer “pattern”.");
  check_layer (GIMP_GRAY, FALSE, 2, 1, (float[]){ 1, G_MAXFLOAT * 2 }, (KernelCall){ 0 },
               "The kernel layer “pattern” has pixels that are infinite or not a number.");
}

/* Of a large layer, more is selected than a kernel can have. */
static void
test_large_selection (void)
{
  GimpImage *image = gimp_image_new (400, 300, GIMP_GRAY);
  GimpLayer *layer = harness_layer (image, FALSE, 400, 300, 0, 0);

  gimp_image_select_rectangle (image, GIMP_CHANNEL_OP_REPLACE, 10, 10, 256, 40);
  check (&(KernelCall){ .layer = layer, .selection = TRUE },
         "256×40 pixels are selected of the kernel layer “noise”, and a kernel has at most "
         "255×255.");
  gimp_image_delete (image);
}

/* What only a script can ask for. */
static void
test_ranges (void)
{
  static const struct
  {
    const char *argument, *message;
  } rows[] = {
    { "#:size 256", "has value 256 out of range: 0 to 255" },
    { "#:size -1", "has value -1 out of range: 0 to 255" },
    { "#:angle 361", "has value 361.000000 out of range: -360.000000 to 360.000000" },
    { "#:sigma 64.5", "has value 64.500000 out of range: 0.000000 to 64.000000" },
    { "#:sigma -1", "has value -1.000000 out of range: 0.000000 to 64.000000" },
    { "#:kernel \"corner\" #:size 1", "The size of “corner” is 2 to 255, and not 1" },
  };
  GimpLayer *layer = harness_usual (TRUE);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (Outcome) outcome = harness_script ("convolve", layer, rows[i].argument);

      if (!outcome.message || !g_str_has_suffix (g_strchomp (outcome.message), rows[i].message))
        harness_fail ("%s: expected “%s”, got “%s”", rows[i].argument, rows[i].message,
                      outcome.message);
    }
  gimp_image_delete (gimp_item_get_image (GIMP_ITEM (layer)));
}

void
add_kernel_errors_tests (void)
{
  g_test_add_func ("/kernel-errors/names", test_names);
  g_test_add_func ("/kernel-errors/large", test_large);
  g_test_add_func ("/kernel-errors/files", test_files);
  g_test_add_func ("/kernel-errors/own", test_own);
  g_test_add_func ("/kernel-errors/layers", test_layers);
  g_test_add_func ("/kernel-errors/large-selection", test_large_selection);
  g_test_add_func ("/kernel-errors/ranges", test_ranges);
}
