/* alpha.c: straight alpha, as pictures have it, into premultiplied and back.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/kernels/alpha.h"

#include <string.h>

#include "filters/primitives/primitives.h"

/* Pixels outside of the picture, which are black: their colours are 0. */
static void
blacken (const float *pixels, float *result, int colours, int n)
{
  for (int x = 0; x < n; x++, pixels += colours + 1, result += colours + 1)
    {
      memset (result, 0, colours * sizeof (float));
      result[colours] = pixels[colours];
    }
}

void
cn_alpha_premultiply (const CnTile *tile, int colours, gboolean dark, int width, int height,
                      const CnView *to)
{
  const CnPrimitives *primitives = cn_primitives ();
  int pixel = colours + 1;

  for (int y = 0; y < tile->in.height; y++)
    {
      const float *pixels = cn_view_at (&tile->from, 0, y).data;
      float *result = cn_view_at (to, 0, y).data;
      gboolean outside = dark && (tile->in.y + y < 0 || tile->in.y + y >= height);
      int from = dark ? CLAMP (-tile->in.x, 0, tile->in.width) : 0;
      int end = dark ? CLAMP (width - tile->in.x, 0, tile->in.width) : tile->in.width;
      CnPremultiplication inside = {
        .src = pixels + from * pixel, .dst = result + from * pixel, .pixel = pixel, .n = end - from
      };

      if (outside)
        from = end = tile->in.width;
      else
        primitives->premultiply (&inside);
      blacken (pixels, result, colours, from);
      blacken (pixels + end * pixel, result + end * pixel, colours, tile->in.width - end);
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
