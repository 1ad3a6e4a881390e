/* test-resize-errors.c: what the user is told of a picture that cannot be pooled or upscaled, and
 * that the image and its undo steps stayed as they were.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>
#include <unistd.h>

#include "tests/gimp/resize.h"
#include "tests/gimp/suites.h"

static void
check (gpointer drawable, const Resize *resize, const char *text)
{
  GimpImage *image = gimp_item_get_image (drawable);
  int depth = harness_undo_depth (image);
  g_autoptr (GBytes) before = resize_snapshot (image), after = NULL;
  g_auto (Outcome) outcome = resize_one (drawable, resize);

  if (outcome.status != GIMP_PDB_EXECUTION_ERROR)
    harness_fail ("%s: status %d", text, outcome.status);
  else if (!outcome.message || strcmp (g_strchomp (outcome.message), text) != 0)
    harness_fail ("expected “%s”, got “%s”", text, outcome.message);
  after = resize_snapshot (image);
  g_assert_true (g_bytes_equal (before, after));
  g_assert_cmpint (harness_undo_depth (image), ==, depth);
}

static void
delete_image_of (GimpLayer *layer)
{
  gimp_image_delete (gimp_item_get_image (GIMP_ITEM (layer)));
}

/* What only a script can ask for: GIMP itself refuses it. */
static void
test_ranges (void)
{
  static const struct
  {
    const char *stem, *argument, *message;
  } rows[] = {
    { "upscale", "#:stride 0", "has value 0 out of range: 1 to 64" },
    { "upscale", "#:stride 65", "has value 65 out of range: 1 to 64" },
    { "upscale", "#:factor 1", "has value 1 out of range: 2 to 8" },
    { "upscale", "#:factor 9", "has value 9 out of range: 2 to 8" },
    { "upscale", "#:output-padding -1", "has value -1 out of range: 0 to 63" },
    { "pool", "#:stride-x -1", "has value -1 out of range: 0 to 255" },
    { "pool", "#:window-width 0", "has value 0 out of range: 1 to 255" },
    { "pool", "#:window-height 256", "has value 256 out of range: 1 to 255" },
  };
  GimpLayer *layer = harness_usual (TRUE);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (Outcome) outcome = harness_script (rows[i].stem, layer, rows[i].argument);

      if (!outcome.message || !g_str_has_suffix (g_strchomp (outcome.message), rows[i].message))
        harness_fail ("%s: expected “%s”, got “%s”", rows[i].argument, rows[i].message,
                      outcome.message);
    }
  delete_image_of (layer);
}

static void
test_windows (void)
{
  GimpLayer *layer = harness_usual (TRUE); /* 37×29 on 60×50 */
  GimpLayer *large = harness_layer (gimp_item_get_image (GIMP_ITEM (layer)), FALSE, 90, 80, 0, 0);

  check (layer, &(Resize){ .width = 3, .height = 30 },
         "Layer “noise”: The kernel does not fit into the picture: its height is 30 (30 taps, "
         "dilation 1), the picture's 29 with 0 + 0 of padding");
  check (layer, &(Resize){ .width = 255, .output = "new-image" },
         "Layer “noise”: The kernel does not fit into the picture: its width is 255 (255 taps, "
         "dilation 1), the picture's 37 with 0 + 0 of padding");
  /* Another layer, and the image itself, must be large enough too. */
  check (large, &(Resize){ .width = 38 },
         "Layer “noise”: The kernel does not fit into the picture: its width is 38 (38 taps, "
         "dilation 1), the picture's 37 with 0 + 0 of padding");
  gimp_image_remove_layer (gimp_item_get_image (GIMP_ITEM (layer)), layer);
  check (large, &(Resize){ .width = 70 },
         "The image cannot be scaled. The kernel does not fit into the picture: its width is 70 "
         "(70 taps, dilation 1), the picture's 60 with 0 + 0 of padding");
  delete_image_of (large);
}

static void
test_paddings (void)
{
  static const char *const paddings[] = { "-1", "", "full", "1 2", "0 0 -1 0", "2000000" };
  GimpLayer *layer = harness_usual (FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (paddings); i++)
    {
      const Resize resizes[] = { { .padding = paddings[i] },
                                 { .method = "kernel", .padding = paddings[i] } };
      g_autofree char *text = g_strdup_printf (
          "The padding “%s” is neither “same” nor “valid”, nor one or four numbers", paddings[i]);

      check (layer, &resizes[i % 2], text);
    }
  check (layer, &(Resize){ .width = 3, .height = 2, .padding = "2" },
         "Layer “noise”: The padding of 2 + 2 is not smaller than the window, whose height is 2: a "
         "window would have nothing in it");
  check (layer, &(Resize){ .method = "kernel", .padding = "29" },
         "Layer “noise”: The padding of 29 + 29 leaves nothing of the output's height of 58 "
         "(input 29, stride 2, 2 taps, dilation 1)");
  check (layer, &(Resize){ .method = "kernel", .padding = "0 70 0 4", .output = "new-layer" },
         "Layer “noise”: The padding of 70 + 4 leaves nothing of the output's width of 74 "
         "(input 37, stride 2, 2 taps, dilation 1)");
  check (layer, &(Resize){ .method = "kernel", .output_padding = 2 },
         "Layer “noise”: The output padding at the bottom is 2, and must be at least 0 and less "
         "than the stride 2 or the dilation 1");
  check (layer, &(Resize){ .method = "kernel", .stride = 4, .output_padding = 63 },
         "Layer “noise”: The output padding at the bottom is 63, and must be at least 0 and less "
         "than the stride 4 or the dilation 1");
  delete_image_of (layer);
}

static void
test_kernels (void)
{
  static const Kernel bad = { .text = "1 2; 3" };
  GimpLayer *layer = harness_usual (TRUE);

  check (layer, &(Resize){ .method = "kernel", .kernel = &bad },
         "The kernel cannot be read. Line 1, column 7: this row has 1 numbers, and the rows before "
         "it 2");
  check (layer, &(Resize){ .method = "kernel", .kernel = &kernel_planes },
         "Layer “noise”: The kernel has 3 planes, and upscaling takes one");
  check (layer, &(Resize){ .method = "kernel", .kernel = &kernel_filters },
         "The kernel has 3 filters, and one is taken for making a picture larger.");
  delete_image_of (layer);
}

/* Huge results, of layers that nobody has written to: GIMP keeps no memory for them, and the call
   must not ask for any. No pixels are looked at here, neither before nor after. */
static void
check_huge (int width, int height, const Resize *resize, const char *text)
{
  GimpImage *image = harness_image (GIMP_RGB, GIMP_PRECISION_U8_NON_LINEAR);
  GimpLayer *layer =
      gimp_layer_new (image, "huge", width, height, GIMP_RGB_IMAGE, 100, GIMP_LAYER_MODE_NORMAL);
  g_auto (Outcome) outcome = { 0 };
  int depth;

  gimp_image_insert_layer (image, layer, NULL, 0);
  depth = harness_undo_depth (image);
  outcome = resize_one (layer, resize);
  if (outcome.status != GIMP_PDB_EXECUTION_ERROR)
    harness_fail ("%s: status %d", text, outcome.status);
  else if (!outcome.message || strcmp (g_strchomp (outcome.message), text) != 0)
    harness_fail ("expected “%s”, got “%s”", text, outcome.message);
  g_assert_cmpint (harness_undo_depth (image), ==, depth);
  g_assert_cmpint (gimp_image_get_width (image), ==, CANVAS_WIDTH);
  g_assert_cmpint (gimp_drawable_get_width (GIMP_DRAWABLE (layer)), ==, width);
  gimp_image_delete (image);
}

static void
test_sizes (void)
{
  const Resize larger = { .method = "bicubic", .factor = 8 };
  const Resize stride = { .method = "kernel", .stride = 64, .padding = "valid" };

  check_huge (65537, 2, &larger,
              "Layer “huge”: The result would have 524296 × 16 pixels, and GIMP's images have at "
              "most 524288 × 524288.");
  check_huge (2, 8194, &stride,
              "Layer “huge”: The result would have 66 × 524354 pixels, and GIMP's images have at "
              "most 524288 × 524288.");
  check_huge (200000, 2, &larger,
              "Layer “huge”: The output's width would be 1600024 (input 200000, stride 8, 32 taps, "
              "dilation 1), and may be 1048576");
}

/* 60000 × 60000 pixels of three bytes, eight times larger: 643.7 GiB. */
static void
test_memory (void)
{
  static const char *const outputs[] = { "scale-image", "new-image", "new-layer" };
  double has = (double) sysconf (_SC_PHYS_PAGES) * sysconf (_SC_PAGESIZE) / (1 << 30);
  g_autofree char *text = g_strdup_printf (
      "The result would take 643.7 GiB of memory, and this computer has %.1f GiB.", has);

  if (has > 600)
    {
      g_test_skip ("this computer has more memory than the test asks for");
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (outputs); i++)
    check_huge (60000, 60000, &(Resize){ .method = "nearest", .factor = 8, .output = outputs[i] },
                text);
}

static void
test_selection (void)
{
  GimpLayer *layer = harness_usual (TRUE); /* at (5, 9), 37×29 */
  GimpImage *image = gimp_item_get_image (GIMP_ITEM (layer));
  const char *text = "The selection does not touch the layer “noise”.";

  gimp_image_select_rectangle (image, GIMP_CHANNEL_OP_REPLACE, 50, 0, 10, 10);
  check (layer, &(Resize){ .output = "new-layer" }, text);
  check (layer, &(Resize){ .method = "bicubic", .output = "new-image" }, text);
  check (layer, &(Resize){ .stride_x = 1, .stride_y = 1, .padding = "same" }, text);
  gimp_image_select_rectangle (image, GIMP_CHANNEL_OP_REPLACE, 10, 10, 1, 9);
  check (layer, &(Resize){ .output = "new-layer" },
         "Layer “noise”: The kernel does not fit into the picture: its width is 2 (2 taps, "
         "dilation 1), the picture's 1 with 0 + 0 of padding");
  gimp_image_delete (image);
}

/* One of several layers cannot be done: none is. */
static void
test_several (void)
{
  GimpLayer *layer = harness_usual (TRUE);
  GimpImage *image = gimp_item_get_image (GIMP_ITEM (layer));
  GimpDrawable *both[] = { GIMP_DRAWABLE (layer),
                           GIMP_DRAWABLE (harness_layer (image, FALSE, 5, 3, 0, 0)), NULL };
  int depth = harness_undo_depth (image);
  g_autoptr (GBytes) before = resize_snapshot (image), after = NULL;
  g_auto (Outcome) outcome =
      resize_call (image, both, &(Resize){ .width = 4, .height = 4, .output = "new-layer" });

  g_assert_cmpint (outcome.status, ==, GIMP_PDB_EXECUTION_ERROR);
  g_assert_cmpstr (outcome.message, ==,
                   "Layer “noise #1”: The kernel does not fit into the picture: its height is 4 "
                   "(4 taps, dilation 1), the picture's 3 with 0 + 0 of padding");
  after = resize_snapshot (image);
  g_assert_true (g_bytes_equal (before, after));
  g_assert_cmpint (harness_undo_depth (image), ==, depth);
  gimp_image_delete (image);
}

static void
test_no_layers (void)
{
  GimpImage *image = harness_image (GIMP_RGB, GIMP_PRECISION_U8_NON_LINEAR);
  GimpLayer *group = GIMP_LAYER (gimp_group_layer_new (image, "group"));
  GimpDrawable *none[] = { NULL };
  g_auto (Outcome) outcome = { 0 };
  const char *text = "No layer is selected: choose one or more layers first.";

  gimp_image_insert_layer (image, group, NULL, 0);
  check (group, &(Resize){ .method = "nearest" }, text);
  outcome = resize_call (image, none, &(Resize){ 0 });
  g_assert_cmpint (outcome.status, ==, GIMP_PDB_CALLING_ERROR);
  g_assert_cmpstr (outcome.message, ==, text);
  gimp_image_delete (image);
}

static void
test_indexed (void)
{
  GimpLayer *layer = harness_usual (TRUE);
  GimpImage *image = gimp_item_get_image (GIMP_ITEM (layer));
  GimpDrawable *layers[] = { GIMP_DRAWABLE (layer), NULL };
  g_auto (Outcome) outcome = { 0 };

  gimp_image_convert_indexed (image, GIMP_CONVERT_DITHER_NONE, GIMP_CONVERT_PALETTE_GENERATE, 16,
                              FALSE, FALSE, "");
  outcome = resize_call (image, layers, &(Resize){ 0 });
  g_assert_cmpint (outcome.status, ==, GIMP_PDB_CALLING_ERROR);
  g_assert_cmpstr (outcome.message, ==,
                   "The image is indexed: convert it to RGB or grayscale first (Image ▸ Mode).");
  gimp_image_delete (image);
}

void
add_resize_errors_tests (void)
{
  g_test_add_func ("/resize-errors/ranges", test_ranges);
  g_test_add_func ("/resize-errors/windows", test_windows);
  g_test_add_func ("/resize-errors/paddings", test_paddings);
  g_test_add_func ("/resize-errors/kernels", test_kernels);
  g_test_add_func ("/resize-errors/sizes", test_sizes);
  g_test_add_func ("/resize-errors/memory", test_memory);
  g_test_add_func ("/resize-errors/selection", test_selection);
  g_test_add_func ("/resize-errors/several", test_several);
  g_test_add_func ("/resize-errors/no-layers", test_no_layers);
  g_test_add_func ("/resize-errors/indexed", test_indexed);
}
