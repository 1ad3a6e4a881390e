/* scene.c: an image with several kinds of layers, for what becomes of an image as a whole.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/gimp/scene.h"

Scene
scene_new (GimpPrecision precision)
{
  GimpImage *image = harness_image (GIMP_RGB, precision);
  Scene scene = { image,
                  { GIMP_DRAWABLE (harness_layer (image, FALSE, 60, 50, 0, 0)),
                    GIMP_DRAWABLE (harness_layer (image, TRUE, 21, 14, 30, 20)),
                    GIMP_DRAWABLE (harness_layer (image, TRUE, 37, 29, -12, 9)), NULL },
                  GIMP_LAYER (gimp_group_layer_new (image, "group")) };
  GimpLayer *masked = GIMP_LAYER (scene.layers[SCENE_MASKED]);
  GimpLayerMask *mask = gimp_layer_create_mask (masked, GIMP_ADD_MASK_WHITE);

  gimp_image_insert_layer (image, scene.group, NULL, 1);
  gimp_image_reorder_item (image, GIMP_ITEM (scene.layers[SCENE_IN_GROUP]), GIMP_ITEM (scene.group),
                           0);
  gimp_layer_add_mask (masked, mask);
  harness_noise (GIMP_DRAWABLE (mask));
  return scene;
}

void
scene_assert_place (gpointer drawable, int x, int y, int width, int height)
{
  int found_x, found_y;

  gimp_drawable_get_offsets (drawable, &found_x, &found_y);
  g_assert_cmpint (found_x, ==, x);
  g_assert_cmpint (found_y, ==, y);
  g_assert_cmpint (gimp_drawable_get_width (drawable), ==, width);
  g_assert_cmpint (gimp_drawable_get_height (drawable), ==, height);
}

void
scene_assert_size (GimpImage *image, int width, int height)
{
  g_assert_cmpint (gimp_image_get_width (image), ==, width);
  g_assert_cmpint (gimp_image_get_height (image), ==, height);
}
