/* test-crop.c: Crop, CenterCropPad and ReverseSequence: small arrays, worked out by hand.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/single.h"

static const float nine[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };

/* “border” is left, top, right, bottom; “scale” height and width of the result. */
static void
test_crop (void)
{
  g_autoptr (CnGraph) graph = single_new ("Crop", 7, 1, 1);

  single_floats (graph, 0, SHAPE (1, 1, 3, 3), nine);
  single_fails (graph, "Crop “it”: it has no border");
  cn_node_set_ints (single_node (graph), "border", 4, (const gint64[]){ 1, 0, 0, 2 });
  single_check (graph, 0, SHAPE (1, 1, 1, 2), (const float[]){ 2, 3 }, 0);
  cn_node_set_ints (single_node (graph), "scale", 2, (const gint64[]){ 3, 1 });
  single_check (graph, 0, SHAPE (1, 1, 3, 1), (const float[]){ 2, 5, 8 }, 0);
  cn_node_set_ints (single_node (graph), "scale", 2, (const gint64[]){ 3, 3 });
  single_fails (graph, "Crop “it”: its border does not fit into 1×1×3×3");
  cn_node_set_ints (single_node (graph), "border", 4, (const gint64[]){ 1, -1, 0, G_MAXINT64 });
  single_fails (graph, "Crop “it”: its border does not fit into 1×1×3×3");
}

/* The middle of what is cut; of an odd rest the larger part goes at, or comes to, the end. */
static void
test_center (void)
{
  g_autoptr (CnGraph) graph = single_new ("CenterCropPad", 18, 2, 1);

  single_floats (graph, 0, SHAPE (3, 3), nine);
  single_ints (graph, 1, SHAPE (2), (const gint64[]){ 2, 4 });
  single_check (graph, 0, SHAPE (2, 4), (const float[]){ 1, 2, 3, 0, 4, 5, 6, 0 }, 0);
}

static void
test_center_axes (void)
{
  g_autoptr (CnGraph) graph = single_new ("CenterCropPad", 18, 2, 1);

  single_floats (graph, 0, SHAPE (3, 3), nine);
  single_ints (graph, 1, SHAPE (1), (const gint64[]){ 1 });
  single_fails (graph, "CenterCropPad “it”: there are 1 sizes for 2 axes");
  cn_node_set_ints (single_node (graph), "axes", 1, (const gint64[]){ -1 });
  single_check (graph, 0, SHAPE (3, 1), (const float[]){ 2, 5, 8 }, 0);
  cn_node_set_ints (single_node (graph), "axes", 1, (const gint64[]){ 2 });
  single_fails (graph, "CenterCropPad “it”: there is no axis 2 in an array of 2 axes");
}

/* Columns are the batch: the first two, none and all three of their elements are turned. */
static void
test_reverse (void)
{
  g_autoptr (CnGraph) graph = single_new ("ReverseSequence", 10, 2, 1);

  single_floats (graph, 0, SHAPE (3, 3), nine);
  single_ints (graph, 1, SHAPE (3), (const gint64[]){ 2, 0, 3 });
  single_check (graph, 0, SHAPE (3, 3), (const float[]){ 4, 2, 9, 1, 5, 6, 7, 8, 3 }, 0);
  cn_node_set_int (single_node (graph), "batch_axis", 0);
  single_fails (graph, "ReverseSequence “it”: “batch_axis” and “time_axis” are the same");
  cn_node_set_int (single_node (graph), "time_axis", 1);
  single_check (graph, 0, SHAPE (3, 3), (const float[]){ 2, 1, 3, 4, 5, 6, 9, 8, 7 }, 0);
}

static void
test_reverse_faults (void)
{
  g_autoptr (CnGraph) graph = single_new ("ReverseSequence", 10, 2, 1);
  g_autoptr (CnGraph) few = single_new ("ReverseSequence", 10, 2, 1);

  single_floats (graph, 0, SHAPE (3, 3), nine);
  single_ints (graph, 1, SHAPE (3), (const gint64[]){ 2, 4, 3 });
  single_fails (graph, "ReverseSequence “it”: a length of 4 is not one of 0 to 3");
  single_floats (few, 0, SHAPE (3, 3), nine);
  single_ints (few, 1, SHAPE (2), (const gint64[]){ 2, 1 });
  single_fails (few, "ReverseSequence “it”: there are 2 lengths, and must be 3");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/crop/crop", test_crop);
  g_test_add_func ("/crop/center", test_center);
  g_test_add_func ("/crop/center-axes", test_center_axes);
  g_test_add_func ("/crop/reverse", test_reverse);
  g_test_add_func ("/crop/reverse-faults", test_reverse_faults);
  return g_test_run ();
}
