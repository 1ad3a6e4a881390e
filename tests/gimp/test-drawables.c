/* test-drawables.c: drawables other than plain layers: masks, channels, locked ones, groups.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include <gegl.h>

#include "tests/gimp/harness.h"
#include "tests/gimp/suites.h"

static void
check_replaced (GimpDrawable *drawable, const Filter *filter, const char *name)
{
  g_auto (Expected) expected = harness_expect (filter, 0, drawable, NULL);
  g_auto (Outcome) outcome = harness_filter (drawable, filter);

  if (harness_succeeded (&outcome, name))
    {
      g_assert_true (outcome.results[0] == drawable);
      harness_check (drawable, &expected, filter, name);
    }
}

static void
test_mask (void)
{
  const Filter filter = { .kernel = &kernel_uneven };
  GimpLayer *layer = harness_usual (TRUE);
  GimpLayerMask *mask = gimp_layer_create_mask (layer, GIMP_ADD_MASK_WHITE);
  g_autoptr (GBytes) before = harness_bytes (GIMP_DRAWABLE (layer));
  g_autoptr (GBytes) after = NULL;

  gimp_layer_add_mask (layer, mask);
  harness_noise (GIMP_DRAWABLE (mask));
  check_replaced (GIMP_DRAWABLE (mask), &filter, "mask");
  after = harness_bytes (GIMP_DRAWABLE (layer));
  g_assert_true (g_bytes_equal (before, after));
  gimp_image_delete (gimp_item_get_image (GIMP_ITEM (layer)));
}

/* A layer is filtered without its mask. */
static void
test_masked_layer (void)
{
  const Filter filter = { .kernel = &kernel_binomial };
  GimpLayer *layer = harness_usual (TRUE);

  gimp_layer_add_mask (layer, gimp_layer_create_mask (layer, GIMP_ADD_MASK_BLACK));
  check_replaced (GIMP_DRAWABLE (layer), &filter, "layer with a black mask");
  gimp_image_delete (gimp_item_get_image (GIMP_ITEM (layer)));
}

static void
test_channel (void)
{
  const Filter replace = { .kernel = &kernel_sharpen, .border = "reflect" };
  const Filter add = { .kernel = &kernel_sharpen, .output = "new-layer" };
  GimpLayer *layer = harness_usual (TRUE);
  GimpImage *image = gimp_item_get_image (GIMP_ITEM (layer));
  GeglColor *color = gegl_color_new ("black");
  GimpChannel *channel =
      gimp_channel_new (image, "channel", CANVAS_WIDTH, CANVAS_HEIGHT, 50, color);

  g_object_unref (color);
  gimp_image_insert_channel (image, channel, NULL, 0);
  harness_noise (GIMP_DRAWABLE (channel));
  check_replaced (GIMP_DRAWABLE (channel), &replace, "channel");

  {
    g_auto (Outcome) outcome = harness_filter (channel, &add);

    if (harness_succeeded (&outcome, "channel to layer"))
      {
        g_assert_true (GIMP_IS_LAYER (outcome.results[0]));
        g_assert_cmpint (gimp_drawable_get_width (outcome.results[0]), ==, CANVAS_WIDTH);
        g_assert_cmpint (gimp_image_get_item_position (image, GIMP_ITEM (outcome.results[0])), ==,
                         0);
      }
  }
  gimp_image_delete (image);
}

/* A layer and a channel, filtered by one call. */
static void
test_mixed (void)
{
  const Filter filter = { .kernel = &kernel_box };
  GimpLayer *layer = harness_usual (FALSE);
  GimpImage *image = gimp_item_get_image (GIMP_ITEM (layer));
  GimpLayerMask *mask = gimp_layer_create_mask (layer, GIMP_ADD_MASK_WHITE);
  GimpDrawable *drawables[] = { GIMP_DRAWABLE (layer), GIMP_DRAWABLE (mask), NULL };
  Expected expected[2];
  g_auto (Outcome) outcome = { 0 };

  gimp_layer_add_mask (layer, mask);
  harness_noise (GIMP_DRAWABLE (mask));
  for (int i = 0; i < 2; i++)
    expected[i] = harness_expect (&filter, 0, drawables[i], NULL);
  outcome = harness_call (image, drawables, &filter);
  g_assert_true (harness_succeeded (&outcome, "layer and mask"));
  for (int i = 0; i < 2; i++)
    {
      harness_check (drawables[i], &expected[i], &filter, "layer and mask");
      expected_clear (&expected[i]);
    }
  gimp_image_delete (image);
}

/* A locked alpha channel stays as it is; colours are filtered. */
static void
test_lock_alpha (void)
{
  const Filter filter = { .kernel = &kernel_box };
  GimpLayer *layer = harness_usual (TRUE);
  g_auto (Picture) before = harness_read (GIMP_DRAWABLE (layer), FALSE);
  g_auto (Picture) after = { 0 };
  g_auto (Outcome) outcome = { 0 };
  int alphas = 0, colours = 0;

  gimp_layer_set_lock_alpha (layer, TRUE);
  outcome = harness_filter (layer, &filter);
  g_assert_true (harness_succeeded (&outcome, "locked alpha"));
  after = harness_read (GIMP_DRAWABLE (layer), FALSE);
  for (int i = 0; i < before.width * before.height; i++)
    {
      alphas += before.data[4 * i + 3] != after.data[4 * i + 3];
      colours += memcmp (before.data + 4 * i, after.data + 4 * i, 3 * sizeof (float)) != 0;
    }
  g_assert_cmpint (alphas, ==, 0);
  g_assert_cmpint (colours, >, before.width * before.height / 2);
  gimp_image_delete (gimp_item_get_image (GIMP_ITEM (layer)));
}

/* Locked pixels may be read, but not replaced (test-errors.c). */
static void
test_locked_source (void)
{
  const Filter filter = { .kernel = &kernel_box, .output = "new-layer" };
  GimpLayer *layer = harness_usual (TRUE);
  g_auto (Expected) expected = harness_expect (&filter, 0, GIMP_DRAWABLE (layer), NULL);
  g_auto (Outcome) outcome = { 0 };

  gimp_item_set_lock_content (GIMP_ITEM (layer), TRUE);
  outcome = harness_filter (layer, &filter);
  if (harness_succeeded (&outcome, "locked source"))
    harness_check (outcome.results[0], &expected, &filter, "locked source");
  gimp_image_delete (gimp_item_get_image (GIMP_ITEM (layer)));
}

void
add_drawables_tests (void)
{
  g_test_add_func ("/drawables/mask", test_mask);
  g_test_add_func ("/drawables/masked-layer", test_masked_layer);
  g_test_add_func ("/drawables/channel", test_channel);
  g_test_add_func ("/drawables/mixed", test_mixed);
  g_test_add_func ("/drawables/lock-alpha", test_lock_alpha);
  g_test_add_func ("/drawables/locked-source", test_locked_source);
}
