/* reach.c: how far the pixels reach from which a result is computed.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/gegl/reach.h"

CnGeglReach
cn_gegl_reach (int height, int width, int dilation, CnBorder border)
{
  CnPadding same = { .mode = CN_PADDING_SAME };
  CnGeglReach reach = { .border = border, .block_height = 1, .block_width = 1 };

  cn_windows (height, width, 1, 1, dilation, dilation, &same, &reach.y, &reach.x);
  return reach;
}

static int
round_down (int value, int step)
{
  return value / step * step;
}

/* Widens [*start, *start + *length) of an axis of `n` pixels by what lies before and after it;
   what that is outside of the picture, the border takes from within. */
static void
widen (int before, int after, CnBorder border, int n, int *start, int *length)
{
  int from = *start - before, to = *start + *length + after;
  int under = MAX (-from, 0), over = MAX (to - n, 0);

  if (border == CN_BORDER_WRAP && before + after > 0 && under + over > 0)
    {
      from = 0;
      to = n;
    }
  if (border == CN_BORDER_REFLECT && under > 0)
    to = MAX (to, under + 1);
  if (border == CN_BORDER_REFLECT && over > 0)
    from = MIN (from, n - 1 - over);
  *start = CLAMP (from, 0, n - 1);
  *length = CLAMP (to, *start + 1, n) - *start;
}

/* To whole blocks, of which the last may end outside of the picture. */
static void
round_out (int block, int *start, int *length)
{
  int end = round_down (*start + *length + block - 1, block);

  *start = round_down (*start, block);
  *length = end - *start;
}

/* What [*start, *start + *length) of the result depends on, or what depends on it. */
static void
reach_along (const CnWindow *window, int block, CnBorder border, int n, gboolean backwards,
             int *start, int *length)
{
  if (!backwards)
    round_out (block, start, length);
  widen (backwards ? window->after : window->before, backwards ? window->before : window->after,
         border, n, start, length);
  if (backwards)
    round_out (block, start, length);
  *length = MIN (*length, n - *start);
}

void
cn_gegl_reach_widen (const CnGeglReach *reach, int height, int width, gboolean backwards,
                     CnRect *area)
{
  reach_along (&reach->x, reach->block_width, reach->border, width, backwards, &area->x,
               &area->width);
  reach_along (&reach->y, reach->block_height, reach->border, height, backwards, &area->y,
               &area->height);
}
