/* test-kernel-write.c: kernels written and read again are the same to the bit, in every format; and
 * texts that hurt a careless reader take no longer than their length warrants.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "filters/core/error.h"
#include "filters/kernels/kernel.h"

static float
any_float (void)
{
  union
  {
    guint32 bits;
    float value;
  } word;

  switch (g_test_rand_int_range (0, 4))
    {
    case 0:
      return (float) g_test_rand_int_range (-9, 10);
    case 1:
      return (float) g_test_rand_double_range (-2, 2);
    case 2:
      return (float) g_test_rand_int_range (-99, 100) / 16;
    default:
      do
        word.bits = (guint32) g_test_rand_int ();
      while (!isfinite (word.value));
      return word.value;
    }
}

static CnKernel *
any_kernel (int filters, int planes)
{
  CnKernel *kernel =
      cn_kernel_new (filters, planes, g_test_rand_int_range (1, 6), g_test_rand_int_range (1, 6));

  for (gsize i = 0; i < cn_kernel_count (kernel); i++)
    kernel->weights[i] = any_float ();
  return kernel;
}

static void
check_same (const CnKernel *a, const CnKernel *b, const char *text)
{
  g_test_message ("%s", text);
  g_assert_cmpint (a->filters, ==, b->filters);
  g_assert_cmpint (a->planes, ==, b->planes);
  g_assert_cmpint (a->height, ==, b->height);
  g_assert_cmpint (a->width, ==, b->width);
  g_assert_cmpmem (a->weights, cn_kernel_count (a) * sizeof (float), b->weights,
                   cn_kernel_count (b) * sizeof (float));
  g_assert_cmpmem (&a->bias, sizeof (float), &b->bias, sizeof (float));
}

static void
check_round (const CnKernel *kernel, CnKernelFormat format, const char *separator)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = cn_kernel_format (kernel, format, separator, &error);
  g_autoptr (CnKernel) again = NULL;

  g_assert_no_error (error);
  again = cn_kernel_parse (text, &error);
  if (error)
    g_test_message ("%s", text);
  g_assert_no_error (error);
  check_same (kernel, again, text);
}

static void
test_round (void)
{
  for (int i = 0; i < 3000; i++)
    {
      g_autoptr (CnKernel) many =
          any_kernel (g_test_rand_int_range (1, 4), g_test_rand_int_range (1, 4));
      g_autoptr (CnKernel) one = any_kernel (1, 1);

      check_round (one, CN_KERNEL_IMAGEMAGICK, NULL);
      if (i % 2)
        one->bias = many->bias = any_float ();
      check_round (many, CN_KERNEL_ROWS, i % 4 < 2 ? "; " : "\n");
      check_round (one, CN_KERNEL_ROWS, i % 4 < 2 ? "\n" : "; ");
      one->bias = (float) g_test_rand_double_range (-2, 2);
      check_round (one, CN_KERNEL_VIPS, NULL);
    }
}

/* Rows that begin as libvips' files do: every width, height and first row of small numbers. */
static void
test_like_vips (void)
{
  for (int code = 0; code < 5 * 5 * 6 * 6 * 2; code++)
    {
      int height = code % 5 + 1, width = code / 5 % 5 + 1;
      g_autoptr (CnKernel) kernel = cn_kernel_new (1, 1, height, width);

      for (int i = 0; i < height * width; i++)
        kernel->weights[i] = (float) (i % 4);
      kernel->weights[0] = (float) (code / 25 % 6);
      if (width > 1)
        kernel->weights[1] = (float) (code / 150 % 6);
      kernel->bias = (float) (code / 900);
      check_round (kernel, CN_KERNEL_ROWS, "\n");
      check_round (kernel, CN_KERNEL_ROWS, "; ");
      check_round (kernel, CN_KERNEL_VIPS, NULL);
    }
}

static void
test_texts (void)
{
  static const float weights[] = { 1, -0.1f, 1 / 3.0f, 1e10f, 0, 2.5f };
  g_autoptr (CnKernel) kernel = cn_kernel_new (1, 1, 2, 3);
  g_autoptr (CnKernel) filters = cn_kernel_new (2, 2, 1, 2);
  g_autofree char *rows = NULL, *lines = NULL, *magick = NULL, *vips = NULL, *many = NULL;

  memcpy (kernel->weights, weights, sizeof weights);
  rows = cn_kernel_format (kernel, CN_KERNEL_ROWS, "; ", NULL);
  g_assert_cmpstr (rows, ==, "1 -0.1 0.33333334; 1e+10 0 2.5");
  lines = cn_kernel_format (kernel, CN_KERNEL_ROWS, "\n", NULL);
  g_assert_cmpstr (lines, ==, "1 -0.1 0.33333334\n1e+10 0 2.5");
  magick = cn_kernel_format (kernel, CN_KERNEL_IMAGEMAGICK, NULL, NULL);
  g_assert_cmpstr (magick, ==, "3x2: 1,-0.1,0.33333334 1e+10,0,2.5");
  kernel->bias = 0.5f;
  vips = cn_kernel_format (kernel, CN_KERNEL_VIPS, NULL, NULL);
  g_assert_cmpstr (vips, ==, "3 2 1 127.5\n1 -0.1 0.33333334\n1e+10 0 2.5\n");
  filters->bias = 1;
  many = cn_kernel_format (filters, CN_KERNEL_ROWS, "; ", NULL);
  g_assert_cmpstr (many, ==, "0 0 | 0 0 || 0 0 | 0 0; bias 1");
}

static void
check_refused (const CnKernel *kernel, CnKernelFormat format, const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (cn_kernel_format (kernel, format, "; ", &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_ARGUMENT);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_refused (void)
{
  g_autoptr (CnKernel) many = cn_kernel_new (2, 3, 1, 1), one = cn_kernel_new (1, 1, 1, 1);

  check_refused (many, CN_KERNEL_IMAGEMAGICK,
                 "ImageMagick's kernels have one plane, and this one has 6");
  check_refused (many, CN_KERNEL_VIPS, "libvips's kernels have one plane, and this one has 6");
  one->bias = 1;
  check_refused (one, CN_KERNEL_IMAGEMAGICK,
                 "ImageMagick's kernels have no bias, and this one has 1");
  one->weights[0] = NAN;
  check_refused (one, CN_KERNEL_ROWS, "The kernel holds a value that is infinite or not a number");
  one->weights[0] = 0;
  one->bias = INFINITY;
  check_refused (one, CN_KERNEL_VIPS, "The kernel holds a value that is infinite or not a number");
}

/* `part` over and over, some megabytes of it, with something before and after. */
static char *
flood (const char *before, const char *part, const char *after)
{
  gsize length = strlen (part), times = (4 << 20) / length;
  GString *text = g_string_sized_new (times * length + 100);

  g_string_append (text, before);
  for (gsize i = 0; i < times; i++)
    g_string_append_len (text, part, (gssize) length);
  g_string_append (text, after);
  return g_string_free (text, FALSE);
}

/* Four megabytes each. In proportion to the length they take milliseconds, under a sanitizer some
   hundred; were it to the square, they would take hours. */
static void
test_hostile (void)
{
  static const struct
  {
    const char *before, *part, *after;
  } texts[] = {
    { "", "9", "" },
    { "", "0", "" },
    { "1.", "3", "" },
    { "1e", "9", "" },
    { "", "1", "/3" },
    { "1/", "7", "" },
    { "", ";", "" },
    { "1", ";", "1" },
    { "", "\n", "" },
    { "", ",", "" },
    { "1", " ", "x" },
    { "1,", "\n", "" },
    { "1 2", ";\n", " 1 2" },
    { "", "|", "" },
    { "", "1|", "1" },
    { "", "1||", "1" },
    { "", "1 | 1 || ", "1" },
    { "", "(", "" },
    { "(", "1;", ")" },
    { "", "#", "" },
    { "", "#\n", "1" },
    { "1 ", "\n #", "" },
    { "1", "\n#1 2 3", "" },
    { "1 ", " #", "" },
    { "", "\t", "#" },
    { "3x3: ", "1 ", "" },
    { "3x3:", ",", "" },
    { "3x3:", " -", "" },
    { "", "3", "x3: 1" },
    { "", "3x", ": 1" },
    { "3x3+", "1", ": 1" },
    { "", "+", "1: 1" },
    { "3 3 1 0\n", "1 ", "" },
    { "3 3 1 0\n", "\"", "" },
    { "1 900000\n", "1\n", "" },
    { "255 255\n", "1\n", "" },
    { "4 4\n", "1 1 1 1\n", "" },
    { "1", "\nbias 1", "" },
    { "Sobel:", "0", "" },
    { "", "ü", "" },
    { "1 ", "ü", "" },
    { "", "-", "1" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *text = flood (texts[i].before, texts[i].part, texts[i].after);
      g_autoptr (GError) error = NULL;
      gint64 start = g_get_monotonic_time ();
      g_autoptr (CnKernel) kernel = cn_kernel_lookup (text, NULL, &error);
      double seconds = (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC;

      g_test_message ("“%s%s…”: %.3f s, %s", texts[i].before, texts[i].part, seconds,
                      error ? error->message : "taken");
      g_assert_true ((kernel == NULL) == (error != NULL));
      g_assert_cmpfloat (seconds, <, 5);
      if (error)
        g_assert_cmpint (strlen (error->message), <, 250);
      if (kernel)
        g_assert_cmpint (
            MAX (MAX (kernel->height, kernel->width), MAX (kernel->planes, kernel->filters)), <=,
            CN_KERNEL_MAX);
    }
}

/* Pieces of texts of all formats, in any order: an answer, no crash, and what is taken can be
 * written. */
static void
test_pieces (void)
{
  static const char *const pieces[] = { "3x3:", "3x1:", "1",    "2",  "3",    "-1", " ",   "\n",
                                        ",",    ";",    "|",    "||", "(",    ")",  "nan", "-",
                                        "1/9",  "#",    "bias", ":",  "+1+1", "@",  "\"",  "0",
                                        "e9",   ".5",   "\t",   "ü",  "/",    "^" };

  for (int i = 0; i < 20000; i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (CnKernel) kernel = NULL;
      int count = g_test_rand_int_range (1, 25);

      while (count--)
        g_string_append (text,
                         pieces[g_test_rand_int_range (0, i % 3 ? 12 : G_N_ELEMENTS (pieces))]);
      kernel = cn_kernel_parse (text->str, &error);
      g_assert_true ((kernel == NULL) == (error != NULL));
      if (kernel)
        check_round (kernel, CN_KERNEL_ROWS, i % 2 ? "\n" : "; ");
      else
        g_assert_error (error, CN_ERROR, CN_ERROR_PARSE);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/kernel-write/round", test_round);
  g_test_add_func ("/kernel-write/like-vips", test_like_vips);
  g_test_add_func ("/kernel-write/texts", test_texts);
  g_test_add_func ("/kernel-write/refused", test_refused);
  g_test_add_func ("/kernel-write/hostile", test_hostile);
  g_test_add_func ("/kernel-write/pieces", test_pieces);
  return g_test_run ();
}
