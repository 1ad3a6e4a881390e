/* scene.h: an image with several kinds of layers, for what becomes of an image as a whole.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "tests/gimp/resize.h"

/* Three layers of noise: an opaque one as large as the canvas; one in a group; and on top one with
   a mask, which stands out at the left. */
enum
{
  SCENE_BELOW,
  SCENE_IN_GROUP,
  SCENE_MASKED,
  SCENE_LAYERS
};

typedef struct
{
  GimpImage *image;
  GimpDrawable *layers[SCENE_LAYERS + 1];
  GimpLayer *group;
} Scene;

Scene scene_new (GimpPrecision precision);

/* Fail the test unless a drawable has that place and size, or an image that size. */
void scene_assert_place (gpointer drawable, int x, int y, int width, int height);
void scene_assert_size (GimpImage *image, int width, int height);
