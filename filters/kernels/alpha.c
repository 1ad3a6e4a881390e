/* alpha.c: straight alpha, as pictures have it, into premultiplied and back.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/kernels/alpha.h"

#include <string.h>

void
cn_alpha_premultiply (const CnTile *tile, int colours, gboolean dark, int width, int height,
                      const CnView *to)
{
  for (int y = 0; y < tile->in.height; y++)
    {
      const float *pixel = cn_view_at (&tile->from, 0, y).data;
      float *result = cn_view_at (to, 0, y).data;
      int at_y = tile->in.y + y;
      gboolean outside = at_y < 0 || at_y >= height;

      for (int x = 0; x < tile->in.width; x++)
        {
          int at_x = tile->in.x + x;
          float alpha = pixel[colours];
          gboolean hidden = alpha == 0 || (dark && (outside || at_x < 0 || at_x >= width));

          for (int c = 0; c < colours; c++)
            result[c] = hidden ? 0 : pixel[c] * alpha;
          result[colours] = alpha;
          pixel += colours + 1;
          result += colours + 1;
        }
    }
}

void
cn_alpha_divide (float *pixel, int colours)
{
  float alpha = pixel[colours];

  if (alpha == 1)
    return;
  if (!(alpha > CN_ALPHA_NOISE))
    {
      memset (pixel, 0, (colours + 1) * sizeof (float));
      return;
    }
  for (int c = 0; c < colours; c++)
    pixel[c] /= alpha;
  pixel[colours] = MIN (alpha, 1);
}
