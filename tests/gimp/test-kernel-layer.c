/* test-kernel-layer.c: kernels from the pixels of layers: their numbers, what a selection and
 * alpha make of them, and a detector that finds a drawn pattern.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include <gegl.h>

#include "tests/gimp/kernels.h"
#include "tests/gimp/suites.h"

static void
delete_image_of (GimpLayer *layer)
{
  gimp_image_delete (gimp_item_get_image (GIMP_ITEM (layer)));
}

/* Fails unless the layer as a kernel gives what the text gives, to the tolerance of a few
 * roundings. */
static void
check_layer (const char *name, GimpLayer *pattern, KernelCall call, const char *text)
{
  KernelCall by_text = { .kernel = text, .channels = call.channels };
  GimpLayer *layers[2];
  Picture pictures[2] = { { 0 }, { 0 } };

  call.layer = pattern;
  call.kernel = "not looked at";
  for (int i = 0; i < 2; i++)
    {
      g_auto (Outcome) outcome = { 0 };

      layers[i] = harness_layer (harness_image (GIMP_RGB, GIMP_PRECISION_FLOAT_NON_LINEAR), FALSE,
                                 31, 23, 2, 3);
      outcome = kernels_call (layers[i], i ? &by_text : &call);
      harness_succeeded (&outcome, name);
      pictures[i] = harness_read (GIMP_DRAWABLE (layers[i]), FALSE);
      delete_image_of (layers[i]);
    }
  for (int i = 0; i < 31 * 23 * 3; i++)
    if (!(fabsf (pictures[0].data[i] - pictures[1].data[i]) < 1e-5f))
      {
        harness_fail ("%s: value %d is %g, and with “%s” %g", name, i, pictures[0].data[i], text,
                      pictures[1].data[i]);
        break;
      }
  picture_clear (&pictures[0]);
  picture_clear (&pictures[1]);
}

static void
test_gray (void)
{
  GimpLayer *pattern =
      kernels_layer (GIMP_GRAY, FALSE, 3, 2, (float[]){ 0.5f, 0, 1, -0.25f, 0.125f, 0.75f });

  check_layer ("gray", pattern, (KernelCall){ 0 }, "0.5 0 1; -0.25 0.125 0.75");
  check_layer ("sum", pattern, (KernelCall){ .channels = "sum" }, "0.5 0 1; -0.25 0.125 0.75");
  check_layer ("before the file", pattern, (KernelCall){ .file = "/nowhere" },
               "0.5 0 1; -0.25 0.125 0.75");
  delete_image_of (pattern);
}

static void
test_alpha (void)
{
  GimpLayer *pattern =
      kernels_layer (GIMP_GRAY, TRUE, 2, 2, (float[]){ 1, 1, 0.5f, 0.5f, 9, 0, 0, 1 });

  check_layer ("alpha", pattern, (KernelCall){ 0 }, "1 0.25; 0 0");
  /* The mean of what can be seen is (1 + 0.25 + 0) / 2.5 = 0.5, and what cannot be seen stays 0. */
  check_layer ("zero mean", pattern, (KernelCall){ .zero_mean = TRUE }, "0.5 0; 0 -0.5");
  check_layer ("unit norm", pattern, (KernelCall){ .zero_mean = TRUE, .unit_norm = TRUE },
               "0.70710678 0; 0 -0.70710678");
  delete_image_of (pattern);
}

/* Three planes for the sum over channels; else the luminance, which of gray is the gray. */
static void
test_colour (void)
{
  GimpLayer *pattern =
      kernels_layer (GIMP_RGB, TRUE, 2, 1, (float[]){ 1, 0.5f, -1, 1, 0.25f, 0, 1, 0.5f });
  GimpLayer *gray = kernels_layer (GIMP_RGB, FALSE, 2, 1, (float[]){ 0.5f, 0.5f, 0.5f, 1, 1, 1 });

  check_layer ("sum", pattern, (KernelCall){ .channels = "sum" }, "1 0.125 | 0.5 0 | -1 0.5");
  check_layer ("luminance", gray, (KernelCall){ 0 }, "0.5 1");
  delete_image_of (pattern);
  delete_image_of (gray);
}

/* Perceptual 0.5 is 0.214 in linear light. */
static void
test_encoding (void)
{
  GimpLayer *pattern = kernels_layer (GIMP_GRAY, FALSE, 1, 1, (float[]){ 0.5f });
  GimpLayer *layer = kernels_layer (GIMP_GRAY, FALSE, 1, 1, (float[]){ 1 });
  g_auto (Outcome) outcome =
      kernels_call (layer, &(KernelCall){ .layer = pattern, .encoding = "linear" });
  Picture picture;

  harness_succeeded (&outcome, "linear");
  picture = harness_read (GIMP_DRAWABLE (layer), TRUE);
  g_assert_cmpfloat (fabsf (picture.data[0] - 0.2140411f), <, 1e-5f);
  picture_clear (&picture);
  delete_image_of (pattern);
  delete_image_of (layer);
}

/* Of the kernel's layer only what is selected, softly where the selection is soft. */
static void
test_selection (void)
{
  GimpLayer *pattern =
      kernels_layer (GIMP_GRAY, FALSE, 4, 3, (float[]){ 9, 9, 9, 9, 9, 1, 2, 9, 9, 3, 4, 9 });
  GimpImage *image = gimp_item_get_image (GIMP_ITEM (pattern)); /* it lies at (4, 6) */

  gimp_image_select_rectangle (image, GIMP_CHANNEL_OP_REPLACE, 5, 7, 2, 2);
  check_layer ("selection", pattern, (KernelCall){ .selection = TRUE }, "1 2; 3 4");
  gimp_image_select_rectangle (image, GIMP_CHANNEL_OP_SUBTRACT, 6, 7, 1, 1);
  check_layer ("with a hole", pattern, (KernelCall){ .selection = TRUE }, "1 0; 3 4");
  gimp_image_select_rectangle (image, GIMP_CHANNEL_OP_REPLACE, 0, 0, 6, 8);
  check_layer ("beyond its edge", pattern, (KernelCall){ .selection = TRUE }, "9 9; 9 1");
  check_layer ("not asked for", pattern, (KernelCall){ 0 }, "9 9 9 9; 9 1 2 9; 9 3 4 9");
  gimp_selection_none (image);
  check_layer ("nothing selected", pattern, (KernelCall){ .selection = TRUE },
               "9 9 9 9; 9 1 2 9; 9 3 4 9");
  delete_image_of (pattern);
}

#define WIDE 7
#define HIGH 5

/* What a user draws: a thing that noise does not hold by chance. */
static const char drawn[HIGH][WIDE + 1] = { "##.#..#", ".#.###.", "##..#.#", "#.##..#", "..#.##." };

static void
draw (GimpDrawable *drawable, int x, int y)
{
  g_autoptr (GeglBuffer) buffer = gimp_drawable_get_buffer (drawable);
  float pixels[HIGH * WIDE];

  for (int i = 0; i < HIGH * WIDE; i++)
    pixels[i] = drawn[i / WIDE][i % WIDE] == '#';
  gegl_buffer_set (buffer, GEGL_RECTANGLE (x, y, WIDE, HIGH), 0, babl_format ("Y' float"), pixels,
                   GEGL_AUTO_ROWSTRIDE);
  gegl_buffer_flush (buffer);
}

/* Fails unless the map is highest where the pattern's middle is, and nowhere else. */
static void
check_found (GimpDrawable *map, int x, int y, const char *name)
{
  Picture picture = harness_read (map, FALSE);
  int channels = picture_channels (&picture), at = 0, times = 0;

  for (int i = 0; i < picture.width * picture.height; i++)
    if (picture.data[i * channels] > picture.data[at * channels])
      at = i;
  for (int i = 0; i < picture.width * picture.height; i++)
    times += picture.data[i * channels] >= picture.data[at * channels];
  if (at != (y + HIGH / 2) * picture.width + x + WIDE / 2 || times != 1)
    harness_fail ("%s: highest %d times, at (%d, %d)", name, times, at % picture.width,
                  at / picture.width);
  picture_clear (&picture);
}

/* The lecture's promise, on any pattern: the map is highest where it is. The pattern lies on a
   layer of its own, or is selected in the picture itself. */
static void
test_detector (void)
{
  static const GimpPrecision precisions[] = { GIMP_PRECISION_U8_NON_LINEAR,
                                              GIMP_PRECISION_FLOAT_LINEAR };

  for (int i = 0; i < 4; i++)
    {
      GimpImage *image = harness_image (i & 1 ? GIMP_RGB : GIMP_GRAY, precisions[i / 2]);
      GimpLayer *picture = harness_layer (image, FALSE, 53, 41, 3, 2);
      GimpLayer *pattern = harness_layer (image, FALSE, WIDE, HIGH, 0, 0);
      KernelCall call = { .layer = pattern,
                          .zero_mean = TRUE,
                          .unit_norm = TRUE,
                          .response = "stretch",
                          .channels = i & 1 ? "sum" : "each",
                          .output = "new-layer" };
      g_auto (Outcome) by_layer = { 0 }, by_selection = { 0 };

      draw (GIMP_DRAWABLE (picture), 31, 17);
      draw (GIMP_DRAWABLE (pattern), 0, 0);
      by_layer = kernels_call (picture, &call);
      if (harness_succeeded (&by_layer, "by layer"))
        check_found (by_layer.results[0], 31, 17, "by layer");

      gimp_image_select_rectangle (image, GIMP_CHANNEL_OP_REPLACE, 3 + 31, 2 + 17, WIDE, HIGH);
      call.layer = picture;
      call.selection = TRUE;
      by_selection = kernels_call (picture, &call);
      if (harness_succeeded (&by_selection, "by selection"))
        {
          check_found (by_selection.results[0], 31, 17, "by selection");
          g_assert_cmpint (gimp_drawable_get_width (by_selection.results[0]), ==, 53);
        }
      gimp_image_delete (image);
    }
}

/* A selection that marks the kernel does not keep the filter from the rest of the layer; it is
   there afterwards, as are the selected layers, and one undo takes all back. */
static void
test_whole (void)
{
  GimpLayer *layer = harness_usual (FALSE);
  GimpLayer *other = harness_usual (FALSE);
  GimpImage *image = gimp_item_get_image (GIMP_ITEM (layer));
  g_autoptr (GBytes) before = harness_bytes (GIMP_DRAWABLE (layer)), undone = NULL, kept = NULL;
  g_autoptr (GBytes) selected = NULL, filtered = NULL, expected = NULL;
  g_autofree char *text = NULL;
  g_autofree GimpLayer **layers = NULL;
  g_autofree GimpChannel **channels = NULL;
  g_auto (Outcome) outcome = { 0 }, plain = { 0 };
  const float one[] = { 1, 1, 1 };
  g_autoptr (GeglBuffer) buffer = gimp_drawable_get_buffer (GIMP_DRAWABLE (layer));
  int depth;

  /* A white pixel as the kernel: the identity; so make it an inversion by the channels' sum. */
  gegl_buffer_set (buffer, GEGL_RECTANGLE (10, 10, 1, 1), 0, babl_format ("R'G'B' float"), one,
                   GEGL_AUTO_ROWSTRIDE);
  gegl_buffer_flush (buffer);
  g_clear_pointer (&before, g_bytes_unref);
  before = harness_bytes (GIMP_DRAWABLE (layer));
  gimp_image_select_rectangle (image, GIMP_CHANNEL_OP_REPLACE, 5 + 10, 9 + 10, 1, 1);
  selected = harness_bytes (GIMP_DRAWABLE (gimp_image_get_selection (image)));
  depth = harness_undo_depth (image);
  outcome = kernels_call (layer, &(KernelCall){ .layer = layer, .selection = TRUE, .bias = 0.25 });
  harness_succeeded (&outcome, "whole");
  filtered = harness_bytes (GIMP_DRAWABLE (layer));
  kept = harness_bytes (GIMP_DRAWABLE (gimp_image_get_selection (image)));
  g_assert_true (g_bytes_equal (selected, kept));
  g_assert_cmpint (harness_undo_depth (image), ==, depth + 1);
  layers = gimp_image_get_selected_layers (image);
  g_assert_true (layers && layers[0] == layer && !layers[1]);
  channels = gimp_image_get_channels (image);
  g_assert_true (!channels || !channels[0]);

  harness_undo (image);
  undone = harness_bytes (GIMP_DRAWABLE (layer));
  g_assert_true (g_bytes_equal (before, undone));
  g_clear_pointer (&kept, g_bytes_unref);
  kept = harness_bytes (GIMP_DRAWABLE (gimp_image_get_selection (image)));
  g_assert_true (g_bytes_equal (selected, kept));

  gimp_selection_none (image);
  plain = kernels_call (layer, &(KernelCall){ .kernel = "1", .bias = 0.25 });
  harness_succeeded (&plain, "plain");
  expected = harness_bytes (GIMP_DRAWABLE (layer));
  g_assert_true (g_bytes_equal (filtered, expected));
  delete_image_of (layer);
  delete_image_of (other);
}

/* A selection in the picture is the picture's where the kernel's layer is of another image. */
static void
test_two_selections (void)
{
  GimpLayer *layer = harness_usual (FALSE);
  GimpLayer *pattern = kernels_layer (GIMP_GRAY, FALSE, 2, 1, (float[]){ 0.5f, 3 });
  GimpImage *image = gimp_item_get_image (GIMP_ITEM (layer));
  Picture before = harness_read (GIMP_DRAWABLE (layer), FALSE), after;
  g_auto (Outcome) outcome = { 0 };

  gimp_image_select_rectangle (image, GIMP_CHANNEL_OP_REPLACE, 5, 9, 10, 29);
  gimp_image_select_rectangle (gimp_item_get_image (GIMP_ITEM (pattern)), GIMP_CHANNEL_OP_REPLACE,
                               4, 6, 1, 1);
  outcome = kernels_call (layer, &(KernelCall){ .layer = pattern, .selection = TRUE });
  harness_succeeded (&outcome, "two selections");
  after = harness_read (GIMP_DRAWABLE (layer), FALSE);
  for (int i = 0; i < 37 * 29 * 3; i++)
    {
      float factor = i / 3 % 37 < 10 ? 0.5f : 1;

      if (!(fabsf (after.data[i] - factor * before.data[i]) < 0.5f / 255 + 1e-4f))
        {
          harness_fail ("value %d: %g became %g", i, before.data[i], after.data[i]);
          break;
        }
    }
  picture_clear (&before);
  picture_clear (&after);
  delete_image_of (layer);
  delete_image_of (pattern);
}

void
add_kernel_layer_tests (void)
{
  g_test_add_func ("/kernel-layer/gray", test_gray);
  g_test_add_func ("/kernel-layer/alpha", test_alpha);
  g_test_add_func ("/kernel-layer/colour", test_colour);
  g_test_add_func ("/kernel-layer/encoding", test_encoding);
  g_test_add_func ("/kernel-layer/selection", test_selection);
  g_test_add_func ("/kernel-layer/detector", test_detector);
  g_test_add_func ("/kernel-layer/whole", test_whole);
  g_test_add_func ("/kernel-layer/two-selections", test_two_selections);
}
