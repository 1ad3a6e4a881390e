/* picture.c: where samples lie in memory.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/core/picture.h"

gsize
cn_view_floats (int planes, int pixel, int height, int width)
{
  return (gsize) planes * pixel * height * width;
}

CnView
cn_view_packed (float *data, int planes, int pixel, int height, int width)
{
  gsize row = (gsize) width * pixel;

  return (
      CnView){ .data = data, .planes = planes, .pixel = pixel, .plane = row * height, .row = row };
}

CnView
cn_view_at (const CnView *view, int x, int y)
{
  CnView moved = *view;

  moved.data += (gssize) y * (gssize) view->row + (gssize) x * view->pixel;
  return moved;
}

gboolean
cn_source_holds (const CnSource *source, const CnRect *area)
{
  return area->x >= 0 && area->y >= 0 && area->x + area->width <= source->width
         && area->y + area->height <= source->height;
}
