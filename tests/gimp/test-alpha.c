/* test-alpha.c: transparent edges, beside what GIMP's own Convolution Matrix makes of them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <gegl.h>

#include "tests/gimp/harness.h"
#include "tests/gimp/suites.h"

#define WIDTH 20
#define HEIGHT 12
#define EDGE 10 /* red to the left, transparent black from here on */

/* A layer of opaque red, of which the right half is transparent if `half` is set. */
static GimpLayer *
red_layer (gboolean half)
{
  GimpImage *image = harness_image (GIMP_RGB, GIMP_PRECISION_U8_NON_LINEAR);
  GimpLayer *layer = harness_layer (image, TRUE, WIDTH, HEIGHT, 0, 0);
  g_autoptr (GeglBuffer) buffer = gimp_drawable_get_buffer (GIMP_DRAWABLE (layer));
  guchar pixels[HEIGHT][WIDTH][4] = { 0 };

  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < (half ? EDGE : WIDTH); x++)
      pixels[y][x][0] = pixels[y][x][3] = 255;
  gegl_buffer_set (buffer, NULL, 0, babl_format ("R'G'B'A u8"), pixels, GEGL_AUTO_ROWSTRIDE);
  return layer;
}

/* One row of a layer's pixels. */
static void
read_row (GimpLayer *layer, guchar row[WIDTH][4])
{
  g_autoptr (GeglBuffer) buffer = gimp_drawable_get_buffer (GIMP_DRAWABLE (layer));

  gegl_buffer_get (buffer, GEGL_RECTANGLE (0, HEIGHT / 2, WIDTH, 1), 1, babl_format ("R'G'B'A u8"),
                   row, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
}

static void
filter_ours (GimpLayer *layer, const Kernel *kernel)
{
  const Filter filter = { .kernel = kernel };
  g_auto (Outcome) outcome = harness_filter (layer, &filter);

  g_assert_true (harness_succeeded (&outcome, kernel->text));
}

/* GIMP's Convolution Matrix as its dialog opens: weighted by alpha, normalised. The 3×3 numbers lie
   in the middle of its 5×5. */
static void
filter_gimps (GimpLayer *layer, const double w[9])
{
  gimp_drawable_merge_new_filter (GIMP_DRAWABLE (layer), "gegl:convolution-matrix", NULL,
                                  GIMP_LAYER_MODE_REPLACE, 1.0, "b2", w[0], "b3", w[1], "b4", w[2],
                                  "c2", w[3], "c3", w[4], "c4", w[5], "d2", w[6], "d3", w[7], "d4",
                                  w[8], "alpha-weight", TRUE, "normalize", TRUE, NULL);
}

static void
print_row (const char *what, guchar row[WIDTH][4])
{
  g_autoptr (GString) text = g_string_new (what);

  for (int x = EDGE - 3; x < EDGE + 3; x++)
    g_string_append_printf (text, "  %d,%d,%d,%d", row[x][0], row[x][1], row[x][2], row[x][3]);
  g_test_message ("%s", text->str);
}

static gboolean
is_red (guchar row[WIDTH][4])
{
  for (int x = 0; x < WIDTH; x++)
    if (row[x][3] > 0 && (row[x][0] != 255 || row[x][1] != 0 || row[x][2] != 0))
      return FALSE;
  return TRUE;
}

/* A box of three columns over the edge: 255, 255·2/3, 255/3, 0. */
static gboolean
is_ramp (guchar row[WIDTH][4])
{
  for (int x = 0; x < WIDTH; x++)
    if (row[x][3] != (x < EDGE - 1 ? 255 : x == EDGE - 1 ? 170 : x == EDGE ? 85 : 0))
      return FALSE;
  return TRUE;
}

static gboolean
is_opaque (guchar row[WIDTH][4])
{
  for (int x = 0; x < WIDTH; x++)
    if (row[x][3] != 255)
      return FALSE;
  return TRUE;
}

static void
test_blur (void)
{
  static const double box[] = { 1, 1, 1, 1, 1, 1, 1, 1, 1 };
  GimpLayer *ours = red_layer (TRUE), *gimps = red_layer (TRUE);
  guchar row[WIDTH][4];

  filter_ours (ours, &kernel_box);
  read_row (ours, row);
  print_row ("a box blur at the edge, ours:  ", row);
  g_assert_true (is_red (row));
  g_assert_true (is_ramp (row));

  filter_gimps (gimps, box);
  read_row (gimps, row);
  print_row ("a box blur at the edge, GIMP's:", row);
  g_assert_false (is_red (row) && is_ramp (row));
  gimp_image_delete (gimp_item_get_image (GIMP_ITEM (ours)));
  gimp_image_delete (gimp_item_get_image (GIMP_ITEM (gimps)));
}

static void
test_laplacian (void)
{
  GimpLayer *ours = red_layer (FALSE), *gimps = red_layer (FALSE);
  guchar row[WIDTH][4];

  filter_ours (ours, &kernel_laplacian);
  read_row (ours, row);
  print_row ("a Laplacian of an opaque layer, ours:  ", row);
  g_assert_true (is_opaque (row));

  filter_gimps (gimps, kernel_laplacian.weights);
  read_row (gimps, row);
  print_row ("a Laplacian of an opaque layer, GIMP's:", row);
  g_assert_false (is_opaque (row));
  gimp_image_delete (gimp_item_get_image (GIMP_ITEM (ours)));
  gimp_image_delete (gimp_item_get_image (GIMP_ITEM (gimps)));
}

/* Every filter leaves an opaque layer opaque: blurs, edges, odd sums, and a wide border. */
static void
test_opaque (void)
{
  static const Kernel *const kernels[] = { &kernel_box, &kernel_sobel, &kernel_uneven,
                                           &kernel_sharpen };
  guchar row[WIDTH][4];

  for (guint k = 0; k < G_N_ELEMENTS (kernels); k++)
    {
      GimpLayer *layer = red_layer (FALSE);
      const Filter filter = { .kernel = kernels[k], .border = "zero", .dilation = 4 };
      g_auto (Outcome) outcome = harness_filter (layer, &filter);

      g_assert_true (harness_succeeded (&outcome, kernels[k]->text));
      read_row (layer, row);
      g_assert_true (is_opaque (row));
      gimp_image_delete (gimp_item_get_image (GIMP_ITEM (layer)));
    }
}

void
add_alpha_tests (void)
{
  g_test_add_func ("/alpha/blur", test_blur);
  g_test_add_func ("/alpha/laplacian", test_laplacian);
  g_test_add_func ("/alpha/opaque", test_opaque);
}
