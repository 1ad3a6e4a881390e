/* test-pool.c: pooling: kinds, windows, strides, paddings and borders, against the oracle.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include <gegl.h>

#include "tests/gimp/resize.h"
#include "tests/gimp/suites.h"

typedef struct
{
  const char *name;
  GimpImageBaseType base;
  GimpPrecision precision;
  Resize resize;
} Row;

#define U8 GIMP_PRECISION_U8_NON_LINEAR
#define U16 GIMP_PRECISION_U16_NON_LINEAR
#define HALF GIMP_PRECISION_HALF_NON_LINEAR
#define FLOAT GIMP_PRECISION_FLOAT_LINEAR

/* Each on two layers, one of them with alpha. */
static const Row rows[] = {
  { "defaults", GIMP_RGB, U8, { 0 } },
  { "max/u16", GIMP_GRAY, U16, { .kind = "max", .width = 3, .height = 2 } },
  { "max/half", GIMP_RGB, HALF, { .kind = "max", .width = 1, .height = 5 } },
  { "max/float", GIMP_GRAY, FLOAT, { .kind = "max", .width = 4, .height = 3, .stride_x = 2 } },
  { "average/u8", GIMP_GRAY, U8, { .kind = "average", .width = 3, .height = 4 } },
  { "average/u16", GIMP_RGB, U16, { .kind = "average", .width = 2, .height = 3 } },
  { "average/half", GIMP_GRAY, HALF, { .kind = "average", .width = 5, .stride_y = 1 } },
  { "average/float", GIMP_RGB, FLOAT, { .kind = "average", .height = 5, .stride_x = 3 } },
  { "min/u8", GIMP_RGB, U8, { .kind = "min", .width = 2, .height = 3 } },
  { "min/u16", GIMP_GRAY, U16, { .kind = "min", .width = 3, .stride_x = 5, .stride_y = 4 } },
  { "min/half", GIMP_RGB, HALF, { .kind = "min", .width = 4, .height = 2 } },
  { "min/float", GIMP_GRAY, FLOAT, { .kind = "min", .width = 3, .height = 1 } },
  { "l2/u8", GIMP_GRAY, U8, { .kind = "l2", .width = 2, .height = 4 } },
  { "l2/u16", GIMP_RGB, U16, { .kind = "l2", .width = 3, .height = 2 } },
  { "l2/half", GIMP_GRAY, HALF, { .kind = "l2", .stride_x = 1, .stride_y = 2 } },
  { "l2/float", GIMP_RGB, FLOAT, { .kind = "l2", .width = 3, .height = 5, .stride_y = 2 } },
  { "one-pixel", GIMP_RGB, U16, { .width = 1, .height = 1, .stride_x = 3, .stride_y = 2 } },
  { "padding/valid", GIMP_GRAY, U8, { .width = 4, .height = 3, .padding = "valid" } },
  { "padding/same",
    GIMP_RGB,
    U8,
    { .kind = "average", .width = 3, .height = 4, .padding = "same" } },
  { "padding/number", GIMP_RGB, HALF, { .width = 3, .height = 2, .padding = "1" } },
  { "padding/four",
    GIMP_GRAY,
    FLOAT,
    { .kind = "average", .width = 3, .height = 4, .stride_x = 2, .padding = "1 0 3 2" } },
  { "border/none",
    GIMP_RGB,
    U16,
    { .kind = "average", .width = 3, .height = 3, .padding = "1", .border = "none" } },
  { "border/zero",
    GIMP_RGB,
    U8,
    { .kind = "average", .width = 3, .height = 4, .padding = "2", .border = "zero" } },
  { "border/zero-max",
    GIMP_GRAY,
    FLOAT,
    { .kind = "max", .width = 3, .height = 3, .padding = "2", .border = "zero" } },
  { "border/zero-l2",
    GIMP_RGB,
    FLOAT,
    { .kind = "l2", .width = 3, .height = 3, .padding = "1", .border = "zero" } },
  { "border/replicate",
    GIMP_GRAY,
    U8,
    { .kind = "average", .width = 4, .height = 3, .padding = "2", .border = "replicate" } },
  { "border/reflect",
    GIMP_RGB,
    HALF,
    { .kind = "max", .width = 4, .height = 4, .padding = "3", .border = "reflect" } },
  { "border/wrap",
    GIMP_GRAY,
    U16,
    { .kind = "min", .width = 4, .height = 4, .padding = "2 3 1 0", .border = "wrap" } },
  { "linear/max", GIMP_RGB, U8, { .kind = "max", .width = 3, .encoding = "linear" } },
  { "linear/average",
    GIMP_RGB,
    U8,
    { .kind = "average", .width = 3, .height = 4, .encoding = "linear" } },
  { "linear/l2", GIMP_GRAY, FLOAT, { .kind = "l2", .height = 3, .encoding = "linear" } },
};

static void
test_row (gconstpointer data)
{
  const Row *row = data;
  GimpImage *image = harness_image (row->base, row->precision);
  GimpDrawable *layers[] = { GIMP_DRAWABLE (harness_layer (image, FALSE, 37, 29, 4, -7)),
                             GIMP_DRAWABLE (harness_layer (image, TRUE, 31, 34, -5, 8)), NULL };
  Resize resize = row->resize;
  g_auto (Outcome) outcome = { 0 };

  resize.output = "new-layer";
  outcome = resize_call (image, layers, &resize);
  if (harness_succeeded (&outcome, row->name))
    {
      g_assert_cmpint (outcome.count, ==, 2);
      for (int i = 0; i < outcome.count; i++)
        {
          g_auto (Expected) expected = resize_expect (&resize, layers[i], NULL);

          resize_check (outcome.results[i], &expected, &resize, row->name);
        }
    }
  gimp_image_delete (image);
}

/* The largest of bytes is a byte: no rounding, and no tolerance. */
static void
test_exact (void)
{
  GimpLayer *layer = harness_usual (FALSE);
  const Resize resize = { .width = 3, .height = 2, .output = "new-layer" };
  g_autoptr (GBytes) from = harness_bytes (GIMP_DRAWABLE (layer)), to = NULL;
  g_auto (Outcome) outcome = resize_one (layer, &resize);
  const guint8 *in = g_bytes_get_data (from, NULL), *out;
  int wrong = 0;

  g_assert_true (harness_succeeded (&outcome, "exact"));
  to = harness_bytes (outcome.results[0]);
  g_assert_cmpint (g_bytes_get_size (to), ==, 12 * 14 * 3);
  out = g_bytes_get_data (to, NULL);
  for (int i = 0; i < 12 * 14 * 3; i++)
    {
      const guint8 *first = in + ((i / 36 * 2 * 37) + i / 3 % 12 * 3) * 3 + i % 3;
      guint8 most = 0;

      for (int a = 0; a < 6; a++)
        most = MAX (most, first[(a / 3 * 37 + a % 3) * 3]);
      wrong += out[i] != most;
    }
  g_assert_cmpint (wrong, ==, 0);
  gimp_image_delete (gimp_item_get_image (GIMP_ITEM (layer)));
}

/* Of two by two pixels: those that are seen count, and the winner keeps its alpha. */
static void
check_winner (const char *kind, const char *text, const float *pixels, float value, float alpha)
{
  GimpLayer *layer =
      harness_layer (harness_image (GIMP_GRAY, GIMP_PRECISION_FLOAT_NON_LINEAR), TRUE, 2, 2, 0, 0);
  GimpDrawable *drawable = GIMP_DRAWABLE (layer);
  g_autoptr (GeglBuffer) buffer = gimp_drawable_get_buffer (drawable);
  const Resize resize = { .kind = kind, .output = "new-layer" };
  g_auto (Outcome) outcome = { 0 };
  g_auto (Picture) got = { 0 };

  gegl_buffer_set (buffer, NULL, 0,
                   babl_format_with_space ("Y'A float", gimp_drawable_get_format (drawable)),
                   pixels, GEGL_AUTO_ROWSTRIDE);
  gegl_buffer_flush (buffer);
  outcome = resize_one (layer, &resize);
  if (harness_succeeded (&outcome, text))
    {
      got = harness_read (outcome.results[0], FALSE);
      g_assert_cmpint (got.width * got.height, ==, 1);
      if (fabsf (got.data[0] - value) > 1e-6f || fabsf (got.data[1] - alpha) > 1e-6f)
        harness_fail ("%s of %s: expected %g, %g, got %g, %g", kind, text, value, alpha,
                      got.data[0], got.data[1]);
    }
  gimp_image_delete (gimp_item_get_image (GIMP_ITEM (layer)));
}

static void
test_winners (void)
{
  static const float seen[] = { 1, 0, 0.5f, 0.25f, 0.25f, 1, 0, 0 };
  static const float hidden[] = { 1, 0, 0.5f, 0, 0.25f, 0, 0.75f, 0 };

  check_winner ("max", "two visible pixels", seen, 0.5f, 0.25f);
  check_winner ("min", "two visible pixels", seen, 0.25f, 1);
  check_winner ("average", "two visible pixels", seen, 0.375f / 1.25f, 1.25f / 4);
  check_winner ("l2", "two visible pixels", seen, sqrtf (0.125f / 1.25f), 1.25f / 4);
  check_winner ("max", "none visible", hidden, 0, 0);
  check_winner ("average", "none visible", hidden, 0, 0);
}

/* The comparison can fail: it finds an oracle of another kind, and one pixel that is off by one. */
static void
test_fault (void)
{
  GimpLayer *layer = harness_usual (TRUE);
  GimpDrawable *drawable = GIMP_DRAWABLE (layer);
  const Resize resize = { .kind = "average", .output = "new-layer" };
  const Resize faulty = { .kind = "l2" };
  g_auto (Expected) expected = resize_expect (&resize, drawable, NULL);
  g_auto (Expected) changed = resize_expect (&faulty, drawable, NULL);
  g_auto (Outcome) outcome = resize_one (layer, &resize);
  int at = 100;

  g_assert_true (harness_succeeded (&outcome, "fault"));
  g_assert_cmpint (harness_compare (outcome.results[0], &expected, NULL, 0, 0, 18, 14, 0, 0, NULL),
                   ==, 0);
  g_assert_cmpint (harness_compare (outcome.results[0], &changed, NULL, 0, 0, 18, 14, 0, 0, NULL),
                   >, 0);
  while (expected.value[at * 4 + 3] == 0)
    at++;
  expected.value[at * 4 + 1] += expected.value[at * 4 + 1] < 0.5 ? 1.01 / 255 : -1.01 / 255;
  g_assert_cmpint (harness_compare (outcome.results[0], &expected, NULL, 0, 0, 18, 14, 0, 0, NULL),
                   ==, 1);
  gimp_image_delete (gimp_item_get_image (GIMP_ITEM (layer)));
}

void
add_pool_tests (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strdup_printf ("/pool/%s", rows[i].name);

      g_test_add_data_func (path, &rows[i], test_row);
    }
  g_test_add_func ("/pool/exact", test_exact);
  g_test_add_func ("/pool/winners", test_winners);
  g_test_add_func ("/pool/fault", test_fault);
}
