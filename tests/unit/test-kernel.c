/* test-kernel.c: kernels in rows: every form that is documented, and what is wrong with the others,
 * by line and column; and the choice between text and preset.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/kernels/kernel.h"

#include <string.h>

#include "filters/core/error.h"
#include "filters/ops/conv2d.h"

typedef struct
{
  const char *text;
  int filters, planes, height, width;
  float weights[12];
} Form;

static const Form forms[] = {
  { "1 0 -1; 2 0 -2; 1 0 -1", 1, 1, 3, 3, { 1, 0, -1, 2, 0, -2, 1, 0, -1 } },
  { "1 0 -1\n2 0 -2\n1 0 -1\n", 1, 1, 3, 3, { 1, 0, -1, 2, 0, -2, 1, 0, -1 } },
  { "1,0,-1\r\n2 , 0 ,-2;\r\n1\t0 -1;", 1, 1, 3, 3, { 1, 0, -1, 2, 0, -2, 1, 0, -1 } },
  { "1/4, -1/2, .5", 1, 1, 1, 3, { 0.25f, -0.5f, 0.5f } },
  { "1/9 1/9 1/9", 1, 1, 1, 3, { 1 / 9.0f, 1 / 9.0f, 1 / 9.0f } },
  { "1.5e2/3 +2 -0", 1, 1, 1, 3, { 50, 2, -0.0f } },
  { "0 0; 0 0 | 1 2; 3 4", 1, 2, 2, 2, { 0, 0, 0, 0, 1, 2, 3, 4 } },
  { "1 -1 || 1 1", 2, 1, 1, 2, { 1, -1, 1, 1 } },
  { "1; 2|3; 4||5; 6|7; 8", 2, 2, 2, 1, { 1, 2, 3, 4, 5, 6, 7, 8 } },
  { "\n\n 1 2\n\n;; \n 3 4 \n\n", 1, 1, 2, 2, { 1, 2, 3, 4 } },
  { "1,\n2", 1, 1, 1, 2, { 1, 2 } },
  { "7", 1, 1, 1, 1, { 7 } },
  { "1 2;|3 4;||\n5 6\n|\n7 8\n", 2, 2, 1, 2, { 1, 2, 3, 4, 5, 6, 7, 8 } },
  { "# edge\n\t # by me; 1 2 | 3\n1 0 -1\n# end", 1, 1, 1, 3, { 1, 0, -1 } },
  { "1,\n# more\n2", 1, 1, 1, 2, { 1, 2 } },
  { "\xef\xbb\xbf"
    "1 2",
    1,
    1,
    1,
    2,
    { 1, 2 } },
};

static void
test_forms (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      const Form *f = &forms[i];
      g_autoptr (GError) error = NULL;
      g_autoptr (CnKernel) kernel = cn_kernel_parse (f->text, &error);
      g_autoptr (CnKernel) found = NULL;
      gsize size = (gsize) f->filters * f->planes * f->height * f->width * sizeof (float);

      g_test_message ("form %u", i);
      g_assert_no_error (error);
      g_assert_cmpint (kernel->filters, ==, f->filters);
      g_assert_cmpint (kernel->planes, ==, f->planes);
      g_assert_cmpint (kernel->height, ==, f->height);
      g_assert_cmpint (kernel->width, ==, f->width);
      g_assert_cmpmem (kernel->weights, size, f->weights, size);
      found = cn_kernel_lookup (f->text, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpmem (found->weights, size, f->weights, size);
    }
}

static const struct
{
  const char *text, *message;
} broken[] = {
  { "1 0 -1 # 2", "Line 1, column 8: a number was expected, and “#” is none" },
  { "1 2; 3 4\n bias", "Line 2, column 2: a number was expected, and “bias” is none" },
  { "bias 1; 2", "Line 1, column 1: a number was expected, and “bias” is none" },
  { "1 2; bias x", "Line 1, column 11: a number was expected, and “x” is none" },
  { "1 2; bias 1 2", "Line 1, column 13: the end was expected, and not “2”" },
  { "1 2; bias 1 | 2", "Line 1, column 13: the end was expected, and not “|”" },
  { "", "Line 1, column 1: a number was expected" },
  { "  \n \n", "Line 3, column 1: a number was expected" },
  { ";", "Line 1, column 2: a number was expected" },
  { "abc", "Line 1, column 1: a number was expected, and “abc” is none" },
  { "1 2\n3 x", "Line 2, column 3: a number was expected, and “x” is none" },
  { "1 2x", "Line 1, column 3: a number was expected, and “2x” is none" },
  { "nan", "Line 1, column 1: a number was expected, and “nan” is none" },
  { "1 inf", "Line 1, column 3: a number was expected, and “inf” is none" },
  { "1 -inf", "Line 1, column 3: a number was expected, and “-inf” is none" },
  { "1 +-2", "Line 1, column 3: a number was expected, and “+-2” is none" },
  { "-", "Line 1, column 1: a number was expected, and “-” is none" },
  { ".", "Line 1, column 1: a number was expected, and “.” is none" },
  { "0x10", "Line 1, column 1: a number was expected, and “0x10” is none" },
  { "1 1/0", "Line 1, column 3: the fraction divides by zero" },
  { "0/0", "Line 1, column 1: the fraction divides by zero" },
  { "1/", "Line 1, column 3: a number was expected" },
  { "1/2/3", "Line 1, column 1: a number was expected, and “1/2/3” is none" },
  { "1 / 2", "Line 1, column 3: a number was expected, and “/” is none" },
  { "1e999", "Line 1, column 1: the number “1e999” is too large" },
  { "1 -1e39", "Line 1, column 3: the number “-1e39” is too large" },
  { "1e38/1e-3", "Line 1, column 1: the number “1e38/1e-3” is too large" },
  { "1 2,", "Line 1, column 5: a number was expected after the comma" },
  { "1,,2", "Line 1, column 3: a number was expected after the comma" },
  { "1 2,; 3 4", "Line 1, column 5: a number was expected after the comma" },
  { ", 1", "Line 1, column 1: a number was expected before the comma" },
  { "1 2; 3", "Line 1, column 7: this row has 1 numbers, and the rows before it 2" },
  { "1 2\n3 4 5\n", "Line 2, column 6: this row has 3 numbers, and the rows before it 2" },
  { "1 2; 3 4 | 5 6", "Line 1, column 15: this plane has 1 rows, and the planes before it 2" },
  { "1 2 | 3 4 5", "Line 1, column 12: this row has 3 numbers, and the rows before it 2" },
  { "1 | 2 || 3", "Line 1, column 11: this filter has 1 planes, and the filters before it 2" },
  { "| 1", "Line 1, column 1: a number was expected" },
  { "1 |", "Line 1, column 4: a number was expected" },
  { "1 || ", "Line 1, column 6: a number was expected" },
  { "1 ||| 2", "Line 1, column 5: a number was expected" },
  { "ü 1", "Line 1, column 1: a number was expected, and “ü” is none" },
  { "1 ü x", "Line 1, column 3: a number was expected, and “ü” is none" },
  { "1 “2”", "Line 1, column 3: a number was expected, and ““2”” is none" },
  { "1 aaaaaaaaaabbbbbbbbbbcccccccccc",
    "Line 1, column 3: a number was expected, and “aaaaaaaaaabbbbbbbbbb” is none" },
};

static void
test_broken (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (broken); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (CnKernel) kernel = cn_kernel_parse (broken[i].text, &error);

      if (kernel)
        g_error ("“%s” was taken", broken[i].text);
      g_assert_error (error, CN_ERROR, CN_ERROR_PARSE);
      if (strcmp (error->message, broken[i].message) != 0)
        {
          g_test_message ("“%s”: “%s”, and not “%s”", broken[i].text, error->message,
                          broken[i].message);
          g_test_fail ();
        }
      g_assert_null (cn_kernel_parse (broken[i].text, NULL));
    }
}

static void
test_not_utf8 (void)
{
  static const char *const texts[] = { "\xff", "1 2 \xc3", "a\xfe\xff" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (cn_kernel_parse (texts[i], &error));
      g_assert_error (error, CN_ERROR, CN_ERROR_PARSE);
      g_clear_error (&error);
      g_assert_null (cn_kernel_lookup (texts[i], NULL, &error));
      g_assert_true (error->domain == CN_ERROR);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
    }
}

/* “1” so many times, with a separator between. */
static char *
repeat (const char *separator, int times)
{
  GString *text = g_string_new ("1");

  for (int i = 1; i < times; i++)
    g_string_append_printf (text, "%s1", separator);
  return g_string_free (text, FALSE);
}

static void
test_largest (void)
{
  g_autofree char *row = repeat (" ", 255), *column = repeat (";", 255);
  g_autofree char *long_row = repeat (" ", 256), *long_column = repeat ("\n", 256);
  g_autoptr (CnKernel) wide = cn_kernel_parse (row, NULL), high = cn_kernel_parse (column, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (wide->width, ==, CN_KERNEL_MAX);
  g_assert_cmpint (high->height, ==, CN_KERNEL_MAX);
  g_assert_null (cn_kernel_parse (long_row, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_PARSE);
  g_assert_cmpstr (error->message, ==, "Line 1, column 511: a row has more than 255 numbers");
  g_clear_error (&error);
  g_assert_null (cn_kernel_parse (long_column, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_PARSE);
  g_assert_cmpstr (error->message, ==, "Line 256, column 2: a kernel has more than 255 rows");
}

/* Random bytes, and right texts with one byte changed: an answer, no crash. */
static void
test_garbage (void)
{
  static const char letters[] = "0123456789+-.eE/,;| \n\t\rxn\xc3\xbc";

  for (int i = 0; i < 4000; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (CnKernel) kernel = NULL;
      int length = g_test_rand_int_range (0, i % 100 == 0 ? 20000 : 30);
      g_autofree char *text =
          i % 2 ? g_strdup (forms[i % G_N_ELEMENTS (forms)].text) : g_malloc (length + 1);

      if (i % 2)
        text[g_test_rand_int_range (0, strlen (text))] = (char) g_test_rand_int_range (1, 256);
      else
        {
          for (int k = 0; k < length; k++)
            text[k] = letters[g_test_rand_int_range (0, sizeof letters - 1)];
          text[length] = '\0';
        }
      kernel = cn_kernel_lookup (text, NULL, &error);
      g_assert_true ((kernel == NULL) == (error != NULL));
      if (kernel)
        g_assert_cmpint (MAX (kernel->height, kernel->width), <=, CN_KERNEL_MAX);
      else
        g_assert_true (error->domain == CN_ERROR);
    }
}

/* One long word is shown cut short. */
static void
test_long_word (void)
{
  g_autofree char *word = g_strnfill (1000000, 'a');
  g_autoptr (GError) error = NULL;

  g_assert_null (cn_kernel_lookup (word, NULL, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_ARGUMENT);
  g_assert_cmpint (strlen (error->message), <, 200);
}

static void
test_lookup (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CnKernel) kernel = cn_kernel_lookup ("\n sobel ", NULL, NULL);
  static const float sobel[] = { 1, 0, -1, 2, 0, -2, 1, 0, -1 };

  g_assert_cmpmem (kernel->weights, 9 * sizeof (float), sobel, sizeof sobel);
  g_assert_null (cn_kernel_lookup ("sobell", NULL, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_ARGUMENT);
  g_assert_cmpstr (error->message, ==,
                   "“sobell” is neither the name of a kernel nor rows of numbers");
  g_clear_error (&error);
  g_assert_null (cn_kernel_lookup ("", NULL, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_PARSE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/kernel/forms", test_forms);
  g_test_add_func ("/kernel/broken", test_broken);
  g_test_add_func ("/kernel/not-utf8", test_not_utf8);
  g_test_add_func ("/kernel/largest", test_largest);
  g_test_add_func ("/kernel/garbage", test_garbage);
  g_test_add_func ("/kernel/long-word", test_long_word);
  g_test_add_func ("/kernel/lookup", test_lookup);
  return g_test_run ();
}
