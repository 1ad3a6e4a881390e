/* test-pixels.c: results in every precision, kind of pixel and selection, against the oracle.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include <gegl.h>

#include "tests/gimp/harness.h"
#include "tests/gimp/selection.h"
#include "tests/gimp/suites.h"

typedef struct
{
  const char *name;
  GimpPrecision precision;
} Precision;

/* The last two, which are rare, go without selections. */
static const Precision precisions[] = {
  { "u8", GIMP_PRECISION_U8_NON_LINEAR },       { "u8-linear", GIMP_PRECISION_U8_LINEAR },
  { "u16", GIMP_PRECISION_U16_NON_LINEAR },     { "u16-linear", GIMP_PRECISION_U16_LINEAR },
  { "half", GIMP_PRECISION_HALF_NON_LINEAR },   { "half-linear", GIMP_PRECISION_HALF_LINEAR },
  { "float", GIMP_PRECISION_FLOAT_NON_LINEAR }, { "float-linear", GIMP_PRECISION_FLOAT_LINEAR },
  { "u32", GIMP_PRECISION_U32_NON_LINEAR },     { "double-linear", GIMP_PRECISION_DOUBLE_LINEAR },
};

typedef enum
{
  SELECT_NONE,
  SELECT_RECTANGLE,
  SELECT_FEATHERED,
  SELECTIONS
} Selection;

static const char *const selections[] = { "whole", "rectangle", "feathered" };

typedef struct
{
  const Precision *precision;
  Selection selection;
} Case;

static void
make_selection (GimpImage *image, Selection selection)
{
  if (selection == SELECT_RECTANGLE)
    gimp_image_select_rectangle (image, GIMP_CHANNEL_OP_REPLACE, 7, 3, 21, 17);
  if (selection == SELECT_FEATHERED)
    {
      gimp_image_select_ellipse (image, GIMP_CHANNEL_OP_REPLACE, 4, 2, 26, 22);
      gimp_selection_feather (image, 6);
    }
}

/* One drawable, as it was before and as it is after the filter. */
static void
check_drawable (const Case *c, GimpDrawable *drawable, GimpDrawable *twin, GBytes *before,
                const Expected *expected, const Filter *filter, const char *name)
{
  g_autofree float *selected = selection_read (drawable);
  g_autofree char *first = NULL;

  switch (c->selection)
    {
    case SELECT_NONE:
      harness_check (drawable, expected, filter, name);
      break;
    case SELECT_RECTANGLE:
      selection_check_rest (drawable, selected, before, name);
      /* The rectangle begins at (7, 3) of the canvas, (18, 9) of the layer, which ends at 37. */
      if (harness_compare (drawable, expected, filter->encoding, 18, 9, 19, 17, 18, 9, &first))
        harness_fail ("%s: in the selection, %s", name, first);
      break;
    default:
      selection_check_rest (drawable, selected, before, name);
      selection_check_blend (drawable, twin, expected, name);
      break;
    }
}

/* Filters two layers of an image at once, one of them with alpha. */
static void
check_filter (const Case *c, GimpImageBaseType base, const Filter *filter)
{
  GimpImage *image = harness_image (base, c->precision->precision);
  int y = c->selection == SELECT_NONE ? 31 : -6;
  GimpDrawable *layers[] = { GIMP_DRAWABLE (harness_layer (image, FALSE, 37, 29, -11, y)),
                             GIMP_DRAWABLE (harness_layer (image, TRUE, 37, 29, -11, y)), NULL };
  GimpDrawable *twins[2];
  GBytes *before[2];
  Expected expected[2];
  g_auto (Outcome) outcome = { 0 };

  for (int i = 0; i < 2; i++)
    {
      before[i] = harness_bytes (layers[i]);
      expected[i] = harness_expect (filter, 0, layers[i], NULL);
      twins[i] = GIMP_DRAWABLE (gimp_layer_copy (GIMP_LAYER (layers[i])));
      gimp_image_insert_layer (image, GIMP_LAYER (twins[i]), NULL, 0);
    }
  make_selection (image, c->selection);
  outcome = harness_call (image, layers, filter);
  g_assert_true (harness_succeeded (&outcome, filter->kernel->text));
  g_assert_cmpint (outcome.count, ==, 2);
  g_assert_true (outcome.image == image);
  for (int i = 0; i < 2; i++)
    {
      g_autofree char *name =
          g_strdup_printf ("%s, %s%s, %s", c->precision->name, base == GIMP_RGB ? "RGB" : "gray",
                           i ? " with alpha" : "", filter->kernel->text);

      g_assert_true (outcome.count == 2 && outcome.results[i] == layers[i]);
      check_drawable (c, layers[i], twins[i], before[i], &expected[i], filter, name);
      g_bytes_unref (before[i]);
      expected_clear (&expected[i]);
    }
  gimp_image_delete (image);
}

static void
test_case (gconstpointer data)
{
  const Case *c = data;
  static const Filter filters[][2] = {
    { { .kernel = &kernel_uneven, .border = "zero" },
      { .kernel = &kernel_sharpen, .encoding = "linear", .bias = 0.05 } },
    { { .kernel = &kernel_laplacian, .response = "offset", .border = "reflect" },
      { .kernel = &kernel_binomial, .encoding = "linear" } },
    { { .kernel = &kernel_uneven, .border = "zero" }, { .kernel = &kernel_sharpen } },
  };
  int turn = (int) (c->precision - precisions) / 2;

  check_filter (c, GIMP_RGB, &filters[c->selection][turn % 2]);
  check_filter (c, GIMP_GRAY, &filters[c->selection][(turn + 1) % 2]);
}

/* A picture of many tiles of GIMP's and of the engine's; and one of a single row. */
static void
check_size (int width, int height, const Filter *filter, const char *name)
{
  GimpImage *image = harness_image (GIMP_RGB, GIMP_PRECISION_U8_NON_LINEAR);
  GimpLayer *layer = harness_layer (image, TRUE, width, height, -3, 5);
  g_auto (Expected) expected = harness_expect (filter, 0, GIMP_DRAWABLE (layer), NULL);
  g_auto (Outcome) outcome = harness_filter (layer, filter);

  if (harness_succeeded (&outcome, name))
    harness_check (GIMP_DRAWABLE (layer), &expected, filter, name);
  gimp_image_delete (image);
}

static void
test_big (void)
{
  check_size (1500, 1100, &(Filter){ .kernel = &kernel_uneven, .dilation = 3 }, "1500×1100");
}

static void
test_narrow (void)
{
  check_size (301, 1, &(Filter){ .kernel = &kernel_sharpen }, "one row");
  check_size (1, 301, &(Filter){ .kernel = &kernel_sobel, .border = "reflect" }, "one column");
  check_size (1, 1, &(Filter){ .kernel = &kernel_binomial, .border = "wrap" }, "one pixel");
  check_size (2, 3, &(Filter){ .kernel = &kernel_box, .dilation = 9 }, "less than the kernel");
}

/* The pixels' own colour space is worked in: with the curve and the primaries of Adobe RGB. */
static void
test_profile (void)
{
  GimpImage *image = harness_image (GIMP_RGB, GIMP_PRECISION_U16_NON_LINEAR);
  GimpColorProfile *profile = gimp_color_profile_new_rgb_adobe ();
  const Filter filter = { .kernel = &kernel_uneven };
  GimpLayer *layer;
  g_auto (Expected) expected = { 0 };
  g_auto (Outcome) outcome = { 0 };

  g_assert_true (gimp_image_set_color_profile (image, profile));
  g_object_unref (profile);
  layer = harness_layer (image, TRUE, 37, 29, 3, 4);
  expected = harness_expect (&filter, 0, GIMP_DRAWABLE (layer), NULL);
  outcome = harness_filter (layer, &filter);
  if (harness_succeeded (&outcome, "Adobe RGB"))
    harness_check (GIMP_DRAWABLE (layer), &expected, &filter, "Adobe RGB");
  gimp_image_delete (image);
}

/* The comparison can fail: it finds an oracle with one number of its kernel changed by a hundredth,
   and one pixel that is off by one. */
static void
test_fault (void)
{
  Kernel wrong = kernel_binomial;
  double weights[9];
  GimpLayer *layer = harness_usual (TRUE);
  GimpDrawable *drawable = GIMP_DRAWABLE (layer);
  const Filter filter = { .kernel = &kernel_binomial };
  Filter faulty = { .kernel = &wrong };
  g_auto (Expected) expected = harness_expect (&filter, 0, drawable, NULL);
  g_auto (Expected) changed = { 0 };
  g_auto (Outcome) outcome = { 0 };

  memcpy (weights, wrong.weights, sizeof weights);
  weights[4] += 0.01;
  wrong.weights = weights;
  changed = harness_expect (&faulty, 0, drawable, NULL);
  outcome = harness_filter (layer, &filter);
  g_assert_true (harness_succeeded (&outcome, "fault"));
  g_assert_cmpint (harness_compare (drawable, &expected, NULL, 0, 0, 37, 29, 0, 0, NULL), ==, 0);
  g_assert_cmpint (harness_compare (drawable, &changed, NULL, 0, 0, 37, 29, 0, 0, NULL), >, 0);
  expected.value[501 * 4 + 1] += expected.value[501 * 4 + 1] < 0.5 ? 1. / 255 : -1. / 255;
  g_assert_cmpint (harness_compare (drawable, &expected, NULL, 0, 0, 37, 29, 0, 0, NULL), ==, 1);
  gimp_image_delete (gimp_item_get_image (GIMP_ITEM (layer)));
}

void
add_pixels_tests (void)
{
  for (guint p = 0; p < G_N_ELEMENTS (precisions); p++)
    for (int s = 0; s < (p < G_N_ELEMENTS (precisions) - 2 ? SELECTIONS : 1); s++)
      {
        g_autofree char *path =
            g_strdup_printf ("/pixels/%s/%s", precisions[p].name, selections[s]);
        Case *c = g_new (Case, 1);

        *c = (Case){ &precisions[p], s };
        g_test_add_data_func_full (path, c, test_case, g_free);
      }
  g_test_add_func ("/pixels/big", test_big);
  g_test_add_func ("/pixels/narrow", test_narrow);
  g_test_add_func ("/pixels/profile", test_profile);
  g_test_add_func ("/pixels/fault", test_fault);
}
