/* test-families.c: kernels that are made from a size, an angle and a sigma: that they turn and
 * mirror as a user expects, and answer as strongly at every size.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <float.h>
#include <math.h>

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

static CnKernel *
edited (const char *id, int size, double angle, double sigma, CnKernelEdit edit)
{
  g_autoptr (CnKernel) kernel = make (id, size, angle, sigma);

  return cn_kernel_edit (kernel, edit);
}

/* 90° more is a quarter's turn clockwise, for every preset with an angle; and those without one are
   the same from all sides, or a test above has their numbers. */
static void
test_turns (void)
{
  static const double angles[] = { 0, 45, 17, -60 };
  guint count;
  const CnPreset *presets = cn_presets (&count);

  for (guint i = 0; i < count; i++)
    for (int size = 3; size <= 9; size += 2)
      for (guint a = 0; a < G_N_ELEMENTS (angles); a++)
        {
          const CnPreset *p = &presets[i];
          g_autoptr (CnKernel) turned = NULL, quarter = NULL;

          if (!(p->parameters & CN_PARAMETER_ANGLE))
            continue;
          turned = make (p->id, size, angles[a] + 90, 0);
          quarter = edited (p->id, size, angles[a], 0, CN_KERNEL_ROTATE);
          if (!near (turned, quarter))
            {
              g_test_message ("%s, size %d, angle %g: not turned by 90°", p->id, size, angles[a]);
              g_test_fail ();
            }
        }
}

typedef struct
{
  const char *id;
  CnKernelEdit edit; /* after which the kernel is the same, at 0° */
  gboolean negated;  /* or the same with the other sign */
} Symmetry;

static const Symmetry symmetries[] = {
  { "edge", CN_KERNEL_FLIP, FALSE },
  { "edge", CN_KERNEL_MIRROR, TRUE },
  { "sobel-angle", CN_KERNEL_FLIP, FALSE },
  { "sobel-angle", CN_KERNEL_MIRROR, TRUE },
  { "gaussian-edge", CN_KERNEL_FLIP, FALSE },
  { "gaussian-edge", CN_KERNEL_MIRROR, TRUE },
  { "laplacian-of-gaussian", CN_KERNEL_ROTATE, FALSE },
  { "laplacian-of-gaussian", CN_KERNEL_MIRROR, FALSE },
  { "difference-of-gaussians", CN_KERNEL_ROTATE, FALSE },
  { "difference-of-gaussians", CN_KERNEL_MIRROR, FALSE },
  { "second-derivative", CN_KERNEL_MIRROR, FALSE },
  { "second-derivative", CN_KERNEL_FLIP, FALSE },
  { "box", CN_KERNEL_ROTATE, FALSE },
  { "gaussian", CN_KERNEL_ROTATE, FALSE },
  { "gaussian", CN_KERNEL_MIRROR, FALSE },
  { "binomial", CN_KERNEL_ROTATE, FALSE },
  { "binomial", CN_KERNEL_MIRROR, FALSE },
  { "tent", CN_KERNEL_ROTATE, FALSE },
  { "tent", CN_KERNEL_MIRROR, FALSE },
  { "disk", CN_KERNEL_ROTATE, FALSE },
  { "disk", CN_KERNEL_MIRROR, FALSE },
  { "ring-blur", CN_KERNEL_ROTATE, FALSE },
  { "ring-blur", CN_KERNEL_MIRROR, FALSE },
  { "hexagon", CN_KERNEL_FLIP, FALSE },
  { "hexagon", CN_KERNEL_MIRROR, FALSE },
  { "motion-blur", CN_KERNEL_FLIP, FALSE },
  { "motion-blur", CN_KERNEL_MIRROR, FALSE },
  { "line-blur", CN_KERNEL_FLIP, FALSE },
  { "line-blur", CN_KERNEL_MIRROR, FALSE },
  { "unsharp", CN_KERNEL_ROTATE, FALSE },
  { "high-pass", CN_KERNEL_ROTATE, FALSE },
  { "high-pass", CN_KERNEL_MIRROR, FALSE },
  { "soft-emboss", CN_KERNEL_TRANSPOSE, FALSE },
  { "gabor", CN_KERNEL_FLIP, FALSE },
  { "gabor", CN_KERNEL_MIRROR, FALSE },
  { "gabor-odd", CN_KERNEL_FLIP, FALSE },
  { "gabor-odd", CN_KERNEL_MIRROR, TRUE },
  { "ridge", CN_KERNEL_FLIP, FALSE },
  { "ridge", CN_KERNEL_MIRROR, FALSE },
  { "line-end", CN_KERNEL_FLIP, FALSE },
  { "spot", CN_KERNEL_ROTATE, FALSE },
  { "spot", CN_KERNEL_MIRROR, FALSE },
  { "ring", CN_KERNEL_ROTATE, FALSE },
  { "ring", CN_KERNEL_MIRROR, FALSE },
  { "cross", CN_KERNEL_ROTATE, FALSE },
  { "cross", CN_KERNEL_MIRROR, FALSE },
  { "corner", CN_KERNEL_TRANSPOSE, FALSE },
  { "junction", CN_KERNEL_MIRROR, TRUE },
  { "junction", CN_KERNEL_TRANSPOSE, FALSE },
  { "checker", CN_KERNEL_TRANSPOSE, FALSE },
};

static void
test_symmetries (void)
{
  static const int sizes[] = { 0, 3, 4, 7, 12 };

  for (guint i = 0; i < G_N_ELEMENTS (symmetries); i++)
    for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
      {
        const Symmetry *symmetry = &symmetries[i];
        g_autoptr (CnKernel) kernel = make (symmetry->id, sizes[s], 0, 0);
        g_autoptr (CnKernel) other = cn_kernel_edit (kernel, symmetry->edit);
        g_autoptr (CnKernel) sign = cn_kernel_edit (other, CN_KERNEL_NEGATE);

        if (!near (kernel, symmetry->negated ? sign : other))
          {
            g_test_message ("%s, size %d: edit %d", symmetry->id, sizes[s], symmetry->edit);
            g_test_fail ();
          }
      }
}

/* What a kernel makes of a plane that rises by 1 for each pixel towards the angle, on the screen
   clockwise from the right. */
static double
slope_response (const CnKernel *kernel, double angle)
{
  double sum = 0, radians = angle * G_PI / 180;

  for (int y = 0; y < kernel->height; y++)
    for (int x = 0; x < kernel->width; x++)
      sum += kernel->weights[y * kernel->width + x]
             * ((x - (kernel->width - 1) / 2.0) * cos (radians)
                + (y - (kernel->height - 1) / 2.0) * sin (radians));
  return sum;
}

/* At every size an edge detector answers a slope as at 3×3: 6 or 8 times the slope along its
   direction, and not at all to one across. */
static void
test_slopes (void)
{
  static const int sizes[] = { 2, 3, 4, 5, 9, 64, 255 };

  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
    for (double angle = -360; angle <= 360; angle += 22.5)
      {
        g_autoptr (CnKernel) edge = make ("edge", sizes[s], angle, 0);
        g_autoptr (CnKernel) sobel = make ("sobel-angle", sizes[s], angle, 0);
        double error = 8 * sizes[s] * FLT_EPSILON; /* each weight's rounding, times its distance */

        g_assert_cmpfloat (fabs (slope_response (edge, angle) + 6), <, error);
        g_assert_cmpfloat (fabs (slope_response (edge, angle + 90)), <, error);
        g_assert_cmpfloat (fabs (slope_response (sobel, angle) + 8), <, error);
        g_assert_cmpfloat (fabs (slope_response (sobel, angle + 90)), <, error);
      }
}

/* The spread of a blur along x: √ Σ w x². A Gaussian's is its sigma, cut off at 3σ a little less.
 */
static void
test_spreads (void)
{
  for (double sigma = 0.8; sigma < 40; sigma *= 1.7)
    {
      g_autoptr (CnKernel) gaussian = make ("gaussian", 0, 0, sigma);
      double spread = 0;

      for (int y = 0; y < gaussian->height; y++)
        for (int x = 0; x < gaussian->width; x++)
          spread += gaussian->weights[y * gaussian->width + x] * pow (x - gaussian->width / 2, 2);
      g_assert_cmpfloat (fabs (sqrt (spread) - sigma), <, 0.02 * sigma);
      g_assert_cmpint (gaussian->width, ==, 2 * (int) ceil (3 * sigma) + 1);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/families/turns", test_turns);
  g_test_add_func ("/families/symmetries", test_symmetries);
  g_test_add_func ("/families/slopes", test_slopes);
  g_test_add_func ("/families/spreads", test_spreads);
  return g_test_run ();
}
