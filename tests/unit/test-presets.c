/* test-presets.c: the presets: what the file must hold, and for every preset at many sizes, angles
 * and sigmas: its sum, its symmetries, and that it turns as a user expects.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <float.h>
#include <math.h>
#include <string.h>

#include "filters/core/error.h"
#include "filters/kernels/kernel.h"

static CnKernel *
make (const char *id, int size, double angle, double sigma)
{
  g_autoptr (GError) error = NULL;
  const CnPreset *preset = cn_preset (id);
  CnKernel *kernel;

  g_assert_nonnull (preset);
  kernel = cn_preset_kernel (preset, &(CnKernelParameters){ size, angle, sigma }, &error);
  g_assert_no_error (error);
  return kernel;
}

static double
strength (const CnKernel *kernel)
{
  double sum = 0;

  for (gsize i = 0; i < cn_kernel_count (kernel); i++)
    sum += fabs (kernel->weights[i]);
  return sum;
}

/* Whether two kernels are the same but for rounding of their larger weights. */
static gboolean
near (const CnKernel *a, const CnKernel *b)
{
  double largest = 0;

  if (a->height != b->height || a->width != b->width)
    return FALSE;
  for (gsize i = 0; i < cn_kernel_count (a); i++)
    largest = MAX (largest, fabs (a->weights[i]));
  for (gsize i = 0; i < cn_kernel_count (a); i++)
    if (!(fabs (a->weights[i] - b->weights[i]) <= 4 * FLT_EPSILON * largest))
      return FALSE;
  return TRUE;
}

static void
test_file (void)
{
  static const char *const groups[] = { "Lecture", "Edges",  "Second derivatives", "Blur",
                                        "Sharpen", "Relief", "Texture and lines",  "Patterns",
                                        "Other",   "Learned" };
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  guint count, group = 0;
  const CnPreset *presets = cn_presets (&count);

  g_assert_cmpint (count, >=, 40);
  for (guint i = 0; i < count; i++)
    {
      const CnPreset *p = &presets[i];

      g_test_message ("%s", p->id);
      g_assert_true (g_ascii_isalpha (p->id[0]));
      g_assert_cmpint (strspn (p->id, "abcdefghijklmnopqrstuvwxyz0123456789-"), ==, strlen (p->id));
      g_assert_true (g_hash_table_add (ids, (gpointer) p->id));
      g_assert_true (g_hash_table_add (names, (gpointer) p->name));
      g_assert_true (cn_preset (p->id) == p);
      g_assert_cmpint (strlen (p->name), >, 0);
      g_assert_true (g_str_has_suffix (p->summary, "."));
      g_assert_cmpint (p->typical.size, >=, 0);
      g_assert_cmpfloat (p->typical.angle, ==, 0);
      if (p->parameters & CN_PARAMETER_SIGMA)
        g_assert_cmpfloat (p->typical.sigma, >, 0);
      else
        g_assert_cmpint (p->typical.size, >, 0);
      while (group < G_N_ELEMENTS (groups) && strcmp (p->group, groups[group]) != 0)
        group++; /* each group once, in this order */
      g_assert_cmpint (group, <, G_N_ELEMENTS (groups));
    }
  g_assert_null (cn_preset ("sobell"));
  g_assert_null (cn_preset (""));
}

static void
check_weights (const CnPreset *preset, const CnKernel *kernel)
{
  gboolean blur = strcmp (preset->group, "Blur") == 0;

  g_assert_cmpint (kernel->filters * kernel->planes, ==, 1);
  for (gsize i = 0; i < cn_kernel_count (kernel); i++)
    {
      float weight = kernel->weights[i];

      g_assert_true (isfinite (weight));
      g_assert_false (weight == 0 && signbit (weight));
      if (blur)
        g_assert_cmpfloat (weight, >=, 0);
    }
}

/* 1 or 0, whatever the parameters: each weight is rounded once, by at most ε/2 of itself. Texts
   with fractions are rounded so too. Kernels of √2 and those of 1/5 add up in other ways. */
static void
check_sum (const CnPreset *preset, const CnKernel *kernel)
{
  static const char *const zero[] = { "Edges", "Second derivatives", "Texture and lines",
                                      "Patterns" };
  static const struct
  {
    const char *id;
    double sum;
  } others[] = { { "vertical-edge", 0 }, { "horizontal-edge", 0 },  { "sobel", 0 },
                 { "high-pass", 0 },     { "sobel-horizontal", 0 }, { "relief", 0 },
                 { "negative", -1 } };
  double sum = 1;

  if (strcmp (preset->group, "Learned") == 0) /* rounded to three digits: test-learned.c */
    return;
  for (guint i = 0; i < G_N_ELEMENTS (zero); i++)
    if (strcmp (preset->group, zero[i]) == 0)
      sum = 0;
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    if (strcmp (preset->id, others[i].id) == 0)
      sum = others[i].sum;
  g_assert_cmpfloat (fabs (cn_kernel_sum (kernel) - sum), <=, FLT_EPSILON * strength (kernel));
  g_assert_cmpfloat (strength (kernel), >, 0);
}

/* Every preset, at many sizes, angles and sigmas. */
static void
test_all (void)
{
  static const int sizes[] = { 0, 3, 4, 5, 8, 15, 33, 255 };
  static const double angles[] = { 0, 45, 30, -123.4, 360 },
                      sigmas[] = { 0, 1e-9, 0.3, 1, 5.5, 64 };
  guint count;
  const CnPreset *presets = cn_presets (&count);

  for (guint i = 0; i < count; i++)
    for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
      for (guint a = 0; a < G_N_ELEMENTS (angles); a++)
        for (guint g = 0; g < G_N_ELEMENTS (sigmas); g++)
          {
            const CnPreset *p = &presets[i];
            g_autoptr (CnKernel) kernel = NULL;

            if ((s > 0 && !(p->parameters & CN_PARAMETER_SIZE))
                || (a > 0 && !(p->parameters & CN_PARAMETER_ANGLE))
                || (g > 0 && !(p->parameters & CN_PARAMETER_SIGMA)) || (s == 7 && a + g > 0))
              continue;
            kernel = make (p->id, sizes[s], angles[a], sigmas[g]);
            g_test_message ("%s, size %d, angle %g, sigma %g", p->id, sizes[s], angles[a],
                            sigmas[g]);
            check_weights (p, kernel);
            check_sum (p, kernel);
            if (sizes[s] > 0)
              g_assert_cmpint (kernel->height, ==, sizes[s]);
            else if (p->typical.size > 0)
              g_assert_cmpint (kernel->height, ==, p->typical.size);
            if (s == 0 && a == 0 && g == 0)
              {
                g_autoptr (CnKernel) plain = cn_preset_kernel (p, NULL, NULL);
                g_autoptr (CnKernel) found = cn_kernel_lookup (p->id, NULL, NULL);

                g_assert_true (near (plain, kernel) && near (found, kernel));
              }
          }
}

static void
check_text (const char *id, int size, double angle, double sigma, const char *text)
{
  g_autoptr (CnKernel) kernel = make (id, size, angle, sigma);
  g_autofree char *is = cn_kernel_format (kernel, CN_KERNEL_ROWS, "; ", NULL);

  g_test_message ("%s, size %d, angle %g, sigma %g", id, size, angle, sigma);
  g_assert_cmpstr (is, ==, text);
}

/* Kernels as the lecture and the books have them, to the bit. */
static void
test_exact (void)
{
#define VERTICAL "1 0 -1; 1 0 -1; 1 0 -1"
#define HORIZONTAL "1 1 1; 0 0 0; -1 -1 -1"
#define SOBEL_0 "1 0 -1; 2 0 -2; 1 0 -1"
#define SOBEL_45 "2 1 0; 1 0 -1; 0 -1 -2"
#define SOBEL_90 "1 2 1; 0 0 0; -1 -2 -1"
  check_text ("vertical-edge", 0, 0, 0, VERTICAL);
  check_text ("vertical-edge", 9, 90, 3, VERTICAL);
  check_text ("horizontal-edge", 0, 0, 0, HORIZONTAL);
  check_text ("edge", 0, 0, 0, VERTICAL);
  check_text ("edge", 3, 90, 0, HORIZONTAL);
  check_text ("edge", 3, -90, 0, "-1 -1 -1; 0 0 0; 1 1 1");
  check_text ("edge", 3, 180, 0, "-1 0 1; -1 0 1; -1 0 1");
  check_text ("edge", 3, -270, 0, HORIZONTAL);
  check_text ("edge", 3, 360, 0, VERTICAL);
  check_text ("sobel", 0, 0, 0, SOBEL_0);
  check_text ("sobel-horizontal", 0, 0, 0, SOBEL_90);
  check_text ("sobel-angle", 0, 0, 0, SOBEL_0);
  check_text ("sobel-angle", 3, 90, 0, SOBEL_90);
  check_text ("sobel-angle", 3, 180, 0, "-1 0 1; -2 0 2; -1 0 1");
  check_text ("scharr", 0, 90, 0, "3 10 3; 0 0 0; -3 -10 -3");
  check_text ("prewitt", 0, 45, 0, "1 1 0; 1 0 -1; 0 -1 -1");
  check_text ("prewitt", 0, 90, 0, HORIZONTAL);
  check_text ("robinson", 0, 45, 0, SOBEL_45);
  check_text ("robinson", 0, 50, 0, SOBEL_45);
  check_text ("robinson", 0, -270, 0, SOBEL_90);
  check_text ("kirsch", 0, 0, 0, "5 -3 -3; 5 0 -3; 5 -3 -3");
  check_text ("kirsch", 0, 45, 0, "5 5 -3; 5 0 -3; -3 -3 -3");
  check_text ("kirsch", 0, 90, 0, "5 5 5; -3 0 -3; -3 -3 -3");
  check_text ("kirsch", 0, -45, 0, "-3 -3 -3; 5 0 -3; 5 5 -3");
  check_text ("line", 0, 0, 0, "-1 2 -1; -1 2 -1; -1 2 -1");
  check_text ("line", 0, 45, 0, "-1 -1 2; -1 2 -1; 2 -1 -1");
  check_text ("line", 0, 90, 0, "-1 -1 -1; 2 2 2; -1 -1 -1");
  check_text ("emboss", 0, 0, 0, "2 1 0; 1 1 -1; 0 -1 -2");
  check_text ("emboss", 0, 90, 0, "0 1 2; -1 1 1; -2 -1 0");
  check_text ("box", 2, 0, 0, "0.25 0.25; 0.25 0.25");
  check_text ("box", 1, 0, 0, "1");
  check_text ("binomial", 0, 0, 0, "0.0625 0.125 0.0625; 0.125 0.25 0.125; 0.0625 0.125 0.0625");
  check_text ("binomial", 2, 0, 0, "0.25 0.25; 0.25 0.25");
  check_text ("tent", 3, 0, 0, "0.0625 0.125 0.0625; 0.125 0.25 0.125; 0.0625 0.125 0.0625");
  check_text ("motion-blur", 4, 90, 0,
              "0 0.125 0.125 0; 0 0.125 0.125 0; 0 0.125 0.125 0; "
              "0 0.125 0.125 0");
  check_text ("motion-blur", 2, 0, 0, "0.25 0.25; 0.25 0.25");
  check_text ("shift", 3, 0, 0, "0 0 0; 1 0 0; 0 0 0");
  check_text ("shift", 3, 90, 0, "0 1 0; 0 0 0; 0 0 0");
  check_text ("shift", 3, 180, 0, "0 0 0; 0 0 1; 0 0 0");
  check_text ("shift", 4, 0, 0, "0 0 0 0; 1 0 0 0; 0 0 0 0; 0 0 0 0");
  check_text ("shift", 1, 0, 0, "1");
  check_text ("checker", 2, 0, 0, "0.5 -0.5; -0.5 0.5");
  check_text ("negative", 0, 0, 0, "-1; bias 1");
  check_text ("roberts", 0, 0, 0, "1 0; 0 -1");
}

static void
check_refused (const char *id, CnKernelParameters parameters, const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (cn_kernel_lookup (id, &parameters, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_ARGUMENT);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_refused (void)
{
  check_refused ("edge", (CnKernelParameters){ .size = 1 },
                 "The size of “edge” is 2 to 255, and not 1");
  check_refused ("box", (CnKernelParameters){ .size = 256 },
                 "The size of “box” is 1 to 255, and not 256");
  check_refused ("box", (CnKernelParameters){ .size = -1 },
                 "The size of “box” is 1 to 255, and not -1");
  check_refused ("cross", (CnKernelParameters){ .size = 2 },
                 "The size of “cross” is 3 to 255, and not 2");
  check_refused ("edge", (CnKernelParameters){ .angle = 361 },
                 "The angle of “edge” is -360 to 360, and not 361");
  check_refused ("edge", (CnKernelParameters){ .angle = NAN },
                 "The angle of “edge” is -360 to 360, and not nan");
  check_refused ("gaussian", (CnKernelParameters){ .sigma = -1 },
                 "The sigma of “gaussian” is 0 to 64, and not -1");
  check_refused ("gaussian", (CnKernelParameters){ .sigma = 65 },
                 "The sigma of “gaussian” is 0 to 64, and not 65");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/presets/file", test_file);
  g_test_add_func ("/presets/all", test_all);
  g_test_add_func ("/presets/exact", test_exact);
  g_test_add_func ("/presets/refused", test_refused);
  return g_test_run ();
}
