/* test-errors.c: what the user is told of a call that cannot be carried out, and that it left the
 * picture and its undo steps as they were.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "tests/gimp/harness.h"
#include "tests/gimp/suites.h"

/* A layer and its image before a call. */
typedef struct
{
  GimpImage *image;
  GimpDrawable *drawable;
  GBytes *bytes;
  int layers, depth;
} State;

static State
remember (gpointer drawable)
{
  GimpImage *image = gimp_item_get_image (drawable);

  return (State){ image, drawable, harness_bytes (drawable), harness_count_layers (image),
                  harness_undo_depth (image) };
}

/* Fails the test unless everything is as it was, and the message ends with the text. */
static void
check_refused (State *state, const Outcome *outcome, const char *text, const char *name)
{
  g_autoptr (GBytes) now = harness_bytes (state->drawable);

  if (outcome->status == GIMP_PDB_SUCCESS)
    harness_fail ("%s: succeeded, and should not have", name);
  else if (!outcome->message || !g_str_has_suffix (g_strchomp (outcome->message), text))
    harness_fail ("%s: expected “%s”, got “%s”", name, text, outcome->message);
  if (!g_bytes_equal (now, state->bytes))
    harness_fail ("%s: pixels were changed", name);
  g_assert_cmpint (harness_count_layers (state->image), ==, state->layers);
  g_assert_cmpint (harness_undo_depth (state->image), ==, state->depth);
  g_bytes_unref (state->bytes);
}

static void
check (gpointer drawable, const Filter *filter, const char *text)
{
  State state = remember (drawable);
  g_auto (Outcome) outcome = harness_filter (drawable, filter);

  check_refused (&state, &outcome, text, text);
}

typedef struct
{
  const char *kernel;
  const char *message;
} Bad;

static const Bad kernels[] = {
  { "1 2; 3", "Line 1, column 7: this row has 1 numbers, and the rows before it 2" },
  { "1 2\n3 x", "Line 2, column 3: a number was expected, and “x” is none" },
  { "1 2\n3 1/0", "Line 2, column 3: the fraction divides by zero" },
  { "1,,2", "Line 1, column 3: a number was expected after the comma" },
  { "0 1e99", "Line 1, column 3: the number “1e99” is too large" },
  { "1 nan", "Line 1, column 3: a number was expected, and “nan” is none" },
  { "", "Line 1, column 1: a number was expected" },
  { "1 2 | 3", "Line 1, column 8: this row has 1 numbers, and the rows before it 2" },
  { "1 || 2 | 3", "Line 1, column 11: this filter has 2 planes, and the filters before it 1" },
  { "sobbel", "“sobbel” is neither the name of a kernel nor rows of numbers" },
  { "nan", "“nan” is neither the name of a kernel nor rows of numbers" },
};

static void
test_kernels (void)
{
  GimpLayer *layer = harness_usual (TRUE);

  for (guint i = 0; i < G_N_ELEMENTS (kernels); i++)
    {
      const Kernel kernel = { .text = kernels[i].kernel };
      g_autofree char *text = g_strconcat ("The kernel cannot be read. ", kernels[i].message, NULL);

      check (layer, &(Filter){ .kernel = &kernel }, text);
    }
  gimp_image_delete (gimp_item_get_image (GIMP_ITEM (layer)));
}

static void
test_paddings (void)
{
  static const char *const paddings[] = { "",          "full", "1 2", "1 2 3",
                                          "1 2 3 4 5", "-1",   "1.5", "2000000" };
  GimpLayer *layer = harness_usual (FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (paddings); i++)
    {
      g_autofree char *text = g_strdup_printf (
          "The padding “%s” is neither “same” nor “valid”, nor one or four numbers", paddings[i]);

      check (layer, &(Filter){ .padding = paddings[i] }, text);
    }
  gimp_image_delete (gimp_item_get_image (GIMP_ITEM (layer)));
}

static void
test_channels (void)
{
  GimpLayer *layer = harness_usual (FALSE);
  GimpLayer *gray =
      harness_layer (harness_image (GIMP_GRAY, GIMP_PRECISION_U16_LINEAR), TRUE, 20, 20, 0, 0);

  check (layer, &(Filter){ .channels = "alpha" },
         "Layer “noise”: The alpha channel was chosen, and the picture has none");
  check (gray, &(Filter){ .channels = "red" },
         "Layer “noise”: The channel “red” was chosen, and the picture is gray");
  check (gray, &(Filter){ .kernel = &kernel_planes, .channels = "sum" },
         "Layer “noise”: The kernel has 3 planes, and the picture 1 colour channels");
  check (layer, &(Filter){ .kernel = &kernel_planes },
         "Layer “noise”: The kernel has 3 planes, which only the sum over channels takes");
  gimp_image_delete (gimp_item_get_image (GIMP_ITEM (layer)));
  gimp_image_delete (gimp_item_get_image (GIMP_ITEM (gray)));
}

static void
test_sizes (void)
{
  GimpImage *image = harness_image (GIMP_RGB, GIMP_PRECISION_U8_NON_LINEAR);
  GimpLayer *layer = harness_layer (image, TRUE, 20, 1, 0, 0);
  GimpLayer *pixel = harness_layer (image, TRUE, 1, 1, 0, 0);

  check (layer, &(Filter){ .kernel = &kernel_box, .padding = "valid" },
         "The kernel does not fit into the picture: its height is 3 (3 taps, dilation 1), the "
         "picture's 1 with 0 + 0 of padding");
  check (pixel, &(Filter){ .kernel = &kernel_box, .dilation = 100, .padding = "valid" },
         "The kernel does not fit into the picture: its height is 201 (3 taps, dilation 100), the "
         "picture's 1 with 0 + 0 of padding");
  check (pixel, &(Filter){ .kernel = &kernel_box, .padding = "1000000" },
         "The height 1 with 1000000 + 1000000 of padding is over the limit of 1048576");
  gimp_image_delete (image);
}

static void
test_selection (void)
{
  GimpLayer *layer = harness_usual (TRUE); /* at (5, 9), 37×29 */
  GimpImage *image = gimp_item_get_image (GIMP_ITEM (layer));

  gimp_image_select_rectangle (image, GIMP_CHANNEL_OP_REPLACE, 50, 0, 10, 10);
  check (layer, &(Filter){ 0 }, "The selection does not touch the layer “noise”.");
  gimp_image_select_rectangle (image, GIMP_CHANNEL_OP_REPLACE, 8, 12, 1, 1);
  check (layer, &(Filter){ .kernel = &kernel_box, .stride = 50 },
         "No window of the kernel has its centre in the 1×1 pixels that are selected");
  gimp_image_delete (image);
}

static void
test_no_drawables (void)
{
  GimpLayer *layer = harness_usual (TRUE);
  GimpDrawable *none[] = { NULL };
  State state = remember (layer);
  g_auto (Outcome) outcome = harness_call (state.image, none, &(Filter){ 0 });

  g_assert_cmpint (outcome.status, ==, GIMP_PDB_CALLING_ERROR);
  check_refused (&state, &outcome, "No layer is selected: choose one or more layers first.",
                 "no drawables");
  gimp_image_delete (gimp_item_get_image (GIMP_ITEM (layer)));
}

static void
test_indexed (void)
{
  GimpLayer *layer = harness_usual (TRUE);
  GimpImage *image = gimp_item_get_image (GIMP_ITEM (layer));

  gimp_image_convert_indexed (image, GIMP_CONVERT_DITHER_NONE, GIMP_CONVERT_PALETTE_GENERATE, 16,
                              FALSE, FALSE, "");
  check (layer, &(Filter){ 0 },
         "The image is indexed: convert it to RGB or grayscale first (Image ▸ Mode).");
  gimp_image_delete (image);
}

/* One of several layers cannot be filtered: neither is. */
static void
test_locked (void)
{
  GimpLayer *layer = harness_usual (TRUE);
  GimpImage *image = gimp_item_get_image (GIMP_ITEM (layer));
  GimpLayer *second = harness_layer (image, FALSE, 10, 10, 0, 0);
  GimpDrawable *both[] = { GIMP_DRAWABLE (layer), GIMP_DRAWABLE (second), NULL };
  State state;
  g_auto (Outcome) outcome = { 0 };

  gimp_item_set_lock_content (GIMP_ITEM (second), TRUE);
  check (second, &(Filter){ 0 }, "The pixels of “noise #1” are locked.");
  state = remember (layer);
  outcome = harness_call (image, both, &(Filter){ 0 });
  check_refused (&state, &outcome, "The pixels of “noise #1” are locked.", "two layers");
  gimp_image_delete (image);
}

/* A group's lock is its layers' too. */
static void
test_groups (void)
{
  GimpLayer *layer = harness_usual (TRUE);
  GimpImage *image = gimp_item_get_image (GIMP_ITEM (layer));
  GimpLayer *group = GIMP_LAYER (gimp_group_layer_new (image, "group"));

  gimp_image_insert_layer (image, group, NULL, 0);
  gimp_image_reorder_item (image, GIMP_ITEM (layer), GIMP_ITEM (group), 0);
  check (group, &(Filter){ 0 },
         "“group” is a layer group, which has no pixels of its own to replace. Choose another "
         "output, or a layer in the group.");
  gimp_item_set_lock_content (GIMP_ITEM (group), TRUE);
  check (layer, &(Filter){ 0 }, "The pixels of “noise” are locked.");
  gimp_image_delete (image);
}

/* What only a script can ask for: libgimp refuses it. The script is told why. NaN is no case, since
   GLib takes none as an argument: the default stays. */
static void
test_ranges (void)
{
  static const struct
  {
    const char *argument, *message;
  } rows[] = {
    { "#:stride 0", "has value 0 out of range: 1 to 255" },
    { "#:stride 256", "has value 256 out of range: 1 to 255" },
    { "#:dilation 0", "has value 0 out of range: 1 to 255" },
    { "#:divisor 1e6", "has value 1000000.000000 out of range: -65536.000000 to 65536.000000" },
    { "#:bias -17", "has value -17.000000 out of range: -16.000000 to 16.000000" },
    { "#:divisor 0", "Layer “noise”: The divisor is zero" },
  };
  GimpLayer *layer = harness_usual (TRUE);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      State state = remember (layer);
      g_auto (Outcome) outcome = harness_script ("convolve", layer, rows[i].argument);

      check_refused (&state, &outcome, rows[i].message, rows[i].argument);
    }
  gimp_image_delete (gimp_item_get_image (GIMP_ITEM (layer)));
}

void
add_errors_tests (void)
{
  g_test_add_func ("/errors/kernels", test_kernels);
  g_test_add_func ("/errors/paddings", test_paddings);
  g_test_add_func ("/errors/channels", test_channels);
  g_test_add_func ("/errors/sizes", test_sizes);
  g_test_add_func ("/errors/selection", test_selection);
  g_test_add_func ("/errors/no-drawables", test_no_drawables);
  g_test_add_func ("/errors/indexed", test_indexed);
  g_test_add_func ("/errors/locked", test_locked);
  g_test_add_func ("/errors/groups", test_groups);
  g_test_add_func ("/errors/ranges", test_ranges);
}
