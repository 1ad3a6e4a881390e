/* test-photographs.c: pairs of photographs and small pictures, and the patches cut from them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/train/photographs.h"

#include <string.h>

#include "filters/core/error.h"

static CnPhotograph
photograph_of (int width, int height, gboolean flat)
{
  CnPhotograph photograph = { g_strdup ("photo.jpg"), { width, height, NULL } };
  float *to = photograph.plane.pixels = g_new (float, width *height);

  for (int i = 0; i < width * height; i++)
    to[i] = flat ? 90 : (float) g_test_rand_double_range (-2, 258);
  return photograph;
}

static guint8
rounded (double value)
{
  return value < 0 ? 0 : value > 255 ? 255 : (guint8) (value + 0.5);
}

/* What does not fill a small pixel is left out; both are rounded, and the small one is made of the
   rounded large one. */
static void
test_pair (void)
{
  CnPhotograph photograph = photograph_of (23, 17, FALSE);
  g_autofree float *large = g_new (float, 21 * 15);
  g_autoptr (GError) error = NULL;
  CnPhotographPair pair;
  CnPlane small;

  g_assert_true (cn_photograph_pair (&photograph, 3, 219.0 / 255, 16, &pair, &error));
  g_assert_no_error (error);
  g_assert_cmpint (pair.width, ==, 7);
  g_assert_cmpint (pair.height, ==, 5);
  for (int y = 0; y < 15; y++)
    for (int x = 0; x < 21; x++)
      {
        double value = 16 + 219.0 / 255 * photograph.plane.pixels[y * 23 + x];

        g_assert_cmpint (pair.large[y * 21 + x], ==, rounded (value));
        large[y * 21 + x] = pair.large[y * 21 + x];
      }
  small = cn_cubic_resize (&(CnPlane){ 21, 15, large }, 7, 5, NULL);
  for (int i = 0; i < 35; i++)
    g_assert_cmpint (pair.small[i], ==, rounded ((double) small.pixels[i]));
  g_free (small.pixels);
  cn_photograph_pair_clear (&pair);
  cn_photograph_clear (&photograph);
}

/* Patches of 7×6 pixels with a margin of 2, whose targets are 3×2 small pixels, at a scale of 2:
   of 17×13 small pixels four columns and four rows, from the middle. */
static void
test_patches (void)
{
  const CnPatchSize size = { .scale = 2, .height = 6, .width = 7, .margin = 2 };
  CnPhotograph photographs[] = { photograph_of (35, 26, FALSE), photograph_of (12, 40, FALSE),
                                 photograph_of (40, 40, TRUE) };
  g_autoptr (CnDataSet) data = cn_photographs_cut (photographs, 3, &size, NULL);
  CnPhotographPair pair;

  g_assert_true (cn_photograph_pair (&photographs[0], 2, 1, 0, &pair, NULL));
  g_assert_cmpint (data->n, ==, 16); /* of the second none, and nothing flat */
  g_assert_cmpint (data->target_height, ==, 4);
  g_assert_cmpint (data->target_width, ==, 6);
  for (int i = 0; i < 16; i++)
    {
      int top = i / 4 * 2, left = i % 4 * 3;

      for (int y = 0; y < 6; y++)
        g_assert_cmpmem (data->pixels + (i * 6 + y) * 7, 7, pair.small + (top + y) * 17 + left, 7);
      for (int y = 0; y < 4; y++)
        g_assert_cmpmem (data->targets + (i * 4 + y) * 6, 6,
                         pair.large + ((top + 2) * 2 + y) * 34 + (left + 2) * 2, 6);
    }
  cn_photograph_pair_clear (&pair);
  for (int i = 0; i < 3; i++)
    cn_photograph_clear (&photographs[i]);
}

static void
test_errors (void)
{
  const CnPatchSize size = { .scale = 2, .height = 30, .width = 7, .margin = 2 };
  CnPhotograph photographs[] = { photograph_of (20, 3, FALSE), photograph_of (70, 70, TRUE) };
  g_autoptr (GError) error = NULL;
  CnPhotographPair pair;

  g_assert_false (cn_photograph_pair (&photographs[0], 4, 1, 0, &pair, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_SHAPE);
  g_assert_nonnull (strstr (error->message, "20×3 pixels are too few for a scale of 4"));
  g_clear_error (&error);
  g_assert_null (cn_photographs_cut (photographs, 1, &size, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_SHAPE);
  g_assert_nonnull (strstr (error->message, "None of 1 photographs has 14×60 pixels"));
  g_clear_error (&error);
  g_assert_null (cn_photographs_cut (photographs, 2, &size, &error));
  g_assert_error (error, CN_ERROR, CN_ERROR_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "nothing to see in 2"));
  for (int i = 0; i < 2; i++)
    cn_photograph_clear (&photographs[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/photographs/pair", test_pair);
  g_test_add_func ("/photographs/patches", test_patches);
  g_test_add_func ("/photographs/errors", test_errors);
  return g_test_run ();
}
