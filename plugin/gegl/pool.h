/* pool.h: the properties that our two operations of pooling share.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "plugin/gegl/filter.h"

/* Three rows: the kind, and a window that is at first `side` pixels wide and high, with sliders up
   to `usual`. */
/* clang-format off */
#define CN_GEGL_POOL_WINDOW(side, usual) \
  { "kind", CN_GEGL_CHOICE, N_ ("_Kind"), \
    N_ ("What each window of pixels becomes, each channel by itself"), \
    .choice = "CnGeglPoolKind", .choices = cn_choices_pool }, \
  { "window-width", CN_GEGL_COUNT, N_ ("_Width of the window"), \
    N_ ("Pixels that are taken together, from left to right"), .low = 1, .high = CN_KERNEL_MAX, \
    .value = side, .usual_low = 1, .usual_high = usual, .unit = "pixel-distance" }, \
  { "window-height", CN_GEGL_COUNT, N_ ("He_ight of the window"), \
    N_ ("Pixels that are taken together, from top to bottom"), .low = 1, .high = CN_KERNEL_MAX, \
    .value = side, .usual_low = 1, .usual_high = usual, .unit = "pixel-distance" }
/* clang-format on */
