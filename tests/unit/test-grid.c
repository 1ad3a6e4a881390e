/* test-grid.c: GridSample and AffineGrid: places that are worked out by hand.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "filters/core/error.h"
#include "tests/unit/single.h"

/* A row of the four pixels 0, 1, 4, 9, sampled at x between two of them, outside of them, far
   outside, and at no number. */
static const float row[] = { 0, 1, 4, 9 };

static void
check (const char *mode, const char *outside, gboolean align, const float *expected)
{
  g_autoptr (CnGraph) graph = single_new ("GridSample", 20, 2, 1);
  const float points[] = { 0.25f, 0, -1.5f, 0, 1e30f, 0, NAN, 0 };

  single_floats (graph, 0, SHAPE (1, 1, 1, 4), row);
  single_floats (graph, 1, SHAPE (1, 1, 4, 2), points);
  cn_node_set_string (single_node (graph), "mode", mode);
  cn_node_set_string (single_node (graph), "padding_mode", outside);
  cn_node_set_int (single_node (graph), "align_corners", align);
  single_check (graph, 0, SHAPE (1, 1, 1, 4), expected, 1e-6);
}

/* x = ((0.25 + 1)·4 − 1)/2 = 2, and ((−1.5 + 1)·4 − 1)/2 = −1.5. */
static void
test_rims (void)
{
  check ("linear", "zeros", FALSE, (const float[]){ 4, 0, 0, 0 });
  check ("nearest", "border", FALSE, (const float[]){ 4, 0, 9, 0 });
}

/* x = (0.25 + 1)·3/2 = 1.875, and −0.75: between −1 and 0, which mirrors turn into 1 and 0. The
   cubic at 1.875 weighs 0, 1, 4, 9 with the values of Keys' function at 1.875, 0.875, 0.125 and
   1.125, which are −0.01025390625, 0.11474609375, 0.96728515625 and −0.07177734375. */
static void
test_middles (void)
{
  const float cubic = 1 * 0.11474609375f + 4 * 0.96728515625f + 9 * -0.07177734375f;
  const float outside = 1 * -0.03515625f; /* of the places −2, −1, 0 and 1, three are pixel 0 */
  g_autoptr (CnGraph) graph = single_new ("GridSample", 16, 2, 1);

  check ("linear", "zeros", TRUE, (const float[]){ 3.625f, 0, 0, 0 });
  check ("linear", "border", TRUE, (const float[]){ 3.625f, 0, 9, 0 });
  single_floats (graph, 0, SHAPE (1, 1, 1, 4), row);
  single_floats (graph, 1, SHAPE (1, 1, 2, 2), (const float[]){ 0.25f, 0, -1.5f, 0 });
  cn_node_set_int (single_node (graph), "align_corners", 1);
  cn_node_set_string (single_node (graph), "padding_mode", "reflection");
  cn_node_set_string (single_node (graph), "mode", "bilinear");
  single_check (graph, 0, SHAPE (1, 1, 1, 2), (const float[]){ 3.625f, 0.75f }, 1e-6);
  cn_node_set_string (single_node (graph), "mode", "bicubic");
  cn_node_set_string (single_node (graph), "padding_mode", "border");
  single_check (graph, 0, SHAPE (1, 1, 1, 2), (const float[]){ cubic, outside }, 1e-6);
}

/* The identity gives a volume back, and so does the grid of the other convention. */
static void
test_identity (void)
{
  float volume[2 * 3 * 4], maps[12] = { 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0 };

  for (int i = 0; i < 24; i++)
    volume[i] = (float) (i * i % 7);
  for (int align = 0; align < 2; align++)
    {
      g_autoptr (CnGraph) graph = single_new ("AffineGrid", 20, 2, 1);
      CnNode *node;

      single_floats (graph, 0, SHAPE (1, 3, 4), maps);
      single_ints (graph, 1, SHAPE (5), (const gint64[]){ 1, 1, 2, 3, 4 });
      single_floats (graph, 2, SHAPE (1, 1, 2, 3, 4), volume);
      cn_node_set_int (single_node (graph), "align_corners", align);
      node = cn_graph_add_node (graph, "GridSample", "sample",
                                (const char *const[]){ "i2", "o0", NULL },
                                (const char *const[]){ "y", NULL }, NULL);
      cn_node_set_int (node, "align_corners", align);
      cn_graph_add_output (graph, "y");
      single_check (graph, 1, SHAPE (1, 1, 2, 3, 4), volume, 1e-5);
    }
}

static void
test_faults (void)
{
  g_autoptr (CnGraph) graph = single_new ("GridSample", 16, 2, 1);
  g_autoptr (CnGraph) affine = single_new ("AffineGrid", 20, 2, 1);
  g_autoptr (CnGraph) flat = single_new ("GridSample", 16, 2, 1);

  single_floats (graph, 0, SHAPE (1, 1, 1, 4), row);
  single_floats (graph, 1, SHAPE (1, 1, 1, 3), row);
  single_fails (graph, "GridSample “it”: a grid of 1×1×1×3 does not fit an input of 1×1×1×4");
  single_floats (affine, 0, SHAPE (1, 2, 2), row);
  single_ints (affine, 1, SHAPE (4), (const gint64[]){ 1, 1, 2, 2 });
  single_fails (affine, "AffineGrid “it”: maps of 1×2×2 do not fit a picture of 4 axes");
  single_floats (flat, 0, SHAPE (1, 1, 4), row);
  single_floats (flat, 1, SHAPE (1, 4, 1), row);
  single_fails (flat, "GridSample “it”: an input of 3 axes is not supported");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/grid/rims", test_rims);
  g_test_add_func ("/grid/middles", test_middles);
  g_test_add_func ("/grid/identity", test_identity);
  g_test_add_func ("/grid/faults", test_faults);
  return g_test_run ();
}
