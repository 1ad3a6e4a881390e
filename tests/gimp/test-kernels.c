/* test-kernels.c: where kernels come from: presets with their parameters, files, layers, and the
 * user's own; each gives what the same numbers give as text.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include <gegl.h>

#include "filters/kernels/kernel.h"
#include "plugin/user-kernels.h"
#include "tests/gimp/harness.h"
#include "tests/gimp/kernels.h"
#include "tests/gimp/suites.h"

/* Fails unless the two calls give the same bytes on copies of one layer; the second has a text. */
static void
check_like (const char *name, GimpImageBaseType base, GimpPrecision precision, KernelCall first,
            const char *text)
{
  KernelCall second = { .kernel = text, .channels = first.channels, .bias = 0 };
  GBytes *bytes[2] = { NULL };

  for (int i = 0; i < 2; i++)
    {
      GimpImage *image = harness_image (base, precision);
      GimpLayer *layer = harness_layer (image, FALSE, 31, 23, 2, 3);
      g_auto (Outcome) outcome = kernels_call (layer, i ? &second : &first);

      if (harness_succeeded (&outcome, name))
        bytes[i] = harness_bytes (outcome.results[0]);
      gimp_image_delete (image);
    }
  if (bytes[0] && bytes[1] && !g_bytes_equal (bytes[0], bytes[1]))
    harness_fail ("%s: other pixels than with “%s”", name, text);
  g_clear_pointer (&bytes[0], g_bytes_unref);
  g_clear_pointer (&bytes[1], g_bytes_unref);
}

#define CHECK(name, text, ...) \
  check_like (name, GIMP_RGB, GIMP_PRECISION_FLOAT_NON_LINEAR, (KernelCall){ __VA_ARGS__ }, text)

static void
test_parameters (void)
{
  const char *horizontal = "1 1 1; 0 0 0; -1 -1 -1";

  CHECK ("no parameter", "1 0 -1; 1 0 -1; 1 0 -1", .kernel = "edge");
  CHECK ("angle", horizontal, .kernel = "edge", .angle = 90);
  CHECK ("angle -270", horizontal, .kernel = "edge", .angle = -270);
  CHECK ("angle 45", "2 1 0; 1 0 -1; 0 -1 -2", .kernel = "robinson", .angle = 45);
  CHECK ("size", "0.25 0.25; 0.25 0.25", .kernel = "box", .size = 2);
  CHECK ("size and angle", "0 0.25 0.25 0; 0 0.25 0.25 0; 0 0.25 0.25 0; 0 0.25 0.25 0; bias 0",
         .kernel = "0 0.25 0.25 0; 0 0.25 0.25 0; 0 0.25 0.25 0; 0 0.25 0.25 0", .size = 9,
         .angle = 77); /* numbers have no parameters */
  CHECK ("both", "0 0.125 0.125 0; 0 0.125 0.125 0; 0 0.125 0.125 0; 0 0.125 0.125 0",
         .kernel = "motion-blur", .size = 4, .angle = 90);
  CHECK ("sigma", "0 0 0; 0 1 0; 0 0 0", .kernel = "gaussian", .size = 3, .sigma = 0.1);
  CHECK ("not its parameters", "1 0 -1; 2 0 -2; 1 0 -1", .kernel = "sobel", .size = 7, .angle = 33,
         .sigma = 9);
  CHECK ("bias of a preset", "-1; bias 1", .kernel = "negative");
  CHECK ("bias and bias", "2; bias 0.75", .kernel = "2; bias 0.5", .bias = 0.25);
}

/* Sigma makes a difference, and 0 stands for the preset's own. */
static void
test_sigma (void)
{
  GBytes *bytes[3] = { NULL };

  for (int i = 0; i < 3; i++)
    {
      GimpLayer *layer = harness_usual (FALSE);
      g_auto (Outcome) outcome =
          kernels_call (layer, &(KernelCall){ .kernel = "gaussian", .sigma = i * 2.0 });

      harness_succeeded (&outcome, "gaussian");
      bytes[i] = harness_bytes (GIMP_DRAWABLE (layer));
      gimp_image_delete (gimp_item_get_image (GIMP_ITEM (layer)));
    }
  g_assert_true (g_bytes_equal (bytes[0], bytes[1])); /* 2 is the preset's own */
  g_assert_false (g_bytes_equal (bytes[1], bytes[2]));
  for (int i = 0; i < 3; i++)
    g_bytes_unref (bytes[i]);
}

static void
test_edits (void)
{
  CHECK ("zero mean", "-1 0 1", .kernel = "1 2 3", .zero_mean = TRUE);
  CHECK ("unit norm", "0.6 0.8", .kernel = "3 4", .unit_norm = TRUE);
  CHECK ("both", "-0.70710677 0.70710677", .kernel = "3 5", .zero_mean = TRUE, .unit_norm = TRUE);
  CHECK ("of a preset", "-0.5 0.5; 0.5 -0.5", .kernel = "0 1; 1 0", .zero_mean = TRUE);
}

/* Files of four programs, in a folder and under a name that are no ASCII. */
static void
test_files (void)
{
  static const char *const contents[] = {
    "1 0 -1; 2 0 -2; 1 0 -1",   "1 0 -1\r\n2 0 -2\r\n1 0 -1\r\n",    "3x3: 1,0,-1 2,0,-2 1,0,-1",
    "(1,0,-1;2,0,-2;1,0,-1)\n", "3 3 1 0\n1 0 -1\n2 0 -2\n1 0 -1\n",
  };
  g_autofree char *folder = kernels_folder ();
  g_autofree char *path = g_build_filename (folder, "Kärnel (1).txt", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (contents); i++)
    {
      g_assert_true (g_file_set_contents (path, contents[i], -1, NULL));
      CHECK ("file", "1 0 -1; 2 0 -2; 1 0 -1", .file = path, .kernel = "not looked at");
    }
  g_assert_true (g_file_set_contents (path, "3 4; bias -0.25", -1, NULL));
  CHECK ("file, edited", "0.6 0.8; bias -0.25", .file = path, .unit_norm = TRUE);
  kernels_remove (folder);
}

/* The user's own kernels, by name: saved, found, listed, replaced, deleted. */
static void
test_own (void)
{
  static const char *const names[] = { "Soft edge", "über 100 % / 2", "..",
                                       ".hidden",   "a:b\\c*?",       "%41",
                                       "日本" };
  g_autoptr (CnKernel) kernel = cn_kernel_parse ("1 0 -3; 0.1 0 -2", NULL);
  g_autoptr (CnKernel) other = cn_kernel_parse ("4 | 5 | 6 || 7 | 8 | 9; bias 1", NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_build_filename (gimp_directory (), "convnet", "kernels", NULL);
  g_auto (GStrv) none = cn_user_kernels ();

  g_assert_cmpint (g_strv_length (none), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_auto (GStrv) listed = NULL;
      g_autoptr (CnKernel) again = NULL;

      g_test_message ("%s", names[i]);
      g_assert_false (cn_user_kernel_exists (names[i]));
      g_assert_true (cn_user_kernel_save (names[i], other, &error));
      g_assert_true (cn_user_kernel_save (names[i], kernel, &error));
      g_assert_no_error (error);
      g_assert_true (cn_user_kernel_exists (names[i]));
      listed = cn_user_kernels ();
      g_assert_cmpint (g_strv_length (listed), ==, i + 1);
      g_assert_true (g_strv_contains ((const char *const *) listed, names[i]));
      again = cn_user_kernel_load (names[i], &error);
      g_assert_no_error (error);
      g_assert_cmpmem (kernel->weights, 6 * sizeof (float), again->weights, 6 * sizeof (float));
      if (i < 2)
        CHECK (names[i], "1 0 -3; 0.1 0 -2", .kernel = names[i]);
    }
  CHECK ("blanks around", "1 0 -3; 0.1 0 -2", .kernel = " Soft edge\n");
  kernels_check_folder (folder, G_N_ELEMENTS (names)); /* nothing lies elsewhere */
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_assert_true (cn_user_kernel_delete (names[i], &error));
      g_assert_no_error (error);
      g_assert_false (cn_user_kernel_exists (names[i]));
    }
  g_assert_false (cn_user_kernel_delete ("Soft edge", &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

/* Names that a kernel cannot have, and files that are no kernels of the user's. */
static void
test_names (void)
{
  g_autofree char *long_name = g_strnfill (101, 'x'), *wide_name = g_strnfill (100, '/');
  const struct
  {
    const char *name, *message;
  } rows[] = {
    { "", "The kernel needs a name." },
    { " edge", "The name of a kernel cannot begin or end with a blank." },
    { "a\nb", "The name of a kernel cannot hold control characters." },
    { "\xff", "The name of a kernel cannot hold control characters." },
    { long_name, "The name of a kernel can have 100 characters at most." },
    { wide_name, "The name of the kernel is too long for the name of a file." },
    { "sobel", "“sobel” is the name of a preset. Choose another one." },
    { "1 0 -1", "“1 0 -1” is a kernel itself, and cannot be the name of one." },
  };
  g_autoptr (CnKernel) kernel = cn_kernel_parse ("1 2 3", NULL);
  g_autofree char *folder = g_build_filename (gimp_directory (), "convnet", "kernels", NULL);
  static const char *const files[] = { "7.txt",   "note",     ".txt",   "sobel.txt",
                                       "%zz.txt", "b%41.txt", "%00.txt" };
  g_auto (GStrv) listed = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (cn_user_kernel_save (rows[i].name, kernel, &error));
      g_assert_nonnull (error);
      g_assert_cmpstr (error->message, ==, rows[i].message);
    }
  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (folder, files[i], NULL);

      g_assert_true (g_file_set_contents (path, "9", -1, NULL));
    }
  listed = cn_user_kernels ();
  g_assert_cmpint (g_strv_length (listed), ==, 0);
  CHECK ("numbers before names", "7", .kernel = "7");
  CHECK ("presets before names", "1 0 -1; 2 0 -2; 1 0 -1", .kernel = "sobel");
  kernels_remove (folder);
}

/* From script-fu, by keyword. */
static void
test_script (void)
{
  GimpLayer *layer = harness_usual (FALSE);
  GimpImage *image = gimp_item_get_image (GIMP_ITEM (layer));
  GimpLayer *pattern = kernels_layer (GIMP_GRAY, FALSE, 2, 1, (float[]){ 1, 0 });
  g_autofree char *folder = kernels_folder ();
  g_autofree char *path = g_build_filename (folder, "kernel.txt", NULL);
  char *rest[] = {
    g_strdup_printf ("#:kernel-file \"%s\"", path),
    g_strdup_printf ("#:kernel-layer %d #:kernel-selection TRUE",
                     gimp_item_get_id (GIMP_ITEM (pattern))),
    g_strdup ("#:kernel \"gaussian\" #:size 5 #:sigma 1.5"),
    g_strdup ("#:kernel \"edge\" #:angle 30 #:kernel-zero-mean TRUE #:kernel-unit-norm TRUE"),
  };

  g_assert_true (g_file_set_contents (path, "0 1", -1, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (rest); i++)
    {
      g_autoptr (GBytes) before = harness_bytes (GIMP_DRAWABLE (layer)), after = NULL;
      g_auto (Outcome) outcome = harness_script ("convolve", layer, rest[i]);

      harness_succeeded (&outcome, rest[i]);
      after = harness_bytes (GIMP_DRAWABLE (layer));
      g_assert_cmpint (g_bytes_equal (before, after), ==, i == 1); /* “1 0” is the identity */
    }
  for (guint i = 0; i < G_N_ELEMENTS (rest); i++)
    g_free (rest[i]);
  kernels_remove (folder);
  gimp_image_delete (image);
  gimp_image_delete (gimp_item_get_image (GIMP_ITEM (pattern)));
}

void
add_kernels_tests (void)
{
  g_test_add_func ("/kernels/parameters", test_parameters);
  g_test_add_func ("/kernels/sigma", test_sigma);
  g_test_add_func ("/kernels/edits", test_edits);
  g_test_add_func ("/kernels/files", test_files);
  g_test_add_func ("/kernels/own", test_own);
  g_test_add_func ("/kernels/names", test_names);
  g_test_add_func ("/kernels/script", test_script);
}
