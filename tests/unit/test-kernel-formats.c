/* test-kernel-formats.c: kernels as four programs write them: ImageMagick, G'MIC, ImageJ and
 * libvips, each as its documentation has it, told apart without being told; and what is wrong with
 * others. SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "filters/core/error.h"
#include "filters/kernels/kernel.h"

typedef struct
{
  const char *program, *text;
  int height, width;
  float weights[25];
  float bias;
} Form;

#define SOBEL                    \
  {                              \
    1, 0, -1, 2, 0, -2, 1, 0, -1 \
  }

static const Form forms[] = {
  /* The size, then numbers with commas, blanks or lines between. */
  { "ImageMagick", "3x3: 1,0,-1 2,0,-2 1,0,-1", 3, 3, SOBEL, 0 },
  { "ImageMagick", "3x3:1,0,-1,2,0,-2,1,0,-1", 3, 3, SOBEL, 0 },
  { "ImageMagick", "3: 1,0,-1  2,0,-2  1,0,-1", 3, 3, SOBEL, 0 },
  { "ImageMagick", "\n3x3:\n  1, 0, -1\n  2, 0, -2\n  1, 0, -1\n", 3, 3, SOBEL, 0 },
  { "ImageMagick", "3X3+1+1: 1 0 -1 2 0 -2 1 0 -1;", 3, 3, SOBEL, 0 },
  { "ImageMagick", "3x1: 0.5,-,nan", 1, 3, { 0.5f, 0, 0 }, 0 },
  { "ImageMagick", "1x3: NaN,1,- ", 3, 1, { 0, 1, 0 }, 0 },
  { "ImageMagick", "4x2+1+0: 1 2 3 4 5 6 7 8", 2, 4, { 1, 2, 3, 4, 5, 6, 7, 8 }, 0 },
  { "ImageMagick", "1: 5", 1, 1, { 5 }, 0 },
  { "ImageMagick", "# from a script\n2x1: -1,.25", 1, 2, { -1, 0.25f }, 0 },

  { "G'MIC", "(1,0,-1;2,0,-2;1,0,-1)", 3, 3, SOBEL, 0 },
  { "G'MIC", " ( 1, 0 ,-1 ; 2,0,-2; 1,0,-1 )\n", 3, 3, SOBEL, 0 },
  { "G'MIC", "(0.25)", 1, 1, { 0.25f }, 0 },
  { "G'MIC", "(1,0,-1;\n2,0,-2;\n1,0,-1)\n", 3, 3, SOBEL, 0 },

  /* Blanks between the numbers, a line end after each row. */
  { "ImageJ", "1 0 -1\n2 0 -2\n1 0 -1\n", 3, 3, SOBEL, 0 },
  { "ImageJ", " 1  0 -1\r\n 2  0 -2\r\n 1  0 -1\r\n", 3, 3, SOBEL, 0 },
  { "ImageJ",
    "-1 -1 -1 -1 -1\n-1 -1 -1 -1 -1\n-1 -1 24 -1 -1\n-1 -1 -1 -1 -1\n-1 -1 -1 -1 -1",
    5,
    5,
    { -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 24,
      -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1 },
    0 },

  /* Width, height, scale and offset, of which the last two may be missing; then the rows, with any
     mixture of blanks, commas and quotation marks. */
  { "libvips", "3 3 1 0\n1 0 -1\n2 0 -2\n1 0 -1\n", 3, 3, SOBEL, 0 },
  { "libvips", "3 3\n1 0 -1\n2 0 -2\n1 0 -1\n", 3, 3, SOBEL, 0 },
  { "libvips", "3 3 1\n1 0 -1\n2 0 -2\n1 0 -1", 3, 3, SOBEL, 0 },
  { "libvips", "3\t3\t-0.5\t0\r\n-.5\t0\t.5\r\n-1\t0\t1\r\n-.5\t0\t.5\r\n", 3, 3, SOBEL, 0 },
  { "libvips", "\"3\",\"3\",1,0\n1,0,-1\n\"2\", 0,-2\n1,,0,-1,\n", 3, 3, SOBEL, 0 },
  { "libvips", "2 1 4 51\n1 3\n", 1, 2, { 0.25f, 0.75f }, 0.2f },
  { "libvips", "1 3 2 -255\n2\n4\n2\n", 3, 1, { 1, 2, 1 }, -1 },
  { "libvips",
    "4 3 1 0\n1 2 3 4\n5 6 7 8\n9 10 11 12",
    3,
    4,
    { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 },
    0 },
  { "libvips", "2 2\n1 0\n0 -1\n", 2, 2, { 1, 0, 0, -1 }, 0 },

  /* Rows of our own that begin as libvips' file does, and are none. */
  { "rows", "2 1\n1 -1", 2, 2, { 2, 1, 1, -1 }, 0 },
  { "rows", "3 2 1\n2 1 0\n1 0 -1", 3, 3, { 3, 2, 1, 2, 1, 0, 1, 0, -1 }, 0 },
  { "rows", "3 3 1;\n1 0 -1\n2 0 -2\n1 0 -1", 4, 3, { 3, 3, 1, 1, 0, -1, 2, 0, -2, 1, 0, -1 }, 0 },
  { "rows", "3 3 3; 1 1 1; 2 2 2; 3 3 3", 4, 3, { 3, 3, 3, 1, 1, 1, 2, 2, 2, 3, 3, 3 }, 0 },
  { "rows", "3 1\n1 2\n0 1", 3, 2, { 3, 1, 1, 2, 0, 1 }, 0 },
  { "rows", "2 3\n1 2\n0 1", 3, 2, { 2, 3, 1, 2, 0, 1 }, 0 },

  { "bias", "1 2 1; bias 0.5", 1, 3, { 1, 2, 1 }, 0.5f },
  { "bias", "1\n2\nbias\t-1/4\n", 2, 1, { 1, 2 }, -0.25f },
  { "bias", "-1;bias 1;;\n# the end\n", 1, 1, { -1 }, 1 },
};

static void
test_forms (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      const Form *f = &forms[i];
      g_autoptr (GError) error = NULL;
      g_autoptr (CnKernel) kernel = cn_kernel_parse (f->text, &error);
      gsize size = (gsize) f->height * f->width * sizeof (float);

      g_test_message ("%s: %s", f->program, f->text);
      g_assert_no_error (error);
      g_assert_cmpint (kernel->filters * kernel->planes, ==, 1);
      g_assert_cmpint (kernel->height, ==, f->height);
      g_assert_cmpint (kernel->width, ==, f->width);
      g_assert_cmpmem (kernel->weights, size, f->weights, size);
      g_assert_cmpfloat (kernel->bias, ==, f->bias);
    }
}

static const struct
{
  const char *text, *message;
} broken[] = {
  { "Sobel:", "Line 1, column 1: “Sobel:” is a kernel that ImageMagick makes, and numbers were "
              "expected" },
  { "\n Gaussian:0x1", "Line 2, column 2: “Gaussian:0x1” is a kernel that ImageMagick makes, and "
                       "numbers were expected" },
  { "3x3>: 1 2 3", "Line 1, column 4: “>” makes a list of turned kernels, and one kernel was "
                   "expected" },
  { "3x3@: 1 2 3", "Line 1, column 4: “@” makes a list of turned kernels, and one kernel was "
                   "expected" },
  { "3x3<: 1 2 3", "Line 1, column 4: “<” makes a list of turned kernels, and one kernel was "
                   "expected" },
  { "3x3+0+1: 1", "Line 1, column 4: the kernel's middle is +1+1 here, and cannot be moved" },
  { "4x2+2+0: 1", "Line 1, column 4: the kernel's middle is +1+0 here, and cannot be moved" },
  { "3x3+1: 1", "Line 1, column 4: the kernel's middle is +1+1 here, and cannot be moved" },
  { "3x3-: 1", "Line 1, column 4: the kernel's middle is +1+1 here, and cannot be moved" },
  { "3x: 1", "Line 1, column 3: the kernel's size was expected, such as “3x3:”" },
  { "3x3x3: 1", "Line 1, column 4: “:” was expected after the kernel's size" },
  { "0x3: 1", "Line 1, column 1: a kernel has 1 to 255 rows and columns" },
  { "3x256: 1", "Line 1, column 3: a kernel has 1 to 255 rows and columns" },
  { "99999999999999999999x1: 1", "Line 1, column 1: a kernel has 1 to 255 rows and columns" },
  { "3x3: 1,0,-1\n2,0,-2 1,0", "Line 2, column 11: 3×3 numbers were expected, and there are 8" },
  { "2x2: 1,2;3,4", "Line 1, column 9: 2×2 numbers were expected, and there are 2" },
  { "2x1: 1,2,3", "Line 1, column 10: the kernel's 2×1 numbers end here, and more follow" },
  { "1x1: 1; 1x1: 2", "Line 1, column 7: “;” begins another kernel, and one kernel was expected" },
  { "2x1: 1,x", "Line 1, column 8: a number was expected, and “x” is none" },
  { "2x1: 1,nano", "Line 1, column 8: a number was expected, and “nano” is none" },
  { "2x1: 1,--", "Line 1, column 8: a number was expected, and “--” is none" },
  { "2x1: 1,1/0", "Line 1, column 8: the fraction divides by zero" },
  { ":", "Line 1, column 1: a number was expected, and “:” is none" },

  { "(1,2;3,4", "Line 1, column 9: “)” was expected" },
  { "(1,2;3)", "Line 1, column 7: this row has 1 numbers, and the rows before it 2" },
  { "(1,2/3,4)", "Line 1, column 5: “/” begins another slice or channel in G'MIC, which a kernel "
                 "does not have" },
  { "(1,2^3,4)", "Line 1, column 5: “^” begins another slice or channel in G'MIC, which a kernel "
                 "does not have" },
  { "(1,2) 3", "Line 1, column 7: the end was expected, and not “3”" },
  { "(1,2),(3)", "Line 1, column 6: the end was expected, and not “,”" },
  { "(1,)", "Line 1, column 4: a number was expected after the comma" },
  { "()", "Line 1, column 2: a number was expected" },
  { "((1))", "Line 1, column 2: a number was expected, and “(1” is none" },
  { "1,2)", "Line 1, column 3: a number was expected, and “2)” is none" },

  { "1 0 -1\n2 0\n1 0 -1", "Line 2, column 4: this row has 2 numbers, and the rows before it 3" },

  { "3 3 0 0\n1 0 -1\n2 0 -2\n1 0 -1", "Line 1, column 5: the scale is zero" },
  { "0 0\n", "" }, /* one row of ours */
  { "3 3 1 0\n1 0 -1\n2 x -2\n1 0 -1", "Line 3, column 3: a number was expected, and “x” is none" },
  { "2 1 1e-30 0\n1 1e20",
    "Line 2, column 3: the number is too large when it is divided by 1e-30" },
  { "3 3 1 0\n1 0 -1\n2 0 -2",
    "Line 2, column 7: this row has 3 numbers, and the rows before it 4" },
};

static void
test_broken (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (broken); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (CnKernel) kernel = cn_kernel_parse (broken[i].text, &error);

      if (!*broken[i].message && kernel)
        continue;
      if (kernel)
        g_error ("“%s” was taken", broken[i].text);
      g_assert_error (error, CN_ERROR, CN_ERROR_PARSE);
      if (strcmp (error->message, broken[i].message) != 0)
        {
          g_test_message ("“%s”: “%s”, and not “%s”", broken[i].text, error->message,
                          broken[i].message);
          g_test_fail ();
        }
    }
}

/* A matrix file of libvips that is too large, and one of the largest. */
static void
test_large_vips (void)
{
  g_autoptr (GString) text = g_string_new ("255 256\n");
  g_autoptr (GError) error = NULL;
  g_autoptr (CnKernel) kernel = NULL;

  for (int y = 0; y < 256; y++)
    for (int x = 0; x < 255; x++)
      g_string_append_printf (text, "%d%s", x % 10, x < 254 ? " " : "\n");
  g_assert_null (cn_kernel_parse (text->str, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_PARSE);
  g_assert_cmpstr (error->message, ==, "Line 1, column 5: a kernel has 1 to 255 rows and columns");
  text->str[6] = '5';
  g_string_truncate (text, text->len - 2 * 255);
  kernel = cn_kernel_parse (text->str, NULL);
  g_assert_cmpint (kernel->height, ==, 255);
  g_assert_cmpint (kernel->width, ==, 255);
  g_assert_cmpfloat (kernel->weights[255 * 255 - 1], ==, 4);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/kernel-formats/forms", test_forms);
  g_test_add_func ("/kernel-formats/broken", test_broken);
  g_test_add_func ("/kernel-formats/large-vips", test_large_vips);
  return g_test_run ();
}
